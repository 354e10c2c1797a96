"""Phase 4: research succeeds or not; then everyone learns from whom they can see."""

from ...agents.invest import attention_left, imitated_gain, success_probability
from ...agents.offer import escalated
from ...agents.rule import part, phase
from .. import chance
from ..columns import State
from .sight import contact, count_allies, on_roster


@phase
def innovate(state: State) -> None:
    """Jumps of capability from research, then imitation of contacts and allies as they now are."""
    for k in range(state.operates.shape[0]):
        if state.layers[k].is_demand:
            continue
        for n in range(state.layers[k].listed):
            i = on_roster(state, k, n)
            if state.operates[k, i]:
                do_research(state, k, i)
        for n in range(state.layers[k].listed):
            i = on_roster(state, k, n)
            if state.operates[k, i]:
                look_around(state, k, i)
        for n in range(state.layers[k].listed):
            i = on_roster(state, k, n)
            if state.operates[k, i]:
                state.units[k, i].capability += state.units[k, i].next_capability
                state.units[k, i].experience += state.units[k, i].next_experience


@part
def do_research(state: State, k: int, i: int) -> None:
    """Success with probability 1 - exp(-sqrt(outlay / (I esc(a)))); the jump is exponential with mean lambda.

    Of the outlay only that share counts for which allies leave attention.
    """
    unit, layer, market, firm = state.units[k, i], state.layers[k], state.market[0], state.firms[i]
    if unit.outlay <= 0.0 or layer.innovation <= 0.0:
        return
    scale = escalated(layer.research_scale, layer.escalation, unit.capability)
    luck = chance.uniform(market.seed, market.step, firm.slot, firm.birth, chance.SUCCESS, k)
    left = attention_left(count_allies(state.ties, i), market.alliance_attention)
    if luck < success_probability(left * unit.outlay, scale):
        jump = chance.exponential(market.seed, market.step, firm.slot, firm.birth, chance.JUMP, k)
        unit.capability += layer.innovation * jump


@part
def look_around(state: State, k: int, i: int) -> None:
    """Note what unit (k, i) gains from contacts and allies in its layer."""
    unit, firm, market, rate = state.units[k, i], state.firms[i], state.market[0], state.layers[k].imitation
    best = best_open = best_ally = unit.capability
    most = unit.experience
    for n in range(firm.first_contact, firm.last_contact):
        j = contact(state, n)
        if state.operates[k, j]:
            seen = state.units[k, j]
            best = max(best, seen.capability)
            most = max(most, seen.experience)
            if seen.open:
                best_open = max(best_open, seen.capability)
    for place in range(state.ties.shape[1]):
        j = state.ties[i, place].ally
        if j >= 0 and state.operates[k, j]:
            best_ally = max(best_ally, state.units[k, j].capability)
    unit.next_capability = imitated_gain(
        unit.capability, best, best_open, best_ally, rate, market.open_imitation, market.alliance_spillover
    )
    unit.next_experience = rate * (most - unit.experience)
