"""The command that tells a firm's history. What is heavy is imported inside, so that help comes at once."""

from __future__ import annotations

from typing import Annotated

import typer


def explain(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="A saved run (`stackrace run ... --out DIR`).")],
    firm: Annotated[str, typer.Argument(metavar="FIRM", help="Its name or label, such as model-3, or a slot number.")],
    seed: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Which of several seeds; the first if left out.")
    ] = None,
) -> None:
    """Tell what happened to a firm of a saved run, and what made it the leader of a layer if it became that.

    \b
    model-3 is the third firm of the layer model; model-3.1 the first one that entered after it had left.

    \b
    Examples:
      stackrace explain out/demo/baseline NVIDIA
      stackrace explain out/base model-3 --seed 7
    """
    from stackrace import load

    from ..run import Run
    from . import screen

    found = load(folder)
    runs = {run.seed: run for run in ((found,) if isinstance(found, Run) else found.runs)}
    chosen = next(iter(runs)) if seed is None else seed
    if chosen not in runs:
        seeds = f"seed {min(runs)}" if len(runs) == 1 else f"{len(runs)} seeds from {min(runs)} to {max(runs)}"
        raise typer.BadParameter(f"{folder} holds no seed {chosen}: it has {seeds}")
    screen.out.print(runs[chosen].explain(firm))
