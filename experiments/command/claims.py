"""The command that puts claims to the test. What is heavy is imported inside, so that help comes at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .options import Json, whole

if TYPE_CHECKING:
    from ..claims.experiment import Verdict


def claims(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CLAIM]...", help="Which: C1, C2, ... or a TOML file; all if left out."),
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(parser=whole(2), metavar="N", help="Seeds 1 to N instead of what each claim says.")
    ] = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Save findings, values and figures to this folder, one by one.")
    ] = None,
    page: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write a page on all of them, with figures in a folder beside it."),
    ] = None,
    json: Json = False,
) -> None:
    """Put claims about the market to the test, by criteria that were fixed beforehand.

    \b
    Examples:
      stackrace claims C3
      stackrace claims C1 C6 --seeds 10
      stackrace claims --out out/claims --page out/claims.md
    """
    from ..claims import claim, saved
    from ..claims.experiment import examined
    from ..claims.page import free, write_page
    from ..interrupt import Interrupted, heeding
    from ..wording import counted
    from . import screen, screen_claims

    asked = [claim.read_claim(name).with_seeds(seeds) for name in dict.fromkeys(names or claim.claims())]
    stems = [each.file.stem for each in asked]
    if (out or page) and len({*stems}) < len(stems):
        raise claim.ClaimError("two of the files have the same name, by which what comes out is saved: rename one")
    place, target = None if out is None else saved.free(out), None if page is None else free(page)
    verdicts: list[Verdict] = []
    for each in asked:
        try:
            with screen.progress(each.all_steps) as shown:
                found = examined(each, heeding(shown))
        except KeyboardInterrupt:
            if target is not None and verdicts:
                write_page(verdicts, target)
            kept = " and ".join(str(each) for each in (out, target) if each is not None)
            where = f"{counted(len(verdicts), 'claim')} saved in {kept}" if kept and verdicts else "nothing was saved"
            raise Interrupted(f"interrupted: {where}") from None
        if place is not None:
            saved.save(found, place)
        verdicts.append(found)
        if not json:
            screen_claims.show_claim(found, f"{out}/{each.file.stem}.svg" if out else None)
    if target is not None:
        write_page(verdicts, target)
    if json:
        screen_claims.print_json(verdicts)
