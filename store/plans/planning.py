"""Create, change, cancel and look up plans; the clock begins and ends them (:mod:`store.plans.beginnings`).

The plans of one request, one for each subject, are a batch. Open plans of one subject never overlap, so each
puts back exactly what it has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol, TypeVar

from store.access import Action, Permit
from store.act import Days, State
from store.database import Database, Sql
from store.ids import new_id
from store.journal import entries
from store.messages import MessageKind, put
from store.outbox import Outbox
from store.petitions import carried_out
from store.plans import rearranging, table
from store.plans.plan import Plan, PlanState, projected
from store.week import Pattern, Subject

__all__ = [
    "OverlapError",
    "Plan",
    "PlanOverError",
    "PlanState",
    "PlanUnderWayError",
    "PlannedWish",
    "Plans",
    "projected",
]


T = TypeVar("T")


class Asking(Protocol):
    """The part of a request that plans store."""

    @property
    def act_id(self) -> str:
        """The id of the request, which becomes the batch's id."""

    @property
    def actor(self) -> str:
        """The Slack user who asks, who becomes the planner."""


@dataclass(frozen=True, slots=True)
class PlannedWish:
    """A change planned for one subject: the pattern, the days it should find, and its dates' time zone."""

    permit: Permit
    pattern: Pattern
    expected: Days | None
    zone: str


class OverlapError(Exception):
    """A plan overlaps another open plan (``plan``) of the same ``subject``."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"plan {plan.id} is in the way")
        self.plan = plan
        self.subject = plan.subject


class PlanOverError(Exception):
    """The plan was cancelled, has begun or is over meanwhile; ``plan`` is its current value."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"plan {plan.id} is {plan.state}")
        self.plan = plan


class PlanUnderWayError(Exception):
    """The plan is being written at this moment, or it is not known yet whether it was."""


class Plans:
    """The plans of one team."""

    def __init__(
        self, database: Database, outbox: Outbox, *, team_id: str, abandon: rearranging.Abandon
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._team_id = team_id
        self._abandon = abandon

    # -------------------------------------------------------------- looking

    async def get(self, plan_id: str) -> Plan | None:
        """The plan with this id, open or not."""
        return await self._database.read(lambda sql: table.find(sql, plan_id, team_id=self._team_id))

    async def batch(self, batch_id: str) -> tuple[Plan, ...]:
        """All plans of one batch, open or not."""
        return await self._select("batch_id = ?", batch_id)

    async def of(self, subjects: Iterable[Subject]) -> tuple[Plan, ...]:
        """The open plans of these subjects, without undone ones, soonest first."""
        wanted = set(subjects)
        if len(wanted) == 1:
            found = await self._select(f"subject = ? AND {table.OPEN}", *(each.key for each in wanted))
        else:
            found = await self.every()
        return tuple(plan for plan in found if plan.subject in wanted and not plan.undone)

    async def by(self, planner: str) -> tuple[Plan, ...]:
        """The open plans of this planner, without undone ones, soonest first."""
        found = await self._select(f"planner = ? AND {table.OPEN}", planner)
        return tuple(plan for plan in found if not plan.undone)

    async def every(self) -> tuple[Plan, ...]:
        """All open plans, soonest first."""
        return await self._select(table.OPEN)

    async def told_in(self, about: str) -> tuple[Plan, ...]:
        """The current plans that a message mentions, by its ``about`` key (see :mod:`store.plans.table`)."""
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
        """Create a plan for each subject, all or none; a repetition of the same request creates nothing.

        The planner gets a message that shows the plans and is kept up to date. If the plans carry out a
        ``draft``, it is decided in the same transaction, and ``asked_by`` is told. Plans whose first day is
        today or in the past begin at once.

        Raises:
            OverlapError: a subject has an open plan that would overlap.
            DraftOverError: the draft was decided before, or has expired.
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
            # The request has led to something: it must not be reported as interrupted.
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
        request_id: str | None = None,
    ) -> Plan:
        """Change a plan that has not begun; the actor becomes its planner.

        The request with the id ``request_id``, which asks for this, is handed on to the plan.

        Raises:
            OverlapError: it would overlap another open plan of the subject.
            PlanOverError: the plan has begun, or is over.
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
            entries.hand_on(sql, request_id)
            return changed

        return await self._write(write)

    async def cancel(self, permit: Permit, plan_id: str, *, by: str, now: datetime) -> Plan:
        """Cancel an open plan. If it has begun, its days stay as they are and are not put back.

        Raises:
            PlanUnderWayError: it is being written; the same request may succeed a little later.
            PlanOverError: the plan is over, or the permit is to call it off and it has begun or has another
                planner.
        """

        def write(sql: Sql) -> Plan:
            own = permit.action is Action.CALL_OFF
            plan = self._mine(sql, plan_id, permit, action=Action.CALL_OFF if own else Action.CHANGE)
            if not plan.state.is_open or (own and (plan.begin_act or plan.planner != permit.owner)):
                raise PlanOverError(plan)
            change = table.change_of(sql, plan)
            if change and change.state in {State.STARTED, State.UNCLEAR}:
                raise PlanUnderWayError(f"plan {plan.id} has begun with change {change.id}")
            return rearranging.cancel(sql, plan, by=by, now=now, abandon=self._abandon)

        return await self._write(write)

    async def take_over(self, permit: Permit, plan_id: str, *, now: datetime) -> Plan:
        """Make the actor the planner of a plan that waits for a decision, and have it carried out at once.

        Raises:
            PlanOverError: the plan does not wait for a decision (any more).
        """

        def write(sql: Sql) -> Plan:
            plan = self._mine(sql, plan_id, permit)
            if plan.state is not PlanState.ASKED:
                raise PlanOverError(plan)
            return rearranging.hand_over(sql, plan, to=permit.actor.user_id, now=now)

        return await self._write(write)

    # -------------------------------------------------------------- inside

    def _show(self, sql: Sql, batch: str, *, to: str, now: datetime) -> None:
        """Enqueue the message that shows the batch to a person who created or changed its plans."""
        about = table.made(batch)
        put(sql, team_id=self._team_id, kind=MessageKind.PLANNED, about=about, recipient=to, now=now)

    async def _write(self, change: Callable[[Sql], T]) -> T:
        """Write, then wake the clock, because plans may be due at once."""
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
