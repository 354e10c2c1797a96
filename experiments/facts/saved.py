"""A validation in a folder: its tables, its page and its figure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from ...model.parameters import Value
from ...model.stack import Stack
from ..folder import check_same, written
from ..plots.figures import svg
from ..saved import check_target
from .figure import facts_figure
from .page import FIGURE, here, page
from .validation import Validation

PAGE = "validation.md"
TABLES = ("values", "verdicts", "regimes", "tried")
"""Tables that are saved as CSV, each under its own name."""


def save(validation: Validation, folder: str | Path, *, force: bool = False) -> Path:
    """Write everything; a validation of the same market with no more seeds is replaced, with `force` any other one too.

    Raises SavedRunError, WriteError.
    """
    place = free(folder)
    check_other(folder, validation.stack, validation.set, len(validation.seeds), force)
    with written(place, folder) as aside:
        for name in TABLES:
            getattr(validation, name).to_csv(aside / f"{name}.csv", index=False)
        (aside / PAGE).write_text(page(validation), "utf-8")
        (aside / FIGURE).write_text(svg(facts_figure(validation), "validation"), "utf-8")
    return Path(folder)


def free(folder: str | Path) -> Path:
    """The absolute place of a folder that a validation may be written to; raises SavedRunError, WriteError."""
    return check_target(folder, "validation", strangers)


def check_other(folder: str | Path, stack: Stack, set: Mapping[str, Value], seeds: int, force: bool) -> None:
    """Raises SavedRunError if a folder holds a validation of another market or with more seeds, unless `force`."""
    file = Path(folder) / PAGE
    if file.is_file():
        held = re.search(re.escape(here(stack, set)) + r", (\d+) seed", file.read_text("utf-8", "replace"))
        check_same(folder, "validation", held is not None and int(held[1]) <= seeds, True, force)


def strangers(place: Path) -> list[str]:
    """Files of a folder that no validation put there."""
    own = {PAGE, FIGURE, *(f"{name}.csv" for name in TABLES)}
    return sorted(file.name for file in place.iterdir() if file.name not in own)
