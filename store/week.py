"""The basic values: days, hours, weeks, and the patterns by which people ask to change them.

Uses the standard library only, and nothing of Slack, Focus or SQL. A weekday without a row in Focus is *not
set* (``None``); ``Decimal(0)`` is *off*. The two are never mixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Literal

__all__ = [
    "ALL_DAYS",
    "OFF",
    "WORKWEEK",
    "Clause",
    "DayNamedTwiceError",
    "Hours",
    "Pattern",
    "Row",
    "Snapshot",
    "Steps",
    "Subject",
    "Week",
    "Weekday",
    "kept",
]

Hours = Decimal
"""Hours a day, 0 to 24, kept exactly as received or typed."""

OFF = Hours(0)

ROUNDING = Hours("0.005")
"""The most by which Focus may round: its page does not say how many decimals it keeps."""


def kept(sent: Hours | None, seen: Hours | None) -> bool:
    """Whether Focus has what was sent to it, if only to the hundredth of an hour: 7h20 goes out as 7.3333."""
    if sent is None or seen is None:
        return sent is seen
    return abs(sent - seen) <= ROUNDING


class Weekday(IntEnum):
    """ISO weekdays: Monday 1 … Sunday 7."""

    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
    SUNDAY = 7

    @property
    def short(self) -> str:
        """``Mon`` … ``Sun``."""
        return self.name[:3].title()


ALL_DAYS = tuple(Weekday)
WORKWEEK = ALL_DAYS[:5]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days, Monday first; ``None`` is *not set*, zero is *off*."""

    days: tuple[Hours | None, ...] = (None,) * 7

    def __post_init__(self) -> None:
        """Refuse anything that is not seven days of 0 to 24 hours."""
        if len(self.days) != 7:
            raise ValueError(f"a week has seven days, not {len(self.days)}")
        if any(hours is not None and not 0 <= hours <= 24 for hours in self.days):
            raise ValueError(f"a day has 0 to 24 hours: {self.days}")

    @classmethod
    def of(cls, hours: Mapping[Weekday, Hours | None]) -> Week:
        """The week with these hours; all other days are not set."""
        return cls(tuple(hours.get(day) for day in ALL_DAYS))

    def __getitem__(self, day: Weekday) -> Hours | None:
        return self.days[day - 1]

    def __iter__(self) -> Iterator[tuple[Weekday, Hours | None]]:
        """Each day with its hours, Monday first."""
        return zip(ALL_DAYS, self.days, strict=True)

    @property
    def total(self) -> Hours:
        """The sum of the hours of all days."""
        return sum((hours for hours in self.days if hours is not None), start=OFF)

    @property
    def set_days(self) -> tuple[Weekday, ...]:
        """The days that are set, including those with zero hours."""
        return tuple(day for day, hours in self if hours is not None)

    @property
    def worked_days(self) -> tuple[Weekday, ...]:
        """The days with more than zero hours."""
        return tuple(day for day, hours in self if hours)

    def replace(self, days: Mapping[Weekday, Hours | None]) -> Week:
        """A copy of this week in which the given days have the given hours (``None``: not set)."""
        return Week(tuple(days.get(day, hours) for day, hours in self))

    def differing(self, other: Week) -> tuple[Weekday, ...]:
        """The days on which the two weeks differ."""
        return tuple(day for day in ALL_DAYS if self[day] != other[day])

    def not_kept_in(self, seen: Week) -> tuple[Weekday, ...]:
        """The days of this week that are different in Focus, by more than it may round (:func:`kept`)."""
        return tuple(day for day in ALL_DAYS if not kept(self[day], seen[day]))

    def only(self, days: Iterable[Weekday]) -> dict[Weekday, Hours | None]:
        """The hours of the given days in this week, as an argument for :meth:`replace`."""
        return {day: self[day] for day in days}


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """The owner of a week: a Focus user (by ``user_account_id``) or a placeholder (by ghost id)."""

    kind: Literal["person", "placeholder"]
    id: int

    @property
    def key(self) -> str:
        """The subject as text for rows, buttons and logs, such as ``person:501`` or ``placeholder:7``."""
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, key: str) -> Subject:
        """Restore a subject from its :attr:`key`.

        Raises:
            ValueError: the text is not such a key.
        """
        match key.split(":"):
            case ["person", number] if number.isdecimal():
                return cls("person", int(number))
            case ["placeholder", number] if number.isdecimal():
                return cls("placeholder", int(number))
        raise ValueError(f"not a subject: {key!r}")


@dataclass(frozen=True, slots=True)
class Row:
    """One working-hours row of Focus: its ``working_hour_id``, day and hours."""

    id: int
    day: Weekday
    hours: Hours


@dataclass(frozen=True, slots=True)
class Steps:
    """The calls that turn one week into another: at most one POST, one PUT and one DELETE."""

    create: Mapping[Weekday, Hours] = field(default_factory=dict)
    update: tuple[Row, ...] = ()
    delete: tuple[Row, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.create or self.update or self.delete)

    @property
    def days(self) -> frozenset[Weekday]:
        """The days that these calls are about."""
        return frozenset(self.create) | {row.day for row in (*self.update, *self.delete)}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A subject's rows as Focus gave them at ``as_of``."""

    rows: tuple[Row, ...]
    as_of: datetime

    @property
    def week(self) -> Week:
        """The week that these rows make; of two rows for one day the first counts (see :attr:`doubled`)."""
        return Week.of({row.day: row.hours for row in reversed(self.rows)})

    @property
    def doubled(self) -> tuple[Weekday, ...]:
        """The days with more than one row: a fault to be shown and repaired; the hours are never summed."""
        days = [row.day for row in self.rows]
        return tuple(day for day in ALL_DAYS if days.count(day) > 1)

    def steps_to(self, wanted: Week, *, repair: Iterable[Weekday] = ()) -> Steps:
        """The calls that turn these rows into the wanted week.

        If a day has several rows, all but the first are deleted only if the day changes or is in ``repair``;
        days that nobody asked to change are left as they are.
        """
        repaired = set(repair) & set(self.doubled)
        create: dict[Weekday, Hours] = {}
        update: list[Row] = []
        delete: list[Row] = []
        for day in sorted(repaired.union(self.week.differing(wanted))):
            hours = wanted[day]
            rows = [row for row in self.rows if row.day == day]
            if hours is None:
                delete.extend(rows)
            elif rows:
                if rows[0].hours != hours:
                    update.append(Row(rows[0].id, day, hours))
                delete.extend(rows[1:])
            else:
                create[day] = hours
        return Steps(create=create, update=tuple(update), delete=tuple(delete))


class DayNamedTwiceError(ValueError):
    """A pattern gives one day two different hours."""

    def __init__(self, day: Weekday) -> None:
        super().__init__(f"{day.name.title()} is named twice")
        self.day = day


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of a pattern, such as ``mon-thu 8``: days and their hours; ``hours=None`` removes the rows.

    ``days=None`` means *workdays*: the days with hours in the current week. With ``if_set``, days that are
    not set stay so: a person without a Friday needs no Friday off.
    """

    days: tuple[Weekday, ...] | None
    hours: Hours | None
    if_set: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A requested change of a week: clauses, and (``only``) whether every other *set* day becomes off.

    ``within`` limits it to these weekdays, for a span of less than a week.
    """

    clauses: tuple[Clause, ...]
    only: bool = False
    within: tuple[Weekday, ...] | None = None

    @classmethod
    def exactly(cls, days: Mapping[Weekday, Hours | None]) -> Pattern:
        """The pattern that sets exactly these days to these hours."""
        alike: dict[str, Clause] = {}  # by the hours' exact text: 8.0 must not become 8
        for day, hours in sorted(days.items()):
            before = alike.get(str(hours), Clause((), hours))
            alike[str(hours)] = Clause((*(before.days or ()), day), hours)
        return cls(tuple(alike.values()))

    def named(self, week: Week) -> dict[Weekday, Hours | None]:
        """The days that the clauses name when applied to ``week``, with their hours.

        Raises:
            DayNamedTwiceError: two clauses name the same day.
        """
        named: dict[Weekday, Hours | None] = {}
        for clause in self.clauses:
            for day in week.worked_days if clause.days is None else clause.days:
                if not self.is_about(day) or (clause.if_set and week[day] is None):
                    continue
                if day in named:
                    raise DayNamedTwiceError(day)
                named[day] = clause.hours
        return named

    def on(self, week: Week) -> Week:
        """The week that results from applying this pattern to ``week``.

        Raises:
            DayNamedTwiceError: two clauses name the same day.
        """
        others = filter(self.is_about, week.set_days if self.only else ())
        rest: dict[Weekday, Hours | None] = dict.fromkeys(others, OFF)
        return week.replace(rest | self.named(week))

    def is_about(self, day: Weekday) -> bool:
        """Whether it can change this day at all."""
        return self.within is None or day in self.within
