"""What the command line shows of an analysis."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

from ..analysis.discovery import UNUSED
from ..analysis.indices import METHODS
from ..wording import amount
from . import screen

if TYPE_CHECKING:
    import pandas as pd

    from ..analysis.discovery import Boxes
    from ..analysis.sensitivity import Sensitivity

LEGENDS = {
    "morris": "mu_star: mean size of the change by the whole range of the parameter; sigma: how much it differs from"
    " place to place; chance: mu_star without any effect.",
    "sobol": "ST: share of the variance between points that the parameter explains, interactions included; S1: alone;"
    " chance: ST without any effect.",
}


def show_sensitivity(found: Sensitivity, saved: Sequence[Path]) -> None:
    """Parameters by importance, with 95 % intervals and what chance alone would make."""
    screen.out.print(found.heading, style="bold")
    shown = [name for name in METHODS[found.method].columns if not name.endswith("_conf")]
    table = _table("parameter", *shown, "chance")
    rows: list[Any] = found.table.to_dict("records")
    for row in rows:
        cells = [_with_reach(row[name], row.get(f"{name}_conf")) for name in shown]
        table.add_row(row["parameter"], *cells, _number(row["chance"]))
    screen.show_table(table)
    for remark in found.remarks:
        screen.out.print(remark)
    screen.out.print(LEGENDS[found.method] + " ±: 95 %.", style="dim")
    _show_saved(saved)


def show_boxes(found: Boxes, saved: Sequence[Path]) -> None:
    """Each box with its limits, and how sure they are."""
    screen.out.print(found.heading, style="bold")
    rows: list[Any] = list(found.table.itertuples())
    for row in rows:
        screen.out.print(
            f"\nBox {row.box}: coverage {row.coverage:.0%}, density {row.density:.0%}, mass {row.mass:.0%};"
            f"\n{UNUSED}: coverage {row.coverage_new:.0%}, density {row.density_new:.0%}"
        )
        table = _table("limit", "quasi p", "comes again")
        of_box = found.limits[found.limits.box == row.box]
        for sentence, p, again in zip(found.sentences(row.box), of_box.quasi_p, of_box.again, strict=True):
            table.add_row(sentence, f"{p:.2g}", f"{again:.0%}")
        screen.show_table(table)
    for remark in found.remarks:
        screen.out.print(remark)
    if rows:
        screen.out.print(
            "Coverage: share of all such runs that lie in the box; density: share of its runs that are such; mass: its"
            " share of the points; comes again: share of 50 bootstrap samples in which this side is limited too; each"
            " sample's box is judged on the points that are not in the sample.",
            style="dim",
        )
    _show_saved(saved)


def print_sensitivity(found: Sensitivity, saved: Sequence[Path]) -> None:
    """The same for programs: one JSON object on stdout; null is what cannot be said."""
    told = {"response": found.response, "method": found.method, "blocks": found.blocks, "seeds": found.seeds}
    _print({**told, "indices": _records(found.table), "remarks": found.remarks}, saved)


def print_boxes(found: Boxes, saved: Sequence[Path]) -> None:
    """The same for programs."""
    tables = {"boxes": found.table, "limits": found.limits, "tradeoff": found.tradeoff}
    told = {"response": found.response, "share": found.share, "points": len(found.points)}
    _print({**told, **{name: _records(table) for name, table in tables.items()}, "remarks": found.remarks}, saved)


def _print(told: dict[str, Any], saved: Sequence[Path]) -> None:
    print(json.dumps({**told, "saved": [str(file) for file in saved]}, indent=1, allow_nan=False))


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return json.loads(table.to_json(orient="records", double_precision=15))


def _table(*names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for n, name in enumerate(names):
        table.add_column(name, justify="right" if n else "left")
    return table


def _number(value: float) -> str:
    return amount(value) if value == value else "–"


def _with_reach(value: float, reach: float | None) -> str:
    return _number(value) + (f" ± {_number(reach)}" if reach is not None else "")


def _show_saved(saved: Sequence[Path]) -> None:
    for file in saved:
        screen.out.print(f"Written: {file}", soft_wrap=True)
