"""Saved runs and sweeps that the server was started with, as runs to be shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...model.stack import Stack
from ..manifest import MANIFEST, read_manifest
from ..sweeps.results import Results, open
from .asked import Asked, named, of_manifest, read_asked

MOST = 2000
"""Runs of one place that are listed."""


@dataclass(frozen=True)
class Shelved:
    """One run of a place: what it is called there, and how to make it once more."""

    label: str
    asked: Asked


def shelved(places: Sequence[str]) -> list[Shelved]:
    """The runs of saved runs and of sweeps' stores; raises InputError for a place that holds neither."""
    return [each for place in places for each in _runs_of(place)]


def _runs_of(place: str) -> Iterator[Shelved]:
    if (Path(place) / MANIFEST).is_file():
        manifest = read_manifest(Path(place))
        for seed in manifest["seeds"][:MOST]:
            yield Shelved(f"{place}: seed {seed}", of_manifest(manifest, seed))
    else:
        results = open(place)
        for row in results.design.head(MOST).to_dict("records"):
            yield Shelved(f"{place}: {_told(results, row)}", _of_row(results, row))


def _told(results: Results, row: dict[Any, Any]) -> str:
    varied = ", ".join(f"{name} {row[name]:.4g}" if isinstance(row[name], float) else f"{name} {row[name]}"
                       for name in results.parameters)  # fmt: skip
    return f"run {row['number']}, {row['policy']}, seed {row['seed']}{', ' * bool(varied)}{varied}"


def _of_row(results: Results, row: dict[Any, Any]) -> Asked:
    about = results.about
    set_there = {name: row[name] for name in results.parameters if row[name] is not None and row[name] == row[name]}
    return read_asked(
        {
            "stack": named(Stack.from_dict(about["stack"])),
            "seed": int(row["seed"]),
            "steps": about["steps"],
            "set": {**about["set"], **set_there},
            "interventions": about["policies"][row["policy"]],
        }
    )
