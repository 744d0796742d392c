"""Acknowledge first, then work: tracked, bounded, and with the only net for unexpected errors.

Slack waits three seconds for an acknowledgement and Focus may take eight for an answer, so nothing is
done before the first but what memory can do. Work runs in two lanes: a slow Focus fills its own, and
answers that need no Focus keep flowing beside it. A listener that raises after ``ack()`` would lose
the acknowledgement (Bolt wipes it), so nothing a route does can reach Bolt.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from enum import Enum
from time import perf_counter
from typing import Any

__all__ = ["Lane", "Work"]

log = logging.getLogger(__name__)

Failed = Callable[[Exception, str], Awaitable[None]]
"""Tells the person about an unexpected error, with the incident's id."""


Measured = Callable[[str, float, bool], None]
"""Is told each piece's name, its seconds from the start to the end, and whether it was an incident."""


class Lane(Enum):
    """Which pool a piece of work waits in; the value is how many run at once."""

    QUICK = 8
    FOCUS = 32
    OUTBOX = 6


BURST, WITHIN = 8, 0.02
"""So many pieces within so many seconds: probably more are on their way, unacknowledged."""

LONGEST_HOLD = 0.3
"""Seconds that a burst may hold work up."""


class _Burst:
    """Whether so much comes in at this moment that acknowledging goes before working."""

    def __init__(self) -> None:
        self._latest: deque[float] = deque(maxlen=BURST)
        self._since: float | None = None

    def more(self, now: float) -> None:
        """Something came in."""
        self._latest.append(now)
        if not self._dense(now):
            self._since = None
        elif self._since is None:
            self._since = now

    def holds(self, now: float) -> bool:
        """Whether work should wait a little."""
        return self._since is not None and self._dense(now) and now - self._since < LONGEST_HOLD

    def _dense(self, now: float) -> bool:
        return len(self._latest) == BURST and now - self._latest[0] < WITHIN


class Work:
    """Everything that is being done, so that a stop can wait for it."""

    def __init__(self, *, measured: Measured = lambda *_: None) -> None:
        self._measured = measured
        self._slots = {lane: asyncio.Semaphore(lane.value) for lane in Lane}
        self._burst = _Burst()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(
        self, job: Callable[[], Coroutine[Any, Any, None]], *, lane: Lane, name: str, failed: Failed
    ) -> None:
        """Do ``job`` when its lane has a place; whatever it raises is logged and told."""
        self._burst.more(asyncio.get_running_loop().time())
        task = asyncio.create_task(self._run(job, lane=lane, name=name, failed=failed), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def cut_off(self) -> int:
        """End what still runs; how many pieces that were, to be taken up by the next start."""
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return len(left)

    async def idle(self) -> None:
        """Wait until nothing is being done."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _run(
        self, job: Callable[[], Coroutine[Any, Any, None]], *, lane: Lane, name: str, failed: Failed
    ) -> None:
        began, incident = perf_counter(), ""
        async with self._slots[lane]:
            # Polled, since nothing happens that could be waited for: a burst ends by nothing coming.
            while self._burst.holds(asyncio.get_running_loop().time()):  # noqa: ASYNC110 - see above
                await asyncio.sleep(WITHIN / 2)
            try:
                await job()
            except Exception as error:
                incident = secrets.token_hex(4)
                log.exception("incident %s in %s", incident, name)
                await self._tell(failed, error, incident)
        self._measured(name, perf_counter() - began, bool(incident))

    @staticmethod
    async def _tell(failed: Failed, error: Exception, incident: str) -> None:
        try:
            await failed(error, incident)
        except Exception:  # Slack may be what failed
            log.exception("incident %s could not be told", incident)
