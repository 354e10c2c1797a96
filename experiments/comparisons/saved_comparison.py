"""A comparison in a folder: its tables, its text and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..folder import check_same, written
from ..manifest import COMPARISON as TEXT
from ..plots.figures import svg
from ..saved import check_target
from .comparison import Comparison
from .effect_figures import forest, trajectory

COMPARED = 2
"""Lines of the text that say what is compared, see `effect_words`."""
PATHS = "differences.parquet"
FOREST = "effects.svg"
TABLES = ("effects", "pairs", "regimes", "regime_effects", "parameters")
"""Tables of a comparison that are saved as CSV, each under its own name."""


def save(comparison: Comparison, folder: str | Path, *, force: bool = False) -> Path:
    """Write the tables, the text, and a figure of all effects and of each measure over time.

    An earlier comparison of the same two is replaced, with `force` any other one too; anything else is left alone, and
    on any failure the folder is as it was.
    Raises SavedRunError when something else is there, WriteError when the file system refuses.
    """
    place = free(folder)
    if (place / TEXT).is_file():
        found = (place / TEXT).read_text("utf-8", "replace").splitlines()[:COMPARED]
        check_same(folder, "comparison", found, str(comparison).splitlines()[:COMPARED], force)
    with written(place, folder) as aside:
        for name in TABLES:
            getattr(comparison, name).to_csv(aside / f"{name}.csv", index=False)
        with (aside / PATHS).open("wb") as file:
            comparison.paths.to_parquet(file, index=False)
        for name, text in _pages(comparison):
            (aside / name).write_text(text, "utf-8")
    return Path(folder)


def free(folder: str | Path) -> Path:
    """The absolute place of a folder that a comparison may be written to; raises SavedRunError, WriteError."""
    return check_target(folder, "comparison", strangers)


def _pages(comparison: Comparison) -> Iterator[tuple[str, str]]:
    yield TEXT, f"{comparison}\n"
    yield FOREST, svg(forest(comparison), "effects")
    for name in comparison.measures:
        if comparison.paths[name].notna().any():
            yield f"{name}.svg", svg(trajectory(comparison, name), name)


def strangers(place: Path) -> list[str]:
    """Files of a folder that no comparison put there."""
    from .compare import COMPARABLE

    own = {TEXT, PATHS, FOREST, *(f"{name}.csv" for name in TABLES), *(f"{name}.svg" for name in COMPARABLE)}
    return sorted(file.name for file in place.iterdir() if file.name not in own)
