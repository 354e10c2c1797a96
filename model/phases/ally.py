"""Phase 8: sellers propose, accept and part; an alliance needs both sides to gain more than its upkeep."""

import numpy as np

from ...agents.ally import client_gain, knowledge_gain, needs_capital, supplier_gain
from ...agents.rule import rule
from .. import chance
from .sight import are_allied, count_allies, firm_fixed_cost

PROPOSAL_RATE = 0.25
REVIEW_RATE = 0.1


@rule
def ally(state, parameters):
    """Everyone proposes and answers on the same state; then ties are parted and formed."""
    if not parameters.market.decisions_ally:
        return
    firms = state.firms.slot.shape[0]
    for i in range(firms):
        state.wishes.suitor[i] = best_partner(state, parameters, i)
    accept(state, parameters)
    confirm(state, parameters)
    for i in range(firms):
        note_partings(state, parameters, i)
    change_ties(state)


@rule
def is_seller(state, i):
    """Whether row i is a living firm whose home is not a demand layer."""
    return state.firms.alive[i] and not state.layout.is_demand[state.firms.home[i]]


@rule
def bought_from(state, parameters, i, j):
    """What firm i gains as client of j, per step; and whether it is one."""
    units, market, gain, is_client = state.units, parameters.market, 0.0, False
    for e in range(state.edges.input.shape[0]):
        k, m = state.edges.consumer[e], state.edges.input[e]
        if units.operated[k, i] and state.links.supplier[e, i] == j:
            is_client = True
            paid = state.edges.weight[e] * units.volume[k, i] * (units.price[m, j] - units.unit_cost[m, j])
            spending = units.unit_cost[k, i] * units.volume[k, i]
            gain += client_gain(
                market.alliance_discount,
                paid,
                market.exclusivity,
                state.links.itch[e, i],
                spending,
                market.price_weight,
            )
    return gain, is_client


@rule
def sold_to(state, parameters, i, j):
    """What firm i gains as supplier of j, per step; and whether it is one."""
    units, market, gain, is_supplier = state.units, parameters.market, 0.0, False
    for e in range(state.edges.input.shape[0]):
        k, m = state.edges.consumer[e], state.edges.input[e]
        if units.operated[k, j] and state.links.supplier[e, j] == i:
            is_supplier = True
            earned = state.edges.weight[e] * units.volume[k, j] * (units.price[m, i] - units.unit_cost[m, i])
            gain += supplier_gain(
                market.exclusivity, units.churn[m, i], market.planning_horizon, market.alliance_discount, earned
            )
    return gain, is_supplier


@rule
def learnt_from(state, parameters, i, j):
    """What firm i gains and loses by sharing knowledge with j, over the layers that both are in."""
    units, gain = state.units, 0.0
    for k in range(units.operated.shape[0]):
        if units.operated[k, i] and units.operated[k, j] and not state.layout.is_demand[k]:
            gain += knowledge_gain(
                units.capability[k, i],
                units.capability[k, j],
                units.external_margin[k, i],
                units.external_volume[k, i] > 0.0 and units.external_volume[k, j] > 0.0,
                parameters.market.alliance_spillover,
                parameters.layer.taste[k],
            )
    return gain


@rule
def capital_due(state, parameters, client, supplier):
    """Money that the supplier hands to a client short of cash when they ally; 0 when it does not."""
    fixed = firm_fixed_cost(state, parameters, client)
    runway = parameters.market.runway
    if needs_capital(state.firms.cash[client], fixed, state.firms.cash[supplier], runway):
        return runway * fixed
    return 0.0


@rule
def capital_between(state, parameters, i, j, is_client, is_supplier):
    """Capital that i would get from j (positive) or give to it (negative); only along a one-way relation."""
    if is_client and not is_supplier:
        return capital_due(state, parameters, i, j)
    if is_supplier and not is_client:
        return -capital_due(state, parameters, j, i)
    return 0.0


@rule
def value_of_ally(state, parameters, i, j):
    """What an alliance with j is worth to firm i per step, before upkeep."""
    as_client, is_client = bought_from(state, parameters, i, j)
    as_supplier, is_supplier = sold_to(state, parameters, i, j)
    capital = capital_between(state, parameters, i, j, is_client, is_supplier)
    knowledge = learnt_from(state, parameters, i, j)
    return as_client + as_supplier + knowledge + capital / parameters.market.planning_horizon


@rule
def wins_tie(state, i, j, other):
    """Whether j goes before `other` in firm i's eyes when both are worth the same."""
    seed, step, slot, birth = state.seed[0], state.clock[0], state.firms.slot[i], state.firms.birth[i]
    mine = chance.uniform(seed, step, slot, birth, chance.ALLY_ORDER, state.firms.slot[j])
    return mine > chance.uniform(seed, step, slot, birth, chance.ALLY_ORDER, state.firms.slot[other])


@rule
def is_preferred(state, i, j, value, best, best_value):
    """Whether partner j at `value` beats the best so far."""
    return value > best_value or (value == best_value and best >= 0 and j != best and wins_tie(state, i, j, best))


@rule
def best_partner(state, parameters, i):
    """The contact or present supplier that firm i proposes to, -1 for none."""
    if not is_seller(state, i) or count_allies(state.firms, i) >= parameters.market.max_allies:
        return -1
    slot, birth = state.firms.slot[i], state.firms.birth[i]
    if chance.uniform(state.seed[0], state.clock[0], slot, birth, chance.PROPOSAL, 0) >= PROPOSAL_RATE:
        return -1
    best, best_value = -1, parameters.market.alliance_upkeep
    layout = state.layout
    degree = layout.first_contact[i + 1] - layout.first_contact[i]
    for n in range(degree + state.edges.input.shape[0]):
        if n < degree:
            j = np.int64(layout.contacts[layout.first_contact[i] + n])
        else:
            e = n - degree
            if not state.units.operated[state.edges.consumer[e], i]:
                continue
            j = np.int64(state.links.supplier[e, i])
        if j < 0 or j == i or not is_seller(state, j) or are_allied(state.firms, i, j):
            continue
        value = value_of_ally(state, parameters, i, j)
        if is_preferred(state, i, j, value, best, best_value):
            best, best_value = j, value
    return best


@rule
def accept(state, parameters):
    """Every firm with a free place accepts the proposal worth most to it, if that exceeds the upkeep."""
    wishes, market = state.wishes, parameters.market
    wishes.accepted[:] = -1
    for i in range(wishes.suitor.shape[0]):
        j = np.int64(wishes.suitor[i])
        if j < 0 or count_allies(state.firms, j) >= market.max_allies:
            continue
        value = value_of_ally(state, parameters, j, i)
        held = np.int64(wishes.accepted[j])
        least = value_of_ally(state, parameters, j, held) if held >= 0 else market.alliance_upkeep
        if is_preferred(state, j, i, value, held, least):
            wishes.accepted[j] = i


@rule
def pair_uniform(state, i, j, purpose):
    """One draw for the unordered pair of rows i and j in this step."""
    slot = state.firms.slot
    first, second = (i, j) if slot[i] < slot[j] else (j, i)
    return chance.uniform(
        state.seed[0], state.clock[0], slot[first], state.firms.birth[first], purpose, np.int64(slot[second])
    )


@rule
def has_place(state, parameters, i, j):
    """Whether firm i has a place for j when it may ally with two firms at once: the pair's keyed draw goes first."""
    wishes = state.wishes
    other = np.int64(wishes.accepted[i])
    if other < 0 or other == j:
        other = np.int64(wishes.suitor[i])
        if other < 0 or other == j or wishes.accepted[other] != i:
            return True
    free = parameters.market.max_allies - count_allies(state.firms, i)
    goes_first = pair_uniform(state, i, j, chance.ALLY_ORDER) > pair_uniform(state, i, other, chance.ALLY_ORDER)
    return free > 1 or goes_first


@rule
def confirm(state, parameters):
    """Keep the pairs for which both sides have a place; note the capital that each hands over."""
    wishes = state.wishes
    for j in range(wishes.accepted.shape[0]):
        i = np.int64(wishes.accepted[j])
        wishes.paired[j] = -1
        if i < 0 or (wishes.accepted[i] == j and state.firms.slot[j] < state.firms.slot[i]):
            continue
        if has_place(state, parameters, i, j) and has_place(state, parameters, j, i):
            wishes.paired[j] = i
            _, is_client = bought_from(state, parameters, i, j)
            _, is_supplier = sold_to(state, parameters, i, j)
            wishes.capital[j] = capital_between(state, parameters, i, j, is_client, is_supplier)


@rule
def note_partings(state, parameters, i):
    """Mark firm i's ties that come up for review and that either side gains less from than the upkeep."""
    least = parameters.market.alliance_upkeep
    for place in range(state.firms.allies.shape[1]):
        state.wishes.parts[i, place] = False
        j = np.int64(state.firms.allies[i, place])
        if j >= 0 and pair_uniform(state, i, j, chance.PARTING) < REVIEW_RATE:
            mine, theirs = value_of_ally(state, parameters, i, j), value_of_ally(state, parameters, j, i)
            state.wishes.parts[i, place] = mine < least or theirs < least


@rule
def change_ties(state):
    """Part what was marked, then tie the confirmed pairs and hand over capital."""
    firms, wishes = state.firms, state.wishes
    for i in range(firms.slot.shape[0]):
        for place in range(firms.allies.shape[1]):
            if wishes.parts[i, place]:
                firms.allies[i, place] = -1
    for j in range(firms.slot.shape[0]):
        i = np.int64(wishes.paired[j])
        if i >= 0:
            take_place(firms, i, j)
            take_place(firms, j, i)
            firms.cash[i] += wishes.capital[j]
            firms.cash[j] -= wishes.capital[j]


@rule
def take_place(firms, i, j):
    """Write j into firm i's first free alliance place."""
    for place in range(firms.allies.shape[1]):
        if firms.allies[i, place] < 0:
            firms.allies[i, place] = j
            return
