"""Phase 9: firms without cash are rescued, taken over or fail; buyers adopt; vacant slots are entered."""

from math import nan

from ...agents.address import rows, share_out
from ...agents.build import entry_gain, newcomer_capability, newcomer_capacity
from ...agents.demand import adoption_probability
from ...agents.life import entry_probability, is_rescued, smoothed
from ...agents.offer import escalated
from ...agents.rule import loop, part, phase
from .. import chance
from ..columns import State
from ..events import ADOPTED, ENTERED, note
from .build import best_contact, found_unit, opens_at_birth
from .partner import is_seller
from .sight import call_roll, contact, fixed_cost
from .takeover import choose_acquirers, follow_or_drop, leave

ENTRANT_MARKUP = 0.05
CASH_BASE = 0.2


@phase
def life(state: State) -> None:
    """Decide exits, entries and adoptions on the same state, then apply them: exits first."""
    firms, team = state.firms.shape[0], state.market[0].team
    for i in range(firms):
        decide_failure(state, i)
    share_out(team, decide_arrivals, state, 0, firms)
    choose_acquirers(state)
    left = 0
    for i in range(firms):
        if state.firms[i].fails:
            leave(state, i)
            left += 1
    if left > 0:
        follow_or_drop(state)
    for i in range(firms):
        firm = state.firms[i]
        if firm.enters:
            enter(state, i)
        if firm.adopts:
            firm.active = True
            note(state, ADOPTED, i, -1, -1, firm.home, firm.demand, nan)
    share_out(team, remember_volumes, state, 0, firms)
    call_roll(state)


@loop
def decide_arrivals(state: State, place: int, first: int, last: int, thread: int) -> None:
    """Vacant slots may be entered, inactive buyers may adopt."""
    for i in rows(first, last):
        decide_entry(state, i)
        decide_adoption(state, i)


@loop
def remember_volumes(state: State, place: int, first: int, last: int, thread: int) -> None:
    """What investors remember of each firm takes in its home volume."""
    for i in rows(first, last):
        firm = state.firms[i]
        if firm.alive:
            firm.smoothed_volume = smoothed(firm.smoothed_volume, state.units[firm.home, i].volume)


@part
def decide_failure(state: State, i: int) -> None:
    """A seller in debt is rescued if it grows and investors are willing; else it fails."""
    firm, market = state.firms[i], state.market[0]
    firm.fails = False
    if firm.cash >= 0.0 or firm.public or not is_seller(state, i):
        return
    draw = chance.uniform(market.seed, market.step, firm.slot, firm.birth, chance.RESCUE, 0)
    if is_rescued(state.units[firm.home, i].volume, firm.smoothed_volume, market.funding, draw):
        money = market.runway * fixed_cost(state, firm.home, i)
        firm.cash += money
        state.market[0].ledger_investors += money
    else:
        firm.fails = True


@part
def decide_entry(state: State, i: int) -> None:
    """Whether a slot vacant since before this step is entered, with which unit and how much cash."""
    firm, market = state.firms[i], state.market[0]
    firm.enters = False
    if firm.alive:
        return
    home, birth = firm.home, firm.birth + 1
    layer, unit = state.layers[home], state.units[home, i]
    best, margin, capacity = best_contact(state, home, i)
    unit.next_capability = newcomer_capability(best, market.inheritance_gap) + layer.leap
    unit.next_experience = 0.0
    unit.next_capacity = newcomer_capacity(0.0, capacity, state.layers[home].start_capacity)
    fixed = escalated(layer.fixed_cost, layer.escalation, unit.next_capability)
    build = escalated(layer.build_cost, layer.escalation, unit.next_capability)
    firm.expected = entry_gain(margin, fixed, build, market.capture, market.planning_horizon)
    needed, speculation = is_needed(state, home, i), layer.speculation
    probability = entry_probability(needed, firm.expected, market.entry_rate, speculation, market.funding)
    luck = 0.5 + chance.uniform(market.seed, market.step, firm.slot, birth, chance.CASH, 0)
    firm.start_cash = market.start_cash * (fixed + CASH_BASE) * luck
    firm.enters = chance.uniform(market.seed, market.step, firm.slot, birth, chance.ENTRY, 0) < probability


@part
def is_needed(state: State, m: int, i: int) -> bool:
    """Whether a contact needs layer m and its last sourcing found nobody."""
    firm = state.firms[i]
    for n in range(firm.first_contact, firm.last_contact):
        j = contact(state, n)
        for e in range(state.edges.shape[0]):
            if state.edges[e].input == m and state.operates[state.edges[e].consumer, j] and state.links[e, j].unmet:
                return True
    return False


@part
def enter(state: State, i: int) -> None:
    """A new firm takes the vacant slot, without suppliers, experience or allies."""
    firm = state.firms[i]
    firm.alive = True
    firm.birth += 1
    firm.public = False
    firm.cash = firm.start_cash
    state.market[0].ledger_investors += firm.start_cash
    state.layers[firm.home].entered += 1
    found_unit(state, firm.home, i, ENTRANT_MARKUP)
    state.units[firm.home, i].open = opens_at_birth(state, firm.home, i)
    note(state, ENTERED, i, -1, -1, firm.home, 0.0, firm.expected)


@part
def decide_adoption(state: State, i: int) -> None:
    """Whether an inactive buyer adopts, moved by the buyers among its contacts who have."""
    market, firm = state.market[0], state.firms[i]
    firm.adopts = False
    if firm.active or not state.layers[firm.home].is_demand:
        return
    peers, adopted = 0, 0
    for n in range(firm.first_contact, firm.last_contact):
        other = state.firms[contact(state, n)]
        if state.layers[other.home].is_demand:
            peers += 1
            adopted += other.active
    layer, share = state.layers[firm.home], adopted / peers if peers > 0 else 0.0
    draw = chance.uniform(market.seed, market.step, firm.slot, firm.birth, chance.ADOPTION, 0)
    firm.adopts = draw < adoption_probability(layer.adoption_spontaneous, layer.adoption_contagion, share)
