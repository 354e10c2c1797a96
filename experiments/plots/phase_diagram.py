"""Phase diagram: in which regime a layer ends, over two parameters; shades say how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ...model.errors import InputError
from ..regimes import REGIMES
from ..summary import spelt
from .panels import INK

if TYPE_CHECKING:
    from ..sweeps.results import Results

COLOURS = dict(zip(REGIMES, ("#999999", "#000000", "#d55e00", "#56b4e9", "#0072b2", "#009e73"), strict=True))
"""Regime -> colour of Okabe & Ito (2008)."""
CELLS = 12
"""A range with more values than this is cut into as many equal parts."""


def phase_diagram(results: Results, x: str, y: str, layer: str, policy: str | None = None) -> Figure:
    """A cell per value (or part of the range) of both parameters, in the colour of its commonest regime.

    The lower end of the share's 95 % interval (Wilson) is its strength: pale cells are undecided, or have few runs.
    """
    table = results.frame([], layer=layer)
    if policy is not None:
        table = table[table.policy == policy]
    table = table[table.regime.notna()]
    if table.empty:
        raise InputError(f"no stored run has a regime for {layer!r}" + (f" under {policy!r}" if policy else ""))
    columns, across = _cells(table[x])
    rows, up = _cells(table[y])
    counted = results_by_cell(table.assign(column=columns, row=rows))
    figure = Figure(figsize=(0.55 * len(across) + 2.6, 0.45 * len(up) + 1.3), layout="constrained")
    axes = figure.subplots()
    image = np.ones((len(up), len(across), 3))
    for (row, column), (regime, low, runs) in counted.items():
        image[row, column] = 1.0 - low * (1.0 - np.array(to_rgb(COLOURS[regime])))
        dark = low > 0.55
        axes.text(column, row, str(runs), ha="center", va="center", fontsize=7, color="white" if dark else "#24292f")
    axes.imshow(image, origin="lower", aspect="auto")
    axes.set_xticks(range(len(across)), across, fontsize=8, rotation=45 if len(across) > 6 else 0)
    axes.set_yticks(range(len(up)), up, fontsize=8)
    axes.set_xlabel(x, fontsize=9, color=INK)
    axes.set_ylabel(y, fontsize=9, color=INK)
    axes.set_title(f"{layer}: commonest regime, runs per cell", loc="left", fontsize=9, fontweight="bold", color=INK)
    seen = {regime for regime, _, _ in counted.values()}
    handles: list[Any] = [Patch(facecolor=COLOURS[name], label=name) for name in REGIMES if name in seen]
    handles.append(Patch(facecolor="white", edgecolor="#999999", label="paler: less sure"))
    figure.legend(handles=handles, loc="outside right center", frameon=False, fontsize=8, labelcolor=INK)
    return figure


def results_by_cell(table: Any) -> dict[tuple[int, int], tuple[str, float, int]]:
    """(row, column) -> the commonest regime, the lower end of its share's interval, and how many runs there are."""
    from ..ensemble import wilson

    found = {}
    for (row, column), runs in table.groupby(["row", "column"]):
        counts = runs.regime.value_counts()
        regime = min(counts.index, key=lambda name: (-counts[name], REGIMES.index(name)))
        found[int(row), int(column)] = (regime, wilson(int(counts[regime]), len(runs))[0], len(runs))
    return found


def _cells(values: Any) -> tuple[Any, list[str]]:
    """The place of every value on an axis, and what stands at the places."""
    import pandas as pd

    distinct = sorted(values.unique())
    if len(distinct) <= CELLS:
        places = {value: n for n, value in enumerate(distinct)}
        return values.map(places), [f"{value:g}" if isinstance(value, float) else spelt(value) for value in distinct]
    cut = pd.cut(values, CELLS)
    return cut.cat.codes, [f"{part.mid:.3g}" for part in cut.cat.categories]
