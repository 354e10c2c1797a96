"""What the command line shows of an attribution."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

from ..analysis.attribute import ALL
from ..comparisons.comparison import SURE
from ..comparisons.effect_words import between
from ..wording import amount
from . import screen

if TYPE_CHECKING:
    import pandas as pd

    from ..analysis.attribute import Attribution


EXACT = 12
"""Decimals beyond which a difference is rounding."""


def show_attribution(found: Attribution, saved: str | None) -> None:
    """A table per measure: what each decision contributes, with its interval."""
    out = screen.out
    out.print(
        f"{found.stack.name}: decisions {', '.join(found.rules)} allowed or not in all {2 ** len(found.rules)}"
        f" combinations, {len(found.seeds)} seeds, means over the last {found.window} of {found.steps} steps.",
        style="bold",
    )
    for measure, rows in found.shares.groupby("measure", sort=False):
        out.print(f"{measure} ({rows.unit.iloc[0]})")
        screen.show_table(_table(rows))
    out.print("Share: mean Shapley value over seeds, 95 %: its bootstrap interval; shares sum", style="dim")
    out.print("to the change from no decision to all. %: of that, where it is not 0.", style="dim")
    out.print("Alone, last: with no other decision, and with all others. * holds at 5 % (Holm).", style="dim")
    if saved is not None:
        out.print(f"Tables and figures: {saved}", soft_wrap=True)


def print_json(found: Attribution, saved: str | None) -> None:
    """The same for programs; null is what cannot be said."""
    rows = [{name: _plain(value) for name, value in row.items()} for row in found.shares.to_dict("records")]
    told = {
        "stack": found.stack.name,
        "rules": list(found.rules),
        "seeds": list(found.seeds),
        "steps": found.steps,
        "window": found.window,
        "shares": rows,
        "saved": saved,
    }
    print(json.dumps(told, indent=1, allow_nan=False))


def _table(rows: pd.DataFrame) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for name in ("layer", "decision"):
        table.add_column(name, overflow="fold")
    for name in ("share", "95 %", "%", "alone", "last"):
        table.add_column(name, justify="right")
    before = None
    every: list[Any] = list(rows.itertuples())
    for row in every:
        told = f"{amount(row.without)} → {amount(row.with_all)}" if row.rule == ALL else row.rule
        table.add_row(
            row.layer if row.layer != before else "",
            told,
            amount(round(row.effect, EXACT)) + "*" * (row.p_holm < SURE),
            between(row.low, row.high),
            f"{round(100 * row.part):d}".replace("-", "−") if math.isfinite(row.part) else "–",
            amount(round(row.alone, EXACT)),
            amount(round(row.last, EXACT)),
            end_section=row.rule == ALL,
        )
        before = row.layer
    return table


def _plain(value: Any) -> Any:
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain
