"""The local Focus's state: people, ghosts and their working-hours rows, with the rules of rows.

Pure: no HTTP, no JSON, and the time is an argument. Weekdays are ISO (Monday 1 … Sunday 7).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

__all__ = ["Book", "Ghost", "Kind", "Person", "Refused", "Row", "UnknownSubject"]

Kind = Literal["user", "ghost"]


class Refused(ValueError):  # noqa: N818 - reads well where it is caught: the book refused it
    """The rows may not become what was asked; nothing was changed."""


class UnknownSubject(LookupError):  # noqa: N818 - named as Refused is
    """There is no such user or ghost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An organization user. ``user_account_id`` is the id of working-hours paths, ``id`` is not."""

    id: int
    user_account_id: int
    name: str
    email: str
    active: bool = True
    owner: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ghost:
    """A placeholder; *embodied* once it has become a real user (``user_id``)."""

    id: int
    name: str
    created_at: datetime
    description: str = ""
    user_id: int | None = None
    embodied_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The hours of one weekday."""

    id: int
    weekday: int
    hours: Decimal
    created_at: datetime
    updated_at: datetime


class Book:
    """Everybody's rows. Each write is done completely or refused completely."""

    def __init__(self) -> None:
        self.people: dict[int, Person] = {}
        self.ghosts: dict[int, Ghost] = {}
        self._rows: dict[tuple[Kind, int], list[Row]] = {}
        self._last_id = 90_000

    def name(self, kind: Kind, number: int) -> str:
        """The subject's name.

        Raises:
            UnknownSubject: there is no such subject.
        """
        subjects: Mapping[int, Person | Ghost] = self.people if kind == "user" else self.ghosts
        if number not in subjects:
            raise UnknownSubject(f"{kind} {number} not found")
        return subjects[number].name

    def rows(self, kind: Kind, number: int) -> tuple[Row, ...]:
        """A subject's rows, in the order of their ids.

        Raises:
            UnknownSubject: there is no such subject.
        """
        return tuple(self._of(kind, number))

    def create(
        self, kind: Kind, number: int, hours: Sequence[tuple[int, Decimal]], *, now: datetime
    ) -> tuple[Row, ...]:
        """Add a row for each weekday.

        Raises:
            UnknownSubject: there is no such subject.
            Refused: a day is named twice or already has a row, or hours are out of range.
        """
        rows = self._of(kind, number)
        days = [day for day, _ in hours]
        _once(days, "weekday")
        for row in rows:
            if row.weekday in days:
                raise Refused(f"working hours for this weekday already exist (working_hour_id {row.id})")
        for day, value in hours:
            _sensible(day, value)
        return tuple(self._append(kind, number, day, value, now=now) for day, value in hours)

    def update(
        self,
        kind: Kind,
        number: int,
        changes: Sequence[tuple[int, int, Decimal]],
        *,
        now: datetime,
        drop_others: bool = False,
    ) -> tuple[Row, ...]:
        """Put hours into rows: ``(row id, its weekday, hours)`` each.

        Raises:
            UnknownSubject: there is no such subject.
            Refused: an id is unknown, named twice or of another weekday, or hours are out of range.
        """
        rows = {row.id: row for row in self._of(kind, number)}
        _once([row_id for row_id, _, _ in changes], "working_hour_id")
        for row_id, day, value in changes:
            _sensible(day, value)
            if row_id not in rows:
                raise Refused(f"unknown working_hour_id {row_id}")
            if rows[row_id].weekday != day:
                raise Refused(f"working_hour_id {row_id} is for another weekday")
        written = {row_id: replace(rows[row_id], hours=value, updated_at=now) for row_id, _, value in changes}
        kept = written if drop_others else rows | written
        self._rows[kind, number] = [kept[row_id] for row_id in rows if row_id in kept]
        return tuple(written.values())

    def delete(self, kind: Kind, number: int, ids: Sequence[int]) -> tuple[Row, ...]:
        """Remove rows by their ids, and return them.

        Raises:
            UnknownSubject: there is no such subject.
            Refused: an id is unknown or named twice.
        """
        rows = {row.id: row for row in self._of(kind, number)}
        _once(ids, "working_hour_id")
        for row_id in ids:
            if row_id not in rows:
                raise Refused(f"unknown working_hour_id {row_id}")
        self._rows[kind, number] = [row for row in rows.values() if row.id not in ids]
        return tuple(rows[row_id] for row_id in ids)

    def put(self, kind: Kind, number: int, days: Mapping[int, Decimal | None], *, now: datetime) -> None:
        """Set the hours of the given days, whatever rows they have; ``None`` removes a day's rows.

        Raises:
            UnknownSubject: there is no such subject.
            Refused: a weekday or hours out of range.
        """
        rows = self._of(kind, number)
        for day, value in days.items():
            _sensible(day, value or Decimal())
        gone = {row.id for row in rows if row.weekday in days and days[row.weekday] is None}
        self.delete(kind, number, sorted(gone))
        kept = [row for row in rows if row.id not in gone]
        changed = [
            (row.id, row.weekday, value) for row in kept if (value := days.get(row.weekday)) is not None
        ]
        self.update(kind, number, changed, now=now)
        there = {row.weekday for row in kept}
        self.create(
            kind,
            number,
            [(day, value) for day, value in days.items() if value is not None and day not in there],
            now=now,
        )

    def double(self, kind: Kind, number: int, weekday: int, *, hours: Decimal, now: datetime) -> Row:
        """Add a row without checking for another of its day, as a late POST or a race on the web page can."""
        self._of(kind, number)
        _sensible(weekday, hours)
        return self._append(kind, number, weekday, hours, now=now)

    def remove(self, kind: Kind, number: int) -> None:
        """Remove a subject from the organization, with all rows.

        Raises:
            UnknownSubject: there is no such subject.
        """
        self.name(kind, number)
        self._rows.pop((kind, number), None)
        if kind == "user":
            del self.people[number]
        else:
            del self.ghosts[number]

    def clear(self) -> None:
        """Remove everybody; ids of rows are never used again."""
        self.people.clear()
        self.ghosts.clear()
        self._rows.clear()

    def _of(self, kind: Kind, number: int) -> list[Row]:
        self.name(kind, number)
        return self._rows.setdefault((kind, number), [])

    def _append(self, kind: Kind, number: int, weekday: int, hours: Decimal, *, now: datetime) -> Row:
        self._last_id += 1
        row = Row(id=self._last_id, weekday=weekday, hours=hours, created_at=now, updated_at=now)
        self._rows[kind, number].append(row)
        return row


def _sensible(weekday: int, hours: Decimal) -> None:
    if not 1 <= weekday <= 7:
        raise Refused(f"there is no weekday {weekday}")
    if not (hours.is_finite() and 0 <= hours <= 24):
        raise Refused(f"working_hours must be between 0 and 24, not {hours}")


def _once(numbers: Iterable[int], what: str) -> None:
    seen: set[int] = set()
    for number in numbers:
        if number in seen:
            raise Refused(f"the same {what} is named twice")
        seen.add(number)
