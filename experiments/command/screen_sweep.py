"""What the command line shows of a sweep."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

from ..interrupt import check_interrupt
from ..wording import counted
from . import screen

if TYPE_CHECKING:
    from ..sweeps.drive import Estimate, Progress
    from ..sweeps.results import Results

SHOWN = 3
"""So many failures are named."""


@contextmanager
def progress(runs: int) -> Iterator[Callable[[Progress], None]]:
    """A bar with the time left and the failures; it ends the work once Ctrl-C was pressed."""
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    bar = Bars(
        TextColumn("{task.completed:,} of {task.total:,} runs"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]}"),
        console=screen.remarks,
        transient=True,
        disable=not screen.remarks.is_terminal,
    )
    named: set[str] = set()

    def show(told: Progress) -> None:
        check_interrupt()
        for name in told.torn:
            if name not in named:
                named.add(name)
                screen.remarks.print(f"{name} is torn: it is set aside, and its runs are done again.", soft_wrap=True)
        failed = f"{told.failed:,} failed" if told.failed else ""
        bar.update(task, total=told.total, completed=told.there + told.done, failed=failed)

    with bar:
        task = bar.add_task("", total=runs, failed="")
        yield show


def show_estimate(told: Estimate) -> None:
    """How many runs are wanted, there and missing, and about how long the rest takes."""
    if told.failure:
        screen.out.print(f"The first run fails: {told.failure}", soft_wrap=True)
    of = [counted(told.points, "point"), counted(told.policies, "policy", "policies"), counted(told.seeds, "seed")]
    screen.out.print(
        f"{told.total:,} runs: {', '.join(of)}; {told.there:,} are stored. The other {told.total - told.there:,} take"
        f" about {_span(told.seconds)} with {counted(told.workers, 'worker')}."
    )


def show_results(results: Results) -> None:
    """How often each layer ends in which regime, over all runs, and what failed."""
    done, wanted, failed = len(results.done), len(results.design), results.failures()
    screen.out.print(f"{done:,} of {wanted:,} runs are stored in {results.store.address}.", soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for name, side in (("layer", "left"), ("regime", "left"), ("runs", "right"), ("share", "right"), ("95 %", "right")):
        table.add_column(name, justify=side)  # type: ignore[arg-type]
    before = None
    rows: list[Any] = list(results.frequencies().itertuples())
    for row in rows:
        share, within = f"{100 * row.share:.0f} %", f"{100 * row.low:.0f}–{100 * row.high:.0f} %"
        table.add_row(row.layer if row.layer != before else "", row.regime, f"{row.count:,}", share, within)
        before = row.layer
    if rows:
        screen.show_table(table)
    if len(failed):
        screen.out.print(f"{len(failed):,} runs failed, such as:")
        named: list[Any] = list(failed.head(SHOWN).itertuples())
        for row in named:
            screen.out.print(f"  point {row.point}, {row.policy}, seed {row.seed}: {row.error}", soft_wrap=True)
        screen.out.print("All of them, with their parameters: stackrace.open(STORE).failures()", style="dim")
    screen.out.print(f"Digest: {results.digest()}", style="dim", soft_wrap=True)


def print_json(results: Results) -> None:
    """The same for programs."""
    told = {
        "store": results.store.address,
        "runs": len(results.design),
        "stored": len(results.done),
        "failed": len(results.failures()),
        "digest": results.digest(),
        "regimes": results.frequencies().to_dict("records"),
    }
    print(json.dumps(told, indent=1, allow_nan=False))


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
