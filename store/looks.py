"""Weeks looked at: from what is known if that will do, else from Focus, within the quota."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from store.access import Action, Permit
from store.clock import Clock
from store.focus import Budget, FocusClient, FocusError, Numbering, Reading, Vote, vote
from store.lastknown import LastKnown
from store.week import Snapshot, Subject
from store.weekdays import Weekdays

__all__ = ["Look", "Looks"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """A week with its "as of"; ``trouble`` is why it could not be read anew."""

    snapshot: Snapshot
    trouble: FocusError | None = None


class Looks:
    """Everybody's weeks, as Focus has them or had them last."""

    def __init__(
        self,
        *,
        focus: FocusClient,
        weekdays: Weekdays,
        weeks: LastKnown,
        clock: Clock,
        fresh_for: timedelta,
        budget: Budget,
    ) -> None:
        self.weekdays = weekdays
        self._focus = focus
        self._weeks = weeks
        self._clock = clock
        self._fresh_for = fresh_for
        self._budget = budget

    async def glance(self, permit: Permit) -> Look | None:
        """The week without a call to Focus, if what is known is fresh enough."""
        reading = await self._weeks.get(permit.require(Action.SEE))
        if reading is None or self._clock.now() - reading.as_of > self._fresh_for:
            return None
        return Look(await self._read(reading))

    async def look(self, permit: Permit, *, fresh: bool = False) -> Look:
        """The week: what is known if fresh enough, else one GET; where that fails, the last known.

        Args:
            permit: to see the subject.
            fresh: ask Focus even though what is known would do, while the quota's reserve allows.

        Raises:
            FocusError: Focus does not answer, and nothing is known.
        """
        subject = permit.require(Action.SEE)
        if (not fresh or not self.can_spare()) and (known := await self.glance(permit)):
            return known
        try:
            reading = await self._focus.read(subject)
            snapshot = await self._read(reading)
        except FocusError as error:
            last = await self._weeks.get(subject)
            if last is None:
                raise
            return Look(await self._read(last), error)
        await self._weeks.put(subject, reading)
        return Look(snapshot)

    async def last_known(self, permit: Permit) -> Snapshot | None:
        """The week as last read, of any age, without a call."""
        reading = await self._weeks.get(permit.require(Action.SEE))
        return None if reading is None else await self._read(reading)

    async def board(self, permits: Iterable[Permit]) -> dict[Subject, Snapshot]:
        """Many weeks as last read, of any age, in one look into the database; never read ones are missing."""
        wanted = {permit.require(Action.SEE) for permit in permits}
        every = {
            subject: reading for subject, reading in (await self._weeks.all()).items() if subject in wanted
        }
        await self.weekdays.heed(*every.values(), now=self._clock.now())
        return {subject: self.weekdays.read(reading) for subject, reading in every.items()}

    async def refresh(self, permits: Iterable[Permit], *, at_most: int) -> int:
        """Read weeks anew, never read and oldest first, as far as the quota's reserve allows; how many.

        Raises:
            FocusError: Focus does not answer; what was read before stays read.
        """
        known = await self._weeks.all()
        subjects = [permit.require(Action.SEE) for permit in permits]
        subjects.sort(key=lambda each: known[each].as_of.timestamp() if each in known else 0.0)
        done = 0
        for subject in subjects[:at_most]:
            if not self.can_spare():
                break
            reading = await self._focus.read(subject)
            await self._weeks.put(subject, reading)
            await self.weekdays.heed(reading, now=self._clock.now())
            done += 1
        return done

    def can_spare(self) -> bool:
        """Whether a call that nobody strictly needs leaves the reserve for those that somebody does."""
        return self._budget.can_spare

    def time_for(self, calls: int) -> timedelta:
        """How long a queue takes that makes so many calls, waits for the quota included."""
        return self._budget.time_for(calls)

    async def vote(self) -> Vote:
        """What all last-known rows say about Focus's weekday numbers; against a settled one they lock."""
        every = await self._weeks.all()
        await self.weekdays.heed(*every.values(), now=self._clock.now())
        return vote([(row.weekday, row.hours) for row in reading.rows] for reading in every.values())

    async def example(self, numbering: Numbering) -> tuple[Subject, Snapshot] | None:
        """A person whose week shows the numbering best (the most uneven one), read by it."""
        every = {
            subject: reading.snapshot(numbering)
            for subject, reading in (await self._weeks.all()).items()
            if subject.kind == "person" and reading.rows
        }
        return max(every.items(), key=lambda item: len(set(item[1].week.days)), default=None)

    async def _read(self, reading: Reading) -> Snapshot:
        """Its rows as days.

        Raises:
            ImpossibleWeekdayError: a number that cannot be read; it locks all writing, as a strange one does.
        """
        await self.weekdays.heed(reading, now=self._clock.now())
        return self.weekdays.read(reading)
