"""Phase 5: contracts come up; each unit compares the suppliers it can see, and making the input itself."""

import numpy as np

from ...agents.address import rows, share_out
from ...agents.build import BuildView, gain_of_building, make_cost, newcomer_capability
from ...agents.offer import escalated, stage_cost
from ...agents.price import Deal, profit_at
from ...agents.rule import inlined, loop, part, phase
from ...agents.switch import Need, Option, SwitchView, appeal, comes_up, cost_of_leaving, itch_after, own_cost
from .. import chance
from ..columns import Row, State, Table
from .candidates import count_users, gather_candidates
from .sight import (
    NOTHING,
    are_allied,
    base_cost,
    client_ceiling,
    delivers,
    fixed_cost,
    may_hold,
    on_roster,
    own_answer,
    price_for,
)


@phase
def source(state: State) -> None:
    """Review the links that come up; choices are noted as wishes and applied together after phase 7."""
    team = state.market[0].team
    for k in range(state.operates.shape[0]):
        share_out(team, forget_reports, state, k, state.layers[k].listed)
    for e in range(state.edges.shape[0]):
        share_out(team, review_links, state, e, state.layers[state.edges[e].consumer].listed)
        hear(state, e)


@loop
def forget_reports(state: State, k: int, first: int, last: int, thread: int) -> None:
    """No unit of layer k has heard of any deal yet."""
    for n in rows(first, last):
        i = on_roster(state, k, n)
        if state.operates[k, i]:
            unit = state.units[k, i]
            unit.profit_up = unit.profit_down = unit.revenue_won = 0.0


@loop
def review_links(state: State, e: int, first: int, last: int, thread: int) -> None:
    """Review the links of edge e that come up; what the sellers will hear is noted at the buyer's place."""
    k = state.edges[e].consumer
    for n in rows(first, last):
        i = on_roster(state, k, n)
        state.reports[n, 0].seller = state.reports[n, 1].seller = -1
        if state.operates[k, i]:
            link = state.links[e, i]
            link.tenure += 1
            link.moves = link.makes = False
            if is_due(state, e, i):
                review(state, state.candidates[thread], state.reports[n], e, i)


@part
def hear(state: State, e: int) -> None:
    """Sellers add up the reports on edge e, in one order, since the last bits of a sum depend on it."""
    for n in range(state.layers[state.edges[e].consumer].listed):
        for place in range(state.reports.shape[1]):
            report = state.reports[n, place]
            if report.seller >= 0:
                unit = state.units[state.edges[e].input, report.seller]
                unit.profit_up += report.up
                unit.profit_down += report.down
                unit.revenue_won += report.won


@inlined
def is_due(state: State, e: int, i: int) -> bool:
    """Whether this contract comes up now."""
    firm, market, edge = state.firms[i], state.market[0], state.edges[e]
    j = state.links[e, i].supplier
    return comes_up(
        delivers(state, edge.input, j),
        market.decisions_switch,
        state.layers[edge.consumer].review,
        j >= 0 and are_allied(state.ties, i, j),
        market.exclusivity,
        chance.uniform(market.seed, market.step, firm.slot, firm.birth, chance.REVIEW, e),
    )


@inlined
def review(state: State, candidates: Table, reports: Table, e: int, i: int) -> None:
    """Weigh all candidates, note the choice, and report to the best two outsiders how close it was."""
    link, m = state.links[e, i], state.edges[e].input
    present = link.supplier if delivers(state, m, link.supplier) else -1
    need = need_of(state, e, i)
    count = gather_candidates(state, candidates, e, i, present)
    peers = count_users(state, candidates, e, i, count) if state.layers[m].network_effect > 0.0 else 0

    leaving = leaving_cost(state, e, i)

    best, runner, outsider, second_outsider = -1, -1, -1, -1  # places among the candidates
    for n in range(count):
        j = candidates[n].row
        share = candidates[n].users / peers if peers > 0 else 0.0
        candidates[n].appeal = appeal_of(state, e, i, j, present, need, share, leaving)
        if is_better(state, candidates, e, i, n, best):
            best, runner = n, best
        elif is_better(state, candidates, e, i, n, runner):
            runner = n
        if j != i:
            if is_better(state, candidates, e, i, n, outsider):
                outsider, second_outsider = n, outsider
            elif is_better(state, candidates, e, i, n, second_outsider):
                second_outsider = n

    top = candidates[best].appeal if best >= 0 else NOTHING
    second = candidates[runner].appeal if runner >= 0 else NOTHING
    made = appeal_of_making(state, e, i, present, need, leaving)
    if state.operates[m, i]:
        see_outside_price(state, candidates, e, i, count)
    for n in (outsider, second_outsider):
        if n >= 0:
            rival = max(second if n == best else top, made)
            row = reports[0] if n == outsider else reports[1]
            report(state, row, e, i, candidates[n].row, need, candidates[n].appeal - rival)

    chosen = candidates[best].row if best >= 0 else -1
    gain = gain_of_making(state, e, i, present, made, top) if made > NOTHING else NOTHING
    link.unmet = best < 0
    link.makes = gain > 0.0
    if link.makes:
        state.firms[i].wishes = True
    link.moves = not link.makes and (best < 0 or chosen != present)
    link.chosen = chosen
    link.expected = gain
    if present >= 0:
        advantage = top - candidates[0].appeal  # the present supplier is the first candidate
        link.itch = itch_after(link.itch, advantage, link.moves)
        link.expected = gain if link.makes else advantage


@inlined
def need_of(state: State, e: int, i: int) -> Need:
    """The unit without this input: stage and capability plus what its other suppliers bring."""
    edge = state.edges[e]
    k = edge.consumer
    cost, quality = state.units[k, i].stage_cost, state.units[k, i].capability
    for other in range(state.layers[k].first_edge, state.layers[k + 1].first_edge):
        part_of, link = state.edges[other], state.links[other, i]
        if other != e and delivers(state, part_of.input, link.supplier):
            weight = part_of.weight if part_of.input == edge.input else link.drawn  # as if all its sources delivered
            cost += weight * price_for(state, other, i, link.supplier)
            share = part_of.passthrough * (weight / part_of.weight)
            quality += share * state.units[part_of.input, link.supplier].quality
    ceiling = client_ceiling(state, k, i)
    return Need(cost, quality, edge.weight, edge.passthrough, state.units[k, i].frontier_weight, ceiling)


@part
def noise_uniform(state: State, e: int, i: int, j: int) -> float:
    """The fresh draw of a pair and input in this step; it also settles ties."""
    market, firm = state.market[0], state.firms[i]
    index = e + state.edges.shape[0] * state.firms[j].slot
    return chance.uniform(market.seed, market.step, firm.slot, firm.birth, chance.NOISE, index)


@part
def is_better(state: State, candidates: Table, e: int, i: int, n: int, other: int) -> bool:
    """Whether candidate n beats candidate `other` (-1: none yet)."""
    if other < 0:
        return True
    one, two = candidates[n], candidates[other]
    if one.appeal != two.appeal:
        return one.appeal > two.appeal
    return noise_uniform(state, e, i, one.row) > noise_uniform(state, e, i, two.row)


@part
def taste_for(state: State, e: int, i: int, j: int) -> float:
    """Lasting taste of buyer i for supplier j on this input: the pair's own, and what the unit's clients share."""
    layer, buyer, seller = state.layers[state.edges[e].input], state.firms[i], state.firms[j]
    if layer.taste <= 0.0:
        return 0.0
    u = chance.pair_uniform(state.market[0].seed, e, buyer.slot, buyer.birth, seller.slot, seller.birth)
    unit = state.units[state.edges[e].input, j]
    return layer.taste * (chance.gumbel_of(u) + layer.standing * (unit.own_standing if i == j else unit.standing))


@part
def leaving_cost(state: State, e: int, i: int) -> float:
    """What leaving the present supplier costs now."""
    layer = state.layers[state.edges[e].input]
    return cost_of_leaving(layer.switching_cost, float(state.links[e, i].tenure), layer.tenure_scale)


@inlined
def appeal_of(state: State, e: int, i: int, j: int, present: int, need: Need, share: float, leaving: float) -> float:
    """Appeal of buying from j (one's own unit counts with the fixed cost it could avoid)."""
    edge, market = state.edges[e], state.market[0]
    m, unit = edge.input, state.units[edge.input, j]
    if j == i:
        volume = edge.weight * state.units[edge.consumer, i].volume
        paid = own_cost(unit.unit_cost, fixed_cost(state, m, i), state.units[m, i].volume, volume)
    else:
        paid = price_for(state, e, i, j)
    noise = 0.0
    if market.choice_noise > 0.0:
        noise = market.choice_noise * chance.gumbel_of(noise_uniform(state, e, i, j))
    leaves = present >= 0 and j != present and j != i
    option = Option(unit.quality, paid, taste_for(state, e, i, j), share, leaves, noise)
    return weighed(state, i, need, option, state.layers[m].network_effect, leaving)


@part
def weighed(state: State, i: int, need: Need, option: Option, network_effect: float, leaving: float) -> float:
    """The appeal of an option by the rule in force."""
    market = state.market[0]
    view = SwitchView(need, option, market.quality_weight, market.price_weight, network_effect, leaving)
    rule = market.switch_rule
    return appeal(view) if rule == 0 else own_answer(state, rule, i, view)


@inlined
def appeal_of_making(state: State, e: int, i: int, present: int, need: Need, leaving: float) -> float:
    """Appeal of making the input: it needs a supplier to learn from, a volume, and the cash to build."""
    edge, market = state.edges[e], state.market[0]
    m, volume = edge.input, edge.weight * state.units[edge.consumer, i].volume
    if not market.decisions_build or present < 0 or present == i or state.operates[m, i] or volume <= 0.0:
        return NOTHING
    if not may_hold(state, m, i):
        return NOTHING
    layer, theirs = state.layers[m], state.units[m, present]
    capability = newcomer_capability(theirs.capability, market.inheritance_gap)
    build = escalated(layer.build_cost, layer.escalation, capability)
    if state.firms[i].cash < build:
        return NOTHING
    experience = layer.imitation * theirs.experience
    stage = stage_cost(base_cost(state, m), experience, market.experience_scale, layer.learning, 0.0, layer.congestion)
    fixed = escalated(layer.fixed_cost, layer.escalation, capability)
    paid = make_cost(stage, layer.input_share, theirs.price, fixed, build, market.planning_horizon, volume)
    quality = theirs.quality - (theirs.capability - capability)
    option = Option(quality, paid, taste_for(state, e, i, i), 0.0, True, 0.0)
    return weighed(state, i, need, option, 0.0, leaving)


@part
def gain_of_making(state: State, e: int, i: int, present: int, made: float, top: float) -> float:
    """What making the input is expected to gain over the best supplier, by the rule in force."""
    market, layer, m = state.market[0], state.layers[state.edges[e].input], state.edges[e].input
    capability = newcomer_capability(state.units[m, present].capability, market.inheritance_gap)
    fixed = escalated(layer.fixed_cost, layer.escalation, capability)
    build = escalated(layer.build_cost, layer.escalation, capability)
    cash, capture, horizon = state.firms[i].cash, market.capture, market.planning_horizon
    view = BuildView(True, made, top, 0.0, capability, fixed, build, cash, capture, horizon)
    rule = state.market[0].build_rule
    return gain_of_building(view) if rule == 0 else own_answer(state, rule, i, view)


@part
def see_outside_price(state: State, candidates: Table, e: int, i: int, count: int) -> None:
    """A firm that makes the input remembers the lowest price at which it could have bought it."""
    lowest = np.inf
    for n in range(count):
        j = candidates[n].row
        if j != i:
            lowest = min(lowest, price_for(state, e, i, j))
    if lowest < np.inf:
        state.links[e, i].outside_price = lowest


@part
def report(state: State, row: Row, e: int, i: int, j: int, need: Need, distance: float) -> None:
    """Note what seller j will hear: at list price, and by which distance it won or lost this volume."""
    edge, market = state.edges[e], state.market[0]
    unit = state.units[edge.input, j]
    volume = edge.weight * state.units[edge.consumer, i].volume
    if volume <= 0.0:
        return
    bill = edge.weight * unit.price
    share = bill / (need.other_cost + bill) if bill > 0.0 else 0.0
    deal = Deal(volume, unit.price, unit.unit_cost, distance, share)
    row.seller = j
    row.up = profit_at(deal, market.price_probe, market.price_weight)
    row.down = profit_at(deal, -market.price_probe, market.price_weight)
    row.won = volume * unit.price if distance > 0.0 else 0.0
