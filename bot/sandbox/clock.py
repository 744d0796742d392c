"""The sandbox's clock: real time plus an offset, or a time that stands still until it is moved.

It has the interface that the product wants of a clock (``now`` and ``sleep``), so both can share one.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

__all__ = ["Clock"]


@dataclass(frozen=True, slots=True, eq=False)
class _Sleeper:
    until: datetime
    awake: asyncio.Future[None]


class Clock:
    """A clock in UTC that can be moved forward; with ``frozen_at`` only :meth:`move` advances it."""

    def __init__(self, *, frozen_at: datetime | None = None) -> None:
        self._frozen_at = frozen_at
        self._offset = timedelta()
        self._sleepers: set[_Sleeper] = set()
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None

    @property
    def offset(self) -> timedelta:
        """How far the clock has been moved."""
        return self._offset

    def now(self) -> datetime:
        """The sandbox's time, in UTC."""
        return (self._frozen_at or datetime.now(UTC)) + self._offset

    async def sleep(self, seconds: float) -> None:
        """Sleep for this long by this clock; moving the clock past the end wakes the sleeper at once."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        sleeper = _Sleeper(self.now() + timedelta(seconds=seconds), future)
        self._sleepers.add(sleeper)
        self._arm()
        for wanted, waiter in self._waiters:
            if len(self._sleepers) >= wanted and not waiter.done():
                waiter.set_result(None)
        try:
            await future
        finally:
            self._sleepers.discard(sleeper)
            self._arm()

    def move(self, *, seconds: float) -> None:
        """Move the clock forward and wake every sleeper whose time has come.

        Raises:
            ValueError: ``seconds`` is negative.
        """
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        self._offset += timedelta(seconds=seconds)
        self._wake()

    async def until_sleeping(self, n: int = 1) -> None:
        """Wait until at least ``n`` sleepers wait; those that :meth:`move` has woken do not count."""
        if len(self._sleepers) >= n:
            return
        entry = (n, asyncio.get_running_loop().create_future())
        self._waiters.append(entry)
        try:
            await entry[1]
        finally:
            self._waiters.remove(entry)

    def _wake(self) -> None:
        now = self.now()
        for sleeper in [each for each in self._sleepers if each.until <= now]:
            self._sleepers.discard(sleeper)
            if not sleeper.awake.done():
                sleeper.awake.set_result(None)
        self._arm()

    def _arm(self) -> None:
        """Keep one timer, for the next sleeper; a frozen clock needs none."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._sleepers and not self._frozen_at:
            left = min(sleeper.until for sleeper in self._sleepers) - self.now()
            self._timer = asyncio.get_running_loop().call_later(max(0.0, left.total_seconds()), self._wake)
