"""What the command line shows of an attribution."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

from . import screen
from .attribute import ALL
from .comparison import SURE
from .effect_words import between
from .wording import amount

if TYPE_CHECKING:
    import pandas as pd

    from .attribute import Attribution


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
        out.print(_table(rows))
    out.print("Share: mean Shapley value over seeds and its 95 % bootstrap interval; they sum to the", style="dim")
    out.print("change from no decision to all. %: of it, where it is not 0. * holds at 5 % (Holm).", style="dim")
    out.print("Alone, last: what it does when no other decision is allowed, and when all others are.", style="dim")
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
            amount(row.effect) + "*" * (row.p_holm < SURE),
            between(row.low, row.high),
            f"{100 * row.part:.0f}".replace("-", "−") if math.isfinite(row.part) else "–",
            amount(row.alone),
            amount(row.last),
            end_section=row.rule == ALL,
        )
        before = row.layer
    return table


def _plain(value: Any) -> Any:
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain
