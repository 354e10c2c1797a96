"""What the command line shows of a validation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

from ..facts.declared import facts
from ..facts.page import row_of, summary
from ..facts.validation import MARKET
from . import screen

if TYPE_CHECKING:
    from ..facts.validation import Validation


def show(validation: Validation, saved: str | None) -> None:
    """A row per fact, the null models beside the market; what was tried; how many count."""
    table = Table(
        box=box.SIMPLE_HEAD,
        title=f"{validation.stack.title}, {len(validation.seeds)} seeds",
        title_justify="left",
        padding=0,
    )
    table.add_column("fact", no_wrap=True)
    table.add_column("seeds", justify="right")
    for name in ("verdict", *(name.replace("-", " ") for name in validation.nulls), "counts"):
        table.add_column(name)
    counting = validation.counting()
    for fact in facts():
        row = row_of(validation.verdicts, fact.id, MARKET)
        others = [validation.verdict(fact.id, name) for name in validation.nulls]
        counts = "yes" if fact.id in counting else ""
        table.add_row(fact.id, f"{100 * row.there:.0f} %", row.verdict, *others, counts)
    screen.show_table(table)
    tried: list[Any] = list(validation.verdicts_tried.itertuples()) if len(validation.tried) else []
    for row in tried:
        screen.out.print(f"{row.fact} with a change of {row.market}: {row.verdict} ({100 * row.there:.0f} %).")
    screen.out.print(summary(validation))
    screen.out.print(
        "seeds: share of them within the tolerance; counts: holds, and fails in a null model.", style="dim"
    )
    if saved is not None:
        screen.out.print(f"Page: {saved}/validation.md", soft_wrap=True)


def print_json(validation: Validation, saved: str | None) -> None:
    """The same for programs: one JSON object on stdout."""
    told = {
        "stack": validation.stack.name,
        "set": dict(validation.set),
        "seeds": list(validation.seeds),
        "facts": json.loads(validation.verdicts.to_json(orient="records")),
        "tried": json.loads(validation.verdicts_tried.to_json(orient="records")) if len(validation.tried) else [],
        "hold": validation.holding(),
        "count": validation.counting(),
        "saved": saved,
    }
    print(json.dumps(told, indent=1, allow_nan=False))
