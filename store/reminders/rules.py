"""When a reminder is due: a rule for days, a time of day and an IANA time zone. Pure.

Each day gives at most one moment. If clocks that go forward skip the time, it is the first moment after the
gap; if the time occurs twice, it is the first of the two. A day that a zone skipped altogether gives none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from store.moments import is_shown, moment_of
from store.week import WORKWEEK, Weekday

__all__ = ["Due", "MonthlyWeekday", "MonthlyWorkday", "Rule", "Schedule", "Weekly"]

NTHS = (1, 2, 3, 4, 5, -1)
NOON = time(12)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Weekly:
    """A rule for every one of these weekdays."""

    days: tuple[Weekday, ...]

    def __post_init__(self) -> None:
        """Refuse a rule without days; sort the days and remove duplicates."""
        if not self.days:
            raise ValueError("a weekly rule needs a weekday")
        object.__setattr__(self, "days", tuple(sorted(set(self.days))))

    def days_from(self, day: date) -> Iterator[date]:
        """The dates that match the rule, from ``day`` on, without end."""
        return (each for each in _every_day(day) if each.isoweekday() in self.days)


@dataclass(frozen=True, slots=True)
class MonthlyWorkday:
    """A rule for the first, or the ``last``, weekday (Monday to Friday) of each month."""

    last: bool = False

    def days_from(self, day: date) -> Iterator[date]:
        """The dates that match the rule, from ``day`` on, without end."""
        for month in _months(day):
            found = [each for each in _days_of(month) if each.isoweekday() in WORKWEEK]
            if found[-self.last] >= day:
                yield found[-self.last]


@dataclass(frozen=True, slots=True)
class MonthlyWeekday:
    """A rule for the ``nth`` (1 to 5, or -1 for the last) Monday, Tuesday … of each month that has it."""

    nth: int
    weekday: Weekday

    def __post_init__(self) -> None:
        """Refuse a number that no month has."""
        if self.nth not in NTHS:
            raise ValueError(f"no month has a weekday number {self.nth}")

    def days_from(self, day: date) -> Iterator[date]:
        """The dates that match the rule, from ``day`` on, without end."""
        for month in _months(day):
            found = [each for each in _days_of(month) if each.isoweekday() == self.weekday]
            place = self.nth if self.nth < 0 else self.nth - 1
            if place < len(found) and found[place] >= day:
                yield found[place]


Rule = Weekly | MonthlyWorkday | MonthlyWeekday


@dataclass(frozen=True, slots=True)
class Due:
    """One time at which a schedule is due: the moment in UTC, and the local day to which it belongs."""

    day: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rule for days, with a time of day and a time zone.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: the time zone does not exist.
    """

    rule: Rule
    at: time
    zone: str
    tz: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a time with a time zone or with seconds."""
        if self.at.tzinfo or self.at.second or self.at.microsecond:
            raise ValueError(f"a schedule has hours and minutes, not {self.at!r}")
        object.__setattr__(self, "tz", ZoneInfo(self.zone))

    def next_after(self, moment: datetime) -> Due:
        """The first due time later than ``moment``."""
        # Start a day earlier: if clocks go forward at midnight, a late time of one day is due on the next.
        return next(
            due for due in self.from_day(moment.astimezone(self.tz).date() - ONE_DAY) if due.at > moment
        )

    def from_day(self, day: date) -> Iterator[Due]:
        """The due times for this local day and later ones, without end."""
        for each in self.rule.days_from(day):
            if _exists(each, self.tz):
                yield Due(each, moment_of(each, self.at, self.tz))

    def end_of(self, day: date) -> datetime:
        """The moment at which this local day ends."""
        return moment_of(day + ONE_DAY, time(), self.tz)

    def local(self, moment: datetime) -> datetime:
        """The local time of a moment in the schedule's time zone."""
        return moment.astimezone(self.tz)

    def to_json(self) -> dict[str, Any]:
        """Convert to JSON for the database."""
        return {"rule": _rule_to_json(self.rule), "at": f"{self.at:%H:%M}", "zone": self.zone}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Schedule:
        """Restore a schedule from the output of :meth:`to_json`."""
        return cls(_rule_from_json(value["rule"]), time.fromisoformat(value["at"]), value["zone"])


def _exists(day: date, zone: ZoneInfo) -> bool:
    """Whether the zone has this day: Samoa, for example, had no 30 December 2011."""
    return is_shown(datetime.combine(day, NOON, zone))


def _every_day(day: date) -> Iterator[date]:
    return (day + timedelta(days=number) for number in count())


def _months(day: date) -> Iterator[date]:
    """The first day of each month, from the month of ``day`` on, without end."""
    for number in count(day.year * 12 + day.month - 1):
        yield date(number // 12, number % 12 + 1, 1)


def _days_of(month: date) -> list[date]:
    return [each for number in range(31) if (each := month + timedelta(days=number)).month == month.month]


def _rule_to_json(rule: Rule) -> dict[str, Any]:
    match rule:
        case Weekly(days=days):
            return {"every": [int(day) for day in days]}
        case MonthlyWorkday(last=last):
            return {"workday": "last" if last else "first"}
        case MonthlyWeekday(nth=nth, weekday=weekday):
            return {"nth": nth, "weekday": int(weekday)}


def _rule_from_json(value: Mapping[str, Any]) -> Rule:
    if "every" in value:
        return Weekly(tuple(map(Weekday, value["every"])))
    if "workday" in value:
        return MonthlyWorkday(last=value["workday"] == "last")
    return MonthlyWeekday(value["nth"], Weekday(value["weekday"]))
