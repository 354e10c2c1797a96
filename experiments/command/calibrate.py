"""The command that calibrates. What is heavy is imported inside, so that help comes at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Json


def calibrate(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="ai-2025, which comes along, or a TOML file (docs/calibration.md).")
    ],
    out: Annotated[str, typer.Option(metavar="DIR", help="Folder of the calibration; what is there is kept.")],
    json: Json = False,
) -> None:
    """Fit parameters of a market to facts: the set of equally good ones, checked fact by fact.

    The same command goes on with a calibration that was stopped, from its last whole generation.

    \b
    Examples:
      stackrace calibrate ai-2025 --out out/calibration
      stackrace calibrate mine.toml --out out/mine
    """
    from ..calibration.check import RUNS, check
    from ..calibration.fit import fit
    from ..calibration.record import keep
    from ..calibration.setup import read_calibration
    from ..interrupt import Interrupted, heeding
    from . import screen, screen_calibrate

    wanted = read_calibration(file)
    try:
        particles = fit(wanted, Path(out), told=screen_calibrate.show_generation)
        with screen.progress(2 * RUNS) as shown:
            found = check(wanted, particles, heeding(shown), runs=RUNS)
    except KeyboardInterrupt:
        raise Interrupted("interrupted: whole generations are kept, the same command goes on") from None
    keep(out, file, wanted, particles, found)
    if json:
        screen_calibrate.print_json(found)
    else:
        screen_calibrate.show_check(found, out)
