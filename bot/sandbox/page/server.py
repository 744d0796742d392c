"""The page's HTTP routes: its files, a stream of states, and one address for all actions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from aiohttp import web

from bot.sandbox.calls import Call
from bot.sandbox.page.acts import ACTS
from bot.sandbox.page.snapshot import call_json, snapshot
from bot.sandbox.page.stage import Sandbox, Stage

__all__ = ["add_page"]

STATIC = Path(__file__).with_name("static")
TOGETHER = 0.02
"""Seconds during which several changes are combined into one state."""
BREATH = 4
"""Pause between two states, as a multiple of the time one takes: 300 people's must leave the bot time."""
AT_LEAST_EVERY = 15.0
"""Seconds after which a state is sent even without a change: a test may have moved the clock."""
KEPT_CALLS = 200

_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def add_page(app: web.Application, sandbox: Sandbox) -> None:
    """Serve the page of this sandbox at ``/``."""
    page = _Page(Stage(sandbox))
    app.router.add_get("/", page.index)
    app.router.add_get("/page/events", page.events)
    app.router.add_post("/page/act", page.act)
    app.router.add_get("/page/{name}", page.asset)
    app.on_shutdown.append(page.close)


class _Page:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._streams: set[asyncio.Task[Any]] = set()
        self._assets = {path.name: path for path in STATIC.iterdir() if path.suffix in {".js", ".css"}}

    async def index(self, request: web.Request) -> web.StreamResponse:
        """Serve the HTML document."""
        del request
        return web.FileResponse(STATIC / "index.html", headers=_HEADERS)

    async def asset(self, request: web.Request) -> web.StreamResponse:
        """Serve a script or a style sheet."""
        path = self._assets.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers=_HEADERS)

    async def act(self, request: web.Request) -> web.Response:
        """Perform one action in a person's name. Only JSON is taken: forms on other sites cannot send it."""
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        asked = await request.json()
        act = ACTS.get(str(asked.get("act")))
        if act is None:
            raise web.HTTPBadRequest(text="no such act")
        try:
            done = await act(self._stage, self._stage.slack.human(asked["as"]), asked)
        except TimeoutError:
            done = {"error": "The bot did not answer in time."}
        except (LookupError, ValueError) as problem:
            done = {"error": str(problem)}
        return web.json_response(done)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Stream what this person sees, whenever it has changed, and every call between bot and services."""
        me = request.query.get("as", "")
        if me not in self._stage.slack.world.people:
            raise web.HTTPNotFound(text="nobody has this id")
        response = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        task = asyncio.ensure_future(self._stream(response, me))
        self._streams.add(task)
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            self._streams.discard(task)
        return response

    async def close(self, app: web.Application) -> None:
        """End the streams, which would otherwise hold the server open."""
        del app
        for task in self._streams:
            task.cancel()

    async def _stream(self, response: web.StreamResponse, me: str) -> None:
        news = _News(self._stage)
        try:
            while True:
                for name, data in news.take():
                    await _send(response, name, data)
                began = perf_counter()
                await _send(response, "state", snapshot(self._stage, me))
                await news.come(pause=max(TOGETHER, BREATH * (perf_counter() - began)))
        except (ConnectionError, asyncio.CancelledError):
            return
        finally:
            news.stop()


class _News:
    """The calls that a browser has not been sent yet, and whether anything has changed."""

    def __init__(self, stage: Stage) -> None:
        self._log = stage.log
        self._something = asyncio.Event()
        kept = stage.log.calls[-KEPT_CALLS:]
        first = stage.log.total - len(kept)
        self._told = stage.log.total
        self._start: Any = [call_json(first + index, call) for index, call in enumerate(kept)]
        self._stops: list[Callable[[], None]] = [
            stage.changed.subscribe(self._something.set),
            stage.log.subscribe(self._heard),
        ]

    def _heard(self, call: Call) -> None:
        del call
        self._something.set()

    def take(self) -> list[tuple[str, Any]]:
        """The calls to send: first all that are kept, then new ones; after a reset, an empty list first."""
        if self._start is not None:
            start, self._start = self._start, None
            return [("calls", start)]
        fresh, cleared = self._log.since(self._told), not self._log.calls
        first = self._log.total - len(fresh)
        self._told = self._log.total
        calls = [("call", call_json(first + index, call)) for index, call in enumerate(fresh)]
        return [("calls", []), *calls] if cleared else calls

    async def come(self, *, pause: float) -> None:
        """Wait for a change, and then ``pause`` seconds more for others that come with it."""
        try:
            async with asyncio.timeout(AT_LEAST_EVERY):
                await self._something.wait()
        except TimeoutError:
            return
        await asyncio.sleep(pause)
        self._something.clear()

    def stop(self) -> None:
        """End the subscriptions."""
        for stop in self._stops:
            stop()


async def _send(response: web.StreamResponse, name: str, data: Any) -> None:
    await response.write(f"event: {name}\ndata: {json.dumps(data, default=str)}\n\n".encode())
