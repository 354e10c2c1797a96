"""Whom a firm would buy its inputs from, and whether it would make one itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ...agents.price import Deal
from ...agents.switch import Option, SwitchView, comes_up, itch_after, own_cost, weigh
from .. import chance
from ..phases.sight import NOTHING
from .make import Making, making, taste, weighing
from .moment import Moment
from .question import Alternative, Question

PHASE = "source"
MAKE = "make it itself"
NOBODY = "nobody"


def questions(m: Moment, i: int) -> Iterator[Question]:
    """One question for each input of each unit of firm i."""
    for e, k, layer in m.needs(i):
        parallel = [x for x in m.edges_of(k) if m.edges.input[x] == layer]
        which = f" (source {parallel.index(e) + 1})" if len(parallel) > 1 else ""
        yield review(m, e, i, f"{m.names[k]} buys {m.names[layer]}{which}")


class Review(NamedTuple):
    """All that firm i can choose from for an input."""

    present: int  # row of the supplier that it has, -1 for none
    ranked: list[int]  # rows of those that it can see, the best first
    views: dict[int, SwitchView]
    appeals: dict[int, float]
    make: Making | None

    @property
    def makes(self) -> bool:
        """Whether it would make the input."""
        return self.make is not None and self.make.gain > 0.0

    @property
    def best(self) -> int:
        """Row of the best supplier, -1 for none."""
        return self.ranked[0] if self.ranked else -1


def weigh_all(m: Moment, e: int, i: int) -> Review:
    """Weigh all suppliers that firm i can see for an input, and making it."""
    supplier = m.links.supplier[e][i]
    present = supplier if m.delivers(m.edges.input[e], supplier) else -1
    rows = seen_suppliers(m, e, i, present)
    views = {j: view_of(m, e, i, j, present) for j in rows}
    appeals = {j: m.answer("switch", i, view) for j, view in views.items()}
    ranked = sorted(rows, key=lambda j: (appeals[j], noise(m, e, i, j)), reverse=True)
    make = making(m, e, i, present, appeals[ranked[0]]) if present >= 0 else None
    return Review(present, ranked, views, appeals, make)


def review(m: Moment, e: int, i: int, about: str) -> Question:
    """What comes out of weighing all that firm i can choose from for an input."""
    layer, link, found = m.edges.input[e], m.links, weigh_all(m, e, i)
    options = [option_of(m, name(m, i, j), found.views[j], found.appeals[j]) for j in found.ranked]
    if found.make is not None:
        options.append(option_of(m, MAKE, found.make.view, found.make.appeal))
    moves = not found.makes and (not found.ranked or found.best != found.present)
    due = is_due(m, e, i, found.present)
    outcome: dict[str, Any] = {"tenure": link.tenure[e][i] + 1}
    if due:
        outcome |= {"makes": found.makes, "moves": moves, "chosen": found.best, "unmet": not found.ranked}
        outcome["itch"] = link.itch[e][i]
        if found.present >= 0:
            advantage = found.appeals[found.best] - found.appeals[found.present]
            outcome["itch"] = itch_after(link.itch[e][i], advantage, moves)
        outside = [m.paid(e, i, j) for j in found.ranked if j != i]
        if m.operates[layer][i] and outside:
            outcome["outside_price"] = min(outside)
        outcome["reports"] = reports(m, e, i, found)
    chosen = MAKE if found.makes else name(m, i, found.best)
    choice = told(chosen, name(m, i, link.supplier[e][i]), found.present, due)
    return Question(about, due, tuple(options), choice, {**outcome, "option": chosen})


def name(m: Moment, i: int, j: int) -> str:
    """What firm i calls a supplier."""
    return NOBODY if j < 0 else m.name(j) + " (itself)" * (j == i)


def told(chosen: str, now: str, present: int, due: bool) -> str:
    """The choice in words."""
    if not due:
        return f"no review now, stays with {now}" + (f" (would choose: {chosen})" if chosen != now else "")
    if chosen == MAKE:
        return f"wants to {MAKE}, and buys from {now} until it can"
    if chosen == NOBODY:
        return "finds nobody who delivers"
    if present < 0:
        return f"takes {chosen}, having no supplier"
    return f"stays with {now}" if chosen == now else f"switches from {now} to {chosen}"


def makings(m: Moment, i: int) -> Iterator[Question]:
    """One question for each input under review that firm i could make itself: whether it wants to."""
    for e, _, layer in m.needs(i):
        found = weigh_all(m, e, i)
        if found.make is not None and is_due(m, e, i, found.present):
            plan = found.make.plan
            terms = {"appeal of making it": plan.appeal_made, "less that of the best supplier": -plan.appeal_bought}
            option = Alternative(MAKE, plan, {} if m.has_own_rule("build") else terms, found.make.gain)
            choice = f"wants to {MAKE}" if found.makes else f"rather buys from {name(m, i, found.best)}"
            outcome = {"edge": e, "makes": found.makes, "option": MAKE if found.makes else None}
            yield Question(f"make {m.names[layer]}", True, (option,), choice, outcome)


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


def view_of(m: Moment, e: int, i: int, j: int, present: int) -> SwitchView:
    """What firm i sees of buying from j."""
    k, layer = m.edges.consumer[e], m.edges.input[e]
    if j == i:
        volume = m.edges.weight[e] * m.units.volume[k][i]
        paid = own_cost(m.units.unit_cost[layer][i], m.fixed_cost(layer, i), m.units.volume[layer][i], volume)
    else:
        paid = m.paid(e, i, j)
    fresh = m.market.choice_noise * chance.one_gumbel(noise(m, e, i, j)) if m.market.choice_noise > 0.0 else 0.0
    leaves = present >= 0 and j not in (present, i)
    seen = Option(m.units.quality[layer][j], paid, taste(m, e, i, j), peers_using(m, e, i, j), leaves, fresh)
    return weighing(m, e, i, seen, m.layers.network_effect[layer])


def option_of(m: Moment, name: str, view: SwitchView, appeal: float) -> Alternative:
    """An option with its appeal term by term; the terms of a rule of the user's own are not known."""
    terms = {} if m.has_own_rule("switch") else weigh(view)._asdict()
    return Alternative(name, view, terms, appeal)


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


def reports(m: Moment, e: int, i: int, found: Review) -> list[tuple[int, Deal]]:
    """What the best two outsiders hear of the deal: row and deal."""
    k, layer = m.edges.consumer[e], m.edges.input[e]
    volume = m.edges.weight[e] * m.units.volume[k][i]
    if volume <= 0.0:
        return []
    heard, made = [], NOTHING if found.make is None else found.make.appeal
    for j in [row for row in found.ranked if row != i][:2]:
        rivals = [found.appeals[other] for other in found.ranked if other != j]
        distance = found.appeals[j] - max([*rivals, made])
        bill = m.edges.weight[e] * m.units.price[layer][j]
        share = bill / (found.views[j].need.other_cost + bill) if bill > 0.0 else 0.0
        heard.append((j, Deal(volume, m.units.price[layer][j], m.units.unit_cost[layer][j], distance, share)))
    return heard
