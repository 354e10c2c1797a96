"""The figure of an attribution: what each decision contributes to a measure, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ..model.errors import InputError
from .comparison import SURE
from .palette import FAINT, WIDTH
from .panels import INK, LINE, bare

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from .attribute import Attribution


def drawn(found: Attribution, measure: str) -> Figure:
    """Shapley shares with their 95 % intervals: a column a decision and one for all, a row a layer, one scale for all.

    Filled points hold at 5 % after Holm's correction over all rows of the attribution.
    """
    rows = found.shares[found.shares.measure == measure]
    if rows.empty:
        raise InputError(f"{measure!r} was not attributed: attribute(..., measures=[...]) names what is")
    layers, rules = list(dict.fromkeys(rows.layer)), list(dict.fromkeys(rows.rule))
    figure = Figure(figsize=(WIDTH, 0.24 * len(layers) + 1.35), layout="constrained")
    panels: list[Axes] = figure.subplots(1, len(rules), sharex=True, sharey=True, squeeze=False).ravel().tolist()
    for rule, axes in zip(rules, panels, strict=True):
        axes.set_title(rule, loc="left", fontsize=9, fontweight="bold", color=INK)
        _column(axes, rows[rows.rule == rule], layers)
    panels[0].set_yticks(range(len(layers)), layers)
    panels[0].set_ylim(len(layers) - 0.5, -0.5)
    titled = f"{measure} ({rows.unit.iloc[0]}): Shapley shares of what decisions change, {len(found.seeds)} seeds"
    figure.suptitle(titled, fontsize=9, color=INK, x=0.01, ha="left")
    style: dict[str, Any] = {"color": LINE, "marker": "o", "markersize": 5, "linewidth": 1.4}
    handles = [
        Line2D([], [], label="mean and 95 % interval, holds at 5 % (Holm)", **style),
        Line2D([], [], label="can be chance", markerfacecolor="white", **style),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False, fontsize=8, labelcolor=INK)
    return figure


def _column(axes: Axes, of_rule: pd.DataFrame, layers: list[str]) -> None:
    """The shares of one decision, each in the row of its layer."""
    bare(axes)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
    axes.grid(axis="y", color=FAINT, alpha=0.25, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.05)
    rows: list[Any] = list(of_rule.itertuples())
    for row in rows:
        y = layers.index(row.layer)
        axes.hlines(y, row.low, row.high, color=LINE, linewidth=1.4, zorder=2)
        face = LINE if row.p_holm < SURE else "white"
        axes.plot(row.effect, y, "o", color=LINE, markerfacecolor=face, markersize=5, zorder=3)
