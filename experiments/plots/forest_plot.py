"""Forest plots: effects with their intervals, a column for each thing that has some, a row for each layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ..comparisons.comparison import SURE
from .palette import FAINT, WIDTH
from .panels import INK, LINE, bare

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def forest_plot(
    columns: Mapping[str, pd.DataFrame], layers: list[str], effect: str, title: str, *, one_scale: bool
) -> tuple[Figure, list[Axes]]:
    """A figure, and its panels, one for each column.

    A column has rows of layer, effect, low, high and p_holm; filled points hold at 5 % after Holm's correction.
    `effect` says in the legend what the points are.
    """
    figure = Figure(figsize=(WIDTH, 0.24 * len(layers) + 1.35), layout="constrained")
    panels: list[Axes] = figure.subplots(1, len(columns), sharex=one_scale, sharey=True, squeeze=False).ravel().tolist()
    for (name, rows), axes in zip(columns.items(), panels, strict=True):
        axes.set_title(name, loc="left", fontsize=9, fontweight="bold", color=INK)
        _column(axes, rows, layers)
    panels[0].set_yticks(range(len(layers)), layers)
    panels[0].set_ylim(len(layers) - 0.5, -0.5)
    style: dict[str, Any] = {"color": LINE, "marker": "o", "markersize": 5, "linewidth": 1.4}
    handles = [
        Line2D([], [], label=f"{effect} and 95 % interval, holds at 5 % (Holm)", **style),
        Line2D([], [], label="can be chance", markerfacecolor="white", **style),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False, fontsize=8, labelcolor=INK)
    figure.suptitle(title, fontsize=9, color=INK, x=0.01, ha="left")
    return figure, panels


def _column(axes: Axes, effects: pd.DataFrame, layers: list[str]) -> None:
    """Effects, each in the row of its layer."""
    bare(axes)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
    axes.grid(axis="y", color=FAINT, alpha=0.25, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.05)
    rows: list[Any] = list(effects.itertuples())
    for row in rows:
        y = layers.index(row.layer)
        axes.hlines(y, row.low, row.high, color=LINE, linewidth=1.4, zorder=2)
        face = LINE if row.p_holm < SURE else "white"
        axes.plot(row.effect, y, "o", color=LINE, markerfacecolor=face, markersize=5, zorder=3)
