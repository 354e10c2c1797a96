"""After a step: what comes from outside the market moves on, by the parameters in force."""

from math import exp, log

from ...agents.rule import part
from ..columns import State


@part
def move_on(state: State) -> None:
    """Costs fall by progress elsewhere, demand grows, and what is good enough for buyers rises.

    Kept as columns and not read off the calendar: a rate that is changed on the way leaves the past as it was.
    """
    for layer in state.layers:
        layer.progress += layer.cost_decline
        layer.demand_rise += log(1.0 + layer.demand_growth) * exp(-layer.demand_slowed)
        layer.demand_slowed += layer.demand_slowdown
        layer.ceiling_rise += layer.ceiling_drift
