"""Run work after the acknowledgement: tracked, bounded, and with the only net for unexpected errors.

Slack waits three seconds for an acknowledgement and Focus may take eight to answer, so listeners use
memory only (and one bounded record). Handlers run here, where their errors cannot keep an acknowledgement
from leaving. Work runs in lanes. Whatever is about to wait for Focus changes to Focus's lane
(:func:`change_to`), so that a slow Focus never delays answers that need nothing from it.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import secrets
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass
from enum import Enum
from time import perf_counter
from typing import Any

__all__ = ["Lane", "Work", "change_to", "only_logged"]

log = logging.getLogger(__name__)

Job = Callable[[], Coroutine[Any, Any, None]]
Failed = Callable[[Exception, str], Awaitable[None]]
"""Reports an unexpected error, with the incident's id, to the person."""

Measured = Callable[[str, float, bool], None]
"""Receives each piece's name, its seconds from request to end, and whether it was an incident."""


class Lane(Enum):
    """The pool that a piece of work runs in; the value is how many may run when another one begins."""

    QUICK = 8
    FOCUS = 32
    OUTBOX = 6


Entered = Callable[[Lane], None]
"""Receives the lane in which a piece begins, and each that it changes to."""

_change: ContextVar[Entered | None] = ContextVar("change", default=None)
"""Changes the lane of the piece of work that runs in this context."""


def change_to(lane: Lane) -> None:
    """Count the calling piece of work in this lane from now on; another may begin in the one it leaves.

    It goes on at once even if the lane is full: how many calls to Focus are in flight is limited by the
    client. Outside a piece of work, nothing happens.
    """
    if change := _change.get():
        change(lane)


def no_matter(_: Lane) -> None:
    """The ``entered`` callback for work that is the same in every lane."""


LULL = 0.004
"""Seconds without new arrivals before work starts; by then all arrived requests are acknowledged."""

LULL_PER_ARRIVAL = 0.0001
"""Seconds longer for each arrival of a burst: little beside the time that its work will take."""

LONGEST_LULL = 0.05
LONGEST_HOLD = 0.3
"""The most seconds that work waits for such a lull."""


class _Arrivals:
    """Computes when work may start: after a lull in arrivals, or after the longest hold."""

    def __init__(self) -> None:
        self._first = self._lull_ends = 0.0
        self._number = 0

    def more(self, now: float) -> None:
        """Note an arrival at this time."""
        if now >= self._lull_ends:
            self._first, self._number = now, 0
        self._number += 1
        self._lull_ends = now + min(LULL + LULL_PER_ARRIVAL * self._number, LONGEST_LULL)

    def hold(self, now: float) -> float:
        """Seconds that work still has to wait; zero or less if it may start."""
        return min(self._lull_ends, self._first + LONGEST_HOLD) - now


@dataclass(frozen=True, slots=True)
class _Piece:
    """One piece of work with the context it was requested in; it becomes a task only when it starts."""

    job: Job
    name: str
    failed: Failed
    entered: Entered
    context: Context
    since: float


class Work:
    """All work in progress and waiting, tracked so that a shutdown can wait for it."""

    def __init__(self, *, measured: Measured = lambda *_: None) -> None:
        self._measured = measured
        self._arrivals = _Arrivals()
        self._holding: asyncio.Task[None] | None = None
        self._waiting: dict[Lane, deque[_Piece]] = {lane: deque() for lane in Lane}
        self._running: dict[asyncio.Task[None], Lane] = {}

    def start(self, job: Job, *, lane: Lane, name: str, failed: Failed, entered: Entered = no_matter) -> None:
        """Run ``job`` after a lull, when its lane has a place; its exceptions are logged and reported."""
        now = perf_counter()
        self._arrivals.more(now)
        self._waiting[lane].append(_Piece(job, name, failed, entered, copy_context(), now))
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
        left = list(self._running)
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
        return [*self._running, self._holding] if self._holding else list(self._running)

    async def _hold(self) -> None:
        """Wait for the lull, so that arriving requests are acknowledged before work competes with them."""
        # Polled, because a lull is the absence of events and nothing signals it.
        while (seconds := self._arrivals.hold(perf_counter())) > 0:  # noqa: ASYNC110 - see above
            await asyncio.sleep(seconds)
        self._holding = None
        for lane in Lane:
            self._begin(lane)

    def _begin(self, lane: Lane) -> None:
        waiting = self._waiting[lane]
        places = lane.value - Counter(self._running.values())[lane]
        for piece in [waiting.popleft() for _ in range(min(places, len(waiting)))]:
            task = asyncio.create_task(self._run(piece, lane), name=piece.name, context=piece.context)
            self._running[task] = lane
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._vacated(self._running.pop(task))

    def _vacated(self, lane: Lane) -> None:
        if not self._holding:
            self._begin(lane)

    def _change(self, task: asyncio.Task[None], entered: Entered, lane: Lane) -> None:
        left = self._running.get(task, lane)
        if left is not lane:
            self._running[task] = lane
            entered(lane)
            self._vacated(left)

    async def _run(self, piece: _Piece, lane: Lane) -> None:
        incident = ""
        if task := asyncio.current_task():
            _change.set(functools.partial(self._change, task, piece.entered))
        try:
            piece.entered(lane)
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


async def only_logged(_: Exception, incident: str) -> None:
    """The ``failed`` callback for background work, which nobody asked for: the log is enough."""
    del incident
