"""The market at the start: firms, units, links, contacts and the tables that hold them."""

from __future__ import annotations

from math import exp

import numpy as np
from numpy.typing import NDArray

from ..agents.rule import part, rule
from . import chance
from .columns import PARAMETERS, Row, State, Table, empty_table
from .contacts import Pairs, contact_pairs, neighbour_lists
from .incumbents import place_incumbents
from .parameters import Floats, Parameters, slots_taken
from .phases.build import START_CHURN, frontier_draw, opens_at_birth
from .phases.life import CASH_BASE
from .stack import Stack

CAPABILITY_SPREAD = 0.3


def start(stack: Stack, parameters: Parameters, seed: int, contacts: Pairs | None = None) -> State:
    """A market before its first step.

    `contacts` are pairs of slots, shape (n, 2); without them the network is drawn as the parameters say.
    """
    edges = edges_of(stack)
    layers = layers_of(edges, parameters)
    count, firms = len(stack.layers), int(layers.first_slot[-1])
    homes = np.repeat(np.arange(count), parameters.layer.firms)
    if contacts is None:
        contacts = contact_pairs(firms, homes, parameters.market, seed)
    starts, neighbours = neighbour_lists(contacts, firms)
    places = parameters.market.max_allies
    state = State(
        market=empty_table("market", 1),
        layers=layers,
        edges=edges,
        firms=empty_table("firms", firms),
        ties=empty_table("ties", firms, places),
        contacts=neighbours,
        operates=np.zeros((count, firms), dtype=np.bool_),
        traded=np.zeros((count, firms), dtype=np.bool_),
        roster=np.zeros((count, firms), dtype=np.uint32),
        units=empty_table("units", count, firms),
        links=empty_table("links", len(edges), firms),
        traces=empty_table("traces", count, firms),
        holdings=empty_table("holdings", firms),
        candidates=empty_table("candidates", 1, int(np.diff(starts).max(initial=0)) + places + 3),
        reports=empty_table("reports", firms, 2),
        events=empty_table("events", 0),
    )
    state.market.seed = seed
    state.firms.slot = state.firms.row_of_slot = np.arange(firms)
    state.firms.first_contact, state.firms.last_contact = starts[:-1], starts[1:]
    state.firms.home = homes
    put_in_force(state, parameters)
    populate(state)
    layers.start_capacity[:count] = start_capacities(state)
    set_capacities(state)
    if stack.firms:
        place_incumbents(state, stack)
    return state


def put_in_force(state: State, parameters: Parameters) -> None:
    """Write the parameters where the phases read them."""
    for name, value in (parameters.layer._asdict() | parameters.buyer._asdict()).items():
        state.layers[name][:-1] = value
    for name in PARAMETERS["market"]:
        state.market[name] = getattr(parameters.market, name)
    state.layers.input_share[:-1] = input_shares(state.edges, parameters)


def edges_of(stack: Stack) -> Table:
    """Input edges sorted by consumer, each source of a layer as an edge of its own."""
    number = {name: k for k, name in enumerate(stack.names)}
    rows = [
        (k, number[bought.layer], bought.weight / bought.sources, bought.passthrough / bought.sources)
        for k, layer in enumerate(stack.layers)
        for bought in layer.inputs
        for _ in range(bought.sources)
    ]
    edges = empty_table("edges", len(rows))
    edges.consumer, edges.input, edges.weight, edges.passthrough = zip(*rows, strict=True)
    return edges


def layers_of(edges: Table, parameters: Parameters) -> Table:
    """What is fixed about each layer; start capacities are filled in once demand is drawn."""
    count = len(parameters.layer.firms)
    layers = empty_table("layers", count + 1)
    layers.first_edge = np.searchsorted(edges.consumer, np.arange(count + 1))
    layers.first_slot[1:] = np.cumsum(parameters.layer.firms)
    layers.is_demand = ~np.isin(np.arange(count + 1), edges.input)
    layers.taken[:-1] = np.where(layers.is_demand[:-1], parameters.layer.firms, slots_taken(parameters.layer))
    return layers


def input_shares(edges: Table, parameters: Parameters) -> Floats:
    """Share of inputs in the base cost of each layer, shape (K,)."""
    base = parameters.layer.base_cost.copy()
    shares = np.zeros(len(base))
    for k in range(len(base)):  # inputs come first, so their full base cost is known
        bought = edges.consumer == k
        inputs = float(np.sum(edges.weight[bought] * base[edges.input[bought]]))
        base[k] += inputs
        shares[k] = inputs / base[k] if base[k] > 0.0 else 0.0
    return shares


def start_capacities(state: State) -> NDArray[np.float64]:
    """Slack times what all buyers together, adopted or not, would draw from each layer, per firm of the layer."""
    load = np.bincount(state.firms.home, weights=state.firms.demand, minlength=len(state.layers) - 1)
    for edge in state.edges[::-1]:
        load[edge.input] += edge.weight * load[edge.consumer]
    capacities: NDArray[np.float64] = state.market.capacity_slack * load / state.layers.taken[:-1]
    return capacities


def set_capacities(state: State) -> None:
    """Every unit starts with its layer's start capacity."""
    starts = np.broadcast_to(state.layers.start_capacity[:-1, None], state.operates.shape)
    state.units.capacity[state.operates] = starts[state.operates]


@rule
def populate(state: State) -> None:
    """Every slot that is taken gets its first firm, with one unit at home and a random supplier for each input."""
    for i in range(state.firms.shape[0]):
        firm = state.firms[i]
        if firm.slot - state.layers[firm.home].first_slot >= state.layers[firm.home].taken:
            continue
        firm.alive = True
        state.operates[firm.home, i] = True
        unit = state.units[firm.home, i]
        unit.churn = START_CHURN
        unit.frontier_weight = frontier_draw(state.market[0].seed, firm, state.layers[firm.home].frontier_share)
        unit.ceiling = np.nan
        if state.layers[firm.home].is_demand:
            create_buyer(firm, state.market[0].seed, state.layers[firm.home])
        else:
            create_seller(state, i, unit)
        for e in range(state.layers[firm.home].first_edge, state.layers[firm.home + 1].first_edge):
            m, link = state.edges[e].input, state.links[e, i]
            first, taken = state.layers[m].first_slot, state.layers[m].taken
            draw = chance.uniform(state.market[0].seed, 0, firm.slot, 0, chance.FIRST_LINK, e)
            link.supplier = state.firms[first + int(draw * taken)].row_of_slot
            link.outside_price = np.nan


@part
def create_buyer(firm: Row, seed: int, layer: Row) -> None:
    """A buyer's demand, and whether it has adopted."""
    firm.demand = exp(layer.demand_spread * chance.normal(seed, 0, firm.slot, 0, chance.DEMAND, 0))
    firm.active = chance.uniform(seed, 0, firm.slot, 0, chance.ACTIVE_START, 0) < layer.adoption_initial


@part
def create_seller(state: State, i: int, unit: Row) -> None:
    """A seller's capability, mark-up, cash and openness."""
    firm, market, seed = state.firms[i], state.market[0], state.market[0].seed
    unit.capability = CAPABILITY_SPREAD * chance.uniform(seed, 0, firm.slot, 0, chance.CAPABILITY, 0)
    unit.markup = state.layers[firm.home].initial_markup
    luck = 0.5 + chance.uniform(seed, 0, firm.slot, 0, chance.CASH, 0)
    firm.cash = market.start_cash * (state.layers[firm.home].fixed_cost + CASH_BASE) * luck
    unit.open = opens_at_birth(state, firm.home, i)


def smallest_state() -> State:
    """One firm, one layer, one edge: of the type that all states have."""
    one, several = (
        ("market", "layers", "edges", "firms", "holdings"),
        ("ties", "units", "links", "traces", "candidates", "reports"),
    )
    return State(
        **{name: empty_table(name, 1) for name in one},
        **{name: empty_table(name, 1, 1) for name in several},
        contacts=np.zeros(1, dtype=np.uint32),
        operates=np.zeros((1, 1), dtype=np.bool_),
        traded=np.zeros((1, 1), dtype=np.bool_),
        roster=np.zeros((1, 1), dtype=np.uint32),
        events=empty_table("events", 0),
    )
