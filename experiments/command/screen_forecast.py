"""What the command line shows and saves of a forecast."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from ..calibration.forecast import CONDITIONAL, MEASURES, QUANTILES
from ..plots.figures import svg
from . import screen

if TYPE_CHECKING:
    from ..calibration.forecast import Forecast

FORMATS = {"hhi": "{:,.0f}", "cr1": "{:.2f}", "lerner": "{:.2f}"}


def show_forecast(found: Forecast, folder: str | None) -> None:
    """The last quarter's fans, regime probabilities, and effects of policies that their intervals tell from none."""
    fans = found.fans
    last = fans[fans.step == fans.step.max()].set_index(["layer", "measure"])
    table = Table("layer", *(f"{each} (90 %)" for each in MEASURES), "regime in the last year", box=box.SIMPLE_HEAD)
    regimes = found.regimes
    for layer in found.stack.selling_layers:
        cells = []
        for measure in MEASURES:
            low, middle, high = (
                FORMATS[measure].format(last.loc[(layer, measure), each]) for each in (QUANTILES[0], 0.5, QUANTILES[-1])
            )
            cells.append(f"{middle} ({low} to {high})")
        of_layer = regimes[regimes.layer == layer]
        words = [f"{row.regime} {row.share:.0%}" for row in of_layer.itertuples()]
        table.add_row(layer, *cells, ", ".join(words))
    screen.show_table(table)
    _show_effects(found)
    screen.out.print(CONDITIONAL, soft_wrap=True)
    if folder is not None:
        screen.out.print(f"Saved to {folder}: fans.csv, regimes.csv, effects.csv and figures", soft_wrap=True)


def _show_effects(found: Forecast) -> None:
    """Those on the HHI; all are in effects.csv."""
    table = Table("policy", "layer", "effect on HHI (95 %)", "90 % of draws", box=box.SIMPLE_HEAD)
    sure = (found.effects.low > 0) | (found.effects.high < 0)
    shown = found.effects[sure & (found.effects.measure == "hhi")]
    if len(found.effects) and not len(shown):
        screen.out.print("No effect of a policy on the HHI of a layer can be told from none.")
    if not len(shown):
        return
    for row in shown.itertuples():
        told = f"{row.effect:+,.0f} ({row.low:+,.0f} to {row.high:+,.0f})"
        between = f"{row.band_low:+,.0f} to {row.band_high:+,.0f}"
        table.add_row(found.titles[str(row.policy)], str(row.layer), told, between)
    screen.show_table(table)


FILES = tuple(f"{name}.csv" for name in ("fans", "regimes", "effects"))
"""Tables of a forecast."""


def files(found: Forecast) -> dict[str, str]:
    """Tables and figures by file name."""
    texts = {name: getattr(found, name.removesuffix(".csv")).to_csv(index=False, float_format="%.4g") for name in FILES}
    for measure in MEASURES:
        texts[f"{measure}.svg"] = svg(found.fan(measure), measure)
        if len(found.effects):
            texts[f"effects-{measure}.svg"] = svg(found.effects_figure(measure), "effects")
    return texts


def print_json(found: Forecast) -> None:
    """The tables as JSON, dates as texts."""
    tables = {
        name: json.loads(getattr(found, name).to_json(orient="records", date_format="iso"))
        for name in ("fans", "regimes", "effects")
    }
    print(json.dumps({"conditional": CONDITIONAL, **tables}, indent=2))
