"""What each firm decides when all that it cannot see is changed right before a phase.

`python -m tests.locality`, with NUMBA_DISABLE_JIT=1 so that phases can be run one by one, prints for each phase how
many decisions were checked, which of them changed, and how many changed when what the firm does see was changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from stackrace.model.columns import State

from .markets import copied, opened, same_bits

ALLYING = {"alliance_trust": 0.05, "alliance_attention": 0.5}
PHASES = ("offer", "trade", "settle", "innovate", "source", "price", "build", "ally", "life")
WARM_UP, WATCHED_STEPS = 10, 2

SHOWN_UNIT = ("capability", "experience", "capacity", "markup", "unit_cost", "stage_cost", "quality", "price", "volume")
SHOWN_UNIT += ("external_volume", "external_margin", "external_revenue", "outlay")
PRIVATE_UNIT = ("churn", "profit_up", "profit_down", "revenue_won", "volume_lost", "frontier_weight", "ceiling")
PRIVATE_LINK = ("itch", "outside_price")
PRIVATE_FIRM = ("smoothed_volume", "demand")

Rows = set[int]


def contacts(state: State, i: int) -> Rows:
    return {int(j) for j in state.contacts[state.firms.first_contact[i] : state.firms.last_contact[i]]}


def allies(state: State, i: int) -> Rows:
    return {int(j) for j in state.ties.ally[i] if j >= 0}


def suppliers(state: State, i: int) -> Rows:
    used = {int(state.links.supplier[e, i]) for e, edge in enumerate(state.edges) if state.operates[edge.consumer, i]}
    return used - {-1}


def suppliers_of_contacts(state: State, i: int) -> Rows:
    return set().union(*(suppliers(state, j) for j in contacts(state, i)))


def is_supplied(state: State, i: int) -> bool:
    """Whether every input of firm i has an able supplier, so that no stranger has to be asked."""
    for e, edge in enumerate(state.edges):
        j = state.links.supplier[e, i]
        wanted = state.operates[edge.consumer, i]
        if wanted and (j < 0 or not state.operates[edge.input, j] or not state.units.able[edge.input, j]):
            return False
    return True


class Watch(NamedTuple):
    """What a firm may look at in a phase besides its own books, and what it decides there."""

    seen: Callable[[State, int], Rows]
    decided: Callable[[State, int], Iterator[Any]]
    cash_is_seen: bool = False
    needs_suppliers: bool = False
    firms: int = 12  # looked at per step


def settled(state: State, i: int) -> Iterator[Any]:
    yield state.firms.cash[i]
    yield state.operates[:, i]
    yield from (state.units[name][:, i] for name in ("capacity", "outlay", "experience", "capability", "steps_in_red"))


def sourced(state: State, i: int) -> Iterator[Any]:
    yield from (state.links[name][:, i] for name in ("chosen", "moves", "makes", "itch", "outside_price", "unmet"))


def built(state: State, i: int) -> Iterator[Any]:
    yield state.firms.cash[i]
    yield state.operates[:, i]
    yield state.links.supplier[:, i]
    yield from (state.units[name][:, i] for name in ("capability", "experience", "capacity", "markup", "open"))


def lived(state: State, i: int) -> Iterator[Any]:
    yield from (state.firms[name][i] for name in ("alive", "active", "birth", "start_cash"))


WATCHED = {
    "settle": Watch(lambda state, i: set(), settled),
    "innovate": Watch(
        lambda state, i: contacts(state, i) | allies(state, i),
        lambda state, i: iter((state.units.capability[:, i], state.units.experience[:, i])),
    ),
    "source": Watch(
        lambda state, i: contacts(state, i) | allies(state, i) | suppliers(state, i) | suppliers_of_contacts(state, i),
        sourced,
        needs_suppliers=True,
    ),
    "price": Watch(lambda state, i: set(), lambda state, i: iter((state.units.markup[:, i], state.units.open[:, i]))),
    "build": Watch(lambda state, i: contacts(state, i) | suppliers(state, i), built, firms=40),
    "ally": Watch(
        lambda state, i: contacts(state, i) | allies(state, i) | suppliers(state, i),
        lambda state, i: iter((state.firms.suitor[i],)),
        cash_is_seen=True,
        firms=24,
    ),
    "life": Watch(contacts, lived),
}


@dataclass
class Finding:
    """Of one phase."""

    checked: int = 0
    wrong: list[str] = field(default_factory=list)
    moved_by_what_is_seen: int = 0


def scrambled(values: Any, chance: np.random.Generator) -> Any:
    """Other values, none of them negative."""
    return np.abs(np.nan_to_num(values)) * chance.uniform(0.2, 5.0, values.shape) + chance.uniform(0, 1, values.shape)


def change_shown(state: State, rows: Any, chance: np.random.Generator) -> None:
    """Everything that others can see of these firms becomes something else; so does whom they buy from."""
    for name in SHOWN_UNIT:
        state.units[name][:, rows] = scrambled(state.units[name][:, rows], chance)
    for name in ("able", "open"):
        state.units[name][:, rows] = chance.random((len(state.units), len(rows))) < 0.5
    for e, edge in enumerate(state.edges):
        sellers = np.flatnonzero(state.operates[edge.input])
        if len(sellers):
            state.links.supplier[e, rows] = chance.choice(sellers, len(rows))


def change_private(state: State, rows: Any, chance: np.random.Generator, cash: bool) -> None:
    """Everything that others never see of these firms becomes something else."""
    for name in PRIVATE_UNIT:
        state.units[name][:, rows] = scrambled(state.units[name][:, rows], chance)
    for name in PRIVATE_LINK:
        state.links[name][:, rows] = scrambled(state.links[name][:, rows], chance)
    for name in PRIVATE_FIRM:
        state.firms[name][rows] = scrambled(state.firms[name][rows], chance)
    state.links.tenure[:, rows] = chance.integers(0, 50, (len(state.links), len(rows)))
    state.units.steps_in_red[:, rows] = chance.integers(0, 8, (len(state.units), len(rows)))
    if cash:
        state.firms.cash[rows] = chance.normal(20, 30, len(rows))


def change_ties(state: State, i: int, rows: Any, chance: np.random.Generator) -> None:
    """With whom others are allied becomes something else, but for the firm's own allies, whom it can ask."""
    known = allies(state, i) | {i}
    others = np.array([j for j in rows if j not in known], dtype=np.int64)
    state.ties.ally[others] = np.where(np.isin(state.ties.ally[others], others), -1, state.ties.ally[others])
    pairs = chance.permutation(others)
    for one, other in zip(pairs[::2], pairs[1::2], strict=False):
        free = [np.flatnonzero(state.ties.ally[row] < 0) for row in (one, other)]
        if all(len(places) for places in free):
            state.ties.ally[one, free[0][0]], state.ties.ally[other, free[1][0]] = other, one


def same_decision(watch: Watch, one: State, other: State, i: int) -> bool:
    return all(same_bits(a, b) for a, b in zip(watch.decided(one, i), watch.decided(other, i), strict=True))


def chosen_firms(before: State, after: State, watch: Watch, chance: np.random.Generator) -> list[int]:
    """Some firms that do something in this phase, and some that do not."""
    idle: list[int] = []
    busy: list[int] = []
    for i in chance.permutation(len(before.firms)).tolist():
        (idle if same_decision(watch, before, after, i) else busy).append(i)
    busy.sort(key=lambda i: same_bits(before.operates[:, i], after.operates[:, i]))  # who gains or loses a unit first
    half = watch.firms // 2
    return busy[:half] + idle[:half]


def check(state: State, phase: str, run: Callable[[State], None], chance: np.random.Generator, found: Finding) -> None:
    """Change what some firms cannot see, then what they can, each time on the market right before the phase."""
    watch, everyone = WATCHED[phase], np.arange(len(state.firms))
    after = copied(state)
    run(after)
    for i in chosen_firms(state, after, watch, chance):
        if watch.needs_suppliers and not is_supplied(state, i):
            continue
        seen = np.array(sorted(watch.seen(state, i) - {int(i)}), dtype=np.int64)
        unseen = np.setdiff1d(everyone, [*seen, i])
        other = copied(state)
        change_shown(other, unseen, chance)
        change_private(other, unseen, chance, cash=True)
        change_private(other, seen, chance, cash=not watch.cash_is_seen)
        change_ties(other, i, everyone, chance)
        run(other)
        found.checked += 1
        if not same_decision(watch, after, other, i):
            found.wrong.append(f"step {int(state.market.step[0])}, firm {i}")
        if len(seen):
            other = copied(state)
            change_shown(other, seen, chance)
            run(other)
            found.moved_by_what_is_seen += not same_decision(watch, after, other, i)


def wishing(state: State) -> State:
    """The same market, but every fourth firm has chosen to make what it buys, and can pay for it."""
    made = copied(state)
    for e, edge in enumerate(made.edges):
        rows = np.arange(0, len(made.firms), 4)
        supplier = made.links.supplier[e, rows]
        rows = rows[made.operates[edge.consumer, rows] & ~made.operates[edge.input, rows] & (supplier >= 0)]
        rows = rows[made.operates[edge.input, made.links.supplier[e, rows]]]
        made.links.makes[e, rows] = True
        made.links.moves[e, rows] = False
        made.firms.cash[rows] += 100.0
    return made


def strangers_chosen(state: State, source: Callable[[State], None], i: int) -> tuple[int, int]:
    """How many inputs of firm i go to irresistible strangers, and how many still do when those are not any more."""
    seen = WATCHED["source"].seen(state, i) | {i}
    strangers = np.setdiff1d(np.arange(len(state.firms)), sorted(seen))
    refused: dict[int, Rows] = {int(edge.input): set() for edge in state.edges}
    counts = []
    for _ in range(2):
        other = copied(state)
        other.layers.review[:] = 1.0
        for m, ordinary in refused.items():
            tempting = np.setdiff1d(strangers[state.operates[m, strangers]], sorted(ordinary))
            other.units.price[m, tempting] = other.units.unit_cost[m, tempting] = 1e-4
            other.units.quality[m, tempting] = 9.0
            other.units.price[m, sorted(ordinary)] = 1e6
        source(other)
        taken = [
            (int(edge.input), int(other.links.chosen[e, i]))
            for e, edge in enumerate(state.edges)
            if state.operates[edge.consumer, i] and other.links.moves[e, i] and other.links.chosen[e, i] in strangers
        ]
        counts.append(len(taken))
        for m, j in taken:
            refused[m].add(j)
    return counts[0], counts[1]


def findings() -> dict[str, Any]:
    """All phases over some steps of the rich stack."""
    chance = np.random.default_rng(1)
    found = {phase: Finding() for phase in WATCHED}
    phases = import_module("stackrace.model.advance")
    quiet = opened(
        "rich",
        3,
        {"exploration": 0, "start_cash": 8, "entry_rate": 0.5, "*.fixed_cost": 0.9, "*.build_cost": 1, **ALLYING},
    )
    met = [0, 0]
    for step in range(WARM_UP + WATCHED_STEPS):
        phases.begin(quiet)
        for phase in PHASES:
            run = getattr(phases, phase)
            if step >= WARM_UP and phase in WATCHED:
                quiet.firms.suitor[:] = -1  # left over from the step before
                before = wishing(quiet) if phase == "build" else quiet
                check(before, phase, run, chance, found[phase])
            if step == WARM_UP and phase == "source":
                curious = copied(quiet)
                curious.market.exploration = 1.0
                for i in (i for i in range(0, len(curious.firms), 6) if is_supplied(curious, i)):
                    met = [total + more for total, more in zip(met, strangers_chosen(curious, run, i), strict=True)]
            run(quiet)
        quiet.market.step += 1
    return {**{phase: asdict(finding) for phase, finding in found.items()}, "strangers": met}


if __name__ == "__main__":
    with np.errstate(over="ignore"):  # the keyed chance multiplies 64-bit words
        print(json.dumps(findings()))
