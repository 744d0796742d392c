"""What the hourly quota leaves: the reserve is for people who wait, the rest for boards and long work."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta

from store.focus.client import Clock
from store.focus.quota import Quota

__all__ = ["Budget"]

HOUR = timedelta(hours=1)
UNKNOWN_WAIT = timedelta(minutes=5)
"""When Focus does not say itself when its quota comes back."""

A_CALL = timedelta(seconds=0.2)
"""What a call of long work takes beside others: a second or less, several at once."""


class Budget:
    """The quota as Focus last told it, or as the settings have it where Focus is silent."""

    def __init__(self, told: Callable[[], Quota], *, clock: Clock, hourly: int, reserve: float) -> None:
        """Take the sources.

        Args:
            told: the latest quota that Focus has stated.
            clock: for telling whether that still counts.
            hourly: calls an hour, where Focus does not say.
            reserve: the part of them, 0 to 1, that only people who wait may use.
        """
        self._told = told
        self._clock = clock
        self._hourly = hourly
        self._reserve = hourly * reserve

    @property
    def remaining(self) -> int:
        """Calls left in this hour."""
        told, now = self._told(), self._clock.now()
        known = told.remaining is not None and (told.resets_at is None or told.resets_at > now)
        return told.remaining if known and told.remaining is not None else self._hourly

    @property
    def can_spare(self) -> bool:
        """Whether a call that nobody waits for leaves the reserve."""
        return self.remaining > self._reserve

    @property
    def back_at(self) -> datetime:
        """When there is something to spare again."""
        now, told = self._clock.now(), self._told().resets_at
        return told if told and told > now else now + UNKNOWN_WAIT

    def time_for(self, calls: int) -> timedelta:
        """How long so many calls take that nobody waits for, waits for the quota included."""
        later = calls - max(0, math.floor(self.remaining - self._reserve))
        if later <= 0:
            return calls * A_CALL
        told, now = self._told().resets_at, self._clock.now()
        first_wait = told - now if told and told > now else HOUR
        hours = math.ceil(later / max(1.0, self._hourly - self._reserve))
        return first_wait + (hours - 1) * HOUR + min(calls, self._hourly) * A_CALL
