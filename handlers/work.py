"""Run work after the acknowledgement: tracked, bounded, and with the only net for unexpected errors.

Slack waits three seconds for an acknowledgement and Focus may take eight to answer, so listeners use
memory only (and one bounded record). Work runs in lanes, so that a slow Focus fills its own lane and
other answers are not delayed. A listener that raises after ``ack()`` would lose the acknowledgement
(Bolt discards it), so handlers run here, where their errors cannot reach Bolt.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context, copy_context
from dataclasses import dataclass
from enum import Enum
from time import perf_counter
from typing import Any

__all__ = ["Lane", "Work", "only_logged"]

log = logging.getLogger(__name__)

Job = Callable[[], Coroutine[Any, Any, None]]
Failed = Callable[[Exception, str], Awaitable[None]]
"""Reports an unexpected error, with the incident's id, to the person."""


Measured = Callable[[str, float, bool], None]
"""Receives each piece's name, its seconds from request to end, and whether it was an incident."""


class Lane(Enum):
    """The pool that a piece of work runs in; the value is how many run at once."""

    QUICK = 8
    FOCUS = 32
    OUTBOX = 6


LULL = 0.004
"""Seconds without new arrivals before work starts; by then all arrived requests are acknowledged."""

LONGEST_HOLD = 0.3
"""The most seconds that work waits for such a lull."""


class _Arrivals:
    """Computes when work may start: after a lull in arrivals, or after the longest hold."""

    def __init__(self) -> None:
        self._first = self._latest = -LULL

    def more(self, now: float) -> None:
        """Note an arrival at this time."""
        if now - self._latest >= LULL:
            self._first = now
        self._latest = now

    def hold(self, now: float) -> float:
        """Seconds that work still has to wait; zero or less if it may start."""
        return min(self._latest + LULL, self._first + LONGEST_HOLD) - now


@dataclass(frozen=True, slots=True)
class _Piece:
    """One piece of work with the context it was requested in; it becomes a task only when it starts."""

    job: Job
    name: str
    failed: Failed
    context: Context
    since: float


class Work:
    """All work in progress and waiting, tracked so that a shutdown can wait for it."""

    def __init__(self, *, measured: Measured = lambda *_: None) -> None:
        self._measured = measured
        self._arrivals = _Arrivals()
        self._holding: asyncio.Task[None] | None = None
        self._waiting: dict[Lane, deque[_Piece]] = {lane: deque() for lane in Lane}
        self._running: dict[Lane, set[asyncio.Task[None]]] = {lane: set() for lane in Lane}

    def start(self, job: Job, *, lane: Lane, name: str, failed: Failed) -> None:
        """Run ``job`` after a lull, when its lane has a place; its exceptions are logged and reported."""
        self._arrivals.more(_now())
        self._waiting[lane].append(_Piece(job, name, failed, copy_context(), perf_counter()))
        if self._holding is None:
            self._holding = asyncio.create_task(self._hold())

    async def cut_off(self) -> int:
        """Cancel all work and return how many pieces that were; the next process takes them up."""
        never_begun = sum(map(len, self._waiting.values()))
        for pieces in self._waiting.values():
            pieces.clear()
        if self._holding:
            self._holding.cancel()
            self._holding = None
        left = self._runs
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return len(left) + never_begun

    async def idle(self) -> None:
        """Wait until no work is running or waiting."""
        while tasks := self.under_way:
            await asyncio.wait(tasks)

    @property
    def under_way(self) -> list[asyncio.Task[None]]:
        """What is not over yet: pieces that run, and the wait for a lull if something came in."""
        return [*self._runs, self._holding] if self._holding else self._runs

    @property
    def _runs(self) -> list[asyncio.Task[None]]:
        return [task for tasks in self._running.values() for task in tasks]

    async def _hold(self) -> None:
        """Wait for the lull, so that arriving requests are acknowledged before work competes with them."""
        # Polled, because a lull is the absence of events and nothing signals it.
        while (seconds := self._arrivals.hold(_now())) > 0:  # noqa: ASYNC110 - see above
            await asyncio.sleep(seconds)
        self._holding = None
        for lane in Lane:
            self._begin(lane)

    def _begin(self, lane: Lane) -> None:
        running, waiting = self._running[lane], self._waiting[lane]
        while waiting and len(running) < lane.value:
            piece = waiting.popleft()
            task = asyncio.create_task(self._run(piece), name=piece.name, context=piece.context)
            running.add(task)
            task.add_done_callback(functools.partial(self._ended, lane))

    def _ended(self, lane: Lane, task: asyncio.Task[None]) -> None:
        self._running[lane].discard(task)
        if not self._holding:
            self._begin(lane)

    async def _run(self, piece: _Piece) -> None:
        incident = ""
        try:
            await piece.job()
        except Exception as error:
            incident = secrets.token_hex(4)
            log.exception("incident %s in %s", incident, piece.name)
            await self._tell(piece.failed, error, incident)
        self._measured(piece.name, perf_counter() - piece.since, bool(incident))

    @staticmethod
    async def _tell(failed: Failed, error: Exception, incident: str) -> None:
        try:
            await failed(error, incident)
        except Exception:  # Slack itself may be down
            log.exception("incident %s could not be told", incident)


def _now() -> float:
    return asyncio.get_running_loop().time()


async def only_logged(_: Exception, incident: str) -> None:
    """The ``failed`` callback for background work, which nobody asked for: the log is enough."""
    del incident
