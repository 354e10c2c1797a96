"""A server of the app in a thread, and one request to its application without any network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread
from time import sleep
from typing import Any

import anyio
import uvicorn

from stackrace.experiments.app.serve import address_of, bound, names_of
from stackrace.experiments.app.server import application
from stackrace.experiments.app.shelf import Place

HOST = "127.0.0.1"


@contextmanager
def served(shelf: list[Place] | None = None, live: bool = True) -> Iterator[str]:
    """The address of a server that runs until the block ends."""
    config = uvicorn.Config(application(names_of(HOST), shelf or [], live), log_level="error")
    listening = bound(HOST, 0)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.01)
    try:
        yield address_of(listening)
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


def ask(
    path: str, body: Any = None, *, host: str = "localhost", leaves: bool = False, shelf: Any = ()
) -> tuple[int, bytes]:
    """Status and content of an answer; the visitor `leaves` as soon as he has asked."""
    sent: list[dict[str, Any]] = []
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    told = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if told:
            return told.pop()
        if not leaves:
            await anyio.sleep_forever()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET" if body is None else "POST",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", host.encode())],
    }
    with ThreadPoolExecutor(1) as aside:  # where no other loop runs, such as the one that plays a browser
        aside.submit(anyio.run, application(names_of(HOST), shelf, live=False), scope, receive, send).result()
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])
