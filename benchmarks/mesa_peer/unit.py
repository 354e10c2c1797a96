"""Units and their contracts: what a product costs (phase 1), who draws it (2), and what its owner earns by it (3)."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

from stackrace.model.parameters import MarketParameters

from .stack import Input, Layer

if TYPE_CHECKING:
    from .firm import Firm

LEAST_COST = 1e-12
START_CHURN = 0.05
BUSY = 0.85
IDLE_FLOOR = 0.25


class Link:
    """A unit's contract for one of its inputs, and what its owner chose at the last review."""

    __slots__ = ("chosen", "input", "itch", "makes", "moves", "outside_price", "supplier", "tenure", "unit", "unmet")

    def __init__(self, unit: Unit, bought: Input, supplier: Unit | None) -> None:
        self.unit, self.input, self.supplier = unit, bought, supplier
        self.tenure = 0
        self.itch = 0.0
        self.outside_price: float | None = None
        self.unmet = self.moves = self.makes = False
        self.chosen: Unit | None = None

    @property
    def present(self) -> Unit | None:
        """The supplier, if it delivers."""
        supplier = self.supplier
        return supplier if supplier is not None and supplier.able else None

    @property
    def need(self) -> float:
        """Units of the input that the unit draws per step."""
        return self.input.weight * self.unit.volume

    def paid_to(self, supplier: Unit) -> float:
        """Price per unit: cost within the firm, else list price, dearer for a rival, with discounts on the margin."""
        firm, seller = self.unit.owner, supplier.owner
        if firm is seller:
            return supplier.unit_cost
        rules, price = supplier.rules, supplier.price
        if rules.foreclosure > 0.0 and self.input.consumer in seller.units and not firm.home.is_demand:
            price *= 1.0 + rules.foreclosure
        if seller in firm.allies:
            price -= rules.alliance_discount * (price - supplier.unit_cost)
        if rules.bundle_discount > 0.0 and any(
            other.present is not None and other.present.owner is seller
            for other in self.unit.links
            if other is not self
        ):
            price -= rules.bundle_discount * (price - supplier.unit_cost)
        return price


class Unit:
    """One firm's operation in one layer."""

    __slots__ = (
        "able", "bound", "bound_ceilings", "capability", "capacity", "ceiling", "churn", "experience",
        "external_margin", "external_revenue", "external_volume", "fixed_cost", "frontier_weight", "layer", "links",
        "lost", "markup", "open", "outlay", "owner", "price", "profit_down", "profit_up", "quality", "revenue_won",
        "rules", "stage_cost", "steps_in_red", "unit_cost", "volume",
    )  # fmt: skip

    def __init__(
        self, owner: Firm, layer: Layer, capability: float, experience: float, capacity: float, markup: float
    ) -> None:
        self.owner, self.layer = owner, layer
        self.rules: MarketParameters = owner.model.rules
        self.capability, self.experience, self.capacity, self.markup = capability, experience, capacity, markup
        self.open = False
        self.links: list[Link] = []
        self.frontier_weight = 1.0 if owner.outlook < layer.frontier_share else 0.0
        self.ceiling: float | None = None  # of the clients' quality, once it has sold to any that have one
        self.churn = START_CHURN
        self.lost = 0.0  # external volume that went elsewhere in this step
        self.steps_in_red = 0
        self.outlay = 0.0  # on research
        self.able = False
        self.stage_cost = self.unit_cost = self.quality = self.price = 0.0
        self.profit_up = self.profit_down = self.revenue_won = 0.0
        self.forget_flows()
        self.escalate()

    def forget_flows(self) -> None:
        """Start the step without sales."""
        self.volume = self.external_volume = self.external_margin = self.external_revenue = 0.0
        self.bound = self.bound_ceilings = 0.0  # volume for clients with a quality ceiling, and its ceilings' sum

    def escalate(self) -> None:
        """Fixed cost grows with capability: endogenous sunk cost. To be called whenever capability has changed."""
        self.fixed_cost = self.layer.fixed_cost * exp(self.layer.escalation * self.capability)

    def quote(self) -> None:
        """Phase 1: C = s + sum w paid, Q = a + sum o Q_supplier, p = (1 + mu) C; unable if an input is lacking."""
        layer = self.layer
        cost = layer.base_cost * (1.0 + self.experience / self.rules.experience_scale) ** -layer.learning
        if self.volume > self.capacity and not layer.is_demand:
            load = self.volume / self.capacity
            excess = (load - 1.0) ** 2 if load <= 3.0 else 4.0 + 4.0 * (load - 3.0)
            cost *= 1.0 + layer.congestion * excess
        self.stage_cost = cost
        quality, able = self.capability, True
        for link in self.links:
            supplier = link.supplier
            if supplier is None or not supplier.able:
                able = False
            else:
                cost += link.input.weight * link.paid_to(supplier)
                quality += link.input.passthrough * supplier.quality
        self.unit_cost, self.quality, self.able = cost, quality, able
        self.price = cost if self.open else (1.0 + self.markup) * cost
        self.profit_up = self.profit_down = self.revenue_won = 0.0

    @property
    def clients_ceiling(self) -> float:
        """Mean quality ceiling of its final buyers; the plain one as long as it never sold."""
        return self.layer.ceiling if self.ceiling is None else self.ceiling

    def draw_inputs(self) -> None:
        """Phase 2: pass the volume on to the suppliers, with the mix of clients and what is paid."""
        volume = self.volume
        if not self.layer.is_demand:
            self.frontier_weight = 1.0 - self.bound / volume
            if self.bound > 0.0:
                self.ceiling = self.bound_ceilings / self.bound
        bound_share, ceiling = 1.0 - self.frontier_weight, self.clients_ceiling
        for link in self.links:
            supplier, bought = link.supplier, link.input
            drawn = bought.weight * volume
            supplier.volume += drawn
            if bound_share > 0.0:
                room = (ceiling - (self.quality - bought.passthrough * supplier.quality)) / bought.passthrough
                supplier.bound += bound_share * drawn
                supplier.bound_ceilings += bound_share * drawn * room
            if supplier.owner is not self.owner:
                paid = link.paid_to(supplier)
                supplier.external_volume += drawn
                supplier.external_revenue += drawn * paid
                supplier.external_margin += drawn * (paid - supplier.unit_cost)

    def settle(self) -> None:
        """Phase 3: margin in; fixed cost, research and capacity out; experience; and the count of steps in the red."""
        firm, layer, rules = self.owner, self.layer, self.rules
        margin = self.external_margin
        self.outlay = 0.0
        if firm.cash > 0.0:
            captive = 0.0 if self.open else self.markup * self.unit_cost * (self.volume - self.external_volume)
            wanted = rules.research_share * max(margin + captive, 0.0)
            if layer is firm.home:
                wanted += rules.research_from_cash * firm.cash
            self.outlay = max(min(wanted, firm.cash + margin), 0.0)
        firm.cash += margin - self.fixed_cost - self.outlay
        self.steps_in_red = self.steps_in_red + 1 if margin + self.worth_captive() < self.fixed_cost else 0
        self.adapt_capacity()
        before = self.experience
        self.experience += self.volume
        if layer.flywheel > 0.0:
            scale = rules.experience_scale
            self.capability += layer.flywheel * log((scale + self.experience) / (scale + before))

    def adapt_capacity(self) -> None:
        """A busy unit grows as far as cash goes, an idle one shrinks."""
        firm, layer = self.owner, self.layer
        if self.volume > BUSY * self.capacity and firm.cash > 0.0:
            bought = layer.capacity_growth * self.capacity
            if layer.capex * bought > firm.cash:
                bought = firm.cash / layer.capex
            self.capacity += bought
            firm.cash -= layer.capex * bought
        else:
            least = IDLE_FLOOR * layer.start_capacity
            self.capacity = max((1.0 - self.rules.capacity_decay) * self.capacity, least)

    def worth_captive(self) -> float:
        """What own use saves: volume times (best outside price last seen - C)."""
        units = self.owner.units
        if len(units) == 1:
            return 0.0
        return sum(
            link.need * (link.outside_price - self.unit_cost)
            for consumer in self.layer.clients
            if consumer in units
            for link in units[consumer].links
            if link.supplier is self and link.outside_price is not None
        )
