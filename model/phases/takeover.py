"""Failing firms: who takes them over, and what becomes of their units, links and allies."""

from math import nan

from ...agents.life import takeover_bid
from ...agents.offer import escalated
from ...agents.rule import part
from .. import chance
from ..columns import Row, State
from ..events import ACQUIRED, LEFT, PARTED, note
from .partner import is_seller
from .settle import remove_unit
from .sight import are_joined, contact, fixed_cost, may_hold
from .trade import clear_flows


@part
def choose_acquirers(state: State) -> None:
    """Each failing firm goes to its highest bidder; a bidder that wins two keeps the one its keyed draw names."""
    firms = state.firms.shape[0]
    for i in range(firms):
        state.firms[i].target = -1
        state.firms[i].acquirer = highest_bidder(state, i) if state.firms[i].fails else -1
    for i in range(firms):
        bidder = state.firms[i].acquirer
        if bidder >= 0:
            rival = state.firms[bidder].target
            if rival < 0 or bid_order(state, i, bidder) > bid_order(state, rival, bidder):
                state.firms[bidder].target = i
    for i in range(firms):
        bidder = state.firms[i].acquirer
        if bidder >= 0 and state.firms[bidder].target != i:
            state.firms[i].acquirer = -1


@part
def bid_order(state: State, i: int, bidder: int) -> float:
    """Keyed draw of the pair (failing firm, bidder)."""
    market, firm = state.market[0], state.firms[i]
    return chance.uniform(market.seed, market.step, firm.slot, firm.birth, chance.BID_ORDER, state.firms[bidder].slot)


@part
def highest_bidder(state: State, i: int) -> int:
    """The contact that bids most for failing firm i, above its debt and one step of fixed cost; -1 for none."""
    firm, market = state.firms[i], state.market[0]
    home = firm.home
    layer, unit = state.layers[home], state.units[home, i]
    if not market.decisions_merge or unit.external_volume <= 0.0:
        return -1
    fixed = fixed_cost(state, home, i)
    build = escalated(layer.build_cost, layer.escalation, unit.capability)
    needed = fixed - firm.cash
    best, best_bid = -1, needed
    for n in range(firm.first_contact, firm.last_contact):
        j = contact(state, n)
        bidder = state.firms[j]
        if bidder.fails or bidder.cash < needed or not is_seller(state, j) or not is_near(state, home, j):
            continue
        if not may_merge(state, i, j):
            continue
        judgement = 0.5 + chance.uniform(market.seed, market.step, firm.slot, firm.birth, chance.BID, bidder.slot)
        is_new = not state.operates[home, j]
        bid = takeover_bid(unit.external_margin, build, is_new, market.planning_horizon, judgement)
        if bid > best_bid:
            best, best_bid = j, bid
    firm.expected = best_bid - needed
    return best


@part
def may_merge(state: State, i: int, j: int) -> bool:
    """Whether merger control lets firm j take firm i over: no where that takes a layer's HHI above the limit by more
    than the rise allowed."""
    for k in range(state.operates.shape[0]):
        layer = state.layers[k]
        if layer.merger_hhi > 0.0 and state.operates[k, i] and state.operates[k, j]:
            whole, squares = 0.0, 0.0
            for other in range(state.operates.shape[1]):
                if state.traded[k, other]:
                    volume = state.units[k, other].volume
                    whole += volume
                    squares += volume * volume
            both = 2.0 * state.units[k, i].volume * state.units[k, j].volume
            if whole > 0.0:
                points = 10_000.0 / (whole * whole)
                if points * (squares + both) > layer.merger_hhi and points * both > layer.merger_rise:
                    return False
    return True


@part
def is_near(state: State, k: int, j: int) -> bool:
    """Whether firm j is in layer k or in one joined to it by an edge."""
    for other in range(state.operates.shape[0]):
        if state.operates[other, j] and (other == k or are_joined(state, k, other)):
            return True
    return False


@part
def leave(state: State, i: int) -> None:
    """Failing firm i goes: its units to the acquirer, or out of operation; its allies are free."""
    firm = state.firms[i]
    j = firm.acquirer
    if j >= 0:
        state.firms[j].cash += firm.cash  # the debt
        state.layers[firm.home].acquired += 1
        note(state, ACQUIRED, j, i, -1, firm.home, state.units[firm.home, i].volume, firm.expected)
    else:
        state.market[0].ledger_creditors -= firm.cash
        state.layers[firm.home].failed += 1
        note(state, LEFT, i, -1, -1, firm.home, state.units[firm.home, i].volume, firm.cash)
    for k in range(state.operates.shape[0]):
        if state.operates[k, i]:
            if j >= 0 and not state.operates[k, j] and may_hold(state, k, j):
                hand_over_unit(state, k, i, j)
            else:
                state.layers[k].lost += 1
                if j >= 0 and state.operates[k, j]:
                    merge_unit(state.units[k, i], state.units[k, j])
                    state.traded[k, j] = True  # also a unit that was built in this very step
            remove_unit(state, k, i)
    firm.cash = 0.0
    firm.public = False
    firm.smoothed_volume = 0.0
    firm.alive = False
    free_allies(state, i)


@part
def merge_unit(theirs: Row, own: Row) -> None:
    """Join a unit to the acquirer's own: the better capability, experience and standing, the sum of capacities."""
    own.capability = max(own.capability, theirs.capability)
    own.experience = max(own.experience, theirs.experience)
    own.standing = max(own.standing, theirs.standing)
    own.capacity += theirs.capacity
    move_flows(theirs, own)


@part
def move_flows(theirs: Row, own: Row) -> None:
    """This step's output is the acquirer's from now on, so that its load is right at the next offer."""
    own.volume += theirs.volume
    own.external_volume += theirs.external_volume
    own.external_margin += theirs.external_margin
    own.external_revenue += theirs.external_revenue
    clear_flows(theirs)


@part
def hand_over_unit(state: State, k: int, i: int, j: int) -> None:
    """Firm j takes unit (k, i) as it is, with its links and their tenure."""
    move_flows(state.units[k, j], state.units[k, i])  # of a unit that the acquirer closed in this very step
    state.units[k, j] = state.units[k, i]
    state.units[k, j].steps_in_red = 0  # the new owner gives it a full trial
    state.units[k, j].own_standing = 0.0  # it was the former owner who chose it
    clear_flows(state.units[k, i])
    state.operates[k, j] = state.traded[k, j] = True
    for e in range(state.layers[k].first_edge, state.layers[k + 1].first_edge):
        state.links[e, j] = state.links[e, i]


@part
def free_allies(state: State, i: int) -> None:
    """Dissolve all ties of firm i, on both sides."""
    ties = state.ties
    for place in range(ties.shape[1]):
        partner = ties[i, place].ally
        ties[i, place].ally = -1
        if partner >= 0:
            note(state, PARTED, partner, i, -1, state.firms[partner].home, 0.0, nan)
            for other in range(ties.shape[1]):
                if ties[partner, other].ally == i:
                    ties[partner, other].ally = -1


@part
def follow_or_drop(state: State) -> None:
    """Links to a firm that left go to its acquirer, or to nobody: those clients must source anew."""
    edges, firms = state.links.shape
    for e in range(edges):
        for i in range(firms):
            j = state.links[e, i].supplier
            if j >= 0 and state.firms[j].fails:
                state.links[e, i].supplier = state.firms[j].acquirer
