"""Parse Focus's answers that have dates: time off, public holidays, capacities. Pure.

Focus's pages name these fields and say little else, so fields that are not needed may be missing. A day is
taken as Focus wrote it: its times are in the time zone of the key's owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from store.focus.fields import Fields, array_in
from store.focus.requests import Request
from store.focus.wire import page_in
from store.week import Hours

__all__ = ["Holiday", "TimeOff", "capacities_in", "holidays_in", "time_off_in"]

# The shape of a public holiday is not documented: these are tried, in this order.
_HOLIDAY_DATES = ("date", "holiday_date", "start_date", "start_time")
_HOLIDAY_NAMES = ("name", "title", "description")


@dataclass(frozen=True, slots=True)
class TimeOff:
    """One user's absence; ``start`` and ``end`` are as Focus wrote them, with or without a time of day."""

    user_id: int
    start: datetime | date
    end: datetime | date

    @property
    def first(self) -> date:
        """The first day of the absence."""
        return _day(self.start)

    @property
    def last(self) -> date:
        """The last day of the absence; an end at exactly midnight belongs to the day before."""
        first, last = self.first, _day(self.end)
        if isinstance(self.end, datetime) and self.end.time() == time.min and last > first:
            return last - timedelta(days=1)
        return max(first, last)  # Go's JSON encodes an unknown end as the year 1


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday of the organization."""

    date: date
    name: str


def time_off_in(answer: Any, *, asked: Request) -> tuple[TimeOff, ...]:
    """Parse the time off of users; that of placeholders is left out.

    Raises:
        NotUnderstoodError: the answer has another form; the reason names item and field.
    """
    found = []
    for number, item in enumerate(page_in(answer, asked=asked).items, start=1):
        fields = Fields(item, f"time off {number}", asked)
        if not fields.item.get("user_id"):
            continue
        start = fields.moment("start_time")
        end = start if fields.item.get("end_time") is None else fields.moment("end_time")
        found.append(TimeOff(fields.integer("user_id"), start, end))
    return tuple(found)


def holidays_in(answer: Any, *, asked: Request) -> tuple[Holiday, ...]:
    """Parse the public holidays, sorted by date.

    Raises:
        NotUnderstoodError: the answer has another form; the reason names item and field.
    """
    found = []
    for number, item in enumerate(page_in(answer, asked=asked).items, start=1):
        fields = Fields(item, f"holiday {number}", asked)
        dated = next((name for name in _HOLIDAY_DATES if fields.item.get(name)), _HOLIDAY_DATES[0])
        name = next((text for key in _HOLIDAY_NAMES if (text := fields.text(key))), "Public holiday")
        found.append(Holiday(fields.day(dated), name))
    return tuple(sorted(found, key=lambda holiday: holiday.date))


def capacities_in(answer: Any, *, asked: Request) -> dict[int, Mapping[date, Hours]]:
    """Parse each user's hours by date, given in minutes (440 are 7.333… hours); days without are left out.

    Raises:
        NotUnderstoodError: the answer has another form; the reason names user, day and field.
    """
    found: dict[int, Mapping[date, Hours]] = {}
    for number, item in enumerate(page_in(answer, asked=asked).items, start=1):
        fields = Fields(item, f"capacity {number}", asked)
        days: dict[date, Hours] = {}
        for place, computation in enumerate(array_in(fields.item.get("computations"), asked=asked), start=1):
            day = Fields(computation, f"capacity {number}, day {place}", asked)
            if day.item.get("working_minutes") is not None:
                days[day.day("date")] = day.minutes("working_minutes") / 60
        found[fields.integer("id")] = days
    return found


def _day(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
