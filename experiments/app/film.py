"""A run computed ahead, with who supplied whom and who was allied at every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...model.columns import State
from ...model.parameters import Integers
from ...model.world import World
from ..run import Run, recorded
from .asked import Asked

BOOKS = (
    *("volume", "external_volume", "external_margin", "unit_cost", "price", "markup", "quality"),
    *("capability", "capacity", "open", "cash"),
)
"""What a page shows of a unit."""


class History:
    """A table of whole numbers that changes from step to step: how it began, and every change.

    `changes` has a row per changed place: step, place (in the flat table), value.
    """

    def __init__(self, first: Integers) -> None:
        self.first = self._last = first
        self._changes: list[Integers] = []

    def add(self, step: int, table: Integers) -> None:
        """The table as it was before the step."""
        places = np.flatnonzero(table.ravel() != self._last.ravel())
        self._changes.append(np.column_stack([np.full(len(places), step), places, table.ravel()[places]]))
        self._last = table

    @property
    def changes(self) -> Integers:
        """All changes, in the order of steps."""
        return np.concatenate([np.empty((0, 3), np.int64), *self._changes])

    def at(self, step: int) -> Integers:
        """The table as it was before the step."""
        table = self.first.copy()
        changes = self.changes
        for _, place, value in changes[changes[:, 0] <= step].tolist():
            table.flat[place] = value
        return table


@dataclass(frozen=True, eq=False)
class Film:
    """A run and its links: what a page needs to show every step.

    `suppliers` holds the slot of the supplier of every input edge and slot, shape (E, N), `allies` the slots of every
    slot's allies, shape (N, A), -1 for none; `contacts` pairs of slots that know each other, shape (pairs, 2).
    """

    run: Run
    suppliers: History
    allies: History
    contacts: Integers
    edges: Any = field(repr=False)


def filmed(asked: Asked, progress: Callable[[int], None] | None = None) -> Film:
    """Compute what a visitor asks for; raises InputError or SimulationError."""
    world = asked.world()
    suppliers, allies = History(suppliers_in(world.state)), History(allies_in(world.state))

    def watch(done: int) -> None:
        if done < asked.steps:
            suppliers.add(done, suppliers_in(world.state))
            allies.add(done, allies_in(world.state))
        if progress:
            progress(done)

    contacts, edges = contacts_in(world.state), world.state.edges.copy()
    run = recorded(world, None, asked.steps, True, BOOKS, watch)
    return Film(run, suppliers, allies, contacts, edges)


def suppliers_in(state: State) -> Integers:
    """Who supplies which input of whom: by edge and slot, -1 where nobody does or the layer is not operated."""
    rows = np.where(state.operates[state.edges.consumer], state.links.supplier, -1)
    return by_slot(state, rows.T).T.copy()


def allies_in(state: State) -> Integers:
    """The allies of every slot, shape (N, A)."""
    return by_slot(state, state.ties.ally)


def by_slot(state: State, rows: Integers) -> Integers:
    """A table of rows, one line per row, as a table of slots, one line per slot."""
    slots = np.append(state.firms.slot, -1)
    return np.asarray(slots[rows][state.firms.row_of_slot], np.int64)


def contacts_in(state: State) -> Integers:
    """Every pair of slots that know each other, once."""
    firms = state.firms
    counts = firms.last_contact - firms.first_contact
    one = np.repeat(firms.slot, counts)
    places = np.concatenate([np.arange(a, b) for a, b in zip(firms.first_contact, firms.last_contact, strict=True)])
    other = firms.slot[state.contacts[places.astype(np.int64)]]
    return np.asarray(np.column_stack([one, other])[one < other], np.int64)


def market_at(asked: Asked, step: int) -> World:
    """The market before a step of the run."""
    world = asked.world()
    if step > 0:
        world.advance(step)
    return world
