"""Working hours, as handlers use them: look, change, undo, and what came of it.

A permit goes in, a week or an act comes out. HTTP, quota, journal, claims and recovery are behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from store import claims, journal
from store.access import Action, Permit
from store.act import Act, Change, Days, Kind, Place, State, Trouble
from store.changing import Changer, SubjectBusyError
from store.database import Database, Sql
from store.focus import Clock, FocusClient, FocusError, Numbering, Vote, vote
from store.lastknown import LastKnown
from store.outbox import Outbox
from store.telling import tell
from store.week import Pattern, Snapshot, Subject
from store.weekdays import Weekdays

__all__ = ["AlreadyUndoneError", "HoursBook", "Look", "NotCurrentError", "Request", "Wish"]


class AlreadyUndoneError(Exception):
    """Somebody has undone (or is undoing) this act; ``act`` tells who."""

    def __init__(self, act: Act) -> None:
        super().__init__(f"act {act.id} is undone by {act.undone_by}")
        self.act = act


class NotCurrentError(Exception):
    """The change is not in the state that the button was made for."""

    def __init__(self, change: Change) -> None:
        super().__init__(f"change {change.id} is {change.state}")
        self.change = change


@dataclass(frozen=True, slots=True)
class Look:
    """A week with its "as of"; ``trouble`` is why it could not be read anew."""

    snapshot: Snapshot
    trouble: FocusError | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody may change, and to what; ``expected`` are the days they saw when they asked."""

    permit: Permit
    pattern: Pattern
    expected: Days | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for an act, where and with which words."""

    act_id: str
    actor: str
    place: Place
    said: Mapping[str, Any]


class HoursBook:
    """Everybody's weeks, kept in Focus; the bot's side of them, kept in SQLite."""

    def __init__(
        self,
        *,
        team_id: str,
        owner: str,
        database: Database,
        focus: FocusClient,
        weekdays: Weekdays,
        weeks: LastKnown,
        outbox: Outbox,
        changer: Changer,
        clock: Clock,
        fresh_for: timedelta,
        quota: int,
        reserve: float,
    ) -> None:
        self._team_id = team_id
        self._owner = owner
        self._database = database
        self._focus = focus
        self.weekdays = weekdays
        self._weeks = weeks
        self._outbox = outbox
        self._changer = changer
        self._clock = clock
        self._fresh_for = fresh_for
        self._quota = quota
        self._reserve = reserve

    # -------------------------------------------------------------- looking

    async def glance(self, permit: Permit) -> Look | None:
        """The week without a call to Focus, if what is known is fresh enough."""
        reading = await self._weeks.get(permit.require(Action.SEE))
        if reading is None or self._clock.now() - reading.as_of > self._fresh_for:
            return None
        return Look(self.weekdays.read(reading))

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
            snapshot = self.weekdays.read(reading)
        except FocusError as error:
            last = await self._weeks.get(subject)
            if last is None:
                raise
            return Look(self.weekdays.read(last), error)
        await self._weeks.put(subject, reading)
        return Look(snapshot)

    async def last_known(self, permit: Permit) -> Snapshot | None:
        """The week as last read, of any age, without a call."""
        reading = await self._weeks.get(permit.require(Action.SEE))
        return None if reading is None else self.weekdays.read(reading)

    def can_spare(self) -> bool:
        """Whether a call that nobody strictly needs leaves the reserve for those that somebody does."""
        quota, now = self._focus.quota, self._clock.now()
        known = quota.remaining is not None and (quota.resets_at is None or quota.resets_at > now)
        remaining = quota.remaining if known and quota.remaining is not None else self._quota
        return remaining > self._quota * self._reserve

    async def vote(self) -> Vote:
        """What all last-known rows say about Focus's weekday numbers."""
        every = await self._weeks.all()
        return vote([(row.weekday, row.hours) for row in reading.rows] for reading in every.values())

    async def example(self, numbering: Numbering) -> tuple[Subject, Snapshot] | None:
        """A person whose week shows the numbering best (the most uneven one), read by it."""
        every = {
            subject: reading.snapshot(numbering)
            for subject, reading in (await self._weeks.all()).items()
            if subject.kind == "person" and reading.rows
        }
        return max(every.items(), key=lambda item: len(set(item[1].week.days)), default=None)

    # -------------------------------------------------------------- changing

    async def change(self, request: Request, *wishes: Wish, kind: Kind = Kind.SET) -> Act:
        """Carry out what somebody asked, one subject after the other; the act says what became of it.

        Raises:
            WritesLockedError: nothing is written until an admin has looked.
            SubjectBusyError: somebody else is changing this very week now (only with one subject).
        """
        self.weekdays.require_writable()
        for wish in wishes:
            wish.permit.require(Action.CHANGE)
        act = self._new_act(request, kind)
        changes = await self._database.write(lambda sql: self._open(sql, act, wishes))
        return await self._run_all(act.id, changes, repair=kind is Kind.REPAIR)

    async def undo(self, request: Request, target: Act, permits: Mapping[Subject, Permit]) -> Act:
        """Put the days of an act back, where nobody has changed them since.

        Raises:
            AlreadyUndoneError: another press was first.
            WritesLockedError, SubjectBusyError: as :meth:`change`.
        """
        self.weekdays.require_writable()
        wishes = [
            Wish(permits[change.subject], Pattern.exactly(change.before.only(change.written)),
                 change.wanted.only(change.written))
            for change in target.changes
            if change.before and change.wanted and change.written
        ]  # fmt: skip
        for wish in wishes:
            wish.permit.require(Action.CHANGE)
        kind = Kind.REDO if target.kind is Kind.UNDO else Kind.UNDO
        act = self._new_act(request, kind, undoes=target.id)

        def begin(sql: Sql) -> tuple[Change, ...]:
            changes = self._open(sql, act, tuple(wishes))
            if not journal.claim_undo(sql, target.id, by=act.id):
                raise _LostRaceError
            return changes

        try:
            changes = await self._database.write(begin)
        except _LostRaceError:
            current = await self._database.read(lambda sql: journal.must_load_act(sql, target.id))
            raise AlreadyUndoneError(current) from None
        return await self._run_all(act.id, changes)

    async def again(self, permit: Permit, change: Change) -> Act:
        """Finish a change that was written in part, or try again one that was not; Focus is read first.

        Raises:
            NotCurrentError: it is neither.
            AlreadyUndoneError, WritesLockedError, SubjectBusyError: as :meth:`undo`.
        """
        if change.state not in {State.PARTIAL, State.FAILED}:
            raise NotCurrentError(change)
        return await self._rerun(permit, change)

    async def overwrite(self, permit: Permit, change: Change) -> Act:
        """Write over what somebody else changed meanwhile, as it was shown to the person.

        Raises:
            NotCurrentError: there is no conflict any more.
            AlreadyUndoneError, WritesLockedError, SubjectBusyError: as :meth:`undo`.
        """
        if change.state is not State.CONFLICT or change.found is None or change.wanted is None:
            raise NotCurrentError(change)
        days = change.found.differing(change.wanted)
        mine, theirs = Pattern.exactly(change.wanted.only(days)), change.found.only(days)

        def reopen(sql: Sql) -> None:
            journal.reopen_change(sql, change.id, pattern=mine, expected=theirs)

        await self._database.write(reopen)
        return await self._rerun(permit, change)

    async def resume(self, permit: Permit, change: Change) -> Act:
        """Carry on with a change that waited; the caller has judged again whether it may run.

        Raises:
            SubjectBusyError: somebody else is changing this week now; it keeps waiting.
            WritesLockedError: likewise.
        """
        return await self._rerun(permit, change)

    async def give_up(self, change: Change, *, trouble: Trouble | None = None) -> Act:
        """End a change that waits or met a conflict: *Cancel*, *Keep theirs*, or no longer allowed.

        Raises:
            NotCurrentError: it is under way or ended already.
        """
        state = State.FAILED if trouble else State.CANCELLED
        now = self._clock.now()

        def end(sql: Sql) -> Act | None:
            current = journal.load_change(sql, change.id)
            if current is None or current.state not in {State.WAITING, State.CONFLICT}:
                return None
            journal.update_change(sql, change.id, state=state, trouble=trouble)
            act = journal.must_load_act(sql, change.act_id)
            if act.undoes and act.settled and not any(each.state.wrote for each in act.changes):
                journal.release_undo(sql, by=act.id)
            ended = next(each for each in act.changes if each.id == change.id)
            tell(sql, act, ended, audit_channel=None, now=now)
            return act

        act = await self._database.write(end)
        if act is None:
            raise NotCurrentError(change)
        self._outbox.stirred.set()
        return act

    async def settle(self, change: Change) -> Act:
        """Find out what became of a change whose outcome is unknown; writes nothing.

        Raises:
            SubjectBusyError: its process is alive after all.
        """
        await self._changer.settle(change)
        return await self._load(change.act_id)

    def is_running(self, change: Change) -> bool:
        """Whether this process is working on the change at this moment."""
        return change.id in self._changer.running

    # -------------------------------------------------------------- inside

    def _new_act(self, request: Request, kind: Kind, *, undoes: str | None = None) -> Act:
        return Act(
            id=request.act_id,
            team_id=self._team_id,
            actor=request.actor,
            kind=kind,
            at=self._clock.now(),
            place=request.place,
            request=request.said,
            undoes=undoes,
        )

    def _open(self, sql: Sql, act: Act, wishes: tuple[Wish, ...]) -> tuple[Change, ...]:
        journal.open_act(sql, act, owner=self._owner)
        for wish in wishes:
            journal.add_change(
                sql,
                act,
                subject=wish.permit.require(Action.CHANGE),
                pattern=wish.pattern,
                expected=wish.expected,
                now=act.at,
            )
        return journal.must_load_act(sql, act.id).changes

    async def _rerun(self, permit: Permit, change: Change) -> Act:
        self.weekdays.require_writable()
        if permit.require(Action.CHANGE) != change.subject:
            raise TypeError("a permit for one subject is none for another")
        act = await self._load(change.act_id)
        if act.undoes and not await self._database.write(self._keep_undo_claim(act.undoes, act.id)):
            raise AlreadyUndoneError(await self._load(act.undoes))
        return await self._run_all(act.id, (change,), repair=act.kind is Kind.REPAIR)

    @staticmethod
    def _keep_undo_claim(target: str, by: str) -> Any:
        def claim(sql: Sql) -> bool:
            if journal.claim_undo(sql, target, by=by):
                return True
            return journal.must_load_act(sql, target).undone_by == by

        return claim

    async def _run_all(self, act_id: str, changes: tuple[Change, ...], *, repair: bool = False) -> Act:
        for change in changes:
            try:
                await self._changer.run(change, repair=repair)
            except SubjectBusyError:
                # It keeps its turn: whoever looks after waiting changes tries again.
                if change.state is not State.WAITING or change.trouble is not None:
                    raise
                await self._wait_for_turn(change)
        return await self._load(act_id)

    async def _wait_for_turn(self, change: Change) -> None:
        due_at = self._clock.now() + claims.LEASE / 10
        busy = Trouble("busy", until=due_at)

        def wait(sql: Sql) -> None:
            journal.update_change(sql, change.id, state=State.WAITING, trouble=busy, due_at=due_at)

        await self._database.write(wait)

    async def _load(self, act_id: str) -> Act:
        return await self._database.read(lambda sql: journal.must_load_act(sql, act_id))


class _LostRaceError(Exception):
    """Rolls a transaction back; never leaves this module."""
