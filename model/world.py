"""A market with everything that belongs to it: it can go on, be copied, take another course, be kept in a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.own import SHIPPED, OwnRule, own_rules
from ..agents.team import Team
from .advance import addresses, advance
from .books import Books, bound, look
from .columns import State, Table, empty_table
from .contacts import Pairs, checked_pairs, pairs_of_graph
from .enforce import changes, enforce, parameters_at, steps_of_change
from .errors import InputError, SimulationError
from .events import most_events, with_room
from .interventions import Given, Intervention, check, read_interventions
from .measures import as_floats, empty_records
from .parameters import Floats, Parameters, Value
from .register import Register
from .settings import check_changeable, given_settings, overlaid, resolve
from .stack import Stack
from .start import put_in_force, start

if TYPE_CHECKING:
    import networkx as nx

CHUNK = 10
ROOM = 1_000_000
"""Events that there is room for, unless a single step needs more."""
WORTH_THREADS = 20_000
"""Firms from which on several threads are used: below, sharing out a loop takes about as long as the loop."""


@dataclass
class Stretch:
    """What was recorded of some steps: measures of layers (steps, layers, measures) and of the whole stack (steps,
    measures), accounts (steps,), events and firms."""

    record: Floats
    overall: Floats
    ledgers: Table
    events: Table
    books: Books | None


@dataclass
class World:
    """A market at one moment, before its step number `step`."""

    stack: Stack
    set: Mapping[str, Value]
    parameters: Parameters
    state: State = field(repr=False)
    contacts: Pairs | None = field(default=None, repr=False)
    rules: Mapping[str, OwnRule] = field(default_factory=dict)
    interventions: tuple[Intervention, ...] = ()

    def __repr__(self) -> str:
        return f"World of {self.stack.name}, seed {self.seed}, step {self.step}"

    @property
    def seed(self) -> int:
        """The seed of all chance."""
        return int(self.state.market.seed[0])

    @property
    def step(self) -> int:
        """The step that comes next."""
        return int(self.state.market.step[0])

    @property
    def register(self) -> Register:
        """What the firms are called."""
        return Register(self.stack, self.parameters)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up what was pickled: where rules of the user's own stand in memory is a matter of each process."""
        vars(self).update(state)
        self.put_in_force()

    def copy(self) -> World:
        """The same market, which can go its own way."""
        return replace(self, state=State._make(table.copy() for table in self.state))

    def changed(
        self,
        set: Mapping[str, Value] | None,
        rules: Mapping[str, Any] | None,
        interventions: Given | None = None,
    ) -> World:
        """A copy in which other parameters, rules and interventions are in force from now on; raises ParameterError."""
        made = self.copy()
        later = given_settings(set)
        made.set = overlaid(self.set, later)
        made.parameters = resolve(self.stack, made.set)
        check_changeable(self.stack, self.parameters, made.parameters, self.state.ties.shape[1])
        made.rules = self.rules if rules is None else own_rules(rules)
        for rule in made.rules.values():
            if rule.address and rule.function is None:
                raise InputError(
                    f"the firms of a Market decide {rule.decision!r} ({rule.name}): go on with"
                    " Market(start=..., firm_class=...), or give rules="
                )
        if interventions is not None:
            made.interventions = read_interventions(interventions)
            check(made.interventions, made.stack, made.parameters)
        made.put_in_force()
        return made

    def put_in_force(self) -> None:
        """Write parameters and rules where the phases read them."""
        put_in_force(self.state, parameters_at(self, self.step - 1))
        self.state.market.faulty_rule = 0
        for decision in SHIPPED:
            rule = self.rules.get(decision)
            self.state.market[f"{decision}_rule"] = rule.address if rule else 0

    def advance(
        self,
        steps: int = 1,
        *,
        events: bool = False,
        firms: Sequence[str] = (),
        progress: Callable[[int], None] | None = None,
        threads: int = 1,
    ) -> Stretch:
        """Take so many steps and return what was recorded; `firms` names columns of firms and their units.

        A large market whose rules are all shipped ones is shared out among so many threads.

        Raises SimulationError when a quantity stops being finite or a user's rule fails.
        """
        record, overall = empty_records(steps, len(self.stack.names))
        ledgers = empty_table("market", steps)
        chunk, room = 1 if firms else CHUNK, 0  # chunks, so that Ctrl-C and progress get a turn
        if events:
            chunk = max(1, min(chunk, ROOM // most_events(self.state)))
            room = chunk * most_events(self.state)
        threads = threads if len(self.state.firms) >= WORTH_THREADS and not self.rules else 1
        self.state = state = with_scratch(with_room(self.state, room), threads)
        happened, seen = [], []
        for rule in self.rules.values():
            rule.clear()
            if not rule.address:
                raise InputError(
                    f"the rule for {rule.decision!r} ({rule.name}) is known by name and hash only: give it as rules="
                )
        addresses(state)  # what is not compiled yet is compiled here, where Ctrl-C comes through
        try:
            with Team(threads) as team:
                state.market.team = team.address
                done = 0
                while done < steps:
                    self.prepare()
                    part = slice(done, min(done + chunk, steps, done + self.steps_to_change()))
                    done = part.stop
                    team.lead(advance, state, record[part], overall[part], ledgers[part])
                    self.check()
                    happened.append(state.events[: state.market.noted[0]].copy())
                    state.market.noted = 0
                    if firms:
                        seen.append(look(state, firms))
                    if progress:
                        progress(part.stop)
        finally:
            state.market.team = 0
            self.state = with_scratch(with_room(state, 0), 1)
        joined = np.concatenate(happened).view(np.recarray)
        return Stretch(as_floats(record), as_floats(overall), ledgers, joined, bound(seen) if seen else None)

    def prepare(self) -> None:
        """Let interventions act that begin, end or move with the coming step."""
        if self.interventions and changes(self, self.step):
            enforce(self)

    def steps_to_change(self) -> int:
        """Steps until an intervention changes anything again, 1 at least."""
        coming = [step for each in self.interventions for step in steps_of_change(each, self) if step > self.step]
        return min(coming, default=self.step + CHUNK) - self.step

    def check(self) -> None:
        """Raises SimulationError unless cash is finite and the user's rules have answered."""
        faulty = int(self.state.market.faulty_rule[0])
        for rule in self.rules.values():
            if rule.failures and not isinstance(rule.failures[0], Exception):
                raise rule.failures[0]  # Ctrl-C
            if rule.failures or (faulty and rule.address == faulty):
                raise SimulationError(rule.complaint(int(self.state.market.faulty_step[0])))
        if not np.isfinite(self.state.firms.cash).all():
            broken = self.state.firms[~np.isfinite(self.state.firms.cash)][0]
            name = self.register.label(int(broken.slot), int(broken.birth))
            raise SimulationError(f"cash of {name} is not finite by step {self.step}: see the parameters in use")

    def save(self, file: str | Path) -> Path:
        """Write the market to a file (.npz), whole or not at all; raises WorldError.

        Rules of the user's own are kept by name and hash only: they must be given again.
        """
        from .world_file import save

        return save(self, file)


def with_scratch(state: State, threads: int) -> State:
    """The same market with scratch for so many threads."""
    candidates = empty_table("candidates", threads, state.candidates.shape[1])
    return state._replace(candidates=candidates)


def opened(
    stack: Stack,
    seed: int,
    set: Mapping[str, Value] | None = None,
    contacts: nx.Graph[Any] | Pairs | None = None,
    rules: Mapping[str, Any] | None = None,
    interventions: Given = (),
) -> World:
    """A market before its first step; raises StackError, ParameterError or ValueError for unusable input."""
    given = given_settings(set)
    parameters = resolve(stack, given)
    ready = own_rules(rules)
    firms = int(parameters.layer.firms.sum())
    if contacts is None or isinstance(contacts, np.ndarray):
        pairs = None if contacts is None else checked_pairs(contacts, firms)
    else:
        pairs = pairs_of_graph(contacts, firms)
    planned = read_interventions(interventions)
    check(planned, stack, parameters)
    state = start(stack, parameters, seed, pairs)
    world = World(stack, given, parameters, state, pairs, ready, planned)
    world.put_in_force()
    return world
