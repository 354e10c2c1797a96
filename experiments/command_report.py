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

    from . import screen
    from .ensemble import Ensemble
    from .report import pages, study_page
    from .saved import put_pages
    from .saved_study import REPORT, is_study, load_study

    place = Path(folder)
    if is_study(place):
        put_pages(place, {REPORT: study_page(load_study(place))})
    else:
        found = load(place)
        put_pages(place, pages(found if isinstance(found, Ensemble) else Ensemble((found,))))
    screen.out.print(f"Report: {place / REPORT}", soft_wrap=True)
