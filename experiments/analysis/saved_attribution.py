"""An attribution in a folder: its runs as a store, its tables and its figures."""

from __future__ import annotations

from pathlib import Path

from ...model.measures import MEASURES, OVERALL
from ..folder import put_file
from ..plots.figures import svg
from ..saved import check_target
from .attribute import Attribution

RUNS, SHARES, VALUES = "runs", "shares.csv", "values.csv"


def free(folder: str | Path) -> Path:
    """The absolute place of a folder that an attribution may be written to; raises SavedRunError, WriteError."""
    return check_target(folder, "attribution", _strangers)


def save(found: Attribution, place: Path) -> None:
    """Write tables and a figure of each measure beside the runs, each file whole or not at all; raises WriteError."""
    put_file(place / SHARES, found.shares.to_csv(index=False))
    put_file(place / VALUES, found.values.to_csv(index=False))
    for name in dict.fromkeys(found.shares.measure):
        put_file(place / f"{name}.svg", svg(found.figure(name), name))


def _strangers(place: Path) -> list[str]:
    own = {RUNS, SHARES, VALUES, *(f"{name}.svg" for name in (*MEASURES, *OVERALL))}
    return sorted(file.name for file in place.iterdir() if file.name not in own)
