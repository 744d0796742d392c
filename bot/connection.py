"""How Slack reaches the bot: a WebSocket of ours (``socket_mode.py``), or signed HTTP requests."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Protocol

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

from bot.manifest import HTTP_PATH
from bot.signing import RefusedError, Signing
from handlers.malformed import MALFORMED

__all__ = ["Connection", "HttpConnection", "Listener"]

log = logging.getLogger(__name__)

ACK_SECONDS = 3.0
"""Slack waits no longer for an acknowledgement, so a stop need not either."""


class Connection(Protocol):
    """One of the two ways."""

    @property
    def trouble(self) -> str:
        """Why nothing can come in at this moment; empty when it can."""

    @property
    def connections(self) -> int:
        """How many there have been, one after the other."""

    @property
    def connected_at(self) -> float | None:
        """Since when this one lasts, as ``time.time()`` has it; ``None`` where nothing lasts."""

    async def open(self) -> None:
        """Begin to take what Slack sends."""

    async def close(self) -> None:
        """Take nothing more; what was taken is finished elsewhere."""


class Listener:
    """A port on which the host asks for the bot's health, and Slack calls in HTTP mode."""

    def __init__(self, *, port: int, host: str = "0.0.0.0") -> None:  # noqa: S104 - a container's only door
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    async def open(self, routes: Iterable[web.AbstractRouteDef]) -> None:
        """Listen."""
        server = web.Application()
        server.router.add_routes(routes)
        self._runner = web.AppRunner(server, access_log=None, shutdown_timeout=ACK_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def close(self) -> None:
        """Stop listening after the requests under way."""
        if self._runner:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The address on this machine, once it is open."""
        if self._runner is None:
            raise RuntimeError("not listening yet")
        host, port, *_ = self._runner.addresses[0]
        return f"http://{host}:{port}"


class HttpConnection:
    """Signed HTTP: a public address, everything under one path of the listener."""

    connections = 0
    connected_at = None

    def __init__(self, app: AsyncApp, signing: Signing) -> None:
        self._app = app
        self._signing = signing
        self._taking = False

    @property
    def trouble(self) -> str:
        """Why nothing can come in at this moment; empty when it can."""
        return "" if self._taking else "stopping"

    @property
    def routes(self) -> list[web.AbstractRouteDef]:
        """Where Slack calls."""
        return [web.post(HTTP_PATH, self._from_slack)]

    async def open(self) -> None:
        """Take requests from now on."""
        self._taking = True

    async def close(self) -> None:
        """Refuse what comes now: Slack sends its events again, and says so to whoever typed."""
        self._taking = False

    async def _from_slack(self, request: web.Request) -> web.Response:
        if not self._taking:
            raise web.HTTPServiceUnavailable
        try:
            signature = await self._signing.verified(request)
            await self._signing.take(signature)
        except RefusedError as error:
            if _asks_for_the_certificate(await request.read()):
                return web.Response()
            log.warning("a request was refused: %s", error, extra={"status": 401})
            raise web.HTTPUnauthorized from error
        try:
            answer = await self._app.async_dispatch(await to_bolt_request(request))
        except MALFORMED as error:
            await self._signing.give_back(signature)
            raise web.HTTPBadRequest from error
        if answer.status >= 300:
            await self._signing.give_back(signature)
        return await to_aiohttp_response(answer)


def _asks_for_the_certificate(body: bytes) -> bool:
    """Whether Slack only looks whether the address has a valid one: that is not signed, and does nothing."""
    return b"ssl_check=1" in body.split(b"&")
