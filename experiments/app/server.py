"""The server: Explore answers requests and keeps nothing between them, Live is Mesa's page on Solara.

A request for a run brings all that the run depends on, so that no visitor has anything on the server.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from ...model.errors import InputError, SimulationError
from .asked import LARGEST_UPLOAD, Asked, AskedError, read_asked, read_upload
from .catalogue import catalogue, of_stack
from .considered import considered, history
from .film import filmed
from .live_server import LiveServer
from .pack import packed
from .shelf import Place
from .takeaway import archive, command_of, reproduced

PAGE = Path(__file__).with_name("page")
LISTENING = 0.2
"""Seconds between looks whether the visitor is still there."""
GONE = 499
"""Status of a request whose visitor has left."""
HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'",
}
"""Of the page: it loads nothing from elsewhere and stands in no other page."""

Answer = Callable[[Any, Callable[[int], None]], Response]


class GoneError(Exception):
    """The visitor has left while the run was computed."""


def application(hosts: Sequence[str], shelf: Sequence[Place] = (), live: bool = True) -> Starlette:
    """The server's pages; `hosts` are the names under which it answers, `shelf` the saved runs that it shows."""
    atonce = anyio.CapacityLimiter(max(1, os.cpu_count() or 1))

    def answering(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def answered(request: Request) -> Response:
            return await _answered(request, answer, atonce)

        return answered

    async def told(request: Request) -> Response:
        return JSONResponse({**catalogue(), "shelf": [place.told() for place in shelf], "live": live})

    async def taken(request: Request) -> Response:
        place, number = request.path_params["place"], request.path_params["number"]
        try:
            return JSONResponse(shelf[place].asked(number).model_dump())
        except IndexError:
            return JSONResponse({"error": f"there is no place {place} on the shelf"}, 404)
        except InputError as error:
            return JSONResponse({"error": str(error)}, 422)

    async def page(request: Request) -> Response:
        return FileResponse(PAGE / "index.html", headers=HEADERS)

    routes: list[BaseRoute] = [
        Route("/", page),
        Route("/explore/catalogue", told),
        Route("/explore/shelf/{place:int}/{number:int}", taken),
        *(Route(f"/explore/{name}", answering(answer), methods=["POST"]) for name, answer in ANSWERS.items()),
        Mount("/page", StaticFiles(directory=PAGE)),
    ]
    guard = Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    if not live:
        return Starlette(routes=routes, middleware=[guard])
    later = LiveServer()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        later.end()

    return Starlette(routes=[*routes, Mount("/", app=later)], lifespan=lifespan, middleware=[guard])


async def _answered(request: Request, answer: Answer, atonce: anyio.CapacityLimiter) -> Response:
    """The answer to a request, or in one line why there is none."""
    try:
        content = await _content(request)
    except ClientDisconnect:
        return Response(status_code=GONE)
    except AskedError as error:
        return JSONResponse({"error": str(error)}, 413)
    return await _computed(request, answer, content, atonce)


async def _content(request: Request) -> bytes:
    """What was sent, up to a limit."""
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST_UPLOAD:
            raise AskedError(f"that is more than {LARGEST_UPLOAD // 1000:,} kB: give a stack, a policy or a run.json")
    return content


async def _computed(request: Request, answer: Answer, content: bytes, atonce: anyio.CapacityLimiter) -> Response:
    """Compute the answer in a thread of its own, and stop when the visitor has left."""
    gone = Event()

    def heed(step: int) -> None:
        if gone.is_set():
            raise GoneError

    async def listen() -> None:
        while not await request.is_disconnected():
            await anyio.sleep(LISTENING)
        gone.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        response = await anyio.to_thread.run_sync(_told, answer, content, heed, limiter=atonce)
        tasks.cancel_scope.cancel()
    return response


def _told(answer: Answer, content: bytes, progress: Callable[[int], None]) -> Response:
    """The answer, or the one line that says what is wrong."""
    try:
        return answer(content, progress)
    except GoneError:
        return Response(status_code=GONE)
    except (InputError, SimulationError) as error:
        return JSONResponse({"error": str(error)}, 422)
    except MemoryError:
        return JSONResponse({"error": "not enough memory: take fewer firms or steps"}, 507)
    except Exception as error:  # a mistake of ours: the visitor is told, the log says where
        logging.getLogger(__name__).exception("a request failed")
        return JSONResponse({"error": f"the server failed: {type(error).__name__}"}, 500)


def _tables(content: bytes) -> dict[str, Any]:
    try:
        tables = json.loads(content)
    except (ValueError, RecursionError):
        raise AskedError("the request is not valid JSON") from None
    if not isinstance(tables, dict):
        raise AskedError("the request holds no tables")
    return tables


def _run(content: bytes, progress: Callable[[int], None]) -> Response:
    return Response(packed(filmed(read_asked(_tables(content)), progress)), media_type="application/octet-stream")


def _stack(content: bytes, progress: Callable[[int], None]) -> Response:
    return JSONResponse(of_stack(read_asked(_tables(content)).read_stack()))


def _firm(content: bytes, progress: Callable[[int], None]) -> Response:
    asked, firm, step = _of_firm(content)
    return JSONResponse(considered(asked, firm, step))


def _history(content: bytes, progress: Callable[[int], None]) -> Response:
    asked, firm, _ = _of_firm(content)
    return JSONResponse({"firm": firm, "history": history(asked, firm)})


def _of_firm(content: bytes) -> tuple[Asked, str, int]:
    tables = _tables(content)
    firm, step = tables.get("firm"), tables.get("step", 0)
    if not isinstance(firm, str) or type(step) is not int:
        raise AskedError("which firm, and in which step? give firm and step")
    return read_asked(tables.get("asked")), firm, step


def _take(content: bytes, progress: Callable[[int], None]) -> Response:
    tables = _tables(content)
    asked, table = read_asked(tables.get("asked")), tables.get("table", "parquet")
    if table not in ("parquet", "csv"):
        raise AskedError(f"tables come as parquet or csv, not as {str(table)[:40]!r}")
    return Response(archive(asked, table), media_type="application/zip")


def _command(content: bytes, progress: Callable[[int], None]) -> Response:
    asked = read_asked(_tables(content))
    return JSONResponse({"command": command_of(asked), "files": reproduced(asked)})


def _upload(content: bytes, progress: Callable[[int], None]) -> Response:
    return JSONResponse(read_upload(content).model_dump())


ANSWERS: dict[str, Answer] = {
    "run": _run,
    "stack": _stack,
    "firm": _firm,
    "history": _history,
    "take": _take,
    "command": _command,
    "upload": _upload,
}
