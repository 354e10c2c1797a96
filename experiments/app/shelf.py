"""Saved runs and sweeps that the server was started with, as runs to be shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...model.stack import Stack
from ..manifest import MANIFEST, read_manifest
from ..sweeps.results import Results, open
from .asked import Asked, AskedError, named, of_manifest, read_asked

MOST = 2000
"""Runs of one place that are listed; any other is asked for by its number."""


@dataclass(frozen=True)
class Place:
    """A saved run or a sweep's store: its runs by seed or number, what the first are called, how to make one again."""

    path: str
    called: str
    numbers: Sequence[int]
    labels: Sequence[str]
    make: Callable[[int], Asked]

    def told(self) -> dict[str, Any]:
        """What a page lists."""
        listed = [*zip(self.numbers, self.labels, strict=False)]
        return {"path": self.path, "called": self.called, "runs": listed, "count": len(self.numbers)}

    def asked(self, number: int) -> Asked:
        """One of its runs; raises InputError."""
        if number not in self.numbers:
            raise AskedError(f"{self.path} has no {self.called} {number}")
        return self.make(number)


def shelved(paths: Sequence[str]) -> list[Place]:
    """Saved runs and sweeps' stores; raises InputError for a path that holds neither, or what cannot be run here."""
    places = [_saved(path) if (Path(path) / MANIFEST).is_file() else _swept(path) for path in paths]
    for place in places:
        place.asked(place.numbers[0])
    return places


def _saved(path: str) -> Place:
    manifest = read_manifest(Path(path))
    seeds = manifest["seeds"]
    return Place(
        path, "seed", seeds, [f"seed {seed}" for seed in seeds[:MOST]], lambda seed: of_manifest(manifest, seed)
    )


def _swept(path: str) -> Place:
    results = open(path)
    design = results.design.set_index("number", drop=False)
    labels = [_told(results, row) for row in design.head(MOST).to_dict("records")]
    return Place(
        path, "run", design.index.tolist(), labels, lambda number: _of_row(results, design.loc[number].to_dict())
    )


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
