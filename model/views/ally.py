"""Whom a firm would propose an alliance to, whose proposal it would accept, and which alliances it would end."""

from __future__ import annotations

from collections.abc import Iterator

from ...agents.ally import AllyView, client_gain, knowledge_gain, needs_capital, supplier_gain
from .. import chance
from ..phases.ally import PROPOSAL_RATE, REVIEW_RATE
from .moment import Moment
from .question import Alternative, Question

PHASE = "ally"


def questions(m: Moment, i: int, suitors: list[int]) -> Iterator[Question]:
    """Whether to propose, whom of the `suitors` (rows that propose to it) to accept, and each alliance under review."""
    if not m.market.decisions_ally or not m.is_seller(i):
        return
    yield proposal(m, i)
    if suitors:
        yield answer(m, i, suitors)
    for j in m.allies(i):
        yield review(m, i, j)


def value(m: Moment, i: int, j: int) -> Alternative:
    """What an alliance with j is worth to firm i, term by term, money per step."""
    view = view_of(m, i, j)
    return Alternative(m.name(j), view, {} if m.has_own_rule("ally") else view._asdict(), m.answer("ally", i, view))


def view_of(m: Moment, i: int, j: int) -> AllyView:
    """What an alliance with j would bring to and take from firm i."""
    market = m.market
    discount, options, business, granted, learnt, leaked, capital = (0.0,) * 7
    for e, k, _ in m.needs(i):
        if buys(m, e, i, j):
            spending = m.units.unit_cost[k][i] * m.units.volume[k][i]
            got, lost = client_gain(
                market.alliance_discount,
                list_margin(m, e, i, j),
                market.exclusivity,
                m.links.itch[e][i],
                spending,
                market.price_weight,
            )
            discount, options = discount + got, options + lost
    for e, _, layer in m.needs(j):
        if buys(m, e, j, i):
            margin, churn = list_margin(m, e, j, i), m.units.churn[layer][i]
            got, lost = supplier_gain(
                market.exclusivity, churn, market.planning_horizon, market.alliance_discount, margin
            )
            business, granted = business + got, granted + lost
    if is_client(m, i, j) != is_client(m, j, i):
        capital = capital_between(m, i, j) / market.planning_horizon
    for k in m.operated(i):
        if m.operates[k][j] and not m.layers.is_demand[k]:
            gain = knowledge_gain(
                m.units.capability[k][i],
                m.units.capability[k][j],
                m.units.external_margin[k][i],
                m.units.external_volume[k][i] > 0.0 and m.units.external_volume[k][j] > 0.0,
                market.alliance_spillover,
                m.layers.taste[k],
            )
            learnt, leaked = learnt + max(gain, 0.0), leaked + min(gain, 0.0)
    trust = market.alliance_trust * sum(j in m.allies(ally) for ally in m.allies(i))
    return AllyView(discount, options, business, granted, learnt, leaked, capital, trust)


def proposal(m: Moment, i: int) -> Question:
    """The contact or present supplier that firm i gains most from."""
    known = [*m.contacts(i), *(m.links.supplier[e][i] for e, _, _ in m.needs(i))]
    eligible = [j for j in dict.fromkeys(known) if j >= 0 and j != i and m.is_seller(j) and j not in m.allies(i)]
    values = {j: value(m, i, j) for j in eligible}
    best = preferred(m, i, values)
    places = free_places(m, i)
    due = m.draw(i, chance.PROPOSAL, 0) < PROPOSAL_RATE and places > 0
    choice = f"proposes to {m.name(best)}" if best >= 0 else "finds nobody worth the upkeep"
    if not due:
        choice = "proposes to nobody now" + (f" (would to {m.name(best)})" if best >= 0 else "")
        choice = "has no place for another ally" if places <= 0 else choice
    outcome = {"suitor": best if due else -1, "option": m.name(best) if best >= 0 else None}
    return Question(f"propose an alliance{worth(m)}", due, tuple(values.values()), choice, outcome)


def answer(m: Moment, i: int, suitors: list[int]) -> Question:
    """Which proposal firm i accepts: the one worth most to it, above the upkeep."""
    values = {j: value(m, i, j) for j in suitors if j not in m.allies(i)}
    best = preferred(m, i, values) if free_places(m, i) > 0 else -1
    choice = f"accepts {m.name(best)}" if best >= 0 else "declines"
    outcome = {"accepted": best, "option": m.name(best) if best >= 0 else None}
    return Question(f"answer proposals{worth(m)}", True, tuple(values.values()), choice, outcome)


def review(m: Moment, i: int, j: int) -> Question:
    """Whether the alliance with j goes on: either side ends it if it gains less than the upkeep."""
    mine, theirs = value(m, i, j), m.answer("ally", j, view_of(m, j, i))
    due = m.pair_draw(i, j, chance.PARTING) < REVIEW_RATE
    ends = min(mine.value, theirs) < m.market.alliance_upkeep
    choice = "ends it" if mine.value < m.market.alliance_upkeep else "is left" if ends else "goes on"
    outcome = {"ally": j, "parts": due and ends, "option": mine.name}
    choice = choice if due else f"no review now (would: {choice})"
    return Question(f"alliance with {m.name(j)}{worth(m)}", due, (mine,), choice, outcome)


def worth(m: Moment) -> str:
    """What an alliance has to be worth."""
    return f" (worth more than its upkeep of {m.market.alliance_upkeep:g})"


def preferred(m: Moment, i: int, values: dict[int, Alternative]) -> int:
    """The partner worth most to firm i above the upkeep, ties settled by the pair's draw; -1 for none."""
    worth = [j for j, option in values.items() if option.value > m.market.alliance_upkeep]
    return max(worth, key=lambda j: (values[j].value, m.pair_draw(i, j, chance.ALLY_ORDER)), default=-1)


def free_places(m: Moment, i: int) -> int:
    """How many more allies firm i can take."""
    return int(min(m.market.max_allies, len(m.ties[i])) - len(m.allies(i)))


def buys(m: Moment, e: int, i: int, j: int) -> bool:
    """Whether firm i has j as supplier on edge e, and j still runs such a unit."""
    return m.links.supplier[e][i] == j and m.operates[m.edges.input[e]][j]


def is_client(m: Moment, i: int, j: int) -> bool:
    """Whether firm i buys anything from j."""
    return any(buys(m, e, i, j) for e, _, _ in m.needs(i))


def list_margin(m: Moment, e: int, i: int, j: int) -> float:
    """What j earns per step at list price from firm i on edge e."""
    k, layer = m.edges.consumer[e], m.edges.input[e]
    margin = m.units.price[layer][j] - m.units.unit_cost[layer][j]
    return float(m.edges.weight[e] * m.units.volume[k][i] * margin)


def capital_between(m: Moment, i: int, j: int) -> float:
    """Capital that firm i gets from j as its client, or (negative) gives to it as its supplier."""
    client, supplier, sign = (i, j, 1.0) if is_client(m, i, j) else (j, i, -1.0)
    fixed = 0.0
    for k in m.operated(client):
        fixed += m.fixed_cost(k, client)
    if needs_capital(m.firms.cash[client], fixed, m.firms.cash[supplier], m.market.runway):
        return float(sign * m.market.runway * fixed)
    return 0.0
