"""What receipts and notices say, read back into values: whose week, which days, from what to what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

__all__ = ["Told", "differing", "minutes", "told_in", "week_in"]

Told = tuple[str, frozenset[tuple[int, Decimal | None, Decimal | None]]]
"""Whose (``you``, or a Slack id), and the days with what was and what is."""

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS = r"(?:not set|off|\d+(?::\d\d|\.\d+)? h)"
_RUNS = rf"[A-Z][^;:]*? {_HOURS} → {_HOURS}(?:, [A-Z][^;:]*? {_HOURS} → {_HOURS})*"
_PART = re.compile(
    rf"(?:(?P<own>your week|your working hours in Toggl Focus)|<@(?P<whom>\w+)>(?:’s week)?)"
    rf"(?:, as [^:;]*)?: (?P<runs>{_RUNS});"
)
_RUN = re.compile(rf"(?:^|, )(?P<days>[A-Z][\w–, ]*?) (?P<was>{_HOURS}) → (?P<now>{_HOURS})")


def told_in(text: str) -> set[Told]:
    """Every difference that a text tells of."""
    return {(part["whom"] or "you", frozenset(_days_of(part["runs"]))) for part in _PART.finditer(text)}


def week_in(text: str) -> dict[int, Decimal | None]:
    """One's own week as a look shows it; nothing where the text shows none."""
    shown = re.search(rf"Your week(?:, as last read)?: (.*? {_HOURS}); ", text)
    if shown is None:
        return {}
    return {
        day: _said(each["hours"])
        for each in re.finditer(rf"(?:^|, )(?P<days>[A-Z][\w–, ]*?) (?P<hours>{_HOURS})", shown[1])
        for day in _named(each["days"])
    }


def differing(
    before: Sequence[str | None], after: Sequence[str | None]
) -> Iterator[tuple[int, Decimal | None, Decimal | None]]:
    """The days that are not as they were, rounded to minutes, as messages tell them."""
    for day, (was, now) in enumerate(zip(map(minutes, before), map(minutes, after), strict=True), start=1):
        if was != now:
            yield day, was, now


def _days_of(runs: str) -> Iterator[tuple[int, Decimal | None, Decimal | None]]:
    for run in _RUN.finditer(runs):
        for day in _named(run["days"]):
            yield day, _said(run["was"]), _said(run["now"])


def _named(days: str) -> Iterator[int]:
    for part in days.split(", "):
        first, _, last = part.partition("–")
        yield from range(DAYS.index(first) + 1, DAYS.index(last or first) + 2)


def _said(hours: str) -> Decimal | None:
    if hours == "not set":
        return None
    if hours == "off":
        return Decimal(0)
    whole, _, more = hours.removesuffix(" h").partition(":")
    return minutes(str(Decimal(whole) + Decimal(more or 0) / 60))


def minutes(hours: str | Decimal | None) -> Decimal | None:
    """Hours as minutes, as messages round them."""
    return None if hours is None else Decimal(round(Decimal(hours) * 60))
