"""Parse a single date as typed after *from* or *until*.

:func:`read_date` needs no clock: relative dates stay words, which :func:`date_of` resolves later. An
ambiguous date is not accepted; :func:`near_dates` lists its possible meanings, to be offered as buttons.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from store.week import ALL_DAYS

__all__ = ["UNDATED", "Period", "date_of", "format_date_word", "is_bare_weekday", "near_dates", "read_date"]

_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WEEKDAYS: Final = {
    **{day.name.lower(): day for day in ALL_DAYS},
    **{day.short.lower(): day for day in ALL_DAYS},
}
_MONTHS: Final = {
    name: month
    for month in range(1, 13)
    for name in (calendar.month_name[month].lower(), calendar.month_abbr[month].lower())
} | {"sept": 9}
_NAMED: Final = re.compile(
    r"(?:(?P<weekday>[a-z]+),?\s)?(?:"
    r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|\.)?\s(?:of\s)?(?P<month>[a-z]+)\.?"
    r"|(?P<month_first>[a-z]+)\.?\s(?P<day_last>[0-9]{1,2})(?:st|nd|rd|th)?"
    r"),?\s(?P<year>[0-9]{4})"
)
_NUMBERS: Final = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_A_MONTH: Final = re.compile(r"([a-z]+)\.?,?\s([0-9]{4})")
_A_WEEK: Final = re.compile(r"(?:the\s)?(?:next|coming)\sweek")


@dataclass(frozen=True, slots=True)
class Period:
    """The first and last date of a change in :func:`read_date`'s format; empty where none was typed."""

    first: str = ""
    last: str = ""


UNDATED: Final = Period()


def read_date(text: str) -> str | None:
    """Normalise a date to ``2027-03-31``, ``today``, ``tomorrow`` or a weekday's full name.

    ``None`` if the text is not a date, or is an ambiguous one.

    ``next mon``, ``on Monday`` and ``mon`` are all ``monday``; ``1 Jan 2027`` is ``2027-01-01``.
    """
    word = re.sub(r"^(?:the |on |next |this |coming )+", "", _plain(text))
    if word in {"today", "tomorrow"}:
        return word
    if word in _WEEKDAYS:
        return _WEEKDAYS[word].name.lower()
    try:
        if found := _NAMED.fullmatch(word):
            return _named(found)
        return date.fromisoformat(word).isoformat() if _ISO.fullmatch(word) else None
    except ValueError:
        return None


def is_bare_weekday(text: str) -> bool:
    """Whether the text may also mean a day of every week: ``mon``, but not ``next mon``."""
    return _plain(text) in _WEEKDAYS


def near_dates(text: str, *, last: bool) -> tuple[str, ...]:
    """The possible meanings of an ambiguous date, in :func:`read_date`'s format.

    Args:
        text: ``1.2.2027``, ``March 2027``, ``next week``.
        last: whether the end of a month or week is meant, rather than its beginning.
    """
    word = _plain(text)
    if word == "yesterday":
        return ("today",)
    if _A_WEEK.fullmatch(word):
        return ("sunday",) if last else ("monday",)
    if (found := _A_MONTH.fullmatch(word)) and found[1] in _MONTHS:
        year, month = int(found[2]), _MONTHS[found[1]]
        return (f"{year:04}-{month:02}-{calendar.monthrange(year, month)[1] if last else 1:02}",)
    if found := _NUMBERS.fullmatch(word):
        one, two, year = int(found[1]), int(found[3]), int(found[4])
        pairs = dict.fromkeys(((one, two), (two, one)))
        texts = (f"{year if year > 99 else 2000 + year:04}-{month:02}-{day:02}" for day, month in pairs)
        return tuple(found for found in map(read_date, texts) if found)
    sure = read_date(word)
    return (sure,) if sure else ()


def date_of(word: str, *, today: date) -> date:
    """Resolve a result of :func:`read_date` to a day; a weekday is the first such day after today."""
    if word == "today":
        return today
    if word == "tomorrow":
        return today + timedelta(days=1)
    if day := _WEEKDAYS.get(word):
        return today + timedelta(days=(day - today.isoweekday() - 1) % 7 + 1)
    return date.fromisoformat(word)


def format_date_word(word: str) -> str:
    """The date word as typed in a command, where a bare weekday would be misread: ``next monday``."""
    return f"next {word}" if word in _WEEKDAYS else word


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).strip(" ,.")


def _named(found: re.Match[str]) -> str | None:
    """The ISO date of ``Fri 1 Jan 2027``; ``None`` if the weekday does not match the date."""
    month = _MONTHS.get(found["month"] or found["month_first"])
    if month is None:
        return None
    day = date(int(found["year"]), month, int(found["day"] or found["day_last"]))
    named = found["weekday"]
    if named and _WEEKDAYS.get(named) != day.isoweekday():
        return None
    return day.isoformat()
