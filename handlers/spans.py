"""From when until when a change is meant to hold: words and picked dates become days, or a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.asked import Problem
from handlers.desk import Ask
from handlers.grammar.dates import date_of
from handlers.views.spans import in_full

__all__ = ["Span", "day_in", "earliest", "span_asked", "span_of", "today_of"]

LATEST = timedelta(days=5 * 366)
"""Nobody plans further ahead on purpose: a later year is a slip of the pen."""

WESTERNMOST = timedelta(hours=12)
"""Behind UTC."""

_COUNTED_FROM_TODAY = {"today", "tomorrow"}


@dataclass(frozen=True, slots=True)
class Span:
    """The days a change holds, both included: without a ``first`` from now, without a ``last`` for ever."""

    first: date | None
    last: date | None
    today: date

    @property
    def begins(self) -> date:
        """The first day, for whoever asks."""
        return self.first or self.today

    @property
    def is_dated(self) -> bool:
        """Whether it has to be planned: without a date a change is simply made."""
        return self.first is not None or self.last is not None


def earliest(now: datetime) -> date:
    """The day it is where it is still longest the day before: what is past there is past for everybody."""
    return (now.astimezone(UTC) - WESTERNMOST).date()


def span_of(first: str, last: str, *, today: date) -> Span:
    """The days of two dates as :func:`~handlers.grammar.dates.read_date` or a date picker gives them.

    A weekday behind *until* is the first one after the begin.

    Raises:
        Problem: the begin is past, the end comes before it, or it is too far away.
    """
    begin = date_of(first, today=today) if first else today
    end = date_of(last, today=today if last in _COUNTED_FROM_TODAY else begin) if last else None
    if begin < today:
        raise Problem(
            f"{in_full(begin)} is past; a change can begin today or later. Nothing was changed or planned."
        )
    if end and end < begin:
        what = "is past" if end < today else f"comes before {in_full(begin)}, when it would begin"
        raise Problem(f"{in_full(end)} {what}. Nothing was changed or planned.")
    if max(begin, end or begin) > today + LATEST:
        raise Problem("That is more than five years away. Nothing was changed or planned.")
    return Span(begin if begin > today else None, end, today)


async def span_asked(ask: Ask) -> Span:
    """From when until when the typed line is about, by the calendar of whoever typed it.

    Raises:
        Problem: it can't be.
    """
    return span_of(ask.asked.first, ask.asked.last, today=await today_of(ask))


async def today_of(ask: Ask) -> date:
    """The day it is for whoever asks."""
    actor = await ask.actor()
    return day_in(actor.timezone, ask.desk.clock.now())


def day_in(zone: str, now: datetime) -> date:
    """The day it is there."""
    return now.astimezone(ZoneInfo(zone)).date()
