"""The state of a market: tables with one schema.

Every column is declared once, with type, unit, meaning and the phase that writes it; documentation, data frames and
tooltips can be made from these declarations. A table is a numpy record array, so that `state.units.capability` is a
column of shape (K, N) and `state.units[k, i]` one row, whose fields stand side by side in memory.

N firms (slots), K layers, E input edges, A alliance places. Rows carry their slot id and nothing depends on the order
of rows. Layers are numbered inputs first, so that ascending order is bottom-up. Rows are referred to by number, -1
for none. Columns that `wishes` are scratch: decided in one phase, applied in a later one of the same step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, NamedTuple, get_type_hints

import numpy as np
from numpy.typing import NDArray

from .law import Law
from .ledger import Ledger
from .notes import FirmNotes, LayerNotes, UnitNotes
from .parameters import BUYER, LAYER, MARKET, Flags
from .reference import passed_by_reference
from .schema import Column
from .scratch import Candidate, Report

Neighbours = NDArray[np.uint32]
Table = Any
"""A numpy record array with the columns of one of the schemas below."""
Row = Any
"""One row of a table; writing to its fields writes to the table."""


C = Column


class Clock:
    """One row: when, and which chance."""

    seed: Annotated[int, C("seed of all chance", "-", "start")]
    step: Annotated[int, C("the step that comes next", "steps", "advance")]
    noted: Annotated[int, C("events noted so far", "events", "all phases")]
    team: Annotated[int, C("threads that share out loops over rows, by address (0: none)", "address", "start")]
    begun: Annotated[bool, C("whether the step's counts have been started", "-", "advance, interventions")]


class OwnRules:
    """One row: rules of the user's own, by the address that compiled code calls (0: the shipped rule)."""

    price_rule: Annotated[int, C("own rule for mark-ups", "address", "start")]
    switch_rule: Annotated[int, C("own rule for the appeal of an option", "address", "start")]
    build_rule: Annotated[int, C("own rule for the gain of building", "address", "start")]
    ally_rule: Annotated[int, C("own rule for the value of an alliance", "address", "start")]
    faulty_rule: Annotated[int, C("own rule that returned no finite number; 0 if none", "address", "all phases")]
    faulty_step: Annotated[int, C("when it first did", "steps", "all phases")]


class Event:
    """What happened, if it is recorded; firms by slot and birth number, -1 for none."""

    step: Annotated[int, C("when", "steps", "all phases")]
    kind: Annotated[int, C("what, see `stackrace.model.events`", "-", "all phases")]
    firm: Annotated[int, C("who", "slot", "all phases")]
    firm_birth: Annotated[int, C("its birth number", "firms", "all phases")]
    counterparty: Annotated[int, C("with whom", "slot", "all phases")]
    counterparty_birth: Annotated[int, C("its birth number", "firms", "all phases")]
    former: Annotated[int, C("whom it left", "slot", "all phases")]
    former_birth: Annotated[int, C("its birth number", "firms", "all phases")]
    layer: Annotated[int, C("in which layer", "layer", "all phases")]
    volume: Annotated[float, C("volume that goes with it", "units/step", "all phases")]
    gain: Annotated[float, C("what the decider expected to gain; its unit depends on the kind", "-", "all phases")]


class Firm:
    """One row per slot, shape (N,)."""

    slot: Annotated[int, C("slot id, which keys all chance", "-", "start")]
    birth: Annotated[int, C("how many firms the slot has seen before this one", "firms", "life")]
    home: Annotated[int, C("home layer", "layer", "start")]
    row_of_slot: Annotated[int, C("where the row is whose slot id is this row's number", "row", "start")]
    first_contact: Annotated[int, C("where its contacts begin", "-", "start")]
    last_contact: Annotated[int, C("where its contacts end", "-", "start")]
    cash: Annotated[float, C("cash", "money", "settle, build, ally, life")]
    smoothed_volume: Annotated[float, C("home volume as investors remember it", "units/step", "life")]
    demand: Annotated[float, C("buyers: base demand", "units/step", "start")]
    alive: Annotated[bool, C("whether the slot is occupied", "-", "life")]
    active: Annotated[bool, C("buyers: has adopted", "-", "life")]
    public: Annotated[bool, C("run by the state: sells at cost and never fails", "-", "interventions")]
    enters: Annotated[bool, C("wishes: the vacant slot is entered", "-", "life")]
    adopts: Annotated[bool, C("wishes: the buyer adopts", "-", "life")]
    fails: Annotated[bool, C("wishes: the firm fails", "-", "life")]
    wishes: Annotated[bool, C("wishes: to found a unit", "-", "source, build")]
    forward: Annotated[int, C("wishes: layer to enter", "layer", "build")]
    suitor: Annotated[int, C("wishes: whom the firm proposes an alliance to", "row", "ally")]
    accepted: Annotated[int, C("wishes: whose proposal the firm accepts", "row", "ally")]
    paired: Annotated[int, C("wishes: the proposer that becomes its ally", "row", "ally")]
    capital: Annotated[float, C("wishes: money handed to that proposer", "money", "ally")]
    acquirer: Annotated[int, C("wishes: who takes the failing firm over", "row", "life")]
    target: Annotated[int, C("wishes: the failing firm that it takes over", "row", "life")]
    start_cash: Annotated[float, C("wishes: cash of the firm that enters", "money", "life")]
    expected: Annotated[float, C("wishes: what the decision is expected to gain", "money", "build, ally, life")]


class Tie:
    """The alliance places of a firm, shape (N, A)."""

    ally: Annotated[int, C("the ally, -1 for a free place", "row", "ally, life")]
    parts: Annotated[bool, C("wishes: the tie is dissolved", "-", "ally")]


class Quote:
    """What a unit offers in this step, shape (K, N): the row that buyers look at."""

    stage_cost: Annotated[float, C("cost of the stage alone", "money/unit", "offer")]
    unit_cost: Annotated[float, C("stage and inputs", "money/unit", "offer")]
    quality: Annotated[float, C("delivered log quality", "log quality", "offer")]
    price: Annotated[float, C("list price", "money/unit", "offer")]
    able: Annotated[bool, C("had all inputs this step", "-", "offer, settle, build, life")]


class Sales:
    """A unit's books of this step, shape (K, N)."""

    volume: Annotated[float, C("output, own use included", "units/step", "trade, life")]
    external_volume: Annotated[float, C("output sold to others", "units/step", "trade, life")]
    external_margin: Annotated[float, C("price paid less unit cost, on sales to others", "money/step", "trade, life")]
    external_revenue: Annotated[float, C("paid by others", "money/step", "trade, life")]
    ceiling_bound: Annotated[float, C("volume that ends with buyers who have a ceiling", "units/step", "trade")]
    ceiling_sum: Annotated[float, C("that volume times its ceiling, expressed here", "log quality * units", "trade")]
    profit_up: Annotated[float, C("profit on reviewed deals, had the price been higher", "money", "source")]
    profit_down: Annotated[float, C("profit on reviewed deals, had the price been lower", "money", "source")]
    revenue_won: Annotated[float, C("revenue of the reviewed deals that were won", "money", "source")]
    volume_lost: Annotated[float, C("external volume lost to switching", "units/step", "build")]


class Unit:
    """One firm's operation in one layer, shape (K, N)."""

    standing: Annotated[float, C("lasting liking by all clients, in scales of taste", "-", "start, build, life")]
    own_standing: Annotated[float, C("the same by the firm that runs it", "-", "start, build, life")]
    capability: Annotated[float, C("log quality of the stage", "log quality", "settle, innovate, build, life")]
    experience: Annotated[float, C("cumulative output", "units", "settle, innovate, build, life")]
    capacity: Annotated[float, C("capacity", "units/step", "settle, build, life")]
    markup: Annotated[float, C("mark-up on unit cost", "-", "price, build, life")]
    churn: Annotated[float, C("smoothed share of external volume lost to switching", "1/step", "build, life")]
    outlay: Annotated[float, C("research outlay", "money/step", "settle, build, life")]
    frontier_weight: Annotated[float, C("volume share of final buyers without a ceiling", "-", "trade, build, life")]
    ceiling: Annotated[float, C("mean ceiling of the others; NaN: never sold", "log quality", "trade, build, life")]
    steps_in_red: Annotated[int, C("steps in the red in a row", "steps", "settle, build, life")]
    open: Annotated[bool, C("sells at cost and lets everyone imitate", "-", "price, build, life")]
    released: Annotated[bool, C("open for good", "-", "interventions")]
    halted: Annotated[bool, C("may not deliver for now", "-", "interventions")]
    outdated: Annotated[bool, C("was there before a technology wave and may take it up", "-", "build, interventions")]
    built: Annotated[bool, C("wishes: the unit is added", "-", "build")]
    next_capability: Annotated[float, C("wishes: of the unit added; or gained", "log quality", "innovate, build, life")]
    next_experience: Annotated[float, C("wishes: of the unit added; or gained", "units", "innovate, build")]
    next_capacity: Annotated[float, C("wishes: of the unit added", "units/step", "build, life")]


class Link:
    """Who supplies one input of one firm, shape (E, N)."""

    supplier: Annotated[int, C("the supplier", "row", "settle, build, life")]
    tenure: Annotated[int, C("steps with this supplier", "steps", "source, build, life")]
    drawn: Annotated[float, C("units drawn per unit of product; 0 if nobody delivers", "-", "offer")]
    itch: Annotated[float, C("smoothed advantage of the best alternative", "appeal", "source, build, life")]
    outside_price: Annotated[
        float,
        C("lowest outside price when an input made in-house was last reviewed", "money/unit", "source, build, life"),
    ]
    unmet: Annotated[bool, C("the last sourcing found nobody", "-", "source, settle, build, life")]
    moves: Annotated[bool, C("wishes: the link changes", "-", "source, build")]
    makes: Annotated[bool, C("wishes: the firm makes this input itself", "-", "source")]
    chosen: Annotated[int, C("wishes: the supplier that it changes to", "row", "source, build")]
    expected: Annotated[float, C("wishes: what the change is expected to gain", "appeal", "source")]


class Edge:
    """The stack's input edges (parallel sources apart), sorted by consumer, shape (E,)."""

    consumer: Annotated[int, C("layer that buys", "layer", "start")]
    input: Annotated[int, C("layer that is bought", "layer", "start")]
    weight: Annotated[float, C("units of input per unit of product", "-", "start")]
    passthrough: Annotated[float, C("share of the input's log quality that arrives", "-", "start")]


class Stage:
    """What is fixed about a layer, shape (K + 1,)."""

    first_edge: Annotated[int, C("its first input edge", "edge", "start")]
    first_slot: Annotated[int, C("its first slot", "slot", "start")]
    taken: Annotated[int, C("slots taken at the start", "slots", "start")]
    is_demand: Annotated[bool, C("whether no layer consumes it", "-", "start")]
    input_share: Annotated[float, C("share of inputs in its base cost", "-", "start")]
    start_capacity: Annotated[float, C("capacity that units start with", "units/step", "start")]
    listed: Annotated[int, C("rows on its roster", "rows", "offer, life")]


class Outside:
    """How far the world around the market has moved a layer by this step, shape (K,)."""

    progress: Annotated[float, C("fall of log base cost since the start", "-", "outside")]
    demand_rise: Annotated[float, C("rise of every buyer's log demand since the start", "-", "outside")]
    demand_slowed: Annotated[float, C("fall of the log of demand's growth since the start", "-", "outside")]
    ceiling_rise: Annotated[float, C("rise of the quality ceiling since the start", "log quality", "outside")]


class Tally:
    """Counts of this step per layer, shape (K,)."""

    entered: Annotated[int, C("firms founded", "firms", "life")]
    failed: Annotated[int, C("firms that failed and were not taken over", "firms", "life")]
    acquired: Annotated[int, C("firms taken over", "firms", "life")]
    built: Annotated[int, C("units built", "units", "build")]
    closed: Annotated[int, C("units closed off home", "units", "settle")]
    lost: Annotated[int, C("units that went with a failed firm or into the acquirer's own", "units", "life")]
    switched: Annotated[int, C("links moved from one supplier to another", "links", "build")]
    unserved: Annotated[float, C("need that no able supplier met", "units/step", "trade")]


@passed_by_reference
class State(NamedTuple):
    """A market at one moment, with the parameters in force."""

    market: Table  # Clock, OwnRules, Ledger and market parameters; (1,)
    layers: Table  # Stage, Law, Outside, Tally, LayerNotes, parameters; (K + 1,), the last row only ends the ranges
    edges: Table  # Edge; (E,)
    firms: Table  # Firm; (N,)
    ties: Table  # Tie; (N, A)
    contacts: Neighbours  # rows of contacts, firm after firm
    operates: Flags  # whether the firm runs a unit in the layer; (K, N)
    traded: Flags  # whether the unit may have flows of this step; (K, N)
    roster: Neighbours  # per layer the rows with either, in order, `listed` of them; (K, N)
    units: Table  # Quote, Unit and Sales; (K, N)
    links: Table  # Link; (E, N)
    traces: Table  # UnitNotes; (K, N)
    holdings: Table  # FirmNotes; (N,)
    candidates: Table  # Candidate; scratch
    reports: Table  # Report; scratch
    events: Table  # Event; as many as there is room for, none if they are not recorded


SCHEMAS: Mapping[str, tuple[type, ...]] = {
    "market": (Clock, OwnRules, Ledger),
    "layers": (Stage, Law, Outside, Tally, LayerNotes),
    "edges": (Edge,),
    "firms": (Firm,),
    "ties": (Tie,),
    "units": (Quote, Unit, Sales),
    "links": (Link,),
    "traces": (UnitNotes,),
    "holdings": (FirmNotes,),
    "candidates": (Candidate,),
    "reports": (Report,),
    "events": (Event,),
}


@cache
def columns_of(*schemas: type) -> Mapping[str, Column]:
    """Name -> declaration of the columns of the given schemas, in order."""
    declared = {}
    for schema in schemas:
        for name, hint in get_type_hints(schema, include_extras=True).items():
            declared[name] = replace(hint.__metadata__[0], name=name, kind=hint.__origin__)
    return declared


PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "market": {name.replace(".", "_"): found for name, found in MARKET.items() if found.kind is not str},
    "layers": {**LAYER, **BUYER},
}
"""The parameters that a table holds besides its columns, so that a changed value never changes a type."""

STORED = {float: np.float64, int: np.int64, bool: np.bool_}


def empty_table(table: str, *shape: int) -> Table:
    """A table of the given shape; numbers are 0, flags False, references to rows and layers -1."""
    columns = columns_of(*SCHEMAS[table])
    fields = [(name, STORED[column.kind]) for name, column in columns.items()]
    fields += [(name, STORED[parameter.kind]) for name, parameter in PARAMETERS.get(table, {}).items()]
    made = np.zeros(shape, dtype=np.dtype(fields, align=True)).view(np.recarray)
    for name, column in columns.items():
        if column.unit in ("row", "layer"):
            made[name] = -1
    return made
