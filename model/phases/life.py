"""Phase 9: firms without cash are rescued, taken over or fail; buyers adopt; vacant slots are entered."""

import numpy as np

from ...agents.build import newcomer_capability, newcomer_capacity
from ...agents.demand import adoption_probability
from ...agents.life import entry_probability, is_rescued, smoothed, takeover_bid
from ...agents.offer import escalated
from ...agents.rule import rule
from .. import chance
from ..columns import CREDITORS, INVESTORS
from .ally import is_seller
from .build import best_contact, found_unit
from .settle import remove_unit
from .sight import fixed_cost

ENTRANT_MARKUP = 0.05


@rule
def life(state, parameters):
    """Decide exits, entries and adoptions on the same state, then apply them: exits first."""
    firms = state.firms.slot.shape[0]
    for i in range(firms):
        decide_failure(state, parameters, i)
        decide_entry(state, parameters, i)
        decide_adoption(state, parameters, i)
    choose_acquirers(state, parameters)
    for i in range(firms):
        if state.wishes.fails[i]:
            leave(state, i)
    follow_or_drop(state)
    for i in range(firms):
        if state.wishes.enters[i]:
            enter(state, parameters, i)
        if state.wishes.adopts[i]:
            state.firms.active[i] = True
        home = state.firms.home[i]
        if state.firms.alive[i]:
            state.firms.smoothed_volume[i] = smoothed(state.firms.smoothed_volume[i], state.units.volume[home, i])


@rule
def decide_failure(state, parameters, i):
    """A seller in debt is rescued if it grows and investors are willing; else it fails."""
    firms, market = state.firms, parameters.market
    state.wishes.fails[i] = False
    if not is_seller(state, i) or firms.cash[i] >= 0.0:
        return
    home = firms.home[i]
    draw = chance.uniform(state.seed[0], state.clock[0], firms.slot[i], firms.birth[i], chance.RESCUE, 0)
    if is_rescued(state.units.volume[home, i], firms.smoothed_volume[i], market.funding, draw):
        money = market.runway * fixed_cost(state, parameters, home, i)
        firms.cash[i] += money
        state.tallies.accounts[INVESTORS] += money
    else:
        state.wishes.fails[i] = True


@rule
def choose_acquirers(state, parameters):
    """Each failing firm goes to its highest bidder; a bidder that wins two keeps the one its keyed draw names."""
    wishes = state.wishes
    wishes.target[:] = -1
    firms = wishes.fails.shape[0]
    for i in range(firms):
        wishes.acquirer[i] = highest_bidder(state, parameters, i) if wishes.fails[i] else -1
        bidder = wishes.acquirer[i]
        if bidder >= 0:
            rival = wishes.target[bidder]
            if rival < 0 or bid_order(state, i, bidder) > bid_order(state, rival, bidder):
                wishes.target[bidder] = i
    for i in range(firms):
        bidder = wishes.acquirer[i]
        if bidder >= 0 and wishes.target[bidder] != i:
            wishes.acquirer[i] = -1


@rule
def bid_order(state, i, bidder):
    """Keyed draw of the pair (failing firm, bidder)."""
    firms = state.firms
    return chance.uniform(
        state.seed[0], state.clock[0], firms.slot[i], firms.birth[i], chance.BID_ORDER, np.int64(firms.slot[bidder])
    )


@rule
def highest_bidder(state, parameters, i):
    """The contact that bids most for failing firm i, above its debt and one step of fixed cost; -1 for none."""
    firms, units, layer, market = state.firms, state.units, parameters.layer, parameters.market
    home = np.int64(firms.home[i])
    if not market.decisions_merge or units.external_volume[home, i] <= 0.0:
        return -1
    fixed = fixed_cost(state, parameters, home, i)
    build = escalated(layer.build_cost[home], layer.escalation[home], units.capability[home, i])
    needed = fixed - firms.cash[i]
    best, best_bid = -1, needed
    for n in range(state.layout.first_contact[i], state.layout.first_contact[i + 1]):
        j = np.int64(state.layout.contacts[n])
        if not is_seller(state, j) or state.wishes.fails[j] or firms.cash[j] < needed or not is_near(state, home, j):
            continue
        draw = chance.uniform(
            state.seed[0], state.clock[0], firms.slot[i], firms.birth[i], chance.BID, np.int64(firms.slot[j])
        )
        bid = takeover_bid(
            units.external_margin[home, i],
            fixed,
            build,
            not units.operated[home, j],
            market.planning_horizon,
            0.5 + draw,
        )
        if bid > best_bid:
            best, best_bid = j, bid
    return best


@rule
def is_near(state, k, j):
    """Whether firm j is in layer k or in one joined to it by an edge."""
    if state.units.operated[k, j]:
        return True
    for other in range(state.units.operated.shape[0]):
        if state.layout.adjacent[k, other] and state.units.operated[other, j]:
            return True
    return False


@rule
def leave(state, i):
    """Failing firm i goes: its units to the acquirer, or out of operation; its allies are free."""
    firms, units = state.firms, state.units
    acquirer = np.int64(state.wishes.acquirer[i])
    home = firms.home[i]
    if acquirer >= 0:
        firms.cash[acquirer] += firms.cash[i]  # the debt
        state.tallies.acquired[home] += 1
    else:
        state.tallies.accounts[CREDITORS] -= firms.cash[i]
        state.tallies.failed[home] += 1
    for k in range(units.operated.shape[0]):
        if units.operated[k, i]:
            if acquirer < 0:
                state.tallies.lost[k] += 1
            elif units.operated[k, acquirer]:
                state.tallies.lost[k] += 1
                merge_unit(state, k, i, acquirer)
            else:
                hand_over_unit(state, k, i, acquirer)
            remove_unit(state, k, i)
    firms.cash[i] = 0.0
    firms.alive[i] = False
    firms.smoothed_volume[i] = 0.0
    for place in range(firms.allies.shape[1]):
        partner = firms.allies[i, place]
        firms.allies[i, place] = -1
        if partner >= 0:
            for other in range(firms.allies.shape[1]):
                if firms.allies[partner, other] == i:
                    firms.allies[partner, other] = -1


@rule
def move_flows(state, k, i, acquirer):
    """This step's output is the acquirer's from now on, so that its load is right at the next offer."""
    units = state.units
    for flow in (units.volume, units.external_volume, units.external_margin, units.external_revenue):
        flow[k, acquirer] += flow[k, i]
        flow[k, i] = 0.0


@rule
def merge_unit(state, k, i, acquirer):
    """Join unit (k, i) to the acquirer's own: the better capability and experience, the sum of capacities."""
    units = state.units
    units.capability[k, acquirer] = max(units.capability[k, acquirer], units.capability[k, i])
    units.experience[k, acquirer] = max(units.experience[k, acquirer], units.experience[k, i])
    units.capacity[k, acquirer] += units.capacity[k, i]
    move_flows(state, k, i, acquirer)


@rule
def hand_over_unit(state, k, i, acquirer):
    """The acquirer takes unit (k, i) as it is, with its links and their tenure."""
    units, links = state.units, state.links
    units.operated[k, acquirer] = True
    units.able[k, acquirer] = units.able[k, i]
    units.open[k, acquirer] = units.open[k, i]
    units.red_steps[k, acquirer] = units.red_steps[k, i]
    for column in (
        units.capability,
        units.experience,
        units.capacity,
        units.markup,
        units.churn,
        units.stage_cost,
        units.unit_cost,
        units.quality,
        units.price,
        units.frontier_weight,
        units.ceiling,
        units.outlay,
    ):
        column[k, acquirer] = column[k, i]
    move_flows(state, k, i, acquirer)
    for e in range(state.layout.first_edge[k], state.layout.first_edge[k + 1]):
        links.supplier[e, acquirer] = links.supplier[e, i]
        links.tenure[e, acquirer] = links.tenure[e, i]
        links.itch[e, acquirer] = links.itch[e, i]
        links.outside_price[e, acquirer] = links.outside_price[e, i]
        links.unmet[e, acquirer] = links.unmet[e, i]


@rule
def follow_or_drop(state):
    """Links to a firm that left go to its acquirer, or to nobody: those clients must source anew."""
    edges, firms = state.links.supplier.shape
    for e in range(edges):
        for i in range(firms):
            j = state.links.supplier[e, i]
            if j >= 0 and state.wishes.fails[j]:
                state.links.supplier[e, i] = state.wishes.acquirer[j]


@rule
def decide_entry(state, parameters, i):
    """Whether a slot vacant since before this step is entered, and with how much cash."""
    firms, layer, market = state.firms, parameters.layer, parameters.market
    state.wishes.enters[i] = False
    if firms.alive[i]:
        return
    home = np.int64(firms.home[i])
    contact, margin = best_contact(state, home, i)
    best = state.units.capability[home, contact] if contact >= 0 else 0.0
    capability = newcomer_capability(best, market.inheritance_gap)
    fixed = escalated(layer.fixed_cost[home], layer.escalation[home], capability)
    build = escalated(layer.build_cost[home], layer.escalation[home], capability)
    probability = entry_probability(
        is_needed(state, home, i),
        margin,
        fixed,
        build,
        market.capture,
        market.planning_horizon,
        market.entry_rate,
        market.funding,
    )
    seed, step, slot, birth = state.seed[0], state.clock[0], firms.slot[i], firms.birth[i] + 1
    if chance.uniform(seed, step, slot, birth, chance.ENTRY, 0) < probability:
        state.wishes.enters[i] = True
        state.wishes.capability[home, i] = capability
        state.wishes.capacity[home, i] = newcomer_capacity(
            0.0, contacts_capacity(state, home, i), state.layout.start_capacity[home]
        )
        luck = 0.5 + chance.uniform(seed, step, slot, birth, chance.CASH, 0)
        state.wishes.start_cash[i] = market.start_cash * (fixed + 0.2) * luck


@rule
def is_needed(state, m, i):
    """Whether a contact needs layer m and its last sourcing found nobody."""
    for n in range(state.layout.first_contact[i], state.layout.first_contact[i + 1]):
        j = np.int64(state.layout.contacts[n])
        for e in range(state.edges.input.shape[0]):
            if state.edges.input[e] == m and state.links.unmet[e, j]:
                if state.units.operated[state.edges.consumer[e], j]:
                    return True
    return False


@rule
def contacts_capacity(state, k, i):
    """Mean capacity of the contacts that operate layer k; 0 if none does."""
    capacity, seen = 0.0, 0
    for n in range(state.layout.first_contact[i], state.layout.first_contact[i + 1]):
        j = np.int64(state.layout.contacts[n])
        if state.units.operated[k, j]:
            capacity += state.units.capacity[k, j]
            seen += 1
    return capacity / seen if seen > 0 else 0.0


@rule
def enter(state, parameters, i):
    """A new firm takes the vacant slot, without suppliers, experience or allies."""
    firms, wishes, home = state.firms, state.wishes, np.int64(state.firms.home[i])
    firms.alive[i] = True
    firms.birth[i] += 1
    firms.cash[i] = wishes.start_cash[i]
    state.tallies.accounts[INVESTORS] += wishes.start_cash[i]
    state.tallies.entered[home] += 1
    found_unit(state, parameters, home, i, 0.0, ENTRANT_MARKUP)
    state.units.open[home, i] = opens_at_birth(state, parameters, home, i)


@rule
def opens_at_birth(state, parameters, k, i):
    """Whether a firm's first unit starts open."""
    firms = state.firms
    draw = chance.uniform(state.seed[0], 0, firms.slot[i], firms.birth[i], chance.OPEN_START, 0)
    return bool(parameters.layer.openable[k]) and draw < parameters.market.open_share


@rule
def decide_adoption(state, parameters, i):
    """Whether an inactive buyer adopts, moved by the buyers among its contacts who have."""
    firms, home = state.firms, state.firms.home[i]
    state.wishes.adopts[i] = False
    if not state.layout.is_demand[home] or firms.active[i]:
        return
    peers, adopted = 0, 0
    for n in range(state.layout.first_contact[i], state.layout.first_contact[i + 1]):
        j = np.int64(state.layout.contacts[n])
        if state.layout.is_demand[firms.home[j]]:
            peers += 1
            if firms.active[j]:
                adopted += 1
    probability = adoption_probability(
        parameters.buyer.adoption_spontaneous[home],
        parameters.buyer.adoption_contagion[home],
        adopted / peers if peers > 0 else 0.0,
    )
    draw = chance.uniform(state.seed[0], state.clock[0], firms.slot[i], firms.birth[i], chance.ADOPTION, 0)
    state.wishes.adopts[i] = draw < probability
