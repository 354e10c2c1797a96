"""What several phases look up: who delivers, who is allied, what a client pays, what a firm's fixed costs are."""

from math import exp, isfinite
from typing import Any

import numpy as np

from ...agents.address import ask
from ...agents.offer import escalated, price_paid
from ...agents.rule import part
from ..columns import State, Table

NOTHING = -1e300  # below any appeal and any gain


@part
def contact(state: State, n: int) -> int:
    """Row at place n of the contact lists (which are kept short and unsigned, for the cache's sake)."""
    return np.int64(state.contacts[n])  # type: ignore[return-value]


@part
def call_roll(state: State) -> None:
    """Put every row on the roster of each layer that it operates or has flows of this step in.

    Most firms are in few layers: loops over the roster leave out nine of ten places of a table of layers and firms.
    """
    layers, firms = state.operates.shape
    for k in range(layers):
        listed = 0
        for i in range(firms):
            if state.operates[k, i] or state.traded[k, i]:
                state.roster[k, listed] = i
                listed += 1
        state.layers[k].listed = listed


@part
def on_roster(state: State, k: int, n: int) -> int:
    """Row at place n of layer k's roster."""
    return np.int64(state.roster[k, n])  # type: ignore[return-value]


@part
def are_allied(ties: Table, i: int, j: int) -> bool:
    """Whether rows i and j are allied."""
    for place in range(ties.shape[1]):
        if ties[i, place].ally == j:
            return True
    return False


@part
def shared_allies(ties: Table, i: int, j: int) -> int:
    """Allies of row i that row j is allied with too; each of them tells."""
    count = 0
    for place in range(ties.shape[1]):
        other = ties[i, place].ally
        count += other >= 0 and are_allied(ties, j, other)
    return count


@part
def count_allies(ties: Table, i: int) -> int:
    """Allies of row i."""
    count = 0
    for place in range(ties.shape[1]):
        count += ties[i, place].ally >= 0
    return count


@part
def delivers(state: State, m: int, j: int) -> bool:
    """Whether row j can supply layer m in this step; anything else counts as no supplier."""
    return j >= 0 and state.operates[m, j] and state.units[m, j].able


@part
def are_joined(state: State, k: int, m: int) -> bool:
    """Whether an edge joins layers k and m, either way."""
    for e in range(state.edges.shape[0]):
        edge = state.edges[e]
        if (edge.consumer == k and edge.input == m) or (edge.consumer == m and edge.input == k):
            return True
    return False


@part
def may_hold(state: State, k: int, i: int) -> bool:
    """Whether the law lets firm i have a unit in layer k beside those that it runs or has just founded."""
    barred = state.layers[k].barred_with
    if barred != 0:
        for m in range(state.operates.shape[0]):
            if (barred >> m) & 1 and (state.operates[m, i] or state.units[m, i].built):
                return False
    return True


@part
def bundles(state: State, e: int, i: int, j: int) -> bool:
    """Whether j delivers another input of the unit that edge e of firm i belongs to."""
    k = state.edges[e].consumer
    for other in range(state.layers[k].first_edge, state.layers[k + 1].first_edge):
        m = state.edges[other].input
        if m != state.edges[e].input and state.links[other, i].supplier == j and delivers(state, m, j):
            return True
    return False


@part
def price_for(state: State, e: int, i: int, j: int) -> float:
    """Price per unit that firm i pays to j on edge e; its own unit at cost."""
    edge, market = state.edges[e], state.market[0]
    unit = state.units[edge.input, j]
    if i == j:
        return unit.unit_cost
    competes = state.operates[edge.consumer, j] and not state.layers[state.firms[i].home].is_demand
    return price_paid(
        unit.price,
        unit.unit_cost,
        market.foreclosure if competes else 0.0,
        market.alliance_discount if are_allied(state.ties, i, j) else 0.0,
        market.bundle_discount if market.bundle_discount > 0.0 and bundles(state, e, i, j) else 0.0,
    )


@part
def base_cost(state: State, k: int) -> float:
    """Stage cost of one unit before learning, as progress from outside the stack has left it."""
    return state.layers[k].base_cost * exp(-state.layers[k].progress)


@part
def fixed_cost(state: State, k: int, i: int) -> float:
    """Fixed cost per step of a unit at its present capability."""
    layer = state.layers[k]
    return escalated(layer.fixed_cost, layer.escalation, state.units[k, i].capability)


@part
def firm_fixed_cost(state: State, i: int) -> float:
    """Fixed cost per step of all units of a firm."""
    cost = 0.0
    for k in range(state.operates.shape[0]):
        if state.operates[k, i]:
            cost += fixed_cost(state, k, i)
    return cost


@part
def ceiling_now(state: State, k: int) -> float:
    """Quality ceiling of layer k's buyers in this step."""
    return state.layers[k].quality_ceiling + state.layers[k].ceiling_rise


@part
def client_ceiling(state: State, k: int, i: int) -> float:
    """Mean quality ceiling of a unit's final buyers; the plain one as long as it never sold."""
    ceiling = state.units[k, i].ceiling
    return ceiling if ceiling == ceiling else ceiling_now(state, k)  # NaN is not equal to itself


@part
def own_answer(state: State, rule: int, i: int, view: Any) -> float:
    """What the user's own rule says to firm i's view; an answer that is no finite number is remembered as a fault."""
    answer = ask(rule, i, view)
    if not isfinite(answer):
        if state.market[0].faulty_rule == 0:
            state.market[0].faulty_rule = rule
            state.market[0].faulty_step = state.market[0].step
        return NOTHING
    return answer
