"""Claims about how a market starts, and about progress that comes from outside the stack."""

from __future__ import annotations

import numpy as np
import pytest

from stackrace import simulate
from stackrace.model.settings import ParameterError, resolve
from stackrace.model.stack import read_stack
from stackrace.model.start import start

from .markets import advanced, opened, same_bits


def test_slots_may_start_vacant_and_only_firms_that_are_there_supply_anyone() -> None:
    full, half = opened("ai-stack"), opened("ai-stack", set={"model.occupied": 0.5})
    model = 2
    at_home = half.firms.home == model
    assert (np.count_nonzero(half.firms.alive[at_home]), np.count_nonzero(half.operates[model])) == (16, 16)
    assert half.firms.alive[~at_home].all()
    (linked,) = np.nonzero(np.bincount(half.links.supplier[half.edges.input == model][:, half.firms.alive].ravel() + 1))
    assert half.firms.alive[linked[linked > 0] - 1].all()
    assert half.layers.start_capacity[model] == pytest.approx(2 * full.layers.start_capacity[model])


def test_vacant_slots_are_entered_where_margins_pay() -> None:
    settings = {"application.firms": 192, "application.occupied": 0.5}
    measures = simulate("ai-stack", steps=40, set=settings).measures
    units = measures[measures.layer == "application"].units
    assert units.max() > 1.1 * 96


def test_a_layer_of_which_nothing_is_occupied_still_has_one_firm() -> None:
    state = opened("ai-stack", set={"*.occupied": 0.0})
    assert np.bincount(state.firms.home[state.firms.alive])[:7].tolist() == [1] * 7
    advanced(state, 5)


def test_buyers_are_all_there_whatever_is_said_of_their_layer() -> None:
    state = opened("ai-stack", set={"enterprise.occupied": 0.1})
    assert same_bits(state.firms, opened("ai-stack").firms)


def test_named_firms_that_find_no_slot_taken_are_refused() -> None:
    told = r"model\.occupied must leave 4 or more of 128 slots taken, not 3: so many"
    with pytest.raises(ParameterError, match=told):
        resolve(read_stack("ai-2025"), {"model.occupied": 0.025})


def test_base_cost_falls_at_the_rate_of_progress_outside_and_at_no_other_where_nobody_learns() -> None:
    stack = read_stack("ai-stack")
    state = start(stack, resolve(stack, {"*.learning": 0.0, "*.congestion": 0.0, "compute.cost_decline": 0.1}), 1)
    advanced(state, 6)
    for layer, cost in ((0, np.exp(-0.1 * 5)), (1, 0.6)):
        here = state.operates[layer] & (state.units.stage_cost[layer] > 0.0)
        assert state.units.stage_cost[layer, here] == pytest.approx(cost)
