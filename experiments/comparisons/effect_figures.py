"""Figures of a comparison: the paired difference over time, and effects with their intervals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ...model.errors import InputError, checked_names
from ...model.measures import MEASURES, OVERALL
from ..plots.figures import shaded
from ..plots.forest_plot import forest_plot
from ..plots.palette import FAINT
from ..plots.panels import INK, band, band_legend, finish, quantiles_over_seeds, small_multiples, time_of
from .comparison import WHOLE, Comparison

if TYPE_CHECKING:
    import pandas as pd

FEW = 12
"""Up to so many seeds each has a line of its own."""
NEGLIGIBLE = 1e-9
"""A difference that is rounding."""
HANDFUL = 4
"""So many measures stand side by side in a forest plot."""


def trajectory(comparison: Comparison, measure: str) -> Figure:
    """The paired difference of a measure against time, a panel a layer: median and 10-90 % band over seeds.

    Few seeds are drawn as thin lines too. Grey is the window that the effects are means over. What is known of the
    whole stack has a panel too; buyers have one where no layer that sells has a value.
    """
    _known(comparison, [measure])
    layers = _rows(comparison, comparison.paths[comparison.paths[measure].notna()])
    if not layers:
        raise InputError(f"{measure} has no value in both at any step: nothing to draw")
    paths = comparison.paths[comparison.paths.layer.isin(layers)]
    paths = paths.assign(time=time_of(paths))
    quantiles = quantiles_over_seeds(paths, measure)
    figure, panels, spare = small_multiples(layers)
    times = paths.drop_duplicates("step").set_index("step").time.sort_index()
    for layer, axes in zip(layers, panels, strict=True):
        of_layer = paths[paths.layer == layer]
        axes.axvspan(times.iloc[-comparison.window :].iloc[0], times.iloc[-1], color=FAINT, alpha=0.12, linewidth=0)
        axes.axhline(0.0, color=INK, linewidth=0.8, zorder=1)
        if 1 < len(comparison.seeds) <= FEW:
            for _, of_seed in of_layer.groupby("seed"):
                axes.plot(of_seed.time, of_seed[measure], color=FAINT, linewidth=0.5, alpha=0.8, zorder=1.5)
        band(axes, quantiles.loc[[layer]].droplevel("layer"))
        axes.yaxis.set_major_locator(MaxNLocator(5))
    if np.nanmax(np.abs(quantiles.to_numpy())) < NEGLIGIBLE:
        panels[0].set_ylim(-1, 1)
    handles = band_legend(paths)
    if 1 < len(comparison.seeds) <= FEW:
        handles.append(Line2D([], [], color=FAINT, linewidth=0.8, label="single seeds"))
    handles.append(Line2D([], [], color=FAINT, alpha=0.25, linewidth=6, label=f"last {comparison.window} steps"))
    titled = f"{measure}: {comparison.labels[1]} minus {comparison.labels[0]}"
    finish(figure, paths, f"difference ({_unit(measure)})", spare, handles, titled)
    return shaded(figure, comparison.stack)


def forest(comparison: Comparison, measures: Iterable[str] | None = None) -> Figure:
    """Mean paired differences with their 95 % intervals: a column a measure on its own axis, a row a layer.

    Filled points hold at 5 % after Holm's correction. Unless measures are named, the
    first few of layers are shown.
    """
    effects = comparison.effects
    names = list(dict.fromkeys(effects.measure[effects.layer != WHOLE])) or list(dict.fromkeys(effects.measure))
    chosen = names[:HANDFUL] if measures is None else list(checked_names("measures", measures, "hhi"))
    _known(comparison, chosen)
    shown = effects[effects.measure.isin(chosen)]
    layers = _rows(comparison, shown)
    columns = {name: shown[(shown.measure == name) & shown.layer.isin(layers)] for name in chosen}
    seeds = f"{len(comparison.seeds)} seeds" if len(comparison.seeds) > 1 else "one seed"
    title = f"{comparison.labels[1]} minus {comparison.labels[0]}, {seeds}"
    figure, panels = forest_plot(columns, layers, "mean difference", title, one_scale=False)
    for (name, of_measure), axes in zip(columns.items(), panels, strict=True):
        axes.set_xlabel(_unit(name), fontsize=8, color=INK)
        axes.set_xlim(*_limits(of_measure))
    return figure


def _limits(of_measure: pd.DataFrame) -> tuple[float, float]:
    """An axis that shows 0 and all intervals."""
    ends = of_measure[["low", "high", "effect"]].to_numpy()
    low, high = float(np.nanmin(ends, initial=0.0)), float(np.nanmax(ends, initial=0.0))
    room = 0.06 * (high - low)
    return (low - room, high + room) if room > 0 else (-1.0, 1.0)


def _rows(comparison: Comparison, table: pd.DataFrame) -> list[str]:
    """The layers to show, in order: those that sell and the whole stack; buyers where no seller has a value."""
    there = {*table.layer}
    sellers = [name for name in comparison.stack.selling_layers if name in there]
    buyers = [name for name in comparison.stack.demand_layers if name in there]
    return (sellers or buyers) + [WHOLE] * (WHOLE in there)


def _unit(measure: str) -> str:
    return {**OVERALL, **MEASURES}[measure].unit


def _known(comparison: Comparison, measures: list[str]) -> None:
    """Raises InputError for a measure that was not compared."""
    for name in measures:
        if name not in comparison.measures:
            raise InputError(f"{name!r} was not compared: compare(..., measures=[...]) names what is")
