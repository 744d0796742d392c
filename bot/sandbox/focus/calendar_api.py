"""Time off, public holidays and capacities over HTTP, all of them for many people in one call.

Focus's documentation names the fields but leaves much open. Until a live Focus shows otherwise:

- a time off has date-times, from the first day's midnight to the last second of the last day;
- a public holiday is ``{id, date, name}``, of every year that is known, for the whole organization;
- the one *group* of capacities is ``user``, its days are what the week says (a day that is not set is
  0 minutes), and neither time off nor holidays lessen them;
- ids of unknown people are ignored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from aiohttp import web
from multidict import MultiMapping

from bot.sandbox.clock import Clock
from bot.sandbox.faults import SUMMARY
from bot.sandbox.focus import wire
from bot.sandbox.focus.book import Book, Refused
from bot.sandbox.focus.calendar import Calendar
from bot.sandbox.focus.door import Forbidden
from bot.sandbox.focus.options import Options

__all__ = ["CalendarApi"]

GROUP = "user"
_PEOPLE_AND_DAYS = frozenset({"user_id[]", "start_date", "end_date"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """The users that a query asks for, in its order, and the days."""

    users: tuple[int, ...]
    start: date
    end: date

    def __str__(self) -> str:
        who = "1 person" if len(self.users) == 1 else f"{len(self.users)} people"
        return f"{who}, {self.start} to {self.end}"

    @property
    def days(self) -> Iterator[date]:
        """Each day, both ends included."""
        for number in range((self.end - self.start).days + 1):
            yield self.start + timedelta(days=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarApi:
    """The operations; each returns the value to send as JSON."""

    book: Book
    calendar: Calendar
    options: Options
    clock: Clock
    me: int

    async def time_off(self, request: web.Request) -> object:
        """``GET /organizations/{organization_id}/timeoff``."""
        asked = self._asked(request.query, known=_PEOPLE_AND_DAYS)
        found = self.calendar.away(self._known(asked.users), start=asked.start, end=asked.end)
        request[SUMMARY] = f"asked who is away ({asked}): {len(found)} found"
        return [
            {
                "timeoff_id": entry.id,
                "user_id": entry.user_id,
                "ghost_id": 0,
                "start_time": datetime.combine(entry.start, time.min, UTC),
                "end_time": datetime.combine(entry.end, time(23, 59, 59), UTC),
            }
            for entry in found
        ]

    async def holidays(self, request: web.Request) -> object:
        """``GET /organizations/{organization_id}/public-holidays``."""
        _only(request.query, frozenset())
        request[SUMMARY] = f"listed {len(self.calendar.holidays)} public holidays"
        return [
            {"id": each.id, "date": each.date.isoformat(), "name": each.name}
            for each in sorted(self.calendar.holidays, key=lambda each: each.date)
        ]

    async def capacities(self, request: web.Request) -> object:
        """``GET /organizations/{organization_id}/workspaces/{workspace_id}/capacities/{group}``."""
        group = request.match_info["group"]
        if group != GROUP:
            raise Refused(f"unknown group {group!r}")
        asked = self._asked(request.query, known=_PEOPLE_AND_DAYS | {"unit"})
        unit = request.query.get("unit", "day")
        if unit != "day":
            raise Refused(f"unit must be day, not {unit!r}")
        users = self._known(asked.users)
        request[SUMMARY] = f"read the capacity of {asked}"
        return [
            {"id": user, "type": GROUP, "computations": self._computations(user, asked)} for user in users
        ]

    def _computations(self, user: int, asked: _Asked) -> list[dict[str, object]]:
        minutes: dict[int, int] = {}
        for row in self.book.rows("user", user):  # if a day has two rows, the first one counts
            minutes.setdefault(row.weekday, _minutes(row.hours))
        return [
            {
                "date": day.isoformat(),
                "working_minutes": self._worked(day, minutes.get(day.isoweekday(), 0)),
                "allocated_minutes": 0,
                "estimated_minutes": 0,
                "assigned_tasks_count": 0,
            }
            for day in asked.days
        ]

    def _worked(self, day: date, now: int) -> int:
        gone_by = day < self.clock.now().date()
        return self.options.past_minutes if gone_by and self.options.past_minutes is not None else now

    def _asked(self, query: MultiMapping[str], *, known: frozenset[str]) -> _Asked:
        _only(query, known)
        users = tuple(
            dict.fromkeys(wire.integer(text, "user_id[]") for text in query.getall("user_id[]", []))
        )
        if not users:
            raise Refused("user_id[] is required")
        if self.options.key_role == "member" and users != (self.me,):
            raise Forbidden("Only an organization admin may see this of other people.")
        start, end = _day(query, "start_date"), _day(query, "end_date")
        if end < start:
            raise Refused("end_date is before start_date")
        return _Asked(users, start, end)

    def _known(self, users: Collection[int]) -> list[int]:
        return [user for user in users if user in self.book.people]


def _only(query: MultiMapping[str], known: frozenset[str]) -> None:
    if unknown := sorted(set(query) - known):
        raise Refused(f"unknown query parameter {unknown[0]!r}")
    for name in sorted(known - {"user_id[]"}):
        if len(query.getall(name, [])) > 1:
            raise Refused(f"{name} is given twice")


def _day(query: MultiMapping[str], name: str) -> date:
    text = query.get(name)
    if text is None:
        raise Refused(f"{name} is required")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or text != day.isoformat():  # "20260105" and "2026-W02-1" are ISO 8601, too
        raise Refused(f"{name} must be a date like 2026-01-05, not {text!r}")
    return day


def _minutes(hours: Decimal) -> int:
    return int((hours * 60).to_integral_value(ROUND_HALF_UP))
