"""Saved runs: a folder with three Parquet tables and run.json, which says what was run and proves that it is whole.

run.json lists the SHA-256 of every other file, so that a torn or edited one is noticed, and a hash of what identifies
the run: stack, every parameter, seeds, steps.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model import RULES
from ..model.columns import Ledger, columns_of
from ..model.errors import InputError
from ..model.measures import COLUMNS, OVERALL
from ..model.parameters import Floats, Parameters, Value
from ..model.settings import ParameterError, as_dict, resolve
from ..model.stack import Stack, StackError, flat
from .ensemble import Ensemble
from .folder import beside, digest, put_in_place
from .run import Run

if TYPE_CHECKING:
    import pyarrow

SCHEMA = 2
"""Version of the layout of a saved run; raised when an older reader would misread a newer folder."""
MANIFEST = "run.json"
MEASURES = "measures.parquet"
OF_STACK = "overall.parquet"
LEDGER = "ledger.parquet"
ACCOUNTS = tuple(columns_of(Ledger))


class SavedRunError(InputError):
    """A folder that holds no run that can be read, or that no run may be written to: why, in one line."""


class WriteError(SavedRunError):
    """The file system refused: disk full, no permission, too long a name."""


def save(run: Run | Ensemble, folder: str | Path, pages: Mapping[str, str] | None = None) -> Path:
    """Write a run, or several seeds of one setting, to a folder; `pages` are further files (name -> text).

    An earlier run there is replaced; anything else is left alone. On any failure or interruption the folder is as it
    was. Raises SavedRunError when something else is there, WriteError when the file system refuses.
    """
    place = check_target(folder)
    aside = beside(place)
    try:
        aside.mkdir(parents=True)
        _write(Ensemble((run,)) if isinstance(run, Run) else run, aside, pages or {})
        put_in_place(aside, place)
    except OSError as error:
        raise WriteError(f"{folder}: cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Path(folder)


def check_target(folder: str | Path) -> Path:
    """The absolute place of a folder that a run may be written to; raises SavedRunError, so ask before a long run."""
    if not str(folder).strip():
        raise SavedRunError("the folder to write to has no name: give one, such as out/base")
    try:
        place = Path(folder).resolve()
        existing = next(parent for parent in (place, *place.parents) if parent.exists())
        if not existing.is_dir():
            raise SavedRunError(f"{folder}: {existing} is a file: give a folder")
        if not os.access(place.parent if existing == place else existing, os.W_OK | os.X_OK):
            raise WriteError(f"{folder}: cannot be written: no permission in {existing}")
        if existing == place and (strangers := _strangers(place)):
            raise SavedRunError(
                f"{folder}: holds {', '.join(strangers[:3])}{' and more' * (len(strangers) > 3)}, which no saved run"
                " put there: give a new or empty folder"
            )
    except (OSError, ValueError, RuntimeError) as error:  # names with a NUL, links in a circle
        if isinstance(error, SavedRunError):
            raise
        raise WriteError(f"{folder}: cannot be written: {getattr(error, 'strerror', None) or error}") from None
    return place


def load(folder: str | Path) -> Run | Ensemble:
    """Read a saved run, or an ensemble if several seeds were saved; raises SavedRunError."""
    place = Path(folder)
    manifest = _manifest(place)
    try:
        stack = Stack.from_dict(manifest["stack"])
        parameters = _parameters(stack, manifest)
        seeds, steps = [int(seed) for seed in manifest["seeds"]], int(manifest["steps"])
        content = _content(manifest["rules"], stack, parameters, seeds, steps, manifest["contacts"])
        if content != manifest["content"]:
            raise SavedRunError(f"{place / MANIFEST} was edited: its content hash does not match; run it again")
        count = len(seeds) * steps
        measures = _table(place, MEASURES, manifest, ("layer",), count * len(stack.names))
        overall = _table(place, OF_STACK, manifest, ("step",), count) if manifest["schema"] >= 2 else None
        accounts = _table(place, LEDGER, manifest, ACCOUNTS, count)
    except (StackError, ParameterError) as error:
        writer = manifest.get("versions", {}).get("stackrace", "an unknown version")
        raise SavedRunError(f"{place / MANIFEST}: not usable here (written by stackrace {writer}): {error}") from None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, SavedRunError):
            raise
        raise SavedRunError(f"{place / MANIFEST}: not as a saved run has it ({error}); run it again") from None
    runs = _runs(manifest, stack, parameters, seeds, steps, measures, overall, accounts)
    return runs[0] if len(runs) == 1 else Ensemble(runs)


def _write(ensemble: Ensemble, folder: Path, pages: Mapping[str, str]) -> None:
    """All files of a saved run, run.json last."""
    import pyarrow
    import pyarrow.parquet

    accounts = {
        "seed": np.repeat(np.array(ensemble.seeds, dtype=np.int64), ensemble.steps),
        "step": np.tile(np.arange(ensemble.steps), len(ensemble.seeds)),
        **{name: np.concatenate([run.ledger[name] for run in ensemble.runs]) for name in ACCOUNTS},
    }
    tables = {
        MEASURES: pyarrow.Table.from_pandas(ensemble.measures, preserve_index=False),
        OF_STACK: pyarrow.Table.from_pandas(ensemble.overall, preserve_index=False),
        LEDGER: pyarrow.table(accounts),
    }
    for name, table in tables.items():
        with (folder / name).open("wb") as file:  # a file of Python's, whose errors say what the system said
            pyarrow.parquet.write_table(table, file)
    for name, text in pages.items():
        (folder / name).write_text(text, "utf-8")
    hashes = {file.name: digest(file) for file in sorted(folder.iterdir())}
    manifest = json.dumps(_described(ensemble, hashes), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / MANIFEST).write_text(manifest + "\n", "utf-8")


def _described(ensemble: Ensemble, hashes: Mapping[str, str]) -> dict[str, Any]:
    """What run.json says."""
    import numba

    from stackrace import __version__

    stack, parameters, contacts = ensemble.stack, ensemble.parameters, ensemble.runs[0].contacts
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in ensemble.set.items()}
    return {
        "schema": SCHEMA,
        "rules": RULES,
        "content": _content(RULES, stack, parameters, ensemble.seeds, ensemble.steps, contacts),
        "versions": {
            "stackrace": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "numba": numba.__version__,
        },
        "seeds": list(ensemble.seeds),
        "steps": ensemble.steps,
        "set": plain,
        "contacts": contacts,
        "stack": stack.as_dict(),
        "parameters": as_dict(parameters, stack),
        "files": dict(hashes),
    }


def _content(rules: int, stack: Stack, parameters: Parameters, seeds: Any, steps: int, contacts: str) -> str:
    """SHA-256 over all that identifies a run: rules, stack, every parameter, contact network, seeds, steps."""
    identity = [rules, stack.as_dict(), as_dict(parameters, stack), contacts, list(seeds), steps]
    return hashlib.sha256(json.dumps(identity, allow_nan=False).encode()).hexdigest()


def _parameters(stack: Stack, manifest: Mapping[str, Any]) -> Parameters:
    """The parameters as they were, whatever the defaults are by now."""
    saved = manifest["parameters"]
    every: dict[str, Value] = flat(saved["parameters"])
    every |= {f"{layer}.{name}": value for layer, own in saved["layers"].items() for name, value in own.items()}
    wide = {name: value for name, value in manifest["set"].items() if name not in every}
    return resolve(stack, wide | every)


def _runs(
    manifest: Mapping[str, Any],
    stack: Stack,
    parameters: Parameters,
    seeds: list[int],
    steps: int,
    measures: pyarrow.Table,
    overall: pyarrow.Table | None,
    accounts: pyarrow.Table,
) -> tuple[Run, ...]:
    """The runs of all seeds out of the tables."""
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
            manifest["contacts"],
        )
        for i, seed in enumerate(seeds)
    )


def _floats(table: pyarrow.Table | None, names: tuple[str, ...], *shape: int) -> Floats:
    """Columns as an array, the names last; NaN for what an older version did not measure."""
    found = np.full((*shape, len(names)), np.nan)
    for n, name in enumerate(names):
        if table is not None and name in table.column_names:
            found[..., n] = table.column(name).to_numpy().reshape(shape)
    return found


def _manifest(place: Path) -> dict[str, Any]:
    """What run.json says, if this version can read it."""
    path = place / MANIFEST
    try:
        if not place.exists():
            raise SavedRunError(f"{place}: no such folder")
        if not place.is_dir():
            raise SavedRunError(f"{place}: is a file: give the folder of a saved run")
        manifest = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise SavedRunError(f"{place}: holds no saved run: there is no {MANIFEST} in it") from None
    except OSError as error:
        raise SavedRunError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, SavedRunError):
            raise
        raise SavedRunError(f"{path}: half-written or edited, it is not valid JSON ({error}); run it again") from None
    schema = manifest.get("schema") if isinstance(manifest, dict) else None
    if not isinstance(schema, int) or isinstance(schema, bool):
        raise SavedRunError(f"{path}: not written by stackrace: it has no schema version")
    if schema > SCHEMA:
        raise SavedRunError(
            f"{path}: has schema version {schema}, this stackrace reads up to {SCHEMA}: install a newer one"
        )
    return manifest


def _table(place: Path, name: str, manifest: Mapping[str, Any], columns: tuple[str, ...], rows: int) -> pyarrow.Table:
    """One of the tables, checked against its hash and for its size."""
    import pyarrow
    import pyarrow.parquet

    path = place / name
    try:
        if digest(path) != manifest["files"][name]:
            raise SavedRunError(f"{path}: half-written or edited, its hash is not that in {MANIFEST}; run it again")
        table = pyarrow.parquet.read_table(path)
    except FileNotFoundError:
        raise SavedRunError(f"{path}: is missing; run it again") from None
    except (OSError, pyarrow.ArrowException) as error:
        raise SavedRunError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if table.num_rows != rows or not {*columns} <= {*table.column_names}:
        raise SavedRunError(f"{path}: is not the table that {MANIFEST} describes; run it again")
    return table


def _strangers(place: Path) -> list[str]:
    """Files of a folder that no saved run put there."""
    found = sorted(file.name for file in place.iterdir())
    if MANIFEST not in found:
        return found
    try:
        files = _manifest(place).get("files", {})
    except SavedRunError:
        return found
    return [name for name in found if name != MANIFEST and not (isinstance(files, dict) and name in files)]
