"""Export of everybody's last-known week as CSV: without calls to Focus, and with the age of each week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bot.files.cells import FileProblemsError, write
from bot.files.settings import FileSettings
from bot.files.tables import open_tables
from handlers.views.words import counted
from store.focus import ImpossibleWeekdayError, Numbering
from store.sheets import WeekRow
from store.week import ALL_DAYS

__all__ = ["export_weeks"]

COLUMNS = (
    "kind",
    "focus_id",
    "name",
    "slack_user_id",
    *(day.short for day in ALL_DAYS),
    "total",
    "as_of",
    "confirmed_at",
    "last_change_at",
    "last_change_by",
)
"""Columns of the file. Days have hours: empty is not set, 0 is off."""


async def export_weeks(settings: FileSettings, path: Path, *, now: datetime | None = None) -> str:
    """Write everybody's last-known week to a CSV file, and return what was done as text.

    Raises:
        FileProblemsError: there is no database, ``FOCUS_WEEKDAYS`` is impossible, or the file
            cannot be written.
    """
    numbering = Numbering(settings.focus_weekdays) if settings.focus_weekdays else None
    async with open_tables(settings.database_path) as tables:
        try:
            weeks, names = await tables.weeks(numbering), await tables.names()
        except ImpossibleWeekdayError as error:
            raise FileProblemsError([f"FOCUS_WEEKDAYS: {error}. `doctor` tells more."]) from error
    write(path, COLUMNS, (_row(week, names) for week in weeks))
    return f"{counted(len(weeks), 'week')} written to {path}. {_age(weeks, now=now or datetime.now(UTC))}"


def _row(week: WeekRow, names: Mapping[str, str]) -> tuple[object, ...]:
    by = week.changed_by or ""
    known = week.snapshot and week.snapshot.week
    return (
        week.subject.kind,
        week.subject.id,
        week.name,
        week.slack_user_id,
        *(_hours(known[day]) if known else "" for day in ALL_DAYS),
        _hours(known.total) if known else "",
        week.snapshot.as_of.isoformat(timespec="seconds") if week.snapshot else "never read",
        week.confirmed_at.isoformat(timespec="seconds") if week.confirmed_at else "",
        week.changed_at.isoformat(timespec="seconds") if week.changed_at else "",
        f"{names[by]} ({by})" if by in names else by,
    )


def _hours(hours: Decimal | None) -> str:
    """Hours exactly as in Focus, without an exponent or trailing zeros; empty if not set."""
    if hours is None:
        return ""
    text = f"{hours:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _age(weeks: Sequence[WeekRow], *, now: datetime) -> str:
    read = [week.snapshot.as_of for week in weeks if week.snapshot]
    never = len(weeks) - len(read)
    told = []
    if read:
        oldest = now - min(read)
        told.append(f"They are as Toggl Focus had them when last read; the oldest {_ago(oldest)}.")
    if never:
        told.append(f"Empty, because never read: {never}.")
    return " ".join(told)


def _ago(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    if hours < 1:
        return "less than an hour ago"
    return f"{counted(hours, 'hour') if hours < 48 else counted(hours // 24, 'day')} ago"
