"""Delivery of payloads to the app over either transport, with three seconds for the acknowledgement."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, Literal, Protocol

from bot.sandbox.calls import Call, CallLog
from bot.sandbox.clock import Clock
from bot.sandbox.slack.workspace import Json

__all__ = ["ACK_SECONDS", "Delivery", "Outcome", "Parcel", "Transport"]

ACK_SECONDS = 3.0
"""Time limit of an acknowledgement, in real seconds rather than by the sandbox's clock."""

RETRY_AFTER = (0.0, 60.0, 300.0)
"""Seconds (of the sandbox's clock) before each retry of an event; only events are retried.

https://docs.slack.dev/apis/events-api/#retries
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One payload to deliver."""

    kind: Literal["slash_commands", "interactive", "events_api"]
    payload: Json
    name: str
    """Its name in the call log: ``slash_command``, ``block_actions``, ``message``."""
    summary: str
    answerable: bool = False
    """Whether the acknowledgement may carry something to show."""
    attempt: int = 0
    reason: str | None = None
    """The ``retry_reason`` of a retry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of a delivery."""

    error: Literal["operation_timeout", "dispatch_failed"] | None = None
    answer: Json | None = None
    """The payload of the acknowledgement."""
    status: int | None = None
    reason: str = "http_timeout"
    """The ``retry_reason`` of the next retry, if there is one."""
    final: bool = False
    """Whether the app asked for no retries."""


class Transport(Protocol):
    """Socket Mode or signed HTTP."""

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Deliver a payload and wait for its acknowledgement, at most for :data:`ACK_SECONDS`."""


class Delivery:
    """Delivers everything that is sent to the app, and adds it to the call log."""

    def __init__(self, transport: Transport, *, clock: Clock, log: CallLog) -> None:
        self.transport = transport
        self._clock = clock
        self._log = log
        self._tasks: set[asyncio.Task[Any]] = set()

    async def send(self, parcel: Parcel) -> Outcome:
        """Deliver a payload once."""
        at, started = self._clock.now(), perf_counter()
        outcome = await self.transport.deliver(parcel)
        again = f" (attempt {parcel.attempt + 1})" if parcel.attempt else ""
        failed = f": {outcome.error}" if outcome.error else ""
        self._log.add(
            Call(
                at=at,
                service="slack",
                direction="out",
                name=parcel.name,
                status=outcome.status,
                ms=(perf_counter() - started) * 1000,
                summary=f"{parcel.summary}{again}{failed}",
                request=parcel.payload,
                response=outcome.answer,
            )
        )
        return outcome

    async def send_event(self, parcel: Parcel) -> Outcome:
        """Deliver an event; when it is not acknowledged, retry it in the background."""
        outcome = await self.send(parcel)
        if outcome.error and not outcome.final:
            self.spawn(self._again(parcel, outcome))
        return outcome

    async def _again(self, parcel: Parcel, outcome: Outcome) -> None:
        for attempt, seconds in enumerate(RETRY_AFTER, start=1):
            if seconds:
                await self._clock.sleep(seconds)
            outcome = await self.send(replace(parcel, attempt=attempt, reason=outcome.reason))
            if outcome.error is None or outcome.final:
                return

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something in the background, until :meth:`stop` at the latest."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self) -> None:
        """Cancel all deliveries in progress."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
