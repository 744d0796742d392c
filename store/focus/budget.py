"""What the hourly quota leaves: the reserve is for people who wait, the rest for boards and long work."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from store.clock import Clock
from store.focus.quota import HOUR, Quota, Spent

__all__ = ["Budget"]

UNKNOWN_WAIT = timedelta(minutes=5)
"""When Focus does not say itself when its quota comes back."""

A_CALL = timedelta(seconds=0.2)
"""What a call of long work takes beside others: a second or less, several at once."""


class Budget:
    """The quota as Focus last told it, or, where it is silent, the setting less what was asked since."""

    def __init__(
        self, told: Callable[[], Quota], *, spent: Spent, clock: Clock, hourly: int, reserve: float
    ) -> None:
        """Take the sources.

        Args:
            told: the latest quota that Focus has stated.
            spent: the requests that were made.
            clock: for telling whether that still counts.
            hourly: calls an hour, where Focus does not say.
            reserve: the part of them, 0 to 1, that only people who wait may use.
        """
        self._told = told
        self._spent = spent
        self._clock = clock
        self._set = hourly
        self._reserve = reserve
        self._most = 0
        self._most_until = datetime.min.replace(tzinfo=UTC)

    @property
    def hourly(self) -> int:
        """Calls in a whole hour: Focus says how many are left, so the most that were ever left tell more."""
        told = self._told()
        if told.remaining is not None and told.resets_at:
            if told.resets_at - self._most_until > HOUR / 2:  # another hour, perhaps of another plan
                self._most, self._most_until = 0, told.resets_at
            self._most = max(self._most, told.remaining)
        return max(self._set, self._most)

    @property
    def remaining(self) -> int:
        """Calls left in this hour."""
        told, now = self._told(), self._clock.now()
        holds_until = told.resets_at or told.as_of + (HOUR if told.remaining else UNKNOWN_WAIT)
        if told.remaining is not None and now < holds_until:
            return max(0, told.remaining - self._spent.since(told.as_of))
        return max(0, self.hourly - self._spent.since(self._hour_began(now)))

    def _hour_began(self, now: datetime) -> datetime:
        """As far as Focus has told; else an hour ago: any moment of it may have been the first."""
        turns = self._told().resets_at
        if turns is None:
            return now - HOUR
        return max(now - HOUR, turns if turns <= now else turns - HOUR)

    @property
    def spare(self) -> int:
        """Calls that nobody waits for and that leave the reserve."""
        return max(0, math.ceil(self.remaining - self.hourly * self._reserve))

    @property
    def kept(self) -> int:
        """Calls of a whole hour that only people who wait may use."""
        return math.floor(self.hourly * self._reserve)

    @property
    def can_spare(self) -> bool:
        """Whether there is one."""
        return self.spare > 0

    @property
    def back_at(self) -> datetime:
        """When there is something to spare again."""
        now, told = self._clock.now(), self._told().resets_at
        return told if told and told > now else now + UNKNOWN_WAIT

    def time_for(self, calls: int) -> timedelta:
        """How long so many calls take that nobody waits for, waits for the quota included."""
        later = calls - self.spare
        if later <= 0:
            return calls * A_CALL
        told, now = self._told().resets_at, self._clock.now()
        first_wait = told - now if told and told > now else HOUR
        hours = math.ceil(later / max(1.0, self.hourly * (1 - self._reserve)))
        return first_wait + (hours - 1) * HOUR + min(calls, self.hourly) * A_CALL
