"""Cancel plans, hand them over, or note that they will not begin; inside the caller's transaction.

Later plans of the subject expect the days that an earlier plan would leave; their ``expected`` days are
corrected here when the earlier plan is not carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from store.act import Change, Days, State
from store.database import Sql
from store.messages import MessageKind, put
from store.plans.plan import Plan, PlanState, projected
from store.plans.table import change_of, made, save, select
from store.trouble import Trouble, TroubleCode
from store.week import Week

__all__ = ["Abandon", "cancel", "follow", "hand_over", "hand_over_all", "withdraw"]

Abandon = Callable[[Sql, Change, Trouble], None]
"""Ends a change for good that is not complete, and tells everybody concerned; inside the transaction."""

_INCOMPLETE = {State.WAITING, State.CONFLICT, State.PARTIAL, State.FAILED, State.CANCELLED}
"""The states of a change that the clock, or a person with *Finish* or *Overwrite*, might still continue."""


def cancel(sql: Sql, plan: Plan, *, by: str, now: datetime, abandon: Abandon) -> Plan:
    """Cancel an open plan. If it has begun, what it has written stays, and the rest is never written.

    Nothing would put back what is written later. Only a change in progress is not stopped.
    """
    ended = replace(plan, state=PlanState.CANCELLED, due_at=None, tell_at=None, decided_by=by)
    save(sql, plan, ended, now=now)
    change = change_of(sql, plan)
    if change is None:
        withdraw(sql, plan, now=now)
        return ended
    if change.state in _INCOMPLETE:
        abandon(sql, change, Trouble(TroubleCode.PLAN_CANCELLED))
    if change.before and change.wanted:
        _expect(sql, plan, change.wanted.only(change.written), instead_of=change.before, now=now)
    return ended


def withdraw(sql: Sql, plan: Plan, *, now: datetime) -> None:
    """Note that a plan will not begin as it stands: later plans must not expect its effect any more."""
    if plan.expected is not None and plan.begin_act is None:
        found = Week.of(plan.expected)
        made = projected(found, [replace(plan, state=PlanState.PLANNED)], plan.first)
        _expect(sql, plan, found.only(found.differing(made)), instead_of=made, now=now)


def _expect(sql: Sql, plan: Plan, days: Days, *, instead_of: Week, now: datetime) -> None:
    """Correct the days that later plans expect, up to the next plan that changes those days for good.

    Only plans that expect the days as ``instead_of`` has them are corrected; others do not build on this one.
    """
    left = dict(days)
    coming = "subject = ? AND plan_id != ? AND state = 'planned' AND first >= ?"
    for later in select(sql, coming, plan.subject.key, plan.id, plan.first.isoformat(), team_id=plan.team_id):
        counted_on = later.expected or {}
        moved = {day: left[day] for day in left if day in counted_on and counted_on[day] == instead_of[day]}
        if moved:
            save(sql, later, replace(later, expected={**counted_on, **moved}), now=now)
        if later.last is None:
            made = projected(Week.of({**counted_on, **left}), [later], later.first)
            left = {day: made[day] for day in left}


def hand_over(sql: Sql, plan: Plan, *, to: str, now: datetime) -> Plan:
    """Make ``to`` the planner of an open plan; if it waits for a decision, it is tried again at once."""
    mine = replace(plan, planner=to)
    if plan.state is PlanState.ASKED:
        state = PlanState.BEGUN if plan.begin_act else PlanState.PLANNED
        mine = replace(mine, state=state, due_at=now, decided_by=to)
    save(sql, plan, mine, now=now)
    return mine


def hand_over_all(sql: Sql, planner: str, *, to: str, own: str, team_id: str, now: datetime) -> int:
    """Make ``to`` the planner of what a person has planned for others, and enqueue the messages that show it.

    What waits for a decision stays theirs, since admins have been asked about it already. Returns the number
    of plans that were handed over.

    Args:
        sql: the transaction.
        planner: the person.
        to: the new planner.
        own: the key of the person's own subject; empty if it is not known.
        team_id: the team of both.
        now: the time.
    """
    others = "planner = ? AND subject != ? AND state IN ('planned', 'begun')"
    plans = select(sql, others, planner, own, team_id=team_id)
    for plan in plans:
        hand_over(sql, plan, to=to, now=now)
        put(sql, team_id=team_id, kind=MessageKind.PLANNED, about=made(plan.batch), recipient=to, now=now)
    return len(plans)


def follow(sql: Sql, change: Change, *, to: str) -> None:
    """Update a plan whose waiting change was moved to the act ``to``."""
    sql.execute(
        "UPDATE plans SET begin_act = ? WHERE begin_act = ? AND subject = ?",
        (to, change.act_id, change.subject.key),
    )
