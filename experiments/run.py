"""The one contract, under command line, sweeps, notebooks and app: `simulate(stack, seed, steps, set) -> Run`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model.errors import InputError, checked_count
from ..model.parameters import Floats, Parameters, Value
from ..model.register import Register
from ..model.stack import Stack, read_stack
from . import DEFAULT_SEED
from .horizon import default_steps
from .regimes import WINDOW

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from ..agents.own import OwnRule
    from ..model.contacts import Pairs
    from ..model.interventions import Given, Intervention
    from ..model.world import World
    from .ensemble import Ensemble


class NotRecordedError(InputError):
    """Something was asked of a run that it did not record: how to record it, in one line."""


@dataclass(frozen=True, eq=False)
class Run:
    """What a market did: its stack, parameters and seed, and every measure of every step.

    `record` has shape (steps, layers, measures) and `overall_record`, of the whole stack, (steps, measures); `ledger`
    has one row of accounts (money) per step. `contacts` are the pairs of slots that know each other if they were
    given, `rules` the user's own ones, `start` the market that the run went on from.
    """

    stack: Stack
    parameters: Parameters
    seed: int
    steps: int
    set: Mapping[str, Value]
    record: Floats = field(repr=False)
    overall_record: Floats = field(repr=False)
    ledger: pd.DataFrame = field(repr=False)
    contacts: Pairs | None = field(default=None, repr=False)
    rules: Mapping[str, OwnRule] = field(default_factory=dict)
    start: World | None = field(default=None, repr=False)
    interventions: tuple[Intervention, ...] = ()
    _events: Callable[[], pd.DataFrame] | None = field(default=None, repr=False, compare=False)
    _firms: Callable[[], pd.DataFrame] | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        return f"Run of {self.stack.name}, seed {self.seed}, steps {self.first_step} to {self.last_step}"

    @property
    def first_step(self) -> int:
        """The calendar step that the run begins with: 0 unless it goes on from an earlier one."""
        return self.start.step if self.start else 0

    @property
    def last_step(self) -> int:
        """The calendar step that it ends with."""
        return self.first_step + self.steps - 1

    @property
    def records(self) -> frozenset[str]:
        """What it recorded besides measures and accounts: "events", "firms"."""
        return frozenset(name for name in ("events", "firms") if getattr(self, f"_{name}") is not None)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Tidy table: seed, step, date if the stack has a start, layer, and a column per measure of a layer.

        What the measures mean is declared in `stackrace.model.measures`; a date is the first day of a quarter.
        """
        from ..model.measures import COLUMNS

        layers = self.stack.names
        table = self._dated(self.record.reshape(-1, len(COLUMNS)), COLUMNS, len(layers))
        table.insert(
            list(table.columns).index(COLUMNS[0]), "layer", np.tile(np.array(layers, dtype=object), self.steps)
        )
        return table

    @cached_property
    def overall(self) -> pd.DataFrame:
        """Tidy table: seed, step, date if the stack has a start, and a column per measure of the whole stack."""
        from ..model.measures import OVERALL

        return self._dated(self.overall_record, tuple(OVERALL), 1)

    def _dated(self, values: Floats, names: tuple[str, ...], rows: int) -> pd.DataFrame:
        """A table of measures with `rows` rows per step, behind the columns that say when."""
        import pandas as pd

        from .history import dated

        table = pd.DataFrame(values, columns=list(names))
        table.insert(0, "seed", self.seed)
        table.insert(1, "step", self.first_step + np.repeat(np.arange(self.steps), rows))
        return dated(table, self.stack.start)

    @cached_property
    def events(self) -> pd.DataFrame:
        """What happened: seed, step, kind, firm, counterparty, former, layer, volume, gain (`stackrace.model.events`).

        Raises NotRecordedError unless the run was made with `events=True`.
        """
        if self._events is None:
            raise NotRecordedError("no events were recorded: simulate(..., events=True), or run.replay(events=True)")
        return self._events()

    @cached_property
    def firms(self) -> pd.DataFrame:
        """A row per step and unit: seed, step, firm, slot, layer and the chosen columns (`stackrace.model.books`).

        Raises NotRecordedError unless the run was made with `firms=True` or names of columns.
        """
        if self._firms is None:
            raise NotRecordedError("no firms were recorded: simulate(..., firms=True), or run.replay(firms=True)")
        return self._firms()

    @property
    def names(self) -> dict[int, str]:
        """Slot -> name of the known firm that starts there (whoever enters the slot after it is another firm)."""
        return self.register.known

    @cached_property
    def register(self) -> Register:
        """What the firms are called."""
        return Register(self.stack, self.parameters)

    def regimes(self, window: int = WINDOW) -> pd.DataFrame:
        """Per selling layer: the regime over the last `window` steps, and the means that it was read from."""
        from .regimes import regimes

        return regimes(self.measures, self.stack.selling_layers, window)

    def replay(self, *, events: bool = False, firms: bool | Iterable[str] = False) -> Run:
        """The same run once more, recording what it did not record the first time; raises SimulationError."""
        from .replay import replay

        return replay(self, events, firms)

    def state_at(self, step: int | str) -> World:
        """The market as it was before a step (20) or quarter ("2031-Q1"): `simulate(start=...)` goes on from it.

        One step after the last gives the market at the end. Raises InputError for a step that the run does not have.
        """
        from .replay import state_at

        return state_at(self, step)

    def graph(self, kind: str, step: int | str | None = None) -> nx.Graph[Any]:
        """A network of the market before a step, at the end if left out, with the books of firms as attributes.

        `kind` is "contacts", "supply", "alliances" or "ownership". Raises InputError for another one.
        """
        from ..model.graphs import graph

        return graph(self.state_at(self.first_step + self.steps if step is None else step), kind)

    def explain(self, firm: str | int) -> str:
        """A firm's history in sentences, and what made it the leader of a layer if it became that.

        `firm` is its name, its label ("model-7") or its slot. Raises InputError if there was none.
        """
        from .histories.explain import explain

        return explain(self, firm)

    def save(self, folder: str | Path, *, force: bool = False) -> Path:
        """Write the run to a folder: its tables as Parquet, and run.json; nothing half-written.

        The same run is replaced, another one only with `force`. Raises SavedRunError when the folder holds something
        else or cannot be written.
        """
        from .saved import save

        return save(self, folder, force=force)


def simulate(
    stack: Stack | str | Path | None = None,
    *,
    seed: int | None = None,
    steps: int | None = None,
    set: Mapping[str, Value] | None = None,
    contacts: nx.Graph[Any] | Pairs | None = None,
    rules: Mapping[str, Callable[[Any], float] | OwnRule] | None = None,
    start: World | str | Path | None = None,
    interventions: Given | None = None,
    events: bool = False,
    firms: bool | Iterable[str] = False,
    progress: Callable[[int], None] | None = None,
    threads: int = 1,
) -> Run:
    """Run a market and return what it did.

    `stack` is a `Stack`, the name of a shipped one or a TOML file; `steps` are 120 if left out, or as many as the stack
    says that it can be trusted for; `set` overrides parameters by public name,
    as in `{"model.taste": .1, "*.review": .2, "price_weight": 3}`; `contacts` is a networkx graph over the slots
    0 .. firms - 1 that replaces the drawn network; `rules` puts functions of the user's in the place of shipped rules
    (`{"price": mine}`, see `stackrace.agents.own`); `events` and `firms` record what happened and the books of firms
    (True, or names of columns); `progress` is called with the number of steps done.

    `interventions` are what policy or the world does at a date (a TOML file or tables, see
    `stackrace.model.interventions`).

    `start` is a market to go on from (`Run.state_at`, or a file that it was saved to) instead of a stack and a seed;
    `set` and `rules` then change its course from that moment on.

    `threads` lets so many threads work on one market of 20,000 firms or more; it changes no result. Where there are
    many seeds to run, a process for each serves better. A market with `rules` of the user's own runs in one thread.

    Raises StackError or ParameterError (both ValueError) for input that cannot be used, SimulationError when a
    quantity stops being finite or a rule of the user's fails.
    """
    from ..model.books import chosen_columns
    from ..model.world import World, opened
    from ..model.world_file import load as load_world

    columns = chosen_columns(firms)
    threads = checked_count("threads", threads, 1)
    if start is not None:
        if stack is not None or seed is not None or contacts is not None:
            raise InputError("start brings its own stack, seed and contacts: leave them out")
        if not isinstance(start, World | str | Path):
            raise InputError(f"start is a {type(start).__name__}: give a market, such as run.state_at(20), or its file")
        world = (start if isinstance(start, World) else load_world(start)).changed(set, rules, interventions)
        steps = checked_count("steps", default_steps(world.stack, world.step) if steps is None else steps, 1)
        return recorded(world, world.copy(), steps, events, columns, progress, threads)
    if stack is None:
        raise InputError("which market? give a stack, such as 'ai-stack', or start=")
    if not isinstance(stack, Stack):
        stack = read_stack(stack)
    steps = checked_count("steps", default_steps(stack) if steps is None else steps, 1)
    seed = checked_count("seed", DEFAULT_SEED if seed is None else seed, 0)
    world = opened(stack, seed, set, contacts, rules, interventions or ())
    return recorded(world, None, steps, events, columns, progress, threads)


def recorded(
    world: World,
    start: World | None,
    steps: int,
    events: bool,
    columns: tuple[str, ...],
    progress: Callable[[int], None] | None = None,
    threads: int = 1,
) -> Run:
    """Let a market go on for so many steps and return its run; `start` is what it goes on from, if not the start."""
    import pandas as pd

    from ..model.columns import columns_of
    from ..model.ledger import Ledger
    from .history import event_table, firm_table

    took = world.advance(steps, events=events, firms=columns, progress=progress, threads=threads)
    ledger = pd.DataFrame({name: took.ledgers[name] for name in columns_of(Ledger)})
    books = took.books
    register, seed, calendar = world.register, world.seed, world.stack.start
    return Run(
        world.stack,
        world.parameters,
        seed,
        steps,
        world.set,
        took.record,
        took.overall,
        ledger,
        world.contacts,
        world.rules,
        start,
        world.interventions,
        partial(event_table, took.events, register, seed, calendar) if events else None,
        partial(firm_table, books, columns, register, seed, calendar) if books is not None else None,
    )


def load(place: str | Path, rules: Mapping[str, Callable[[Any], float]] | None = None) -> Run | Ensemble:
    """Read what `Run.save` or `Ensemble.save` wrote; raises SavedRunError, one line, when it cannot be read.

    `rules` are the user's own that the run followed, needed only to play it again.
    """
    from .saved import load

    return load(place, rules)
