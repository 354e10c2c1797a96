"""Portrait of a run: who is allied with whom at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch

from ...model.graphs import graph
from ...model.world import World
from ..plots.figures import INK
from ..plots.palette import BLUE, FAINT, ORANGE, WIDTH
from ..run import Run
from ..wording import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LETTER = 0.0105
"""Width of a letter of a label, as a share of the width of a row."""
ROOM = 48
"""Firms that fit into a row."""


def alliances(run: Run) -> Figure:
    """Who is allied with whom at the end: a row a home layer, upstream at the bottom, dots by share of its volume."""
    world = run.state_at(run.first_step + run.steps)
    made = graph(world, "alliances")
    shares = {name: _home_share(world, data) for name, data in made.nodes(data=True)}
    layers = run.stack.selling_layers
    homes = nx.get_node_attributes(made, "home")
    rows = {layer: [name for name in made if homes[name] == layer] for layer in layers}
    allied = {layer: [name for name in rows[layer] if made.degree(name)] for layer in layers}
    drawn = [name for names in allied.values() for name in sorted(names, key=lambda name: -shares[name])[:ROOM]]
    alone, small = len(made) - sum(map(len, allied.values())), sum(map(len, allied.values())) - len(drawn)
    shown = made.copy()  # a view would go through its nodes in the order of their hashes
    shown.remove_nodes_from({*made} - {*drawn})
    rows_shown = {layer: [name for name in names if name in shown] for layer, names in allied.items()}
    places = _places(shown, rows_shown)
    figure = Figure(figsize=(WIDTH, 0.75 * len(layers) + 0.9), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(-0.16, 1.04)
    axes.set_ylim(-0.6, len(layers) - 0.6)
    for a, b in shown.edges:
        (x, y), (u, v) = places[a], places[b]
        bend = 0.0 if y != v else 0.35 * (1 if x < u else -1)
        arc = FancyArrowPatch((x, y), (u, v), arrowstyle="-", connectionstyle=f"arc3,rad={-bend}", shrinkA=0, shrinkB=0)
        arc.set(color=FAINT, linewidth=0.6, alpha=0.55, zorder=1)
        axes.add_patch(arc)
    for row, layer in enumerate(layers):
        axes.text(-0.16, row + 0.06, layer, ha="left", va="center", fontsize=9, fontweight="bold", color=INK)
        count = f"{len(allied[layer])} of {len(rows[layer])} allied"
        axes.text(-0.16, row - 0.2, count, ha="left", va="center", fontsize=7, color=FAINT)
    axes.scatter(
        [places[name][0] for name in drawn],
        [places[name][1] for name in drawn],
        s=[_area(shares[name]) for name in drawn],
        c=[ORANGE if made.nodes[name]["layers"] > 1 else BLUE for name in drawn],
        linewidths=0,
        zorder=2,
    )
    _label(axes, places, rows_shown, shares, set(run.names.values()))
    handles: list[Any] = [
        _dot(ORANGE, 0.1, "runs units in several layers"),
        _dot(BLUE, 0.1, "runs units in its home layer only"),
        *(_dot(FAINT, share, f"{100 * share:.0f} %" + " of layer" * (share == 0.5)) for share in (0.01, 0.1, 0.5)),
    ]
    left_out = [f"{counted(alone, 'firm')} without allies"] * (alone > 0)
    left_out += [f"{counted(small, 'smaller one')} of rows with more than {ROOM}"] * (small > 0)
    note = f"not drawn: {' and '.join(left_out)}" if left_out else ""
    _legend(figure, handles, note, 5)
    return figure


def _home_share(world: World, data: Mapping[str, Any]) -> float:
    """A firm's share of its home layer's volume."""
    volumes = world.state.units.volume[world.stack.names.index(data["home"])]
    whole = float(volumes.sum())
    return float(data["volume"]) / whole if whole > 0.0 else 0.0


def _area(share: float) -> float:
    """Area of a dot, square points; the smallest can still be seen."""
    return 8.0 + 420.0 * share


def _dot(colour: str, share: float, label: str) -> Line2D:
    return Line2D(
        [], [], linestyle="", marker="o", markersize=_area(share) ** 0.5, color=colour, markeredgewidth=0, label=label
    )


def _places(made: nx.Graph[Any], rows: Mapping[str, Sequence[str]]) -> dict[str, tuple[float, float]]:
    """Where each firm stands: evenly along its layer's row, near its allies, so that fewer lines cross."""
    order = {layer: list(names) for layer, names in rows.items()}
    along: dict[str, float] = {}
    for _ in range(12):
        for names in order.values():
            if along:
                names.sort(key=lambda name: float(np.mean([along[other] for other in made[name]] or [along[name]])))
            along |= {name: (n + 0.5) / len(names) for n, name in enumerate(names)}
            if len(along) < sum(map(len, order.values())):
                along |= {name: along.get(name, 0.5) for each in order.values() for name in each}
    return {name: (0.05 + 0.95 * along[name], float(row)) for row, names in enumerate(order.values()) for name in names}


def _label(
    axes: Axes,
    places: Mapping[str, tuple[float, float]],
    rows: Mapping[str, Sequence[str]],
    shares: Mapping[str, float],
    named: set[str],
) -> None:
    """Write the names of the known firms and of the two largest of each row where they do not cover each other."""
    for names in rows.values():
        largest = sorted(names, key=lambda name: -shares[name])
        wanted = dict.fromkeys([*largest[:2], *(name for name in largest if name in named)])
        taken: dict[float, list[tuple[float, float]]] = {-1.0: [], 1.0: []}
        for name in wanted:
            x, y = places[name]
            half = LETTER * len(name) / 2
            for side, spans in taken.items():
                if all(x + half < low or x - half > high for low, high in spans):
                    spans.append((x - half, x + half))
                    off = side * (0.09 + 0.0055 * _area(shares[name]) ** 0.5)
                    where = "top" if side < 0 else "bottom"
                    axes.text(x, y + off, name, ha="center", va=where, fontsize=7, color=INK, zorder=3)
                    break


def _legend(figure: Figure, handles: Sequence[Any], title: str, columns: int) -> None:
    legend = figure.legend(
        handles=list(handles), loc="outside lower left", ncols=columns, frameon=False, fontsize=7.5, labelcolor=INK,
        title=title or None, alignment="left", columnspacing=1.2, handletextpad=0.4,
    )  # fmt: skip
    legend.get_title().set(fontsize=7.5, color=INK)
