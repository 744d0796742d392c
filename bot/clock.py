"""The machine's clock, and the loops that run background jobs until the bot stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from store.clock import Clock
from store.database import DatabaseUnusableError

__all__ = ["SystemClock", "keep_up", "tick_forever"]

log = logging.getLogger(__name__)

TICK = timedelta(seconds=1)
"""From the start of a tick to the next, unless ``stirred`` starts one sooner."""

AGAIN_AFTER = 1.0
"""Seconds before a background job that ended is started again."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait this many real seconds."""
        await asyncio.sleep(seconds)


async def keep_up(job: Callable[[], Awaitable[None]], name: str, *, clock: Clock) -> None:
    """Run a background job for ever: log any error, and start the job again whenever it ends."""
    while True:
        try:
            await job()
        except DatabaseUnusableError as error:
            log.warning("%s has to wait: %s", name, error)
        except Exception:  # nothing awaits a background job, so this is the only place that sees its error
            log.exception("%s failed; it is started again", name)
        await clock.sleep(AGAIN_AFTER)


async def tick_forever(tick: Callable[[], Awaitable[None]], *, clock: Clock, stirred: asyncio.Event) -> None:
    """Run ``tick`` every second and whenever ``stirred`` is set; an error ends one tick, never the loop.

    The second is counted from the tick's start: when the clock is moved while a tick is under way, which has
    then looked at an earlier time, the next one follows at once.
    """
    while True:
        stirred.clear()
        began = clock.now()
        try:
            await tick()
        except DatabaseUnusableError as error:
            log.warning("due work has to wait: %s", error)
        except Exception:  # the outermost handler of everything that a tick starts
            log.exception("a tick failed; the next one tries again")
        left = min(TICK, began + TICK - clock.now())  # a machine's clock can be set back
        waiting = {
            asyncio.create_task(stirred.wait()),
            asyncio.create_task(clock.sleep(left.total_seconds())),
        }
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
