"""The market at the start: firms, units, links, contacts and the columns that hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..agents.rule import rule
from . import chance
from .columns import (
    ACCOUNTS,
    Edges,
    Firms,
    Layout,
    Links,
    Reports,
    State,
    Tallies,
    Units,
    Wishes,
    schema,
)
from .contacts import Pairs, contact_pairs, neighbour_lists
from .parameters import Parameters
from .phases.build import START_CHURN, frontier_draw
from .phases.life import opens_at_birth
from .stack import Stack

CAPABILITY_SPREAD = 0.3
CASH_BASE = 0.2


def start(stack: Stack, parameters: Parameters, seed: int, contacts: Pairs | None = None) -> State:
    """A market before its first step.

    `contacts` are pairs of slots, shape (n, 2); without them the network is drawn as the parameters say.
    """
    edges = edges_of(stack)
    layers, sizes = len(stack.layers), parameters.layer.firms
    first_slot = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    firms = int(first_slot[-1])
    homes = np.repeat(np.arange(layers), sizes).astype(np.int32)
    if contacts is None:
        contacts = contact_pairs(firms, homes, parameters.market, seed)
    first_contact, neighbours = neighbour_lists(contacts, firms)
    degrees = np.diff(first_contact)
    most_candidates = int(2 * degrees.max(initial=0)) + parameters.market.max_allies + 4
    shapes = {
        "allies": (firms, parameters.market.max_allies),
        "parts": (firms, parameters.market.max_allies),
        "considered": (most_candidates,),
        "users": (most_candidates,),
        "appeals": (most_candidates,),
    }
    per_firm, per_unit, per_link = (firms,), (layers, firms), (len(edges.input), firms)
    shapes |= dict.fromkeys(Units._fields, per_unit) | dict.fromkeys(("built", "former"), per_unit)
    wishes = empty(Wishes, per_firm, shapes | dict.fromkeys(("capability", "experience", "capacity"), per_unit) | dict.fromkeys(("supplier", "make"), per_link))
    state = State(
        seed=np.array([seed], dtype=np.int64),
        clock=np.zeros(1, dtype=np.int64),
        firms=empty(Firms, per_firm, shapes)._replace(slot=np.arange(firms, dtype=np.int32), home=homes),
        units=empty(Units, per_unit, {}),
        links=empty(Links, per_link, {}),
        edges=edges,
        layout=layout_of(stack, parameters, edges, first_slot, first_contact, neighbours),
        wishes=wishes,
        reports=empty(Reports, per_unit, {}),
        tallies=empty(Tallies, (layers,), {"accounts": (len(ACCOUNTS),)}),
    )
    populate(state, parameters)
    state.layout.start_capacity[:] = start_capacities(state, parameters)
    state.units.capacity[state.units.operated] = np.broadcast_to(
        state.layout.start_capacity[:, None], state.units.operated.shape
    )[state.units.operated]
    return state


def empty(table: Any, shape: tuple[int, ...], others: dict[str, tuple[int, ...]]) -> Any:
    """A table of columns filled with nothing: zeros, False, or -1 where a row is meant."""
    columns = {}
    for name, column in schema(table).items():
        fill = -1 if column.unit in ("row", "layer") else 0
        where = others.get(name, shape)
        columns[name] = np.full(where, fill, dtype=column.dtype) if fill else np.zeros(where, dtype=column.dtype)
    return table(**columns)


def edges_of(stack: Stack) -> Edges:
    """Input edges sorted by consumer, each source of a layer as an edge of its own."""
    number = {name: k for k, name in enumerate(stack.names)}
    rows = [
        (k, number[bought.layer], bought.weight / bought.sources, bought.passthrough / bought.sources)
        for k, layer in enumerate(stack.layers)
        for bought in layer.inputs
        for _ in range(bought.sources)
    ]
    columns = list(zip(*rows, strict=True))
    dtypes = [column.dtype for column in schema(Edges).values()]
    return Edges(*(np.array(column, dtype=dtype) for column, dtype in zip(columns, dtypes, strict=True)))


def layout_of(
    stack: Stack,
    parameters: Parameters,
    edges: Edges,
    first_slot: NDArray[np.int32],
    first_contact: NDArray[np.int64],
    contacts: NDArray[np.uint32],
) -> Layout:
    """What stays fixed about layers and contacts; start capacities are filled in once demand is drawn."""
    layers = len(stack.layers)
    adjacent = np.zeros((layers, layers), dtype=np.bool_)
    adjacent[edges.consumer, edges.input] = adjacent[edges.input, edges.consumer] = True
    base = parameters.layer.base_cost.astype(np.float64)
    share = np.zeros(layers)
    for k in range(layers):  # inputs come first, so their full base cost is known
        bought = edges.consumer == k
        inputs = float(np.sum(edges.weight[bought] * base[edges.input[bought]]))
        base[k] += inputs
        share[k] = inputs / base[k] if base[k] > 0.0 else 0.0
    return Layout(
        is_demand=~np.isin(np.arange(layers), edges.input),
        first_edge=np.searchsorted(edges.consumer, np.arange(layers + 1)).astype(np.int32),
        adjacent=adjacent,
        input_share=share,
        first_slot=first_slot,
        row_of_slot=np.arange(first_slot[-1], dtype=np.int32),
        start_capacity=np.zeros(layers),
        first_contact=first_contact,
        contacts=contacts,
    )


def start_capacities(state: State, parameters: Parameters) -> NDArray[np.float64]:
    """Slack times what all buyers together, adopted or not, would draw from each layer, per firm of the layer."""
    load = np.bincount(state.firms.home, weights=state.firms.demand, minlength=len(state.layout.is_demand))
    for k in range(len(load) - 1, -1, -1):
        for e in np.flatnonzero(state.edges.consumer == k):
            load[state.edges.input[e]] += state.edges.weight[e] * load[k]
    capacities: NDArray[np.float64] = parameters.market.capacity_slack * load / parameters.layer.firms
    return capacities


@rule
def populate(state, parameters):
    """Every slot gets its first firm, with one unit at home and a random supplier for each input."""
    firms, units, seed = state.firms, state.units, state.seed[0]
    layer, buyer, market = parameters.layer, parameters.buyer, parameters.market
    units.ceiling[:] = np.nan
    state.links.outside_price[:] = np.nan
    for i in range(firms.slot.shape[0]):
        slot, k = firms.slot[i], np.int64(firms.home[i])
        firms.alive[i] = True
        units.operated[k, i] = True
        units.churn[k, i] = START_CHURN
        units.frontier_weight[k, i] = frontier_draw(state, parameters, k, i)
        if state.layout.is_demand[k]:
            firms.demand[i] = np.exp(buyer.demand_spread[k] * chance.normal(seed, 0, slot, 0, chance.DEMAND, 0))
            firms.frontier[i] = units.frontier_weight[k, i] > 0.0
            draw = chance.uniform(seed, 0, slot, 0, chance.ACTIVE_START, 0)
            firms.active[i] = draw < buyer.adoption_initial[k]
        else:
            units.capability[k, i] = CAPABILITY_SPREAD * chance.uniform(seed, 0, slot, 0, chance.CAPABILITY, 0)
            units.markup[k, i] = market.initial_markup
            luck = 0.5 + chance.uniform(seed, 0, slot, 0, chance.CASH, 0)
            firms.cash[i] = market.start_cash * (layer.fixed_cost[k] + CASH_BASE) * luck
            units.open[k, i] = opens_at_birth(state, parameters, k, i)
        for e in range(state.layout.first_edge[k], state.layout.first_edge[k + 1]):
            first, last = state.layout.first_slot[state.edges.input[e]], state.layout.first_slot[state.edges.input[e] + 1]
            draw = chance.uniform(seed, 0, slot, 0, chance.FIRST_LINK, e)
            state.links.supplier[e, i] = state.layout.row_of_slot[first + int(draw * (last - first))]
