"""A study in a folder: a saved run for each market, the comparisons, the policies' files and the report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..model.interventions import as_toml
from .ensemble import Ensemble
from .folder import beside, put_in_place
from .manifest import SavedRunError, WriteError
from .run import load
from .saved import check_target
from .study import BASELINE, Study, compared

SCHEMA = 1
FILE = "study.json"
EFFECTS = "effects"
"""Folder in which each comparison has one of its own."""
REPORT = "report.html"


def save(study: Study, folder: str | Path, source: str | None = None) -> Path:
    """Write a study; an earlier one there is replaced, anything else left alone, and on failure nothing changes.

    `source` is what the stack was read from, a name or a file. Raises SavedRunError when something else is there,
    WriteError when the file system refuses.
    """
    place = free(folder)
    aside = beside(place)
    try:
        (aside / EFFECTS).mkdir(parents=True)
        study.base.save(aside / BASELINE)
        for each in study.comparisons:
            label = each.labels[1]
            study.others[label].save(aside / label)
            each.save(aside / EFFECTS / label)
        for name, text in _texts(study, source):
            (aside / name).write_text(text, "utf-8")
        put_in_place(aside, place)
    except OSError as error:
        raise WriteError(f"{folder}: cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Path(folder)


def free(folder: str | Path) -> Path:
    """The absolute place of a folder that a study may be written to; raises SavedRunError, WriteError."""
    return check_target(folder, "study", _strangers)


def is_study(folder: str | Path) -> bool:
    """Whether a folder holds a study rather than a run."""
    return (Path(folder) / FILE).is_file()


def load_study(folder: str | Path) -> Study:
    """A saved study, compared anew; raises SavedRunError."""
    place = Path(folder)
    told = _read(place)
    sides = {label: _ensemble(place / label) for label in (BASELINE, *told["others"])}
    base = sides.pop(BASELINE)
    return compared(base, sides, told["others"], window=told["window"], measures=told["measures"])


def _texts(study: Study, source: str | None) -> Iterator[tuple[str, str]]:
    """Name -> text of the files beside the folders: the policies, the report, and study.json last."""
    from .report import study_page

    for label, other in study.others.items():
        if planned := other.runs[0].interventions:
            yield f"{label}.toml", f"title = {json.dumps(study.titles[label])}\n\n{as_toml(planned)}"
    yield REPORT, study_page(study, source)
    yield FILE, json.dumps(_described(study), indent=1, ensure_ascii=False) + "\n"


def _described(study: Study) -> dict[str, Any]:
    first = study.comparisons[0]
    return {
        "schema": SCHEMA,
        "others": dict(study.titles),
        "window": first.window,
        "measures": list(first.measures),
    }


def _read(place: Path) -> dict[str, Any]:
    """What study.json says; raises SavedRunError unless all that is needed is there."""
    path = place / FILE
    try:
        told = json.loads(path.read_text("utf-8"))
        if told["schema"] > SCHEMA:
            raise SavedRunError(f"{path}: has schema version {told['schema']}, this stackrace reads up to {SCHEMA}")
        titles = {str(label): str(title) for label, title in told["others"].items()}
        return {"others": titles, "window": int(told["window"]), "measures": list(map(str, told["measures"]))}
    except OSError as error:
        raise SavedRunError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, SavedRunError):
            raise
        raise SavedRunError(f"{path}: half-written or edited ({error}); make the study again") from None


def _ensemble(place: Path) -> Ensemble:
    found = load(place)
    return found if isinstance(found, Ensemble) else Ensemble((found,))


def _strangers(place: Path) -> list[str]:
    """Files of a folder that no study put there."""
    found = sorted(file.name for file in place.iterdir())
    if FILE not in found:
        return found
    try:
        labels = [BASELINE, *_read(place)["others"]]
    except SavedRunError:
        return found
    own = {FILE, REPORT, EFFECTS, *labels, *(f"{label}.toml" for label in labels)}
    return [name for name in found if name not in own]
