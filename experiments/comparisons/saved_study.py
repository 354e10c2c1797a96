"""A study in a folder: a saved run for each market, the comparisons, the policies' files and the report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...model.interventions import as_toml
from .. import saved
from ..ensemble import as_ensemble
from ..folder import SavedRunError, check_same, put_file, written
from ..manifest import STUDY as FILE
from ..manifest import content_of, read_manifest
from ..reports.report import REPORT, study_page
from ..run import load
from . import saved_comparison
from .study import BASELINE, Study, compared

SCHEMA = 1
EFFECTS = "effects"
"""Folder in which each comparison has one of its own."""


def save(study: Study, folder: str | Path, *, force: bool = False) -> Path:
    """Write a study; the same one there is replaced, with `force` any other one too; on failure nothing changes.

    Raises SavedRunError when something else is there, WriteError when the file system refuses.
    """
    markets = {BASELINE: study.base, **study.others}
    place = free(folder, {label: content_of(each) for label, each in markets.items()}, force)
    with written(place, folder) as aside:
        study.base.save(aside / BASELINE)
        for each in study.comparisons:
            label = each.labels[1]
            study.others[label].save(aside / label)
            each.save(aside / EFFECTS / label)
        for name, text in _texts(study):
            (aside / name).write_text(text, "utf-8")
    return Path(folder)


def free(folder: str | Path, contents: Mapping[str, str], force: bool) -> Path:
    """The absolute place of a folder that a study may be written to; raises SavedRunError, WriteError.

    `contents` says by what the runs of each market are known: a study of others is replaced only with `force`.
    """
    place = saved.check_target(folder, "study", strangers)
    if is_study(place) and not force:
        labels = (BASELINE, *_read(place)["titles"])
        found = {label: read_manifest(place / label).get("content", "") for label in labels}
        check_same(folder, "study", found, dict(contents), force)
    return place


def is_study(folder: str | Path) -> bool:
    """Whether a folder holds a study rather than a run."""
    return (Path(folder) / FILE).is_file()


def load_study(folder: str | Path) -> Study:
    """A saved study, compared anew; raises SavedRunError."""
    place = Path(folder)
    told = _read(place)
    base, *others = (as_ensemble(load(place / label)) for label in (BASELINE, *told["titles"]))
    named = dict(zip(told["titles"], others, strict=True))
    return compared(
        base, named, told["titles"], window=told["window"], measures=told["measures"], source=told["source"]
    )


def add_report(folder: str | Path) -> Path:
    """Write the report of a saved study anew; raises SavedRunError."""
    file = Path(folder) / REPORT
    put_file(file, study_page(load_study(folder)))
    return file


def _texts(study: Study) -> Iterator[tuple[str, str]]:
    """Name -> text of the files beside the folders: the policies, the report, and study.json last."""
    for label, other in study.others.items():
        if planned := other.runs[0].interventions:
            yield f"{label}.toml", as_toml(planned, study.titles[label])
    yield REPORT, study_page(study)
    told = {
        "schema": SCHEMA,
        "titles": dict(study.titles),
        "window": study.window,
        "measures": list(study.comparisons[0].measures),
        "source": study.source and study.source.encode(errors="backslashreplace").decode(),
    }
    yield FILE, json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def _read(place: Path) -> dict[str, Any]:
    """What study.json says; raises SavedRunError unless all that is needed is there."""
    path = place / FILE
    try:
        told = json.loads(path.read_text("utf-8"))
        if told["schema"] > SCHEMA:
            raise SavedRunError(f"{path}: has schema version {told['schema']}, this stackrace reads up to {SCHEMA}")
        read = {
            "titles": {str(label): str(title) for label, title in told["titles"].items()},
            "window": int(told["window"]),
            "measures": [str(name) for name in told["measures"]],
            "source": None if told["source"] is None else str(told["source"]),
        }
        if not read["titles"]:
            raise ValueError("it compares nothing")
    except FileNotFoundError:
        raise SavedRunError(f"{place}: holds no study: there is no {FILE} in it") from None
    except OSError as error:
        raise SavedRunError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, SavedRunError):
            raise
        raise SavedRunError(f"{path}: half-written or edited ({error}); make the study again") from None
    return read


def strangers(place: Path) -> list[str]:
    """Files of a folder, and of the folders in it, that no study put there."""
    found = sorted(file.name for file in place.iterdir())
    if FILE not in found:
        return found
    try:
        labels = [*_read(place)["titles"]]
    except SavedRunError:
        return found
    own = {FILE, REPORT, EFFECTS, BASELINE, *labels, *(f"{label}.toml" for label in labels)}
    inside: list[Path] = [each for each in (place / EFFECTS).glob("*") if each.name not in labels]
    for label in (BASELINE, *labels):
        for within, of_its_kind in ((place, saved.strangers), (place / EFFECTS, saved_comparison.strangers)):
            if (within / label).is_dir():
                inside += [within / label / name for name in of_its_kind(within / label)]
    return [name for name in found if name not in own] + [str(each.relative_to(place)) for each in inside]
