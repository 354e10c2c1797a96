"""Saved runs: a folder with Parquet tables and run.json, which says what was run and proves that it is whole.

run.json lists the SHA-256 of every other file, so that a torn or edited one is noticed, and a hash of what identifies
the run: stack, every parameter, seeds, steps.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.own import OwnRule, own_rules
from ..model.columns import columns_of
from ..model.interventions import read_interventions
from ..model.ledger import Ledger
from ..model.measures import COLUMNS, OVERALL
from ..model.parameters import Floats
from ..model.settings import ParameterError
from ..model.stack import StackError
from ..model.world_file import WorldError
from ..model.world_file import load as load_world
from ..model.world_file import save as save_world
from .ensemble import Ensemble, as_ensemble
from .folder import SavedRunError, WriteError, check_same, digest, put_file, written
from .manifest import MANIFEST, content_of, described, identified, read_manifest
from .run import Run

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow

MEASURES = "measures.parquet"
OF_STACK = "overall.parquet"
LEDGER = "ledger.parquet"
EVENTS = "events.parquet"
FIRMS = "firms.parquet"
CONTACTS = "contacts.parquet"
START = "start.npz"
ACCOUNTS = tuple(columns_of(Ledger))


def save(
    run: Run | Ensemble, folder: str | Path, pages: Mapping[str, str] | None = None, *, force: bool = False
) -> Path:
    """Write a run, or several seeds of one setting, to a folder; `pages` are further files (name -> text).

    The same run saved earlier is replaced, with `force` any other one too; anything else is left alone. On any failure
    or interruption the folder is as it was. Raises SavedRunError when something else is there, WriteError when the file
    system refuses.
    """
    ensemble = as_ensemble(run)
    place = check_target(folder)
    check_replaced(folder, content_of(ensemble), ensemble.runs[0].records, force)
    with written(place, folder) as aside:
        _write(ensemble, aside, pages or {})
    return Path(folder)


def check_replaced(folder: str | Path, content: str, records: Iterable[str], force: bool) -> None:
    """Raises SavedRunError if a folder holds a run of another content, or one that recorded more, unless `force`."""
    if force or not (Path(folder) / MANIFEST).exists():
        return
    manifest = read_manifest(Path(folder))
    check_same(folder, "run", manifest.get("content", ""), content, force)
    lost = {"events": EVENTS, "firms": FIRMS}.items()
    missing = [name for name, file in lost if file in manifest.get("files", {}) and name not in records]
    check_same(folder, f"record of this run, with its {' and '.join(missing)}", missing or None, None, force)


def add_pages(folder: Path, pages: Mapping[str, str]) -> None:
    """Write pages to a saved run; raises SavedRunError when a file of the user's has the name of one, WriteError.

    The list of files gets them first: one that is listed and missing does no harm, one that is not would be taken for
    the user's.
    """
    manifest = read_manifest(folder)
    for name in pages:
        if (folder / name).exists() and name not in manifest["files"]:
            raise SavedRunError(f"{folder / name}: is no page of this run: give it another name")
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in pages.items()}
    put_file(folder / MANIFEST, _as_json({**manifest, "files": {**manifest["files"], **hashes}}))
    for name, text in pages.items():
        put_file(folder / name, text)


def check_target(
    folder: str | Path, what: str = "saved run", others: Callable[[Path], list[str]] | None = None
) -> Path:
    """The absolute place of a folder that a run may be written to; raises SavedRunError, so ask before a long run.

    `what` else may be written there, and which files of a folder are `others`, so that they must not go.
    """
    if not str(folder).strip():
        raise SavedRunError("the folder to write to has no name: give one, such as out/base")
    try:
        place = Path(folder).resolve()
        existing = next(parent for parent in (place, *place.parents) if parent.exists())
        if not existing.is_dir():
            raise SavedRunError(f"{folder}: {existing} is a file: give a folder")
        if not os.access(place.parent if existing == place else existing, os.W_OK | os.X_OK):
            raise WriteError(folder, PermissionError(f"no permission in {existing}"))
        if existing == place and (found := (others or strangers)(place)):
            raise SavedRunError(
                f"{folder}: holds {', '.join(found[:3])}{' and more' * (len(found) > 3)}, which no {what} put"
                " there: give a new or empty folder"
            )
    except (OSError, ValueError, RuntimeError) as error:  # names with a NUL, links in a circle
        if isinstance(error, SavedRunError):
            raise
        raise WriteError(folder, error) from None
    return place


def load(folder: str | Path, rules: Mapping[str, Any] | None = None) -> Run | Ensemble:
    """Read a saved run, or an ensemble if several seeds were saved; raises SavedRunError.

    `rules` are the user's own that the run followed, if it is to be played again.
    """
    place = Path(folder)
    manifest = read_manifest(place)
    try:
        runs = _runs(place, manifest, own_rules(rules))
    except (StackError, ParameterError) as error:
        writer = manifest.get("versions", {}).get("stackrace", "an unknown version")
        raise SavedRunError(f"{place / MANIFEST}: not usable here (written by stackrace {writer}): {error}") from None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, SavedRunError | WorldError):
            raise
        raise SavedRunError(f"{place / MANIFEST}: not as a saved run has it ({error}); run it again") from None
    return runs[0] if len(runs) == 1 else Ensemble(runs)


def _write(ensemble: Ensemble, folder: Path, pages: Mapping[str, str]) -> None:
    """All files of a saved run, run.json last."""
    for name, table in _tables(ensemble).items():
        _write_table(table, folder / name)
    first = ensemble.runs[0]
    if first.start is not None:
        save_world(first.start, folder / START)
    for name, text in pages.items():
        (folder / name).write_text(text, "utf-8")
    hashes = {file.name: digest(file) for file in sorted(folder.iterdir())}
    (folder / MANIFEST).write_text(_as_json(described(ensemble, hashes)), "utf-8")


def _as_json(manifest: Mapping[str, Any]) -> str:
    return json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _tables(ensemble: Ensemble) -> dict[str, pd.DataFrame]:
    """File name -> table of all seeds."""
    import pandas as pd

    first = ensemble.runs[0]
    ledgers = pd.concat([run.ledger[list(ACCOUNTS)] for run in ensemble.runs], ignore_index=True)
    ledgers.insert(0, "seed", np.repeat(np.array(ensemble.seeds), ensemble.steps))
    ledgers.insert(1, "step", np.tile(first.first_step + np.arange(ensemble.steps), len(ensemble.seeds)))
    tables = {MEASURES: ensemble.measures, OF_STACK: ensemble.overall, LEDGER: ledgers}
    if "events" in first.records:
        tables[EVENTS] = ensemble.events
    if "firms" in first.records:
        tables[FIRMS] = ensemble.firms
    if first.contacts is not None:
        tables[CONTACTS] = pd.DataFrame(first.contacts, columns=["one", "other"])
    return tables


def _write_table(table: pd.DataFrame, path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    with path.open("wb") as file:  # a file of Python's, whose errors say what the system said
        pyarrow.parquet.write_table(pyarrow.Table.from_pandas(table, preserve_index=False), file)


def _runs(place: Path, manifest: Mapping[str, Any], given: Mapping[str, OwnRule]) -> tuple[Run, ...]:
    """The runs of all seeds out of the files, with those of their own rules that are given."""
    stack, parameters, rules = identified(manifest, place)
    for decision, rule in given.items():
        if rules.get(decision) != rule:
            followed = rules[decision].name if decision in rules else "the shipped one"
            raise SavedRunError(f"{place}: follows another rule for {decision!r} than the one given: {followed}")
    rules |= given
    seeds, steps = [int(seed) for seed in manifest["seeds"]], int(manifest["steps"])
    count, files = len(seeds) * steps, manifest["files"]
    interventions = read_interventions(manifest.get("interventions", []))
    measures = _table(place, MEASURES, manifest, ("layer",), count * len(stack.names))
    overall = _table(place, OF_STACK, manifest, ("step",), count) if manifest["schema"] >= 2 else None
    accounts = _table(place, LEDGER, manifest, ACCOUNTS, count)
    events = _table(place, EVENTS, manifest, ("kind",)).to_pandas() if EVENTS in files else None
    firms = _table(place, FIRMS, manifest, ("layer",)).to_pandas() if FIRMS in files else None
    contacts = _table(place, CONTACTS, manifest, ("one",)).to_pandas().to_numpy() if CONTACTS in files else None
    start = None
    if START in files:
        check_hash(place / START, files[START])
        start = load_world(place / START)
        start.rules = rules
        start.put_in_force()

    record = _floats(measures, COLUMNS, len(seeds), steps, len(stack.names))
    overall_record = _floats(overall, tuple(OVERALL), len(seeds), steps)
    ledger = accounts.select(list(ACCOUNTS)).to_pandas()
    return tuple(
        Run(
            stack,
            parameters,
            seed,
            steps,
            dict(manifest["set"]),
            record[i],
            overall_record[i],
            ledger.iloc[i * steps : (i + 1) * steps].reset_index(drop=True),
            contacts,
            rules,
            start,
            interventions,
            None if events is None else partial(of_seed, events, seed),
            None if firms is None else partial(of_seed, firms, seed),
        )
        for i, seed in enumerate(seeds)
    )


def of_seed(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The part of a table that belongs to one seed."""
    return table[table.seed == seed].reset_index(drop=True)


def _floats(table: pyarrow.Table | None, names: tuple[str, ...], *shape: int) -> Floats:
    """Columns as an array, the names last; NaN for what an older version did not measure."""
    found = np.full((*shape, len(names)), np.nan)
    for n, name in enumerate(names):
        if table is not None and name in table.column_names:
            found[..., n] = table.column(name).to_numpy().reshape(shape)
    return found


def _table(
    place: Path, name: str, manifest: Mapping[str, Any], columns: tuple[str, ...], rows: int | None = None
) -> pyarrow.Table:
    """One of the tables, checked against its hash and for its size."""
    import pyarrow
    import pyarrow.parquet

    path = place / name
    check_hash(path, manifest["files"][name])
    try:
        with path.open("rb") as file:
            table = pyarrow.parquet.read_table(file)
    except (OSError, pyarrow.ArrowException) as error:
        raise SavedRunError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if (rows is not None and table.num_rows != rows) or not {*columns} <= {*table.column_names}:
        raise SavedRunError(f"{path}: is not the table that {MANIFEST} describes; run it again")
    return table


def check_hash(path: Path, expected: str) -> None:
    """Raises SavedRunError unless the file is there, whole and unchanged."""
    try:
        found = digest(path)
    except FileNotFoundError:
        raise SavedRunError(f"{path}: is missing; run it again") from None
    except OSError as error:
        raise SavedRunError(f"{path}: cannot be read: {error.strerror or error}") from None
    if found != expected:
        raise SavedRunError(f"{path}: half-written or edited, its hash is not that in {MANIFEST}; run it again")


def strangers(place: Path) -> list[str]:
    """Files of a folder that no saved run put there."""
    found = sorted(file.name for file in place.iterdir())
    if MANIFEST not in found:
        return found
    try:
        files = read_manifest(place).get("files", {})
    except SavedRunError:
        return found
    return [name for name in found if name != MANIFEST and not (isinstance(files, dict) and name in files)]
