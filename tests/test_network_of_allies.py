"""What allies that firms have in common, and attention that allies share, do to a market."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

import stackrace
from stackrace.model.advance import lead_up
from stackrace.model.columns import State
from stackrace.model.views.ally import view_of
from stackrace.model.views.consider import Foresight
from stackrace.model.world import opened as world_of

from .markets import HALF_SIZE, advanced, copied, opened, stack_named

NO_TEACHERS = {**HALF_SIZE, "*.imitation": 0.0, "open_imitation": 0.0, "alliance_spillover": 0.0}


def allies_of(state: State) -> list[set[int]]:
    return [{int(j) for j in row if j >= 0} for row in state.ties.ally]


@pytest.mark.parametrize("trust", [0.0, 0.2])
def test_an_ally_vouches_for_its_own_allies(trust: float) -> None:
    world = world_of(stack_named("ai-stack"), 3, {**HALF_SIZE, "alliance_trust": trust})
    world.advance(30)
    moment = Foresight(world).moment("ally")
    allies = [set(moment.allies(i)) for i in range(len(moment.ties))]
    shared = {(i, j): len(allies[i] & allies[j]) for i in range(60) for j in range(60) if i != j and allies[i]}
    assert max(shared.values()) > 0
    for (i, j), count in shared.items():
        assert view_of(moment, i, j).trust == pytest.approx(trust * count)


def test_trust_closes_triples() -> None:
    runs = [
        stackrace.simulate("ai-stack", seed=1, steps=40, set={"alliance_trust": trust}, events=True)
        for trust in (0.0, 0.3)
    ]
    loose, closed = (nx.transitivity(run.graph("alliances", 39)) for run in runs)
    assert closed > loose + 0.1


def after_research(state: State, attention: float) -> State:
    """The market right after its research."""
    found = copied(state)
    found.market.alliance_attention = attention
    lead_up(found, "source")
    return found


def test_allies_beyond_the_first_take_from_research_and_from_nobody_elses() -> None:
    state = opened("ai-stack", 2, NO_TEACHERS)
    lost, many = 0, np.zeros(len(state.firms), dtype=bool)
    for _ in range(12):
        advanced(state, 2)
        whole, shared = (after_research(state, attention).units.capability for attention in (0.0, 50.0))
        many = np.array([len(each) > 1 for each in allies_of(state)])
        assert (shared[:, ~many] == whole[:, ~many]).all()
        assert (shared <= whole).all()
        lost += int((shared < whole).sum())
    assert many.any() and lost > 0
