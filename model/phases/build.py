"""Phase 7: firms enter their clients' layers; then all units wished for are built and all links change together."""

import numpy as np

from ...agents.address import rows, share_out
from ...agents.build import BuildView, gain_of_building, newcomer_capability, newcomer_capacity
from ...agents.offer import escalated
from ...agents.rule import loop, part, phase
from .. import chance
from ..columns import Row, State
from ..events import BUILT, SWITCHED, note
from .sight import contact, delivers, may_hold, on_roster, own_answer

FORWARD_RATE = 0.1
BUILT_MARKUP = 0.1
START_CHURN = 0.05


@phase
def build(state: State) -> None:
    """Plan everyone's new units on the same state, then change links, then add the units."""
    firms = state.firms.shape[0]
    share_out(state.market[0].team, look_forward, state, 0, firms)
    for i in range(firms):
        if state.firms[i].wishes:
            plan_units(state, i)
    move_links(state)
    for i in range(firms):
        if state.firms[i].wishes:
            state.firms[i].wishes = False
            add_units(state, i)


@loop
def look_forward(state: State, place: int, first: int, last: int, thread: int) -> None:
    """Every firm considers entering a client layer."""
    for i in rows(first, last):
        firm = state.firms[i]
        firm.forward = forward_layer(state, i)
        firm.wishes |= firm.forward >= 0


@part
def add_units(state: State, i: int) -> None:
    """Put the units that firm i planned into operation, with the suppliers that were found for them."""
    for m in range(state.operates.shape[0]):
        if state.units[m, i].built:
            state.units[m, i].built = False
            for e in range(state.layers[m].first_edge, state.layers[m + 1].first_edge):
                state.links[e, i].supplier = state.links[e, i].chosen
            state.layers[m].built += 1
            found_unit(state, m, i, BUILT_MARKUP)
            if not state.market[0].decisions_open:  # then nobody would ever reconsider it
                state.units[m, i].open = opens_at_birth(state, m, i)


@part
def best_contact(state: State, k: int, i: int) -> tuple[float, float, float]:
    """Highest capability, best margin and mean capacity that firm i sees among contacts in layer k (0 if none)."""
    capability, margin, capacity, seen, firm = 0.0, 0.0, 0.0, 0, state.firms[i]
    for n in range(firm.first_contact, firm.last_contact):
        j = contact(state, n)
        if state.operates[k, j]:
            capability = max(capability, state.units[k, j].capability)
            margin = max(margin, state.units[k, j].external_margin)
            capacity += state.units[k, j].capacity
            seen += 1
    return capability, margin, capacity / seen if seen > 0 else 0.0


@part
def forward_layer(state: State, i: int) -> int:
    """The client layer that firm i would enter now, -1 for none."""
    firm, market = state.firms[i], state.market[0]
    if not market.decisions_build or not firm.alive:
        return -1
    if chance.uniform(market.seed, market.step, firm.slot, firm.birth, chance.FORWARD, 0) >= FORWARD_RATE:
        return -1
    chosen, most, cost, rule = -1, 0.0, 0.0, state.market[0].build_rule
    for k in range(state.operates.shape[0]):
        if state.layers[k].is_demand or state.operates[k, i] or state.traded[k, i] or not sells_to(state, k, i):
            continue
        if not may_hold(state, k, i):
            continue
        layer = state.layers[k]
        best, margin, _ = best_contact(state, k, i)
        capability = newcomer_capability(best, market.inheritance_gap)
        build_cost = escalated(layer.build_cost, layer.escalation, capability)
        fixed = escalated(layer.fixed_cost, layer.escalation, capability)
        capture, horizon = market.capture, market.planning_horizon
        view = BuildView(False, 0.0, 0.0, margin, capability, fixed, build_cost, firm.cash, capture, horizon)
        gain = gain_of_building(view) if rule == 0 else own_answer(state, rule, i, view)
        if gain > most:
            chosen, most, cost = k, gain, build_cost
    state.firms[i].expected = most
    return chosen if chosen >= 0 and firm.cash >= cost else -1


@part
def sells_to(state: State, k: int, i: int) -> bool:
    """Whether firm i sold something this step in a layer that k buys from."""
    for e in range(state.layers[k].first_edge, state.layers[k + 1].first_edge):
        m = state.edges[e].input
        if state.operates[m, i] and state.units[m, i].external_volume > 0.0:
            return True
    return False


@part
def plan_units(state: State, i: int) -> None:
    """Settle which of firm i's wishes its purse can pay, in the order of a keyed draw."""
    market, firm, layers = state.market[0], state.firms[i], state.operates.shape[0]
    done = -1.0
    while True:
        chosen, lowest = -1, 1.0
        for m in range(layers):
            if firm.forward == m or wishing_edge(state, m, i) >= 0:
                draw = chance.uniform(market.seed, market.step, firm.slot, firm.birth, chance.BUILD_ORDER, m)
                if done < draw < lowest:
                    chosen, lowest = m, draw
        if chosen < 0:
            return
        plan_unit(state, chosen, i)
        done = lowest


@part
def wishing_edge(state: State, m: int, i: int) -> int:
    """First edge of firm i on which it chose to make layer m; -1 for none."""
    for e in range(state.edges.shape[0]):
        edge = state.edges[e]
        if edge.input == m and state.operates[edge.consumer, i] and state.links[e, i].makes:
            return e
    return -1


@part
def plan_unit(state: State, m: int, i: int) -> None:
    """Note what the new unit would be; nothing happens if cash falls short of its final cost."""
    unit, layer, firm = state.units[m, i], state.layers[m], state.firms[i]
    e = wishing_edge(state, m, i)
    former = state.links[e, i].supplier if e >= 0 else -1  # who enters forward learns from contacts alone
    best, _, capacity = best_contact(state, m, i)
    if former >= 0:
        best = max(best, state.units[m, former].capability)
    capability = newcomer_capability(best, state.market[0].inheritance_gap)
    cost = escalated(layer.build_cost, layer.escalation, capability)
    if firm.cash < cost or not may_hold(state, m, i):
        return
    firm.cash -= cost
    state.market[0].ledger_building += cost
    unit.built = True
    unit.next_capability = capability
    unit.next_experience = layer.imitation * most_experience(state, m, i, former)
    unit.next_capacity = newcomer_capacity(own_need(state, m, i), capacity, state.layers[m].start_capacity)
    gain = state.links[e, i].expected if e >= 0 else state.firms[i].expected
    note(state, BUILT, i, former, -1, m, own_need(state, m, i), gain)
    for e in range(state.layers[m].first_edge, state.layers[m + 1].first_edge):
        link = state.links[e, i]
        if state.operates[state.edges[e].input, i]:
            link.chosen = i
        else:
            link.chosen = state.links[e, former].supplier if former >= 0 else -1


@part
def most_experience(state: State, m: int, i: int, former: int) -> float:
    """The most experience in layer m among contacts and the former supplier."""
    firm, most = state.firms[i], state.units[m, former].experience if former >= 0 else 0.0
    for n in range(firm.first_contact, firm.last_contact):
        j = contact(state, n)
        if state.operates[m, j]:
            most = max(most, state.units[m, j].experience)
    return most


@part
def own_need(state: State, m: int, i: int) -> float:
    """Volume of layer m that firm i's own units draw."""
    need = 0.0
    for e in range(state.edges.shape[0]):
        edge = state.edges[e]
        if edge.input == m and state.operates[edge.consumer, i]:
            need += edge.weight * state.units[edge.consumer, i].volume
    return need


@part
def move_links(state: State) -> None:
    """Apply all wished links at once; a seller's churn takes in what it lost this step."""
    for e in range(state.edges.shape[0]):
        edge = state.edges[e]
        for n in range(state.layers[edge.consumer].listed):
            i = on_roster(state, edge.consumer, n)
            link = state.links[e, i]
            if link.moves:
                if state.operates[edge.consumer, i] and link.chosen >= 0 and delivers(state, edge.input, link.supplier):
                    state.layers[edge.input].switched += 1
                    moved = link.drawn * state.units[edge.consumer, i].volume
                    note(state, SWITCHED, i, link.chosen, link.supplier, edge.input, moved, link.expected)
                    if link.supplier != i:
                        state.units[edge.input, link.supplier].volume_lost += moved
                link.supplier = link.chosen
                link.tenure = 0
                link.moves = False
    for k in range(state.operates.shape[0]):
        for n in range(state.layers[k].listed):
            i = on_roster(state, k, n)
            if state.operates[k, i]:
                unit = state.units[k, i]
                if unit.external_volume > 0.0:
                    unit.churn = 0.9 * unit.churn + 0.1 * unit.volume_lost / unit.external_volume
                unit.volume_lost = 0.0


@part
def found_unit(state: State, m: int, i: int, markup: float) -> None:
    """Put a new, closed unit into operation as it was planned; it delivers from the next step on."""
    unit, firm = state.units[m, i], state.firms[i]
    state.operates[m, i] = True
    state.units[m, i].able = False
    unit.capability = unit.next_capability
    unit.experience = unit.next_experience
    unit.capacity = unit.next_capacity
    unit.markup = markup
    unit.standing = unit.own_standing = 0.0
    unit.open = unit.released = unit.halted = unit.outdated = False
    unit.steps_in_red = 0
    unit.churn = START_CHURN
    unit.outlay = 0.0
    unit.frontier_weight = frontier_draw(state.market[0].seed, firm, state.layers[m].frontier_share)
    unit.ceiling = np.nan
    for e in range(state.layers[m].first_edge, state.layers[m + 1].first_edge):
        link = state.links[e, i]
        link.tenure = 0
        link.itch = 0.0
        link.outside_price = np.nan
        link.unmet = False


@part
def frontier_draw(seed: int, firm: Row, frontier_share: float) -> float:
    """1 or 0: whether a firm (a buyer, or a unit that has sold nothing yet) thinks of frontier clients."""
    draw = chance.uniform(seed, 0, firm.slot, firm.birth, chance.FRONTIER, 0)
    return 1.0 if draw < frontier_share else 0.0


@part
def opens_at_birth(state: State, k: int, i: int) -> bool:
    """Whether a unit starts open."""
    firm = state.firms[i]
    draw = chance.uniform(state.market[0].seed, 0, firm.slot, firm.birth, chance.OPEN_START, k)
    return state.layers[k].openable and draw < state.market[0].open_share
