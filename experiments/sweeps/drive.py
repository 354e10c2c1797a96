"""Driving a sweep: only what is missing is run, and every part is on disk before the next one is begun."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...agents.own import Rule, own_rules
from ...agents.rule import is_compiled_before
from ...model.errors import checked_count
from ..run import simulate
from .file import read_sweep
from .one_run import Job, Outcome, run_one
from .places import StoreError
from .store import Store
from .sweep import Sweep, Task
from .tables import about, design_table, failures_table, runs_table, series_table
from .workers import Workers, workers_here

PART = 500
"""Runs of a part at most; a tenth of that with their series."""
PATIENCE = 20.0
"""Seconds after which a part is written however small it is."""


@dataclass
class Progress:
    """How far a sweep is, in runs: `total` are wanted, `there` were stored before, `done` now, `failed` of them.

    `torn` names the parts of the store that could not be read and are done again.
    """

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
    rules: Mapping[str, Rule] | None = None,
    retry_failed: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Store:
    """Run what is missing of a sweep (or of the sweep that a file describes) and store it.

    `workers` processes of this machine do the work, all cores if left out, or any `concurrent.futures.Executor`.
    `rules` put functions of the user's in the place of shipped rules, as in `simulate`; other processes import them by
    name.
    Failed runs are stored with their error, and tried again only with `retry_failed`. Raises InputError, StoreError,
    WriteError, and SimulationError when the executor cannot go on.
    """
    wanted = what if isinstance(what, Sweep) else read_sweep(what)
    if rules:
        wanted = replace(wanted, rules=own_rules(rules))
    place, count = Store(store), checked_count("workers", workers_here() if workers is None else workers, 1)
    tasks = distinct(wanted)
    team: Workers[Job, Outcome] = Workers(run_one, count, executor)
    team.check(rules)
    with place.alone():
        check_fits(place, wanted)
        place.begin(about(wanted), design_table(wanted))
        told = Progress(len(tasks), torn=place.set_aside_torn())
        there = {task.run for task in tasks} & stored(place, wanted.series, not retry_failed)
        told.there = len(there)
        _tell(progress, told)
        if told.there < told.total and executor is None and not is_compiled_before():
            simulate(wanted.stack, steps=1)  # once, rather than in every worker at the same time
        asked = ((task, wanted.job(task)) for task in tasks if task.run not in there)
        with Part(place, wanted) as part:
            for task, outcome in _outcomes(asked, team):
                part.add(task, outcome)
                told.done += 1
                told.failed += bool(outcome.error)
                _tell(progress, told)
    return place


def check_fits(place: Store, wanted: Sweep) -> None:
    """Raises StoreError if the store holds a sweep of another kind of design or stack, whose design would be lost."""
    told = place.about() or {}
    if "design" not in told:
        return
    held, asked = (
        f"{kind} sweep of {stack}"
        for kind, stack in ((told["design"]["kind"], told["stack"]["name"]), (wanted.design.kind, wanted.stack.name))
    )
    if held != asked:
        raise StoreError(
            f"{place.address}: holds a {held}, and this is a {asked}: give a new folder, or remove that one"
        )


def distinct(wanted: Sweep) -> list[Task]:
    """The runs of a sweep, each once: points of a design may coincide, as those of Morris trajectories do."""
    return list({task.run: task for task in wanted.tasks()}.values())


def _outcomes(asked: Iterator[tuple[Task, Job]], team: Workers[Job, Outcome]) -> Iterator[tuple[Task, Outcome]]:
    """Each run's outcome as it comes."""
    open_tasks: dict[str, Task] = {}

    def named() -> Iterator[tuple[str, Job]]:
        for task, job in asked:
            open_tasks[task.run] = task
            yield task.run, job

    for name, outcome in team.answers(named(), lambda _, how: Outcome(error=how)):
        yield open_tasks.pop(name), outcome


def _tell(progress: Callable[[Progress], None] | None, told: Progress) -> None:
    if progress is not None:
        progress(told)


def stored(place: Store, series: bool = False, failed: bool = True) -> set[str]:
    """The runs that are in a store: with their series if those are wanted, failed ones included if those count."""
    found = runs_in(place, "runs")
    if series:
        found &= runs_in(place, "series")
    return found | runs_in(place, "failures") if failed else found


def runs_in(place: Store, kind: str) -> set[str]:
    """The runs that the parts of a kind have."""
    found: set[str] = set()
    for part in place.parts(kind):
        with suppress(StoreError):  # a torn part has none
            found.update(place.read_part(part, ["run"]).column("run").unique().to_pylist())
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
        if len(self.waiting) >= (PART // 10 if self.what.series else PART) or time.monotonic() - self.since > PATIENCE:
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


@dataclass(frozen=True)
class Estimate:
    """What a sweep would take."""

    total: int
    points: int
    policies: int
    seeds: int
    there: int
    workers: int
    seconds: float
    failure: str = ""  # of the run that was timed


def estimate(wanted: Sweep, store: str | Path, workers: int | None = None) -> Estimate:
    """How many runs are wanted and stored, and how long the others take by one run of the first point, timed here."""
    place, count = Store(store), workers or workers_here()
    check_fits(place, wanted)
    there = stored(place, wanted.series) if place.about() is not None else set()
    tasks = distinct(wanted)
    missing = [task for task in tasks if task.run not in there]
    seconds, failure = 0.0, ""
    if missing:
        job = wanted.job(missing[0])
        failure = run_one(job).error  # and so that nothing is compiled or loaded while time is taken
        since = time.perf_counter()
        run_one(job)
        seconds = (time.perf_counter() - since) * len(missing) / count
    points, policies, seeds = len(wanted.points), len(wanted.policies), len(wanted.seeds)
    return Estimate(len(tasks), points, policies, seeds, len(tasks) - len(missing), count, seconds, failure)
