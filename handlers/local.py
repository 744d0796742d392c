"""How the reader writes weekdays and numbers, after the language they use Slack in; sentences stay English.

Whoever begins to answer somebody says for whom (:func:`reading`); what words days and hours asks here.
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
    """One language's habits; names are Monday first."""

    short: tuple[str, ...]
    full: tuple[str, ...]
    decimal: str = "."
    first: Weekday = Weekday.MONDAY
    """The day a week begins with, where days stand in a row."""

    @property
    def days(self) -> tuple[Weekday, ...]:
        """The seven days from :attr:`first` on."""
        return ALL_DAYS[self.first - 1 :] + ALL_DAYS[: self.first - 1]

    def name(self, day: Weekday) -> str:
        """``Mon``."""
        return self.short[day - 1]

    def full_name(self, day: Weekday) -> str:
        """``Monday``."""
        return self.full[day - 1]

    def number(self, text: str) -> str:
        """``7.33`` as this language has it."""
        return text.replace(".", self.decimal)


ENGLISH: Final = Local(tuple(day.short for day in ALL_DAYS), tuple(day.name.title() for day in ALL_DAYS))
AMERICAN: Final = replace(ENGLISH, first=Weekday.SUNDAY)

_reader: ContextVar[Local] = ContextVar("reader", default=ENGLISH)


def reading(local: Local) -> None:
    """From now on, and in whatever this task starts, it is for somebody with these habits."""
    _reader.set(local)


def read_by() -> Local:
    """The habits of whoever reads what is being worded."""
    return _reader.get()


@lru_cache(maxsize=64)
def local_of(tag: str) -> Local:
    """The habits behind a Slack locale such as ``de-DE``; English ones where it is not known."""
    if tag.startswith("en"):
        return AMERICAN if tag == "en-US" else ENGLISH
    from babel import Locale, UnknownLocaleError  # five megabytes, so only where another language is met

    # Slack says es-LA for Latin America.
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
    """What puts English names in the place of this language's weekdays, outside names and mentions.

    A name that means something else in the grammar (Finnish *to*, Hungarian *h*) is left alone: nothing
    is guessed.
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
"""Mentions and quoted names."""

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
