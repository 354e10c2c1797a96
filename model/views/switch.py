"""Whom a firm would buy its inputs from, and whether it would make one itself."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any

from ...agents.build import BuildView, make_cost, newcomer_capability
from ...agents.offer import stage_cost
from ...agents.price import Deal
from ...agents.switch import Need, SwitchView, comes_up, cost_of_leaving, itch_after, own_cost, weigh
from ...agents.switch import Option as Seen
from .. import chance
from .moment import Moment
from .question import Option, Question

PHASE = "source"
MAKE = "make it itself"
NOBODY = "nobody"


def questions(m: Moment, i: int) -> Iterator[Question]:
    """One question for each input of each unit of firm i."""
    for e, k, layer in m.needs(i):
        parallel = [x for x in m.edges_of(k) if m.edges.input[x] == layer]
        which = f" (source {parallel.index(e) + 1})" if len(parallel) > 1 else ""
        yield review(m, e, i, f"{m.names[k]} buys {m.names[layer]}{which}")


def review(m: Moment, e: int, i: int, about: str) -> Question:
    """What comes out of weighing all suppliers that firm i can see for an input, and making it."""
    layer, link = m.edges.input[e], m.links
    supplier = link.supplier[e][i]
    present = supplier if m.delivers(layer, supplier) else -1
    rows = seen_suppliers(m, e, i, present)
    views = {j: view_of(m, e, i, j, present, rows) for j in rows}
    appeals = {j: m.answer("switch", i, view) for j, view in views.items()}
    ranked = sorted(rows, key=lambda j: (appeals[j], noise(m, e, i, j)), reverse=True)
    best = ranked[0] if ranked else -1
    options = [option_of(m, m.name(j) + " (itself)" * (j == i), views[j], appeals[j]) for j in ranked]
    make, gain, made = making(m, e, i, present, appeals[best] if ranked else -inf)
    if make is not None:
        options.append(make)

    makes = gain > 0.0
    moves = not makes and (not ranked or best != present)
    outside = [m.paid(e, i, j) for j in rows if j != i]
    due = is_due(m, e, i, present)
    outcome: dict[str, Any] = {"due": due, "tenure": link.tenure[e][i] + 1}
    if due:
        outcome |= {"makes": makes, "moves": moves, "chosen": best, "unmet": not ranked, "itch": link.itch[e][i]}
        if present >= 0:
            outcome["itch"] = itch_after(link.itch[e][i], appeals[best] - appeals[present], moves)
        if m.operates[layer][i] and outside:
            outcome["outside_price"] = min(outside)
        outcome["reports"] = reports(m, e, i, ranked, views, appeals, made)
    chosen = MAKE if makes else m.name(best) if ranked else NOBODY
    outcome["option"] = next((o.name for o in options if o.name.removesuffix(" (itself)") == chosen), NOBODY)
    return Question(about, due, tuple(options), told(m, chosen, supplier, present, due), outcome)


def told(m: Moment, chosen: str, supplier: int, present: int, due: bool) -> str:
    """The choice in words."""
    now = m.name(supplier) if supplier >= 0 else NOBODY
    if not due:
        return f"no review now, stays with {now}" + (f" (would choose: {chosen})" if chosen != now else "")
    if chosen == MAKE:
        return f"{MAKE}, for now buying on from {now}"
    if chosen == NOBODY:
        return "finds nobody who delivers"
    if present < 0:
        return f"takes {chosen}, having no supplier"
    return f"stays with {now}" if chosen == now else f"switches from {now} to {chosen}"


def is_due(m: Moment, e: int, i: int, present: int) -> bool:
    """Whether the contract comes up in this step."""
    j = m.links.supplier[e][i]
    return comes_up(
        present >= 0,
        m.market.decisions_switch,
        m.layers.review[m.edges.consumer[e]],
        j >= 0 and j in m.allies(i),
        m.market.exclusivity,
        m.draw(i, chance.REVIEW, e),
    )


def seen_suppliers(m: Moment, e: int, i: int, present: int) -> list[int]:
    """Rows of all that firm i can see to deliver the input: the present supplier, itself, contacts and allies, those
    that contacts in its own layer use, and one met at random."""
    k, layer = m.edges.consumer[e], m.edges.input[e]
    seen = [present, i]
    for j in m.contacts(i):
        if m.operates[layer][j]:
            seen.append(j)
        elif m.operates[k][j]:
            seen.append(m.links.supplier[e][j])
    seen += [*m.allies(i), met_at_random(m, e, i, present)]
    return [j for j in dict.fromkeys(seen) if m.delivers(layer, j)]


def met_at_random(m: Moment, e: int, i: int, present: int) -> int:
    """The firm of the layer met at random, -1 for none."""
    if present >= 0 and m.draw(i, chance.MEETING, e) >= m.market.exploration:
        return -1
    layer = m.edges.input[e]
    first, last = m.layers.first_slot[layer], m.layers.first_slot[layer + 1]
    row: int = m.firms.row_of_slot[first + int(m.draw(i, chance.WHICH, e) * (last - first))]
    return row


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


def view_of(m: Moment, e: int, i: int, j: int, present: int, rows: list[int]) -> SwitchView:
    """What firm i sees of buying from j."""
    k, layer = m.edges.consumer[e], m.edges.input[e]
    if j == i:
        volume = m.edges.weight[e] * m.units.volume[k][i]
        paid = own_cost(m.units.unit_cost[layer][i], m.fixed_cost(layer, i), m.units.volume[layer][i], volume)
    else:
        paid = m.paid(e, i, j)
    fresh = m.market.choice_noise * chance.one_gumbel(noise(m, e, i, j)) if m.market.choice_noise > 0.0 else 0.0
    leaves = present >= 0 and j not in (present, i)
    seen = Seen(m.units.quality[layer][j], paid, taste(m, e, i, j), peers_using(m, e, i, j), leaves, fresh)
    return weighing(m, e, i, seen, m.layers.network_effect[layer])


def weighing(m: Moment, e: int, i: int, seen: Seen, network_effect: float) -> SwitchView:
    """An option beside the need and the parameters in force."""
    layer = m.edges.input[e]
    tenure = float(m.links.tenure[e][i] + 1)  # it grows at the start of the phase
    leaving = cost_of_leaving(m.layers.switching_cost[layer], tenure, m.layers.tenure_scale[layer])
    return SwitchView(need_of(m, e, i), seen, m.market.quality_weight, m.market.price_weight, network_effect, leaving)


def option_of(m: Moment, name: str, view: SwitchView, appeal: float) -> Option:
    """An option with its appeal term by term; the terms of a rule of the user's own are not known."""
    terms = {} if m.has_own_rule("switch") else weigh(view)._asdict()
    return Option(name, view, terms, appeal)


def peers_using(m: Moment, e: int, i: int, j: int) -> float:
    """Share of the contacts in the same layer, of those with a supplier, that use j."""
    k, layer = m.edges.consumer[e], m.edges.input[e]
    if m.layers.network_effect[layer] <= 0.0:
        return 0.0
    used = [m.links.supplier[e][c] for c in m.contacts(i) if m.operates[k][c]]
    used = [each for each in used if m.delivers(layer, each)]
    return used.count(j) / len(used) if used else 0.0


def noise(m: Moment, e: int, i: int, j: int) -> float:
    """The fresh draw of firm i about j on this input, which also settles ties."""
    return m.draw(i, chance.NOISE, e + len(m.edges.input) * m.firms.slot[j])


def taste(m: Moment, e: int, i: int, j: int) -> float:
    """Lasting taste of firm i for j on this input."""
    tau, firms = m.layers.taste[m.edges.input[e]], m.firms
    if tau <= 0.0:
        return 0.0
    pair = (firms.slot[i], firms.birth[i], firms.slot[j], firms.birth[j])
    return float(tau * chance.one_gumbel(chance.one_pair_draw(m.market.seed, e, *pair)))


def making(m: Moment, e: int, i: int, present: int, top: float) -> tuple[Option | None, float, float]:
    """The option of making the input, its gain over the best supplier and its appeal; none if it is out of reach."""
    k, layer = m.edges.consumer[e], m.edges.input[e]
    volume = m.edges.weight[e] * m.units.volume[k][i]
    if not m.market.decisions_build or present in (-1, i) or m.operates[layer][i] or volume <= 0.0:
        return None, -inf, -inf
    market, theirs = m.market, m.units.capability[layer][present]
    capability = newcomer_capability(theirs, market.inheritance_gap)
    fixed, build = m.escalated("fixed_cost", layer, capability), m.escalated("build_cost", layer, capability)
    cash = m.firms.cash[i]
    if cash < build:
        return None, -inf, -inf
    experience = m.layers.imitation[layer] * m.units.experience[layer][present]
    stage = stage_cost(
        m.layers.base_cost[layer],
        experience,
        market.experience_scale,
        m.layers.learning[layer],
        0.0,
        m.layers.congestion[layer],
    )
    share, price = m.layers.input_share[layer], m.units.price[layer][present]
    paid = make_cost(stage, share, price, fixed, build, market.planning_horizon, volume)
    quality = m.units.quality[layer][present] - (theirs - capability)
    view = weighing(m, e, i, Seen(quality, paid, taste(m, e, i, i), 0.0, True, 0.0), 0.0)
    made = m.answer("switch", i, view)
    plan = BuildView(True, made, top, 0.0, capability, fixed, build, cash, market.capture, market.planning_horizon)
    return option_of(m, MAKE, view, made), m.answer("build", i, plan), made


def reports(
    m: Moment,
    e: int,
    i: int,
    ranked: list[int],
    views: dict[int, SwitchView],
    appeals: dict[int, float],
    made: float,
) -> list[tuple[int, Deal]]:
    """What the best two outsiders hear of the deal: row and deal."""
    k, layer = m.edges.consumer[e], m.edges.input[e]
    volume = m.edges.weight[e] * m.units.volume[k][i]
    if volume <= 0.0:
        return []
    heard = []
    for j in [row for row in ranked if row != i][:2]:
        rivals = [appeals[other] for other in ranked if other != j]
        distance = appeals[j] - max([*rivals, made, -1e300])
        bill = m.edges.weight[e] * m.units.price[layer][j]
        share = bill / (views[j].need.other_cost + bill) if bill > 0.0 else 0.0
        heard.append((j, Deal(volume, m.units.price[layer][j], m.units.unit_cost[layer][j], distance, share)))
    return heard
