"""Phase 3: margins come in, fixed cost, research and capacity are paid; units long in the red are closed."""

from ...agents.invest import (
    capacity_bought,
    capacity_decayed,
    flywheel_gain,
    gives_up,
    research_outlay,
    surplus,
)
from ...agents.rule import rule
from ..columns import BUDGETS, CAPEX, FIXED, RESEARCH, SALES, UPKEEP
from .sight import count_allies, fixed_cost


@rule
def settle(state, parameters):
    """Settle every living firm's units in stack order on one purse, upkeep first."""
    layers, firms = state.units.operated.shape
    for i in range(firms):
        if not state.firms.alive[i]:
            continue
        upkeep = parameters.market.alliance_upkeep * count_allies(state.firms, i)
        state.firms.cash[i] -= upkeep
        state.tallies.accounts[UPKEEP] += upkeep
        for k in range(layers):
            if state.units.operated[k, i]:
                if state.layout.is_demand[k]:
                    set_aside(state, parameters, k, i)
                else:
                    settle_unit(state, parameters, k, i)


@rule
def set_aside(state, parameters, k, i):
    """A buyer keeps a share of its spending, for building."""
    budget = parameters.buyer.buyer_budget[k] * state.units.unit_cost[k, i] * state.units.volume[k, i]
    state.firms.cash[i] += budget
    state.tallies.accounts[BUDGETS] += budget


@rule
def settle_unit(state, parameters, k, i):
    """Margin, fixed cost, research, capacity, experience, and the count of steps in the red."""
    firms, units, layer, market = state.firms, state.units, parameters.layer, parameters.market
    margin, fixed, is_home = units.external_margin[k, i], fixed_cost(state, parameters, k, i), firms.home[i] == k
    captive = units.volume[k, i] - units.external_volume[k, i]
    captive_margin = 0.0 if units.open[k, i] else units.markup[k, i] * units.unit_cost[k, i] * captive
    units.outlay[k, i] = research_outlay(
        margin, captive_margin, firms.cash[i], is_home, market.research_share, market.research_from_cash
    )
    firms.cash[i] += margin - fixed - units.outlay[k, i]
    add_capacity(state, parameters, k, i)

    before = units.experience[k, i]
    units.experience[k, i] = before + units.volume[k, i]
    if layer.flywheel[k] > 0.0:
        units.capability[k, i] += flywheel_gain(
            layer.flywheel[k], before, units.experience[k, i], market.experience_scale
        )

    accounts = state.tallies.accounts
    accounts[SALES] += margin
    accounts[FIXED] += fixed
    accounts[RESEARCH] += units.outlay[k, i]
    in_red = surplus(margin, captive_worth(state, k, i), fixed) < 0.0
    units.red_steps[k, i] = units.red_steps[k, i] + 1 if in_red else 0
    if gives_up(units.red_steps[k, i], is_home):
        remove_unit(state, k, i)
        state.tallies.closed[k] += 1


@rule
def add_capacity(state, parameters, k, i):
    """A busy unit buys capacity as far as cash goes; idle capacity wears out."""
    units, layer = state.units, parameters.layer
    bought = capacity_bought(
        units.volume[k, i], units.capacity[k, i], state.firms.cash[i], layer.capacity_growth[k], layer.capex[k]
    )
    if bought > 0.0:
        units.capacity[k, i] += bought
        state.firms.cash[i] -= layer.capex[k] * bought
        state.tallies.accounts[CAPEX] += layer.capex[k] * bought
    else:
        units.capacity[k, i] = capacity_decayed(
            units.capacity[k, i], parameters.market.capacity_decay, state.layout.start_capacity[k]
        )


@rule
def captive_worth(state, m, i):
    """What the firm's own use of unit m saves per step: volume times (best outside price last seen - C)."""
    worth = 0.0
    for e in range(state.edges.input.shape[0]):
        if state.edges.input[e] == m and state.links.supplier[e, i] == i:
            outside = state.links.outside_price[e, i]
            if outside == outside:  # NaN until an outside price has been seen
                volume = state.edges.weight[e] * state.units.volume[state.edges.consumer[e], i]
                worth += volume * (outside - state.units.unit_cost[m, i])
    return worth


@rule
def remove_unit(state, k, i):
    """Take a unit out of operation; its flows of this step stay on record."""
    state.units.operated[k, i] = False
    state.units.able[k, i] = False
    state.units.open[k, i] = False
    for e in range(state.layout.first_edge[k], state.layout.first_edge[k + 1]):
        state.links.supplier[e, i] = -1
        state.links.unmet[e, i] = False
