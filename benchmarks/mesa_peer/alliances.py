"""Phase 8: sellers propose, accept and part; an alliance needs both sides to gain more than its upkeep."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .firm import Firm, Seller
from .unit import Link

if TYPE_CHECKING:
    from .market import Market

PROPOSAL_RATE = 0.25
REVIEW_RATE = 0.1
LEAST_TASTE = 0.05
RICH = 4.0

Purchases = dict[Firm, dict[Firm, list[Link]]]
"""Client -> supplier -> the contracts between them."""


def purchases(market: Market) -> Purchases:
    """Who buys from whom, between sellers."""
    found: Purchases = {firm: defaultdict(list) for firm in market.sellers}
    for firm, suppliers in found.items():
        for unit in firm.units.values():
            for link in unit.links:
                if link.supplier is not None and link.supplier.owner is not firm:
                    suppliers[link.supplier.owner].append(link)
    return found


def value(bought: Purchases, firm: Firm, other: Firm) -> float:
    """What an alliance with the other is worth to the firm per step, before upkeep."""
    rules = firm.model.rules
    as_client, as_supplier = bought[firm].get(other, ()), bought[other].get(firm, ())
    worth = 0.0
    for link in as_client:
        given_up = link.itch * link.unit.unit_cost * link.unit.volume / rules.price_weight
        worth += rules.alliance_discount * list_margin(link) - rules.exclusivity * given_up
    for link in as_supplier:
        kept = rules.exclusivity * link.supplier.churn * rules.planning_horizon
        worth += (kept - rules.alliance_discount) * list_margin(link)
    if as_client and not as_supplier:
        worth += capital(firm, other) / rules.planning_horizon
    elif as_supplier and not as_client:
        worth -= capital(other, firm) / rules.planning_horizon
    others = other.units
    for layer, unit in firm.units.items():
        if layer in others and not layer.is_demand:
            theirs = others[layer]
            lead = theirs.capability - unit.capability
            moved = rules.alliance_spillover * lead / max(layer.taste, LEAST_TASTE) * unit.external_margin
            if lead > 0.0:
                worth += moved
            elif unit.external_volume > 0.0 and theirs.external_volume > 0.0:
                worth += 0.5 * moved
    return worth


def list_margin(link: Link) -> float:
    """What the supplier earns by a contract at list price, per step."""
    return link.need * (link.supplier.price - link.supplier.unit_cost)


def capital(client: Firm, supplier: Firm) -> float:
    """Money that the supplier hands once to a client short of cash, if it has four times what is asked."""
    asked = client.model.rules.runway * client.fixed_cost
    return asked if client.cash < asked and supplier.cash >= RICH * asked else 0.0


def propose(firm: Seller, bought: Purchases) -> Seller | None:
    """The contact or present supplier that the firm gains most from, now and then."""
    rules = firm.model.rules
    if len(firm.allies) >= rules.max_allies or firm.model.random.random() >= PROPOSAL_RATE:
        return None
    best, most = None, rules.alliance_upkeep
    for other in dict.fromkeys((*firm.contacts, *bought[firm])):
        if isinstance(other, Seller) and other not in firm.allies:
            worth = value(bought, firm, other)
            if worth > most:
                best, most = other, worth
    return best


def accepted(bought: Purchases, suitors: dict[Seller, list[Seller]]) -> list[tuple[Seller, Seller]]:
    """Pairs of those who propose and those who accept: everyone its best proposal, if worth more than the upkeep."""
    pairs = []
    for receiver, proposers in suitors.items():
        rules = receiver.model.rules
        if len(receiver.allies) < rules.max_allies:
            worth = {proposer: value(bought, receiver, proposer) for proposer in proposers}
            best = max(worth, key=worth.__getitem__)
            if worth[best] > rules.alliance_upkeep and (receiver, best) not in pairs:
                pairs.append((best, receiver))
    return pairs


def with_places(market: Market, pairs: list[tuple[Seller, Seller]]) -> list[tuple[Seller, Seller]]:
    """The pairs for which both sides have a free place; chance decides which goes first."""
    market.random.shuffle(pairs)
    mine: dict[Seller, list[tuple[Seller, Seller]]] = defaultdict(list)
    for pair in pairs:
        for firm in pair:
            mine[firm].append(pair)
    free = {firm: market.rules.max_allies - len(firm.allies) for firm in mine}
    return [pair for pair in pairs if all(pair in mine[firm][: free[firm]] for firm in pair)]


def partings(market: Market, bought: Purchases) -> list[tuple[Seller, Seller]]:
    """Ties that come up for review and that either side gains less by than the upkeep."""
    least = market.rules.alliance_upkeep
    return [
        (firm, ally)
        for firm in market.sellers
        for ally in firm.allies
        if firm.unique_id < ally.unique_id
        and market.random.random() < REVIEW_RATE
        and min(value(bought, firm, ally), value(bought, ally, firm)) < least
    ]


def ally(market: Market) -> None:
    """Everyone proposes, answers and reviews on the same state; then ties are parted and formed."""
    if not market.rules.decisions_ally:
        return
    bought = purchases(market)
    suitors: dict[Seller, list[Seller]] = defaultdict(list)
    for firm in market.sellers:
        partner = propose(firm, bought)
        if partner is not None:
            suitors[partner].append(firm)
    pairs = with_places(market, accepted(bought, suitors))
    parted = partings(market, bought)
    handed_over = []
    for one, other in pairs:
        is_client, is_supplier = other in bought[one], one in bought[other]
        if is_client and not is_supplier:
            handed_over.append((other, one, capital(one, other)))
        elif is_supplier and not is_client:
            handed_over.append((one, other, capital(other, one)))
    for one, other in parted:
        one.allies.remove(other)
        other.allies.remove(one)
    for one, other in pairs:
        one.allies.append(other)
        other.allies.append(one)
    for giver, taker, money in handed_over:
        giver.cash -= money
        taker.cash += money
