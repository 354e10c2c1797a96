"""Phase 7: entering clients' layers; then all links change together, and all units wished for are built."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, NamedTuple

from .firm import Firm
from .stack import Layer
from .unit import Link, Unit

if TYPE_CHECKING:
    from .market import Market

FORWARD_RATE = 0.1
BUILT_MARKUP = 0.1


class Sight(NamedTuple):
    """What contacts show of a layer: the best of each, and the mean capacity (0 if none is there)."""

    capability: float
    experience: float
    margin: float
    capacity: float


def sight(contacts: list[Firm], layer: Layer) -> Sight:
    """Look around among contacts."""
    seen = [contact.units[layer] for contact in contacts if layer in contact.units]
    if not seen:
        return Sight(0.0, 0.0, 0.0, 0.0)
    return Sight(
        max(0.0, *(unit.capability for unit in seen)),
        max(0.0, *(unit.experience for unit in seen)),
        max(0.0, *(unit.external_margin for unit in seen)),
        sum(unit.capacity for unit in seen) / len(seen),
    )


def gain_of_entering(market: Market, layer: Layer, seen: Sight) -> float:
    """What a newcomer expects: horizon (capture * best margin - F esc) - B esc, at the best capability less the gap."""
    rules = market.rules
    escalation = exp(layer.escalation * max(0.0, seen.capability - rules.inheritance_gap))
    per_step = rules.capture * seen.margin - layer.fixed_cost * escalation
    return rules.planning_horizon * per_step - layer.build_cost * escalation


def forward_layer(firm: Firm) -> Layer | None:
    """The client layer that the firm would enter now: that with the best positive gain, if it can pay for it."""
    market = firm.model
    if not market.rules.decisions_build or market.random.random() >= FORWARD_RATE:
        return None
    options = {
        client: sight(firm.contacts, client)
        for layer, unit in firm.units.items()
        if unit.external_volume > 0.0
        for client in layer.clients
        if not client.is_demand and client not in firm.units and client not in firm.closed
    }
    gains = {layer: gain_of_entering(market, layer, seen) for layer, seen in options.items()}
    best = max(gains, key=gains.__getitem__, default=None)
    if best is None or gains[best] <= 0.0:
        return None
    capability = max(0.0, options[best].capability - market.rules.inheritance_gap)
    return best if firm.cash >= best.build_cost * exp(best.escalation * capability) else None


def plan(firm: Firm) -> list[Unit]:
    """The units that the firm builds now, paid for, in random order as far as its purse goes."""
    forward = forward_layer(firm)
    wishes = dict(firm.wishes)
    if forward is not None:
        wishes.setdefault(forward, None)
    if not wishes:
        return []
    order = list(wishes.items())
    firm.model.random.shuffle(order)
    planned = (new_unit(firm, layer, link.supplier if link else None) for layer, link in order)
    return [unit for unit in planned if unit is not None]


def new_unit(firm: Firm, layer: Layer, former: Unit | None) -> Unit | None:
    """A unit that trails the best that the firm knows, contacts and former supplier; None if cash falls short."""
    capability, experience, _, capacity = sight(firm.contacts, layer)
    if former is not None:
        capability, experience = max(capability, former.capability), max(experience, former.experience)
    capability = max(0.0, capability - firm.model.rules.inheritance_gap)
    cost = layer.build_cost * exp(layer.escalation * capability)
    if firm.cash < cost:
        return None
    firm.cash -= cost
    own_need = sum(link.need for unit in firm.units.values() for link in unit.links if link.input.layer is layer)
    capacity = max(1.2 * own_need, 0.5 * capacity, 0.25 * layer.start_capacity)
    unit = Unit(firm, layer, capability, layer.imitation * experience, capacity, BUILT_MARKUP)
    for bought in layer.inputs:
        inherited = former.links[bought.place].supplier if former is not None else None
        unit.links.append(Link(unit, bought, firm.units.get(bought.layer, inherited)))
    return unit


def build(market: Market) -> None:
    """Everyone plans on the same state; then links move, and then the new units are there."""
    planned = [unit for units in market.agents.map(plan) for unit in units]
    for layer in market.layers:
        for unit in layer.units:
            for link in unit.links:
                if link.moves:
                    move(link)
    for layer in market.layers:
        for unit in layer.units:
            if unit.external_volume > 0.0:
                unit.churn = 0.9 * unit.churn + 0.1 * unit.lost / unit.external_volume
            unit.lost = 0.0
    for unit in planned:
        unit.owner.found(unit)


def move(link: Link) -> None:
    """Follow the choice made at the review; a supplier left behind takes note."""
    left = link.present
    if left is not None and link.chosen is not None and left.owner is not link.unit.owner:
        left.lost += link.need
    link.supplier, link.tenure = link.chosen, 0
