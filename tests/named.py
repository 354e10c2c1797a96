"""A small market with named firms, for claims about them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stackrace.model.advance import advance
from stackrace.model.columns import State, empty_table
from stackrace.model.measures import empty_records
from stackrace.model.settings import resolve
from stackrace.model.stack import Stack
from stackrace.model.start import start

Table = dict[str, Any]
CHIPS, CLOUD = 0, 1


def unit(layer: str, **known: Any) -> Table:
    return {"layer": layer, "source": "a report", **known}


def link(layer: str, bought: str, by: str) -> Table:
    return {"layer": layer, "input": bought, "by": by, "source": "a filing"}


FIRMS: Table = {
    "Zeta": {"home": "chips", "units": [unit("chips", share=0.6, capability=0.3)]},
    "Beta": {"home": "chips", "units": [unit("chips", share=0.1)]},
    "Alpha": {
        "home": "cloud",
        "units": [unit("cloud", share=0.3, open=True), unit("chips", share=0.2)],
        "links": [link("cloud", "chips", "Alpha"), link("cloud", "chips", "Zeta")],
    },
}


def market(named: Table = FIRMS, **cloud: Any) -> Stack:
    """Chips, cloud (which has two sources of chips) and buyers."""
    return Stack.from_dict(
        {
            "name": "small",
            "title": "A small stack",
            "layers": {
                "chips": {"firms": 8},
                "cloud": {
                    "firms": 12,
                    "openable": True,
                    "inputs": [{"layer": "chips", "weight": 0.5, "passthrough": 0.5, "sources": 2}],
                    **cloud,
                },
                "buyers": {"firms": 150, "inputs": [{"layer": "cloud", "weight": 1.0, "passthrough": 1.0}]},
            },
            "firms": named,
        }
    )


def begun(stack: Stack, seed: int = 1) -> State:
    return start(stack, resolve(stack), seed)


def step(state: State) -> None:
    """One step of the market."""
    advance(state, *empty_records(1, len(state.operates)), empty_table("market", 1))


def shares(state: State) -> NDArray[np.float64]:
    """Share of each unit in its layer's volume, (K, N)."""
    volumes = state.units.volume * state.traded
    return volumes / volumes.sum(axis=1, keepdims=True)
