"""The command that forecasts. What is heavy is imported inside, so that help comes at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Force, Json, whole


def forecast(
    calibration: Annotated[
        str, typer.Argument(metavar="CALIBRATION", help="ai-2025, which comes along, or a calibration's TOML file.")
    ],
    years: Annotated[int, typer.Option(parser=whole(1), metavar="N", help="How far, in years.")] = 5,
    draws: Annotated[
        int, typer.Option(parser=whole(2), metavar="N", help="Runs of each market, each of a particle and a seed.")
    ] = 100,
    particles: Annotated[
        str | None, typer.Option(metavar="FILE", help="particles.csv of a calibration, instead of the shipped set.")
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(metavar="POLICY", help="A policy to try; may be repeated. All that fit if left out."),
    ] = None,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="Save tables and figures to this folder.")] = None,
    json: Json = False,
    force: Force = False,
) -> None:
    """What the calibrated market does in the next years, and what policies would change: conditional on the model.

    \b
    Examples:
      stackrace forecast ai-2025 --years 5 --out out/forecast
      stackrace forecast ai-2025 --years 3 --policy interoperability --policy open-release
      stackrace forecast mine.toml --particles out/mine/particles.csv
    """
    from ...model.calendar import QUARTERS
    from ..calibration.forecast import applicable, chosen
    from ..calibration.forecast import forecast as forecasted
    from ..calibration.setup import read_calibration
    from ..folder import check_same, put_files
    from ..interrupt import heeding
    from . import screen, screen_forecast

    stack = read_calibration(calibration).stack
    tried = applicable(stack, QUARTERS * years) if policy is None else chosen(stack, policy, QUARTERS * years)
    if out is not None:
        earlier = [name for name in screen_forecast.FILES if (Path(out) / name).exists()]
        check_same(out, "forecast, or one made before", earlier or None, None, force)
    screen.warn_beyond(stack, QUARTERS * years)
    with screen.progress(draws * (1 + len(tried))) as shown:
        found = forecasted(
            calibration,
            years=years,
            draws=draws,
            particles=particles,
            policies=policy,
            progress=heeding(shown),
        )
    if out is not None:
        put_files(out, screen_forecast.files(found))
    if json:
        screen_forecast.print_json(found)
    else:
        screen_forecast.show_forecast(found, out)
