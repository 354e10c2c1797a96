"""Figures of a forecast: fans of a measure per layer, and effects of policies with their intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..plots.palette import FAINT, WIDTH
from ..plots.panels import INK, LINE, bare, finish, layers_in, small_multiples, time_of

if TYPE_CHECKING:
    import pandas as pd

LABELS = {"hhi": "HHI (points)", "cr1": "largest firm's share", "lerner": "Lerner index (margin / price)"}
BANDS = ((0.05, 0.95, 0.18, "90 % of draws"), (0.25, 0.75, 0.34, "half of the draws"))
TOP = {"hhi": 10_000.0, "cr1": 1.0, "lerner": 1.0}


def fan(measures: pd.DataFrame, layers: str | Iterable[str], measure: str) -> Figure:
    """Median and bands of a measure over draws against time, a panel per layer."""
    layers = layers_in(measures, layers)
    figure, panels, spare = small_multiples(layers)
    levels = [level for low, high, _, _ in BANDS for level in (low, high)] + [0.5]
    quantiles = measures.groupby(["layer", time_of(measures)])[measure].quantile(np.array(levels)).unstack()
    for layer, axes in zip(layers, panels, strict=True):
        of_layer = quantiles.loc[layer]
        for low, high, alpha, _ in BANDS:
            axes.fill_between(of_layer.index, of_layer[low], of_layer[high], color=LINE, alpha=alpha, linewidth=0)
        axes.plot(of_layer.index, of_layer[0.5], color=LINE, linewidth=1.4)
        axes.set_ylim(0, TOP[measure])
    handles: list[Any] = [Line2D([], [], color=LINE, linewidth=1.4, label="median of draws")]
    handles += [Patch(facecolor=LINE, alpha=alpha, label=name) for _, _, alpha, name in reversed(BANDS)]
    finish(figure, measures, LABELS[measure], spare, handles, "conditional on the model")
    return figure


def effects_figure(effects: pd.DataFrame, titles: Mapping[str, str], measure: str) -> Figure:
    """Effects of policies on a measure in the last year, a panel per layer: mean, 95 % interval, band of draws."""
    of_measure = effects[effects.measure == measure]
    layers, policies = list(dict.fromkeys(of_measure.layer)), list(dict.fromkeys(of_measure.policy))
    figure = Figure(figsize=(WIDTH + 2.0, 0.26 * len(policies) + 1.0), layout="constrained")
    grid = figure.subplots(1, len(layers), sharey=True, squeeze=False)[0]
    for axes, layer in zip(grid, layers, strict=True):
        bare(axes)
        axes.set_title(layer, loc="left", fontsize=8, fontweight="bold", color=INK)
        axes.axvline(0.0, color=INK, linewidth=0.8)
        for row in of_measure[of_measure.layer == layer].itertuples():
            place = policies.index(str(row.policy))
            axes.plot([row.band_low, row.band_high], [place] * 2, color=FAINT, linewidth=1.0)
            axes.plot([row.low, row.high], [place] * 2, color=LINE, linewidth=3.0)
            axes.plot([row.effect], [place], color=INK, marker="o", markersize=3)
        axes.locator_params(axis="x", nbins=3)
    grid[0].set_yticks(range(len(policies)), [titles[name] for name in policies], fontsize=8)
    grid[0].set_ylim(len(policies) - 0.5, -0.5)
    figure.supxlabel(f"change of {LABELS[measure]} in the last year, conditional on the model", fontsize=9, color=INK)
    return figure
