"""The figure of a check: every fact beside what the prior and the calibrated ensemble say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..plots.palette import BLUE, FAINT, RED, WIDTH
from ..plots.panels import INK, bare

if TYPE_CHECKING:
    import pandas as pd

REACH = 6.0
"""The axis ends so many half intervals from the fact; bands that go on are cut there."""


def check_figure(targets: pd.DataFrame) -> Figure:
    """One row per target: prior band, ensemble band and median, in half intervals of the fact from its value."""
    figure = Figure(figsize=(WIDTH, 0.24 * len(targets) + 1.1), layout="constrained")
    axes = figure.subplots()
    bare(axes)
    for place, row in enumerate(targets.itertuples()):
        _row(axes, place, row)
    axes.axhline((targets.role == "fitted").sum() - 0.5, color=INK, linewidth=0.6)
    axes.set_yticks(range(len(targets)), targets.target, fontsize=8)
    axes.set_ylim(len(targets) - 0.4, -0.6)
    axes.set_xlim(-REACH, REACH)
    axes.set_xlabel("half intervals from the fact (above the line fitted, below only predicted)", fontsize=9, color=INK)
    handles = [
        Patch(facecolor=FAINT, alpha=0.35, label="prior, 90 %"),
        Patch(facecolor=BLUE, label="calibrated, 90 %"),
        Line2D([], [], color=RED, marker="o", markersize=4, linewidth=1.2, label="the fact and its interval"),
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=3, frameon=False, fontsize=8, labelcolor=INK)
    return figure


def _row(axes: Any, place: int, row: Any) -> None:
    half = (row.high - row.low) / 2

    def at(value: float) -> float:
        return max(-REACH, min(REACH, (value - row.value) / half))

    for low, high, height, style in (
        (row.prior_low, row.prior_high, 0.7, {"color": FAINT, "alpha": 0.35}),
        (row.band_low, row.band_high, 0.34, {"color": BLUE}),
    ):
        if low == low:
            axes.barh(place, at(high) - at(low), left=at(low), height=height, linewidth=0, **style)
    if row.median == row.median:
        axes.plot([at(row.median)] * 2, [place - 0.17, place + 0.17], color="white", linewidth=1.4)
    axes.plot([at(row.low), at(row.high)], [place, place], color=RED, linewidth=1.2)
    axes.plot([0], [place], color=RED, marker="o", markersize=4)
