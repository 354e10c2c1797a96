"""Null models: the same market, in which chance takes the place of something that is thought to matter.

`Rewired` destroys who knows whom, `RandomChoices` who decides what. Chance is keyed by the market's seed, as all else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan

import numpy as np
from numpy.typing import NDArray

from ..agents.rule import rule
from ..agents.switch import SwitchView
from . import chance
from .advance import begin
from .columns import State
from .contacts import Pairs, neighbour_lists
from .events import ALLIED, PARTED, SWITCHED, note
from .parameters import Floats, Integers
from .phases.ally import take_place
from .phases.build import add_units, plan_unit
from .phases.sight import call_roll
from .world import World

REWIRED, MENDED, MOVER, TARGET, FOUNDER, PARTNER, PARTER, LOT = range(1000, 1008)
"""Purposes of draws, apart from the market's own (`stackrace.model.chance`)."""
ATTEMPTS = 200
UNDECIDED = {"decisions.switch": False, "decisions.build": False, "decisions.ally": False}
"""Settings of a market in which nobody switches, builds or allies by itself."""

Counts = Mapping[tuple[int, str, str], int]
"""How many events of a kind there are in a step and layer: (step, kind, layer) -> count."""
Markups = Mapping[tuple[int, str], Floats]
"""The mark-ups that units have before a step in a layer: (step, layer) -> all of them."""


def any_supplier(view: SwitchView) -> float:
    """Who has no supplier takes any that it can see: the fresh draw alone decides."""
    return view.option.noise


@dataclass
class Rewired(World):
    """A market in which everyone knows as many others as ever, but others in every step."""

    def prepare(self) -> None:
        """Draw who knows whom anew."""
        super().prepare()
        firms = self.state.firms
        pairs = rewired(firms.last_contact - firms.first_contact, self.seed, self.step)
        if pairs is not None:
            self.state.contacts[:] = neighbour_lists(pairs, len(firms))[1]

    def steps_to_change(self) -> int:
        """Contacts change in every step."""
        return 1


def rewired(degrees: Integers, seed: int, step: int) -> Pairs | None:
    """Random pairs in which firm i occurs `degrees[i]` times, nobody with itself and no pair twice.

    Ends are paired at random (Bollobas 1980), and pairs that may not be swap an end with others until none is left;
    None if that does not happen, as where all firms know each other.
    """
    ends = np.repeat(np.arange(len(degrees)), degrees)
    pairs = ends[ranking(seed, np.arange(len(ends)), REWIRED, step)].reshape(-1, 2)
    for attempt in range(ATTEMPTS):
        wrong = forbidden(pairs)
        if not wrong.any():
            return pairs
        draws = chance.draws(seed, np.arange(len(pairs)), MENDED, step * ATTEMPTS + attempt)
        mixed = np.flatnonzero(wrong | (draws < wrong.mean()))
        pairs[mixed, 1] = pairs[mixed[np.argsort(draws[mixed])], 1]
    return None


def forbidden(pairs: Pairs) -> NDArray[np.bool_]:
    """Which pairs join a firm with itself, or occur before."""
    low, high = pairs.min(axis=1), pairs.max(axis=1)
    wrong: NDArray[np.bool_] = np.ones(len(pairs), dtype=np.bool_)
    wrong[np.unique(low * (high.max(initial=0) + 1) + high, return_index=True)[1]] = False
    return wrong | (low == high)


def ranking(seed: int, keys: Integers, purpose: int, index: int) -> Integers:
    """Places of some keys in a random order."""
    return np.argsort(chance.draws(seed, keys, purpose, index), kind="stable")


@dataclass
class RandomChoices(World):
    """A market that takes its choices from another run: as many links move, units are built, alliances are formed and
    parted in each step and layer as there, and mark-ups are distributed as there; whose, and with whom, is drawn.

    It needs the settings `UNDECIDED` and the rule `any_supplier`. Research, capacity, failure, takeover and entry
    follow the market's own rules. A firm keeps its lot among mark-ups as long as it lives: with the shipped rule prices
    would follow rivals whom nobody compares.
    """

    counts: Counts = field(default_factory=dict, repr=False)
    markups: Markups = field(default_factory=dict, repr=False)

    def prepare(self) -> None:
        """Let the step's choices fall on anyone."""
        super().prepare()
        if not self.state.market.begun[0]:
            begin(self.state)
        for m, layer in enumerate(self.stack.names):
            move_links(self, m, self.counts.get((self.step, "switched", layer), 0))
            found_units(self, m, self.counts.get((self.step, "built", layer), 0))
            deal_markups(self, m, self.markups.get((self.step, layer)))
        part_allies(self, self.counted("parted"))
        tie_allies(self, self.counted("allied"))

    def counted(self, kind: str) -> int:
        """Events of a kind in the coming step, all layers."""
        return sum(self.counts.get((self.step, kind, layer), 0) for layer in self.stack.names)

    def steps_to_change(self) -> int:
        """Something is drawn in every step."""
        return 1


def move_links(world: World, m: int, count: int) -> None:
    """Give so many inputs of layer m, drawn from all that have a supplier, to another supplier that can deliver."""
    state, step = world.state, world.step
    able = state.units.able[m] if step else True  # before the first step nobody has delivered yet
    sellers = np.flatnonzero(state.operates[m] & able)
    edges = np.flatnonzero(state.edges.input == m)
    if count == 0 or len(sellers) < 2:
        return
    held = state.operates[state.edges.consumer[edges]] & np.isin(state.links.supplier[edges], sellers)
    place, rows = np.nonzero(held)
    keys = edges[place] * len(state.firms) + state.firms.slot[rows]
    drawn = ranking(world.seed, keys, MOVER, step)[:count]
    present = np.searchsorted(sellers, state.links.supplier[edges[place[drawn]], rows[drawn]])
    chosen = (chance.draws(world.seed, keys[drawn], TARGET, step) * (len(sellers) - 1)).astype(np.int64)
    hand_links(state, edges[place[drawn]], rows[drawn], sellers[chosen + (chosen >= present)])


@rule
def hand_links(state: State, edges: Integers, rows: Integers, suppliers: Integers) -> None:
    """Move links to other suppliers."""
    for n in range(edges.shape[0]):
        e, i = edges[n], rows[n]
        link, edge = state.links[e, i], state.edges[e]
        volume = link.drawn * state.units[edge.consumer, i].volume
        state.layers[edge.input].switched += 1
        note(state, SWITCHED, i, suppliers[n], link.supplier, edge.input, volume, nan)
        link.supplier, link.tenure = suppliers[n], 0


def found_units(world: World, m: int, count: int) -> None:
    """Let so many firms that buy from layer m or sell to it found a unit there, if they can pay for it."""
    state, edges = world.state, world.state.edges
    near = {*edges.consumer[edges.input == m].tolist(), *edges.input[edges.consumer == m].tolist()}
    if count == 0 or not near:
        return
    there = state.operates[sorted(near)].any(axis=0) & state.firms.alive & ~state.operates[m] & ~state.traded[m]
    rows = np.flatnonzero(there)
    for i in rows[ranking(world.seed, state.firms.slot[rows], FOUNDER, world.step * len(state.layers) + m)].tolist():
        found_unit_of(state, m, i)
        count -= bool(state.operates[m, i])
        if count == 0:
            return


@rule
def found_unit_of(state: State, m: int, i: int) -> None:
    """Firm i founds a unit as any newcomer would, with what it sees and what is in its purse."""
    plan_unit(state, m, i)
    add_units(state, i)
    call_roll(state)


def deal_markups(world: World, m: int, markups: Floats | None) -> None:
    """Give each unit of layer m the mark-up that its firm's lot stands for: that quantile of those in the other run."""
    if markups is not None:
        rows = np.flatnonzero(world.state.operates[m])
        keys = world.state.firms.birth[rows] * len(world.state.firms) + world.state.firms.slot[rows]
        lots = chance.draws(world.seed, keys, LOT, m)
        world.state.units.markup[m, rows] = np.quantile(markups, lots)


def part_allies(world: World, count: int) -> None:
    """Dissolve so many alliances."""
    state = world.state
    rows, places = np.nonzero(state.ties.ally > np.arange(len(state.firms))[:, None])
    keys = rows * state.ties.shape[1] + places
    for n in ranking(world.seed, keys, PARTER, world.step)[:count].tolist():
        part_pair(state, int(rows[n]), int(state.ties.ally[rows[n], places[n]]))


def tie_allies(world: World, count: int) -> None:
    """Ally so many pairs of sellers that have a free place."""
    state, draw = world.state, 0
    most = min(int(state.market.max_allies[0]), state.ties.shape[1])
    sells = state.firms.alive & ~state.layers.is_demand[state.firms.home]
    while count > 0 and draw < ATTEMPTS:
        free = np.flatnonzero(sells & ((state.ties.ally >= 0).sum(axis=1) < most))
        if len(free) < 2:
            return
        i, j = (int(free[int(each * len(free))]) for each in two_draws(world, draw))
        draw += 1
        if i != j and j not in state.ties.ally[i]:
            tie_pair(state, i, j)
            count -= 1


def two_draws(world: World, draw: int) -> Floats:
    """Two uniform numbers."""
    return chance.draws(world.seed, np.array([2 * draw, 2 * draw + 1]), PARTNER, world.step)


@rule
def tie_pair(state: State, i: int, j: int) -> None:
    """Rows i and j become allies."""
    take_place(state.ties, i, j)
    take_place(state.ties, j, i)
    note(state, ALLIED, i, j, -1, state.firms[i].home, 0.0, nan)


@rule
def part_pair(state: State, i: int, j: int) -> None:
    """Rows i and j are allies no more."""
    for place in range(state.ties.shape[1]):
        if state.ties[i, place].ally == j:
            state.ties[i, place].ally = -1
        if state.ties[j, place].ally == i:
            state.ties[j, place].ally = -1
    note(state, PARTED, i, j, -1, state.firms[i].home, 0.0, 0.0)
