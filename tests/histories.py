"""Histories with a planted truth, to hold statistics of facts against."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from stackrace.experiments.facts.history import History
from stackrace.model.interventions import read_interventions
from stackrace.model.measures import MEASURES

from .markets import stack_named

STACK = stack_named("ai-stack")
STEPS = 120
EVENTS = ("step", "kind", "layer", "firm", "counterparty", "gain")
WAVE = [{"kind": "technology_wave", "layer": "model", "from": 60}]


def history(firms: Any = None, events: Any = None, measures: Any = None, wave: bool = False) -> History:
    """A history of the default stack with some tables; the others are empty."""
    units = pd.DataFrame([], columns=["step", "firm", "home", "layer", "volume", "capability"])
    happened = pd.DataFrame(events or [], columns=list(EVENTS))
    struck = read_interventions(WAVE if wave else ())
    return History(STACK, 1, STEPS, {}, struck, measures, happened, units if firms is None else firms)


def measures_of(**columns: Any) -> pd.DataFrame:
    """Measures of every step and layer; a column is a function of (steps, layer number), others are NaN."""
    layers = STACK.selling_layers
    table = pd.DataFrame(np.nan, index=range(STEPS * len(layers)), columns=list(MEASURES))
    table["step"] = np.repeat(np.arange(STEPS), len(layers))
    table["layer"] = np.tile(np.array(layers, dtype=object), STEPS)
    number = np.tile(np.arange(len(layers)), STEPS)
    for name, function in columns.items():
        table[name] = np.broadcast_to(function(table.step.to_numpy(), number), len(table))
    return table


def panel(growth: Any, units: int = 400, seed: int = 1) -> pd.DataFrame:
    """Units of one layer whose log size grows once a year by `growth(generator, log sizes)`."""
    generator = np.random.default_rng(seed)
    sizes, tables = generator.normal(0.0, 1.0, units), []
    names = [f"model-{n}" for n in range(units)]
    for step in range(20, STEPS, 4):
        tables.append(pd.DataFrame({"step": step, "firm": names, "volume": np.exp(sizes)}))
        sizes = sizes + growth(generator, sizes)
    return pd.concat(tables, ignore_index=True).assign(layer="model", home="model", capability=0.0)


def lives(hazard: Any, firms: int = 4000, seed: int = 1) -> list[tuple[Any, ...]]:
    """Events of firms that enter evenly over time and go with probability `hazard(age)` in every step."""
    generator, found = np.random.default_rng(seed), []
    for n in range(firms):
        begin = int(generator.integers(0, STEPS))
        found.append((begin, "entered", "model", f"model-{n}", None, 0.0))
        for step in range(begin + 1, STEPS):
            if generator.random() < hazard(step - begin):
                found.append((step, "left", "model", f"model-{n}", None, 0.0))
                break
    return found
