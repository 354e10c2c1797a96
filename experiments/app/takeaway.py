"""A run to take away: its tables, and the files and the command line that make it once more."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ...model.interventions import as_toml
from ...model.toml import spelt
from ..reports.reproduce import INTERVENTIONS, run_command
from ..run import Run
from ..saved import save
from .asked import Asked
from .film import filmed

FOLDER = "run"
ASKED = "asked.toml"
"""What was asked for; Explore opens it again."""
STACK = "stack.toml"
"""A stack that does not come along, whatever its name: the name is a visitor's, and no path."""


def reproduced(asked: Asked) -> dict[str, str]:
    """Name -> text of what makes the run once more: asked.toml, its interventions, its stack unless shipped."""
    files = {ASKED: toml_of(asked.model_dump())}
    if asked.interventions:
        files[INTERVENTIONS] = as_toml(asked.read_interventions())
    if not isinstance(asked.stack, str):
        files[STACK] = toml_of(asked.read_stack().as_dict())
    return files


def command_of(asked: Asked) -> str:
    """The command line that makes the run, with its events and books, beside the files of `reproduced`."""
    source = asked.stack if isinstance(asked.stack, str) else STACK
    more = ("--events", "--firms", "--out", FOLDER)
    return run_command(source, [asked.seed], asked.steps, asked.set, bool(asked.interventions), more)


def archive(asked: Asked, table: str = "parquet") -> bytes:
    """A zip archive: the run as a saved run has it ("parquet") or its tables as text ("csv"), and how to make it."""
    run = filmed(asked).run
    files = {**reproduced(asked), "reproduce.sh": f"{command_of(asked)}\n"}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in files.items():
            bundle.writestr(name, text)
        for name, content in _csv(run) if table == "csv" else _saved(run):
            bundle.writestr(f"{FOLDER}/{name}", content)
    return made.getvalue()


def _saved(run: Run) -> Iterator[tuple[str, bytes]]:
    with tempfile.TemporaryDirectory() as place:
        for file in sorted(save(run, Path(place) / FOLDER).iterdir()):
            yield file.name, file.read_bytes()


def _csv(run: Run) -> Iterator[tuple[str, bytes]]:
    tables: Mapping[str, pd.DataFrame] = {
        "measures": run.measures,
        "overall": run.overall,
        "ledger": run.ledger,
        "events": run.events,
        "firms": run.firms,
    }
    for name, table in tables.items():
        yield f"{name}.csv", table.to_csv(index=False).encode()


def toml_of(tables: Mapping[str, Any]) -> str:
    """Plain tables as TOML: a table of tables gets a heading for each, what is below stands in one line."""
    lines, headed = [], []
    for name, value in tables.items():
        if isinstance(value, Mapping) and value and all(isinstance(each, Mapping) for each in value.values()):
            for key, table in value.items():
                headed += ["", f"[{spelt(name)}.{spelt(key)}]", *_lines(table)]
        elif isinstance(value, Mapping):
            headed += ["", f"[{spelt(name)}]", *_lines(value)]
        else:
            lines += _lines({name: value})
    return "\n".join([*lines, *headed]) + "\n"


def _lines(table: Mapping[str, Any]) -> list[str]:
    return [f"{spelt(name)} = {spelt(value)}" for name, value in table.items()]
