"""Parse days and hours: ``mon-thu 8, fri off`` -> :class:`Pattern`, ``7h30`` -> hours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from handlers.grammar.day_words import Part, parts_of
from handlers.grammar.day_words import begins_with_days as _begins_with_days
from handlers.grammar.spelled import format_pattern, plain_hours
from handlers.grammar.typed import TIME_OFF, normalised, polite, speaks_of_time_off
from handlers.grammar.unclear import TimeOff, Unclear
from handlers.grammar.when import first_date, without_times
from store.week import Clause, Hours, Pattern, Weekday

__all__ = ["Unclear", "begins_with_days", "read_days", "read_hours", "read_pattern", "readings"]

_TWO_WAYS: Final = re.compile(r"(?<![0-9])(?<![0-9][.,:])([0-9]{1,2})[.,]([0-5][05])(?![0-9])(?![.,:][0-9])")
"""Numbers such as 7.30 that may be a time (minutes in fives) as well as a decimal."""
_SURE: Final = ("00", "25")
_EXCEPT: Final = re.compile(
    r"[,\s]\s*(?:except|excluding|but(?!\snot)|(?:but\s)?not|without|apart\sfrom)(?:\s(?:on|for))?\s"
)
_FRACTIONS: Final = {"½": "5", "¼": "25", "¾": "75"}
_FRACTION: Final = re.compile(rf"([0-9]*)\s?([{''.join(_FRACTIONS)}])")


def read_pattern(text: str) -> Pattern:
    """Parse ``mon-thu 8, fri off``, with an optional *only* before it.

    Raises:
        Unclear: the text is not a pattern, or is ambiguous.
    """
    text = _plain(text)
    only = re.match(r"only\b\s*", text)
    text = text[only.end() :] if only else text
    try:
        return Pattern(_clauses(text), only=bool(only))
    except Unclear as unclear:
        if not only:
            raise
        repairs = (f"only {repair}" for repair in unclear.repairs)
        raise Unclear(
            unclear.sentence, *repairs, foreign=unclear.foreign, typo=unclear.typo, undated=unclear.undated
        ) from None


def read_days(text: str) -> tuple[Clause, ...]:
    """Parse ``mon, wed-fri`` to clauses without hours; *workdays* becomes a clause of its own.

    Raises:
        Unclear: the text names no days, or anything besides days.
    """
    text = _plain(text)
    _refuse_dates(text)
    parts = parts_of(text)
    for part in parts:
        if not part.is_days:
            days = ",".join(other.text for other in parts if other.is_days)
            raise Unclear(f"A day is cleared without hours, so I can’t use “{part.text}”.", days)
    if not parts:
        raise Unclear("Say which day.")
    return _distinct([(parts, None)])


def read_hours(text: str) -> Hours:
    """Parse ``7h30``, ``7:30``, ``7.5``, ``7,5`` or ``off`` to hours, 0 to 24, with at most four decimals.

    Raises:
        Unclear: the text is not the hours of a day; the repairs are hours as well.
    """
    text = _plain(text)
    if not text:
        raise Unclear("Type the hours of a day, such as 8 or 7:30, or 0 for a day off.")
    _refuse_times(text)
    _refuse_two_ways(text)
    try:
        parts = parts_of(text)
    except Unclear as unclear:
        if not (unclear.foreign or unclear.typo):
            raise
        parts = []
    match parts:
        case [Part(kind="hours", hours=hours)]:
            return hours
    raise Unclear(
        f"“{text}” is not the hours of one day. Type a number such as 8 or 7:30, or 0 for a day off."
    )


def readings(unclear: Unclear, *, depth: int = 3) -> tuple[Pattern, ...]:
    """The patterns that an unclear text may mean, likeliest first, without duplicates."""
    found: dict[Pattern, None] = {}
    for repair in unclear.repairs:
        try:
            found[read_pattern(repair)] = None
        except Unclear as again:
            found |= dict.fromkeys(readings(again, depth=depth - 1) if depth else ())
    return tuple(found)


def begins_with_days(text: str) -> bool:
    """Whether the first word of a typed text names days."""
    return _begins_with_days(_plain(text))


def _plain(text: str) -> str:
    """Normalise the text and write fractions as decimals: ``7½`` as ``7.5``."""
    return _FRACTION.sub(lambda found: f"{found[1] or 0}.{_FRACTIONS[found[2]]}", normalised(polite(text)))


def _clauses(text: str) -> tuple[Clause, ...]:
    if speaks_of_time_off(text):
        raise TimeOff(TIME_OFF)
    _refuse_times(text)
    _refuse_dates(text)
    _refuse_two_ways(text)
    _refuse_exceptions(text)
    parts = parts_of(text)
    if not parts:
        raise Unclear("Say which days, and how many hours.", foreign=bool(text))
    runs = [list(run) for _, run in groupby(parts, key=lambda part: part.is_days)]
    for run in runs:
        if len(run) > 1 and not run[0].is_days:
            numbers = " and ".join(part.text for part in run)
            raise Unclear(f"There is no day between {numbers}.")
    if len(runs) % 2:
        raise _unpaired(text, runs)
    pairs = zip(runs[::2], runs[1::2], strict=True)
    return _distinct([(one, two[0].hours) if one[0].is_days else (two, one[0].hours) for one, two in pairs])


def _unpaired(text: str, runs: Sequence[list[Part]]) -> Unclear:
    """The error for days without hours, or hours without days."""
    last = runs[-1]
    rest, before = text[last[0].start :], text[: last[0].start].strip(" ,;")
    if last[0].is_days:
        if len(runs) == 1:
            return Unclear("How many hours? Say a number, or off.", f"{text} 8", f"{text} off")
        return Unclear(f"I read “{before}”, but “{rest}” has no hours.", before, f"{text} {runs[-2][0].text}")
    if len(runs) == 1:
        return Unclear(f"On which days? You said only “{text}”.", f"workdays {text}", f"weekdays {text}")
    return Unclear(f"I read “{before}”, but “{rest}” has no day.", before)


def _distinct(groups: list[tuple[list[Part], Hours | None]]) -> tuple[Clause, ...]:
    """The clauses of all groups.

    A group's *workdays* become a clause of their own.

    Raises:
        Unclear: a day is named twice.
    """
    meant: dict[Weekday | None, Hours | None] = {}
    twice: list[Weekday | None] = []
    clauses: list[Clause] = []
    for parts, hours in groups:
        named = [day for part in parts for day in ((None,) if part.days is None else part.days)]
        twice += [day for at, day in enumerate(named) if day in meant or day in named[:at]]
        meant |= dict.fromkeys(named, hours)
        clauses += _grouped(named, hours)
    if twice:
        name = "The workdays are" if twice[0] is None else f"{twice[0].name.title()} is"
        later = {hours: [day for day in meant if meant[day] == hours] for hours in meant.values()}
        last = Pattern(tuple(clause for hours, days in later.items() for clause in _grouped(days, hours)))
        raise Unclear(f"{name} named twice. Name each day once.", format_pattern(last))
    return tuple(clauses)


def _grouped(days: Sequence[Weekday | None], hours: Hours | None) -> list[Clause]:
    """One clause for the named days and another for *workdays*, as far as either is named."""
    known = tuple(sorted({day for day in days if day is not None}))
    return ([Clause(known, hours)] if known else []) + ([Clause(None, hours)] if None in days else [])


def _refuse_times(text: str) -> None:
    if (without := without_times(text)) is not None:
        raise Unclear(
            "Focus keeps hours per day, not start and end times. How many hours is it a day?", without
        )


def _refuse_dates(text: str) -> None:
    if found := first_date(text):
        phrase, undated = found
        raise Unclear.date(phrase, undated=undated)


def _refuse_two_ways(text: str) -> None:
    """Refuse a number that may be a time or a decimal, and suggest both readings."""
    unsure = [found for found in _TWO_WAYS.finditer(text) if found[2] not in _SURE]
    if not unsure:
        return
    typed, hour, digits = unsure[0].group(0, 1, 2)
    decimal = Hours(f"{hour}.{digits}")
    raise Unclear(
        f"Is “{typed}” {hour} h {int(digits)} min, or {decimal.normalize():f} h ({plain_hours(decimal)})?",
        _TWO_WAYS.sub(lambda found: found[0] if found[2] in _SURE else f"{found[1]}:{found[2]}", text),
        _TWO_WAYS.sub(
            lambda found: found[0] if found[2] in _SURE else plain_hours(Hours(f"{found[1]}.{found[2]}")),
            text,
        ),
    )


def _refuse_exceptions(text: str) -> None:
    """Refuse ``mon-fri 8 except wed``, where Wednesday may be off or stay as it is, and suggest both."""
    found = _EXCEPT.search(text)
    if found is None or not (meant := _excepted(text[: found.start()], found[0], text[found.end() :])):
        return
    unsure = "Is the exception a day off, or does it stay as it is? " if len(meant) > 1 else ""
    raise Unclear(f"{unsure}Name each day with its hours.", *meant)


def _excepted(pattern: str, word: str, exception: str) -> tuple[str, ...]:
    """What ``mon-fri 8`` ``except`` ``wed`` may mean; nothing if it is not made of days and hours."""
    try:
        parts = parts_of(exception)
        days = [day for part in parts for day in part.days or () if part.is_days]
        hours = [part.text for part in parts if not part.is_days]
        if not days or len(hours) > 1:
            return ()
        if hours and parts_of(pattern)[-1].is_days:  # every day except fri 8
            pattern, hours = f"{pattern} {hours[0]}", []
        clauses = _clauses(pattern)
    except Unclear:
        return ()
    if any(each.days is None for each in clauses):  # which days the workdays are is not known here
        return ()
    left = (replace(each, days=tuple(day for day in each.days or () if day not in days)) for each in clauses)
    others = tuple(each for each in left if each.days)
    if hours:  # mon-fri 8 but wed 4; "not wed 4" says of no day how many hours it has
        return () if "not" in word else (f"{format_pattern(Pattern(others))}, {exception}",)
    off = tuple(_grouped(days, Hours(0)))
    return tuple(format_pattern(Pattern(meant)) for meant in (others, others + off) if meant)
