"""Phase 7: firms enter their clients' layers; then all units wished for are built and all links change together."""

import numpy as np

from ...agents.build import entry_gain, newcomer_capability, newcomer_capacity
from ...agents.offer import escalated
from ...agents.rule import rule
from .. import chance
from ..columns import BUILDING
from .sight import delivers
from .source import NO_CHANGE

FORWARD_RATE = 0.1
BUILT_MARKUP = 0.1
START_CHURN = 0.05


@rule
def build(state, parameters):
    """Plan everyone's new units on the same state, then change links, then add the units."""
    firms = state.firms.slot.shape[0]
    for i in range(firms):
        state.wishes.forward[i] = forward_layer(state, parameters, i)
    for i in range(firms):
        plan_units(state, parameters, i)
    move_links(state)
    for i in range(firms):
        add_units(state, parameters, i)


@rule
def best_contact(state, k, i):
    """Row of the contact with the highest capability in layer k, and the best margin seen there (-1, 0 if none)."""
    best, margin = -1, 0.0
    for n in range(state.layout.first_contact[i], state.layout.first_contact[i + 1]):
        j = np.int64(state.layout.contacts[n])
        if state.units.operated[k, j]:
            margin = max(margin, state.units.external_margin[k, j])
            if best < 0 or state.units.capability[k, j] > state.units.capability[k, best]:
                best = j
    return best, margin


@rule
def forward_layer(state, parameters, i):
    """The client layer that firm i would enter now, -1 for none."""
    if not parameters.market.decisions_build or not state.firms.alive[i]:
        return -1
    slot, birth = state.firms.slot[i], state.firms.birth[i]
    if chance.uniform(state.seed[0], state.clock[0], slot, birth, chance.FORWARD, 0) >= FORWARD_RATE:
        return -1
    layer, market = parameters.layer, parameters.market
    chosen, most, cost = -1, 0.0, 0.0
    for k in range(state.units.operated.shape[0]):
        if state.layout.is_demand[k] or state.units.operated[k, i] or not sells_to(state, k, i):
            continue
        contact, margin = best_contact(state, k, i)
        if contact < 0:
            continue
        capability = newcomer_capability(state.units.capability[k, contact], market.inheritance_gap)
        build_cost = escalated(layer.build_cost[k], layer.escalation[k], capability)
        fixed = escalated(layer.fixed_cost[k], layer.escalation[k], capability)
        gain = entry_gain(margin, fixed, build_cost, market.capture, market.planning_horizon)
        if gain > most:
            chosen, most, cost = k, gain, build_cost
    return chosen if chosen >= 0 and state.firms.cash[i] >= cost else -1


@rule
def sells_to(state, k, i):
    """Whether firm i sold something this step in a layer that k buys from."""
    for e in range(state.layout.first_edge[k], state.layout.first_edge[k + 1]):
        m = state.edges.input[e]
        if state.units.operated[m, i] and state.units.external_volume[m, i] > 0.0:
            return True
    return False


@rule
def plan_units(state, parameters, i):
    """Settle which of firm i's wishes its purse can pay, in the order of a keyed draw."""
    layers = state.units.operated.shape[0]
    state.wishes.built[:, i] = False
    pending = 0
    for k in range(layers):
        pending += wishes_unit(state, k, i)
    last = -1.0
    while pending > 0:
        chosen, lowest = -1, 2.0
        for k in range(layers):
            if wishes_unit(state, k, i):
                draw = chance.uniform(
                    state.seed[0], state.clock[0], state.firms.slot[i], state.firms.birth[i], chance.BUILD_ORDER, k
                )
                if last < draw < lowest:
                    chosen, lowest = k, draw
        plan_unit(state, parameters, chosen, i)
        last = lowest
        pending -= 1


@rule
def wishes_unit(state, m, i):
    """Whether firm i wants a unit in layer m: to enter it, or to make an input of one of its own units."""
    if state.wishes.forward[i] == m:
        return True
    return wishing_edge(state, m, i) >= 0


@rule
def wishing_edge(state, m, i):
    """First edge of firm i on which it chose to make layer m; -1 for none."""
    for e in range(state.edges.input.shape[0]):
        if state.edges.input[e] == m and state.wishes.make[e, i]:
            return e
    return -1


@rule
def former_supplier(state, m, i):
    """Present supplier of an operated unit of firm i that buys layer m; -1 for none."""
    e = wishing_edge(state, m, i)
    if e >= 0:
        return np.int64(state.links.supplier[e, i])
    for other in range(state.edges.input.shape[0]):
        if state.edges.input[other] == m and state.units.operated[state.edges.consumer[other], i]:
            if delivers(state.units, m, state.links.supplier[other, i]):
                return np.int64(state.links.supplier[other, i])
    return np.int64(-1)


@rule
def plan_unit(state, parameters, m, i):
    """Note what the new unit would be; nothing happens if cash falls short of its final cost."""
    units, layer, wishes = state.units, parameters.layer, state.wishes
    former = former_supplier(state, m, i)
    best, most = 0.0, 0.0
    capacity, seen = 0.0, 0
    if former >= 0:
        best, most = units.capability[m, former], units.experience[m, former]
    for n in range(state.layout.first_contact[i], state.layout.first_contact[i + 1]):
        j = np.int64(state.layout.contacts[n])
        if units.operated[m, j]:
            best = max(best, units.capability[m, j])
            most = max(most, units.experience[m, j])
            capacity += units.capacity[m, j]
            seen += 1
    capability = newcomer_capability(best, parameters.market.inheritance_gap)
    cost = escalated(layer.build_cost[m], layer.escalation[m], capability)
    if state.firms.cash[i] < cost:
        return
    state.firms.cash[i] -= cost
    state.tallies.accounts[BUILDING] += cost
    wishes.built[m, i] = True
    wishes.former[m, i] = former
    wishes.capability[m, i] = capability
    wishes.experience[m, i] = layer.imitation[m] * most
    wishes.capacity[m, i] = newcomer_capacity(
        own_need(state, m, i), capacity / seen if seen > 0 else 0.0, state.layout.start_capacity[m]
    )
    for e in range(state.layout.first_edge[m], state.layout.first_edge[m + 1]):
        if units.operated[state.edges.input[e], i]:
            wishes.supplier[e, i] = i
        else:
            wishes.supplier[e, i] = state.links.supplier[e, former] if former >= 0 else -1


@rule
def own_need(state, m, i):
    """Volume of layer m that firm i's own units draw."""
    need = 0.0
    for e in range(state.edges.input.shape[0]):
        k = state.edges.consumer[e]
        if state.edges.input[e] == m and state.units.operated[k, i]:
            need += state.edges.weight[e] * state.units.volume[k, i]
    return need


@rule
def move_links(state):
    """Apply all wished links at once; a seller's churn takes in what it lost this step."""
    units, links, reports = state.units, state.links, state.reports
    reports.volume_lost[:] = 0.0
    edges, firms = links.supplier.shape
    for e in range(edges):
        k, m = state.edges.consumer[e], state.edges.input[e]
        for i in range(firms):
            wished = state.wishes.supplier[e, i]
            if wished == NO_CHANGE:
                continue
            present = links.supplier[e, i]
            if units.operated[k, i] and wished >= 0 and delivers(units, m, present):
                state.tallies.switched[m] += 1
                if present != i:
                    reports.volume_lost[m, present] += state.edges.weight[e] * units.volume[k, i]
            links.supplier[e, i] = wished
            links.tenure[e, i] = 0
    layers = units.operated.shape[0]
    for k in range(layers):
        for i in range(firms):
            if units.operated[k, i] and units.external_volume[k, i] > 0.0:
                lost = reports.volume_lost[k, i] / units.external_volume[k, i]
                units.churn[k, i] = 0.9 * units.churn[k, i] + 0.1 * lost


@rule
def add_units(state, parameters, i):
    """Put firm i's planned units into operation; they deliver from the next step on."""
    wishes = state.wishes
    for m in range(state.units.operated.shape[0]):
        if wishes.built[m, i]:
            found_unit(state, parameters, m, i, wishes.experience[m, i], BUILT_MARKUP)
            state.tallies.built[m] += 1


@rule
def found_unit(state, parameters, m, i, experience, markup):
    """A new, closed unit of the capability and capacity wished for; it keeps the links that were made for it."""
    units, wishes = state.units, state.wishes
    units.operated[m, i] = True
    units.capability[m, i] = wishes.capability[m, i]
    units.experience[m, i] = experience
    units.capacity[m, i] = wishes.capacity[m, i]
    units.markup[m, i] = markup
    units.open[m, i] = False
    units.able[m, i] = False
    units.red_steps[m, i] = 0
    units.churn[m, i] = START_CHURN
    units.outlay[m, i] = 0.0
    units.frontier_weight[m, i] = frontier_draw(state, parameters, m, i)
    units.ceiling[m, i] = np.nan
    for e in range(state.layout.first_edge[m], state.layout.first_edge[m + 1]):
        state.links.tenure[e, i] = 0
        state.links.itch[e, i] = 0.0
        state.links.outside_price[e, i] = np.nan
        state.links.unmet[e, i] = False


@rule
def frontier_draw(state, parameters, k, i):
    """1 or 0: whether a firm (a buyer, or a unit that has sold nothing yet) thinks of frontier clients."""
    firms = state.firms
    draw = chance.uniform(state.seed[0], 0, firms.slot[i], firms.birth[i], chance.FRONTIER, 0)
    return 1.0 if draw < parameters.buyer.frontier_share[k] else 0.0
