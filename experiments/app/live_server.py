"""Solara's server for the page Live. It begins with the first visitor, so that Explore need not wait for it."""

from __future__ import annotations

import os
from threading import Lock
from typing import Any

import anyio.to_thread
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

CULLED_AFTER = "10s"
"""How long a visitor whose connection broke may take to come back; a tab that is closed ends at once."""
PAGE = "stackrace.experiments.app.live"


class LiveServer:
    """An application that begins with its first visitor, and ends what it began."""

    def __init__(self) -> None:
        self._answers: ASGIApp | None = None
        self._solara: Any = None
        self._beginning = Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one visitor."""
        if self._answers is None:
            await anyio.to_thread.run_sync(self._begin)
        assert self._answers is not None
        await self._answers(scope, receive, send)

    def _begin(self) -> None:
        with self._beginning:
            if self._answers is None:
                self._solara = solara_server()
                self._solara.on_startup()
                self._answers = Starlette(routes=self._solara.routes, middleware=self._solara.middleware)

    def end(self) -> None:
        """Close every visitor's market."""
        if self._solara is not None:
            self._solara.on_shutdown()


def solara_server() -> Any:
    """The module with Solara's routes; it serves no other page and sends nothing anywhere."""
    os.environ["SOLARA_APP"] = PAGE
    os.environ["SOLARA_TELEMETRY_MIXPANEL_ENABLE"] = "False"
    import solara.server.settings as settings

    settings.kernel.cull_timeout = CULLED_AFTER
    settings.theme.show_banner = False
    settings.theme.title = "stackrace: a live market"
    import solara.server.starlette as served

    return served
