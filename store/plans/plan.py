"""A plan as a value: a change of one week that begins on a date, may end after another, and when that is.

Dates are local to the plan's zone; a day begins with its first moment, which is not midnight where
clocks go forward over it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from store.act import Days
from store.moments import moment_of
from store.trouble import Trouble
from store.week import ALL_DAYS, DayNamedTwiceError, Pattern, Subject, Week, Weekday

__all__ = ["MORNING", "Plan", "PlanState", "moment", "projected"]

MORNING = time(9)
"""When people are told of what comes tomorrow."""

ONE_DAY = timedelta(days=1)
LONG = timedelta(days=7)
"""Who has a plan for less long need not be reminded that it ends."""


class PlanState(StrEnum):
    """Where a plan stands; a permanent one is over as soon as it has begun."""

    PLANNED = "planned"
    BEGUN = "begun"  # its days hold, and are put back after ``last``
    ASKED = "asked"  # its time came and it was not allowed: somebody must decide
    OVER = "over"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether anything may still come of it."""
        return self not in {PlanState.OVER, PlanState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Plan:
    """One subject's planned change; ``last`` is the last day it holds, ``None`` for ever.

    ``expected`` are the days that it will find, as :func:`projected` when it was planned: who else changes
    them before ``first`` is not passed over. ``restores`` are the days that putting it back would bring,
    once it has begun: none of them where the change it began with was ``undone`` meanwhile. It is
    ``unwritten`` where that change waits for somebody or something, or was given up. ``due_at`` is
    when it begins or is put back; ``tell_at`` when people hear of that beforehand.
    """

    id: str
    batch: str
    team_id: str
    planner: str
    subject: Subject
    pattern: Pattern
    expected: Days | None
    first: date
    last: date | None
    zone: str
    at: datetime
    state: PlanState = PlanState.PLANNED
    due_at: datetime | None = None
    tell_at: datetime | None = None
    begin_act: str | None = None
    back_act: str | None = None
    trouble: Trouble | None = None
    decided_by: str | None = None
    restores: Days | None = None
    undone: bool = False
    unwritten: bool = False

    @property
    def begins_at(self) -> datetime:
        """The first moment of the first day."""
        return moment(self.first, time(0), self.zone)

    @property
    def ends_at(self) -> datetime | None:
        """The first moment after the last day."""
        return moment(self.last + ONE_DAY, time(0), self.zone) if self.last else None

    @property
    def tells_of_begin_at(self) -> datetime:
        """The morning of the day before."""
        return moment(self.first - ONE_DAY, MORNING, self.zone)

    @property
    def tells_of_end_at(self) -> datetime | None:
        """The morning of the last day; a short plan's end nobody needs to hear of."""
        if self.last is None or self.last - self.first < LONG:
            return None
        return moment(self.last, MORNING, self.zone)

    @property
    def of_the_clock(self) -> bool:
        """Whether what is due now was planned for this moment: nobody waits for it at the keyboard."""
        if self.begin_act:
            return self.due_at == self.ends_at
        return self.due_at == self.begins_at and self.at < self.begins_at

    def is_for(self, pattern: Pattern, first: date, last: date | None) -> bool:
        """Whether it is what somebody asks for who asks for this: once more, then."""
        return (self.pattern, self.first, self.last) == (pattern, first, last)

    def scheduled(self, *, now: datetime) -> Plan:
        """The same, not begun, with the moments at which the clock has to look at it."""
        tells = max(self.tells_of_begin_at, now) if now < self.begins_at else None
        return replace(self, due_at=self.begins_at, tell_at=tells)

    @property
    def days(self) -> frozenset[Weekday]:
        """The weekdays it may touch; all of them where that depends on the week it meets."""
        if self.pattern.only or any(clause.days is None for clause in self.pattern.clauses):
            return frozenset(ALL_DAYS)
        return frozenset(day for clause in self.pattern.clauses for day in clause.days or ())

    def holds_on(self, day: date) -> bool:
        """Whether the day is in its period; a permanent change is a moment and has none."""
        return self.last is not None and self.first <= day <= self.last

    def overlaps(self, other: Plan) -> bool:
        """Whether one of two plans would change what the other has changed and is to put back."""
        meet = self.first == other.first or self.holds_on(other.first) or other.holds_on(self.first)
        return meet and self.subject == other.subject and not self.days.isdisjoint(other.days)


def projected(week: Week, plans: Iterable[Plan], day: date) -> Week:
    """What ``week`` (as it is now) will be on ``day``, when one subject's plans have come true until then."""
    ends, begins = 0, 1  # on one day what ends is put back before anything begins
    events: list[tuple[date, int, Plan]] = []
    restores: dict[str, Days] = {}
    for plan in plans:
        if plan.state is PlanState.PLANNED:
            events.append((plan.first, begins, plan))
        if plan.state in {PlanState.PLANNED, PlanState.BEGUN} and plan.last:
            events.append((plan.last + ONE_DAY, ends, plan))
        restores[plan.id] = plan.restores or {}
    for at, what, plan in sorted(events, key=lambda event: event[:2]):
        if at > day:
            break
        if what == ends:
            week = week.replace(restores[plan.id])
            continue
        with suppress(DayNamedTwiceError):  # such a plan changes nothing when its day comes, either
            after = plan.pattern.on(week)
            restores[plan.id] = week.only(week.differing(after))
            week = after
    return week


def moment(day: date, at: time, zone: str) -> datetime:
    """When it is so late on this day in this zone, in UTC."""
    return moment_of(day, at, ZoneInfo(zone))
