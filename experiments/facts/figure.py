"""The facts in a figure: what each statistic came to in the market and in its null models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..plots.palette import BLUE, FAINT, ORANGE, WIDTH
from ..plots.panels import INK, bare
from .declared import Fact, facts
from .validation import MARKET

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from .validation import Validation

COLUMNS = 4


def facts_figure(validation: Validation) -> Figure:
    """A panel per fact: median and 10 to 90 % of seeds, a row per market; the tolerance is shaded."""
    names = [MARKET, *validation.nulls]
    rows = -(-len(facts()) // COLUMNS)
    figure = Figure(figsize=(WIDTH + 1.4, (0.55 + 0.17 * len(names)) * rows + 0.3), layout="constrained")
    panels = figure.subplots(rows, COLUMNS, sharey=True, squeeze=False).ravel().tolist()
    for axes in panels[len(facts()) :]:
        axes.set_axis_off()
    for fact, axes in zip(facts(), panels, strict=False):
        found = validation.verdicts
        draw(axes, fact, found[found.fact == fact.id].set_index("market").reindex(names))
    panels[0].set_yticks(range(len(names)), names)
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    told = f"{validation.stack.name}, {len(validation.seeds)} seeds: median and 10 to 90 %; shaded: the tolerance"
    figure.suptitle(told, fontsize=9, color=INK, x=0.01, ha="left")
    return figure


def draw(axes: Axes, fact: Fact, found: pd.DataFrame) -> None:
    """One fact: an interval per market, and none where there is no value."""
    bare(axes)
    axes.set_title(fact.id.replace("-", " "), loc="left", fontsize=8, fontweight="bold", color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color=FAINT, alpha=0.25, linewidth=0.6)
    bound = fact.low if np.isfinite(fact.low) else fact.high
    ends = found[["low", "high"]].to_numpy()
    low, high = min(bound, np.nanmin(ends, initial=bound)), max(bound, np.nanmax(ends, initial=bound))
    room = 0.08 * (high - low) or 1.0
    axes.set_xlim(low - room, high + room)
    axes.axvspan(max(fact.low, low - room), min(fact.high, high + room), color=ORANGE, alpha=0.18, linewidth=0)
    markets: list[Any] = list(found.itertuples())
    for y, row in enumerate(markets):
        colour = BLUE if row.Index == MARKET else FAINT
        axes.hlines(y, row.low, row.high, color=colour, linewidth=1.6, zorder=2)
        axes.plot(row.median, y, "o", color=colour, markersize=4, zorder=3)
