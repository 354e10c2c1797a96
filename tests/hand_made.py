"""A market of fifteen firms whose tables are written by hand, so that every measure can be worked out on paper.

chips (rows 0-3) -> cloud (4-6), two parallel sources -> buyers (9-12) and, with sensors (7-8), makers (13-14)
"""

from __future__ import annotations

from typing import Any

from stackrace.agents.rule import rule
from stackrace.model.columns import Row, State, Table
from stackrace.model.measures import empty_records
from stackrace.model.measures.dependence import trace
from stackrace.model.measures.measure import measure
from stackrace.model.phases.sight import call_roll
from stackrace.model.stack import Stack

from .markets import opened

CHIPS, CLOUD, SENSORS, BUYERS, MAKERS = range(5)


def bought(layer: str, sources: int = 1) -> dict[str, Any]:
    return {"layer": layer, "weight": 1.0, "passthrough": 1.0, "sources": sources}


STACK = Stack.from_dict(
    {
        "name": "hand-made",
        "title": "Written by hand",
        "parameters": {"contacts": {"degree": 4}, "open_share": 0.0},
        "layers": {
            "chips": {"firms": 4},
            "cloud": {"firms": 3, "inputs": [bought("chips", 2)]},
            "sensors": {"firms": 2},
            "buyers": {"firms": 4, "inputs": [bought("cloud")]},
            "makers": {"firms": 2, "inputs": [bought("cloud"), bought("sensors")]},
        },
    }
)

VOLUMES = {
    CHIPS: {0: 5.5, 1: 3.5, 5: 3.0},
    CLOUD: {4: 7.0, 5: 3.0, 6: 2.0},
    SENSORS: {8: 3.0},
    BUYERS: {9: 4.0, 10: 3.0, 11: 2.0},
    MAKERS: {13: 1.0, 14: 2.0},
}
"""Who made or got how much; whoever is missing here but in operation stood idle."""
OFF_HOME = ((CHIPS, 5), (SENSORS, 5), (CLOUD, 2))
SUPPLIERS = {
    (0, 4): (0, 0.5),  # edges 0 and 1 are the two sources of chips: firm 4 has two suppliers,
    (1, 4): (1, 0.5),
    (0, 5): (5, 0.5),  # firm 5 makes its own,
    (1, 5): (5, 0.5),
    (0, 6): (0, 1.0),  # and one of firm 6's does not deliver
    (1, 6): (2, 0.0),
    (2, 9): (4, 1.0),
    (2, 10): (4, 1.0),
    (2, 11): (5, 1.0),
    (3, 13): (5, 1.0),
    (3, 14): (6, 1.0),
    (4, 13): (8, 1.0),
    (4, 14): (8, 1.0),
}
"""(edge, client) -> supplier and units drawn per unit of product."""
ALLIES = ((0, 4), (0, 1), (1, 4), (0, 7))


@rule
def note(state: State, rows: Table, overall: Row) -> None:
    """All that is measured in a step, at once."""
    call_roll(state)
    trace(state)
    measure(state, rows, overall)


def market() -> State:
    """The market after its trade."""
    state = opened(STACK)
    state.links.supplier[:] = -1
    state.units.able[:] = False
    for k, i in OFF_HOME:
        state.operates[k, i] = True
    for k, volumes in VOLUMES.items():
        for i, volume in volumes.items():
            state.units.volume[k, i] = volume
            state.units.able[k, i] = True
            state.units.external_volume[k, i] = volume if (k, i) != (CHIPS, 5) and k < BUYERS else 0.0
    for (e, i), (j, drawn) in SUPPLIERS.items():
        state.links.supplier[e, i], state.links.drawn[e, i] = j, drawn
    for i, j in ALLIES:
        for one, other in ((i, j), (j, i)):
            state.ties.ally[one, (state.ties.ally[one] >= 0).sum()] = other
    state.traded[:] = state.operates
    return with_history(with_books(state))


def with_books(state: State) -> State:
    """Costs, margins, capability and openness."""
    for k, i, margin, revenue in (
        (CHIPS, 0, 2, 10),
        (CHIPS, 1, 0, 6),
        (CLOUD, 4, 4, 8),
        (CLOUD, 5, 1, 2),
        (SENSORS, 8, 1, 4),
    ):
        state.units.external_margin[k, i], state.units.external_revenue[k, i] = margin, revenue
    state.units.stage_cost[CHIPS, [0, 1, 5]] = 1.0, 2.0, 3.0
    state.units.stage_cost[CLOUD], state.units.stage_cost[SENSORS] = 2.0, 4.0
    state.units.capability[CHIPS, [0, 1, 2, 3, 5]] = 1.0, 2.0, 3.0, 4.0, 5.0
    state.units.capability[CLOUD] = 0.1
    state.units.open[CHIPS, 1] = True
    return state


def with_history(state: State) -> State:
    """Who came, left and moved in chips, and how the step before ended there; unmet need of one buyer."""
    chips = state.layers[CHIPS]
    chips.entered, chips.failed, chips.acquired, chips.switched = 1, 1, 1, 1
    chips.last_volume, chips.last_leader = 10.0, 1
    state.traces.last_share[CHIPS, [0, 1]] = 0.5
    state.layers.unserved[[BUYERS, CLOUD, CHIPS]] = 1.0
    return state


def measured(state: State) -> tuple[Any, Any]:
    """The measures of its layers, shape (layers,), and of the whole stack."""
    record, overall = empty_records(1, len(STACK.names))
    note(state, record[0], overall[0])
    return record[0], overall[0]
