"""The command that writes a report of what was saved. What is heavy is imported inside, so that help comes at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    folder: Annotated[
        str, typer.Argument(metavar="DIR", help="Saved runs (`run --out`) or a study (`compare --out`).")
    ],
) -> None:
    """Write report.html, a brief of one file, into a folder of saved runs or of a study.

    \b
    Examples:
      stackrace run ai-stack --seeds 30 --out out/base
      stackrace report out/base
    """
    from stackrace import load

    from ..comparisons import saved_study
    from ..ensemble import as_ensemble
    from ..reports.report import REPORT, pages
    from ..saved import add_pages
    from . import screen

    place = Path(folder)
    if saved_study.is_study(place):
        saved_study.add_report(place)
    else:
        add_pages(place, pages(as_ensemble(load(place))))
    screen.out.print(f"Report: {place / REPORT}", soft_wrap=True)
