"""The agents: sellers and buyers, with their units, allies and contacts."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp
from typing import TYPE_CHECKING

from mesa import Agent

from .stack import Input, Layer, Place
from .unit import Link, Unit

if TYPE_CHECKING:
    from .market import Market

STEPS_IN_RED = 8


class Firm(Agent):
    """A firm in its place. It sees its own books, its contacts, its allies and its suppliers."""

    model: Market

    def __init__(self, model: Market, place: Place, cash: float) -> None:
        super().__init__(model)
        self.place, self.home, self.cash = place, place.home, cash
        self.contacts: list[Firm] = place.contacts
        self.allies: list[Firm] = []
        self.units: dict[Layer, Unit] = {}  # in stack order
        self.closed: list[Layer] = []  # left in this step
        self.wishes: dict[Layer, Link | None] = {}  # layers to build in, and the contract that each would replace
        self.tastes: dict[Input, Tastes] = {}
        self.outlook = model.random.random()  # whether it counts as a frontier client before it has sold anything
        self.smoothed_volume = 0.0
        place.firm = self
        for neighbour in place.neighbours:
            neighbour.contacts.append(self)

    def found(self, unit: Unit) -> None:
        """Put a unit into operation; it delivers after the next offer."""
        self.units[unit.layer] = unit
        if len(self.units) > 1:
            self.units = {layer: self.units[layer] for layer in self.model.layers if layer in self.units}
        unit.layer.units.append(unit)

    def close(self, unit: Unit) -> None:
        """Take a unit out of operation."""
        unit.able = False
        unit.layer.units.remove(unit)
        del self.units[unit.layer]

    def remove(self) -> None:
        """Leave the market."""
        for ally in self.allies:
            ally.allies.remove(self)
        for neighbour in self.place.neighbours:
            neighbour.contacts.remove(self)
        self.place.firm = None
        super().remove()

    def settle(self) -> None:
        """Phase 3: upkeep of alliances, then all units on one purse; those long in the red are closed."""
        self.cash -= self.model.rules.alliance_upkeep * len(self.allies)
        self.closed = []
        for layer, unit in self.units.items():
            if layer.is_demand:
                self.cash += layer.buyer_budget * unit.unit_cost * unit.volume
                continue
            unit.settle()
            if unit.steps_in_red > STEPS_IN_RED and layer is not self.home:
                self.closed.append(layer)
        for layer in self.closed:
            self.close(self.units[layer])

    def research(self) -> None:
        """Phase 4: success with probability 1 - exp(-sqrt(outlay / (I esc(a)))); the jump is exponential."""
        chance = self.model.random
        for layer, unit in self.units.items():
            if unit.outlay > 0.0 and layer.innovation > 0.0:
                scale = layer.research_scale * exp(layer.escalation * unit.capability)
                if chance.random() < 1.0 - exp(-((unit.outlay / scale) ** 0.5)):
                    unit.capability += chance.expovariate(1.0 / layer.innovation)

    def look_around(self) -> list[tuple[Unit, float, float]]:
        """Phase 4: what each unit gains in capability and in experience by imitating contacts and allies."""
        rules = self.model.rules
        gains = []
        for layer, unit in self.units.items():
            if layer.is_demand:
                continue
            own = best = best_open = best_ally = unit.capability
            most = unit.experience
            for contact in self.contacts:
                seen = contact.units.get(layer)
                if seen is not None:
                    capability = seen.capability
                    if capability > best:
                        best = capability
                    if seen.open and capability > best_open:
                        best_open = capability
                    if seen.experience > most:
                        most = seen.experience
            for ally in self.allies:
                seen = ally.units.get(layer)
                if seen is not None and seen.capability > best_ally:
                    best_ally = seen.capability
            gain = max(
                layer.imitation * (best - own),
                rules.open_imitation * (best_open - own),
                rules.alliance_spillover * (best_ally - own),
            )
            gains.append((unit, gain, layer.imitation * (most - unit.experience)))
        return gains

    def tastes_for(self, bought: Input) -> Tastes:
        """Its tastes for the sellers of an input."""
        if bought not in self.tastes:
            self.tastes[bought] = Tastes(bought.layer.taste, self.model.gumbel)
        return self.tastes[bought]

    @property
    def fixed_cost(self) -> float:
        """Of all its units, per step."""
        return sum(unit.fixed_cost for layer, unit in self.units.items() if not layer.is_demand)


class Tastes(dict[Firm, float]):
    """A firm's lasting tastes for the sellers of an input, each drawn when the firm first thinks of that seller."""

    def __init__(self, scale: float, gumbel: Iterator[float]) -> None:
        super().__init__()
        self.scale, self.gumbel = scale, gumbel

    def __missing__(self, seller: Firm) -> float:
        self[seller] = drawn = self.scale * next(self.gumbel)
        return drawn


class Seller(Firm):
    """A firm at home in a layer that others buy from."""


class Buyer(Firm):
    """A firm at home in a demand layer. It may build, and then sell to others; it never fails, allies or acquires."""

    def __init__(self, model: Market, place: Place, demand: float, active: bool) -> None:
        super().__init__(model, place, cash=0.0)
        self.demand, self.active = demand, active

    def want(self) -> None:
        """Phase 2: an active buyer with a supplier wants v = D (1+g)^t (C/C_ref)^(-elasticity) exp(eta V(Q))."""
        layer, unit = self.home, self.units[self.home]
        if self.active and unit.able and unit.quality >= layer.quality_floor:
            relative_cost = max(unit.unit_cost / layer.demand_reference_cost, 1e-12)
            valued = unit.quality if unit.frontier_weight == 1.0 else min(unit.quality, layer.ceiling)
            unit.volume = self.demand * layer.growth * relative_cost**-layer.demand_elasticity
            unit.volume *= exp(layer.quality_elasticity * valued)

    def adopts(self) -> bool:
        """Phase 9: an inactive buyer is moved by the share of buyers among its contacts who have adopted."""
        if self.active:
            return False
        peers = [contact.active for contact in self.contacts if isinstance(contact, Buyer)]
        share = sum(peers) / len(peers) if peers else 0.0
        probability = self.home.adoption_spontaneous + self.home.adoption_contagion * share
        return self.model.random.random() < probability
