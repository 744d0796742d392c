"""How Slack reaches the bot: a WebSocket of ours (Socket Mode), or signed HTTP requests of its own."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.manifest import HTTP_PATH

__all__ = ["Connection", "HttpConnection", "SocketConnection"]

PING_SECONDS = 3.0
"""A line that broke without a word is replaced after at most so long; commands are lost meanwhile."""


class Connection(Protocol):
    """One of the two ways."""

    async def open(self) -> None:
        """Begin to take what Slack sends."""

    async def close(self) -> None:
        """Take nothing more; what was taken is finished elsewhere."""


class SocketConnection:
    """Socket Mode: works from any network, one WebSocket."""

    def __init__(self, app: AsyncApp, *, app_token: str, web_client: AsyncWebClient) -> None:
        self._handler = AsyncSocketModeHandler(
            app, app_token, web_client=web_client, ping_interval=PING_SECONDS
        )

    async def open(self) -> None:
        """Connect; reconnecting afterwards is the client's."""
        await self._handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped

    async def close(self) -> None:
        """Disconnect and end the client's own tasks."""
        await self._handler.close_async()  # type: ignore[no-untyped-call]  # likewise


class HttpConnection:
    """Signed HTTP: a public address, everything under one path; and ``/healthz`` for the host."""

    def __init__(self, app: AsyncApp | None, *, port: int, host: str = "0.0.0.0") -> None:  # noqa: S104 - a container's only door
        self._app = app
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen."""
        server = web.Application()
        server.router.add_get("/healthz", self._healthy)
        if self._app:
            server.router.add_post(HTTP_PATH, self._from_slack)
        self._runner = web.AppRunner(server, access_log=None)
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
        return f"http://{host}:{port}{HTTP_PATH}"

    async def _from_slack(self, request: web.Request) -> web.Response:
        if self._app is None:
            raise web.HTTPNotFound
        return await to_aiohttp_response(await self._app.async_dispatch(await to_bolt_request(request)))

    @staticmethod
    async def _healthy(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")
