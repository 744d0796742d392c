"""Leave (dates, never the reason) and public holidays, cached in memory; one request covers everybody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from store.clock import Clock
from store.directory import Directory
from store.focus import FocusClient, FocusError, WaitError
from store.week import Subject

__all__ = ["Absences", "Leave"]

log = logging.getLogger(__name__)

FRESH_FOR = timedelta(hours=1)
HOLIDAYS_FRESH_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Leave:
    """Everybody's leave in a range of days; ``known`` is ``False`` if Focus could not be asked or failed."""

    spans: tuple[tuple[int, date, date], ...] = ()
    known: bool = True
    awaited: bool = False
    """Not known now, but a later request may succeed (time-out or a passing error)."""
    holidays: frozenset[date] = frozenset()

    def days(self, subject: Subject, first: date, last: date) -> frozenset[date]:
        """The dates from ``first`` to ``last`` on which this person is away."""
        if subject.kind != "person":
            return frozenset()
        return self.holidays.intersection(_dates(first, last)) | frozenset(
            day
            for user_id, begins, ends in self.spans
            if user_id == subject.id
            for day in _dates(max(first, begins), min(last, ends))
        )


class Absences:
    """The leave of one organization, cached in memory only: after a restart it is read from Focus again."""

    def __init__(self, focus: FocusClient, directory: Directory, *, clock: Clock) -> None:
        self._focus = focus
        self._directory = directory
        self._clock = clock
        self._kept: dict[tuple[date, date], tuple[datetime, Leave]] = {}
        self._holidays: tuple[datetime, frozenset[date]] | None = None

    async def between(
        self, first: date, last: date, *, may_ask: bool = True, patience: float | None = None
    ) -> Leave:
        """Everybody's leave between these days (both included), from Focus or from an hour's cache.

        Args:
            first: the first day.
            last: the last day.
            may_ask: whether Focus may be asked; ``False`` when the quota cannot spare a call: cache only.
            patience: seconds to wait for Focus before returning ``known=False``; ``None``: no limit.
        """
        # Extend the range to whole weeks, so that one request serves every day of a week and the week.
        first, last = first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())
        now = self._clock.now()
        self._kept = {days: kept for days, kept in self._kept.items() if now - kept[0] < FRESH_FOR}
        for (begins, ends), (_, kept) in self._kept.items():
            if begins <= first and last <= ends:
                return kept
        if not may_ask:
            return Leave(known=False)
        people = [entry.subject.id for entry in await self._directory.people() if entry.active]
        try:
            off = await asyncio.wait_for(self._focus.time_off(people, first, last), patience)
        except TimeoutError:
            return Leave(known=False, awaited=True)
        except FocusError as error:
            log.info("leave is not known: %s", error)
            return Leave(known=False, awaited=isinstance(error, WaitError))
        leave = Leave(tuple((each.user_id, each.first, each.last) for each in off))
        self._kept[first, last] = (now, leave)
        return leave

    async def with_holidays(self, first: date, last: date) -> Leave:
        """Like :meth:`between`, plus public holidays as days on which everybody is away."""
        leave = await self.between(first, last)
        now = self._clock.now()
        if self._holidays is None or now - self._holidays[0] >= HOLIDAYS_FRESH_FOR:
            try:
                found = await self._focus.holidays()
            except FocusError as error:
                log.info("public holidays are not known: %s", error)
                return replace(leave, known=False, awaited=leave.awaited or isinstance(error, WaitError))
            self._holidays = (now, frozenset(each.date for each in found))
        return replace(leave, holidays=self._holidays[1])


def _dates(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
