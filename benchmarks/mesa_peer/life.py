"""Phase 9: firms without cash are rescued, taken over or fail; vacant places are entered; buyers adopt."""

from __future__ import annotations

from collections import defaultdict
from math import exp
from typing import TYPE_CHECKING

from .building import gain_of_entering, sight
from .firm import Buyer, Firm, Seller
from .stack import Layer, Place
from .unit import Link, Unit

if TYPE_CHECKING:
    from .market import Market

GROWING = 1.05
KEPT = 0.75
ENTRANT_MARKUP = 0.05
CASH_BASE = 0.2


def life(market: Market) -> None:
    """Decide on the same state who is out of money, who enters and who adopts; then exits, entries, adoptions."""
    failing = [firm for firm in market.sellers if firm.cash < 0.0 and not is_rescued(firm)]
    entries = [place for place in market.places if place.firm is None and is_entered(market, place)]
    newcomers = [(place, *start_of(market, place)) for place in entries]
    adopters = market.buyers.select(Buyer.adopts)
    acquirers = takeovers(market, failing)
    successors: dict[Unit, Unit] = {}
    for firm in failing:
        leave(firm, acquirers.get(firm), successors)
    follow(market, successors)
    for firm in market.sellers:
        firm.smoothed_volume = KEPT * firm.smoothed_volume + (1.0 - KEPT) * firm.units[firm.home].volume
    for place, capability, capacity, cash in newcomers:
        enter(market, place, capability, capacity, cash)
    adopters.set("active", True)


def is_rescued(firm: Seller) -> bool:
    """Investors put a runway of its fixed cost at home into a firm whose sales grow, if they are willing."""
    rules, home = firm.model.rules, firm.units[firm.home]
    if home.volume > GROWING * firm.smoothed_volume and firm.model.random.random() < rules.funding:
        firm.cash += rules.runway * home.fixed_cost
        return True
    return False


def takeovers(market: Market, failing: list[Seller]) -> dict[Seller, Seller]:
    """Failing firm -> the contact that bids most; of two won by the same bidder, chance picks one."""
    if not market.rules.decisions_merge:
        return {}
    won: dict[Seller, list[Seller]] = defaultdict(list)
    out = set(failing)
    for firm in failing:
        bidder = highest_bidder(market, firm, out)
        if bidder is not None:
            won[bidder].append(firm)
    return {market.random.choice(firms): bidder for bidder, firms in won.items()}


def highest_bidder(market: Market, firm: Seller, failing: set[Seller]) -> Seller | None:
    """Bids are (horizon * margin + half the build cost saved) times a judgement, and must exceed debt and one F esc."""
    rules, home = market.rules, firm.units[firm.home]
    if home.external_volume <= 0.0:
        return None
    best, highest = None, home.fixed_cost - firm.cash
    for contact in firm.contacts:
        if not isinstance(contact, Seller) or contact in failing or contact.cash < home.fixed_cost - firm.cash:
            continue
        if firm.home not in contact.units and not any(firm.home.adjoins(layer) for layer in contact.units):
            continue
        worth = rules.planning_horizon * home.external_margin
        if firm.home not in contact.units:
            worth += 0.5 * firm.home.build_cost * exp(firm.home.escalation * home.capability)
        bid = worth * market.random.uniform(0.5, 1.5)
        if bid > highest:
            best, highest = contact, bid
    return best


def leave(firm: Seller, acquirer: Seller | None, successors: dict[Unit, Unit]) -> None:
    """The firm goes: its debt and units to the acquirer, if there is one."""
    if acquirer is not None:
        acquirer.cash += firm.cash
    for layer, unit in list(firm.units.items()):
        if acquirer is None:
            firm.close(unit)
        elif layer in acquirer.units:
            merge(unit, acquirer.units[layer])
            successors[unit] = acquirer.units[layer]
            firm.close(unit)
        else:
            able = unit.able
            firm.close(unit)
            unit.able, unit.owner, unit.steps_in_red = able, acquirer, 0
            acquirer.found(unit)
    firm.remove()


def merge(unit: Unit, own: Unit) -> None:
    """The better capability and experience, the sum of capacities, and this step's sales."""
    own.capability = max(own.capability, unit.capability)
    own.experience = max(own.experience, unit.experience)
    own.capacity += unit.capacity
    own.escalate()
    own.volume += unit.volume
    own.external_volume += unit.external_volume
    own.external_margin += unit.external_margin
    own.external_revenue += unit.external_revenue
    unit.forget_flows()
    if own not in own.layer.traded:
        own.layer.traded.append(own)


def follow(market: Market, successors: dict[Unit, Unit]) -> None:
    """Clients of units that were merged follow to the acquirer's."""
    if successors:
        for layer in market.layers:
            for unit in layer.units:
                for link in unit.links:
                    if link.supplier in successors:
                        link.supplier = successors[link.supplier]


def is_needed(layer: Layer, contacts: list[Firm]) -> bool:
    """Whether a contact found no supplier of the layer at its last sourcing."""
    return any(
        link.unmet and link.input.layer is layer
        for contact in contacts
        for unit in contact.units.values()
        for link in unit.links
    )


def is_entered(market: Market, place: Place) -> bool:
    """Whether someone enters a vacant place: if a contact needs the layer, or if a gain is to be expected."""
    rules = market.rules
    if market.random.random() >= rules.entry_rate * min(1.0, 2.0 * rules.funding):
        return False
    seen = sight(place.contacts, place.home)
    return gain_of_entering(market, place.home, seen) > 0.0 or is_needed(place.home, place.contacts)


def start_of(market: Market, place: Place) -> tuple[float, float, float]:
    """Capability, capacity and cash of who enters a place."""
    layer, seen = place.home, sight(place.contacts, place.home)
    capability = max(0.0, seen.capability - market.rules.inheritance_gap)
    fixed_cost = layer.fixed_cost * exp(layer.escalation * capability)
    return (
        capability,
        max(0.5 * seen.capacity, 0.25 * layer.start_capacity),
        market.rules.start_cash * (fixed_cost + CASH_BASE) * market.random.uniform(0.5, 1.5),
    )


def enter(market: Market, place: Place, capability: float, capacity: float, cash: float) -> None:
    """A new firm without experience, allies or suppliers."""
    firm = Seller(market, place, cash)
    unit = Unit(firm, place.home, capability, 0.0, capacity, ENTRANT_MARKUP)
    unit.links = [Link(unit, bought, None) for bought in place.home.inputs]
    unit.open = place.home.openable and market.random.random() < market.rules.open_share
    firm.found(unit)
