"""Margins against concentration, and who makes for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .growth import BURN_IN
from .history import History, components, struck_layer
from .turnover import PERIOD, wave_step

if TYPE_CHECKING:
    import pandas as pd

START, MATURE = range(4), range(48, 60)
AFTER = range(8, 32)
LEAST_POINTS = 10


def margin_explained(history: History) -> float:
    """Share of the variance of the Lerner index that a line in the HHI explains, over layers and periods."""
    late = history.selling[history.selling.step >= BURN_IN]
    points = late.groupby(["layer", (late.step - BURN_IN) // PERIOD])[["hhi", "lerner"]].mean().dropna()
    if len(points) < LEAST_POINTS or (points.std() == 0).any():
        return np.nan
    return float(points.hhi.corr(points.lerner) ** 2)


def integration(history: History) -> float:
    """Rise of the share made in-house, mean over the layers that other sellers buy from."""
    bought = history.selling[history.selling.layer.isin(components(history.stack))]
    return in_house(bought, MATURE) - in_house(bought, START)


def disintegration(history: History, struck: History) -> float:
    """Share of the struck layer made in-house after the wave, less that of the same steps without one."""
    layer, begin = struck_layer(history.stack), wave_step(struck)
    steps = range(begin + AFTER.start, begin + AFTER.stop)
    with_wave, without = (in_house(each.measures[each.measures.layer == layer], steps) for each in (struck, history))
    return with_wave - without


def in_house(table: pd.DataFrame, steps: range) -> float:
    """Mean share made in-house over some steps and all layers of a table."""
    return float(table[table.step.isin(steps)].in_house_share.mean())
