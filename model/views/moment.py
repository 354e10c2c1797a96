"""A market in the middle of a step, right before a phase, as plain lists and the look-ups that firms need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...agents.offer import escalated, price_paid
from ...agents.own import SHIPPED
from .. import chance
from ..advance import lead_up
from ..columns import Table
from ..world import World


class Columns:
    """The columns of a table as nested lists, made when they are first asked for."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __getattr__(self, name: str) -> Any:
        column = self._table[name].tolist()
        setattr(self, name, column)
        return column


class Fields:
    """The fields of a table's only row."""

    def __init__(self, table: Table) -> None:
        self.__dict__.update(zip(table.dtype.names, table[0].tolist(), strict=True))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


class Moment:
    """The market of a copy of the world, in its coming step, right before a phase of `PHASES`."""

    def __init__(self, world: World, phase: str) -> None:
        self.world = world.copy()
        self.world.prepare()
        state = self.world.state
        lead_up(state, phase)
        self.world.check()
        self.state = state
        self.market = Fields(state.market)
        self.layers, self.edges = Columns(state.layers), Columns(state.edges)
        self.firms, self.units, self.links = Columns(state.firms), Columns(state.units), Columns(state.links)
        self.operates: list[list[bool]] = state.operates.tolist()
        self.traded: list[list[bool]] = state.traded.tolist()
        self.ties: list[list[int]] = state.ties.ally.tolist()
        self.names = world.stack.names
        self.register = world.register

    def name(self, i: int) -> str:
        """What the firm of a row is called."""
        return self.register.label(self.firms.slot[i], self.firms.birth[i])

    def answer(self, decision: str, i: int, view: Any) -> float:
        """What the rule in force says to a view of firm i."""
        rule = self.world.rules.get(decision)
        if rule is not None and rule.answer is not None:
            return float(rule.answer(i, view))
        return SHIPPED[decision][1](view)

    def has_own_rule(self, decision: str) -> bool:
        """Whether the user replaced the rule."""
        return decision in self.world.rules

    def contacts(self, i: int) -> list[int]:
        """Whom firm i knows."""
        known: list[int] = self.state.contacts[self.firms.first_contact[i] : self.firms.last_contact[i]].tolist()
        return known

    def allies(self, i: int) -> list[int]:
        """Whom firm i is allied with."""
        return [j for j in self.ties[i] if j >= 0]

    def operated(self, i: int) -> list[int]:
        """The layers that firm i is in."""
        return [k for k, firms in enumerate(self.operates) if firms[i]]

    def edges_of(self, k: int) -> range:
        """The input edges of a layer."""
        return range(self.layers.first_edge[k], self.layers.first_edge[k + 1])

    def needs(self, i: int) -> Iterator[tuple[int, int, int]]:
        """Edge, layer and input layer of everything that firm i buys."""
        for e, (k, m) in enumerate(zip(self.edges.consumer, self.edges.input, strict=True)):
            if self.operates[k][i]:
                yield e, k, m

    def may_hold(self, k: int, i: int) -> bool:
        """Whether the law lets firm i have a unit in layer k."""
        barred: int = self.layers.barred_with[k]
        return not any(barred >> m & 1 for m in self.operated(i))

    def delivers(self, m: int, j: int) -> bool:
        """Whether firm j supplies layer m in this step."""
        return j >= 0 and self.operates[m][j] and self.units.able[m][j]

    def is_seller(self, i: int) -> bool:
        """Whether row i holds a firm whose home sells."""
        return self.firms.alive[i] and not self.layers.is_demand[self.firms.home[i]]

    def paid(self, e: int, i: int, j: int) -> float:
        """What firm i pays firm j per unit on edge e."""
        k, m = self.edges.consumer[e], self.edges.input[e]
        cost = self.units.unit_cost[m][j]
        if i == j:
            return float(cost)
        rivals = self.operates[k][j] and not self.layers.is_demand[self.firms.home[i]]
        other_inputs = [x for x in self.edges_of(k) if self.edges.input[x] != m]
        bundled = any(self.links.supplier[x][i] == j and self.delivers(self.edges.input[x], j) for x in other_inputs)
        return price_paid(
            self.units.price[m][j],
            cost,
            self.market.foreclosure if rivals else 0.0,
            self.market.alliance_discount if j in self.allies(i) else 0.0,
            self.market.bundle_discount if bundled else 0.0,
        )

    def fixed_cost(self, k: int, i: int) -> float:
        """Fixed cost per step of firm i's unit in layer k."""
        return self.escalated("fixed_cost", k, self.units.capability[k][i])

    def escalated(self, cost: str, k: int, capability: float) -> float:
        """A cost of layer k at a capability."""
        return escalated(getattr(self.layers, cost)[k], self.layers.escalation[k], capability)

    def ceiling(self, k: int, i: int) -> float:
        """Mean quality ceiling of a unit's final buyers, the plain one if it never sold."""
        own: float = self.units.ceiling[k][i]
        plain: float = self.layers.quality_ceiling[k] + self.layers.ceiling_rise[k]
        return own if own == own else plain

    def draw(self, i: int, purpose: int, index: int) -> float:
        """Firm i's draw for a purpose in this step."""
        market, firms = self.market, self.firms
        return chance.one_draw(market.seed, market.step, firms.slot[i], firms.birth[i], purpose, index)

    def pair_draw(self, i: int, j: int, purpose: int) -> float:
        """The draw of the unordered pair of firms i and j in this step."""
        first, second = sorted((i, j), key=lambda row: self.firms.slot[row])
        return self.draw(first, purpose, self.firms.slot[second])
