"""Phase 8: sellers propose, accept and part; an alliance needs both sides to gain more than its upkeep."""

from ...agents.address import rows, share_out
from ...agents.rule import loop, part, phase
from .. import chance
from ..columns import State, Table
from ..events import ALLIED, PARTED, note
from .partner import capital_between, is_seller, value_of_ally
from .sight import are_allied, contact, count_allies

PROPOSAL_RATE = 0.25
REVIEW_RATE = 0.1


@phase
def ally(state: State) -> None:
    """Everyone proposes and answers on the same state; then ties are parted and formed."""
    if not state.market[0].decisions_ally:
        return
    firms, team = state.firms.shape[0], state.market[0].team
    share_out(team, propose, state, 0, firms)
    accept(state)
    share_out(team, answer, state, 0, firms)
    if state.events.shape[0] > 0:
        for i in range(firms):
            tell_of_partings(state, i)
    change_ties(state)


@loop
def propose(state: State, place: int, first: int, last: int, thread: int) -> None:
    """Every firm may propose to one partner."""
    for i in rows(first, last):
        state.firms[i].suitor = best_partner(state, i)
        state.firms[i].accepted = -1
        state.firms[i].paired = -1


@loop
def answer(state: State, place: int, first: int, last: int, thread: int) -> None:
    """Pairs are confirmed, present ties reviewed."""
    for i in rows(first, last):
        confirm(state, i)
        review_ties(state, i)


@part
def has_free_place(state: State, i: int) -> bool:
    """Whether firm i can take one more ally."""
    return free_places(state, i) > 0


@part
def free_places(state: State, i: int) -> int:
    """Allies that firm i can still take (a limit raised in mid-run ends at the places that there are)."""
    return min(state.market[0].max_allies, state.ties.shape[1]) - count_allies(state.ties, i)


@part
def best_partner(state: State, i: int) -> int:
    """The contact or present supplier that firm i proposes to, -1 for none."""
    market, firm = state.market[0], state.firms[i]
    if not is_seller(state, i) or not has_free_place(state, i):
        return -1
    if chance.uniform(market.seed, market.step, firm.slot, firm.birth, chance.PROPOSAL, 0) >= PROPOSAL_RATE:
        return -1
    best, best_value = -1, state.market[0].alliance_upkeep
    for n in range(firm.first_contact, firm.last_contact):
        best, best_value = better_partner(state, i, contact(state, n), best, best_value)
    for e in range(state.edges.shape[0]):
        if state.operates[state.edges[e].consumer, i]:
            best, best_value = better_partner(state, i, state.links[e, i].supplier, best, best_value)
    state.firms[i].expected = best_value
    return best


@part
def better_partner(state: State, i: int, j: int, best: int, best_value: float) -> tuple[int, float]:
    """The better of partner j and the best so far, with its value; a keyed draw of the pair settles ties."""
    if j < 0 or j in (i, best) or not is_seller(state, j) or are_allied(state.ties, i, j):
        return best, best_value
    value = value_of_ally(state, i, j)
    if value > best_value or (value == best_value and best >= 0 and goes_first(state, i, j, best)):
        return j, value
    return best, best_value


@part
def tie_draw(state: State, i: int, j: int, purpose: int) -> float:
    """One draw for the unordered pair of rows i and j in this step."""
    first, second = (i, j) if state.firms[i].slot < state.firms[j].slot else (j, i)
    market, firm = state.market[0], state.firms[first]
    return chance.uniform(market.seed, market.step, firm.slot, firm.birth, purpose, state.firms[second].slot)


@part
def goes_first(state: State, i: int, j: int, other: int) -> bool:
    """Whether the pair (i, j) goes before the pair (i, other) where there is room for one only."""
    return tie_draw(state, i, j, chance.ALLY_ORDER) > tie_draw(state, i, other, chance.ALLY_ORDER)


@part
def accept(state: State) -> None:
    """Every firm with a free place accepts the proposal worth most to it, if that exceeds the upkeep."""
    for i in range(state.firms.shape[0]):
        j = state.firms[i].suitor
        if j >= 0 and has_free_place(state, j):
            held = state.firms[j].accepted
            least = value_of_ally(state, j, held) if held >= 0 else state.market[0].alliance_upkeep
            state.firms[j].accepted, _ = better_partner(state, j, i, held, least)


@part
def has_place(state: State, i: int, j: int) -> bool:
    """Whether firm i, which may be about to ally with two firms, has a place for j."""
    other = state.firms[i].accepted
    if other < 0 or other == j:
        other = state.firms[i].suitor
        if other < 0 or other == j or state.firms[other].accepted != i:
            return True
    return free_places(state, i) > 1 or goes_first(state, i, j, other)


@part
def confirm(state: State, j: int) -> None:
    """Keep the pair of j and the proposer that it accepts if both have a place; note the capital handed over."""
    firm = state.firms[j]
    i = firm.accepted
    if i < 0 or (state.firms[i].accepted == j and firm.slot < state.firms[i].slot):
        return  # no pair, or one that is confirmed from the other side
    if has_place(state, i, j) and has_place(state, j, i):
        firm.paired = i
        firm.capital = capital_between(state, i, j)


@part
def review_ties(state: State, i: int) -> None:
    """Mark firm i's ties that come up for review and that either side gains less from than the upkeep."""
    least = state.market[0].alliance_upkeep
    for place in range(state.ties.shape[1]):
        state.ties[i, place].parts = False
        j = state.ties[i, place].ally
        if j >= 0 and tie_draw(state, i, j, chance.PARTING) < REVIEW_RATE:
            mine, theirs = value_of_ally(state, i, j), value_of_ally(state, j, i)
            state.ties[i, place].parts = mine < least or theirs < least


@part
def tell_of_partings(state: State, i: int) -> None:
    """Note the ties of firm i that are about to be parted, unless the ally gains even less and does it."""
    for place in range(state.ties.shape[1]):
        if state.ties[i, place].parts:
            j = state.ties[i, place].ally
            mine, theirs = value_of_ally(state, i, j), value_of_ally(state, j, i)
            first = state.firms[i].slot < state.firms[j].slot
            if mine < theirs or (mine == theirs and first):
                note(state, PARTED, i, j, -1, state.firms[i].home, 0.0, mine)


@part
def change_ties(state: State) -> None:
    """Part what was marked, then tie the confirmed pairs and hand over capital."""
    firms, places = state.ties.shape
    for i in range(firms):
        for place in range(places):
            if state.ties[i, place].parts:
                state.ties[i, place].ally = -1
    for j in range(firms):
        i = state.firms[j].paired
        if i >= 0:
            take_place(state.ties, i, j)
            take_place(state.ties, j, i)
            note(state, ALLIED, i, j, -1, state.firms[i].home, 0.0, state.firms[i].expected)
            state.firms[i].cash += state.firms[j].capital
            state.firms[j].cash -= state.firms[j].capital


@part
def take_place(ties: Table, i: int, j: int) -> None:
    """Write j into firm i's first free alliance place."""
    for place in range(ties.shape[1]):
        if ties[i, place].ally < 0:
            ties[i, place].ally = j
            return
