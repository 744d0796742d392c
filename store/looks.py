"""Reading weeks: from the cache if it is fresh enough, else from Focus, within the quota."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from store.access import Action, Permit
from store.clock import Clock
from store.database import DatabaseUnusableError
from store.focus import OF_ONE_SUBJECT, Budget, FocusClient, FocusError, Numbering, Reading, Vote
from store.lastknown import LastKnown
from store.week import Snapshot, Subject
from store.weekdays import Weekdays

__all__ = ["Look", "Looks", "Refreshed"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """A week with the time it was read; ``trouble`` is the error that kept it from being read anew."""

    snapshot: Snapshot
    trouble: FocusError | None = None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many weeks were read anew, and the errors of those that could not be read."""

    read: int
    failed: Mapping[Subject, FocusError] = field(default_factory=dict)


class Looks:
    """Reads everybody's weeks, from the cache or from Focus."""

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
        """The cached week, without a call to Focus; ``None`` if it is not fresh enough."""
        reading = await self._weeks.get(permit.require(Action.SEE))
        if reading is None or self._clock.now() - reading.as_of > self._fresh_for:
            return None
        return Look(await self._read(reading))

    async def look(self, permit: Permit, *, fresh: bool = False) -> Look:
        """The week from the cache if it is fresh enough, else from Focus (one GET), else the last known one.

        Args:
            permit: a permit to see the subject.
            fresh: ask Focus even if the cache is fresh enough, unless the quota cannot spare the call.

        Raises:
            FocusError: Focus does not answer, and no week is cached.
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
        try:
            await self._weeks.put(subject, reading)
        except DatabaseUnusableError as error:  # what was read can be shown all the same
            log.warning("the week of %s is not kept: %s", subject.key, error)
        return Look(snapshot)

    async def look_at(self, permits: Iterable[Permit]) -> dict[Subject, Look | FocusError]:
        """:meth:`look` at a few weeks at once: each week, or the error that kept it from being read."""

        async def one(permit: Permit) -> Look | FocusError:
            try:
                return await self.look(permit)
            except FocusError as error:
                return error

        async with asyncio.TaskGroup() as group:
            tasks = {permit.require(Action.SEE): group.create_task(one(permit)) for permit in permits}
        return {subject: task.result() for subject, task in tasks.items()}

    async def last_known(self, permit: Permit) -> Snapshot | None:
        """The cached week, of any age, without a call to Focus; ``None`` if it was never read."""
        reading = await self._weeks.get(permit.require(Action.SEE))
        return None if reading is None else await self._read(reading)

    async def board(self, permits: Iterable[Permit]) -> dict[Subject, Snapshot]:
        """Many cached weeks, of any age, with one query; weeks never read are missing."""
        wanted = {permit.require(Action.SEE) for permit in permits}
        every = {
            subject: reading for subject, reading in (await self._weeks.all()).items() if subject in wanted
        }
        await self.weekdays.heed(*every.values(), now=self._clock.now())
        return {subject: self.weekdays.read(reading) for subject, reading in every.items()}

    async def refresh(self, permits: Iterable[Permit], *, at_most: int) -> Refreshed:
        """Read weeks from Focus as far as the quota can spare calls.

        Weeks never read come first, then the oldest. What may be wrong with one subject alone does not keep
        the others from being read.

        Raises:
            FocusError: nobody's week can be read at present; weeks read before the error are kept.
        """
        known = await self._weeks.all()
        subjects = [permit.require(Action.SEE) for permit in permits]
        subjects.sort(key=lambda each: known[each].as_of.timestamp() if each in known else 0.0)
        done, failed = 0, dict[Subject, FocusError]()
        for subject in subjects[:at_most]:
            if not self.can_spare():
                break
            try:
                reading = await self._focus.read(subject)
            except OF_ONE_SUBJECT as error:
                log.info("the week of %s cannot be read: %s", subject.key, error)
                failed[subject] = error
                continue
            await self._weeks.put(subject, reading)
            await self.weekdays.heed(reading, now=self._clock.now())
            done += 1
        return Refreshed(done, failed)

    def can_spare(self) -> bool:
        """Whether a call for which nobody waits would leave the quota's reserve untouched."""
        return self._budget.can_spare

    def is_plenty(self, calls: int) -> bool:
        """Whether so many calls that nobody asked for are nothing to this hour's quota."""
        return self._budget.is_plenty(calls)

    def time_for(self, calls: int) -> timedelta:
        """The estimated duration of a queue that makes this many calls, including waits for the quota."""
        return self._budget.time_for(calls)

    async def vote(self) -> Vote:
        """What all cached rows say about Focus's weekday numbers.

        A number that contradicts a proven numbering locks all writing; so does a result that contradicts the
        setting.
        """
        every, now = await self._weeks.all(), self._clock.now()
        await self.weekdays.heed(*every.values(), now=now)
        return await self.weekdays.weigh(every.values(), now=now)

    async def example(self, numbering: Numbering) -> tuple[Subject, Snapshot] | None:
        """The person with the most uneven week, which shows a numbering best, and that week read by it."""
        every = {
            subject: reading.snapshot(numbering)
            for subject, reading in (await self._weeks.all()).items()
            if subject.kind == "person" and reading.rows
        }
        return max(every.items(), key=lambda item: len(set(item[1].week.days)), default=None)

    async def _read(self, reading: Reading) -> Snapshot:
        """Convert a reading's weekday numbers to days, and lock all writing if they contradict the numbering.

        Raises:
            ImpossibleWeekdayError: the numbering in use does not have one of the numbers.
        """
        await self.weekdays.heed(reading, now=self._clock.now())
        return self.weekdays.read(reading)
