"""Starting the server: an address of its own, a browser that opens, an end on Ctrl-C."""

from __future__ import annotations

import socket
import sys
import warnings
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from threading import Thread

from ...model.errors import InputError

NEEDED = ("uvicorn", "starlette", "solara")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ServeError(InputError):
    """The server cannot be started: why, and what would help, in one line."""


def serve(places: Sequence[str], host: str, port: int, open_browser: bool) -> None:
    """Answer until Ctrl-C; raises ServeError, or InputError for a place that holds no run."""
    check_installed()
    import uvicorn

    from .server import application
    from .shelf import shelved

    warnings.filterwarnings("ignore", module=r"(solara|mesa|reacton|ipywidgets|traitlets)\b")  # no business of a user
    shelf = shelved(places)
    listening = bound(host, port)
    made = application(names_of(host), shelf)
    address = address_of(listening)
    print(f"The market is at {address} (Ctrl-C ends it).", file=sys.stderr, flush=True)
    if host not in LOOPBACK:
        print(f"Whoever can reach {host} can use it: there is no password.", file=sys.stderr, flush=True)
    Thread(target=warm_up, daemon=True).start()
    if open_browser:
        webbrowser.open(address)
    config = uvicorn.Config(made, log_level="warning", timeout_graceful_shutdown=2)
    with suppress(KeyboardInterrupt):  # that is how a server ends
        uvicorn.Server(config).run(sockets=[listening])


def check_installed() -> None:
    """Raises ServeError unless what the pages need is there."""
    for name in NEEDED:
        if find_spec(name) is None:
            raise ServeError(f"the pages need {name}: pip install 'stackrace[app]'")


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens at the address; raises ServeError."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ServeError(f"--host {host}: no such address: {error.strerror}") from None
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(place)
    except OSError as error:
        made.close()
        raise ServeError(f"port {port} at {host} cannot be used ({error.strerror}): give another --port") from None
    made.listen()
    return made


def address_of(listening: socket.socket) -> str:
    """Where a browser finds the socket."""
    host, port = listening.getsockname()[:2]
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}/"


def names_of(host: str) -> list[str]:
    """Names under which the server answers: on this machine its own alone, so that no other site can pose as it."""
    return [*LOOPBACK, "[::1]"] if host in LOOPBACK else ["*"]


def warm_up() -> None:
    """Have the compiled market loaded before the first visitor asks for a run."""
    from .asked import read_asked

    read_asked({"steps": 1}).world().advance(1, events=True, firms=("volume",))
