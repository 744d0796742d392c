"""Weekdays and numbers in the reader's Slack language; sentences stay English.

Code that starts answering a person sets their locale with :func:`reading`; code that words days and
hours gets it from :func:`read_by`.
Names come from CLDR, through Babel: https://babel.pocoo.org/en/latest/locale.html
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from store.week import ALL_DAYS, Weekday

__all__ = ["ENGLISH", "Local", "local_of", "read_by", "reading", "to_english"]


@dataclass(frozen=True, slots=True)
class Local:
    """One language's day names (Monday first), decimal sign and first day of the week."""

    short: tuple[str, ...]
    full: tuple[str, ...]
    decimal: str = "."
    first: Weekday = Weekday.MONDAY
    """The first day of the week, for showing days in order."""

    @property
    def days(self) -> tuple[Weekday, ...]:
        """The seven days from :attr:`first` on."""
        return ALL_DAYS[self.first - 1 :] + ALL_DAYS[: self.first - 1]

    def name(self, day: Weekday) -> str:
        """The abbreviated name, such as ``Mon``."""
        return self.short[day - 1]

    def full_name(self, day: Weekday) -> str:
        """The full name, such as ``Monday``."""
        return self.full[day - 1]

    def number(self, text: str) -> str:
        """A number such as ``7.33`` with this language's decimal sign."""
        return text.replace(".", self.decimal)


ENGLISH: Final = Local(tuple(day.short for day in ALL_DAYS), tuple(day.name.title() for day in ALL_DAYS))
AMERICAN: Final = replace(ENGLISH, first=Weekday.SUNDAY)

_reader: ContextVar[Local] = ContextVar("reader", default=ENGLISH)


def reading(local: Local) -> None:
    """Set the reader's locale for this task and the tasks it starts from now on."""
    _reader.set(local)


def read_by() -> Local:
    """The locale of the person who will read what is being worded."""
    return _reader.get()


@lru_cache(maxsize=64)
def local_of(tag: str) -> Local:
    """The :class:`Local` of a Slack locale such as ``de-DE``; English if it is unknown."""
    if tag.startswith("en"):
        return AMERICAN if tag == "en-US" else ENGLISH
    from babel import Locale, UnknownLocaleError  # five megabytes, so only once another language occurs

    # Slack uses es-LA for Latin American Spanish; CLDR uses es-419.
    for candidate in (tag.replace("es-LA", "es-419").replace("-", "_"), tag.partition("-")[0]):
        try:
            found = Locale.parse(candidate)
        except (ValueError, UnknownLocaleError):
            continue
        names = found.days["format"]
        return Local(
            short=tuple(names["abbreviated"][day - 1].rstrip(".") for day in ALL_DAYS),
            full=tuple(names["wide"][day - 1] for day in ALL_DAYS),
            decimal=str(found.number_symbols.get("latn", found.number_symbols)["decimal"]),
            first=ALL_DAYS[found.first_week_day],
        )
    return ENGLISH


@lru_cache(maxsize=64)
def to_english(local: Local) -> Callable[[str], str]:
    """A function that replaces this language's weekday names with English ones, outside quotes and mentions.

    Names that mean something else in the grammar (Finnish *to*, Hungarian *h*) are not replaced.
    """
    names = {
        _folded(name): day
        for day in ALL_DAYS
        for name in (local.name(day), local.full_name(day), local.full_name(day).split("-")[0])
    }
    understood = {name: _english(name, day) for name, day in names.items() if _is_safe(name, day)}
    if local.short == ENGLISH.short or not understood:
        return lambda text: text
    words = "|".join(re.escape(name) for name in sorted(understood, key=len, reverse=True))
    pattern = re.compile(rf"(?P<kept>{_KEPT})|(?<!\w)(?P<day>{words})(?P<dot>\.(?!\d))?(?!\w)", re.IGNORECASE)

    def one(match: re.Match[str]) -> str:
        return match["kept"] or understood[_folded(match["day"])]

    return lambda text: pattern.sub(one, unicodedata.normalize("NFC", text))


_KEPT: Final = r"<[^<>]*>|[\"“”„«»][^\"“”„«»]*[\"“”„«»]|@\S+"
"""Mentions and quoted names, which are left unchanged."""

_GRAMMAR: Final = frozenset(
    {
        "to",
        "and",
        "for",
        "of",
        "the",
        "off",
        "on",
        "only",
        "me",
        "my",
        "i",
        "in",
        "by",
        "from",
        "until",
        "till",
    }
    | {
        "h",
        "m",
        "min",
        "set",
        "clear",
        "who",
        "week",
        "next",
        "this",
        "mar",
        "jan",
        "may",
        "jun",
        "jul",
        "dec",
    }
)
_ENGLISH_DAYS: Final = {
    form: day for day in ALL_DAYS for form in (day.short.lower(), day.name.lower(), day.short.lower()[:2])
}


def _is_safe(name: str, day: Weekday) -> bool:
    plain = len(name) > 1 and not any(character.isdigit() or character.isspace() for character in name)
    return plain and name not in _GRAMMAR and _ENGLISH_DAYS.get(name, day) is day


def _english(name: str, day: Weekday) -> str:
    return name if name in _ENGLISH_DAYS else day.short.lower()


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
