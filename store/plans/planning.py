"""Changes planned for a date: made, changed and cancelled here; the clock brings them about.

Several subjects of one request are one batch. Two plans of one subject never overlap, so each puts back
exactly what it has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol, TypeVar

from store.access import Action, Permit
from store.act import Days
from store.database import Database, Sql
from store.ids import new_id
from store.journal import entries
from store.outbox import MessageKind, Outbox, put
from store.petitions import carried_out
from store.plans import rearranging, table
from store.plans.plan import Plan, PlanState, projected
from store.week import Pattern, Subject

__all__ = ["OverlapError", "Plan", "PlanOverError", "PlanState", "PlannedWish", "Plans", "projected"]


T = TypeVar("T")


class Asking(Protocol):
    """What a plan keeps of the request that it was made by."""

    @property
    def act_id(self) -> str:
        """Becomes the batch's id."""

    @property
    def actor(self) -> str:
        """The planner."""


@dataclass(frozen=True, slots=True)
class PlannedWish:
    """What somebody plans for one subject, and the days it will find; ``zone`` says when its days begin."""

    permit: Permit
    pattern: Pattern
    expected: Days | None
    zone: str


class OverlapError(Exception):
    """A plan would change what another open one (``plan``) of the same ``subject`` holds."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"plan {plan.id} is in the way")
        self.plan = plan
        self.subject = plan.subject


class PlanOverError(Exception):
    """The plan was cancelled, has begun or is over meanwhile; ``plan`` is how it is now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"plan {plan.id} is {plan.state}")
        self.plan = plan


class Plans:
    """The plans of one team."""

    def __init__(self, database: Database, outbox: Outbox, *, team_id: str) -> None:
        self._database = database
        self._outbox = outbox
        self._team_id = team_id

    # -------------------------------------------------------------- looking

    async def get(self, plan_id: str) -> Plan | None:
        """One plan, open or not."""
        return await self._database.read(lambda sql: table.find(sql, plan_id, team_id=self._team_id))

    async def batch(self, batch_id: str) -> tuple[Plan, ...]:
        """All plans that were made together, open or not."""
        return await self._select("batch_id = ?", batch_id)

    async def of(self, subjects: Iterable[Subject]) -> tuple[Plan, ...]:
        """The open plans of these subjects that were not undone, soonest first."""
        wanted = set(subjects)
        if len(wanted) == 1:
            found = await self._select(f"subject = ? AND {table.OPEN}", *(each.key for each in wanted))
        else:
            found = await self.every()
        return tuple(plan for plan in found if plan.subject in wanted and not plan.undone)

    async def by(self, planner: str) -> tuple[Plan, ...]:
        """The open plans that somebody has made and nobody has undone, soonest first."""
        found = await self._select(f"planner = ? AND {table.OPEN}", planner)
        return tuple(plan for plan in found if not plan.undone)

    async def every(self) -> tuple[Plan, ...]:
        """All open plans, soonest first."""
        return await self._select(table.OPEN)

    async def told_in(self, about: str) -> tuple[Plan, ...]:
        """The plans that a message is about (see :func:`store.plans.table.about`), as they are now."""
        return await self._database.read(lambda sql: table.told_in(sql, about, team_id=self._team_id))

    # -------------------------------------------------------------- planning

    async def add(
        self,
        request: Asking,
        wishes: Iterable[PlannedWish],
        *,
        first: date,
        last: date | None,
        now: datetime,
        draft: str | None = None,
        asked_by: str | None = None,
    ) -> tuple[Plan, ...]:
        """Plan a change for one or many: all of it, or nothing. The same request plans once.

        The planner gets a message that shows the plans and is kept true. A ``draft`` that this carries
        out is decided together with it; whoever has asked for that hears of it.

        What begins today (or should have begun before) begins at once.

        Raises:
            OverlapError: a subject has a plan that this one would get into the way of.
            DraftOverError: the draft was carried out before, or has ended.
        """
        wanted = tuple(wishes)

        def write(sql: Sql) -> tuple[Plan, ...]:
            if draft is not None:
                state = f"planned {request.act_id}"
                carried_out(sql, draft, team_id=self._team_id, state=state, by=request.actor, now=now)
                if asked_by:
                    told = MessageKind.ANSWER
                    put(sql, team_id=self._team_id, kind=told, about=draft, recipient=asked_by, now=now)
            known = table.select(sql, "batch_id = ?", request.act_id, team_id=self._team_id)
            for wish in () if known else wanted:
                plan = Plan(
                    id=new_id(),
                    batch=request.act_id,
                    team_id=self._team_id,
                    planner=request.actor,
                    subject=wish.permit.require(Action.CHANGE),
                    pattern=wish.pattern,
                    expected=wish.expected,
                    first=first,
                    last=last,
                    zone=wish.zone,
                    at=now,
                )
                self._require_free(sql, plan)
                table.insert(sql, plan.scheduled(now=now))
            self._show(sql, request.act_id, to=request.actor, now=now)
            # From here on nobody may say that nothing came of the request.
            entries.forget_received(sql, request.act_id)
            return table.select(sql, "batch_id = ?", request.act_id, team_id=self._team_id)

        return await self._write(write)

    async def change(
        self,
        permit: Permit,
        plan_id: str,
        *,
        pattern: Pattern,
        expected: Days | None,
        first: date,
        last: date | None,
        now: datetime,
    ) -> Plan:
        """Plan something else instead, from now on in the name of whoever changed it.

        Raises:
            OverlapError: another plan is in the way.
            PlanOverError: it has begun, or is over.
        """

        def write(sql: Sql) -> Plan:
            plan = self._mine(sql, plan_id, permit)
            if plan.state is not PlanState.PLANNED:
                raise PlanOverError(plan)
            planner = permit.actor.user_id
            changed = replace(
                plan, planner=planner, pattern=pattern, expected=expected, first=first, last=last, at=now
            )
            self._require_free(sql, changed)
            rearranging.withdraw(sql, plan, now=now)
            changed = changed.scheduled(now=now)
            table.save(sql, plan, changed, now=now)
            self._show(sql, plan.batch, to=planner, now=now)
            return changed

        return await self._write(write)

    async def cancel(self, permit: Permit, plan_id: str, *, by: str, now: datetime) -> Plan:
        """Nothing more comes of a plan: one that has begun stays as it is, and is not put back.

        Raises:
            PlanOverError: it is over, or not any more what its planner may call off.
        """

        def write(sql: Sql) -> Plan:
            own = permit.action is Action.CALL_OFF
            plan = self._mine(sql, plan_id, permit, action=Action.CALL_OFF if own else Action.CHANGE)
            if not plan.state.is_open or (own and (plan.begin_act or plan.planner != permit.owner)):
                raise PlanOverError(plan)
            return rearranging.cancel(sql, plan, by=by, now=now)

        return await self._write(write)

    async def take_over(self, permit: Permit, plan_id: str, *, now: datetime) -> Plan:
        """Go on with a plan that its planner was not allowed to bring about: it is one's own now, and due.

        Raises:
            PlanOverError: it does not wait for a decision (any more).
        """

        def write(sql: Sql) -> Plan:
            plan = self._mine(sql, plan_id, permit)
            if plan.state is not PlanState.ASKED:
                raise PlanOverError(plan)
            return rearranging.hand_over(sql, plan, to=permit.actor.user_id, now=now)

        return await self._write(write)

    # -------------------------------------------------------------- inside

    def _show(self, sql: Sql, batch: str, *, to: str, now: datetime) -> None:
        """A message of their own for whoever planned it, or planned something else instead."""
        about = table.made(batch)
        put(sql, team_id=self._team_id, kind=MessageKind.PLANNED, about=about, recipient=to, now=now)

    async def _write(self, change: Callable[[Sql], T]) -> T:
        """What was changed may be due, or have to be told, at once."""
        written = await self._database.write(change)
        self._outbox.stirred.set()
        return written

    async def _select(self, condition: str, *values: object) -> tuple[Plan, ...]:
        return await self._database.read(
            lambda sql: table.select(sql, condition, *values, team_id=self._team_id)
        )

    def _mine(self, sql: Sql, plan_id: str, permit: Permit, *, action: Action = Action.CHANGE) -> Plan:
        plan = table.find(sql, plan_id, team_id=self._team_id)
        if plan is None:
            raise LookupError(f"no plan {plan_id}")
        if permit.require(action) != plan.subject:
            raise TypeError("a permit for one subject is none for another")
        return plan

    @staticmethod
    def _require_free(sql: Sql, plan: Plan) -> None:
        if other := table.in_the_way(sql, plan):
            raise OverlapError(other)
