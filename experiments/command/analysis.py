"""Commands that analyse the store of a sweep. What is heavy is imported inside, so that help comes at once."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Json, whole

StorePlace = Annotated[str, typer.Argument(metavar="STORE", help="Folder or address of a sweep's store.")]
Layer = Annotated[str, typer.Option(metavar="NAME", help="The layer that is looked at.")]
Under = Annotated[
    str | None, typer.Option(metavar="NAME", help="Runs under this policy; the sweep's first if left out.")
]
Out = Annotated[str | None, typer.Option(metavar="DIR", help="Write tables (CSV) and figure (SVG) to this folder.")]


def sensitivity(
    store: StorePlace,
    layer: Layer,
    measure: Annotated[str | None, typer.Option(metavar="NAME", help="Explain this measure, such as hhi.")] = None,
    regime: Annotated[
        str | None, typer.Option(metavar="NAME", help="Explain how often this regime comes about.")
    ] = None,
    policy: Under = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Say which parameters a measure or the probability of a regime depends on.

    The design of the sweep decides how: of "morris" mu* and sigma, of "sobol" first-order and total indices.

    \b
    Examples:
      stackrace sweep screening.toml --out out/screening
      stackrace sensitivity out/screening --layer model --measure hhi
      stackrace sensitivity out/sobol --layer model --regime consolidated --out out/figures
    """
    from ..sweeps.results import open
    from . import screen_analysis

    if (measure is None) == (regime is None):
        raise typer.BadParameter("give one of --measure and --regime: what is to be explained")
    found = open(store).sensitivity(layer, measure=measure, regime=regime, policy=policy)
    saved = [] if out is None else found.save(out)
    if json:
        screen_analysis.print_sensitivity(found, saved)
    else:
        screen_analysis.show_sensitivity(found, saved)


def discover(
    store: StorePlace,
    layer: Layer,
    regime: Annotated[str, typer.Option(metavar="NAME", help="The regime, such as oligopoly.")],
    policy: Under = None,
    density: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Take the largest boxes that are as dense as this.")
    ] = None,
    boxes: Annotated[int, typer.Option(parser=whole(1), metavar="N", help="At most so many boxes.")] = 3,
    out: Out = None,
    json: Json = False,
) -> None:
    """Say in which regions of the parameters a layer ends in a regime (PRIM), for any design.

    \b
    Examples:
      stackrace discover out/sweep --layer model --regime oligopoly
      stackrace discover out/sweep --layer model --regime consolidated --density 0.8 --out out/figures
    """
    from ..sweeps.results import open
    from . import screen_analysis

    found = open(store).discover(regime, layer, policy=policy, density=density, boxes=boxes)
    saved = [] if out is None else found.save(out)
    if json:
        screen_analysis.print_boxes(found, saved)
    else:
        screen_analysis.show_boxes(found, saved)
