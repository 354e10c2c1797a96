"""What a unit is without an input, and what making that input itself would be."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

from ...agents.build import BuildView, make_cost, newcomer_capability
from ...agents.offer import stage_cost
from ...agents.switch import Need, Option, SwitchView, cost_of_leaving
from .. import chance
from .moment import Moment


class Making(NamedTuple):
    """Making an input: as an option of sourcing, and as a unit to be built."""

    view: SwitchView
    appeal: float
    plan: BuildView
    gain: float  # over the best supplier


def making(m: Moment, e: int, i: int, present: int, top: float) -> Making | None:
    """What making the input would be, None if it is out of reach."""
    k, layer = m.edges.consumer[e], m.edges.input[e]
    volume = m.edges.weight[e] * m.units.volume[k][i]
    if not m.market.decisions_build or present in (-1, i) or m.operates[layer][i] or volume <= 0.0:
        return None
    if not m.may_hold(layer, i):
        return None
    market, own_taste, theirs = m.market, taste(m, e, i, i), m.units.capability[layer][present]
    capability = newcomer_capability(theirs, market.inheritance_gap)
    fixed, build = m.escalated("fixed_cost", layer, capability), m.escalated("build_cost", layer, capability)
    cash = m.firms.cash[i]
    if cash < build:
        return None
    experience = m.layers.imitation[layer] * m.units.experience[layer][present]
    stage = stage_cost(
        m.layers.base_cost[layer] * exp(-m.layers.progress[layer]),
        experience,
        market.experience_scale,
        m.layers.learning[layer],
        0.0,
        m.layers.congestion[layer],
    )
    share, price = m.layers.input_share[layer], m.units.price[layer][present]
    paid = make_cost(stage, share, price, fixed, build, market.planning_horizon, volume)
    quality = m.units.quality[layer][present] - (theirs - capability)
    view = weighing(m, e, i, Option(quality, paid, own_taste, 0.0, True, 0.0), 0.0)
    made = m.answer("switch", i, view)
    plan = BuildView(True, made, top, 0.0, capability, fixed, build, cash, market.capture, market.planning_horizon)
    return Making(view, made, plan, m.answer("build", i, plan))


def need_of(m: Moment, e: int, i: int) -> Need:
    """The unit without this input."""
    k, layer = m.edges.consumer[e], m.edges.input[e]
    cost, quality = m.units.stage_cost[k][i], m.units.capability[k][i]
    for x in m.edges_of(k):
        j, bought = m.links.supplier[x][i], m.edges.input[x]
        if x != e and m.delivers(bought, j):
            weight = m.edges.weight[x] if bought == layer else m.links.drawn[x][i]
            cost += weight * m.paid(x, i, j)
            quality += m.edges.passthrough[x] * (weight / m.edges.weight[x]) * m.units.quality[bought][j]
    weight, share = m.edges.weight[e], m.edges.passthrough[e]
    return Need(cost, quality, weight, share, m.units.frontier_weight[k][i], m.ceiling(k, i))


def weighing(m: Moment, e: int, i: int, seen: Option, network_effect: float) -> SwitchView:
    """An option beside the need and the parameters in force."""
    layer = m.edges.input[e]
    tenure = float(m.links.tenure[e][i] + 1)  # it grows at the start of the phase
    leaving = cost_of_leaving(m.layers.switching_cost[layer], tenure, m.layers.tenure_scale[layer])
    return SwitchView(need_of(m, e, i), seen, m.market.quality_weight, m.market.price_weight, network_effect, leaving)


def taste(m: Moment, e: int, i: int, j: int) -> float:
    """Lasting taste of firm i for j on this input."""
    layer, firms = m.edges.input[e], m.firms
    tau, standing = m.layers.taste[layer], m.units.own_standing if i == j else m.units.standing
    if tau <= 0.0:
        return 0.0
    pair = (firms.slot[i], firms.birth[i], firms.slot[j], firms.birth[j])
    drawn = chance.one_gumbel(chance.one_pair_draw(m.market.seed, e, *pair))
    return float(tau * (drawn + m.layers.standing[layer] * standing[layer][j]))
