"""The lexer for days and hours: classify each word as days, hours, a joining word, or none of these.

Input that is only nearly right raises :class:`Unclear` with corrected texts as suggestions; none of them
is ever chosen automatically.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Final

from handlers.grammar.other_days import day_elsewhere, in_english
from handlers.grammar.spelled import plain_hours
from handlers.grammar.unclear import Unclear
from handlers.grammar.when import last_opening
from store.week import ALL_DAYS, OFF, WORKWEEK, Hours, Weekday

__all__ = ["NEGATIONS", "Days", "Part", "begins_with_days", "parts_of"]

Days = tuple[Weekday, ...] | None
"""Named weekdays; ``None`` means *workdays*, which depend on the week that is changed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One lexical part of a pattern: days, hours, or a word that joins them."""

    kind: str
    """``day`` (a single one), ``days`` or ``hours``; before folding also ``from``, ``to`` and ``dash``."""
    text: str
    start: int
    end: int
    days: Days = ()
    hours: Hours = OFF

    @property
    def is_days(self) -> bool:
        """Whether the part names days."""
        return self.kind in ("day", "days")


_UNIT: Final = r"h(?:(?:ou)?rs?)?(?![a-z])"
_MINUTES: Final = r"min(?:ute)?s?(?![a-z])"
_LEXEME: Final = re.compile(
    rf"""
      (?P<relative>[0-9]+(?:[.,][0-9]+)?\s?(?:%|percent(?![a-z]))
        | half(?:\sa|-)?\s?day(?![a-z])
        | [0-9]+[\s-]?days?(?![a-z])
        | \+\s?(?=[0-9]))
    | (?P<clock>[0-9]+:[0-9]+(?!:))(?:\s?{_UNIT})?
    | (?P<long>[0-9]+\s?h(?:(?:ou)?rs?)?\s?(?:and\s)?
        (?:[0-9]+\s?(?:{_MINUTES}|m(?![a-z])) | [0-9]{{2}}(?![0-9]|[.,:][0-9]|\s?{_UNIT})))
    | (?P<minutes>[0-9]+)\s?{_MINUTES}
    | (?P<decimal>[0-9]+(?:[.,][0-9]+)?|\.[0-9]+)(?:\s?{_UNIT})?
    | (?P<off>(?:a\s)?(?:day\s)?off|zero)(?![a-z])
    | (?P<unset>not\sset|none|nothing|unset|empty|blank|free|frei|libre|libero|vrij)(?![a-z])
    | (?P<everyday>every\s?day|daily|all\sdays|all\sweek)(?![a-z])
    | (?P<weekdays>week\s?days?)(?![a-z])
    | (?P<weekend>week\s?ends?)(?![a-z])
    | (?P<workdays>work(?:ing)?[\s-]?days?)(?![a-z])
    | (?P<filler>from\snow\son|(?:per|a|each)\sday|/\s?day|(?:each|on|at|is|are|the|be)(?![a-z])|[=:])
    | (?P<from>(?:from|between)(?![a-z]))
    | (?P<to>(?:to|through|thru|until|till?)(?![a-z])|->|\.\.+|[…→])
    | (?P<dash>-)
    | (?P<separator>[,;/&+\s]|and(?![a-z]))
    | (?P<word>[^\W\d_]+(?:'[a-z]+)?)
    | (?P<other>.)
    """,
    re.VERBOSE,
)
_NAMED_DAYS: Final[dict[str, Days]] = {
    "everyday": ALL_DAYS,
    "weekdays": WORKWEEK,
    "weekend": ALL_DAYS[5:],
    "workdays": None,
}
_FULL_NAMES: Final = {day.name.lower(): day for day in ALL_DAYS}
_DAYS: Final = {
    name: day for full, day in _FULL_NAMES.items() for name in (full[:2], full[:3], full, f"{full}s")
} | {
    "tues": Weekday.TUESDAY,
    "weds": Weekday.WEDNESDAY,
    "thur": Weekday.THURSDAY,
    "thurs": Weekday.THURSDAY,
}
"""No further abbreviations are accepted, since they may be names, such as Frida."""
_NUMBERS: Final = dict(
    zip(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        map(str, range(1, 13)),
        strict=True,
    )
)
NEGATIONS: Final = frozenset({"not", "no", "never", "except", "but", "without", "don't", "dont", "instead"})


def parts_of(text: str) -> list[Part]:
    """The days and hours of a normalised text, in order, with each range folded into one part.

    Raises:
        Unclear: the text contains anything else.
    """
    return list(_folded(text, [part for match in _LEXEME.finditer(text) for part in _read(text, match)]))


def begins_with_days(text: str) -> bool:
    """Whether the first word of a normalised text names days."""
    match = _LEXEME.match(text)
    return bool(match and (match.lastgroup in _NAMED_DAYS or match["word"] in _DAYS))


def _read(text: str, match: re.Match[str]) -> Iterator[Part]:
    """Yield the part that a lexeme stands for; nothing for fillers and separators."""
    kind, word = match.lastgroup or "", match[0].strip()
    start, end = match.span()
    if kind in _NAMED_DAYS:
        yield Part("days", word, start, end, days=_NAMED_DAYS[kind])
    elif word in _DAYS:
        yield Part("day", word, start, end, days=(_DAYS[word],))
    elif kind in ("clock", "long", "minutes", "decimal", "off"):
        yield Part("hours", word, start, end, hours=_hours(text, match))
    elif kind in ("from", "to", "dash"):
        yield Part(kind, word, start, end)
    elif kind not in ("filler", "separator"):
        raise _stranger(text, match)


def _folded(text: str, parts: list[Part]) -> Iterator[Part]:
    """Fold ``day to day`` ranges into one part, and drop joining words that have no other meaning."""
    at = 0
    while at < len(parts):
        match parts[at : at + 3]:
            case [
                Part(kind="day", days=(first,)) as one,
                Part(kind="to" | "dash"),
                Part(kind="day", days=(last,)) as two,
            ]:
                yield Part("days", text[one.start : two.end], one.start, two.end, days=_range(first, last))
                at += 3
                continue
            case [Part(kind="from"), Part(kind="day"), Part(kind="to" | "dash")]:
                pass
            case [Part(kind="to"), Part(kind="hours"), *_] if at:
                pass  # "monday to 8"
            case [Part(kind="dash") as dash, Part(kind="hours"), *_]:
                raise Unclear(
                    "Hours can’t be negative: 0 is a day off.", _with(text, dash.start, dash.end, " ")
                )
            case [Part(kind="from") as start, *_]:
                raise Unclear.date(start.text, undated=_with(text, start.start, start.end, " "))
            case [Part(kind="to" | "dash") as joint, *_]:
                every = text.replace("-", ",")
                raise Unclear(
                    f"I can’t tell what “{joint.text}” joins. A range is mon-thu, a list is mon,wed,fri.",
                    *dict.fromkeys((_with(text, joint.start, joint.end, ","), every)),
                )
            case [part, *_]:
                yield part
        at += 1


def _range(first: Weekday, last: Weekday) -> tuple[Weekday, ...]:
    """The days from the first to the last, wrapping around the end of the week."""
    return tuple(Weekday((first - 1 + step) % 7 + 1) for step in range((last - first) % 7 + 1))


def _hours(text: str, match: re.Match[str]) -> Hours:
    """The hours of a lexeme, 0 to 24, with at most four decimals."""
    if match["off"]:
        return OFF
    if match["decimal"]:
        hours, wrong = _decimal(match["decimal"])
    elif match["minutes"]:
        hours, wrong = Decimal(match["minutes"]) / 60, None
    else:
        hours, wrong = _clock(match[0])
    if hours > 24:
        sentence = "A day has 24 hours: say the hours of one day, not of the week."
        a_day = _a_day(hours, without=_with(text, *match.span(), " ")) if hours <= A_LONG_WEEK else ()
        raise Unclear(sentence, *a_day)
    if wrong:
        sentence, *instead = wrong
        raise Unclear(sentence, *(_with(text, *match.span(), number) for number in instead))
    return Hours(f"{hours.quantize(Decimal('0.0001')).normalize():f}")


def _a_day(hours: Hours, *, without: str) -> Iterator[str]:
    """A week's hours over the days that are named, else over those that such a week may have."""
    without = re.sub(r"(?:(?:\b(?:an?|per|each|every)\s|/\s?)week|\bweekly)\b", "", without).strip()
    if without:
        with suppress(Unclear):
            parts = parts_of(without)
            days = {day for part in parts for day in part.days or ()}
            if all(part.is_days and part.days for part in parts):
                yield from _shared(hours, without, len(days))
        return
    yield from _shared(hours, "mon-fri", 5)
    yield from _shared(hours, "mon-thu", 4) if hours <= 40 and not hours % 2 else ()


def _shared(hours: Hours, days: str, number: int) -> tuple[str, ...]:
    """So many hours over these days, where that makes whole minutes and a day of work."""
    a_day = hours / max(number, 1)
    return (f"{days} {plain_hours(a_day)}",) if not a_day * 60 % 1 and a_day <= A_LONG_DAY else ()


A_LONG_DAY, A_LONG_WEEK = 12, 84
"""Hours."""

_Read = tuple[Hours, tuple[str, ...] | None]
"""Hours and, if they are written wrongly, a sentence followed by suggested numbers."""


def _decimal(number: str) -> _Read:
    hours = Decimal(number.replace(",", "."))
    if len(number) - 1 - max(number.find("."), number.find(",")) > 2 and not number.isdecimal():
        shorter = f"{min(hours, Decimal(99)):.2f}".rstrip("0").rstrip(".")
        minutes = (hours * 60).to_integral_value() / 60
        exact = abs(minutes - hours) < Decimal("0.001")  # 8.333 is 8:20
        instead = (plain_hours(minutes), shorter) if exact else (shorter,)
        return hours, (f"{number} is too exact: two decimals at most.", *instead)
    return hours, None


def _clock(written: str) -> _Read:
    hour, minute = re.findall(r"[0-9]+", written)
    if ":" in written and len(minute) != 2:
        two = (f"{hour}:0{minute}", f"{hour}:{minute}0") if len(minute) == 1 else ()
        return OFF, (f"Write the minutes of {written} with two digits.", *two)
    if Decimal(minute) > 59:
        return OFF, (f"{written} has {minute} minutes; an hour has 60.",)
    return Decimal(hour) + Decimal(minute) / 60, None


def _stranger(text: str, match: re.Match[str]) -> Unclear:
    """The error for a word that is neither days nor hours."""
    word = match[0]
    if match["relative"]:
        return _relative(text, match)
    start, end = match.span() if match["other"] else _around(text, *match.span())
    shown, without = text[start:end], _with(text, start, end, " ")
    foreign = not text[:start].strip(" ,;")
    if match["unset"]:
        sentence = (
            f"“{word}” could be a day off (0 hours) or a day that is not set. Say off, or clear the day."
        )
        return Unclear(sentence, _with(text, *match.span(), "off"))
    if word in _NUMBERS:
        return Unclear(f"Write “{word}” as a number.", _with(text, *match.span(), _NUMBERS[word]))
    if elsewhere := day_elsewhere(word):
        known = "I know the English names of days, and those of the language you use Slack in."
        return Unclear(f"Is “{word}” {elsewhere.name.title()}? {known}", in_english(text), typo=True)
    near = get_close_matches(word, _FULL_NAMES, n=1, cutoff=0.75) or get_close_matches(
        word, _DAYS, n=1, cutoff=0.8
    )
    if near:
        day = _DAYS[near[0]].name.title()
        typo = f"I don’t know the day “{word}”. Is it {day}?"
        repair = _with(text, *match.span(), day.lower())
        return Unclear(typo, repair, foreign=foreign and len(word) < 4, typo=True)
    if foreign and word in NEGATIONS:
        days = re.sub(r"^work(?:ing)?\s(?:on\s)?", "", without)
        return Unclear(
            f"I don’t understand “{shown}” here. A day without work is off: fri off.", f"{days} off"
        )
    if not without or NEGATIONS & set(text.split()):
        return Unclear(f"I don’t understand “{shown}” as days or hours.", foreign=foreign)
    if opening := last_opening(without):
        undated = without.removesuffix(opening).strip(" ,")
        return Unclear.date(f"{opening} {word}", undated=undated)
    return Unclear(f"I read “{without}”, but not “{shown}”.", without, foreign=foreign)


def _relative(text: str, match: re.Match[str]) -> Unclear:
    """The error for hours that depend on how many there are now, and for a number of days."""
    without = _with(text, *match.span(), " ")
    if match[0].startswith("half"):
        return Unclear("How many hours is half a day? Say the number.", _with(text, *match.span(), "4"))
    if match[0].startswith("+"):
        sentence = "Does “+” mean more than now? Say how many hours the day has in all."
        return Unclear(sentence, without)
    if number := re.match(r"[0-9]+(?=[\s-]?day)", match[0]):
        return _number_of_days(int(number[0]), re.sub(r"(?:\b(?:an?|per)\s)?\bweek\b", "", without).strip())
    return Unclear("I don’t know how much 100 % is for you: say the hours of each day.")


def _number_of_days(number: int, hours: str) -> Unclear:
    """The error for *4 days*; the first so many of a week are suggested, with the hours that are named."""
    days = ",".join(day.short.lower() for day in ALL_DAYS[:number])
    meant = (f"only {days} {hours or 8}",) if 1 <= number <= 7 else ()
    return Unclear("A number of days does not say which: name them, such as mon-thu 8.", *meant)


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """The start and end of the whole word around a slice of the text."""
    while start and not text[start - 1].isspace() and text[start - 1] not in ",;":
        start -= 1
    while end < len(text) and not text[end].isspace() and text[end] not in ",;":
        end += 1
    return start, end


def _with(text: str, start: int, end: int, instead: str) -> str:
    """The text with the slice from ``start`` to ``end`` replaced."""
    return " ".join(f"{text[:start]}{instead}{text[end:]}".split())
