"""Figures of what a sweep was analysed for: indices of sensitivity, and boxes with their trade-off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from ..plots.palette import FAINT, ORANGE, WIDTH
from ..plots.panels import INK, LEAD, LINE, bare
from .indices import METHODS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from .discovery import Boxes
    from .sensitivity import Sensitivity

SIGNS = {
    "mu_star": "μ* (mean size of the effect)",
    "sigma": "σ (spread of the effect)",
    "ST": "total index",
    "S1": "first-order index",
}
COLOURS = (LINE, LEAD, ORANGE)
"""Of boxes, in turn."""


def of_sensitivity(found: Sensitivity) -> Figure:
    """Importance and the second index side by side, a row a parameter, with 95 % intervals; grey is chance."""
    table, shown = found.table, [name for name in METHODS[found.method].columns if name in SIGNS]
    figure = Figure(figsize=(WIDTH, 0.22 * len(table) + 1.3), layout="constrained")
    panels: list[Axes] = figure.subplots(1, 2, sharey=True).tolist()
    rows = np.arange(len(table))
    for name, axes in zip(shown, panels, strict=True):
        _rows(axes, table.parameter.tolist())
        reach = table.get(f"{name}_conf")
        axes.errorbar(table[name], rows, xerr=reach, fmt="o", color=LINE, markersize=4.5, linewidth=1.4, zorder=3)
        axes.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
        axes.set_xlabel(SIGNS[name], fontsize=8, color=INK)
        axes.margins(x=0.05)
    panels[0].barh(rows, table.chance.fillna(0.0), height=0.7, color=FAINT, alpha=0.35, linewidth=0, zorder=2)
    handles: list[Any] = [
        Line2D([], [], color=LINE, marker="o", markersize=4.5, linewidth=1.4, label="index and 95 % interval"),
        Patch(facecolor=FAINT, alpha=0.35, label="what chance alone would make"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False, fontsize=8, labelcolor=INK)
    figure.suptitle(found.heading, fontsize=9, color=INK, x=0.01, ha="left")
    return figure


def of_boxes(found: Boxes) -> Figure:
    """Coverage against density along each peeling, and where in the ranges of the parameters each box lies."""
    names = list(dict.fromkeys(found.limits.parameter))
    figure = Figure(figsize=(WIDTH, max(2.7, 0.3 * len(names) * max(1, len(found)) + 1.4)), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.2))
    _trade_off(left, found)
    _rows(right, names)
    right.set_xlim(0, 1)
    right.set_xlabel("share of the range; shade: how often the limit comes again", fontsize=8, color=INK)
    for number in found.table.box:
        for row, name in enumerate(names):
            limits = found.limits[(found.limits.box == number) & (found.limits.parameter == name)]
            if len(limits):
                _span(right, limits, found.points[name], row + (number - (len(found) + 1) / 2) * 0.5 / len(found))
    figure.suptitle(found.heading, fontsize=9, color=INK, x=0.01, ha="left")
    return figure


def _trade_off(axes: Axes, found: Boxes) -> None:
    bare(axes)
    rows: list[Any] = list(found.table.itertuples())
    for row in rows:
        steps, colour = found.tradeoff[found.tradeoff.box == row.box], _colour(row.box)
        axes.plot(steps.coverage, steps.density, color=colour, linewidth=1.0, marker=".", markersize=3)
        axes.plot([row.coverage], [row.density], "o", color=colour, markersize=7, label=f"box {row.box}")
        axes.plot([row.coverage_new], [row.density_new], "o", color=colour, markerfacecolor="white", markersize=6)
    axes.axhline(found.share, color=FAINT, linewidth=0.8, linestyle=":")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlim(0, 1.04)
    axes.set_ylim(0, 1.04)
    axes.set_xlabel("coverage (hollow: on points not used to find it)", fontsize=8, color=INK)
    axes.set_ylabel("density", fontsize=8, color=INK)
    if len(found):
        axes.legend(frameon=False, fontsize=8, labelcolor=INK)


def _span(axes: Axes, limits: pd.DataFrame, values: pd.Series[Any], y: float) -> None:
    """The part of a parameter's range that a box leaves, as a bar; of choices, what is left as a word."""
    colour, shade = _colour(int(limits.box.iloc[0])), 0.25 + 0.75 * float(limits.again.mean())
    if not limits.relation.isin(["≥", "≤"]).all():
        words = " and ".join(f"{row.relation} {str(row.value).lower()}" for row in limits.itertuples())
        axes.text(0.02, y, words, fontsize=8, color=colour, va="center", alpha=shade)
        return
    low, high = float(values.min()), float(values.max())
    ends = {str(row.relation): (float(str(row.value)) - low) / (high - low) for row in limits.itertuples()}
    axes.hlines(y, ends.get("≥", 0.0), ends.get("≤", 1.0), color=colour, alpha=shade, linewidth=5)
    for relation, end in ends.items():
        told, inner = f"{low + end * (high - low):.3g}", (relation == "≥") == (end < 0.5)
        place: Any = {"ha": "left", "xytext": (0, 4)} if inner else {"ha": "right", "xytext": (0, 4)}
        axes.annotate(told, (end, y), textcoords="offset points", va="bottom", fontsize=7, color=INK, **place)


def _colour(number: Any) -> str:
    return COLOURS[(int(number) - 1) % len(COLOURS)]


def _rows(axes: Axes, names: list[str]) -> None:
    """A row per name, the first one on top."""
    bare(axes)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylim(max(1, len(names)) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="y", color=FAINT, alpha=0.25, linewidth=0.6)
    axes.set_axisbelow(True)
