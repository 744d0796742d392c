"""A single date, as it is typed behind *until*: read without a clock, counted from a day given later."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from store.week import ALL_DAYS

__all__ = ["date_of", "read_date"]

_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WEEKDAYS: Final = {
    **{day.name.lower(): day for day in ALL_DAYS},
    **{day.short.lower(): day for day in ALL_DAYS},
}


def read_date(text: str) -> str | None:
    """``2027-03-31``, ``today``, ``tomorrow`` or a weekday's whole name; ``None`` if it is no date.

    ``next mon``, ``on Monday`` and ``mon`` are all ``monday``.
    """
    word = re.sub(r"^(?:the |on |next |this |coming )+", "", " ".join(text.lower().split())).strip(" ,.")
    if word in {"today", "tomorrow"}:
        return word
    if word in _WEEKDAYS:
        return _WEEKDAYS[word].name.lower()
    if not _ISO.fullmatch(word):
        return None
    try:
        return date.fromisoformat(word).isoformat()
    except ValueError:
        return None


def date_of(word: str, *, today: date) -> date:
    """The day that :func:`read_date` has read; a weekday is the first after today."""
    if word == "today":
        return today
    if word == "tomorrow":
        return today + timedelta(days=1)
    if day := _WEEKDAYS.get(word):
        return today + timedelta(days=(day - today.isoweekday() - 1) % 7 + 1)
    return date.fromisoformat(word)
