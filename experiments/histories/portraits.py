"""Portraits of one run: who owns what across layers, who is allied with whom, and when things happened.

Every function takes a run and returns a matplotlib `Figure` made without pyplot.
"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ...model.world import World
from ..plots.palette import BLUE, FAINT, WIDTH
from ..plots.panels import INK
from ..run import Run
from ..wording import counted, in_cell
from .alliances import alliances
from .rise import Frame
from .timeline import LARGEST, timeline

OWNERS = 12


def owners(world: World) -> Frame:
    """What every firm that sold something makes: its share of each selling layer's volume, and `value`.

    `value` is all its output in those layers at the layer's mean stage cost, as in the control HHI, money/step; the
    largest owner comes first.
    """
    import pandas as pd

    state, layers = world.state, world.stack.selling_layers
    numbers = [world.stack.names.index(layer) for layer in layers]
    runs = (state.traded | state.operates)[numbers]
    volumes = np.where(runs, state.units.volume[numbers], 0.0)
    wholes = volumes.sum(axis=1, keepdims=True)
    shares = np.divide(volumes, wholes, out=np.zeros_like(volumes), where=wholes > 0.0)
    stages = (shares * np.where(volumes > 0.0, state.units.stage_cost[numbers], 0.0)).sum(axis=1, keepdims=True)
    values = (volumes * stages).sum(axis=0)
    sold = np.flatnonzero(volumes.sum(axis=0) > 0.0)
    names = [world.register.label(int(firm.slot), int(firm.birth)) for firm in state.firms[sold]]
    table = pd.DataFrame(shares[:, sold].T, index=names, columns=list(layers))
    table["value"] = values[sold]
    table.insert(0, "home", [world.stack.names[home] for home in state.firms.home[sold]])
    return table.sort_values("value", ascending=False, kind="stable")


def ownership(run: Run) -> Figure:
    """Who owns what at the end: the largest owners' shares of each layer's volume, and what all others have."""
    table, layers = owners(run.state_at(run.first_step + run.steps)), run.stack.selling_layers
    top, rest = table.head(OWNERS), table.iloc[OWNERS:]
    labels = [*top.index, *([counted(len(rest), "other firm")] if len(rest) else [])]
    whole = float(table.value.sum())
    figure = Figure(figsize=(WIDTH, 0.26 * len(labels) + 0.75), layout="constrained")
    axes = figure.subplots()
    for row in range(len(labels)):
        is_rest = row >= len(top)
        cells = rest[list(layers)].sum() if is_rest else top.iloc[row]
        for column, layer in enumerate(layers):
            share, at_home = float(cells[layer]), not is_rest and top.home.iloc[row] == layer
            if share > 0.0:
                tone = FAINT if is_rest else BLUE
                box = Rectangle((column - 0.48, row - 0.45), 0.96, 0.9, linewidth=0, facecolor=tone)
                box.set_alpha(0.06 + 0.55 * share)
                axes.add_patch(box)
            weight = "bold" if at_home else "normal"
            axes.text(column, row, in_cell(share), ha="center", va="center", fontsize=8, color=INK, weight=weight)
        value = float((rest if is_rest else top.iloc[[row]]).value.sum()) / whole if whole > 0.0 else 0.0
        axes.text(len(layers) + 0.1, row, in_cell(value), ha="center", va="center", fontsize=8, color=INK)
    columns = [*range(len(layers)), len(layers) + 0.1]
    axes.set_xticks(columns, [*layers, "all, by cost"], fontsize=8, color=INK)
    axes.set_yticks(range(len(labels)), labels, fontsize=8, color=INK)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlim(-0.55, len(layers) + 0.6)
    axes.set_ylim(len(labels) - 0.45, -0.55)
    return figure


PORTRAITS = {"ownership": ownership, "alliances": alliances, "timeline": timeline}
"""Name -> function of a run, in the order of a report."""
CAPTIONS = {
    "ownership": (
        "Who owns what",
        f"Share of each layer's volume at the end, of the {OWNERS} firms with the largest output over all selling"
        " layers, valued at the layer's mean stage cost; home layers in bold, all other firms in the last line.",
    ),
    "alliances": (
        "Who is allied with whom",
        "Alliances at the end: firms by home layer, upstream at the bottom, dots as large as their share of its"
        " volume. Named are known firms and the two largest of a layer, where there is room.",
    ),
    "timeline": (
        "What happened when",
        "Events per step, with totals in brackets: what begins above the line, what ends below. Numbers mark the"
        f" {LARGEST} exits that took away the largest shares of a layer's volume.",
    ),
}
"""Name -> heading and caption."""
