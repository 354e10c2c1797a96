"""The figure of a claim: each criterion on its own axis, the effect with its interval and what was asked of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from ..plots.palette import FAINT, ORANGE, WIDTH
from ..plots.panels import INK, LINE, bare
from .criteria import Finding, level_of, margin
from .experiment import Verdict
from .statistics import MEAN

ROW, FOOT = 0.78, 0.55
"""Height of a criterion and of the legend, inches."""


def drawn(found: Verdict) -> Figure:
    """Every criterion of a claim, one below the other."""
    count = len(found.findings)
    figure = Figure(figsize=(WIDTH, ROW * count + FOOT), layout="constrained")
    panels = figure.subplots(count, 1, squeeze=False).ravel().tolist()
    for each, axes in zip(found.findings, panels, strict=True):
        _criterion(axes, each)
    style: dict[str, Any] = {"color": LINE, "marker": "o", "markersize": 5, "linewidth": 1.4}
    handles = [
        Line2D([], [], label="effect and 95 % interval, criterion met", **style),
        Line2D([], [], label="not met", markerfacecolor="white", **style),
        Patch(facecolor=LINE, alpha=0.2, label="10 to 90 % of seeds"),
        Line2D([], [], color=ORANGE, linestyle="--", linewidth=1.2, label="asked"),
        Line2D([], [], color=FAINT, marker="|", linestyle="", label="single layers"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=5, frameon=False, fontsize=7, labelcolor=INK)
    return figure


def _criterion(axes: Axes, each: Finding) -> None:
    """One criterion: band of seeds, interval, effect, layers, and the smallest effect of interest."""
    bare(axes)
    axes.set_title(f"{each.criterion.says}: {each.result}", loc="left", fontsize=8, color=INK)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.set_xlabel(_label(each), fontsize=7, color=INK, labelpad=1)
    axes.set_ylim(-1, 1)
    if not each.seeds:
        return
    level = level_of(each)
    differences = (each.other - each.base)[~np.isnan(each.other - each.base)]
    low, high = np.quantile(differences, [0.1, 0.9]) + level
    axes.use_sticky_edges = False  # or the bar would take the margins away
    axes.barh(0, high - low, left=low, height=1.1, color=LINE, alpha=0.2, linewidth=0)
    axes.axvline(level, color=INK, linewidth=0.8, zorder=1)
    for limit in _limits(each):
        axes.axvline(level + limit, color=ORANGE, linewidth=1.2, linestyle="--", zorder=1.5)
    shown = [value + level for _, value in each.layers]
    axes.plot(shown, np.zeros(len(shown)), "|", color=FAINT, markersize=9)
    axes.hlines(0, each.low + level, each.high + level, color=LINE, linewidth=1.6, zorder=2)
    face = LINE if each.is_met else "white"
    axes.plot(each.effect + level, 0, "o", color=LINE, markerfacecolor=face, markersize=5, zorder=3)
    axes.margins(x=0.04)


def _label(each: Finding) -> str:
    """What is counted, and in what."""
    criterion = each.criterion
    what = criterion.of if criterion.statistic == MEAN else f"{criterion.statistic} {criterion.of}".strip()
    return what if each.unit == criterion.statistic else f"{what} ({each.unit})"


def _limits(each: Finding) -> tuple[float, ...]:
    """Where the lines of what was asked stand."""
    least = margin(each.criterion, each.base)
    return {"more": (least,), "less": (-least,), "same": (-least, least), "at most": (least,)}[each.criterion.expect]
