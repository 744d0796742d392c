"""One change carried to Focus: claim, read, compare, record, call, record, tell.

Focus offers no compare-and-swap and no idempotency, so the order is everything: the subject is claimed
in the database; what is there is read *after* that; every call is in the journal before it leaves; and
a call whose outcome is unknown is never repeated, but looked for in what Focus shows afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from store import claims, journal
from store.act import Act, Change, Days, State, StepState, Trouble
from store.calls import Call, calls_for
from store.database import Database, Sql
from store.focus import (
    Clock,
    FocusClient,
    FocusError,
    ForbiddenError,
    ImpossibleWeekdayError,
    KeyRefusedError,
    NotFoundError,
    OutOfQuotaError,
    RejectedError,
    SlowDownError,
    UnavailableError,
    UnclearError,
)
from store.lastknown import LastKnown
from store.outbox import Outbox
from store.telling import tell
from store.week import DayNamedTwiceError, Snapshot, Steps, Subject, Week, Weekday
from store.weekdays import Lock, Weekdays

__all__ = ["SETTLE_AFTER", "Changer", "SubjectBusyError"]

SETTLE_AFTER = timedelta(seconds=30)
"""Between two reads that must agree before "it did not work" is believed: a late POST may still land."""

KEY_RETRY = timedelta(minutes=10)
QUOTA_RETRY = timedelta(minutes=5)
"""When Focus does not say itself when its quota comes back."""


class SubjectBusyError(Exception):
    """Somebody else is changing this subject's week at this moment."""


class Changer:
    """Runs changes of one team; keeps nothing that the journal does not know."""

    def __init__(
        self,
        *,
        database: Database,
        focus: FocusClient,
        weekdays: Weekdays,
        weeks: LastKnown,
        outbox: Outbox,
        owner: str,
        clock: Clock,
        audit_channel: str | None,
        alert_admins: Callable[[Lock], Awaitable[None]],
    ) -> None:
        self._database = database
        self._focus = focus
        self._weekdays = weekdays
        self._weeks = weeks
        self._outbox = outbox
        self._owner = owner
        self._clock = clock
        self._audit_channel = audit_channel
        self._alert_admins = alert_admins
        self.running: set[str] = set()
        # Within this process one waits for the other; between processes the claim decides.
        self._turns: WeakValueDictionary[Subject, asyncio.Lock] = WeakValueDictionary()

    async def run(self, change: Change, *, repair: bool = False) -> Change:
        """Carry a change as far as it goes now; it comes back settled, waiting or unclear.

        Raises:
            SubjectBusyError: another change of the subject is under way.
        """
        async with self._turns.setdefault(change.subject, asyncio.Lock()):
            claimed = await self._claim(change, State.STARTED)
            self.running.add(change.id)
            try:
                return await self._write(claimed, stopped_at=change.state, repair=repair)
            finally:
                self.running.discard(change.id)

    async def settle(self, change: Change) -> Change:
        """Find out by reading what became of a change whose last call is unclear, or whose process died.

        "It worked" is believed at once, "it did not" only when two reads :data:`SETTLE_AFTER` apart agree.

        Raises:
            SubjectBusyError: its process is alive after all.
        """
        if change.state is State.STARTED and not change.steps:
            claimed = await self._claim(change, State.STARTED)
            return await self._move(claimed, State.FAILED, trouble=Trouble("interrupted"))
        claimed = await self._claim(change, State.UNCLEAR)
        self.running.add(change.id)
        try:
            return await self._look_again(claimed)
        finally:
            self.running.discard(change.id)

    # -------------------------------------------------------------- writing

    async def _write(self, change: Change, *, stopped_at: State, repair: bool) -> Change:
        unwritten = State.PARTIAL if stopped_at is State.PARTIAL else State.FAILED
        try:
            snapshot = await self._read(change)
            wanted = change.wanted or change.pattern.on(snapshot.week)
        except FocusError as error:
            return await self._stopped(change, error, unwritten)
        except DayNamedTwiceError as error:
            return await self._move(change, unwritten, trouble=Trouble("day_twice", error.day.name.title()))
        goal = _goal(change, snapshot.week, wanted, repair=repair)
        if theirs := _moved(change, snapshot.week, goal):
            trouble = Trouble("conflict", " ".join(day.short for day in theirs))
            return await self._move(
                change,
                State.CONFLICT,
                wanted=snapshot.week.replace(goal),
                found=snapshot.week,
                trouble=trouble,
            )
        if not repair and (doubled := sorted(set(snapshot.doubled) & set(goal))):
            trouble = Trouble("doubled", " ".join(day.short for day in doubled))
            return await self._move(change, unwritten, found=snapshot.week, trouble=trouble)
        before = change.before or snapshot.week
        planned = replace(change, before=before, wanted=before.replace(goal))
        target = snapshot.week.replace(goal)
        steps = snapshot.steps_to(target, repair=goal if repair else ())
        if not steps:
            state = State.APPLIED if change.before else State.UNCHANGED
            return await self._move(planned, state, found=snapshot.week)
        return await self._perform(planned, snapshot, steps, target)

    async def _perform(self, change: Change, snapshot: Snapshot, steps: Steps, target: Week) -> Change:
        """Make the calls, one after the other, each in the journal before and after."""
        image: Snapshot | None = snapshot
        week, number = snapshot.week, None
        for call in self._calls(change, steps, target):
            number = await self._record_step(change, call, after=number)
            try:
                answer = await call.make()
            except UnclearError as error:
                seen = await self._seen(change)
                if seen is None or not call.visible_in(seen.week):
                    return await self._unclear(change, number, error, seen)
                image, answer = seen, None
            except FocusError as error:
                written = week != snapshot.week or change.before != snapshot.week
                state = State.PARTIAL if written else State.FAILED
                return await self._stopped(change, error, state, found=week, step=(number, StepState.REFUSED))
            else:
                image = image and call.image_after(image, answer, now=self._clock.now())
            week = week.replace(call.effect)
            if not self._weekdays.proved(call.verb) and (
                seen := await self._disproof(change, call.verb, week)
            ):
                return await self._put_back(change, number, seen, to=snapshot.week)
        await self._remember(change, image)
        done = None if number is None else (number, StepState.DONE)
        return await self._move(change, State.APPLIED, found=week, step=done)

    async def _disproof(self, change: Change, verb: str, expected: Week) -> Snapshot | None:
        """Read back the first call of its kind in this deployment: what is there, if not as expected."""
        try:
            seen = await self._read(change)
        except FocusError:
            return None  # still unproven: the next call of this kind is read back
        if seen.week != expected:
            return seen
        await self._weekdays.prove(verb, now=self._clock.now())
        return None

    async def _put_back(self, change: Change, number: int, seen: Snapshot, *, to: Week) -> Change:
        """A call moved days that it should not have: undo it, stop all writing, tell the admins."""
        days = " ".join(day.short for day in seen.week.differing(to))
        lock = Lock("moved", days)
        await self._weekdays.lock_writes(lock, now=self._clock.now())
        await self._weeks.forget(change.subject)
        state, found, code = State.FAILED, to, "moved"
        try:
            steps = seen.steps_to(to)
            for call in self._calls(change, steps, to):
                await call.make()
        except FocusError:
            state, found, code = State.PARTIAL, seen.week, "moved_stuck"
        await self._alert_admins(lock)
        return await self._move(
            change, state, found=found, trouble=Trouble(code, days), step=(number, StepState.DONE)
        )

    def _calls(self, change: Change, steps: Steps, target: Week) -> tuple[Call, ...]:
        return calls_for(change.subject, steps, target, focus=self._focus, numbering=self._weekdays.numbering)

    # -------------------------------------------------------------- finding out

    async def _seen(self, change: Change) -> Snapshot | None:
        """What Focus shows right after an unclear answer; ``None`` if it does not say."""
        try:
            return await self._read(change)
        except FocusError:
            return None

    async def _unclear(
        self, change: Change, number: int, error: UnclearError, seen: Snapshot | None
    ) -> Change:
        due_at = self._clock.now() + SETTLE_AFTER
        trouble = Trouble("unclear", error.description, error.trace_id or None, due_at)
        return await self._move(
            change,
            State.UNCLEAR,
            found=seen.week if seen else None,
            trouble=trouble,
            due_at=due_at,
            step=(number, StepState.UNCLEAR),
        )

    async def _look_again(self, change: Change) -> Change:
        due_at = self._clock.now() + SETTLE_AFTER
        later = Trouble("unclear", until=due_at)
        if change.before is None or change.wanted is None:
            raise LookupError(f"change {change.id} has steps but no plan")
        try:
            week = (await self._read(change)).week
        except FocusError:
            return await self._move(change, State.UNCLEAR, trouble=later, due_at=due_at)
        missing = [day for day in change.days if week[day] != change.wanted[day]]
        if not missing:
            return await self._move(change, State.APPLIED, found=week)
        if change.found is None or change.found.only(change.days) != week.only(change.days):
            return await self._move(change, State.UNCLEAR, found=week, trouble=later, due_at=due_at)
        state = State.FAILED if week.only(change.days) == change.before.only(change.days) else State.PARTIAL
        return await self._move(change, state, found=week, trouble=Trouble("not_taken"))

    # -------------------------------------------------------------- reading and remembering

    async def _read(self, change: Change) -> Snapshot:
        """The subject's rows, surely read after the claim, and remembered.

        Raises:
            FocusError: as the client; a weekday number that cannot be locks all writing.
        """
        reading = await self._focus.read(change.subject, shared=False)
        try:
            snapshot = self._weekdays.read(reading)
        except ImpossibleWeekdayError as error:
            lock = Lock("impossible", str(error.number))
            await self._weekdays.lock_writes(lock, now=self._clock.now())
            await self._alert_admins(lock)
            raise
        await self._weeks.put(change.subject, reading)
        return snapshot

    async def _remember(self, change: Change, image: Snapshot | None) -> None:
        """The next look costs nothing, if Focus's answers told enough."""
        if image is None:
            await self._weeks.forget(change.subject)
        else:
            await self._weeks.put(change.subject, self._weekdays.reading(image))

    # -------------------------------------------------------------- the journal

    async def _claim(self, change: Change, state: State) -> Change:
        now = self._clock.now()

        def claim(sql: Sql) -> Change | None:
            if not journal.adopt_act(sql, change.act_id, owner=self._owner, now=now):
                return None
            current = journal.load_change(sql, change.id)
            if current is None or current.state is not change.state:
                return None  # somebody else has moved it since it was read
            if not claims.take(
                sql,
                team_id=change.team_id,
                subject=change.subject,
                owner=self._owner,
                change_id=change.id,
                now=now,
            ):
                return None
            journal.update_change(sql, change.id, state=state)
            return journal.load_change(sql, change.id)

        if claimed := await self._database.write(claim):
            return claimed
        raise SubjectBusyError(change.subject.key)

    async def _record_step(self, change: Change, call: Call, *, after: int | None) -> int:
        def record(sql: Sql) -> int:
            if after is None:
                journal.update_change(
                    sql, change.id, state=State.STARTED, before=change.before, wanted=change.wanted
                )
            else:
                journal.mark_step(sql, change.id, after, StepState.DONE)
            return journal.add_step(
                sql, change.id, verb=call.verb, days=tuple(call.effect), now=self._clock.now()
            )

        return await self._database.write(record)

    async def _stopped(
        self,
        change: Change,
        error: FocusError,
        state: State,
        *,
        found: Week | None = None,
        step: tuple[int, StepState] | None = None,
    ) -> Change:
        """Focus certainly did not do what was asked last: wait if time or a key mends it, else end."""
        trouble = _trouble(error, now=self._clock.now())
        if trouble.until:
            state = State.WAITING
        return await self._move(change, state, found=found, trouble=trouble, due_at=trouble.until, step=step)

    async def _move(
        self,
        change: Change,
        state: State,
        *,
        wanted: Week | None = None,
        found: Week | None = None,
        trouble: Trouble | None = None,
        due_at: datetime | None = None,
        step: tuple[int, StepState] | None = None,
    ) -> Change:
        """One transaction: the last step, the change's state, its claim, and the messages that tell of it."""
        now = self._clock.now()

        def move(sql: Sql) -> Change:
            if step:
                journal.mark_step(sql, change.id, *step)
            journal.update_change(
                sql,
                change.id,
                state=state,
                before=change.before,
                wanted=wanted or change.wanted,
                found=found,
                trouble=trouble,
                due_at=due_at,
            )
            claims.release(sql, change_id=change.id)
            act: Act = journal.must_load_act(sql, change.act_id)
            if act.undoes and act.settled and not any(each.state.wrote for each in act.changes):
                journal.release_undo(sql, by=act.id)
            moved = next(each for each in act.changes if each.id == change.id)
            tell(sql, act, moved, audit_channel=self._audit_channel, now=now)
            return moved

        moved = await self._database.write(move)
        self._outbox.stirred.set()
        return moved


def _goal(change: Change, week: Week, wanted: Week, *, repair: bool) -> Days:
    """The days to bring about, with their hours: at a second try those of the first."""
    if change.before:
        return wanted.only(change.days)
    return wanted.only(change.pattern.named(week) if repair else week.differing(wanted))


def _moved(change: Change, week: Week, goal: Days) -> tuple[Weekday, ...]:
    """The days of the goal which are neither as the person saw them nor as wanted."""
    expected = change.expected
    if expected is None:
        expected = change.before.only(change.days) if change.before else {}
    return tuple(
        day
        for day, hours in goal.items()
        if day in expected and week[day] != expected[day] and week[day] != hours
    )


def _trouble(error: FocusError, *, now: datetime) -> Trouble:
    """The error as the journal keeps it; with ``until`` where the change waits for it to pass."""
    code, until = "not_understood", None
    match error:
        case OutOfQuotaError():
            resets_at = error.quota and error.quota.resets_at
            code, until = "out_of_quota", resets_at or now + QUOTA_RETRY
        case KeyRefusedError():
            code, until = "key_refused", now + KEY_RETRY
        case SlowDownError():
            code, until = "slow_down", now + timedelta(seconds=error.retry_after or 30)
        case ForbiddenError():
            code = "forbidden"
        case NotFoundError():
            code = "not_found"
        case RejectedError():
            code = "rejected"
        case UnavailableError():
            code = "unavailable"
        case ImpossibleWeekdayError():
            code = "impossible"
    return Trouble(code, error.description, error.trace_id or None, until)
