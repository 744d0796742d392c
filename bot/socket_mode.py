"""Socket Mode: one WebSocket to Slack, and a watchdog that replaces a client that hears nothing.

slack_sdk's client pings, and reconnects when it notices a dead connection. It does not notice that it is
itself stuck, in a handshake that nobody answers or a request for an address that never comes. So after
:data:`REPLACED_WITHIN` without a sign of Slack the client is discarded, and a new one takes its place.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from time import monotonic, time

import aiohttp
from aiohttp import WSMessage
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.taking import Taking
from handlers.malformed import MALFORMED
from handlers.slack_errors import SLACK_IS_UNWELL, code_of

__all__ = ["SocketConnection", "SocketRefusedError"]

log = logging.getLogger(__name__)

PING_SECONDS = 3.0
"""Seconds between pings. Few, because commands are lost until a broken connection is noticed."""

LOOK_SECONDS = 1.0
"""Seconds between two looks of the watchdog; the longest time it waits for a close frame, too."""

SILENT_SECONDS = 12.0
"""Seconds without a frame or a pong, as seen by the watchdog, after which it replaces the client."""

REPLACED_WITHIN = SILENT_SECONDS + 3 * LOOK_SECONDS
"""The most seconds from Slack's last sign to a new client: the last pong may be seen one look late, the end
of the silence another, and then the old client is closed."""


class SocketRefusedError(Exception):
    """Slack does not let this app-level token connect; the text is Slack's code."""


class SocketConnection:
    """Slack over Socket Mode, which needs no public address.

    Slack sends each request to one of the connections that an app has open.
    """

    def __init__(
        self,
        app: AsyncApp,
        *,
        app_token: str,
        web_client: AsyncWebClient,
        ping_seconds: float = PING_SECONDS,
        look_seconds: float = LOOK_SECONDS,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        self._app = app
        self._app_token = app_token
        self._web_client = web_client
        self._ping_seconds = ping_seconds
        self._look_seconds = look_seconds
        self._silent_seconds = silent_seconds
        self._client: SocketModeClient | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._taking = Taking()
        self._heard_at = 0.0
        self._last_pong: float | None = None
        self.connections = 0
        """Number of ``hello`` frames received: one for each connection."""
        self.connected_at: float | None = None
        """When the latest ``hello`` came, as ``time.time()``; ``None`` before the first."""

    @property
    def trouble(self) -> str:
        """Why no request can arrive at this moment; empty if requests can arrive."""
        if self._taking.stopped:
            return "stopping"
        session = self._client.current_session if self._client else None
        if session is None or session.closed or self.connected_at is None:
            return "not connected to Slack"
        silent = monotonic() - self._heard_at
        return f"Slack has been silent for {silent:.0f} s" if silent > self._silent_seconds else ""

    async def open(self) -> None:
        """Start the connection and the watchdog, which goes on trying while Slack cannot be reached.

        Raises:
            SocketRefusedError: Slack refuses the app-level token.
        """
        self._connect(await self._address())
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stop accepting requests, finish the acknowledgements in progress, and disconnect.

        Slack retries the events that arrive meanwhile.
        """
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self._taking.stop()
        await self._give_up()

    async def _address(self) -> str | None:
        """Where to connect; ``None``: Slack cannot be reached, or is in trouble."""
        try:
            answer = await self._web_client.apps_connections_open(app_token=self._app_token)
        except SlackApiError as error:
            code = code_of(error)
            if code not in SLACK_IS_UNWELL:
                raise SocketRefusedError(code) from error
            log.warning("Slack gives no address to connect to: %s", code)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("Slack gives no address to connect to: %s", str(error) or type(error).__name__)
        else:
            return str(answer["url"])
        return None

    def _connect(self, url: str | None = None) -> None:
        client = SocketModeClient(
            self._app_token,
            logger=logging.getLogger("slack_sdk.socket_mode"),
            web_client=self._web_client,
            ping_interval=self._ping_seconds,
            on_message_listeners=[self._hear],
        )
        client.wss_uri = url
        client.socket_mode_request_listeners.append(self._take)
        self._client, self._last_pong, self._heard_at = client, None, monotonic()
        self._connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call]  # slack_sdk's

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._look_seconds)
            pong = self._client.last_ping_pong_time if self._client else None
            if pong not in {None, self._last_pong}:
                self._last_pong, self._heard_at = pong, monotonic()
            if monotonic() - self._heard_at > self._silent_seconds:
                log.warning("nothing heard from Slack for %.0f s: connecting anew", self._silent_seconds)
                await self._give_up()
                self._connect()

    async def _give_up(self) -> None:
        """Discard the client without relying on Slack, which may be the side that does not answer."""
        client, connecting = self._client, self._connecting
        if client is None:
            return
        client.closed, client.auto_reconnect_enabled = True, False
        parts = (
            connecting,
            client.message_processor,
            client.current_session_monitor,
            client.message_receiver,
        )
        tasks = [part for part in parts if part is not None]
        for task in tasks:
            task.cancel()
        # Send a close frame in case Slack is listening; closing the session then ends the connection.
        with suppress(aiohttp.ClientError, TimeoutError, ConnectionError):
            if client.current_session is not None:
                await asyncio.wait_for(client.current_session.close(), self._look_seconds)
        await client.aiohttp_client_session.close()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._client = None

    async def _hear(self, message: WSMessage) -> None:
        self._heard_at = monotonic()
        if '"hello"' in message.data[:100] and json.loads(message.data).get("type") == "hello":
            self.connections += 1
            self.connected_at = time()
            log.info("connected to Slack", extra={"connections": self.connections})

    async def _take(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        if not self._taking.stopped:
            with self._taking.one():
                await self._dispatch(client, request)

    async def _dispatch(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        began = time()
        try:
            answer = await run_async_bolt_app(self._app, request)
        except MALFORMED:
            log.warning("Slack sent what cannot be read", exc_info=True)
            answer = BoltResponse(status=200)  # acknowledged, because a retry would be malformed, too
        await send_async_response(client, request, answer, began)
