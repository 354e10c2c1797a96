"""The command that compares two saved ensembles. What is heavy is imported inside, so that help comes at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from .comparison import Comparison


def compare(
    base: Annotated[str, typer.Argument(metavar="BASE", help="Saved runs to compare with (`stackrace run --out`).")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Saved runs of a changed market, with the same seeds.")],
    measure: Annotated[
        list[str] | None,
        typer.Option("--measure", metavar="NAME", help="Compare this measure, such as hhi; may be repeated."),
    ] = None,
    window: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Compare means over the last N steps; 20 if left out.")
    ] = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Save tables, text and figures to this folder.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")] = False,
) -> None:
    """Say what a change does: two saved ensembles, compared seed by seed.

    \b
    Runs with the same seed share their chance, so that their difference is the effect.

    \b
    Examples:
      stackrace run ai-stack --seeds 30 --out out/base
      stackrace run ai-stack --seeds 30 --set "*.switching_cost=0" --out out/free
      stackrace compare out/base out/free
      stackrace compare out/base out/free --measure hhi --measure lerner --out out/effect
    """
    from stackrace import load

    from . import compare as comparing
    from .regimes import WINDOW

    if out is not None:
        from .saved_comparison import free

        free(out)
    found = comparing.compare(
        load(base),
        load(other),
        window=WINDOW if window is None else window,
        measures=measure or None,
        labels=labels(base, other),
    )
    show(found, out, as_json=json, every=bool(measure))


def show(comparison: Comparison, out: str | None, *, as_json: bool, every: bool) -> None:
    """Save a comparison if a folder is given, and print it; `every` effect, or those that hold."""
    from . import screen_compare

    if out is not None:
        comparison.save(out)
    if as_json:
        screen_compare.print_json(comparison, out)
    else:
        screen_compare.show_comparison(comparison, out, every)


def labels(base: str, other: str) -> tuple[str, str]:
    """What two folders are called: by their own names, or in full where these are the same."""
    names = Path(base).name, Path(other).name
    return names if all(names) and names[0] != names[1] else (base, other)
