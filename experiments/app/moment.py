"""A market as it is now, packed like a film of one step, with the measures so far: what Live shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...model.books import look
from ...model.market import Market
from ...model.measures import OVERALL
from ...model.settings import flat_name
from ..regimes import REGIMES, regime
from .film import BOOKS, History, allies_in, contacts_in, suppliers_in
from .pack import READ, Arrays, books_of, joined, names_of, network_of

SHOWN = ("hhi", "lerner", "in_house_share")
"""Measures that Live draws."""


def moment(market: Market) -> bytes:
    """The step just played: books, links, measures, and the series of `SHOWN` up to it."""
    world = market.world
    stack = world.stack
    labels, arrays = _arrays(market)
    told = {
        **names_of(stack, world.seed, [max(0, world.step - 1)]),
        "step": world.step,
        "interventions": [],
        "series": {name: {layer: series(market, layer, name) for layer in stack.selling_layers} for name in SHOWN},
        "firms": labels,
    }
    return joined(told, arrays)


def series(market: Market, layer: str, name: str) -> list[float | None]:
    """A measure of a layer after every step so far; None where it is not defined."""
    values = market.datacollector.model_vars[f"{flat_name(layer)}_{name}"][1:]
    return [None if value != value else float(value) for value in values]


def _arrays(market: Market) -> tuple[list[str], Arrays]:
    world = market.world
    state, register = world.state, world.register
    books = look(state, BOOKS)
    firms, codes = np.unique(books.keys[:, 1:3], axis=0, return_inverse=True)
    labels = [register.label(slot, birth) for slot, birth in firms.tolist()]
    record = market.measures.to_numpy()
    arrays: Arrays = {
        "measures": record[None].astype("<f4"),
        "overall": np.full((1, len(OVERALL)), np.nan, "<f4"),
        "regime": np.array([[_regime(world, row, k) for k, row in enumerate(record)]], np.int8),
        **books_of(firms, codes.ravel(), books.keys[:, 3], np.array([0, len(books.keys)], np.int32), books.values),
        **network_of(
            register, state.edges, contacts_in(state), History(suppliers_in(state)), History(allies_in(state))
        ),
    }
    return labels, arrays


def _regime(world: Any, row: Any, k: int) -> int:
    """Number of the regime of one layer in the step just played; -1 for buyers."""
    return -1 if world.stack.names[k] in world.stack.demand_layers else REGIMES.index(regime(*row[READ].tolist()))
