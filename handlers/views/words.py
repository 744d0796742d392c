"""Format days and hours in the reader's locale, and counts; every message uses these functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import Final

from handlers import grammar
from handlers.local import read_by, to_english
from store.reminders import Rule
from store.week import ALL_DAYS, Hours, Weekday

__all__ = [
    "counted",
    "day_name",
    "day_title",
    "days_of",
    "format_days",
    "format_hours",
    "format_rule",
    "typed_hours",
    "understood",
]


def counted(number: int, noun: str, *, several: str = "") -> str:
    """``1 week``, ``2 weeks``; ``several`` is the plural of a noun that needs more than an s."""
    return f"{number} {noun if number == 1 else several or f'{noun}s'}"


def format_days(days: Iterable[Weekday] | None) -> str:
    """Format days as ``Mon–Thu, Sat``; ``None`` becomes ``workdays``."""
    return grammar.format_days(days, name=read_by().name)


def format_hours(hours: Hours) -> str:
    """Format hours as ``8 h``, ``7:20 h`` or ``7.33 h``."""
    return read_by().number(grammar.format_hours(hours))


def typed_hours(hours: Hours) -> str:
    """Format hours for a text field; the grammar parses every locale's form."""
    return read_by().number(grammar.typed_hours(hours))


def understood(text: str) -> str:
    """A field's text with the reader's weekday names replaced by English ones, for the grammar."""
    return to_english(read_by())(text)


def format_rule(rule: Rule) -> str:
    """Format a rule: ``every Monday``, ``the second Tuesday of each month``."""
    return grammar.format_rule(rule, name=read_by().name, full_name=read_by().full_name)


def day_name(day: Weekday | date) -> str:
    """The abbreviated name, ``Mon``, for tables and dates."""
    return read_by().name(_weekday(day))


def day_title(day: Weekday | date) -> str:
    """The full name, ``Monday``, for days with a line of their own."""
    return read_by().full_name(_weekday(day))


def days_of(english: str) -> str:
    """Translate days as stored in the journal, ``Mon Tue`` or ``Monday``; other words stay as they are."""
    return " ".join(_KEPT[word]() if word in _KEPT else word for word in english.split(" "))


_KEPT: Final[dict[str, Callable[[], str]]] = {
    **{day.short: partial(day_name, day) for day in ALL_DAYS},
    **{day.name.title(): partial(day_title, day) for day in ALL_DAYS},
}


def _weekday(day: Weekday | date) -> Weekday:
    return Weekday(day.isoweekday()) if isinstance(day, date) else day
