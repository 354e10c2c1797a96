"""The command that compares: a market with itself under policies, or two saved ensembles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import DEFAULT_SEED
from .options import Force, Json, Settings, Steps, seeds_from, settings_of, whole

if TYPE_CHECKING:
    from ..comparisons.comparison import Comparison

SEEDS = 30


def compare(
    base: Annotated[
        str, typer.Argument(metavar="STACK|DIR", help="A stack to run; or saved runs (`run --out`) to compare with.")
    ],
    other: Annotated[
        str | None, typer.Argument(metavar="[DIR]", help="Saved runs of a changed market, with the same seeds.")
    ] = None,
    intervene: Annotated[
        list[str] | None,
        typer.Option(metavar="POLICY", help="What is done to STACK: a name or a TOML file; each is compared."),
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Compare with STACK where this parameter differs; may be repeated."),
    ] = None,
    set: Settings = None,
    seeds: Annotated[
        int | None, typer.Option(parser=whole(1), metavar="N", help=f"How many seeds. [default: {SEEDS}]")
    ] = None,
    steps: Steps = None,
    seed: Annotated[
        int | None, typer.Option(parser=whole(0), metavar="N", help=f"The first seed. [default: {DEFAULT_SEED}]")
    ] = None,
    measure: Annotated[
        list[str] | None,
        typer.Option("--measure", metavar="NAME", help="Compare this measure, such as hhi; may be repeated."),
    ] = None,
    window: Annotated[
        int | None,
        typer.Option(parser=whole(1), metavar="N", help="Compare means over the last N steps; 20 if left out."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Save tables and figures to this folder; of a STACK runs and report.html too."
        ),
    ] = None,
    json: Json = False,
    force: Force = False,
) -> None:
    """Say what a policy or a change does, seed by seed: runs with the same seed share all their chance.

    With a STACK it is run as it is, and under each policy; with two folders, saved runs are compared.

    \b
    Examples:
      stackrace compare ai-2025 --intervene open-release --seeds 30
      stackrace compare ai-stack --change "*.switching_cost=0" --out out/free
      stackrace compare ai-stack --set model.taste=0.1 --intervene mine.toml
      stackrace compare out/base out/other --measure hhi --measure lerner
    """
    if other is None:
        from ...model.stack import stacks

        if base not in stacks() and Path(base).is_dir():
            raise typer.BadParameter(f"{base} is a folder: give a second one to compare it with, or a stack")
        study_of(
            base,
            intervene or (),
            set=set,
            change=change,
            seed=DEFAULT_SEED if seed is None else seed,
            seeds=SEEDS if seeds is None else seeds,
            steps=steps,
            measure=measure,
            window=window,
            out=out,
            json=json,
            force=force,
        )
        return
    asked = {"intervene": intervene, "change": change, "set": set, "seeds": seeds, "steps": steps, "seed": seed}
    for name, value in asked.items():
        if value is not None:
            raise typer.BadParameter(f"--{name} is for a stack to run: two folders are compared as they are")
    _folders(base, other, measure, window, out, json, force)


def study_of(
    stack: str,
    policies: Sequence[str],
    *,
    set: Sequence[str] | None = None,
    change: Sequence[str] | None = None,
    seed: int = DEFAULT_SEED,
    seeds: int = SEEDS,
    steps: int | None = None,
    measure: Sequence[str] | None = None,
    window: int | None = None,
    out: str | None = None,
    json: bool = False,
    force: bool = False,
) -> None:
    """Run a stack as it is and under each policy, compare, save and print."""
    from ...model.stack import read_stack
    from ..comparisons import saved_study
    from ..comparisons.study import contents_to_be, markets_of, study
    from ..interrupt import heeding
    from ..regimes import WINDOW
    from . import screen, screen_compare

    read, given, changes = read_stack(stack), settings_of(set), settings_of(change, "--change")
    steps, every = screen.steps_of(read, steps), seeds_from(seed, seeds)
    markets = markets_of(read, policies, given, changes)
    if out is not None:
        saved_study.free(out, contents_to_be(read, markets, given, every, steps), force)
    with screen.progress(steps * seeds * (1 + len(markets))) as shown:
        found = study(
            stack,
            policies,
            seeds=every,
            steps=steps,
            set=given,
            change=changes,
            window=window or WINDOW,
            measures=measure or None,
            progress=heeding(shown),
        )
    if out is not None:
        found.save(out, force=force)
    if json:
        screen_compare.print_study_json(found, out)
    else:
        screen_compare.show_study(found, out, every=bool(measure))


def _folders(
    base: str, other: str, measure: list[str] | None, window: int | None, out: str | None, json: bool, force: bool
) -> None:
    """Compare two saved ensembles, save and print."""
    from stackrace import load

    from ..comparisons import compare as comparing
    from ..regimes import WINDOW

    if out is not None:
        from ..comparisons.saved_comparison import free

        free(out)
    found = comparing.compare(
        load(base), load(other), window=window or WINDOW, measures=measure or None, labels=labels(base, other)
    )
    show(found, out, as_json=json, every=bool(measure), force=force)


def show(comparison: Comparison, out: str | None, *, as_json: bool, every: bool, force: bool = False) -> None:
    """Save a comparison if a folder is given, and print it; `every` effect, or those that hold."""
    from . import screen_compare

    if out is not None:
        comparison.save(out, force=force)
    if as_json:
        screen_compare.print_json(comparison, out)
    else:
        screen_compare.show_comparison(comparison, out, every)


def labels(base: str, other: str) -> tuple[str, str]:
    """What two folders are called: by their own names, or in full where these are the same."""
    from ...model.errors import printable

    names = printable(Path(base).name), printable(Path(other).name)
    return names if all(names) and names[0] != names[1] else (printable(base), printable(other))
