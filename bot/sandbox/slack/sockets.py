"""Socket Mode: tickets, connections, envelopes and their acknowledgements.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import json
import secrets
from contextlib import suppress
from itertools import count
from uuid import uuid4

from aiohttp import WSMsgType, web

from bot.sandbox.slack.changes import Signal
from bot.sandbox.slack.delivery import ACK_SECONDS, Outcome, Parcel
from bot.sandbox.slack.workspace import Json

__all__ = ["MOST_CONNECTIONS", "Sockets"]

MOST_CONNECTIONS = 10
GRACE_SECONDS = 10.0
"""How long a connection lives on after ``disconnect``: long enough to be replaced first."""


class Sockets:
    """The app's connections; each envelope is sent to one of them in turn."""

    def __init__(self) -> None:
        self._tickets: set[str] = set()
        self._open: dict[web.WebSocketResponse, asyncio.BaseTransport | None] = {}
        self._leaving: dict[web.WebSocketResponse, asyncio.BaseTransport | None] = {}
        self._unacknowledged: dict[str, asyncio.Future[Json]] = {}
        self._sent = Signal()
        self._pongs: dict[bytes, asyncio.Event] = {}
        self._turn = count()
        self._unanswered = 0
        self._left_waiting = asyncio.Event()
        self._silent: list[asyncio.Transport] = []
        self._stopped = asyncio.Event()
        self.connected = asyncio.Event()
        """Set while at least one connection can get envelopes."""

    def __len__(self) -> int:
        """Number of connections that can get envelopes."""
        return len(self._open)

    def issue_ticket(self) -> str:
        """A new ticket, which admits one connection once."""
        ticket = secrets.token_urlsafe(12)
        self._tickets.add(ticket)
        return ticket

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Send an envelope and wait for its acknowledgement."""
        if not self._open:
            return Outcome(error="dispatch_failed", reason="connection_failed")
        envelope_id = str(uuid4())
        envelope: Json = {
            "envelope_id": envelope_id,
            "type": parcel.kind,
            "payload": parcel.payload,
            "accepts_response_payload": parcel.answerable,
        }
        if parcel.kind == "events_api":
            envelope |= {"retry_attempt": parcel.attempt, "retry_reason": parcel.reason or ""}
        acknowledged: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._unacknowledged[envelope_id] = acknowledged
        socket = list(self._open)[next(self._turn) % len(self._open)]
        try:
            async with asyncio.timeout(ACK_SECONDS):
                await socket.send_str(json.dumps(envelope))
                self._sent.fire()
                acknowledgement = await acknowledged
        except (TimeoutError, ConnectionError):
            return Outcome(error="operation_timeout", reason="timeout")
        finally:
            del self._unacknowledged[envelope_id]
        return Outcome(status=200, answer=acknowledgement.get("payload") if parcel.answerable else None)

    async def has_read(self, envelopes: int) -> None:
        """Wait until the app has read so many envelopes without having acknowledged one of them."""

        def look() -> bool | None:
            return len(self._unacknowledged) >= envelopes or None

        await self._sent.until(look, seconds=ACK_SECONDS)
        for socket in tuple(self._open):  # in order: an answered ping tells of all before it
            data = secrets.token_bytes(8)
            self._pongs[data] = asyncio.Event()
            await socket.ping(data)
            await self._pongs[data].wait()
            del self._pongs[data]

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """``GET /socket/{ticket}``: one connection, until it ends."""
        ticket = request.match_info["ticket"]
        if ticket not in self._tickets:
            raise web.HTTPForbidden(text="this address has been used, or was never given out")
        self._tickets.discard(ticket)
        if self._unanswered:
            self._unanswered -= 1
            self._left_waiting.set()
            await self._stopped.wait()
        socket = web.WebSocketResponse(timeout=1.0, autoping=False)
        await socket.prepare(request)
        if len(self._open) >= MOST_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        self._open[socket] = request.transport
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self._open),
                "connection_info": {"app_id": "A0HOURS"},
                "debug_info": {
                    "host": "sandbox",
                    "build_number": 1,
                    "approximate_connection_time": 18060,
                },
            }
        )
        self.connected.set()
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._acknowledge(frame.data)
                elif frame.type is WSMsgType.PING:
                    await socket.pong(frame.data)
                elif frame.type is WSMsgType.PONG and (answered := self._pongs.get(bytes(frame.data))):
                    answered.set()
        finally:
            self._drop(socket)
            self._leaving.pop(socket, None)
        return socket

    def _acknowledge(self, text: str) -> None:
        with suppress(ValueError):  # Slack says nothing to a frame it cannot read
            answer = json.loads(text)
            envelope_id = answer.get("envelope_id") if isinstance(answer, dict) else None
            waiting = self._unacknowledged.get(str(envelope_id))
            if waiting and not waiting.done():
                waiting.set_result(answer)

    def _drop(self, socket: web.WebSocketResponse) -> asyncio.BaseTransport | None:
        transport = self._open.pop(socket, None)
        if not self._open:
            self.connected.clear()
        return transport

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to replace every connection; the reason ``warning`` only announces that."""
        for socket in tuple(self._open):
            await socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
            )
            if reason != "warning":
                self._leaving[socket] = self._drop(socket)
                asyncio.get_running_loop().call_later(GRACE_SECONDS, self._end, socket)

    def _end(self, socket: web.WebSocketResponse) -> None:
        _abort(self._leaving.pop(socket, None))

    def cut(self) -> None:
        """Break every connection without a close frame."""
        for socket in tuple(self._open):
            _abort(self._drop(socket))

    def fall_silent(self, *, handshakes: int = 0) -> asyncio.Event:
        """Stop reading and writing on every connection, and leave the next ``handshakes`` unanswered.

        The connections stay open. The returned event is set when a handshake is left unanswered.
        """
        self._unanswered = handshakes
        self._left_waiting.clear()
        for socket in tuple(self._open):
            transport = self._drop(socket)
            if isinstance(transport, asyncio.Transport):
                transport.pause_reading()
                self._silent.append(transport)
        return self._left_waiting

    async def stop(self) -> None:
        """Close every connection."""
        self._stopped.set()
        for transport in self._silent:
            transport.abort()
        sockets = {*self._open, *self._leaving}
        await asyncio.gather(*(socket.close() for socket in sockets), return_exceptions=True)


def _abort(transport: asyncio.BaseTransport | None) -> None:
    if isinstance(transport, asyncio.Transport):
        transport.abort()
