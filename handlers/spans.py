"""The dates of a change: resolve typed words and picked dates to days, or refuse with a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.asked import Asked, Problem, Suggestion
from handlers.desk import Ask
from handlers.grammar.dates import date_of
from handlers.views.spans import in_full, none_between, only_on, over_in
from handlers.views.week import Who
from store.week import ALL_DAYS, Clause, Pattern, Weekday

__all__ = [
    "Span",
    "day_in",
    "earliest",
    "first_in",
    "narrowed",
    "none_of",
    "span_asked",
    "span_of",
    "today_of",
]

LATEST = timedelta(days=5 * 366)
"""The furthest a change may be planned ahead; a later year is taken for a typing mistake."""

WESTERNMOST = timedelta(hours=12)
"""The offset behind UTC of the westernmost time zone."""

_COUNTED_FROM_TODAY = {"today", "tomorrow"}


@dataclass(frozen=True, slots=True)
class Span:
    """The first and last day of a change, inclusive; no ``first`` means now, no ``last`` means for ever."""

    first: date | None
    last: date | None
    today: date

    @property
    def begins(self) -> date:
        """The first day; the asker's today if none is given."""
        return self.first or self.today

    @property
    def weekdays(self) -> tuple[Weekday, ...]:
        """The days of the week that come in it, Monday first."""
        length = len(ALL_DAYS) if self.last is None else (self.last - self.begins).days + 1
        days = (self.begins + timedelta(days=number) for number in range(min(length, len(ALL_DAYS))))
        return tuple(sorted(Weekday(day.isoweekday()) for day in days))

    @property
    def is_dated(self) -> bool:
        """Whether the change has to be planned; without dates it is made at once."""
        return self.first is not None or self.last is not None


def earliest(now: datetime) -> date:
    """Today's date in the westernmost time zone; any earlier day is past everywhere."""
    return (now.astimezone(UTC) - WESTERNMOST).date()


def span_of(first: str, last: str, *, today: date) -> Span:
    """The span of two dates as :func:`~handlers.grammar.dates.read_date` or a date picker gives them.

    A weekday as ``last`` is the first such day after the begin.

    Raises:
        Problem: the first day is past, the last comes before it, or one is too far away.
    """
    begin = date_of(first, today=today) if first else today
    end = date_of(last, today=today if last in _COUNTED_FROM_TODAY else begin) if last else None
    if begin < today:
        raise Problem(
            f"{in_full(begin)} is in the past; a change can begin today or later."
            " Nothing was changed or planned."
        )
    if end and end < begin:
        what = "is in the past" if end < today else f"comes before {in_full(begin)}, when it would begin"
        raise Problem(f"{in_full(end)} {what}. Nothing was changed or planned.")
    if max(begin, end or begin) > today + LATEST:
        raise Problem("That is more than five years away. Nothing was changed or planned.")
    return Span(begin if begin > today else None, end, today)


async def span_asked(ask: Ask) -> Span:
    """The span of the typed line, in the asker's time zone.

    Raises:
        Problem: as :func:`span_of`.
    """
    return span_of(ask.asked.first, ask.asked.last, today=await today_of(ask))


def narrowed(pattern: Pattern, span: Span, *, asked: Asked | None = None) -> Pattern:
    """The pattern, about no other weekdays than those that the span has: a plan touches what it is for.

    Args:
        pattern: what is to hold.
        span: from when until when.
        asked: the line it comes from, for a button with the right form.

    Raises:
        Problem: it has none of the days that the pattern names.
    """
    within = span.weekdays
    pattern = replace(pattern, within=None if within == ALL_DAYS else within)
    named = [day for clause in pattern.clauses for day in clause.days or ALL_DAYS]
    if not pattern.only and named and not any(map(pattern.is_about, named)):
        raise none_of(named, span, asked=asked)
    return pattern


def none_of(named: Sequence[Weekday], span: Span, *, asked: Asked | None = None) -> Problem:
    """None of these days comes in the span: perhaps its own days were meant, or the next such day."""
    last = span.last or span.begins
    clauses = asked.pattern.clauses if asked and asked.pattern else ()
    instead: list[Suggestion] = []
    if asked and len(clauses) == 1:
        hours = clauses[0].hours

        def on(day: date) -> Suggestion:
            pattern = Pattern((Clause((Weekday(day.isoweekday()),), hours),))
            iso = day.isoformat()
            return only_on(day, hours, replace(asked, pattern=pattern, first=iso, last=iso))

        if span.begins == last:
            instead.append(on(last))
        if len(named) == 1:
            instead.append(on(date_of(named[0].name.lower(), today=last)))
    return none_between(named, span.begins, last, *instead)


def first_in(zone: str, span: Span, who: Who, *, now: datetime) -> date:
    """The first day of a span for a subject whose days are counted in this zone: if none is given, today.

    Raises:
        Problem: the last day, which is not past where the asker is, is past there.
    """
    today = day_in(zone, now)
    if span.last and span.last < today:
        raise over_in(zone, who, span.last, today=today)
    return span.first or today


async def today_of(ask: Ask) -> date:
    """Today's date in the asker's time zone."""
    actor = await ask.actor()
    return day_in(actor.timezone, ask.desk.clock.now())


def day_in(zone: str, now: datetime) -> date:
    """The date in a time zone at a moment."""
    return now.astimezone(ZoneInfo(zone)).date()
