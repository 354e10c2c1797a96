"""The market: a Mesa model whose step is the list of phases."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, nan
from typing import Any

import networkx as nx
import numpy as np
from mesa import Agent, DataCollector, Model

from .alliances import ally
from .building import build
from .firm import Buyer, Seller
from .life import CASH_BASE, life
from .sourcing import reprice, source
from .stack import Place, read_layers
from .unit import Link, Unit

CAPABILITY_SPREAD = 0.3
MEASURES = ("hhi", "lerner", "units", "in_house_share")


class Market(Model):
    """Sellers and buyers on a network of contacts, joined by supply links and alliances."""

    def __init__(self, stack: str = "ai-stack", *, seed: int, settings: dict[str, Any] | None = None) -> None:
        super().__init__(rng=seed)
        self.layers, self.rules = read_layers(stack, settings)
        self.gumbel = gumbel_draws(self.rng)
        self.time = 0
        self.places = [Place(layer) for layer in self.layers for _ in range(layer.firms)]
        self.meet()
        self.populate()
        self.sellers, self.buyers = self.agents_by_type[Seller], self.agents_by_type[Buyer]
        self.datacollector = DataCollector(tables={"layers": ["step", "layer", *MEASURES]})

    def meet(self) -> None:
        """Draw the contact network, with places in random order so that layers mix."""
        if self.rules.contacts_kind != "watts-strogatz":
            raise ValueError("only Watts-Strogatz networks are drawn here")
        count, shuffled = len(self.places), self.random.sample(self.places, len(self.places))
        ring = nx.watts_strogatz_graph(
            count, min(self.rules.contacts_degree, count - 1), self.rules.contacts_rewiring, seed=self.random
        )
        self.contacts = nx.relabel_nodes(ring, dict(enumerate(shuffled)))
        for place in self.places:
            place.home.places.append(place)
            place.neighbours = list(self.contacts[place])

    def populate(self) -> None:
        """Fill every place with a firm, give it a unit at home, and a random supplier for each input."""
        chance, rules = self.random, self.rules
        for place in self.places:
            layer = place.home
            if layer.is_demand:
                wanted = exp(chance.gauss(0.0, layer.demand_spread))
                buyer = Buyer(self, place, wanted, chance.random() < layer.adoption_initial)
                buyer.found(Unit(buyer, layer, 0.0, 0.0, 0.0, 0.0))
            else:
                cash = rules.start_cash * (layer.fixed_cost + CASH_BASE) * chance.uniform(0.5, 1.5)
                seller = Seller(self, place, cash)
                unit = Unit(seller, layer, CAPABILITY_SPREAD * chance.random(), 0.0, 0.0, layer.initial_markup)
                unit.open = layer.openable and chance.random() < rules.open_share
                seller.found(unit)
        demand = self.agents_by_type[Buyer].groupby("home").agg("demand", sum)
        load = dict.fromkeys(self.layers, 0.0) | demand
        for layer in reversed(self.layers):
            layer.start_capacity = rules.capacity_slack * load[layer] / len(layer.places)
            for bought in layer.inputs:
                load[bought.layer] += bought.weight * load[layer]
            for unit in layer.units:
                unit.capacity = layer.start_capacity
                unit.links = [Link(unit, bought, chance.choice(bought.layer.units)) for bought in layer.inputs]

    def step(self) -> None:
        """One quarter."""
        self.offer()
        self.trade()
        self.agents.do("settle")
        self.innovate()
        self.agents.do(source)
        self.agents.do(reprice)
        build(self)
        ally(self)
        life(self)
        self.measure()
        self.time += 1

    def offer(self) -> None:
        """Phase 1, suppliers before clients."""
        for layer in self.layers:
            for unit in layer.units:
                unit.quote()

    def trade(self) -> None:
        """Phase 2, clients before suppliers."""
        for layer in self.layers:
            layer.begin(self.time)
            layer.traded = list(layer.units)
            for unit in layer.units:
                unit.forget_flows()
        self.buyers.do("want")
        for layer in reversed(self.layers):
            for unit in layer.units:
                if unit.volume > 0.0:
                    unit.draw_inputs()

    def innovate(self) -> None:
        """Phase 4: research, then everyone learns from whom it can see, all at once."""
        self.agents.do("research")
        for gains in self.agents.map("look_around"):
            for unit, capability, experience in gains:
                unit.capability += capability
                unit.experience += experience
                unit.escalate()

    def measure(self) -> None:
        """Phase 10: Herfindahl-Hirschman and Lerner index, units, and the share made in-house, of each layer."""
        for layer in self.layers:
            volumes = [unit.volume for unit in layer.traded]
            volume = sum(volumes)
            external = sum(unit.external_volume for unit in layer.traded)
            revenue = sum(unit.external_revenue for unit in layer.traded)
            margin = sum(unit.external_margin for unit in layer.traded)
            row = {
                "step": self.time,
                "layer": layer.name,
                "hhi": 10_000.0 * sum(v * v for v in volumes) / (volume * volume) if volume > 0.0 else nan,
                "lerner": margin / revenue if revenue > 0.0 else nan,
                "units": len(layer.units),
                "in_house_share": (volume - external) / volume if volume > 0.0 else nan,
            }
            self.datacollector.add_table_row("layers", row)

    def run(self, steps: int) -> Market:
        """So many steps more."""
        for _ in range(steps):
            self.step()
        return self

    def end(self) -> None:
        """Let go of all firms: Mesa before 3.5 would remember the model for ever."""
        getattr(Agent, "_ids", {}).pop(self, None)


def gumbel_draws(rng: np.random.Generator) -> Iterator[float]:
    """Standard Gumbel draws without end, drawn by the thousand since numpy's single draws are slow."""
    while True:
        yield from rng.gumbel(size=4096).tolist()
