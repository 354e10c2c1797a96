"""Whom a unit can see to supply an input: the locality of sourcing."""

from ...agents.rule import inlined, part
from .. import chance
from ..columns import State, Table
from .sight import contact, delivers


@inlined
def gather_candidates(state: State, candidates: Table, e: int, i: int, present: int) -> int:
    """List whom the firm can see to supply the input, present supplier first; returns their count.

    Present supplier; itself; contacts and allies that operate the layer; the suppliers that contacts in the same
    layer use for this input; one random meeting.
    """
    k, m, firm = state.edges[e].consumer, state.edges[e].input, state.firms[i]
    count = add_candidate(candidates, present, 0) if present >= 0 else 0
    if delivers(state, m, i):
        count = add_candidate(candidates, i, count)
    for n in range(firm.first_contact, firm.last_contact):
        j = contact(state, n)
        if state.operates[m, j]:
            if state.units[m, j].able:
                count = add_candidate(candidates, j, count)
        elif state.operates[k, j]:
            used = state.links[e, j].supplier
            if delivers(state, m, used):
                count = add_candidate(candidates, used, count)
    for place in range(state.ties.shape[1]):
        j = state.ties[i, place].ally
        if delivers(state, m, j):
            count = add_candidate(candidates, j, count)
    met = random_meeting(state, e, i, present >= 0)
    if delivers(state, m, met):
        count = add_candidate(candidates, met, count)
    return count


@part
def add_candidate(candidates: Table, j: int, count: int) -> int:
    """Note a candidate unless it is on the list; returns how many are."""
    for n in range(count):
        if candidates[n].row == j:
            return count
    candidates[count].row = j
    candidates[count].users = 0
    return count + 1


@inlined
def random_meeting(state: State, e: int, i: int, has_supplier: bool) -> int:
    """One slot at random of those whose home is the input layer; always without a supplier. -1 for no meeting."""
    market, firm, m = state.market[0], state.firms[i], state.edges[e].input
    if has_supplier:
        meets = chance.uniform(market.seed, market.step, firm.slot, firm.birth, chance.MEETING, e)
        if meets >= state.market[0].exploration:
            return -1
    first, last = state.layers[m].first_slot, state.layers[m + 1].first_slot
    which = chance.uniform(market.seed, market.step, firm.slot, firm.birth, chance.WHICH, e)
    return state.firms[first + int(which * (last - first))].row_of_slot


@part
def count_users(state: State, candidates: Table, e: int, i: int, count: int) -> int:
    """How many contacts in the same layer use each candidate; returns how many have a supplier at all."""
    k, m, firm, peers = state.edges[e].consumer, state.edges[e].input, state.firms[i], 0
    for c in range(firm.first_contact, firm.last_contact):
        j = contact(state, c)
        if state.operates[k, j]:
            used = state.links[e, j].supplier
            if delivers(state, m, used):
                peers += 1
                for n in range(count):
                    candidates[n].users += candidates[n].row == used
    return peers
