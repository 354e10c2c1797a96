"""Phase 3: margins come in, fixed cost, research and capacity are paid; units long in the red are closed."""

import numpy as np

from ...agents.invest import (
    capacity_bought,
    capacity_decayed,
    flywheel_gain,
    gives_up,
    is_busy,
    research_outlay,
    surplus,
)
from ...agents.rule import part, phase
from ..columns import State
from ..events import CLOSED, note
from .sight import count_allies, fixed_cost


@phase
def settle(state: State) -> None:
    """Settle every living firm's units in stack order on one purse, upkeep first."""
    layers, firms = state.operates.shape
    for i in range(firms):
        if not state.firms[i].alive:
            continue
        upkeep = state.market[0].alliance_upkeep * count_allies(state.ties, i)
        state.firms[i].cash -= upkeep
        state.market[0].ledger_upkeep += upkeep
        for k in range(layers):
            if state.operates[k, i]:
                if state.layers[k].is_demand:
                    set_aside(state, k, i)
                else:
                    settle_unit(state, k, i)


@part
def set_aside(state: State, k: int, i: int) -> None:
    """A buyer keeps a share of its spending, for building."""
    budget = state.layers[k].buyer_budget * state.units[k, i].unit_cost * state.units[k, i].volume
    state.firms[i].cash += budget
    state.market[0].ledger_budgets += budget


@part
def settle_unit(state: State, k: int, i: int) -> None:
    """Margin, fixed cost, research, capacity, experience, and the count of steps in the red."""
    firm, unit, layer, market = state.firms[i], state.units[k, i], state.layers[k], state.market[0]
    is_home = firm.home == k
    fixed = fixed_cost(state, k, i)
    captive = unit.volume - unit.external_volume
    captive_margin = 0.0 if unit.open else unit.markup * unit.unit_cost * captive
    unit.outlay = research_outlay(
        unit.external_margin, captive_margin, firm.cash, is_home, market.research_share, market.research_from_cash
    )
    firm.cash += unit.external_margin - fixed - unit.outlay
    market.ledger_sales += unit.external_margin
    market.ledger_fixed += fixed
    market.ledger_research += unit.outlay
    change_capacity(state, k, i)

    before = unit.experience
    unit.experience += unit.volume
    if layer.flywheel > 0.0:
        unit.capability += flywheel_gain(layer.flywheel, before, unit.experience, market.experience_scale)

    earned = surplus(unit.external_margin, captive_worth(state, k, i), fixed)
    unit.steps_in_red = unit.steps_in_red + 1 if earned < 0.0 else 0
    if gives_up(unit.steps_in_red, is_home):
        note(state, CLOSED, i, -1, -1, k, unit.volume, earned)
        remove_unit(state, k, i)
        state.layers[k].closed += 1


@part
def change_capacity(state: State, k: int, i: int) -> None:
    """A busy unit buys capacity as far as cash goes; idle capacity wears out."""
    firm, unit, layer = state.firms[i], state.units[k, i], state.layers[k]
    cap = layer.capacity_cap if layer.capacity_cap > 0.0 else np.inf
    if is_busy(unit.volume, unit.capacity) and firm.cash > 0.0:
        bought = capacity_bought(unit.capacity, firm.cash, layer.capacity_growth, layer.capex)
        bought = max(min(bought, cap - unit.capacity), 0.0)
        unit.capacity += bought
        firm.cash -= layer.capex * bought
        state.market[0].ledger_capex += layer.capex * bought
    else:
        unit.capacity = capacity_decayed(unit.capacity, state.market[0].capacity_decay, state.layers[k].start_capacity)
    unit.capacity = min(unit.capacity, cap)


@part
def captive_worth(state: State, m: int, i: int) -> float:
    """What the firm's own use of unit m saves per step: volume times (best outside price last seen - C)."""
    worth = 0.0
    for e in range(state.edges.shape[0]):
        edge, link = state.edges[e], state.links[e, i]
        if edge.input == m and link.supplier == i and link.outside_price == link.outside_price:  # NaN until seen
            volume = link.drawn * state.units[edge.consumer, i].volume
            worth += volume * (link.outside_price - state.units[m, i].unit_cost)
    return worth


@part
def remove_unit(state: State, k: int, i: int) -> None:
    """Take a unit out of operation; its flows of this step stay on record."""
    state.operates[k, i] = False
    state.units[k, i].able = False
    state.units[k, i].standing = state.units[k, i].own_standing = 0.0
    for e in range(state.layers[k].first_edge, state.layers[k + 1].first_edge):
        state.links[e, i].supplier = -1
        state.links[e, i].unmet = False
