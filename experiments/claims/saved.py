"""What claims leave in a folder: of each, as soon as it is done, its findings, all values, and its figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..folder import WriteError, put_file
from ..plots.figures import svg
from ..saved import check_target
from .experiment import Verdict
from .figure import drawn

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".svg", "-findings.csv", "-values.csv")


def free(folder: str | Path) -> Path:
    """The absolute place of a folder that claims may be written to; raises SavedRunError, WriteError."""
    return check_target(
        folder, "claim", lambda place: [f.name for f in place.iterdir() if not f.name.endswith(SUFFIXES)]
    )


def save(found: Verdict, place: Path) -> None:
    """Write what came out of a claim, each file whole or not at all; raises WriteError."""
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(place, error) from None
    name = found.claim.file.stem
    put_file(place / f"{name}-findings.csv", findings(found).to_csv(index=False))
    put_file(place / f"{name}-values.csv", values(found).to_csv(index=False))
    put_file(place / f"{name}.svg", svg(drawn(found), name))


def findings(found: Verdict) -> pd.DataFrame:
    """A row per criterion: claim, verdict, criterion, result, unit, seeds, before, effect, low, high, p."""
    import pandas as pd

    return pd.DataFrame(
        {
            "claim": found.claim.name,
            "verdict": found.verdict,
            "criterion": each.criterion.says,
            "result": each.result,
            "unit": each.unit,
            "seeds": each.seeds,
            **{name: getattr(each, name) for name in ("before", "effect", "low", "high", "p")},
        }
        for each in found.findings
    )


def values(found: Verdict) -> pd.DataFrame:
    """A row per criterion and seed: criterion, seed, base, other."""
    import pandas as pd

    parts = [
        pd.DataFrame(
            {"criterion": each.criterion.says, "seed": found.claim.seeds, "base": each.base, "other": each.other}
        )
        for each in found.findings
    ]
    return pd.concat(parts, ignore_index=True)
