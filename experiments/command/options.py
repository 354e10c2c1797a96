"""Options that several commands have in common, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from .. import DEFAULT_STEPS


def whole(least: int) -> Callable[[str], int]:
    """A parser of whole numbers from `least` to what 63 bits hold."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value < 2**63:
            raise typer.BadParameter(f"{str(text)[:40]!r} is not a whole number of {least} or more, up to 2^63 - 1")
        return value

    return parse


Steps = Annotated[
    int | None,
    typer.Option(
        parser=whole(1),
        metavar="N",
        help=f"How long, in steps; a step is a quarter. {DEFAULT_STEPS} if left out, or as far as the stack says.",
    ),
]
Seed = Annotated[int, typer.Option(parser=whole(0), metavar="N", help="Seed of all chance: same seed, same history.")]
Seeds = Annotated[
    int,
    typer.Option(parser=whole(1), metavar="N", help="How many seeds, counted up from --seed; 30 give a picture."),
]
Threads = Annotated[
    int,
    typer.Option(parser=whole(1), metavar="N", help="Threads at one market, of 20,000 firms or more; same results."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter (see `stackrace params`); may be repeated."),
]
StackName = Annotated[
    str, typer.Argument(metavar="STACK", help="A stack that comes along (see `stackrace stacks`) or a TOML file.")
]
Intervene = Annotated[
    str | None,
    typer.Option(metavar="POLICY", help="Interventions at their dates: a name (`stackrace policies`) or a TOML file."),
]
Out = Annotated[str | None, typer.Option(metavar="DIR", help="Save tables, figures and report.html to this folder.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what else of this kind is in the folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")]


def settings_of(texts: Sequence[str] | None, option: str = "--set") -> dict[str, Any]:
    """What `--set NAME=VALUE`, given several times, sets; raises ParameterError."""
    from ...model.settings import ParameterError, parse_setting

    given: dict[str, Any] = {}
    for text in texts or ():
        name, value = parse_setting(text)
        if name in given:
            raise ParameterError(f"{name} is set twice: keep one {option} of it")
        given[name] = value
    return given


def seeds_from(first: int, count: int) -> range:
    """So many seeds, counted up."""
    if first + count > 2**63:
        raise typer.BadParameter(f"--seed {first} leaves no room for {count} seeds: take a smaller one")
    return range(first, first + count)
