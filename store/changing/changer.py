"""Run one change: read the week, make the calls, and find out the outcome of unclear ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from weakref import WeakValueDictionary

from store.act import Change, Kind, State, StepState
from store.changing.calls import Call, calls_for
from store.changing.decision import (
    SETTLE_AFTER,
    Obstacle,
    Proceed,
    decide,
    look_again_at,
    missing,
    short_of,
    took,
    trouble_of,
    waited_out,
)
from store.changing.errors import NotCurrentError, SubjectBusyError
from store.changing.ledger import Ledger
from store.clock import Clock
from store.focus import FocusClient, FocusError, Reading, UnclearError
from store.lastknown import LastKnown
from store.trouble import Trouble, TroubleCode
from store.week import Snapshot, Steps, Subject, Week
from store.weekdays import Lock, Weekdays

__all__ = ["Changer"]


class Changer:
    """Runs the changes of one team; all state that must survive a crash is in the journal."""

    def __init__(
        self,
        *,
        focus: FocusClient,
        weekdays: Weekdays,
        weeks: LastKnown,
        ledger: Ledger,
        clock: Clock,
    ) -> None:
        self._focus = focus
        self._weekdays = weekdays
        self._weeks = weeks
        self._ledger = ledger
        self._clock = clock
        self.running: set[str] = set()
        """Ids of the acts and changes that this process is working on."""
        # Changes of the same subject wait for each other within this process; between processes the claim
        # in the database decides.
        self._turns: WeakValueDictionary[Subject, asyncio.Lock] = WeakValueDictionary()

    @contextmanager
    def working_on(self, number: str) -> Iterator[None]:
        """Mark an act or change (by id) as being worked on; enter this before its first transaction."""
        self.running.add(number)
        try:
            yield
        finally:
            self.running.discard(number)

    async def run(self, change: Change, kind: Kind, *, request_id: str | None = None) -> Change:
        """Carry out a change as far as possible now; it is returned settled, waiting or unclear.

        ``request_id`` is that of the request that has this done, if it is not the change's own.

        Raises:
            SubjectBusyError: another change of the subject is in progress.
            NotCurrentError, AlreadyUndoneError: another request was faster.
        """
        async with self._turn(change):
            claimed = await self._ledger.claim(change, State.STARTED, request_id=request_id)
            return await self._write(claimed, kind)

    async def settle(self, change: Change, kind: Kind, *, in_queue: bool = False) -> Change:
        """Find out, by reading Focus, the outcome of a change that is unclear or was left by a crash.

        If no call was made before the crash, mark it failed, or put it back in the queue when ``in_queue``.
        Otherwise success is believed after one read, failure only after two reads :data:`SETTLE_AFTER` apart
        that agree.

        Raises:
            SubjectBusyError: the process that works on the change is alive after all.
            NotCurrentError: another process was faster, or the change is neither started nor unclear.
        """
        if change.state not in {State.STARTED, State.UNCLEAR}:
            raise NotCurrentError(change)
        async with self._turn(change):
            if not change.steps:
                claimed = await self._ledger.claim(change, State.STARTED)
                if in_queue:
                    return await self._ledger.release(claimed, State.WAITING, due_at=self._clock.now())
                return await self._fall_short(claimed, kind, State.FAILED, Trouble(TroubleCode.INTERRUPTED))
            second = change.due_at is not None and change.due_at <= self._clock.now()
            claimed = await self._ledger.claim(change, State.UNCLEAR)
            return await self._look_again(claimed, kind, second=second)

    @asynccontextmanager
    async def _turn(self, change: Change) -> AsyncIterator[None]:
        if change.id in self.running:
            raise SubjectBusyError(change.subject.key)
        with self.working_on(change.id):
            async with self._turns.setdefault(change.subject, asyncio.Lock()):
                yield

    # -------------------------------------------------------------- writing

    async def _write(self, change: Change, kind: Kind) -> Change:
        await self._weekdays.reload()
        if lock := self._weekdays.lock:
            return await self._wait_or_end(change, kind, Trouble(TroubleCode.LOCKED, lock.code))
        try:
            seen, reading = await self._fetch(change)
        except FocusError as error:
            return await self._wait_or_end(change, kind, trouble_of(error, now=self._clock.now()))
        if not self._weekdays.checked:  # the daily vote may have known nobody's week
            every = {**await self._weeks.all(), change.subject: reading}
            await self._weekdays.weigh(every.values(), now=self._clock.now())
        if lock := self._weekdays.lock:  # what was just read contradicts the numbering
            code = TroubleCode.IMPOSSIBLE if lock.code == "impossible" else TroubleCode.LOCKED
            return await self._wait_or_end(change, kind, Trouble(code))
        overtaken = await self._ledger.overtaken(change)
        decision = decide(change, seen, repair=kind is Kind.REPAIR, overtaken=overtaken)
        if isinstance(decision, Proceed) and decision.steps:
            if certain_at := await self._ledger.certain_at(change, decision.steps.days):
                trouble = Trouble(TroubleCode.AFTER_UNCLEAR, until=certain_at)
                return await self._wait_or_end(change, kind, trouble)
            return await self._perform(decision, kind, seen, reading)
        await self._weeks.put(change.subject, reading)
        if isinstance(decision, Obstacle):
            return await self._ledger.release(
                decision.change, decision.state, found=seen.week, trouble=decision.trouble
            )
        called = any(step.state is not StepState.REFUSED for step in change.steps)
        state = State.APPLIED if called else State.UNCHANGED
        return await self._ledger.release(decision.change, state, found=seen.week)

    async def _perform(self, decision: Proceed, kind: Kind, before: Snapshot, reading: Reading) -> Change:
        """Make the calls one after the other, journalling each before and after it.

        The week is cached only once, at the end, because every write waits for the disk.
        """
        change, week, done = decision.change, before.week, None
        image: Snapshot | None = before
        for call in self._calls(change, decision.steps, decision.target):
            number = await self._ledger.record(change, call, after=done)
            done = (number, StepState.DONE)
            try:
                answer = await call.make()
            except UnclearError as error:
                if (seen := await self._seen(change)) is None:
                    await self._weeks.put(change.subject, reading)
                if seen is None or not call.visible_in(seen):
                    return await self._unclear(change, number, error, seen)
                image, done = seen, (number, StepState.FOUND)
            except FocusError as error:
                refused = (number, StepState.REFUSED)
                trouble = trouble_of(error, now=self._clock.now())
                if image is before:
                    await self._weeks.put(change.subject, reading)
                else:
                    await self._remember(change, image)
                return await self._wait_or_end(change, kind, trouble, found=week, step=refused)
            else:
                image = image and call.image_after(image, answer, now=self._clock.now())
            week = week.replace(call.effect)
            if not self._weekdays.proved(call.verb) and (
                seen := await self._disproof(change, call.verb, week)
            ):
                return await self._put_back(change, number, seen, expected=week, to=before.week)
        await self._remember(change, image)
        return await self._ledger.release(change, State.APPLIED, found=week, step=done)

    async def _wait_or_end(
        self,
        change: Change,
        kind: Kind,
        trouble: Trouble,
        *,
        found: Week | None = None,
        step: tuple[int, StepState] | None = None,
    ) -> Change:
        """Handle an error after which the last call certainly had no effect: wait if that helps, else end."""
        state = State.WAITING if trouble.until else short_of(change, found or change.found)
        return await self._fall_short(change, kind, state, trouble, found=found, step=step)

    async def _fall_short(
        self,
        change: Change,
        kind: Kind,
        state: State,
        trouble: Trouble,
        *,
        found: Week | None = None,
        step: tuple[int, StepState] | None = None,
    ) -> Change:
        """Release a change that met a trouble; a plan's change waits for a retry if the trouble may pass."""
        state, trouble = waited_out(state, trouble, kind=kind, now=self._clock.now())
        return await self._ledger.release(
            change, state, found=found, trouble=trouble, due_at=trouble.until, step=step
        )

    async def _disproof(self, change: Change, verb: str, expected: Week) -> Snapshot | None:
        """Verify a deployment's first call of a method by reading the week; return the rows if wrong."""
        seen = await self._seen(change)
        if seen is None:
            return None  # not verified: the next call of this method will be
        if expected.not_kept_in(seen.week):
            return seen
        await self._weekdays.prove(verb, now=self._clock.now())
        return None

    async def _put_back(
        self, change: Change, number: int, seen: Snapshot, *, expected: Week, to: Week
    ) -> Change:
        """Handle a call that changed days it should not: lock all writing, tell the admins, undo the call."""
        days = " ".join(day.short for day in expected.not_kept_in(seen.week))
        await self._weekdays.lock_writes(Lock("moved", days), now=self._clock.now())
        # PUT before POST: if PUT is the call that deletes other days, the POST after it restores them.
        calls = sorted(self._calls(change, seen.steps_to(to), to), key=lambda call: call.verb != "PUT")
        with suppress(FocusError):
            for call in calls:
                await call.make()
        left = await self._seen(change)
        if left is None:
            await self._remember(change, None)
        back = left is not None and not to.not_kept_in(left.week)
        return await self._ledger.release(
            change,
            short_of(change, to) if back else State.PARTIAL,
            found=left.week if left else seen.week,
            trouble=Trouble(TroubleCode.MOVED if back else TroubleCode.MOVED_STUCK, days),
            step=(number, StepState.DONE),
        )

    def _calls(self, change: Change, steps: Steps, target: Week) -> tuple[Call, ...]:
        return calls_for(change.subject, steps, target, focus=self._focus, numbering=self._weekdays.numbering)

    # -------------------------------------------------------------- finding out

    async def _unclear(
        self, change: Change, number: int, error: UnclearError, seen: Snapshot | None
    ) -> Change:
        due_at = self._clock.now() + SETTLE_AFTER
        return await self._ledger.release(
            change,
            State.UNCLEAR,
            found=seen.week if seen else None,
            trouble=Trouble(TroubleCode.UNCLEAR, error.description, error.trace_id or None, due_at),
            due_at=due_at,
            step=(number, StepState.UNCLEAR),
        )

    async def _look_again(self, change: Change, kind: Kind, *, second: bool) -> Change:
        try:
            seen = await self._read(change)
        except FocusError as error:
            due_at = look_again_at(change, error, now=self._clock.now())
            return await self._still_unclear(change, due_at=due_at)
        short, before = missing(change, seen), change.found
        agree = second and before is not None and before.only(change.days) == seen.week.only(change.days)
        if short and not agree:
            due_at = self._clock.now() + SETTLE_AFTER  # from the read's end, however long it took
            return await self._still_unclear(change, due_at=due_at, found=seen.week)
        last = len(change.steps)
        if moved := await self._moved(change, seen):
            return await self._put_back(change, last, seen, expected=moved, to=change.before or moved)
        found = (last, StepState.FOUND) if took(change, seen) else None
        if short:
            state, trouble = short_of(change, seen.week), Trouble(TroubleCode.NOT_TAKEN)
            return await self._fall_short(change, kind, state, trouble, found=seen.week, step=found)
        return await self._ledger.release(change, State.APPLIED, found=seen.week, step=found)

    async def _moved(self, change: Change, seen: Snapshot) -> Week | None:
        """The correct week, if an unverified first call of a method has changed other days; else ``None``."""
        await self._weekdays.reload()
        unproved = {step.verb for step in change.steps if not self._weekdays.proved(step.verb)}
        if not unproved or change.before is None or change.wanted is None:
            return None
        lost = change.wanted.not_kept_in(seen.week)
        if set(lost).difference(change.days):
            return change.wanted
        if not lost:
            for verb in unproved:
                await self._weekdays.prove(verb, now=self._clock.now())
        return None

    async def _still_unclear(self, change: Change, *, due_at: datetime, found: Week | None = None) -> Change:
        trouble = Trouble(TroubleCode.UNCLEAR, until=due_at)
        return await self._ledger.release(change, State.UNCLEAR, found=found, trouble=trouble, due_at=due_at)

    # -------------------------------------------------------------- reading and remembering

    async def _read(self, change: Change) -> Snapshot:
        """Read the subject's rows as :meth:`_fetch` does, and cache them."""
        snapshot, reading = await self._fetch(change)
        await self._weeks.put(change.subject, reading)
        return snapshot

    async def _fetch(self, change: Change) -> tuple[Snapshot, Reading]:
        """Read the subject's rows with a request of its own, so that they are certainly read after the claim.

        Raises:
            FocusError: as the client; an impossible weekday number also locks all writing.
        """
        reading = await self._focus.read(change.subject, shared=False)
        await self._weekdays.heed(reading, now=self._clock.now())
        return self._weekdays.read(reading), reading

    async def _seen(self, change: Change) -> Snapshot | None:
        """Read the subject's rows; ``None`` if Focus does not answer."""
        try:
            return await self._read(change)
        except FocusError:
            return None

    async def _remember(self, change: Change, image: Snapshot | None) -> None:
        """Cache the week derived from Focus's answers; without one (``None``), invalidate the cache."""
        if image is None:
            await self._weeks.forget(change.subject, now=self._clock.now())
        else:
            await self._weeks.put(change.subject, self._weekdays.reading(image))
