"""Which new units a firm would found, and which of them its purse pays for."""

from __future__ import annotations

from collections.abc import Iterator

from ...agents.build import BuildView, newcomer_capability, newcomer_capacity
from .. import chance
from ..phases.build import FORWARD_RATE
from .moment import Moment
from .question import Alternative, Question

PHASE = "build"


def questions(m: Moment, i: int) -> Iterator[Question]:
    """Whether to enter a layer that it sells to; then, for each wish, whether it can be paid for."""
    if not m.market.decisions_build or not m.firms.alive[i]:
        return
    forward = entry(m, i)
    if forward.options:
        yield forward
    wishes = {layer: e for e, _, layer in reversed([*m.needs(i)]) if m.links.makes[e][i]}
    if forward.outcome["forward"] >= 0:
        wishes.setdefault(forward.outcome["forward"], -1)
    cash, founded = m.firms.cash[i], set[int]()
    for layer in sorted(wishes, key=lambda wish: m.draw(i, chance.BUILD_ORDER, wish)):
        question = founding(m, i, layer, wishes[layer], cash, founded)
        if question.outcome["built"]:
            founded.add(layer)
            cash -= question.outcome["cost"]
        yield question


def entry(m: Moment, i: int) -> Question:
    """Which layer firm i would enter to which it sells now."""
    clients = [k for k in range(len(m.names)) if is_open_to(m, i, k)]
    views = {k: forward_view(m, i, k) for k in clients}
    gains = {k: m.answer("build", i, view) for k, view in views.items()}
    best = max(clients, key=lambda k: (gains[k], -k), default=-1)
    due = m.draw(i, chance.FORWARD, 0) < FORWARD_RATE
    wanted = best if best >= 0 and gains[best] > 0.0 else -1
    affordable = wanted >= 0 and m.firms.cash[i] >= views[wanted].build_cost
    options = tuple(Alternative(m.names[k], view, forward_terms(m, view), gains[k]) for k, view in views.items())
    choice = "stays out" if wanted < 0 else f"enters {m.names[wanted]}"
    if wanted >= 0 and not affordable:
        choice = f"stays out of {m.names[wanted]}: it has not the cash"
    if not due:
        choice = f"does not think of it now (if it did: {choice})"
    outcome = {"forward": wanted if due and affordable else -1, "option": m.names[wanted] if wanted >= 0 else None}
    return Question("enter a layer that it sells to", due, options, choice, outcome)


def is_open_to(m: Moment, i: int, k: int) -> bool:
    """Whether firm i could enter layer k: a layer that sells, where it is not, and which buys what it sold just now."""
    if m.layers.is_demand[k] or m.operates[k][i] or m.traded[k][i] or not m.may_hold(k, i):
        return False
    inputs = [m.edges.input[e] for e in m.edges_of(k)]
    return any(m.operates[layer][i] and m.units.external_volume[layer][i] > 0.0 for layer in inputs)


def forward_view(m: Moment, i: int, k: int) -> BuildView:
    """What firm i sees of entering layer k."""
    there = [j for j in m.contacts(i) if m.operates[k][j]]
    margin = max([m.units.external_margin[k][j] for j in there], default=0.0)
    best = max([m.units.capability[k][j] for j in there], default=0.0)
    capability = newcomer_capability(max(best, 0.0), m.market.inheritance_gap)
    fixed, build = m.escalated("fixed_cost", k, capability), m.escalated("build_cost", k, capability)
    cash, capture, horizon = m.firms.cash[i], m.market.capture, m.market.planning_horizon
    return BuildView(False, 0.0, 0.0, max(margin, 0.0), capability, fixed, build, cash, capture, horizon)


def forward_terms(m: Moment, view: BuildView) -> dict[str, float]:
    """The gain from entry, term by term, money over the horizon."""
    if m.has_own_rule("build"):
        return {}
    return {
        "margins": view.horizon * view.capture * view.margin,
        "fixed cost": -view.horizon * view.fixed_cost,
        "build cost": -view.build_cost,
    }


def founding(m: Moment, i: int, layer: int, e: int, cash: float, founded: set[int]) -> Question:
    """What the new unit would be, and whether there is the cash for it and the law lets it be, beside what is founded.

    `e` is the edge it is made for, -1 for none.
    """
    former = m.links.supplier[e][i] if e >= 0 else -1
    there = [j for j in m.contacts(i) if m.operates[layer][j]]
    teachers = [*there, former] if former >= 0 else there
    best = max([m.units.capability[layer][j] for j in teachers], default=0.0)
    experience = max([m.units.experience[layer][j] for j in teachers], default=0.0)
    capability = newcomer_capability(max(best, 0.0), m.market.inheritance_gap)
    cost = m.escalated("build_cost", layer, capability)
    need = 0.0
    for x, k, bought in m.needs(i):
        if bought == layer:
            need += m.edges.weight[x] * m.units.volume[k][i]
    total = 0.0
    for j in there:
        total += m.units.capacity[layer][j]
    mean = total / len(there) if there else 0.0
    capacity = newcomer_capacity(need, mean, m.layers.start_capacity[layer])
    lawful = m.may_hold(layer, i) and not any(m.layers.barred_with[layer] >> other & 1 for other in founded)
    built = cash >= cost and lawful
    terms = {"cash": cash, "build cost": -cost}
    outcome = {
        "layer": layer,
        "built": built,
        "cost": cost,
        "next_capability": capability,
        "next_experience": m.layers.imitation[layer] * experience,
        "next_capacity": capacity,
        "option": "found it" if built else None,
    }
    choice = f"founds a unit in {m.names[layer]}" if built else "has not the cash" if lawful else "may not"
    why = f"make {m.names[layer]} itself" if e >= 0 else f"found a unit in {m.names[layer]}"
    return Question(why, True, (Alternative("found it", None, terms, cash - cost),), choice, outcome)
