"""Days and hours as the reader writes them: what every message uses to say them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from handlers import grammar
from handlers.local import read_by, to_english
from store.week import Hours, Weekday

__all__ = ["day_name", "day_title", "format_days", "format_hours", "typed_hours", "understood"]


def format_days(days: Iterable[Weekday] | None) -> str:
    """``Mon–Thu, Sat``; ``workdays`` for ``None``."""
    return grammar.format_days(days, name=read_by().name)


def format_hours(hours: Hours) -> str:
    """``8 h``, ``7:20 h``, ``7.33 h``."""
    return read_by().number(grammar.format_hours(hours))


def typed_hours(hours: Hours) -> str:
    """What stands in a field: the grammar reads every reader's own form."""
    return read_by().number(grammar.typed_hours(hours))


def understood(text: str) -> str:
    """A field's text with the reader's names of weekdays as the grammar knows them."""
    return to_english(read_by())(text)


def day_name(day: Weekday) -> str:
    """``Mon``, for tables."""
    return read_by().name(day)


def day_title(day: Weekday | date) -> str:
    """``Monday``, where a day has a line of its own."""
    weekday = Weekday(day.isoweekday()) if isinstance(day, date) else day
    return read_by().full_name(weekday)
