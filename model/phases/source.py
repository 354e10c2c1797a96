"""Phase 5: contracts come up; each unit compares the suppliers it can see, and making the input itself."""

import numpy as np

from ...agents.build import make_cost, newcomer_capability
from ...agents.offer import escalated, stage_cost
from ...agents.price import Deal, profit_at
from ...agents.rule import rule
from ...agents.switch import Need, Option, comes_up, cost_of_leaving, itch_after, own_cost, total, weigh
from .. import chance
from .sight import are_allied, client_ceiling, delivers, fixed_cost, price_for

NO_CHANGE = -2
NOTHING = -1e300  # below any appeal


@rule
def source(state, parameters):
    """Review the links that come up; choices are noted as wishes and applied together after phase 7."""
    state.reports.profit_up[:] = 0.0
    state.reports.profit_down[:] = 0.0
    state.reports.revenue_won[:] = 0.0
    edges, firms = state.links.supplier.shape
    for e in range(edges):
        k = state.edges.consumer[e]
        for i in range(firms):
            state.wishes.supplier[e, i] = NO_CHANGE
            state.wishes.make[e, i] = False
            if state.units.operated[k, i]:
                state.links.tenure[e, i] += 1
                if is_due(state, parameters, e, i):
                    review(state, parameters, e, i)


@rule
def is_due(state, parameters, e, i):
    """Whether this contract comes up now."""
    j = state.links.supplier[e, i]
    draw = chance.uniform(
        state.seed[0], state.clock[0], state.firms.slot[i], state.firms.birth[i], chance.REVIEW, e
    )
    return comes_up(
        delivers(state.units, state.edges.input[e], j),
        parameters.market.decisions_switch,
        parameters.layer.review[state.edges.consumer[e]],
        are_allied(state.firms, i, j) and j >= 0,
        parameters.market.exclusivity,
        draw,
    )


@rule
def review(state, parameters, e, i):
    """Weigh all candidates, note the choice, and let the best two outsiders hear how close it was."""
    links, wishes = state.links, state.wishes
    present = links.supplier[e, i]
    if not delivers(state.units, state.edges.input[e], present):
        present = -1
    need = need_of(state, parameters, e, i)
    count = gather_candidates(state, parameters, e, i, present)
    peers = 0
    wishes.users[:count] = 0
    if parameters.layer.network_effect[state.edges.input[e]] > 0.0:
        peers = count_users(state, e, i, count)

    best, runner, outsider, second_outsider = -1, -1, -1, -1  # positions among the candidates
    for n in range(count):
        j = wishes.considered[n]
        wishes.appeals[n] = total(appeal_of(state, parameters, e, i, j, present, need, wishes.users[n] / max(peers, 1)))
        if is_better(state, e, i, n, best):
            best, runner = n, best
        elif is_better(state, e, i, n, runner):
            runner = n
        if j != i:
            if is_better(state, e, i, n, outsider):
                outsider, second_outsider = n, outsider
            elif is_better(state, e, i, n, second_outsider):
                second_outsider = n

    top = wishes.appeals[best] if best >= 0 else NOTHING
    second = wishes.appeals[runner] if runner >= 0 else NOTHING
    made = appeal_of_making(state, parameters, e, i, present, need)
    see_outside_price(state, parameters, e, i, count)
    for n in (outsider, second_outsider):
        if n >= 0:
            rival = max(second if n == best else top, made)
            report(state, parameters, e, i, wishes.considered[n], need, wishes.appeals[n] - rival)

    chosen = wishes.considered[best] if best >= 0 else -1
    if present >= 0:
        advantage = top - wishes.appeals[0]  # the present supplier is the first candidate
        links.itch[e, i] = itch_after(links.itch[e, i], advantage, chosen != present and made <= top)
    links.unmet[e, i] = best < 0
    if made > top:
        wishes.make[e, i] = True
    elif best < 0 or chosen != present:
        wishes.supplier[e, i] = chosen


@rule
def need_of(state, parameters, e, i):
    """The unit without this input: stage and capability plus what its other suppliers bring."""
    units, edges = state.units, state.edges
    k = edges.consumer[e]
    cost, quality = units.stage_cost[k, i], units.capability[k, i]
    for other in range(state.layout.first_edge[k], state.layout.first_edge[k + 1]):
        j = state.links.supplier[other, i]
        if other != e and delivers(units, edges.input[other], j):
            cost += edges.weight[other] * price_for(state, parameters, other, i, j)
            quality += edges.passthrough[other] * units.quality[edges.input[other], j]
    return Need(
        cost,
        quality,
        edges.weight[e],
        edges.passthrough[e],
        units.frontier_weight[k, i],
        client_ceiling(state, parameters, k, i),
    )


@rule
def gather_candidates(state, parameters, e, i, present):
    """List whom the firm can see to supply the input, present supplier first; returns their count."""
    units, layout = state.units, state.layout
    k, m = state.edges.consumer[e], state.edges.input[e]
    count = add_candidate(state, present, 0) if present >= 0 else 0
    if delivers(units, m, i):
        count = add_candidate(state, i, count)
    for n in range(layout.first_contact[i], layout.first_contact[i + 1]):
        contact = np.int64(layout.contacts[n])
        if units.operated[m, contact]:
            if units.able[m, contact]:
                count = add_candidate(state, contact, count)
        elif units.operated[k, contact]:
            used = state.links.supplier[e, contact]
            if delivers(units, m, used):
                count = add_candidate(state, used, count)
    for place in range(state.firms.allies.shape[1]):
        ally = state.firms.allies[i, place]
        if delivers(units, m, ally):
            count = add_candidate(state, ally, count)
    met = random_meeting(state, parameters, e, i, present)
    return add_candidate(state, met, count) if met >= 0 else count


@rule
def add_candidate(state, j, count):
    """Note a candidate unless it is on the list."""
    considered = state.wishes.considered
    for n in range(count):
        if considered[n] == j:
            return count
    considered[count] = j
    return count + 1


@rule
def random_meeting(state, parameters, e, i, present):
    """One slot at random of those whose home is the input layer; nobody if it is vacant or not able."""
    seed, step, slot, birth = state.seed[0], state.clock[0], state.firms.slot[i], state.firms.birth[i]
    m = state.edges.input[e]
    if present >= 0:
        if chance.uniform(seed, step, slot, birth, chance.MEETING, e) >= parameters.market.exploration:
            return -1
    first, last = state.layout.first_slot[m], state.layout.first_slot[m + 1]
    where = first + int(chance.uniform(seed, step, slot, birth, chance.WHICH, e) * (last - first))
    met = state.layout.row_of_slot[where]
    return met if delivers(state.units, m, met) else -1


@rule
def count_users(state, e, i, count):
    """How many contacts in the same layer use each candidate; returns how many have a supplier at all."""
    wishes, layout = state.wishes, state.layout
    k, m = state.edges.consumer[e], state.edges.input[e]
    peers = 0
    for c in range(layout.first_contact[i], layout.first_contact[i + 1]):
        contact = np.int64(layout.contacts[c])
        if state.units.operated[k, contact]:
            used = state.links.supplier[e, contact]
            if delivers(state.units, m, used):
                peers += 1
                for n in range(count):
                    if wishes.considered[n] == used:
                        wishes.users[n] += 1
    return peers


@rule
def noise_uniform(state, e, i, j):
    """The fresh draw of a pair and input in this step; it also settles ties."""
    firms = state.firms
    index = e + np.int64(state.edges.input.shape[0]) * firms.slot[j]
    return chance.uniform(state.seed[0], state.clock[0], firms.slot[i], firms.birth[i], chance.NOISE, index)


@rule
def is_better(state, e, i, n, other):
    """Whether candidate n beats candidate `other` (-1: none yet)."""
    if other < 0:
        return True
    considered, appeals = state.wishes.considered, state.wishes.appeals
    if appeals[n] != appeals[other]:
        return appeals[n] > appeals[other]
    return noise_uniform(state, e, i, considered[n]) > noise_uniform(state, e, i, considered[other])


@rule
def taste_for(state, parameters, e, i, j):
    """Lasting taste of buyer i for supplier j on this input."""
    tau, firms = parameters.layer.taste[state.edges.input[e]], state.firms
    if tau <= 0.0:
        return 0.0
    u = chance.pair_uniform(state.seed[0], e, firms.slot[i], firms.birth[i], firms.slot[j], firms.birth[j])
    return tau * chance.gumbel_of(u)


@rule
def leaving_cost(state, parameters, e, i, present):
    """What leaving the present supplier costs now; nothing without one."""
    m = state.edges.input[e]
    if present < 0:
        return 0.0
    layer = parameters.layer
    return cost_of_leaving(layer.switching_cost[m], float(state.links.tenure[e, i]), layer.tenure_scale[m])


@rule
def appeal_of(state, parameters, e, i, j, present, need, share):
    """Appeal, term by term, of buying from j (one's own unit counts with the fixed cost it could avoid)."""
    units, market = state.units, parameters.market
    k, m = state.edges.consumer[e], state.edges.input[e]
    if j == i:
        volume = need.weight * units.volume[k, i]
        paid = own_cost(units.unit_cost[m, i], fixed_cost(state, parameters, m, i), units.volume[m, i], volume)
    else:
        paid = price_for(state, parameters, e, i, j)
    noise = 0.0
    if market.choice_noise > 0.0:
        noise = market.choice_noise * chance.gumbel_of(noise_uniform(state, e, i, j))
    option = Option(
        units.quality[m, j],
        paid,
        taste_for(state, parameters, e, i, j),
        share,
        present >= 0 and j != present and j != i,
        noise,
    )
    return weigh(
        need,
        option,
        market.quality_weight,
        market.price_weight,
        parameters.layer.network_effect[m],
        leaving_cost(state, parameters, e, i, present),
    )


@rule
def appeal_of_making(state, parameters, e, i, present, need):
    """Appeal of making the input: it needs a supplier to learn from, a volume, and the cash to build."""
    units, layer, market = state.units, parameters.layer, parameters.market
    k, m = state.edges.consumer[e], state.edges.input[e]
    volume = need.weight * units.volume[k, i]
    if not market.decisions_build or present < 0 or present == i or units.operated[m, i] or volume <= 0.0:
        return NOTHING
    capability = newcomer_capability(units.capability[m, present], market.inheritance_gap)
    build = escalated(layer.build_cost[m], layer.escalation[m], capability)
    if state.firms.cash[i] < build:
        return NOTHING
    experience = layer.imitation[m] * units.experience[m, present]
    stage = stage_cost(
        layer.base_cost[m], experience, market.experience_scale, layer.learning[m], 0.0, layer.congestion[m]
    )
    paid = make_cost(
        stage,
        state.layout.input_share[m],
        units.price[m, present],
        escalated(layer.fixed_cost[m], layer.escalation[m], capability),
        build,
        market.planning_horizon,
        volume,
    )
    quality = units.quality[m, present] - (units.capability[m, present] - capability)
    option = Option(quality, paid, taste_for(state, parameters, e, i, i), 0.0, True, 0.0)
    leaving = leaving_cost(state, parameters, e, i, present)
    return total(weigh(need, option, market.quality_weight, market.price_weight, 0.0, leaving))


@rule
def see_outside_price(state, parameters, e, i, count):
    """A firm that makes the input remembers the lowest price at which it could have bought it."""
    if not state.units.operated[state.edges.input[e], i]:
        return
    lowest = np.inf
    for n in range(count):
        j = state.wishes.considered[n]
        if j != i:
            lowest = min(lowest, price_for(state, parameters, e, i, j))
    if lowest < np.inf:
        state.links.outside_price[e, i] = lowest


@rule
def report(state, parameters, e, i, j, need, distance):
    """Seller j hears at list price, and by which distance it won or lost this volume."""
    units, reports, market = state.units, state.reports, parameters.market
    m = state.edges.input[e]
    volume = need.weight * units.volume[state.edges.consumer[e], i]
    if volume <= 0.0:
        return
    price = units.price[m, j]
    bill = need.weight * price
    share = bill / (need.other_cost + bill) if bill > 0.0 else 0.0
    deal = Deal(volume, price, units.unit_cost[m, j], distance, share)
    reports.profit_up[m, j] += profit_at(deal, market.price_probe, market.price_weight)
    reports.profit_down[m, j] += profit_at(deal, -market.price_probe, market.price_weight)
    if distance > 0.0:
        reports.revenue_won[m, j] += volume * price
