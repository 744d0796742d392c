"""A plan as a value: a change of one week that begins on a date and may end after another. Pure.

Dates are local to the plan's time zone. A day begins with its first moment, which is not midnight if clocks
go forward at midnight.
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
"""The local time at which people are told of what begins or ends tomorrow."""

ONE_DAY = timedelta(days=1)
LONG = timedelta(days=7)
"""The shortest duration of a plan whose end is announced; people remember the end of a shorter one."""


class PlanState(StrEnum):
    """The state of a plan; a permanent plan is over as soon as it has begun."""

    PLANNED = "planned"
    BEGUN = "begun"  # its days are in effect, and are put back after ``last``
    ASKED = "asked"  # it was due but not permitted: a person must decide
    OVER = "over"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether the plan may still change the week."""
        return self not in {PlanState.OVER, PlanState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Plan:
    """The planned change of one subject's week; ``last`` is its last day, ``None`` if it is permanent.

    ``expected`` are the days that the plan should find, as :func:`projected` when it was planned: if others
    change them before ``first``, there is a conflict. ``due_at`` is when the plan begins or is put back;
    ``tell_at`` is when people are told of that beforehand. The last three fields are derived from the
    journal: ``restores`` are the days that the end of a begun plan restores, none if the change it began
    with was ``undone`` before its end; ``unwritten`` says that this change has written nothing and waits or
    was given up.
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
        """The morning of the day before the first."""
        return moment(self.first - ONE_DAY, MORNING, self.zone)

    @property
    def tells_of_end_at(self) -> datetime | None:
        """The morning of the last day; ``None`` if the plan is permanent or too short for an announcement."""
        if self.last is None or self.last - self.first < LONG:
            return None
        return moment(self.last, MORNING, self.zone)

    @property
    def of_the_clock(self) -> bool:
        """Whether the clock begins or ends the plan at the planned time, so that nobody waits for it."""
        if self.begin_act:
            return self.due_at == self.ends_at
        return self.due_at == self.begins_at and self.at < self.begins_at

    def is_for(self, pattern: Pattern, first: date, last: date | None) -> bool:
        """Whether the plan has this pattern and these dates, so that a request for them is a duplicate."""
        return (self.pattern, self.first, self.last) == (pattern, first, last)

    def scheduled(self, *, now: datetime) -> Plan:
        """A copy of this plan, before it begins, with ``due_at`` and ``tell_at`` set for its first day."""
        tells = max(self.tells_of_begin_at, now) if now < self.begins_at else None
        return replace(self, due_at=self.begins_at, tell_at=tells)

    @property
    def days(self) -> frozenset[Weekday]:
        """The weekdays that the plan may change; all of them if that depends on the week it finds."""
        every = self.pattern.only or any(clause.days is None for clause in self.pattern.clauses)
        named = ALL_DAYS if every else (day for clause in self.pattern.clauses for day in clause.days or ())
        return frozenset(filter(self.pattern.is_about, named))

    def holds_on(self, day: date) -> bool:
        """Whether the day is in the plan's period; a permanent plan has none."""
        return self.last is not None and self.first <= day <= self.last

    def overlaps(self, other: Plan) -> bool:
        """Whether one of two plans would change days that the other changes and puts back."""
        meet = self.first == other.first or self.holds_on(other.first) or other.holds_on(self.first)
        return meet and self.subject == other.subject and not self.days.isdisjoint(other.days)


def projected(week: Week, plans: Iterable[Plan], day: date) -> Week:
    """The week on a future ``day``, given the current ``week`` of a subject and the subject's plans."""
    ends, begins = 0, 1  # on the same day, plans that end are put back before others begin
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
        with suppress(DayNamedTwiceError):  # a plan with this error changes nothing when it begins
            after = plan.pattern.on(week)
            restores[plan.id] = week.only(week.differing(after))
            week = after
    return week


def moment(day: date, at: time, zone: str) -> datetime:
    """This local day and time as a UTC datetime."""
    return moment_of(day, at, ZoneInfo(zone))
