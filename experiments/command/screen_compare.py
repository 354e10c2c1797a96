"""What the command line shows of a comparison."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

from ..comparisons.effect_words import between, heading, pairing, regimes, setting, verdict
from ..wording import amount
from . import screen

if TYPE_CHECKING:
    import pandas as pd

    from ..comparisons.comparison import Comparison
    from ..comparisons.study import Study

NEAREST = 5
"""So many effects are shown where none holds."""


def show_comparison(comparison: Comparison, saved: str | None, every: bool = False) -> None:
    """Effects with their intervals, `every` one or those that hold or nearly do; shifts of regimes; remarks."""
    out = screen.out
    out.print(heading(comparison), style="bold")
    out.print(setting(comparison))
    out.print(verdict(comparison))
    rows = comparison.effects if every else comparison.sure
    if rows.empty:
        moved = comparison.effects[comparison.effects.effect.fillna(0.0) != 0.0]
        rows = moved.nsmallest(NEAREST, "p").sort_index()
        if len(rows):
            out.print("Those nearest to one:")
    if len(rows):
        screen.show_table(_table(rows))
    for sentence in regimes(comparison):
        out.print(sentence)
    for sentence in (pairing(comparison), *comparison.cautions):
        if sentence:
            out.print(sentence)
    if len(rows):
        out.print("Effect: mean of paired differences; 95 %: its bootstrap interval; p by Holm;", style="dim")
        out.print("±10 %: seeds for an interval of a tenth of what was before to either side.", style="dim")
    if len(rows) < len(comparison.effects):
        hidden = len(comparison.effects) - len(rows)
        out.print(f"{hidden} rows more: --measure NAME shows them, --json and --out DIR hold all.", style="dim")
    if saved is not None:
        out.print(f"Tables and figures: {saved}", soft_wrap=True)


def show_study(study: Study, saved: str | None, every: bool = False) -> None:
    """One comparison after the other."""
    for n, comparison in enumerate(study.comparisons):
        if n:
            screen.out.print()
        show_comparison(comparison, None, every)
    if saved is not None:
        screen.out.print(f"Report: {saved}/report.html", soft_wrap=True)


def print_study_json(study: Study, saved: str | None) -> None:
    """The same for programs: one JSON object on stdout, with a list of comparisons."""
    told = {"comparisons": [_told(each) for each in study.comparisons], "saved": saved}
    print(json.dumps(told, indent=1, allow_nan=False))


def print_json(comparison: Comparison, saved: str | None) -> None:
    """The same for programs: one JSON object on stdout; null is what cannot be said."""
    print(json.dumps({**_told(comparison), "saved": saved}, indent=1, allow_nan=False))


def _told(comparison: Comparison) -> dict[str, Any]:
    base, other = comparison.labels
    return {
        "stack": comparison.stack.name,
        "base": base,
        "other": other,
        "seeds": list(comparison.seeds),
        "window": comparison.window,
        "effects": _records(comparison.effects),
        "regimes": _records(comparison.regimes),
        "regime_effects": _records(comparison.regime_effects),
        "parameters": _records(comparison.parameters),
        "interventions": dict(zip(("base", "other"), map(list, comparison.interventions), strict=True)),
        "remarks": list(comparison.cautions),
    }


def _table(effects: pd.DataFrame) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("layer", overflow="fold")
    table.add_column("measure", overflow="fold")
    for name in ("before", "effect", "95 %", "p", "±10 %"):
        table.add_column(name, justify="right", no_wrap=name != "95 %")
    before = None
    rows: list[Any] = list(effects.itertuples())
    for row in rows:
        table.add_row(
            row.layer if row.layer != before else "",
            row.measure,
            shown_number(row.base),
            shown_number(row.effect),
            between(row.low, row.high),
            shown_p(row.p_holm),
            "–" if math.isnan(row.needed) else f"{row.needed:,.0f}",
        )
        before = row.layer
    return table


def shown_number(value: float) -> str:
    """A quantity, a dash where there is none."""
    return "–" if math.isnan(value) else amount(value)


def shown_p(p: float) -> str:
    """A p value in a table."""
    return "–" if math.isnan(p) else "< .001" if p < 0.001 else f"{p:.3f}"


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON has them."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain
