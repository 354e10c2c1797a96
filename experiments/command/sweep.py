"""The command that runs a sweep. What is heavy is imported inside, so that help comes at once."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Json, whole


def sweep(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The sweep as a TOML file (see docs/sweeps.md).")],
    out: Annotated[str, typer.Option(metavar="STORE", help="Folder or address of the store; what is there is kept.")],
    workers: Annotated[
        int | None, typer.Option(parser=whole(1), metavar="N", help="Processes of this machine; all cores if left out.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="tcp://HOST:PORT", help="Have the workers of a Dask scheduler do it (docs/cluster.md)."),
    ] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try runs again that failed before.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many runs are missing, and how long they take.")
    ] = False,
    json: Json = False,
) -> None:
    """Run every point of a design, with every seed, under every policy, and store what comes out.

    The same command again does only what is missing: after Ctrl-C, a power cut, or with more seeds or points.

    \b
    Examples:
      stackrace sweep taste.toml --out out/taste --dry-run
      stackrace sweep taste.toml --out out/taste --workers 4
      stackrace sweep taste.toml --out out/taste --scheduler tcp://10.0.0.1:8786
    """
    from contextlib import nullcontext

    from ..interrupt import kept_runs
    from ..sweeps.cluster import executor_at
    from ..sweeps.drive import estimate
    from ..sweeps.drive import sweep as swept
    from ..sweeps.file import read_sweep
    from ..sweeps.results import Results
    from . import screen, screen_sweep

    if scheduler is not None and (workers or dry_run):
        raise typer.BadParameter(
            "--workers and --dry-run are of this machine, --scheduler has its own workers: leave one out"
        )
    wanted = read_sweep(file)
    screen.warn_beyond(wanted.stack, wanted.steps)
    if dry_run:
        screen_sweep.show_estimate(estimate(wanted, out, workers))
        return
    with (
        kept_runs(out),
        executor_at(scheduler) if scheduler is not None else nullcontext() as executor,
        screen_sweep.progress(len(wanted)) as shown,
    ):
        store = swept(wanted, out, workers=workers, executor=executor, retry_failed=retry_failed, progress=shown)
    results = Results(store)
    if json:
        screen_sweep.print_json(results)
    else:
        screen_sweep.show_results(results)
