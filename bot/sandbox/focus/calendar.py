"""The local Focus's time off and public holidays. Pure: no HTTP, no JSON."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

__all__ = ["Calendar", "Holiday", "TimeOff"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOff:
    """Whole days on which somebody is away, the last one included."""

    id: int
    user_id: int
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """A day off for the whole organization."""

    id: int
    date: date
    name: str


class Calendar:
    """All time off and public holidays; ids are never used again."""

    def __init__(self) -> None:
        self.time_off: list[TimeOff] = []
        self.holidays: list[Holiday] = []
        self._last_id = 30_000

    def add_time_off(self, user_id: int, start: date, end: date) -> TimeOff:
        """Add time off from ``start`` to ``end``, both included.

        Raises:
            ValueError: it ends before it starts.
        """
        if end < start:
            raise ValueError(f"time off cannot end on {end}, before it starts on {start}")
        entry = TimeOff(id=self._id(), user_id=user_id, start=start, end=end)
        self.time_off.append(entry)
        return entry

    def add_holiday(self, day: date, name: str) -> Holiday:
        """Add a public holiday."""
        holiday = Holiday(id=self._id(), date=day, name=name)
        self.holidays.append(holiday)
        return holiday

    def away(self, users: Collection[int], *, start: date, end: date) -> list[TimeOff]:
        """These users' time off that overlaps the given days; it may begin before them and end after."""
        return [
            entry
            for entry in self.time_off
            if entry.user_id in users and entry.start <= end and entry.end >= start
        ]

    def clear(self) -> None:
        """Remove all time off and holidays."""
        self.time_off.clear()
        self.holidays.clear()

    def _id(self) -> int:
        self._last_id += 1
        return self._last_id
