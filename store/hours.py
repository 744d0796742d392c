"""Working hours, as handlers use them: look at weeks, change them, undo, and continue unfinished changes.

Methods take a permit and return a week or an act. HTTP, quota, journal, claims and recovery are hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from store.access import Action, Permit
from store.act import FEW, Act, Change, Kind, Place, State
from store.changing import (
    AlreadyUndoneError,
    Changer,
    DaysOverError,
    NotCurrentError,
    SubjectBusyError,
    Wish,
    open_act,
    open_undo,
)
from store.changing.ledger import Ledger
from store.clock import Clock
from store.database import Database, Sql
from store.focus import Budget, FocusClient
from store.journal import records
from store.lastknown import LastKnown
from store.looks import Look, Looks, Refreshed
from store.petitions import carried_out
from store.plans import fulfilled
from store.trouble import Trouble, TroubleCode
from store.week import Subject
from store.weekdays import Weekdays

__all__ = [
    "AlreadyUndoneError",
    "DaysOverError",
    "HoursBook",
    "Look",
    "NotCurrentError",
    "Refreshed",
    "Request",
    "Wish",
]


@dataclass(frozen=True, slots=True)
class Request:
    """The origin of an act: its actor, the place in Slack, and what they asked (``said``)."""

    act_id: str
    actor: str
    place: Place
    said: Mapping[str, Any]


class HoursBook(Looks):
    """Reads and changes weeks in Focus, and keeps the journal of changes in SQLite."""

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
        budget: Budget,
    ) -> None:
        super().__init__(
            focus=focus, weekdays=weekdays, weeks=weeks, clock=clock, fresh_for=fresh_for, budget=budget
        )
        self._team_id = team_id
        self._owner = owner
        self._database = database
        self._ledger = ledger
        self._changer = changer

    # -------------------------------------------------------------- changing

    async def change(
        self, request: Request, *wishes: Wish, kind: Kind = Kind.SET, draft: str | None = None
    ) -> Act:
        """Open an act and carry out its changes one after the other; the returned act holds their outcomes.

        With more than :data:`~store.act.FEW` subjects the changes are queued and the act is returned at its
        start. A change of a week that somebody else is changing at this moment waits for its turn.

        Args:
            request: the actor, the place and the words of the request.
            wishes: a permit and a pattern for each subject.
            kind: what the act does.
            draft: the id of the draft that the act carries out; it is decided in the same transaction.

        Raises:
            WritesLockedError: writing is locked until an admin has looked.
            DraftOverError: the draft was decided before, or has expired.
        """
        await self._require_writable()
        act = self._new_act(request, kind)
        return await self._begin(act, lambda sql: open_act(sql, act, wishes, owner=self._owner), draft=draft)

    async def stop(self, act: Act) -> Act:
        """*Stop* a queued act: cancel the changes that still wait; those in progress continue."""
        await self._ledger.stop(act)
        return await self._load(act.id)

    async def pause(
        self, act: Act, trouble: Trouble | None = None, *, due_at: datetime | None = None
    ) -> None:
        """Make an act's waiting changes wait until ``trouble`` ends; without one, until quota is spare.

        They are due at ``due_at``, for a trouble of which nobody knows when it ends.
        """
        trouble = trouble or Trouble(TroubleCode.OUT_OF_QUOTA, until=self._budget.back_at)
        await self._ledger.pause(act, trouble, due_at=due_at or trouble.until)

    async def wait_for_turn(self, change: Change) -> None:
        """Make a waiting change due again soon, because its subject is busy."""
        await self._ledger.wait_for_turn(change)

    async def finish(self, act: Act, permits: Iterable[Permit], *, request_id: str | None = None) -> Act:
        """*Finish* a queued act: queue again those changes that failed, were stopped or were written in part.

        The request with the id ``request_id``, which asks for this, is handed on to the act; so it is in
        :meth:`again`, :meth:`overwrite` and :meth:`give_up`.

        Raises:
            NotCurrentError: the act has no such change among the subjects of the permits.
            AlreadyUndoneError: the act was undone, or it is an undo and another undo was faster.
            DaysOverError: it would begin plans whose last days are over; if others are left, it does those.
            WritesLockedError: as :meth:`change`.
        """
        await self._require_writable()
        subjects = await self._with_days_left(act, {permit.require(Action.CHANGE) for permit in permits})
        await self._ledger.finish(act, subjects, request_id=request_id)
        return await self._load(act.id)

    async def undo(
        self, request: Request, target: Act, permits: Mapping[Subject, Permit], *, draft: str | None = None
    ) -> Act:
        """Restore the days that an act has written; days that others have changed since lead to a conflict.

        Subjects without a permit in ``permits``, because the actor may not change them (any more), are left
        as they are.

        Args:
            request: the actor, the place and the words of the request.
            target: the act to undo.
            permits: permits to change the weeks that are to be restored.
            draft: the id of the petition that asked for the undo; it is decided in the same transaction.

        Raises:
            AlreadyUndoneError: the act was undone by another request.
            DaysOverError: it is a redo of plans whose last days are over; if others are left, it does those.
            NotCurrentError: the act is still in progress, or has written nothing that may be restored.
            WritesLockedError, DraftOverError: as :meth:`change`.
        """
        await self._require_writable()
        kind = Kind.REDO if target.kind is Kind.UNDO else Kind.UNDO
        act = self._new_act(request, kind, undoes=target.id)
        return await self._begin(
            act, lambda sql: open_undo(sql, act, target.id, permits, owner=self._owner), draft=draft
        )

    async def again(self, permit: Permit, change: Change, *, request_id: str | None = None) -> Act:
        """Try again a change that failed or was written in part; Focus is read first.

        Raises:
            NotCurrentError: the change is in another state, or its plan's days are over.
            SubjectBusyError: somebody else is changing this week now.
            AlreadyUndoneError, DaysOverError, WritesLockedError: as :meth:`undo`.
        """
        if change.state not in {State.PARTIAL, State.FAILED} or change.is_over:
            raise NotCurrentError(change)
        await self._require_days_left(change)
        await self._rerun(permit, change, request_id=request_id)
        return await self._load(change.act_id)

    async def overwrite(self, permit: Permit, change: Change, *, request_id: str | None = None) -> Act:
        """*Overwrite*: carry out a change in conflict, replacing the other person's days that were shown.

        Raises:
            NotCurrentError: the change is not in conflict any more.
            AlreadyUndoneError, DaysOverError, WritesLockedError, SubjectBusyError: as :meth:`again`.
        """
        await self._require_days_left(change)
        await self._ledger.accept_theirs(change)
        await self._rerun(permit, change, request_id=request_id)
        return await self._load(change.act_id)

    async def resume(self, permit: Permit, change: Change) -> Act:
        """Continue a waiting change, after the caller has judged again that it is permitted.

        The returned act has only this one of its changes loaded.

        Raises:
            SubjectBusyError: somebody else is changing this week now; the change keeps waiting.
            WritesLockedError: writing is locked; the change keeps waiting.
            NotCurrentError: the change does not wait any more.
        """
        if change.state is not State.WAITING:
            raise NotCurrentError(change)
        await self._rerun(permit, change)
        return await self._load(change.act_id, only=change.id)

    async def put_off(self, change: Change, *, until: datetime) -> None:
        """Make a waiting change that could not be resumed due again at ``until``."""
        await self._ledger.put_off(change, until=until)

    async def give_up(
        self, change: Change, *, trouble: Trouble | None = None, request_id: str | None = None
    ) -> Act:
        """End a change that waits or is in conflict: *Cancel*, *Keep theirs*, or it is no longer permitted.

        Raises:
            NotCurrentError: the change is in progress, or has ended already.
        """
        await self._ledger.end(change, trouble=trouble, request_id=request_id)
        return await self._load(change.act_id)

    async def settle(self, change: Change, *, in_queue: bool = False) -> Act:
        """Find out, by reading Focus, the outcome of a change that is unclear or was left by a dead process.

        With ``in_queue``, a change that made no call yet goes back into the queue instead of failing.

        Raises:
            SubjectBusyError: the process that works on the change is alive after all.
            NotCurrentError: the outcome is known by now.
        """
        act = await self._load(change.act_id, only=change.id)
        await self._changer.settle(change, act.kind, in_queue=in_queue)
        return await self._load(change.act_id)

    def is_running(self, change: Change) -> bool:
        """Whether this process is working on the change at this moment."""
        return not self._changer.running.isdisjoint({change.id, change.act_id})

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

    async def _begin(
        self, act: Act, opened: Callable[[Sql], tuple[Change, ...]], *, draft: str | None
    ) -> Act:
        """Open the act, deciding its draft in the same transaction, and carry it out."""

        def begin(sql: Sql) -> tuple[Change, ...]:
            if draft is not None:
                state = f"applied {act.id}"
                carried_out(sql, draft, team_id=self._team_id, state=state, by=act.actor, now=act.at)
            return opened(sql)

        with self._changer.working_on(act.id):
            return await self._run_all(act, await self._database.write(begin))

    async def _rerun(self, permit: Permit, change: Change, *, request_id: str | None = None) -> None:
        await self._require_writable()
        if permit.require(Action.CHANGE) != change.subject:
            raise TypeError("a permit for one subject is none for another")
        act = await self._load(change.act_id, only=change.id)
        await self._changer.run(change, act.kind, request_id=request_id)

    async def _require_days_left(self, change: Change) -> None:
        await self._with_days_left(await self._load(change.act_id, only=change.id), {change.subject})

    async def _with_days_left(self, act: Act, subjects: AbstractSet[Subject]) -> AbstractSet[Subject]:
        now = self._clock.now()
        over = await self._database.read(lambda sql: fulfilled.days_over(sql, act, subjects, now=now))
        left = subjects - over.keys()
        if over and not left:
            raise DaysOverError(next(iter(over.values())))
        return left

    async def _run_all(self, act: Act, changes: tuple[Change, ...]) -> Act:
        if len(changes) > FEW:
            return await self._ledger.queued(act.id)
        for change in (each for each in changes if each.state is State.WAITING):
            try:
                await self._changer.run(change, act.kind)
            except SubjectBusyError:
                # It stays in the queue: the clock, which resumes waiting changes, tries again.
                await self._ledger.wait_for_turn(change)
            except NotCurrentError:
                continue  # cancelled before its turn came
        return await self._load(act.id)

    async def _require_writable(self) -> None:
        await self.weekdays.reload()
        self.weekdays.require_writable()

    async def _load(self, act_id: str, *, only: str | None = None) -> Act:
        return await self._database.read(lambda sql: records.must_load_act(sql, act_id, only=only))
