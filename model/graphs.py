"""The networks of a market at one moment, as networkx graphs.

Attributes are plain numbers, flags and text, so that `networkx.write_graphml` takes every graph as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.rule import rule
from .columns import State
from .errors import InputError
from .parameters import Floats
from .phases.sight import delivers, price_for
from .world import World

if TYPE_CHECKING:
    import networkx as nx


def graph(world: World, kind: str) -> nx.Graph[Any]:
    """One of the market's networks; raises InputError for a kind that there is not.

    - `contacts`: who knows whom. Nodes are slots, vacant ones included, so that `simulate(contacts=...)` takes it.
    - `supply`: supplier -> client, an edge per input link, with the layer bought, the client's layer, volume
      (units/step, as the client drew it in the step just played: from its former supplier if tenure is 0), price
      (money/unit, as last quoted; missing if the supplier does not deliver), tenure (steps) and in_house.
    - `alliances`: who is allied with whom; buyers, who never ally, are left out.
    - `ownership`: firm - layer for each unit, with its share of the layer's volume, volume (units/step), capability
      (log quality), markup and open. Layer nodes have `bipartite` 1, firm nodes 0.

    Firm nodes carry label, slot, home, alive, buyer, cash (money), volume (units/step, at home) and layers (in how
    many the firm runs a unit). But for contacts, nodes are the labels of the firms alive.
    """
    if kind not in KINDS:
        raise InputError(f"there is no graph of kind {kind!r}: there are {', '.join(KINDS)}")
    return KINDS[kind](world)


def contacts(world: World) -> nx.Graph[Any]:
    """Who knows whom, by slot."""
    import networkx as nx

    made: nx.Graph[Any] = nx.Graph(kind="contacts")
    firms = world.state.firms
    rows = firms.row_of_slot.tolist()
    made.add_nodes_from((slot, firm_attributes(world, i)) for slot, i in enumerate(rows))
    for slot, i in enumerate(rows):
        others = world.state.contacts[firms.first_contact[i] : firms.last_contact[i]]
        made.add_edges_from((slot, int(other)) for other in firms.slot[others])
    return made


def supply(world: World) -> nx.MultiDiGraph[Any]:
    """Who supplies whom with what."""
    import networkx as nx

    state, layers = world.state, world.stack.names
    made: nx.MultiDiGraph[Any] = nx.MultiDiGraph(kind="supply")
    names = add_firms(made, world, buyers=True)
    prices = prices_paid(state)
    for e, edge in enumerate(state.edges):
        links = state.links[e]
        for i in np.flatnonzero(state.operates[edge.consumer] & (links.supplier >= 0)).tolist():
            j = int(links.supplier[i])
            data: dict[str, Any] = {
                "layer": layers[edge.input],
                "client_layer": layers[edge.consumer],
                "volume": float(links.drawn[i] * state.units.volume[edge.consumer, i]),
                "tenure": int(links.tenure[i]),
                "in_house": i == j,
            }
            if np.isfinite(prices[e, i]):
                data["price"] = float(prices[e, i])
            made.add_edge(names[j], names[i], **data)
    return made


def alliances(world: World) -> nx.Graph[Any]:
    """Who is allied with whom."""
    import networkx as nx

    made: nx.Graph[Any] = nx.Graph(kind="alliances")
    names = add_firms(made, world, buyers=False)
    for i, place in np.argwhere(world.state.ties.ally >= 0).tolist():
        made.add_edge(names[i], names[int(world.state.ties.ally[i, place])])
    return made


def ownership(world: World) -> nx.Graph[Any]:
    """Who runs a unit in which layer."""
    import networkx as nx

    made: nx.Graph[Any] = nx.Graph(kind="ownership")
    state = world.state
    names = add_firms(made, world, buyers=True)
    for k, layer in enumerate(world.stack.names):
        # Names of firms are the user's: one that is called like a layer must not become that layer.
        node = layer if layer not in made else f"layer {layer}"
        volumes = np.where(state.traded[k] | state.operates[k], state.units.volume[k], 0.0)
        whole = float(volumes.sum())
        made.add_node(node, bipartite=1, label=layer, volume=whole)
        for i in np.flatnonzero(state.operates[k]).tolist():
            unit = state.units[k, i]
            made.add_edge(
                names[i],
                node,
                share=float(volumes[i]) / whole if whole > 0.0 else 0.0,
                volume=float(volumes[i]),
                capability=float(unit.capability),
                markup=float(unit.markup),
                open=bool(unit.open),
            )
    for name in names.values():
        made.nodes[name]["bipartite"] = 0
    return made


KINDS = {"contacts": contacts, "supply": supply, "alliances": alliances, "ownership": ownership}


def add_firms(made: nx.Graph[Any], world: World, buyers: bool) -> dict[int, str]:
    """Make nodes of the firms alive, with or without buyers, in the order of their slots; row -> label."""
    firms, names = world.state.firms, {}
    for i in firms.row_of_slot.tolist():
        data = firm_attributes(world, i)
        if data["alive"] and (buyers or not data["buyer"]):
            names[i] = data["label"]
            made.add_node(names[i], **data)
    return names


def firm_attributes(world: World, i: int) -> dict[str, Any]:
    """What a node says of the firm of row i (of a vacant slot: of the firm that left it)."""
    state, firm = world.state, world.state.firms[i]
    return {
        "label": world.register.label(int(firm.slot), int(firm.birth)),
        "slot": int(firm.slot),
        "home": world.stack.names[firm.home],
        "alive": bool(firm.alive),
        "buyer": bool(state.layers.is_demand[firm.home]),
        "cash": float(firm.cash),
        "volume": float(state.units.volume[firm.home, i]) if firm.alive else 0.0,
        "layers": int(state.operates[:, i].sum()),
    }


@rule
def prices_paid(state: State) -> Floats:
    """Price of every input link, money/unit, shape (E, N); NaN where no supplier delivers."""
    edges, firms = state.links.shape
    paid = np.full((edges, firms), np.nan)
    for e in range(edges):
        edge = state.edges[e]
        for i in range(firms):
            j = state.links[e, i].supplier
            if state.operates[edge.consumer, i] and delivers(state, edge.input, j):
                paid[e, i] = price_for(state, e, i, j)
    return paid
