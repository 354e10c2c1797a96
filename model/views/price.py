"""What mark-up a firm would set next, and whether it would give a product away."""

from __future__ import annotations

from collections.abc import Iterator

from ...agents.price import PriceView, bounded, opens
from .. import chance
from ..phases.price import OPENING_RATE
from .moment import Moment
from .question import Alternative, Question

PHASE = "price"


def questions(m: Moment, i: int) -> Iterator[Question]:
    """One question for the mark-up of each unit that sells, and one for openness where a unit can be open."""
    for k in m.operated(i):
        if m.layers.is_demand[k]:
            continue
        view = view_of(m, k, i)
        public = m.firms.public[i]
        markup = 0.0 if public else bounded(m.answer("price", i, view), m.market.markup_cap)
        change = "keeps" if markup == view.markup else "raises" if markup > view.markup else "lowers"
        choice = f"{change} its mark-up: {view.markup:.4f} -> {markup:.4f}, {reason(m, view)}"
        terms = {"present": view.markup, "change": markup - view.markup}
        option = Alternative("next mark-up", view, terms, markup)
        outcome = {"layer": k, "markup": markup, "option": option.name}
        yield Question(f"{m.names[k]} mark-up", True, (option,), choice, outcome)
        if m.market.decisions_open and m.layers.openable[k] and not m.units.released[k][i]:
            yield openness(m, k, i, markup)


def reason(m: Moment, view: PriceView) -> str:
    """What the win/loss report says, in words."""
    if m.has_own_rule("price"):
        return "by a rule of its own"
    if view.revenue_won > 0.0:
        up, down, probe = view.profit_up, view.profit_down, 100 * m.market.price_probe
        return f"since deals would have earned {up:.3f} at prices {probe:g} % higher, {down:.3f} at lower ones"
    if view.profit_down > 0.0:
        return f"since it won no deal, and a lower price would have earned {view.profit_down:.3f}"
    return "since it sells to nobody" if view.external_volume <= 0.0 else "since no deal was up"


def view_of(m: Moment, k: int, i: int) -> PriceView:
    """The books of firm i's unit in layer k."""
    books = {
        name: getattr(m.units, name)[k][i] for name in PriceView._fields if name not in ("speed", "step_max", "cap")
    }
    return PriceView(**books, speed=m.market.price_speed, step_max=m.market.price_step_max, cap=m.market.markup_cap)


def openness(m: Moment, k: int, i: int, markup: float) -> Question:
    """Whether the unit would earn its owner more by being given away."""
    joined = {b for a, b in zip(m.edges.consumer, m.edges.input, strict=True) if a == k}
    joined |= {a for a, b in zip(m.edges.consumer, m.edges.input, strict=True) if b == k}
    next_door = 0.0
    for other in sorted(joined):
        if m.operates[other][i]:
            next_door += m.units.external_margin[other][i]
    own = m.units.volume[k][i] * m.units.unit_cost[k][i] * markup
    due = m.draw(i, chance.OPENING, k) < OPENING_RATE
    wish = opens(next_door, own)
    now = m.units.open[k][i]
    options = (
        Alternative("open", None, {"a quarter of the margins next door": 0.25 * next_door}, 0.25 * next_door),
        Alternative("closed", None, {"what the unit would earn": own}, own),
    )
    chosen = "open" if wish else "closed"
    choice = f"{'stays' if wish == now else 'becomes'} {chosen}"
    if not due:
        choice = f"no review now, stays {'open' if now else 'closed'}"
    outcome = {"layer": k, "open": wish if due else now, "option": chosen}
    return Question(f"{m.names[k]} open or closed", due, options, choice, outcome)
