"""Driving a sweep: only what is missing is run, and every part is on disk before the next one is begun."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model import RULES
from ..model.interventions import as_tables
from .comparison import WHOLE
from .store import Store
from .sweep import Sweep, Task
from .sweep_file import read_sweep
from .sweep_run import NAMES, OF_STACK, Job, Outcome, run_one
from .workers import Workers, workers_here

if TYPE_CHECKING:
    import pyarrow

PART = 500
"""Runs of a part at most."""
PATIENCE = 20.0
"""Seconds after which a part is written however small it is."""


@dataclass
class Progress:
    """How far a sweep is: runs that were there, done now and failed now, of all."""

    total: int
    there: int = 0
    done: int = 0
    failed: int = 0
    torn: list[str] = field(default_factory=list)


def sweep(
    what: Sweep | str | Path,
    store: str | Path,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Store:
    """Run what is missing of a sweep (or of the sweep that a file describes) and store it.

    `workers` processes of this machine do the work, all cores if left out, or any `concurrent.futures.Executor`.
    Failed runs are stored with their error and not tried again. Raises InputError, StoreError, WriteError.
    """
    wanted = what if isinstance(what, Sweep) else read_sweep(what)
    place = Store(store)
    told = Progress(len(wanted))
    place.begin(about(wanted), design_table(wanted))
    told.torn = place.set_aside_torn()
    there = stored(place)
    told.there = len(there)
    _tell(progress, told)
    count = workers or workers_here()
    asked = ((task, wanted.job(task)) for task in wanted.tasks() if task.run not in there)
    with Part(place, wanted) as part:
        for task, outcome in _outcomes(asked, count, executor):
            part.add(task, outcome)
            told.done += 1
            told.failed += bool(outcome.error)
            _tell(progress, told)
    return place


def _outcomes(
    asked: Iterator[tuple[Task, Job]], count: int, executor: Executor | None
) -> Iterator[tuple[Task, Outcome]]:
    """Each run's outcome as it comes."""
    open_tasks: dict[str, Task] = {}

    def named() -> Iterator[tuple[str, Job]]:
        for task, job in asked:
            open_tasks[task.run] = task
            yield task.run, job

    team: Workers[Job, Outcome] = Workers(run_one, count, executor)
    for name, outcome in team.answers(named(), lambda _, how: Outcome(error=how)):
        yield open_tasks.pop(name), outcome


def _tell(progress: Callable[[Progress], None] | None, told: Progress) -> None:
    if progress is not None:
        progress(told)


def stored(place: Store) -> set[str]:
    """The runs that are in a store, failed ones included."""
    found: set[str] = set()
    for kind in ("runs", "failures"):
        for table in place.read(kind, ["run"]):
            found.update(table.column("run").to_pylist())
    return found


class Part:
    """Outcomes that wait to be written together; what is left is written at the end, whatever ended it."""

    def __init__(self, place: Store, what: Sweep) -> None:
        self.place, self.what = place, what
        self.waiting: list[tuple[Task, Outcome]] = []
        self.since = time.monotonic()

    def __enter__(self) -> Part:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        self.write()

    def add(self, task: Task, outcome: Outcome) -> None:
        """Take one more, and write if there are enough."""
        self.waiting.append((task, outcome))
        if len(self.waiting) >= PART or time.monotonic() - self.since > PATIENCE:
            self.write()

    def write(self) -> None:
        """Write what waits: series first, since a run counts as stored by its row in `runs`."""
        waiting, self.waiting, self.since = self.waiting, [], time.monotonic()
        name = f"{min((task.number for task, _ in waiting), default=0):08d}-{secrets.token_hex(4)}"
        done = [(task, outcome) for task, outcome in waiting if not outcome.error]
        failed = [(task, outcome) for task, outcome in waiting if outcome.error]
        if done and self.what.series:
            self.place.add("series", series_table(self.what, done), name)
        if done:
            self.place.add("runs", runs_table(self.what, done), name)
        if failed:
            self.place.add("failures", failures_table(failed), name)


def about(what: Sweep) -> dict[str, Any]:
    """What sweep.json says."""
    from stackrace import __version__

    return {
        "stackrace": __version__,
        "rules": RULES,
        "stack": what.stack.as_dict(),
        "steps": what.steps,
        "window": what.window,
        "series": what.series,
        "set": dict(what.set),
        "policies": {each.name: as_tables(each.interventions) for each in what.policies},
        "design": {"kind": what.design.kind, "points": what.design.points, "seed": what.design.seed},
    }


def design_table(what: Sweep) -> pyarrow.Table:
    """All runs in the order of the design, with the parameters that vary."""
    import pyarrow

    tasks = list(what.tasks())
    columns: dict[str, Any] = {name: [getattr(task, name) for task in tasks] for name in PLACE}
    for name in varied(what):
        columns[name] = [what.points[task.point].get(name) for task in tasks]
    return pyarrow.table(columns)


PLACE = ("run", "number", "point", "policy", "seed")
"""Columns that say which run a row is of."""


def varied(what: Sweep) -> tuple[str, ...]:
    """Names of the parameters that vary."""
    return tuple(dict.fromkeys(name for point in what.points for name in point))


def runs_table(what: Sweep, done: list[tuple[Task, Outcome]]) -> pyarrow.Table:
    """A row per run and layer, and one for the whole stack."""
    import pyarrow

    layers = [*what.stack.names, WHOLE]
    columns = _placed(what, [task for task, _ in done], len(layers))
    columns["digest"] = np.repeat([outcome.digest for _, outcome in done], len(layers))
    columns["layer"] = np.tile(np.array(layers, dtype=object), len(done))
    rows = {layer: n for n, layer in enumerate(what.stack.selling_layers)}
    columns["regime"] = [
        outcome.regimes[rows[layer]] if layer in rows else None for _, outcome in done for layer in layers
    ]
    for n, name in enumerate(NAMES):
        own = OF_STACK.index(name) if name in OF_STACK else -1
        columns[name] = np.concatenate([_with_whole(outcome, n, own) for _, outcome in done])
    for n, name in enumerate(OF_STACK):
        if name not in NAMES:
            columns[name] = np.concatenate([_only_whole(outcome, n, len(layers)) for _, outcome in done])
    return pyarrow.table(columns)


def series_table(what: Sweep, done: list[tuple[Task, Outcome]]) -> pyarrow.Table:
    """A row per run, step and layer."""
    import pyarrow

    layers = len(what.stack.names)
    columns = _placed(what, [task for task, _ in done], what.steps * layers)
    columns["step"] = np.tile(np.repeat(np.arange(what.steps), layers), len(done))
    columns["layer"] = np.tile(np.array(what.stack.names, dtype=object), what.steps * len(done))
    every = np.concatenate([outcome.series.reshape(-1, len(NAMES)) for _, outcome in done])  # type: ignore[union-attr]
    return pyarrow.table({**columns, **{name: every[:, n] for n, name in enumerate(NAMES)}})


def failures_table(failed: list[tuple[Task, Outcome]]) -> pyarrow.Table:
    """A row per failed run, with its error and all that was set."""
    import json

    import pyarrow

    columns: dict[str, Any] = {name: [getattr(task, name) for task, _ in failed] for name in PLACE}
    columns["error"] = [outcome.error for _, outcome in failed]
    columns["set"] = [json.dumps(dict(task.set)) for task, _ in failed]
    return pyarrow.table(columns)


def _placed(what: Sweep, tasks: list[Task], rows: int) -> dict[str, Any]:
    """Columns that say which run a row is of, and the parameters that vary; so many rows per run."""
    columns: dict[str, Any] = {
        name: np.repeat(np.array([getattr(task, name) for task in tasks]), rows) for name in PLACE
    }
    for name in varied(what):
        columns[name] = np.repeat(np.array([what.points[task.point].get(name) for task in tasks]), rows)
    return columns


def _with_whole(outcome: Outcome, n: int, own: int) -> Any:
    """A measure of every layer, and of the whole stack if that has it too."""
    assert outcome.layers is not None and outcome.overall is not None
    return np.append(outcome.layers[:, n], outcome.overall[own] if own >= 0 else np.nan)


def _only_whole(outcome: Outcome, n: int, rows: int) -> Any:
    assert outcome.overall is not None
    return np.append(np.full(rows - 1, np.nan), outcome.overall[n])
