"""Who supplies whom at the start of a market with named firms, so that their shares come out as given.

From the buyers down, each layer's clients are shared out by largest remainder over active demand: known links first,
then, the largest first, each client to one of those that lack at least its volume of their share, or to the neediest;
whom it likes decides among them. Arrays are of shape (K, N), layers by rows of firms; where an order matters, firms
are taken by slot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..agents.demand import valued_quality, wanted_volume
from ..agents.offer import list_price
from ..agents.rule import rule
from . import chance
from .columns import State
from .parameters import Floats, Integers
from .stack import Stack

LEAST = 1e-300  # keeps the neediest of those with a full share in play


@dataclass
class Suppliers:
    """Who can supply a layer: firms with a given share, and the rest, who share what is left evenly.

    `lacks` is what each of them still lacks of its share (units/step), the rest as a whole last.
    """

    rows: list[int]
    shares: Floats
    rest: list[int]
    lacks: Floats

    def took(self, row: int, volume: float) -> None:
        """Count a client's volume towards its supplier's share."""
        self.lacks[self.rows.index(row) if row in self.rows else -1] -= volume

    def options(self, draw: float) -> list[int]:
        """The firms with a share and, if there is a rest, the one of it that `draw` in (0, 1) names, last."""
        return self.rows + ([self.rest[int(draw * len(self.rest))]] if self.rest else [])

    def with_room(self, volume: float) -> Floats:
        """What those lack who can carry `volume` and stay within their share; if none can, only the neediest."""
        lacks = self.lacks[: len(self.rows) + bool(self.rest)]
        room = lacks >= volume if (lacks >= volume).any() else lacks == lacks.max()
        return np.where(room, np.maximum(lacks, LEAST), 0.0)

    def weights(self) -> Floats:
        """The shares, with that of the rest."""
        rest = [max(1.0 - float(np.sum(self.shares)), 0.0)] if self.rest else []
        return np.append(self.shares, rest)


@rule
def likings(seed: int, edge: int, slot: int, suppliers: Integers) -> Floats:
    """A client's lasting tastes for suppliers (slots), as standard Gumbel draws: those that every review will see."""
    liked = np.empty(suppliers.shape[0])
    for n in range(suppliers.shape[0]):
        liked[n] = chance.gumbel_of(chance.pair_uniform(seed, edge, slot, 0, suppliers[n], 0))
    return liked


def assign_links(state: State, stack: Stack, rows: Mapping[str, int], volumes: Floats) -> None:
    """Give every unit its suppliers; `volumes` holds what buyers want and is filled in for the layers below.

    Clients without volume (buyers that have not adopted, and who serves only them) are drawn with the shares as
    weights, so that shares stay about the same as they become active.
    """
    known = known_links(state, stack, rows)
    for m in range(len(volumes) - 1, -1, -1):
        bought = np.flatnonzero(state.edges.input == m)
        if not len(bought):
            continue
        clients = {int(e): operators(state, int(state.edges.consumer[e])) for e in bought}
        lumps = {e: state.edges.weight[e] * volumes[state.edges.consumer[e], here] for e, here in clients.items()}
        suppliers = suppliers_of(state, stack, rows, m, sum(float(np.sum(each)) for each in lumps.values()))
        waiting: list[tuple[float, float, float, int, int]] = []
        for e, here in clients.items():
            choice = _draws(state, here, chance.FIRST_LINK, e)
            order = _draws(state, here, chance.SHARE_ORDER, e)
            for n, i in enumerate(here.tolist()):
                volume = float(lumps[e][n])
                if (e, i) in known:
                    state.links.supplier[e, i] = known[e, i]
                    suppliers.took(known[e, i], volume)
                elif volume > 0.0:
                    waiting.append((-volume, float(order[n]), float(choice[n]), e, i))
                else:
                    options = suppliers.options(float(choice[n]))
                    state.links.supplier[e, i] = chosen(state, e, i, options, suppliers.weights())
        for minus_volume, _, draw, e, i in sorted(waiting):  # the largest first; a keyed draw settles equal ones
            supplier = chosen(state, e, i, suppliers.options(draw), suppliers.with_room(-minus_volume))
            state.links.supplier[e, i] = supplier
            suppliers.took(supplier, -minus_volume)
        for e in clients:
            draw_input(state, volumes, e)


def chosen(state: State, e: int, i: int, options: list[int], weights: Floats) -> int:
    """One of the options, drawn with the weights by the client's own tastes (the largest log weight + Gumbel).

    So clients start with suppliers that they like, and the first reviews do not undo the given shares.
    """
    slots = state.firms.slot
    liked = likings(state.market.seed[0], e, slots[i], slots[np.array(options)])
    with np.errstate(divide="ignore"):
        return options[int(np.argmax(np.log(weights) + liked))]


def suppliers_of(state: State, stack: Stack, rows: Mapping[str, int], m: int, total: float) -> Suppliers:
    """The suppliers of layer m, which delivers `total` in all, by slot."""
    given = {
        rows[firm.name]: unit.share
        for firm in stack.firms
        for unit in firm.units
        if unit.layer == stack.names[m] and unit.share is not None
    }
    everyone = operators(state, m).tolist()
    named = [row for row in everyone if row in given]
    rest = [row for row in everyone if row not in given]
    shares = np.array([given[row] for row in named], dtype=np.float64)
    if not rest:  # then the named ones have it all, in the proportions given
        shares = shares / np.sum(shares) if np.sum(shares) > 0.0 else np.full(len(shares), 1.0 / len(shares))
    remainder = max(1.0 - float(np.sum(shares)), 0.0) * total if rest else -np.inf
    return Suppliers(named, shares, rest, np.append(shares * total, remainder))


def known_links(state: State, stack: Stack, rows: Mapping[str, int]) -> dict[tuple[int, int], int]:
    """(edge, client's row) -> supplier's row; a firm's first known link takes the first of parallel edges.

    All that a firm buys of an exclusive ally's layers is from this ally.
    """
    known: dict[tuple[int, int], int] = {}
    for firm in stack.firms:
        for link in firm.links:
            k, m = stack.names.index(link.layer), stack.names.index(link.input)
            parallel = np.flatnonzero((state.edges.consumer == k) & (state.edges.input == m)).tolist()
            free = next(e for e in parallel if (e, rows[firm.name]) not in known)
            known[free, rows[firm.name]] = rows[link.by]
        for ally in [rows[tie.ally] for tie in firm.allies if tie.exclusive]:
            bought = state.operates[state.edges.consumer, rows[firm.name]] & state.operates[state.edges.input, ally]
            known |= {(e, rows[firm.name]): ally for e in np.flatnonzero(bought).tolist()}
    return known


def operators(state: State, k: int) -> Integers:
    """Rows of the firms that operate layer k, by slot."""
    by_slot: Integers = state.firms.row_of_slot
    return by_slot[state.operates[k, by_slot]]


def quotes(state: State) -> tuple[Floats, Floats, Floats]:
    """Unit cost, list price and quality that the first step's offers will show, (K, N) each.

    Nothing has been produced yet, so nothing is learnt and no one is congested; prices that depend on the pair
    (foreclosure, bundles) are left out, since they hardly move a buyer's volume.
    """
    cost, price, quality = (np.zeros(state.operates.shape) for _ in range(3))
    for k in range(len(cost)):
        quote_layer(state, k, cost, price, quality)
    return cost, price, quality


def quote_layer(state: State, k: int, cost: Floats, price: Floats, quality: Floats) -> None:
    """Fill in row k of a table of quotes, whose inputs are quoted already."""
    here = operators(state, k)
    cost[k, here] = state.layers.base_cost[k]
    quality[k, here] = state.units.capability[k, here]
    for e in np.flatnonzero(state.edges.consumer == k):
        m, by = state.edges.input[e], state.links.supplier[e, here]
        cost[k, here] += state.edges.weight[e] * np.where(by == here, cost[m, by], price[m, by])
        quality[k, here] += state.edges.passthrough[e] * quality[m, by]
    set_prices(state, k, cost, price)


def set_prices(state: State, k: int, cost: Floats, price: Floats) -> None:
    """List prices of layer k at the mark-ups in force."""
    for i in operators(state, k):
        price[k, i] = list_price(cost[k, i], state.units.markup[k, i], state.units.open[k, i])


def buyers_wants(state: State) -> Floats:
    """What active buyers want in the first step, given their links, (K, N); zero for layers that sell."""
    cost, _, quality = quotes(state)
    wants = np.zeros(state.operates.shape)
    for k in np.flatnonzero(state.layers.is_demand[:-1]).tolist():
        layer = state.layers[k]
        for i in operators(state, k):
            if state.firms.active[i] and quality[k, i] >= layer.quality_floor:
                valued = valued_quality(quality[k, i], state.units.frontier_weight[k, i], layer.quality_ceiling)
                wants[k, i] = wanted_volume(
                    state.firms.demand[i],
                    1.0,
                    cost[k, i],
                    layer.demand_reference_cost,
                    layer.demand_elasticity,
                    valued,
                    layer.quality_elasticity,
                )
    return wants


def potential_wants(state: State) -> Floats:
    """What all buyers, adopted or not, want at the reference cost, (K, N): the load that capacities are made for."""
    wants = np.zeros(state.operates.shape)
    rows = np.arange(len(state.firms))
    wants[state.firms.home, rows] = state.firms.demand
    return wants


def flow_down(state: State, wants: Floats) -> Floats:
    """Volumes of all units (units/step) when buyers want `wants`, (K, N)."""
    volumes = wants.copy()
    for e in range(len(state.edges) - 1, -1, -1):  # edges are sorted by consumer
        draw_input(state, volumes, e)
    return volumes


def draw_input(state: State, volumes: Floats, e: int) -> None:
    """Add what the clients on edge e draw to their suppliers' volumes."""
    edge = state.edges[e]
    here = operators(state, int(edge.consumer))
    np.add.at(volumes[edge.input], state.links.supplier[e, here], edge.weight * volumes[edge.consumer, here])


def external_volumes(state: State, volumes: Floats) -> Floats:
    """The part of `volumes` that is drawn by others than the firm itself, (K, N)."""
    external = np.zeros(volumes.shape)
    for e, edge in enumerate(state.edges):
        here = operators(state, int(edge.consumer))
        by = state.links.supplier[e, here]
        others = by != here
        drawn = edge.weight * volumes[edge.consumer, here]
        np.add.at(external[edge.input], by[others], drawn[others])
    return external


def _draws(state: State, rows: Integers, purpose: int, index: int) -> Floats:
    drawn: Floats = chance.draws(state.market.seed[0], state.firms.slot[rows], purpose, index)
    return drawn
