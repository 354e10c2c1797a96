"""A validation in a folder: its tables, its page and its figure."""

from __future__ import annotations

from pathlib import Path

from ..folder import written
from ..plots.figures import svg
from ..saved import check_target
from .figure import facts_figure
from .page import FIGURE, page
from .validation import Validation

PAGE = "validation.md"
TABLES = ("values", "verdicts", "regimes", "tried")
"""Tables that are saved as CSV, each under its own name."""


def save(validation: Validation, folder: str | Path) -> Path:
    """Write everything; an earlier validation there is replaced. Raises SavedRunError, WriteError."""
    place = free(folder)
    with written(place, folder) as aside:
        for name in TABLES:
            getattr(validation, name).to_csv(aside / f"{name}.csv", index=False)
        (aside / PAGE).write_text(page(validation), "utf-8")
        (aside / FIGURE).write_text(svg(facts_figure(validation), "validation"), "utf-8")
    return Path(folder)


def free(folder: str | Path) -> Path:
    """The absolute place of a folder that a validation may be written to; raises SavedRunError, WriteError."""
    return check_target(folder, "validation", strangers)


def strangers(place: Path) -> list[str]:
    """Files of a folder that no validation put there."""
    own = {PAGE, FIGURE, *(f"{name}.csv" for name in TABLES)}
    return sorted(file.name for file in place.iterdir() if file.name not in own)
