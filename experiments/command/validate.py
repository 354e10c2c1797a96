"""The command that holds a market against stylised facts. What is heavy is imported inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .. import DEFAULT_SEED
from .options import Force, Json, Seed, Settings, seeds_from, settings_of, whole

if TYPE_CHECKING:
    from ..facts.validation import Validation


def validate(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="A stack that comes along, or a TOML file.")] = (
        "ai-stack"
    ),
    null: Annotated[
        list[str] | None,
        typer.Option("--null", metavar="NAME", help="Compare with this null model only; may be repeated."),
    ] = None,
    seeds: Annotated[int | None, typer.Option(parser=whole(1), metavar="N", help="How many seeds; 30 if left out.")] = (
        None
    ),
    seed: Seed = DEFAULT_SEED,
    set: Settings = None,
    tries: Annotated[bool, typer.Option("--tries", help="Try changes for each fact that does not hold.")] = False,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Save tables, the figure and validation.md to this folder.")
    ] = None,
    json: Json = False,
    force: Force = False,
) -> None:
    """Say which stylised facts of industries a market shows, and which of them chance alone would show.

    \b
    Null models:
      random-choices     as many switches, new units and alliances, of anyone
      rewired-contacts   everyone meets others in every step
      gibrat             growth by pure luck, without a market

    \b
    Examples:
      stackrace validate
      stackrace validate full-stack --null gibrat --seeds 10
      stackrace validate --tries --out out/validation
    """
    from ...model.stack import read_stack
    from ..facts import saved
    from ..facts.declared import convention
    from ..facts.declared import tries as every
    from ..facts.nulls import NULLS
    from ..facts.validation import stages
    from ..interrupt import Interrupted, heard, heeding
    from ..wording import counted
    from . import screen, screen_validate

    chosen = list(NULLS) if null is None else null
    count = convention().seeds if seeds is None else seeds
    if out is not None:
        saved.free(out)
        saved.check_other(out, read_stack(stack), settings_of(set), count, force)
    screen.warn_beyond(read_stack(stack), convention().steps)
    markets = 1 + len({*chosen}) + (len(every()) if tries else 0)
    found: Validation | None = None
    try:
        with screen.progress(2 * convention().steps * count * markets) as shown:
            for stage in stages(
                stack,
                seeds=seeds_from(seed, count),
                set=settings_of(set),
                nulls=chosen,
                change=tries,
                progress=heeding(shown),
            ):
                found = stage
    except KeyboardInterrupt:
        heard()
        where = "nothing was saved"
        if found is not None and out is not None:
            tried = f" and {counted(found.changes, 'change')} tried" if tries else ""
            where = f"{counted(len(found.seeds), 'seed')} of {count}{tried} saved in {found.save(out, force=force)}"
        raise Interrupted(f"interrupted: {where}") from None
    assert found is not None  # there is one seed at least
    if out is not None:
        found.save(out, force=force)
    if json:
        screen_validate.print_json(found, out)
    else:
        screen_validate.show(found, out)
