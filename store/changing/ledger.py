"""The database writes of a change in progress: each method is one transaction.

A call's outcome, the change's state, its claim and the messages about it are written together, so that no
crash can separate them.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from collections.abc import Set as AbstractSet
from datetime import datetime

from store import claims
from store.act import Act, Change, State, StepState
from store.changing import others
from store.changing.calls import Call
from store.changing.errors import AlreadyUndoneError, NotCurrentError, SubjectBusyError
from store.changing.stopping import cancel_waiting
from store.changing.telling import Told, tell
from store.clock import Clock
from store.database import Database, Sql
from store.journal import entries, records
from store.messages import MessageKind, put, touch
from store.outbox import Outbox
from store.trouble import Trouble, TroubleCode
from store.week import Subject, Week, Weekday, kept

__all__ = ["Ledger"]

log = logging.getLogger(__name__)

WAITS_FOR_TURN = claims.LEASE / 10


class Ledger:
    """Writes the journal, claims and outbox for the changes of one process."""

    def __init__(
        self, database: Database, outbox: Outbox, *, owner: str, clock: Clock, audit_channel: str | None
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._owner = owner
        self._clock = clock
        self._audit_channel = audit_channel

    async def claim(self, change: Change, state: State, *, request_id: str | None = None) -> Change:
        """Claim a change's subject and act, and set its state; they are this process's until :meth:`release`.

        The request that has this done, if it is not the change's own, is handed on to it.

        Raises:
            NotCurrentError: the change's state has changed since it was read.
            AlreadyUndoneError: the change belongs to an undo, and another undo of the same act was first.
            SubjectBusyError: another change of the subject is in progress, or another process has this one.
        """
        now = self._clock.now()

        def claim(sql: Sql) -> Change:
            current = records.must_load_change(sql, change.id)
            if current.state is not change.state:
                raise NotCurrentError(current)
            _require_undo(sql, change.act_id)
            # No process works on a settled change, so this one may adopt it from any owner.
            anyway = current.state.settled
            if not (
                entries.adopt_act(sql, change.act_id, owner=self._owner, now=now, anyway=anyway)
                and claims.take(
                    sql,
                    team_id=change.team_id,
                    subject=change.subject,
                    owner=self._owner,
                    change_id=change.id,
                    now=now,
                )
            ):
                raise SubjectBusyError(change.subject.key)
            if current.state.settled:  # another attempt, which may wait as long as the first
                entries.end_wait(sql, act_id=change.act_id, change_id=change.id)
            entries.update_change(sql, change.id, state=state)
            entries.hand_on(sql, request_id)
            return records.must_load_change(sql, change.id)

        return await self._database.write(claim)

    async def wait_for_turn(self, change: Change) -> None:
        """Make a waiting change due again soon, because its subject is busy."""
        due_at = self._clock.now() + WAITS_FOR_TURN

        def wait(sql: Sql) -> None:
            current = records.must_load_change(sql, change.id)
            if current.state is State.WAITING:
                trouble = current.trouble or Trouble(TroubleCode.BUSY, until=due_at)
                entries.update_change(sql, change.id, state=State.WAITING, trouble=trouble, due_at=due_at)

        await self._database.write(wait)

    async def certain_at(self, change: Change, days: Collection[Weekday]) -> datetime | None:
        """When it will be known what became of other changes to these days; ``None``: it is known."""
        soon = self._clock.now() + WAITS_FOR_TURN
        return await self._database.read(lambda sql: others.certain_at(sql, change, days, soon=soon))

    async def overtaken(self, change: Change) -> frozenset[Weekday]:
        """The days that were written, while a change waited, by changes that were asked after it."""
        return await self._database.read(lambda sql: others.overtaken(sql, change))

    async def put_off(self, change: Change, *, until: datetime) -> None:
        """Make a waiting change due again at ``until``, whatever it waits for."""

        def put_off(sql: Sql) -> None:
            current = records.must_load_change(sql, change.id)
            if current.state is State.WAITING:
                entries.update_change(
                    sql, change.id, state=State.WAITING, trouble=current.trouble, due_at=until
                )

        await self._database.write(put_off)

    async def record(self, change: Change, call: Call, *, after: tuple[int, StepState] | None) -> int:
        """Record that a call is about to be made, and how the one before ended (``after``); its number.

        Raises:
            SubjectBusyError: this process's lease ended, and another process has taken over the change.
        """

        def record(sql: Sql) -> int:
            if not claims.held(sql, owner=self._owner, change_id=change.id):
                raise SubjectBusyError(change.subject.key)
            if after is None:
                entries.update_change(
                    sql,
                    change.id,
                    state=State.STARTED,
                    before=change.before,
                    wanted=change.wanted,
                    doubled=change.doubled,
                )
            else:
                entries.mark_step(sql, change.id, *after)
            return entries.add_step(
                sql, change.id, verb=call.verb, days=tuple(call.effect), now=self._clock.now()
            )

        return await self._database.write(record)

    async def release(
        self,
        change: Change,
        state: State,
        *,
        found: Week | None = None,
        trouble: Trouble | None = None,
        due_at: datetime | None = None,
        step: tuple[int, StepState] | None = None,
    ) -> Change:
        """Record the last call's outcome (``step``) and the state, release the claim, enqueue messages.

        If another process has taken over the change meanwhile, nothing is written, and the change is returned
        as that process has left it.
        """

        def release(sql: Sql) -> tuple[Change, Act | None]:
            if not claims.held(sql, owner=self._owner, change_id=change.id):
                return records.must_load_change(sql, change.id), None
            if step:
                entries.mark_step(sql, change.id, *step)
            entries.update_change(
                sql,
                change.id,
                state=state,
                before=change.before,
                wanted=change.wanted,
                found=found,
                trouble=trouble,
                due_at=due_at,
                waits_since=self._clock.now() if state is State.WAITING and trouble else None,
            )
            claims.release(sql, change_id=change.id)
            return self._tell(sql, change)

        return self._after_commit(*await self._database.write(release))

    async def end(self, change: Change, *, trouble: Trouble | None, request_id: str | None = None) -> Change:
        """End a change that waits or is in conflict: as failed with ``trouble``, without one as cancelled.

        A change that has written some days ends as partial.

        Raises:
            NotCurrentError: it is in another state by now.
        """

        def end(sql: Sql) -> Told:
            current = records.must_load_change(sql, change.id)
            if current.state not in {State.WAITING, State.CONFLICT}:
                raise NotCurrentError(current)
            state = current.ended(State.FAILED if trouble else State.CANCELLED)
            entries.update_change(sql, change.id, state=state, trouble=trouble)
            entries.hand_on(sql, request_id)
            return self._tell(sql, change)

        return self._after_commit(*await self._database.write(end))

    def abandon(self, sql: Sql, change: Change, trouble: Trouble) -> None:
        """Inside the caller's transaction: end a change that is not complete; what it has written stays.

        A change that nobody has decided to end, because its plan is over, ends as failed.
        """
        failed = trouble.code is TroubleCode.PLAN_OVER
        state = change.ended(State.FAILED if failed else State.CANCELLED)
        entries.update_change(sql, change.id, state=state, trouble=trouble)
        self._tell(sql, change)

    async def queued(self, act_id: str) -> Act:
        """Enqueue, for a queued act's actor, the receipt that will show its progress; return the act."""
        now = self._clock.now()

        def begin(sql: Sql) -> Act:
            act = records.must_load_act(sql, act_id)
            put(
                sql, team_id=act.team_id, kind=MessageKind.RECEIPT, about=act.id, recipient=act.actor, now=now
            )
            return act

        return await self._database.write(begin)

    async def stop(self, act: Act) -> None:
        """Cancel the waiting changes of an act."""
        now = self._clock.now()
        told = await self._database.write(
            lambda sql: cancel_waiting(sql, act.id, audit_channel=self._audit_channel, now=now)
        )
        if told:
            self._after_commit(*told)

    async def finish(
        self, act: Act, subjects: AbstractSet[Subject], *, request_id: str | None = None
    ) -> None:
        """Queue again the changes of these subjects that can be finished (see ``Change.can_finish``).

        Raises:
            NotCurrentError: there is no such change.
            AlreadyUndoneError: the act was undone meanwhile, or it is an undo and another undo was first.
        """
        now = self._clock.now()

        def finish(sql: Sql) -> None:
            current = records.must_load_act(sql, act.id)
            if current.undone_by:
                raise AlreadyUndoneError(current)
            again = [each for each in current.changes if each.can_finish and each.subject in subjects]
            if not again:
                raise NotCurrentError(current.changes[0])
            _require_undo(sql, act.id)
            entries.adopt_act(sql, act.id, owner=self._owner, now=now, anyway=current.settled)
            for change in again:
                entries.end_wait(sql, act_id=act.id, change_id=change.id)
                entries.update_change(sql, change.id, state=State.WAITING, due_at=now, waits_since=now)
            entries.hand_on(sql, request_id)
            touch(sql, team_id=act.team_id, abouts=(act.id,), now=now)

        await self._database.write(finish)

    async def pause(self, act: Act, trouble: Trouble, *, due_at: datetime | None) -> None:
        """Make the waiting changes of an act wait for the trouble to end, and try them at ``due_at``."""
        now = self._clock.now()

        def pause(sql: Sql) -> None:
            changes = records.must_load_act(sql, act.id).changes
            waiting = [each for each in changes if each.state is State.WAITING]
            for change in waiting:
                entries.update_change(
                    sql, change.id, state=State.WAITING, trouble=trouble, due_at=due_at, waits_since=now
                )
            if any(change.trouble != trouble for change in waiting):  # else the messages say so already
                touch(sql, team_id=act.team_id, abouts=(act.id,), now=now)

        await self._database.write(pause)

    async def accept_theirs(self, change: Change) -> None:
        """Make the week found in a conflict the change's starting point, so that it may be overwritten.

        Raises:
            NotCurrentError: the change is not in conflict any more.
        """

        def accept(sql: Sql) -> None:
            current = records.must_load_change(sql, change.id)
            if current.state is not State.CONFLICT or current.found is None or current.wanted is None:
                raise NotCurrentError(current)
            before, found, wanted = current.before or current.found, current.found, current.wanted
            theirs = [day for day in before.differing(found) if not kept(wanted[day], found[day])]
            entries.update_change(
                sql,
                change.id,
                state=State.CONFLICT,
                before=before.replace(found.only(set(theirs) & set(current.days))),
                trouble=current.trouble,
            )
            entries.end_wait(sql, act_id=current.act_id, change_id=current.id)

        await self._database.write(accept)

    def _tell(self, sql: Sql, change: Change) -> Told:
        return tell(sql, change, audit_channel=self._audit_channel, now=self._clock.now())

    def _after_commit(self, moved: Change, act: Act | None) -> Change:
        """After the transaction: wake the clock, as a plan may have waited for this, and log a settled act.

        Without an act, no messages were enqueued.
        """
        self._outbox.stirred.set()
        if act and act.settled:
            about = {"subject": moved.subject.key, "became": moved.state.value}
            if act.queued:
                about = {"changes": f"{len(act.changes) + act.others}", "became": "settled"}
            if moved.trouble:
                about |= {"trouble": moved.trouble.code, "trace_id": moved.trouble.trace_id or ""}
            log.info("act", extra={"act": act.id, "kind": act.kind.value, "actor": act.actor, **about})
        return moved


def _require_undo(sql: Sql, act_id: str) -> None:
    """If the act is an undo, claim the act that it undoes, so that no other undo can.

    Raises:
        AlreadyUndoneError: another undo was first.
    """
    undoes = entries.undone_by_act(sql, act_id)
    if undoes and not entries.claim_undo(sql, undoes, by=act_id):
        raise AlreadyUndoneError(records.must_load_act(sql, undoes))
