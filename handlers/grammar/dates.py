"""A single date, as it is typed behind *from* or *until*: read without a clock, counted from a day later.

A date that several days could be is none here; :func:`near_dates` says which they are, so that it can be
asked which was meant.
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
    """From when and until when, as :func:`read_date` gives dates; empty where nothing was said."""

    first: str = ""
    last: str = ""


UNDATED: Final = Period()


def read_date(text: str) -> str | None:
    """``2027-03-31``, ``today``, ``tomorrow`` or a weekday's whole name; ``None`` if it is no date.

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
    """Whether it may be a day of every week as well: ``mon``, but not ``next mon``."""
    return _plain(text) in _WEEKDAYS


def near_dates(text: str, *, last: bool) -> tuple[str, ...]:
    """The dates that an unclear one may have meant, as :func:`read_date` gives them.

    Args:
        text: ``1.2.2027``, ``March 2027``, ``next week``.
        last: whether the end of a month or a week is meant, rather than its begin.
    """
    word = _plain(text)
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
    """The day that :func:`read_date` has read; a weekday is the first after today."""
    if word == "today":
        return today
    if word == "tomorrow":
        return today + timedelta(days=1)
    if day := _WEEKDAYS.get(word):
        return today + timedelta(days=(day - today.isoweekday() - 1) % 7 + 1)
    return date.fromisoformat(word)


def format_date_word(word: str) -> str:
    """As it is typed where a bare weekday could be misread: ``next monday``, ``2027-01-01``."""
    return f"next {word}" if word in _WEEKDAYS else word


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).strip(" ,.")


def _named(found: re.Match[str]) -> str | None:
    """``Fri 1 Jan 2027``; a weekday that is not that day's makes it unclear."""
    month = _MONTHS.get(found["month"] or found["month_first"])
    if month is None:
        return None
    day = date(int(found["year"]), month, int(found["day"] or found["day_last"]))
    named = found["weekday"]
    if named and _WEEKDAYS.get(named) != day.isoweekday():
        return None
    return day.isoformat()
