"""The budget of the hourly quota: a reserve for people who wait, the rest for boards and background work."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from store.clock import Clock
from store.focus.quota import HOUR, Quota, Spent

__all__ = ["Budget"]

UNKNOWN_WAIT = timedelta(minutes=5)
"""The assumed wait if Focus does not say when the quota is renewed."""

A_CALL = timedelta(seconds=0.2)
"""The average time per call of background work: a second or less each, but several run at once."""


class Budget:
    """The quota as Focus last stated it; otherwise the setting minus the requests made in this hour."""

    def __init__(
        self, told: Callable[[], Quota], *, spent: Spent, clock: Clock, hourly: int, reserve: float
    ) -> None:
        """Store the sources.

        Args:
            told: returns the latest quota that Focus has stated.
            spent: the requests made in the last hour.
            clock: tells whether the stated quota is still valid.
            hourly: calls per hour, used if Focus does not state them.
            reserve: the fraction of them, 0 to 1, that is reserved for people who wait.
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
        """The calls per hour: the setting, or the most that Focus stated as left in this hour, if more."""
        told = self._told()
        if told.remaining is not None and told.resets_at:
            if told.resets_at - self._most_until > HOUR / 2:  # a new hour, perhaps with another Toggl plan
                self._most, self._most_until = 0, told.resets_at
            self._most = max(self._most, told.remaining)
        return max(self._set, self._most)

    @property
    def remaining(self) -> int:
        """The calls left in this hour."""
        told, now = self._told(), self._clock.now()
        holds_until = told.resets_at or told.as_of + (HOUR if told.remaining else UNKNOWN_WAIT)
        if told.remaining is not None and now < holds_until:
            return max(0, told.remaining - self._spent.since(told.as_of))
        return max(0, self.hourly - self._spent.since(self._hour_began(now)))

    def _hour_began(self, now: datetime) -> datetime:
        """When the quota's hour began, if Focus has told; else an hour ago, as it may have begun then."""
        turns = self._told().resets_at
        if turns is None:
            return now - HOUR
        return max(now - HOUR, turns if turns <= now else turns - HOUR)

    @property
    def spare(self) -> int:
        """The number of calls that may be made now without touching the reserve."""
        return max(0, math.ceil(self.remaining - self.hourly * self._reserve))

    @property
    def kept(self) -> int:
        """The reserve: calls per hour that are only for people who wait."""
        return math.floor(self.hourly * self._reserve)

    @property
    def can_spare(self) -> bool:
        """Whether at least one call may be made without touching the reserve."""
        return self.spare > 0

    def is_plenty(self, calls: int) -> bool:
        """Whether so many leave half of the hour's."""
        return self.remaining - calls >= self.hourly / 2

    @property
    def back_at(self) -> datetime:
        """When calls can be spared again: at the quota's renewal, or after a guess if it is not known."""
        now, told = self._clock.now(), self._told().resets_at
        return told if told and told > now else now + UNKNOWN_WAIT

    def time_for(self, calls: int) -> timedelta:
        """The estimated duration of this many background calls, including waits for the quota."""
        later = calls - self.spare
        if later <= 0:
            return calls * A_CALL
        told, now = self._told().resets_at, self._clock.now()
        first_wait = told - now if told and told > now else HOUR
        hours = math.ceil(later / max(1.0, self.hourly * (1 - self._reserve)))
        return first_wait + (hours - 1) * HOUR + min(calls, self.hourly) * A_CALL
