"""Figures of a market, from the tidy table of measures.

Every function takes the table (seed, step, date if there is one, layer and a column per measure) and the layers to
show, and returns a matplotlib `Figure` made without pyplot, so that it works headless and in threads.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from ...model.calendar import dates
from .palette import ORANGE
from .panels import (
    INK,
    LAYERS,
    LEAD,
    SHARES,
    as_percent,
    band,
    band_legend,
    bare,
    finish,
    layers_in,
    over_seeds,
    quantiles_over_seeds,
    small_multiples,
    time_of,
)

if TYPE_CHECKING:
    import pandas as pd

    from ...model.stack import Stack

__all__ = [
    "CAPTIONS",
    "FIGURES",
    "INK",
    "fragility",
    "hhi",
    "lerner",
    "marked",
    "profit_share",
    "shaded",
    "shares",
    "svg",
]

MODERATE, HIGH = 1000, 1800
"""Above these a market is moderately and highly concentrated: US Merger Guidelines (2023)."""

_rendering = Lock()  # matplotlib keeps the settings of a rendering in one place for all threads


def shares(measures: pd.DataFrame, layers: str | Iterable[str]) -> Figure:
    """Volume shares of the largest firm, the next three and the rest (share, mean over seeds) against time."""
    layers = layers_in(measures, layers)
    means = measures.groupby(["layer", time_of(measures)])[["cr1", "cr4"]].mean()
    figure, panels, spare = small_multiples(layers)
    for layer, axes in zip(layers, panels, strict=True):
        of_layer = means.loc[layer]
        first, four = of_layer.cr1, of_layer.cr4
        parts = (first, four - first, 1 - four)
        axes.stackplot(of_layer.index, *parts, colors=SHARES, edgecolor="white", linewidth=0.4)
        as_percent(axes)
    names = ("the rest", "next three firms", "largest firm")
    handles = [Patch(facecolor=colour, label=name) for name, colour in zip(names, SHARES[::-1], strict=True)]
    finish(figure, measures, "share of volume", spare, handles, over_seeds(measures, "mean"))
    return figure


def hhi(measures: pd.DataFrame, layers: str | Iterable[str]) -> Figure:
    """Herfindahl-Hirschman index (points): median and 10-90 % band over seeds against time."""
    layers = layers_in(measures, layers)
    figure, panels, spare = small_multiples(layers)
    quantiles = quantiles_over_seeds(measures, "hhi")
    for layer, axes in zip(layers, panels, strict=True):
        band(axes, quantiles.loc[[layer]].droplevel("layer"))
        for threshold, style in ((MODERATE, ":"), (HIGH, "--")):
            axes.axhline(threshold, color=LEAD, linewidth=0.8, linestyle=style, zorder=1)
        axes.set_ylim(0, 10_000)
        axes.set_yticks([0, 2500, 5000, 7500, 10_000])
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    lines = [
        Line2D([], [], color=LEAD, linewidth=0.8, linestyle="--", label=f"{HIGH:,}: highly concentrated"),
        Line2D([], [], color=LEAD, linewidth=0.8, linestyle=":", label=f"{MODERATE:,}: moderately"),
    ]
    finish(figure, measures, "HHI (points)", spare, band_legend(measures) + lines)
    return figure


def lerner(measures: pd.DataFrame, layers: str | Iterable[str]) -> Figure:
    """Lerner index (share of price that is margin): median and 10-90 % band over seeds against time."""
    layers = layers_in(measures, layers)
    figure, panels, spare = small_multiples(layers)
    quantiles = quantiles_over_seeds(measures, "lerner")
    for layer, axes in zip(layers, panels, strict=True):
        band(axes, quantiles.loc[[layer]].droplevel("layer"))
        axes.set_ylim(0, 1)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    finish(figure, measures, "Lerner index (margin / price)", spare, band_legend(measures))
    return figure


def profit_share(measures: pd.DataFrame, layers: str | Iterable[str]) -> Figure:
    """Where value accrues: each layer's share of all external margins (mean over seeds) against time, stacked.

    Steps in which nobody earns anything stay empty.
    """
    layers = layers_in(measures, layers)
    means = measures.groupby([time_of(measures), "layer"]).profit_share.mean().unstack().reindex(columns=list(layers))
    colours = [LAYERS[n % len(LAYERS)] for n in range(len(layers))]
    figure = Figure(figsize=(7.4, 3.4), layout="constrained")
    axes = figure.subplots()
    bare(axes)
    parts = means.fillna(0.0).to_numpy().T
    axes.stackplot(means.index, *parts, colors=colours, edgecolor="white", linewidth=0.4)
    as_percent(axes)
    handles = [Patch(facecolor=colour, label=name) for name, colour in zip(layers, colours, strict=True)]
    finish(figure, measures, "share of all margins", None, handles[::-1], over_seeds(measures, "mean"))
    return figure


def fragility(measures: pd.DataFrame, layers: str | Iterable[str]) -> Figure:
    """Share of final volume lost if a layer's largest supplier stopped: median and 10-90 % band against time."""
    layers = layers_in(measures, layers)
    figure, panels, spare = small_multiples(layers)
    quantiles = quantiles_over_seeds(measures, "fragility")
    for layer, axes in zip(layers, panels, strict=True):
        band(axes, quantiles.loc[[layer]].droplevel("layer"))
        as_percent(axes)
    finish(figure, measures, "final volume that would be lost", spare, band_legend(measures))
    return figure


def marked(figure: Figure, steps: Iterable[int], start: str | None) -> Figure:
    """The same figure with a line at each of the steps, in years if `start` says which quarter step 0 is."""
    for step in steps:
        time = _year(step, start) if start else float(step)
        for axes in figure.axes:
            if axes.axison and axes.get_xlim()[0] <= time <= axes.get_xlim()[1]:
                axes.axvline(time, color=ORANGE, linewidth=1.0, linestyle=(0, (4, 2)), zorder=4)
    return figure


def shaded(figure: Figure, stack: Stack) -> Figure:
    """The same figure with what lies beyond the stack's horizon shaded, on axes that time runs along."""
    if stack.horizon is None:
        return figure
    trusted = stack.horizon - 1  # the last step
    time = _year(trusted, stack.start) if stack.start else float(trusted)
    for axes in figure.axes:
        last = axes.get_xlim()[1]
        if axes.axison and axes.get_xlim()[0] <= time < last:
            axes.axvspan(time, last, color=INK, alpha=0.1, linewidth=0, zorder=3)
            axes.set_xlim(right=last)
    return figure


def _year(step: int, start: str) -> float:
    """A step on a time axis of years, as `time_of` has it."""
    import pandas as pd

    return float(time_of(pd.DataFrame({"date": dates(np.array([step]), start)})).iloc[0])


FIGURES = {"shares": shares, "hhi": hhi, "lerner": lerner, "profit_share": profit_share, "fragility": fragility}
"""Name -> function, in the order of a report."""
CAPTIONS = {
    "shares": (
        "Who sells",
        "Share of each layer's volume, what firms make for themselves included, held by its largest firm, its next"
        " three and the rest. Who is largest may change from step to step.",
    ),
    "hhi": (
        "How concentrated",
        "Herfindahl-Hirschman index: the sum of squared shares in per cent, 10,000 for a monopoly. Lines at 1,000 and"
        " 1,800 as in the US Merger Guidelines (2023).",
    ),
    "lerner": (
        "Who has pricing power",
        "Lerner index: the part of the price that is margin over unit cost, in sales to others. 0 is a commodity.",
    ),
    "profit_share": (
        "Where value accrues",
        "Each layer's share of the margins that all layers earn in sales to others: the layers without inputs at the"
        " bottom, those that sell to buyers at the top. Who makes an input in-house earns its margin further up.",
    ),
    "fragility": (
        "How much hangs on one supplier",
        "Share of all final volume that would be lost at once if the layer's largest supplier stopped delivering.",
    ),
}
"""Name -> heading and caption."""


def svg(figure: Figure, name: str) -> str:
    """The figure as an SVG element with text as text; ids start with `name`, so that several fit on one page."""
    drawn = io.StringIO()
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": name, "font.sans-serif": FONTS}
    with _rendering, matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # a browser has the fonts that this lacks
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = drawn.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", text)


FONTS = ["Helvetica Neue", "Helvetica", "Arial", "Liberation Sans", "DejaVu Sans"]
