"""The command that says which decision something comes from. What is heavy is imported inside."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import DEFAULT_SEED
from .options import Json, Seed, Settings, StackName, Steps, seeds_from, settings_of, whole

SEEDS = 30


def attribute(
    stack: StackName,
    measure: Annotated[
        list[str] | None,
        typer.Option("--measure", metavar="NAME", help="What is divided, such as hhi; may be repeated. [hhi, lerner]"),
    ] = None,
    seeds: Annotated[int, typer.Option(parser=whole(1), metavar="N", help="How many seeds.")] = SEEDS,
    steps: Steps = None,
    seed: Seed = DEFAULT_SEED,
    set: Settings = None,
    decision: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A decision to allow or not; may be repeated. [ally, build, switch, merge]"),
    ] = None,
    window: Annotated[
        int | None, typer.Option(parser=whole(1), metavar="N", help="Means over the last N steps; 20 if left out.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(parser=whole(1), metavar="N", help="Processes of this machine; all cores if left out.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Save runs, tables and figures; the same command goes on where it stopped."),
    ] = None,
    json: Json = False,
) -> None:
    """Say which decision of firms concentration, or anything else, comes from: to ally, build, switch or merge.

    The market is run with every combination of them allowed, and the change is divided by Shapley's rule.

    \b
    Examples:
      stackrace attribute ai-stack --measure hhi
      stackrace attribute ai-2025 --measure hhi --measure lerner --out out/attribution
    """
    from ...model.stack import read_stack
    from ..analysis import saved_attribution
    from ..analysis.attribute import MEASURED, RULES
    from ..analysis.attribute import attribute as attributed
    from ..interrupt import kept_runs
    from ..regimes import WINDOW
    from ..sweeps.workers import workers_here
    from . import screen, screen_attribution, screen_sweep

    place = None if out is None else saved_attribution.free(out)
    rules = tuple(dict.fromkeys(decision or RULES))
    steps = screen.steps_of(read_stack(stack), steps)
    with kept_runs(out), screen_sweep.progress(seeds * 2 ** len(rules)) as shown:
        found = attributed(
            stack,
            measure or MEASURED,
            seeds=seeds_from(seed, seeds),
            steps=steps,
            set=settings_of(set),
            rules=rules,
            window=window or WINDOW,
            store=None if place is None else place / saved_attribution.RUNS,
            workers=workers or workers_here(),
            progress=shown,
        )
    if place is not None:
        saved_attribution.save(found, place)
    if json:
        screen_attribution.print_json(found, out)
    else:
        screen_attribution.show_attribution(found, out)
