"""How Slack's requests reach the bot: over a WebSocket it opens (``socket_mode.py``), or signed HTTP."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Protocol

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

from bot.manifest import HTTP_PATH
from bot.signing import RefusedError, Signature, Signing
from bot.taking import ACK_SECONDS, Taking
from handlers.malformed import MALFORMED

__all__ = ["Connection", "HttpConnection", "Listener"]

log = logging.getLogger(__name__)


class Connection(Protocol):
    """A connection to Slack, over Socket Mode or HTTP."""

    @property
    def trouble(self) -> str:
        """Why no request can arrive at this moment; empty if requests can arrive."""

    @property
    def connections(self) -> int:
        """Number of WebSocket connections so far, one after another; 0 over HTTP."""

    @property
    def connected_at(self) -> float | None:
        """When the latest WebSocket connected, as ``time.time()``; ``None`` before that, and over HTTP."""

    async def open(self) -> None:
        """Start accepting requests."""

    async def close(self) -> None:
        """Stop accepting requests, and finish the acknowledgements in progress."""


class Listener:
    """An HTTP server for the host's health probes and, in HTTP mode, for Slack's requests."""

    def __init__(self, *, port: int, host: str = "0.0.0.0") -> None:  # noqa: S104 - a container's only door
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    async def open(self, routes: Iterable[web.AbstractRouteDef]) -> None:
        """Start serving these routes."""
        server = web.Application()
        server.router.add_routes(routes)
        self._runner = web.AppRunner(server, access_log=None, shutdown_timeout=ACK_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def close(self) -> None:
        """Stop listening, once the requests in progress are answered."""
        if self._runner:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The listener's address on this machine, once it is open."""
        if self._runner is None:
            raise RuntimeError("not listening yet")
        host, port, *_ = self._runner.addresses[0]
        return f"http://{host}:{port}"


class HttpConnection:
    """Slack over signed HTTP: all requests come to one path of the listener, which must be public."""

    connections = 0
    connected_at = None

    def __init__(self, app: AsyncApp, signing: Signing) -> None:
        self._app = app
        self._signing = signing
        self._taking = Taking()

    @property
    def trouble(self) -> str:
        """Why no request can arrive at this moment; empty if requests can arrive."""
        return "stopping" if self._taking.stopped else ""

    @property
    def routes(self) -> list[web.AbstractRouteDef]:
        """The route of Slack's Request URL."""
        return [web.post(HTTP_PATH, self._from_slack)]

    async def open(self) -> None:
        """Do nothing: requests arrive as soon as the listener is open."""

    async def close(self) -> None:
        """Refuse requests from now on: Slack retries events, and tells people that their command failed."""
        await self._taking.stop()

    async def _from_slack(self, request: web.Request) -> web.Response:
        try:
            signature = await self._signing.verified(request)
            if self._taking.stopped:
                raise web.HTTPServiceUnavailable
            with self._taking.one():
                await self._signing.take(signature)
                return await self._dispatch(request, signature)
        except RefusedError as error:
            if _asks_for_the_certificate(await request.read()):
                return web.Response()
            log.warning("a request was refused: %s", error, extra={"status": 401})
            raise web.HTTPUnauthorized from error

    async def _dispatch(self, request: web.Request, signature: Signature) -> web.Response:
        try:
            answer = await self._app.async_dispatch(await to_bolt_request(request))
        except MALFORMED as error:
            await self._signing.give_back(signature)
            raise web.HTTPBadRequest from error
        if answer.status >= 300:
            await self._signing.give_back(signature)
        return await to_aiohttp_response(answer)


def _asks_for_the_certificate(body: bytes) -> bool:
    """Whether this is Slack's ``ssl_check``: an unsigned request that only tests the certificate."""
    return b"ssl_check=1" in body.split(b"&")
