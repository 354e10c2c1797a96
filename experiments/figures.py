"""Figures of a market: small multiples, one panel a layer, from the tidy table of measures.

Every function takes the table (seed, step, layer and a column per measure) and the layers to show, and returns a
matplotlib `Figure` made without pyplot, so that it works headless and in threads. Colours are those of Okabe & Ito
(2008), which people with any colour vision tell apart; shares go from dark to light, so that they survive grey print.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

INK = "#24292f"
"""Text and axes. The report turns this colour into that of its own text, and no other element may have it."""
FAINT = "#8b949e"
LINE = "#0072b2"
LEAD = "#d55e00"
SHARES = ("#0072b2", "#7fb8dd", "#d9dee3")
COLUMNS = 3
PANEL = (2.45, 1.75)
"""Width and height of a panel, inches: three of them fill a page of 7.4."""
QUANTILES = (0.1, 0.5, 0.9)
STEP_LABEL = "step (quarter)"
MODERATE, HIGH = 1000, 1800
"""Above these a market is moderately and highly concentrated: US Merger Guidelines (2023)."""

_rendering = Lock()  # matplotlib keeps the settings of a rendering in one place for all threads


def shares(measures: pd.DataFrame, layers: Sequence[str]) -> Figure:
    """Volume shares of the largest firm, the next three and the rest (share, mean over seeds) against time (steps)."""
    means = measures.groupby(["layer", "step"])[["cr1", "cr4"]].mean()
    figure, panels, spare = _small_multiples(layers)
    for layer, axes in zip(layers, panels, strict=True):
        of_layer = means.loc[layer]
        first, four = of_layer.cr1, of_layer.cr4
        parts = (first, four - first, 1 - four)
        axes.stackplot(of_layer.index, *parts, colors=SHARES, edgecolor="white", linewidth=0.4)
        axes.set_ylim(0, 1)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %"))
    names = ("the rest", "next three firms", "largest firm")
    handles = [Patch(facecolor=colour, label=name) for name, colour in zip(names, SHARES[::-1], strict=True)]
    _finish(figure, "share of volume", spare, handles, _over(measures, "mean"))
    return figure


def hhi(measures: pd.DataFrame, layers: Sequence[str]) -> Figure:
    """Herfindahl-Hirschman index (points): median and 10-90 % band over seeds against time (steps)."""
    figure, panels, spare = _small_multiples(layers)
    quantiles = _quantiles(measures, "hhi")
    for layer, axes in zip(layers, panels, strict=True):
        _band(axes, quantiles.loc[[layer]].droplevel("layer"))
        for threshold, style in ((MODERATE, ":"), (HIGH, "--")):
            axes.axhline(threshold, color=LEAD, linewidth=0.8, linestyle=style, zorder=1)
        axes.set_ylim(0, 10_000)
        axes.set_yticks([0, 2500, 5000, 7500, 10_000])
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    lines = [
        Line2D([], [], color=LEAD, linewidth=0.8, linestyle="--", label=f"{HIGH:,}: highly concentrated"),
        Line2D([], [], color=LEAD, linewidth=0.8, linestyle=":", label=f"{MODERATE:,}: moderately"),
    ]
    _finish(figure, "HHI (points)", spare, _band_legend(measures) + lines)
    return figure


def lerner(measures: pd.DataFrame, layers: Sequence[str]) -> Figure:
    """Lerner index (share of price that is margin): median and 10-90 % band over seeds against time (steps)."""
    figure, panels, spare = _small_multiples(layers)
    quantiles = _quantiles(measures, "lerner")
    for layer, axes in zip(layers, panels, strict=True):
        _band(axes, quantiles.loc[[layer]].droplevel("layer"))
        axes.set_ylim(0, 1)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    _finish(figure, "Lerner index (margin / price)", spare, _band_legend(measures))
    return figure


FIGURES = {"shares": shares, "hhi": hhi, "lerner": lerner}
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


def _small_multiples(layers: Sequence[str]) -> tuple[Figure, list[Axes], Axes | None]:
    """A figure with a bare panel per layer on common axes, and an empty cell for the legend if there is one."""
    columns = min(COLUMNS, len(layers))
    rows = -(-len(layers) // columns)
    figure = Figure(figsize=(max(PANEL[0] * columns, 4.0), PANEL[1] * rows + 0.5), layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel().tolist()
    panels, empty = grid[: len(layers)], grid[len(layers) :]
    for layer, axes in zip(layers, panels, strict=True):
        axes.set_title(layer, loc="left", fontsize=9, fontweight="bold", color=INK)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(INK)
        axes.tick_params(colors=INK, labelsize=8, length=3)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.margins(x=0)
    for axes in empty:
        axes.set_axis_off()
    for axes in panels[max(0, len(panels) - columns) :]:  # the lowest panel of each column carries the steps
        axes.tick_params(labelbottom=True)
    return figure, panels, empty[0] if empty else None


def _quantiles(measures: pd.DataFrame, name: str) -> pd.DataFrame:
    """Columns .1, .5, .9 of a measure over seeds, by layer and step; steps without a value stay gaps."""
    quantiles: pd.DataFrame = measures.groupby(["layer", "step"])[name].quantile(np.array(QUANTILES)).unstack()
    return quantiles


def _band(axes: Axes, quantiles: pd.DataFrame) -> None:
    steps = quantiles.index
    low, middle, high = (quantiles[each] for each in QUANTILES)
    axes.fill_between(steps, low, high, color=LINE, alpha=0.25, linewidth=0, zorder=2)
    axes.plot(steps, middle, color=LINE, linewidth=1.4, zorder=3)


def _band_legend(measures: pd.DataFrame) -> list[Any]:
    if measures.seed.nunique() == 1:
        return [Line2D([], [], color=LINE, linewidth=1.4, label="this run")]
    return [
        Line2D([], [], color=LINE, linewidth=1.4, label=_over(measures, "median")),
        Patch(facecolor=LINE, alpha=0.25, label="10 to 90 % of seeds"),
    ]


def _over(measures: pd.DataFrame, what: str) -> str:
    seeds = measures.seed.nunique()
    return f"{what} of {seeds} seeds" if seeds > 1 else "one seed"


def _finish(figure: Figure, label: str, spare: Axes | None, handles: Sequence[Any], title: str = "") -> None:
    """Label the common axes and put the legend into the empty cell, or below when all are taken."""
    figure.supylabel(label, fontsize=9, color=INK)
    figure.supxlabel(STEP_LABEL, fontsize=9, color=INK)
    style: dict[str, Any] = {
        "frameon": False,
        "fontsize": 8,
        "labelcolor": INK,
        "title": title or None,
        "alignment": "left",
    }
    if spare is None:
        legend = figure.legend(handles=list(handles), loc="outside lower center", ncols=len(handles), **style)
    else:
        legend = spare.legend(handles=list(handles), loc="center left", **style)
    legend.get_title().set(fontsize=8, color=INK)
