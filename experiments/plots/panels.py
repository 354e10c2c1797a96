"""What all figures have in common: colours, panels on common axes, bands over seeds, legends.

Time is the year where the table is dated, else the step. Colours are those of Okabe & Ito (2008), which people with
any colour vision tell apart; shares go from dark to light, so that they survive grey print.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ...model.checks import meant
from ...model.errors import InputError, checked_names
from .palette import BLUE, RED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

INK = "#24292f"
"""Text and axes. The report turns this colour into that of its own text, and no other element may have it."""
LINE, LEAD = BLUE, RED
SHARES = ("#0072b2", "#7fb8dd", "#d9dee3")
LAYERS = ("#0072b2", "#56b4e9", "#009e73", "#f0e442", "#e69f00", "#d55e00", "#cc79a7", "#999999")
COLUMNS = 3
PANEL = (2.45, 1.75)
"""Width and height of a panel, inches: three of them fill a page of 7.4."""
QUANTILES = (0.1, 0.5, 0.9)
STEP_LABEL, YEAR_LABEL = "step (quarter)", "year"


def time_of(measures: pd.DataFrame) -> pd.Series[Any]:
    """Where each row stands on the time axis: years as 2026.25 if the table is dated, else steps."""
    if "date" not in measures:
        return measures.step.rename("time")
    return (measures.date.dt.year + (measures.date.dt.month - 1) / 12).rename("time")


def layers_in(measures: pd.DataFrame, layers: str | Iterable[str]) -> tuple[str, ...]:
    """Return the layers that a figure shows, one or several; raises InputError for one that the table does not have."""
    chosen, known = checked_names("layers", layers, "model"), list(dict.fromkeys(measures.layer))
    if not chosen:
        raise InputError(f"no layer is named: {meant('', known)}")
    for layer in chosen:
        if layer not in known:
            raise InputError(f"no layer here is called {layer!r}: {meant(layer, known)}")
    return chosen


def small_multiples(layers: Sequence[str]) -> tuple[Figure, list[Axes], Axes | None]:
    """A figure with a bare panel per layer on common axes, and an empty cell for the legend if there is one."""
    columns = min(COLUMNS, len(layers))
    rows = -(-len(layers) // columns)
    figure = Figure(figsize=(max(PANEL[0] * columns, 4.0), PANEL[1] * rows + 0.5), layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel().tolist()
    panels, empty = grid[: len(layers)], grid[len(layers) :]
    for layer, axes in zip(layers, panels, strict=True):
        axes.set_title(layer, loc="left", fontsize=9, fontweight="bold", color=INK)
        bare(axes)
    for axes in empty:
        axes.set_axis_off()
    for axes in panels[max(0, len(panels) - columns) :]:  # the lowest panel of each column carries the steps
        axes.tick_params(labelbottom=True)
    return figure, panels, empty[0] if empty else None


def bare(axes: Axes) -> None:
    """Leave of the frame what a reader needs: two axes, few ticks."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)
    axes.tick_params(colors=INK, labelsize=8, length=3)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.margins(x=0)


def as_percent(axes: Axes) -> None:
    """A share from 0 to 100 % upward."""
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %"))


def quantiles_over_seeds(measures: pd.DataFrame, name: str) -> pd.DataFrame:
    """Columns .1, .5, .9 of a measure over seeds, by layer and time; steps without a value stay gaps."""
    quantiles: pd.DataFrame = (
        measures.groupby(["layer", time_of(measures)])[name].quantile(np.array(QUANTILES)).unstack()
    )
    return quantiles


def band(axes: Axes, quantiles: pd.DataFrame) -> None:
    """Draw median and band of columns .1, .5, .9 against their index."""
    low, middle, high = (quantiles[each] for each in QUANTILES)
    axes.fill_between(quantiles.index, low, high, color=LINE, alpha=0.25, linewidth=0, zorder=2)
    axes.plot(quantiles.index, middle, color=LINE, linewidth=1.4, zorder=3)


def band_legend(measures: pd.DataFrame) -> list[Any]:
    """What the line and the band are."""
    if measures.seed.nunique() == 1:
        return [Line2D([], [], color=LINE, linewidth=1.4, label="this run")]
    return [
        Line2D([], [], color=LINE, linewidth=1.4, label=over_seeds(measures, "median")),
        Patch(facecolor=LINE, alpha=0.25, label="10 to 90 % of seeds"),
    ]


def over_seeds(measures: pd.DataFrame, what: str) -> str:
    """Such as: mean of 30 seeds; or that there is one."""
    seeds = measures.seed.nunique()
    return f"{what} of {seeds} seeds" if seeds > 1 else "one seed"


def finish(
    figure: Figure, measures: pd.DataFrame, label: str, spare: Axes | None, handles: Sequence[Any], title: str = ""
) -> None:
    """Label the common axes, and put the legend into the empty cell, or beside the panels when all are taken."""
    figure.supylabel(label, fontsize=9, color=INK)
    figure.supxlabel(YEAR_LABEL if "date" in measures else STEP_LABEL, fontsize=9, color=INK)
    style: dict[str, Any] = {
        "frameon": False,
        "fontsize": 8,
        "labelcolor": INK,
        "title": title or None,
        "alignment": "left",
    }
    if spare is None:
        legend = figure.legend(handles=list(handles), loc="outside right center", **style)
    else:
        legend = spare.legend(handles=list(handles), loc="center left", **style)
    legend.get_title().set(fontsize=8, color=INK)
