"""What the command line shows of claims."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.table import Table

from ..claims.experiment import Verdict
from ..claims.words import asked, caution, effect, heading
from . import screen

STYLES = {"holds": "bold green", "mixed": "bold yellow", "does not hold": "bold red"}


def show_claim(found: Verdict, figure: str | None) -> None:
    """One claim: its verdict, every criterion with effect and interval, the figure and the command."""
    out, claim = screen.out, found.claim
    out.print(f"{claim.name}  {claim.table.claim}", style="bold")
    out.print(found.verdict, style=STYLES[found.verdict], end="")
    out.print(f": {heading(found)}")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for name in ("criterion", "asked", "came out", "result"):
        table.add_column(name, overflow="fold")
    for each in found.findings:
        table.add_row(each.criterion.says, asked(each), effect(each), each.result)
    screen.show_table(table)
    if few := caution(found):
        out.print(few)
    out.print(f"Experiment: {claim.file}", style="dim", soft_wrap=True)
    if figure:
        out.print(f"Figure: {figure}", style="dim", soft_wrap=True)
    out.print(f"Again: {claim.command}\n", style="dim", soft_wrap=True)


def print_json(verdicts: Sequence[Verdict]) -> None:
    """The same for programs: a list of claims as JSON; null is what cannot be said."""
    print(json.dumps([_told(each) for each in verdicts], indent=1, allow_nan=False))


def _told(found: Verdict) -> dict[str, Any]:
    claim = found.claim
    return {
        "claim": claim.name,
        "text": claim.table.claim,
        "verdict": found.verdict,
        "stack": claim.stack.name,
        "seeds": list(claim.seeds),
        "steps": claim.table.steps,
        "experiment": str(claim.file),
        "command": claim.command,
        "criteria": [
            {
                "says": each.criterion.says,
                "asked": asked(each),
                "result": each.result,
                "unit": each.unit,
                **{name: _number(getattr(each, name)) for name in ("before", "effect", "low", "high", "p")},
                "layers": {layer: _number(value) for layer, value in each.layers},
            }
            for each in found.findings
        ],
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
