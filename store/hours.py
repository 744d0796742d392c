"""Working hours, as handlers use them: look, change, undo, and what came of it.

A permit goes in, a week or an act comes out. HTTP, quota, journal, claims and recovery are behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from store import journal
from store.access import Action, Permit
from store.act import AT_ONCE, Act, Change, Days, Kind, Place, State, Trouble
from store.changing import AlreadyUndoneError, Changer, NotCurrentError, SubjectBusyError
from store.changing.ledger import Ledger
from store.database import Database, Sql
from store.focus import Clock, FocusClient, FocusError, Numbering, Vote, vote
from store.lastknown import LastKnown
from store.outbox import MessageKind, put
from store.week import Pattern, Snapshot, Subject
from store.weekdays import Weekdays

__all__ = ["AlreadyUndoneError", "HoursBook", "Look", "NotCurrentError", "Request", "Wish"]


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
        ledger: Ledger,
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
        self._ledger = ledger
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

    async def board(self, permits: Iterable[Permit]) -> dict[Subject, Snapshot]:
        """Many weeks as last read, of any age, in one look into the database; never read ones are missing."""
        wanted = {permit.require(Action.SEE) for permit in permits}
        every = await self._weeks.all()
        return {
            subject: self.weekdays.read(reading) for subject, reading in every.items() if subject in wanted
        }

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
            await self._weeks.put(subject, await self._focus.read(subject))
            done += 1
        return done

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

        More than :data:`~store.act.AT_ONCE` subjects are queued: the act comes back as it begins.

        Where somebody else is changing a week at this moment, its change waits for its turn.

        Raises:
            WritesLockedError: nothing is written until an admin has looked.
        """
        await self._require_writable()
        for wish in wishes:
            wish.permit.require(Action.CHANGE)
        act = self._new_act(request, kind)
        with self._changer.working_on(act.id):
            changes = await self._database.write(lambda sql: self._open(sql, act, wishes))
            return await self._run_all(act.id, changes, repair=kind is Kind.REPAIR)

    async def stop(self, act: Act) -> Act:
        """*Stop* a queue: what has not begun is cancelled; what has, goes on."""
        await self._ledger.stop(act)
        return await self._load(act.id)

    async def pause(self, act: Act) -> None:
        """The quota's reserve is for people: what waits in this queue waits for the quota to return."""
        resets_at = self._focus.quota.resets_at or self._clock.now() + timedelta(minutes=5)
        await self._ledger.pause(act, Trouble("out_of_quota", until=resets_at))

    async def undo(self, request: Request, target: Act, permits: Mapping[Subject, Permit]) -> Act:
        """Put the days of an act back, where nobody has changed them since.

        Raises:
            AlreadyUndoneError: another press was first.
            NotCurrentError: the act is under way, or has written nothing.
            WritesLockedError: as :meth:`change`.
        """
        await self._require_writable()
        kind = Kind.REDO if target.kind is Kind.UNDO else Kind.UNDO
        act = self._new_act(request, kind, undoes=target.id)

        def begin(sql: Sql) -> tuple[Change, ...]:
            current = journal.must_load_act(sql, target.id)
            if current.undone_by:
                raise AlreadyUndoneError(current)
            wishes = tuple(_back(change, permits) for change in current.changes if change.written)
            if not (wishes and current.settled):
                raise NotCurrentError(current.changes[0])
            changes = self._open(sql, act, wishes)
            journal.claim_undo(sql, target.id, by=act.id)
            return changes

        with self._changer.working_on(act.id):
            return await self._run_all(act.id, await self._database.write(begin))

    async def again(self, permit: Permit, change: Change) -> Act:
        """Finish a change that was written in part, or try again one that was not; Focus is read first.

        Raises:
            NotCurrentError: it is neither.
            SubjectBusyError: somebody else is changing this week now.
            AlreadyUndoneError, WritesLockedError: as :meth:`undo`.
        """
        if change.state not in {State.PARTIAL, State.FAILED}:
            raise NotCurrentError(change)
        return await self._rerun(permit, change)

    async def overwrite(self, permit: Permit, change: Change) -> Act:
        """Write over what somebody else changed meanwhile, as it was shown to the person.

        Raises:
            NotCurrentError: there is no conflict any more.
            AlreadyUndoneError, WritesLockedError, SubjectBusyError: as :meth:`again`.
        """
        await self._ledger.accept_theirs(change)
        return await self._rerun(permit, change)

    async def resume(self, permit: Permit, change: Change) -> Act:
        """Carry on with a change that waited; the caller has judged again whether it may run.

        Raises:
            SubjectBusyError: somebody else is changing this week now; it keeps waiting.
            WritesLockedError: likewise.
            NotCurrentError: it does not wait any more.
        """
        if change.state is not State.WAITING:
            raise NotCurrentError(change)
        return await self._rerun(permit, change)

    async def give_up(self, change: Change, *, trouble: Trouble | None = None) -> Act:
        """End a change that waits or met a conflict: *Cancel*, *Keep theirs*, or no longer allowed.

        Raises:
            NotCurrentError: it is under way or ended already.
        """
        await self._ledger.end(change, trouble=trouble)
        return await self._load(change.act_id)

    async def settle(self, change: Change) -> Act:
        """Find out what became of a change whose outcome is unknown; writes nothing.

        Raises:
            SubjectBusyError: its process is alive after all.
            NotCurrentError: that is known by now.
        """
        await self._changer.settle(change)
        return await self._load(change.act_id)

    def is_running(self, change: Change) -> bool:
        """Whether this process is working on the change at this moment."""
        return not self._changer.running.isdisjoint({change.id, change.act_id})

    async def tell_interrupted(self) -> tuple[Act, ...]:
        """Tell those whose requests a process received and did not live to work on; each once."""
        now = self._clock.now()

        def adopt(sql: Sql) -> tuple[Act, ...]:
            acts = journal.adopt_interrupted(sql, team_id=self._team_id, now=now)
            for act in acts:
                put(
                    sql,
                    team_id=act.team_id,
                    kind=MessageKind.RESTARTED,
                    about=act.id,
                    recipient=act.actor,
                    now=now,
                )
            return acts

        return await self._database.write(adopt)

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
        await self._require_writable()
        if permit.require(Action.CHANGE) != change.subject:
            raise TypeError("a permit for one subject is none for another")
        act = await self._load(change.act_id)
        await self._changer.run(change, repair=act.kind is Kind.REPAIR)
        return await self._load(act.id)

    async def _run_all(self, act_id: str, changes: tuple[Change, ...], *, repair: bool = False) -> Act:
        if len(changes) > AT_ONCE:
            return await self._ledger.queued(act_id)
        for change in changes:
            try:
                await self._changer.run(change, repair=repair)
            except SubjectBusyError:
                # It keeps its turn: whoever looks after waiting changes tries again.
                await self._ledger.wait_for_turn(change)
            except NotCurrentError:
                continue  # cancelled before its turn came
        return await self._load(act_id)

    async def _require_writable(self) -> None:
        await self.weekdays.reload()
        self.weekdays.require_writable()

    async def _load(self, act_id: str) -> Act:
        return await self._database.read(lambda sql: journal.must_load_act(sql, act_id))


def _back(change: Change, permits: Mapping[Subject, Permit]) -> Wish:
    """What it takes to undo a change: its written days as they were, if they are still as it left them."""
    if change.before is None or change.wanted is None:
        raise LookupError(f"change {change.id} has written days but no plan")
    before, after = change.before.only(change.written), change.wanted.only(change.written)
    return Wish(permits[change.subject], Pattern.exactly(before), expected=after)
