"""The loop that does what is due: every second by its clock, whatever the clock does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from bot.clock import tick_forever
from bot.sandbox.clock import Clock as FrozenClock
from store.clock import Clock
from tests.office import PATIENCE

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@asynccontextmanager
async def ticking(
    tick: Callable[[], Awaitable[None]], clock: Clock, stirred: asyncio.Event | None = None
) -> AsyncIterator[None]:
    loop = asyncio.create_task(tick_forever(tick, clock=clock, stirred=stirred or asyncio.Event()))
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)


async def test_a_clock_moved_while_a_tick_is_under_way_starts_another() -> None:
    """The first tick has asked for what is due at noon; what became due meanwhile must not be forgotten."""
    clock = FrozenClock(frozen_at=NOON)
    looked_at: list[datetime] = []
    both = asyncio.Event()

    async def tick() -> None:
        looked_at.append(clock.now())
        if len(looked_at) == 1:
            clock.move(seconds=3600)
        else:
            both.set()

    async with ticking(tick, clock):
        await both.wait()
        await clock.until_sleeping()
    assert looked_at == [NOON, NOON + timedelta(hours=1)]


class SetBack:
    """A machine's clock that is set back by an hour during the first tick; keeps how long it was slept."""

    def __init__(self) -> None:
        self.time = NOON
        self.slept: asyncio.Queue[float] = asyncio.Queue()

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        await self.slept.put(seconds)
        await asyncio.Event().wait()


async def test_a_clock_set_back_delays_nothing_by_more_than_a_second() -> None:
    clock = SetBack()

    async def tick() -> None:
        clock.time = NOON - timedelta(hours=1)

    async with ticking(tick, clock):
        assert await clock.slept.get() == 1.0


async def test_a_tick_that_fails_is_logged_and_the_next_one_comes() -> None:
    clock, stirred = FrozenClock(frozen_at=NOON), asyncio.Event()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 1:
            raise RuntimeError("the first tick fails")

    async with ticking(tick, clock, stirred):
        await clock.until_sleeping()
        clock.move(seconds=1)
        await clock.until_sleeping()
    assert ticks == 2
