"""What is measured of a market, per layer and step. Measures read the market; nothing in the market reads them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..agents.rule import part
from .columns import State
from .parameters import Floats


@dataclass(frozen=True)
class Measure:
    """One measure: what it means, its unit and range, and where its definition comes from."""

    name: str
    meaning: str
    unit: str
    low: float
    high: float
    source: str = "stackrace"


GUIDELINES = "US Merger Guidelines (2023)"
MEASURES = {
    measure.name: measure
    for measure in (
        Measure("hhi", "Herfindahl-Hirschman index of volumes, in-house included", "points", 0, 10_000, GUIDELINES),
        Measure("cr1", "volume share of the largest firm", "share", 0, 1),
        Measure("cr4", "volume share of the four largest firms", "share", 0, 1),
        Measure(
            "lerner",
            "Lerner index: external margin over external revenue",
            "share",
            0,
            1,
            "Lerner, The Concept of Monopoly (1934)",
        ),
        Measure("units", "units in operation, after entry", "units", 0, np.inf),
        Measure("in_house_share", "share of volume that firms make for themselves", "share", 0, 1),
        Measure("volume", "volume delivered", "units/step", 0, np.inf),
        Measure("unserved", "share of need that no able supplier met", "share", 0, 1),
        Measure("entry", "firms founded", "firms/step", 0, np.inf),
        Measure("exit", "firms that failed, taken over or not", "firms/step", 0, np.inf),
        Measure("switches", "links moved from one supplier to another", "links/step", 0, np.inf),
        Measure("leader", "slot of the firm with the largest volume (-1: none)", "slot", -1, np.inf),
    )
}
COLUMNS = tuple(MEASURES)


@part
def measure(state: State, row: Floats) -> None:
    """Write this step's measures, shape (layers, measures) in the order of `MEASURES`; NaN where undefined."""
    layers, firms = state.operates.shape
    for k in range(layers):
        volume = captive = margin = revenue = squares = 0.0
        operated, leader, largest = 0, -1, 0.0
        first = second = third = fourth = 0.0
        for i in range(firms):
            operated += state.operates[k, i]
            if not state.traded[k, i]:
                continue
            unit = state.units[k, i]
            v = unit.volume
            if v <= 0.0:
                continue
            volume += v
            squares += v * v
            captive += v - unit.external_volume
            margin += unit.external_margin
            revenue += unit.external_revenue
            if v > largest or (v == largest and state.firms[i].slot < leader):
                leader, largest = state.firms[i].slot, v
            if v > fourth:
                first, v = max(first, v), min(first, v)
                second, v = max(second, v), min(second, v)
                third, v = max(third, v), min(third, v)
                fourth = max(fourth, v)
        layer = state.layers[k]
        need = layer.unserved + volume
        row[k, 0] = 10_000.0 * squares / (volume * volume) if volume > 0.0 else np.nan
        row[k, 1] = first / volume if volume > 0.0 else np.nan
        row[k, 2] = (first + second + third + fourth) / volume if volume > 0.0 else np.nan
        row[k, 3] = margin / revenue if revenue > 0.0 else np.nan
        row[k, 4] = operated
        row[k, 5] = captive / volume if volume > 0.0 else np.nan
        row[k, 6] = volume
        row[k, 7] = layer.unserved / need if need > 0.0 else np.nan
        row[k, 8] = layer.entered
        row[k, 9] = layer.failed + layer.acquired
        row[k, 10] = layer.switched
        row[k, 11] = leader
