"""What plans have done so far, according to the journal; inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from store.act import Act, Change, Days, Kind, State
from store.database import Sql, rows
from store.journal import entries, records
from store.messages import touch
from store.plans import table
from store.plans.mornings import A_WORKWEEK, held
from store.plans.plan import Plan
from store.plans.rearranging import Abandon
from store.trouble import Trouble, TroubleCode
from store.week import Subject

__all__ = ["close", "days_over", "expected", "is_under_way"]


def expected(sql: Sql, plan: Plan) -> Days | None:
    """The days that a plan should find: as the planner saw them, plus what other plans have written since.

    ``None`` if the planner saw no week.
    """
    if plan.expected is None:
        return None
    days = dict(plan.expected)
    written = rows(
        sql,
        "SELECT change_id, changes.act_id, max(steps.at) AS written FROM changes JOIN steps USING (change_id)"
        " WHERE changes.team_id = ? AND subject = ? GROUP BY change_id HAVING written >= ? ORDER BY written",
        (plan.team_id, plan.subject.key, plan.at.isoformat()),
    )
    for row in written:
        if _is_planned(sql, row["act_id"]):
            change = records.must_load_change(sql, row["change_id"])
            if change.wanted:
                days |= change.wanted.only(change.written)
    return days


def _is_planned(sql: Sql, act_id: str) -> bool:
    """Whether the clock made an act for a plan, or the act is an undo or redo of such an act."""
    undoes = entries.undone_by_act(sql, act_id)
    planned = entries.kind_of(sql, act_id).of_the_clock
    return planned or (undoes is not None and _is_planned(sql, undoes))


def is_under_way(sql: Sql, change: Change) -> bool:
    """Whether the change, or an undo or redo of it, is in progress, so that its outcome is known soon."""
    if change.state in {State.STARTED, State.UNCLEAR}:
        return True
    act = records.must_load_act(sql, change.act_id)
    while act.undone_by:  # an undo, then its redo, and so on
        act = records.must_load_act(sql, act.undone_by)
        if not act.settled:
            return True
    return False


def days_over(sql: Sql, act: Act, subjects: Iterable[Subject], *, now: datetime) -> dict[Subject, Plan]:
    """Those of the subjects whose plan's last day is over, and the plan that the act would begin for them.

    The act has begun the plans, or is the redo of an undo of such an act. What it would write now would
    stay, since nothing puts it back any more.
    """
    steps = 0
    while act.undoes:
        act, steps = records.must_load_act(sql, act.undoes), steps + 1
    if act.kind is not Kind.PLAN or steps % 2:
        return {}
    among = set(subjects)
    plans = table.select(sql, "begin_act = ?", act.id, team_id=act.team_id)
    return {
        plan.subject: plan for plan in plans if plan.subject in among and plan.ends_at and plan.ends_at <= now
    }


def close(sql: Sql, plan: Plan, change: Change, *, abandon: Abandon, now: datetime) -> None:
    """End a plan's change whose days are over before it was complete; it keeps the reason that it had.

    Of what still waited nobody knows the end yet: that is told in the morning. All else has been told of, and
    only its messages are edited.
    """
    if change.state in {State.APPLIED, State.UNCHANGED, State.CANCELLED}:
        return
    why = f"{change.trouble.code} {change.trouble.description}" if change.trouble else ""
    trouble = Trouble(TroubleCode.PLAN_OVER, why)
    if change.state is State.WAITING:
        week = change.before or A_WORKWEEK
        entries.hold_back(sql, change.act_id, held([(plan, week)], now=now))
        abandon(sql, change, trouble)
        return
    entries.update_change(sql, change.id, state=change.ended(State.FAILED), trouble=trouble)
    touch(sql, team_id=change.team_id, abouts=(change.act_id, change.id), now=now)
