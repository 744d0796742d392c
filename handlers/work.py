"""Acknowledge first, then work: tracked, bounded, and with the only net for unexpected errors.

Slack waits three seconds for an acknowledgement and Focus may take eight for an answer, so nothing is
done before the first but what memory can do. Work runs in two lanes: a slow Focus fills its own, and
answers that need no Focus keep flowing beside it. A listener that raises after ``ack()`` would lose
the acknowledgement (Bolt wipes it), so nothing a route does can reach Bolt.
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
"""Tells the person about an unexpected error, with the incident's id."""


Measured = Callable[[str, float, bool], None]
"""Is told each piece's name, its seconds from the start to the end, and whether it was an incident."""


class Lane(Enum):
    """Which pool a piece of work waits in; the value is how many run at once."""

    QUICK = 8
    FOCUS = 32
    OUTBOX = 6


LULL = 0.004
"""Seconds without anything new, after which what has come in is worked on: it is all acknowledged by then."""

LONGEST_HOLD = 0.3
"""Seconds that work waits for such a lull at most."""


class _Arrivals:
    """When there will have been a lull since something came in."""

    def __init__(self) -> None:
        self._first = self._latest = -LULL

    def more(self, now: float) -> None:
        """Something has come in."""
        if now - self._latest >= LULL:
            self._first = now
        self._latest = now

    def hold(self, now: float) -> float:
        """Seconds that work has to wait yet."""
        return min(self._latest + LULL, self._first + LONGEST_HOLD) - now


@dataclass(frozen=True, slots=True)
class _Piece:
    """One piece of work, in the context it was asked in; a task is made of it when it begins, not before."""

    job: Job
    name: str
    failed: Failed
    context: Context
    since: float


class Work:
    """Everything that is being done, so that a stop can wait for it."""

    def __init__(self, *, measured: Measured = lambda *_: None) -> None:
        self._measured = measured
        self._arrivals = _Arrivals()
        self._holding: asyncio.Task[None] | None = None
        self._waiting: dict[Lane, deque[_Piece]] = {lane: deque() for lane in Lane}
        self._running: dict[Lane, set[asyncio.Task[None]]] = {lane: set() for lane in Lane}

    def start(self, job: Job, *, lane: Lane, name: str, failed: Failed) -> None:
        """Do ``job`` after a lull, when its lane has a place; whatever it raises is logged and told."""
        self._arrivals.more(_now())
        self._waiting[lane].append(_Piece(job, name, failed, copy_context(), perf_counter()))
        if self._holding is None:
            self._holding = asyncio.create_task(self._hold())

    async def cut_off(self) -> int:
        """End what still runs; how many pieces that were, to be taken up by the next start."""
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
        """Wait until nothing is being done."""
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
        """Let everything that is on its way be acknowledged first: working would hold that up."""
        # Polled: a lull is nothing happening, which nothing tells.
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
        except Exception:  # Slack may be what failed
            log.exception("incident %s could not be told", incident)


def _now() -> float:
    return asyncio.get_running_loop().time()


async def only_logged(_: Exception, incident: str) -> None:
    """What nobody asked for has failed, so there is nobody to tell."""
    del incident
