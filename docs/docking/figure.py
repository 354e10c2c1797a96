"""The figure of docs/docking.md: `python docs/docking/figure.py [SEEDS]` writes history.svg beside this file.

Integration and concentration of both layers over time, median, mean and band over seeds, the waves marked, with the
published means (published.csv) dotted. A period of the published model is a step; its period 1 is step 0.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from stackrace.experiments.claims.statistics import integration
from stackrace.experiments.plots.figures import marked, svg
from stackrace.experiments.plots.palette import ORANGE
from stackrace.experiments.plots.panels import (
    INK,
    LINE,
    band,
    band_legend,
    finish,
    quantiles_over_seeds,
    small_multiples,
)
from stackrace.experiments.run import Run, simulate

HERE = Path(__file__).parent
STEPS, WAVES = 250, (40, 120, 130)
CONCENTRATION = {
    "mainframes: HHI": ("mainframe", "hhi"),
    "personal computers: HHI": ("pc", "hhi"),
    "components sold: HHI": ("component", "hhi_merchant"),
}
INTEGRATION = {"mainframes: integrated": "mainframe", "personal computers: integrated": "pc"}
"""Panel -> what it shows: a layer and a measure, or a layer whose input is components."""


def history(seeds: int, steps: int = STEPS) -> pd.DataFrame:
    """What is drawn, of seeds 1 to `seeds`: a row per panel (`layer`), seed and step, `value` from 0 to 1."""
    books = ["volume", "external_volume"]
    runs = (
        simulate("computers", seed=seed, steps=steps, interventions="computer-history", firms=books)
        for seed in range(1, seeds + 1)
    )
    return pd.concat([part for run in runs for part in shown(run)], ignore_index=True)


def shown(run: Run) -> Iterator[pd.DataFrame]:
    """The series of one run, one panel after the other."""
    for panel, (layer, measure) in CONCENTRATION.items():
        rows = run.measures[run.measures.layer == layer]
        yield pd.DataFrame({"layer": panel, "seed": run.seed, "step": rows.step, "value": rows[measure] / 10_000})
    for panel, layer in INTEGRATION.items():
        series = integration(run, layer, "component")
        yield pd.DataFrame({"layer": panel, "seed": run.seed, "step": series.index, "value": series.to_numpy()})


def drawn(table: pd.DataFrame) -> Figure:
    """All panels."""
    panels = [*CONCENTRATION, *INTEGRATION]
    figure, places, spare = small_multiples(panels)
    quantiles = quantiles_over_seeds(table, "value")
    published = pd.read_csv(HERE / "published.csv").set_index("panel")
    for panel, axes in zip(panels, places, strict=True):
        band(axes, quantiles.loc[[panel]].droplevel("layer"))
        means = table[table.layer == panel].groupby("step").value.mean()
        axes.plot(means.index, means, color=LINE, linewidth=1.0, linestyle="--", zorder=3)
        there = published.loc[[panel]]
        axes.plot(there.period - 1, there.value, color=INK, linewidth=1.2, linestyle=":", zorder=3)
        axes.set(xlim=(0, table.step.max()), ylim=(0, 1), yticks=[0, 0.25, 0.5, 0.75, 1])
    more = [
        Line2D([], [], color=LINE, linewidth=1.0, linestyle="--", label="mean"),
        Line2D([], [], color=INK, linewidth=1.2, linestyle=":", label="published, mean of 1,000 runs"),
        Line2D([], [], color=ORANGE, linewidth=1.0, linestyle=(0, (4, 2)), label="waves; second market"),
    ]
    finish(figure, table, "HHI / 10,000; share of volume", spare, band_legend(table) + more)
    return marked(figure, WAVES, None)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    (HERE / "history.svg").write_text(svg(drawn(history(count)), "history"), "utf-8")
