"""Sizes and growth rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...model.calendar import QUARTERS
from ...model.parameters import Floats
from .history import History

if TYPE_CHECKING:
    import pandas as pd

BURN_IN = 20
LEAST_FIRMS = 8
LEAST_SIZES = 10
GROUPS = 10


def size_skewness(history: History) -> float:
    """Skewness of volume over the layer's mean, in the last step."""
    from scipy.stats import skew

    last = history.firms[(history.firms.step == history.steps - 1) & (history.firms.volume > 0)]
    volumes = last.groupby("layer", observed=True).volume
    relative = (last.volume / volumes.transform("mean"))[volumes.transform("size") >= LEAST_SIZES]
    return float(skew(relative, bias=False)) if len(relative) else np.nan


def growth_rates(history: History) -> pd.DataFrame:
    """Log growth of volume over years that follow each other, and log size at their start.

    Columns: layer, growth (less the mean of layer and year, over the standard deviation of the layer) and size (less
    the mean of layer and year), of all layers and years with `LEAST_FIRMS` firms or more.
    """
    firms = history.firms[(history.firms.volume > 0) & (history.firms.step >= BURN_IN)]
    firms = firms[(firms.step - BURN_IN) % QUARTERS == 0]
    begin = firms[["step", "layer", "firm", "volume"]]
    ended = begin.assign(step=begin.step - QUARTERS)
    pairs = begin.merge(ended, on=["step", "layer", "firm"], suffixes=("", "_after"))
    pairs["growth"] = np.log(pairs.volume_after / pairs.volume)
    pairs["size"] = np.log(pairs.volume)
    cells = pairs.groupby(["layer", "step"], observed=True)
    pairs = pairs[cells.growth.transform("size") >= LEAST_FIRMS]
    cells = pairs.groupby(["layer", "step"], observed=True)
    pairs = pairs.assign(**{name: pairs[name] - cells[name].transform("mean") for name in ("growth", "size")})
    spread = pairs.groupby("layer", observed=True).growth.transform("std")
    pairs = pairs.assign(growth=pairs.growth / spread)[spread > 0]
    return pairs[["layer", "growth", "size"]]


def growth_shape(history: History) -> float:
    """Shape of the Subbotin distribution of growth rates."""
    return subbotin_shape(growth_rates(history).growth.to_numpy())


def subbotin_shape(rates: Floats) -> float:
    """Shape b of the density proportional to exp(-|x/a|^b), by maximum likelihood; NaN from fewer than 50 rates.

    Subbotin, On the Law of Frequency of Errors, Matematicheskii Sbornik (1923); `scipy.stats.gennorm`.
    """
    from scipy.stats import gennorm

    if len(rates) < 50:
        return np.nan
    return float(gennorm.fit(rates, 1.0, floc=0.0, scale=rates.std())[0])


def variance_size_slope(history: History) -> float:
    """Slope of the log standard deviation of growth on log size, over `GROUPS` equal groups by size."""
    rates = growth_rates(history)
    if len(rates) < 10 * GROUPS:
        return np.nan
    ordered = rates.sort_values("size", kind="stable")
    groups = np.array_split(ordered[["size", "growth"]].to_numpy(), GROUPS)
    sizes, spreads = (np.array(each) for each in zip(*((g[:, 0].mean(), g[:, 1].std()) for g in groups), strict=True))
    there = spreads > 0
    return float(np.polyfit(sizes[there], np.log(spreads[there]), 1)[0]) if there.sum() > 2 else np.nan


def growth_size_slope(history: History) -> float:
    """Slope of growth on log size at the start of the year."""
    rates = growth_rates(history)
    if len(rates) < 10 * GROUPS:
        return np.nan
    return float(np.polyfit(rates["size"], rates.growth, 1)[0])
