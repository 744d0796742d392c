"""Time, and what is done when nobody presses: for ever, until the bot stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from store.clock import Clock
from store.database import DatabaseUnusableError

__all__ = ["SystemClock", "keep_up", "tick_forever"]

log = logging.getLogger(__name__)

TICK = 1.0
"""Seconds between two looks at what is due; whoever makes something due need not wait for the next."""

AGAIN_AFTER = 1.0
"""Seconds before something that must never end, and has, is begun anew."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


async def keep_up(job: Callable[[], Awaitable[None]], name: str, *, clock: Clock) -> None:
    """Do what must never end: whatever ends it is logged, and it is begun anew."""
    while True:
        try:
            await job()
        except DatabaseUnusableError as error:
            log.warning("%s has to wait: %s", name, error)
        except Exception:  # nobody awaits a job in the background, so nobody else would hear of it
            log.exception("%s failed; it is begun anew", name)
        await clock.sleep(AGAIN_AFTER)


async def tick_forever(tick: Callable[[], Awaitable[None]], *, clock: Clock, stirred: asyncio.Event) -> None:
    """Tick once a second and whenever ``stirred`` is set; an error ends one tick, never the ticking."""
    while True:
        stirred.clear()
        try:
            await tick()
        except DatabaseUnusableError as error:
            log.warning("what is due has to wait: %s", error)
        except Exception:  # the outermost edge of what the clock starts
            log.exception("a tick failed; the next one tries again")
        waiting = {asyncio.create_task(stirred.wait()), asyncio.create_task(clock.sleep(TICK))}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
