"""The command that opens the market in a browser. What is heavy is imported inside, so that help comes at once."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import whole

HOST, PORT = "127.0.0.1", 8765
LAST_PORT = 65_535


def app(
    places: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DIR]...", help="Saved runs and stores of sweeps, whose runs the page can show."),
    ] = None,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to answer at; 0.0.0.0 is all of them.")] = HOST,
    port: Annotated[int, typer.Option(parser=whole(0), metavar="N", help="Port; 0 is any that is free.")] = PORT,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Open the market in a browser: change something, and watch what it does.

    \b
    Only this machine is answered, unless --host says otherwise: then anyone who reaches the port can use it.

    \b
    Examples:
      stackrace app
      stackrace app out/base out/taste
      stackrace app --host 0.0.0.0 --port 8080 --no-browser
    """
    if port > LAST_PORT:
        raise typer.BadParameter(f"--port {port} is too large: ports go up to {LAST_PORT}")
    from ..app.serve import serve

    serve(places or [], host, port, open_browser=not no_browser)
