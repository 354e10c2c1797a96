"""Phase 5: contracts come up; whom to buy from, or whether to make the input; and phase 6: what sellers learn."""

from __future__ import annotations

from math import exp, inf, log

from .firm import Firm
from .unit import LEAST_COST, Link, Unit

OPENING_RATE = 0.05


def source(firm: Firm) -> None:
    """Review what comes up: always without a supplier, an ally's contract more rarely than others."""
    rules, chance = firm.model.rules, firm.model.random.random
    firm.wishes = {}
    for layer, unit in firm.units.items():
        for link in unit.links:
            link.tenure += 1
            link.moves = link.makes = False
            present = link.present
            if present is None:
                review(firm, link, None)
            elif rules.decisions_switch and chance() < layer.review:
                bound = present.owner in firm.allies and chance() < rules.exclusivity
                if not bound:
                    review(firm, link, present)


def candidates(firm: Firm, link: Link, present: Unit | None) -> list[Unit]:
    """Whom the firm can see to supply the input, each once, the present supplier first.

    Itself; contacts and allies that operate the layer; the suppliers of contacts in the firm's own layer; and one slot
    of the layer met at random.
    """
    bought, chance = link.input, firm.model.random
    wanted, consumer = bought.layer, bought.consumer
    place = bought.place
    seen = [present, firm.units.get(wanted)]
    for contact in firm.contacts:
        units = contact.units
        if wanted in units:
            seen.append(units[wanted])
        elif consumer in units:
            seen.append(units[consumer].links[place].supplier)
    seen += [ally.units.get(wanted) for ally in firm.allies]
    if present is None or chance.random() < firm.model.rules.exploration:
        met = chance.choice(wanted.places).firm
        seen.append(met and met.units[wanted])
    return [unit for unit in dict.fromkeys(seen) if unit is not None and unit.able]


def shares_of_peers(firm: Firm, link: Link) -> dict[Unit, float]:
    """The share of contacts in the same layer, of those with a supplier, that use each supplier."""
    consumer, place = link.input.consumer, link.input.place
    peers = [contact.units[consumer].links[place] for contact in firm.contacts if consumer in contact.units]
    used = [unit for peer in peers if (unit := peer.present) is not None]
    return {unit: used.count(unit) / len(used) for unit in used}


def review(firm: Firm, link: Link, present: Unit | None) -> None:
    """Choose by appeal, and let the best two outsiders hear how close it was."""
    bought = link.input
    other_cost, other_quality = without(link)
    ranked = appeals(firm, link, present, other_cost, other_quality)
    made = appeal_of_making(firm, link, present, other_cost, other_quality)
    best = ranked[0][0] if ranked else -inf
    second = ranked[1][0] if len(ranked) > 1 else -inf
    outsiders = ranked
    if bought.layer in firm.units:
        outsiders = [offer for offer in ranked if offer[1].owner is not firm]
        if outsiders:
            link.outside_price = min(link.paid_to(unit) for _, unit in outsiders)
    volume = link.need
    if volume > 0.0:
        for appeal, unit in outsiders[:2]:
            rival = max(second if unit is ranked[0][1] else best, made)
            report(unit, volume, appeal - rival, bought.weight * unit.price, other_cost)

    link.unmet = not ranked
    link.chosen = ranked[0][1] if ranked else None
    link.makes = made > best
    link.moves = not link.makes and (link.chosen is None or link.chosen is not present)
    if link.makes:
        firm.wishes.setdefault(bought.layer, link)
    if present is not None:
        advantage = best - next(appeal for appeal, unit in ranked if unit is present)
        link.itch = (0.8 * link.itch + 0.2 * advantage) * (0.5 if link.moves else 1.0)


def without(link: Link) -> tuple[float, float]:
    """Cost and log quality of the unit without this input: its stage and what the other suppliers bring."""
    unit = link.unit
    cost, quality = unit.stage_cost, unit.capability
    for other in unit.links:
        if other is not link and other.present is not None:
            cost += other.input.weight * other.paid_to(other.present)
            quality += other.input.passthrough * other.present.quality
    return cost, quality


def cost_of_leaving(link: Link) -> float:
    """sigma (1 - exp(-h/h0)), in appeal."""
    bought = link.input.layer
    return bought.switching_cost * (1.0 - exp(-link.tenure / bought.tenure_scale))


def appeals(
    firm: Firm, link: Link, present: Unit | None, other_cost: float, other_quality: float
) -> list[tuple[float, Unit]]:
    """All candidates with their appeal, best first.

    theta V(Q') - beta ln C' + taste + nu * share of peers - switching cost + noise, where Q' and C' are those of the
    product that the unit would end up with, and V(Q) = f Q + (1 - f) min(Q, ceiling).
    """
    unit, rules, bought = link.unit, firm.model.rules, link.input
    weight, passthrough, network_effect = bought.weight, bought.passthrough, bought.layer.network_effect
    theta, beta, noise, gumbel = rules.quality_weight, rules.price_weight, rules.choice_noise, firm.model.gumbel
    frontier, ceiling = unit.frontier_weight, unit.clients_ceiling
    tastes, need = firm.tastes_for(bought), link.need
    users = shares_of_peers(firm, link) if network_effect > 0.0 else {}
    leaving = cost_of_leaving(link) if present is not None else 0.0
    found = []
    for supplier in candidates(firm, link, present):
        own = supplier.owner is firm
        paid = link.paid_to(supplier)
        if own:
            paid += supplier.fixed_cost / max(supplier.volume, need, LEAST_COST)
        quality = other_quality + passthrough * supplier.quality
        if quality > ceiling:
            quality = frontier * quality + (1.0 - frontier) * ceiling
        appeal = theta * quality - beta * log(max(other_cost + weight * paid, LEAST_COST))
        appeal += tastes[supplier.owner] + noise * next(gumbel)
        if users:
            appeal += network_effect * users.get(supplier, 0.0)
        if not own and supplier is not present:
            appeal -= leaving
        found.append((appeal, supplier))
    found.sort(key=lambda offer: offer[0], reverse=True)
    return found


def appeal_of_making(firm: Firm, link: Link, present: Unit | None, other_cost: float, other_quality: float) -> float:
    """Appeal of making the input: it takes a supplier to learn from, a volume, and the cash to build."""
    rules, bought, layer, volume = firm.model.rules, link.input, link.input.layer, link.need
    if present is None or present.owner is firm or layer in firm.units or volume <= 0.0 or not rules.decisions_build:
        return -inf
    capability = max(0.0, present.capability - rules.inheritance_gap)
    escalation = exp(layer.escalation * capability)
    if firm.cash < layer.build_cost * escalation:
        return -inf
    learnt = (1.0 + layer.imitation * present.experience / rules.experience_scale) ** -layer.learning
    overhead = (layer.fixed_cost + layer.build_cost / rules.planning_horizon) * escalation / volume
    cost = other_cost + bought.weight * (layer.base_cost * learnt + layer.input_share * present.price + overhead)
    quality = other_quality + bought.passthrough * (present.quality - (present.capability - capability))
    frontier, ceiling = link.unit.frontier_weight, link.unit.clients_ceiling
    valued = frontier * quality + (1.0 - frontier) * min(quality, ceiling)
    appeal = rules.quality_weight * valued - rules.price_weight * log(max(cost, LEAST_COST))
    return appeal + firm.tastes_for(bought)[firm] - cost_of_leaving(link)


def report(unit: Unit, volume: float, distance: float, bill: float, other_cost: float) -> None:
    """A seller hears by which distance it won or lost a deal, and plays through a higher and a lower price."""
    rules, price = unit.rules, unit.price
    probe = rules.price_probe
    moved = rules.price_weight * probe * bill / (other_cost + bill) if bill > 0.0 else 0.0
    if distance > moved:
        unit.profit_up += volume * (price * (1.0 + probe) - unit.unit_cost)
    if distance > -moved:
        unit.profit_down += volume * (price * (1.0 - probe) - unit.unit_cost)
    if distance > 0.0:
        unit.revenue_won += volume * price


def reprice(firm: Firm) -> None:
    """Phase 6: mark-ups follow the reports; now and then an owner reconsiders giving its product away."""
    rules = firm.model.rules
    for layer, unit in firm.units.items():
        if layer.is_demand:
            continue
        if unit.revenue_won > 0.0:
            change = rules.price_speed * (unit.profit_up - unit.profit_down) / (2.0 * unit.revenue_won)
            change = min(max(change, -rules.price_step_max), rules.price_step_max)
        elif unit.profit_down > 0.0 or unit.external_volume == 0.0:
            change = -rules.price_step_max
        else:
            change = 0.0
        unit.markup = min(max((1.0 + unit.markup) * exp(change) - 1.0, 0.0), rules.markup_cap)
        if layer.openable and rules.decisions_open and firm.model.random.random() < OPENING_RATE:
            next_door = sum(own.external_margin for other, own in firm.units.items() if layer.adjoins(other))
            unit.open = 0.25 * next_door > unit.volume * unit.unit_cost * unit.markup
