"""Phase 4: research succeeds or not; then everyone learns from whom they can see."""

from ...agents.invest import imitated_gain, success_probability
from ...agents.offer import escalated
from ...agents.rule import rule
from .. import chance


@rule
def innovate(state, parameters):
    """Jumps of capability from research, then imitation of contacts and allies as they now are."""
    research(state, parameters)
    layers, firms = state.units.operated.shape
    for k in range(layers):
        if state.layout.is_demand[k]:
            continue
        for i in range(firms):
            if state.units.operated[k, i]:
                look_around(state, parameters, k, i)
        for i in range(firms):
            if state.units.operated[k, i]:
                state.units.capability[k, i] += state.wishes.capability[k, i]
                state.units.experience[k, i] += state.wishes.experience[k, i]


@rule
def research(state, parameters):
    """Success with probability 1 - exp(-sqrt(outlay / (I esc(a)))); the jump is exponential with mean lambda."""
    units, layer, seed, step = state.units, parameters.layer, state.seed[0], state.clock[0]
    layers, firms = units.operated.shape
    for k in range(layers):
        if layer.innovation[k] <= 0.0 or state.layout.is_demand[k]:
            continue
        for i in range(firms):
            if not units.operated[k, i] or units.outlay[k, i] <= 0.0:
                continue
            slot, birth = state.firms.slot[i], state.firms.birth[i]
            scale = escalated(layer.research_scale[k], layer.escalation[k], units.capability[k, i])
            luck = chance.uniform(seed, step, slot, birth, chance.SUCCESS, k)
            if luck < success_probability(units.outlay[k, i], scale):
                jump = chance.exponential(seed, step, slot, birth, chance.JUMP, k)
                units.capability[k, i] += layer.innovation[k] * jump


@rule
def look_around(state, parameters, k, i):
    """Note what unit (k, i) gains from contacts and allies in its layer."""
    units, contacts, first = state.units, state.layout.contacts, state.layout.first_contact
    best = best_open = best_ally = own = units.capability[k, i]
    most = experience = units.experience[k, i]
    for n in range(first[i], first[i + 1]):
        j = contacts[n]
        if units.operated[k, j]:
            best = max(best, units.capability[k, j])
            most = max(most, units.experience[k, j])
            if units.open[k, j]:
                best_open = max(best_open, units.capability[k, j])
    for place in range(state.firms.allies.shape[1]):
        ally = state.firms.allies[i, place]
        if ally >= 0 and units.operated[k, ally]:
            best_ally = max(best_ally, units.capability[k, ally])
    rate = parameters.layer.imitation[k]
    state.wishes.capability[k, i] = imitated_gain(
        own,
        best,
        best_open,
        best_ally,
        rate,
        parameters.market.open_imitation,
        parameters.market.alliance_spillover,
    )
    state.wishes.experience[k, i] = rate * (most - experience)
