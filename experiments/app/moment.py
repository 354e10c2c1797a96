"""A market as it is now, packed like a film of one step, with the measures so far: what Live shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...model.books import look
from ...model.calendar import quarter_of
from ...model.market import Market, flat
from ...model.measures import COLUMNS, OVERALL
from ..regimes import REGIMES, regime
from .film import BOOKS, allies_in, contacts_in, suppliers_in
from .pack import READ, Arrays, joined

SHOWN = ("hhi", "lerner", "in_house_share")
"""Measures that Live draws."""


def moment(market: Market) -> bytes:
    """The step just played: books, links, measures, and the series of `SHOWN` up to it."""
    world = market.world
    step = max(0, world.step - 1)
    stack = world.stack
    header = {
        "stack": {"name": stack.name, "title": stack.title, "layers": stack.names, "demand": stack.demand_layers},
        "seed": world.seed,
        "steps": 1,
        "step": world.step,
        "dates": [quarter_of(step, stack.start) if stack.start else f"step {step}"],
        "measures": COLUMNS,
        "overall": list(OVERALL),
        "books": BOOKS,
        "kinds": [],
        "regimes": REGIMES,
        "window": 1,
        "interventions": [],
        "series": {name: {layer: series(market, layer, name) for layer in stack.selling_layers} for name in SHOWN},
    }
    labels, arrays = _arrays(market)
    return joined({**header, "firms": labels}, arrays)


def series(market: Market, layer: str, name: str) -> list[float | None]:
    """A measure of a layer after every step so far; None where it is not defined."""
    values = market.datacollector.model_vars[f"{flat(layer)}_{name}"][1:]
    return [None if value != value else float(value) for value in values]


def _arrays(market: Market) -> tuple[list[str], Arrays]:
    world = market.world
    state, register = world.state, world.register
    books = look(state, BOOKS)
    firms, codes = np.unique(books.keys[:, 1:3], axis=0, return_inverse=True)
    labels = [register.label(slot, birth) for slot, birth in firms.tolist()]
    record = market.measures.to_numpy()
    none = np.empty((0, 3), np.int32)
    arrays: Arrays = {
        "measures": record[None].astype("<f4"),
        "overall": np.full((1, len(OVERALL)), np.nan, "<f4"),
        "regime": np.array([[_regime(world, row, k) for k, row in enumerate(record)]], np.int8),
        "firm_slot": firms[:, 0].astype(np.int32),
        "firm_birth": firms[:, 1].astype(np.int32),
        "row_firm": codes.ravel().astype(np.int32),
        "row_layer": books.keys[:, 3].astype(np.uint8),
        "row_start": np.array([0, len(books.keys)], np.int32),
        "books": books.values.T.astype("<f4"),
        "home": np.repeat(np.arange(len(world.stack.names)), np.diff(register.first)).astype(np.uint8),
        "contacts": contacts_in(state).astype(np.int32),
        "edges": np.column_stack([state.edges.consumer, state.edges.input]).astype(np.uint8),
        "weights": state.edges.weight.astype("<f4"),
        "suppliers": suppliers_in(state).astype(np.int32),
        "suppliers_changes": none,
        "allies": allies_in(state).astype(np.int32),
        "allies_changes": none,
    }
    return labels, arrays


def _regime(world: Any, row: Any, k: int) -> int:
    """Number of the regime of one layer in the step just played; -1 for buyers."""
    return -1 if world.stack.names[k] in world.stack.demand_layers else REGIMES.index(regime(*row[READ].tolist()))
