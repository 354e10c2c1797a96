"""Figures of a market, from the tidy table of measures.

Every function takes the table (seed, step, date if there is one, layer and a column per measure) and the layers to
show, and returns a matplotlib `Figure` made without pyplot, so that it works headless and in threads.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

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
    over_seeds,
    quantiles_over_seeds,
    small_multiples,
    time_of,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FIGURES", "INK", "hhi", "lerner", "profit_share", "shares", "svg"]

MODERATE, HIGH = 1000, 1800
"""Above these a market is moderately and highly concentrated: US Merger Guidelines (2023)."""

_rendering = Lock()  # matplotlib keeps the settings of a rendering in one place for all threads


def shares(measures: pd.DataFrame, layers: Sequence[str]) -> Figure:
    """Volume shares of the largest firm, the next three and the rest (share, mean over seeds) against time."""
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


def hhi(measures: pd.DataFrame, layers: Sequence[str]) -> Figure:
    """Herfindahl-Hirschman index (points): median and 10-90 % band over seeds against time."""
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


def lerner(measures: pd.DataFrame, layers: Sequence[str]) -> Figure:
    """Lerner index (share of price that is margin): median and 10-90 % band over seeds against time."""
    figure, panels, spare = small_multiples(layers)
    quantiles = quantiles_over_seeds(measures, "lerner")
    for layer, axes in zip(layers, panels, strict=True):
        band(axes, quantiles.loc[[layer]].droplevel("layer"))
        axes.set_ylim(0, 1)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    finish(figure, measures, "Lerner index (margin / price)", spare, band_legend(measures))
    return figure


def profit_share(measures: pd.DataFrame, layers: Sequence[str]) -> Figure:
    """Where value accrues: each layer's share of all external margins (mean over seeds) against time, stacked.

    Steps in which nobody earns anything stay empty.
    """
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


FIGURES = {"shares": shares, "hhi": hhi, "lerner": lerner, "profit_share": profit_share}
"""Name -> function, in the order of a report."""


def svg(figure: Figure, name: str) -> str:
    """The figure as an SVG element with text as text; ids start with `name`, so that several fit on one page."""
    drawn = io.StringIO()
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": name, "font.sans-serif": FONTS}
    with _rendering, matplotlib.rc_context(settings):
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = drawn.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", text)


FONTS = ["Helvetica Neue", "Helvetica", "Arial", "Liberation Sans", "DejaVu Sans"]
