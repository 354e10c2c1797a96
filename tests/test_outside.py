"""Claims about what comes from outside the market: progress, demand, and what is good enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from stackrace.model.parameters import Value
from stackrace.model.world import World, opened

from .markets import stack_named

MADE_UP = {"*.learning": 0.0, "*.congestion": 0.0, "compute.cost_decline": 0.1, "ceiling_drift": 0.02}


def market(set: Mapping[str, Value], **more: Any) -> World:
    return opened(stack_named("ai-stack"), 1, set, **more)


def test_a_rate_that_is_changed_on_the_way_leaves_the_past_as_it_was() -> None:
    dated = [{"kind": "set", "from": 4, "set": {"compute.cost_decline": 0.0, "ceiling_drift": 0.0}}]
    world = market(MADE_UP, interventions=dated)
    world.advance(10)
    layers, compute = world.state.layers, world.state.units[0]
    assert layers.progress[0] == pytest.approx(0.4)
    assert layers.ceiling_rise[:-1] == pytest.approx(0.08)
    sold = world.state.operates[0] & (compute.stage_cost > 0.0)
    assert compute.stage_cost[sold] == pytest.approx(np.exp(-0.4))


def test_demand_that_slows_levels_off_along_a_gompertz_curve() -> None:
    rate, slowdown, steps = 0.2, 0.06, 60
    world = market({"enterprise.demand_growth": rate, "enterprise.demand_slowdown": slowdown})
    world.advance(steps)
    buyers = world.stack.names.index("enterprise"), world.stack.names.index("maker")
    slow, steady = world.state.layers.demand_rise[list(buyers)]
    assert slow == pytest.approx(np.log(1 + rate) * (1 - np.exp(-slowdown * steps)) / (1 - np.exp(-slowdown)))
    assert steady == pytest.approx(steps * np.log(1.02))


def test_buyers_want_more_by_the_growth_of_demand_from_the_second_step_on() -> None:
    bought = {}
    for growth in (0.0, 0.05):
        world = market({"demand_growth": growth})
        bought[growth] = [world.advance(1) and world.state.units.volume[-2:].sum() for _ in range(2)]
    assert bought[0.05] == pytest.approx([bought[0.0][0], 1.05 * bought[0.0][1]])
