"""Days and hours as the reader writes them: what every message uses to say them."""

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
    "day_name",
    "day_title",
    "days_of",
    "format_days",
    "format_hours",
    "format_rule",
    "typed_hours",
    "understood",
]


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


def format_rule(rule: Rule) -> str:
    """``every Monday``, ``the second Tuesday of each month``."""
    return grammar.format_rule(rule, name=read_by().name, full_name=read_by().full_name)


def day_name(day: Weekday | date) -> str:
    """``Mon``, for tables and dates."""
    return read_by().name(_weekday(day))


def day_title(day: Weekday | date) -> str:
    """``Monday``, where a day has a line of its own."""
    return read_by().full_name(_weekday(day))


def days_of(english: str) -> str:
    """Days as the journal keeps them, ``Mon Tue`` or ``Monday``; anything else is left as it is."""
    return " ".join(_KEPT[word]() if word in _KEPT else word for word in english.split(" "))


_KEPT: Final[dict[str, Callable[[], str]]] = {
    **{day.short: partial(day_name, day) for day in ALL_DAYS},
    **{day.name.title(): partial(day_title, day) for day in ALL_DAYS},
}


def _weekday(day: Weekday | date) -> Weekday:
    return Weekday(day.isoweekday()) if isinstance(day, date) else day
