"""Plans as rows: read, write and compare them inside the caller's transaction."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime

from store.act import Change, State
from store.codec import days_from_json, days_to_json, pattern_from_json, pattern_to_json
from store.database import Row, Sql, rows
from store.journal.records import is_undone, load_change
from store.messages import touch
from store.plans.plan import Plan, PlanState
from store.trouble import Trouble
from store.week import Subject

__all__ = [
    "OPEN",
    "about",
    "change_of",
    "find",
    "in_the_way",
    "insert",
    "made",
    "next_about",
    "save",
    "select",
    "told_in",
]

OPEN = "state IN ('planned', 'begun', 'asked')"


def insert(sql: Sql, plan: Plan) -> None:
    """Insert a new plan."""
    sql.execute(
        "INSERT INTO plans (plan_id, batch_id, team_id, planner, subject, pattern, expected, first, last,"
        " zone, at, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            plan.id,
            plan.batch,
            plan.team_id,
            plan.planner,
            plan.subject.key,
            json.dumps(pattern_to_json(plan.pattern)),
            json.dumps(days_to_json(plan.expected)),
            plan.first.isoformat(),
            _iso(plan.last),
            plan.zone,
            plan.at.isoformat(),
            plan.state,
        ),
    )
    _write(sql, plan)


def save(sql: Sql, before: Plan, after: Plan, *, now: datetime) -> None:
    """Update a plan, and have the messages about it, as it was and as it is, edited."""
    _write(sql, after)
    touch(
        sql, team_id=after.team_id, abouts=(*about(before), *(set(about(after)) - {*about(before)})), now=now
    )


def _write(sql: Sql, plan: Plan) -> None:
    sql.execute(
        "UPDATE plans SET planner = ?, at = ?, pattern = ?, expected = ?, first = ?, last = ?, state = ?,"
        " due_at = ?, tell_at = ?, begin_act = ?, back_act = ?, trouble = ?, decided_by = ?"
        " WHERE plan_id = ?",
        (
            plan.planner,
            _iso(plan.at),
            json.dumps(pattern_to_json(plan.pattern)),
            json.dumps(days_to_json(plan.expected)),
            plan.first.isoformat(),
            _iso(plan.last),
            plan.state,
            _iso(plan.due_at),
            _iso(plan.tell_at),
            plan.begin_act,
            plan.back_act,
            None if plan.trouble is None else json.dumps(plan.trouble.to_json()),
            plan.decided_by,
            plan.id,
        ),
    )


def about(plan: Plan) -> tuple[str, ...]:
    """The ``about`` keys of all messages that may mention a plan; each covers several plans of its batch."""
    ends = (f"end:{plan.batch}:{plan.last}", f"asked:{plan.batch}:end") if plan.last else ()
    return (made(plan.batch), f"begin:{plan.batch}:{plan.first}", f"asked:{plan.batch}:begin", *ends)


def made(batch: str) -> str:
    """The ``about`` key of the message that shows a batch to its planner."""
    return f"plans:{batch}"


def next_about(plan: Plan) -> str:
    """The ``about`` key of the message that announces an open plan's beginning or, once begun, its end."""
    if plan.state is PlanState.BEGUN:
        return f"end:{plan.batch}:{plan.last}"
    return f"begin:{plan.batch}:{plan.first}"


def told_in(sql: Sql, about: str, *, team_id: str) -> tuple[Plan, ...]:
    """The current plans that a message with this ``about`` key mentions."""
    what, batch, which = about.split(":")
    match what:
        case "begin":
            return select(sql, "batch_id = ? AND first = ?", batch, which, team_id=team_id)
        case "end":
            return select(sql, "batch_id = ? AND last = ?", batch, which, team_id=team_id)
    troubled = select(sql, "batch_id = ? AND trouble IS NOT NULL", batch, team_id=team_id)
    return tuple(
        plan for plan in troubled if which == "begin" or (plan.trouble and plan.trouble.description == which)
    )


def find(sql: Sql, plan_id: str, *, team_id: str) -> Plan | None:
    """The plan with this id, open or not."""
    found = select(sql, "plan_id = ?", plan_id, team_id=team_id)
    return found[0] if found else None


def select(sql: Sql, condition: str, *values: object, team_id: str) -> tuple[Plan, ...]:
    """The team's plans that meet an SQL condition, soonest first."""
    found = rows(
        sql,
        f"SELECT * FROM plans WHERE team_id = ? AND {condition} ORDER BY first, rowid",  # noqa: S608 - ours
        (team_id, *values),
    )
    return tuple(_as_it_went(sql, _plan(row)) for row in found)


def in_the_way(sql: Sql, plan: Plan) -> Plan | None:
    """An open plan of the same subject, not undone, that overlaps this one; ``None`` if there is none."""
    others = select(
        sql, f"subject = ? AND plan_id != ? AND {OPEN}", plan.subject.key, plan.id, team_id=plan.team_id
    )
    return next((other for other in others if not other.undone and other.overlaps(plan)), None)


def change_of(sql: Sql, plan: Plan) -> Change | None:
    """The change with which a plan has begun; ``None`` if it has not."""
    which = "SELECT change_id FROM changes WHERE act_id = ? AND subject = ?"
    found = rows(sql, which, (plan.begin_act, plan.subject.key)) if plan.begin_act else []
    return load_change(sql, found[0]["change_id"]) if found else None


def _as_it_went(sql: Sql, plan: Plan) -> Plan:
    """The plan with the fields that are derived from its change in the journal (see :class:`Plan`)."""
    change = change_of(sql, plan)
    if change is None or plan.state is PlanState.CANCELLED:
        return plan
    if _is_held_up(change):
        return replace(plan, unwritten=True)
    if plan.back_act is None and is_undone(sql, change):
        return replace(plan, restores={}, undone=True)
    if plan.state is not PlanState.BEGUN or change.before is None:
        return plan
    return replace(plan, restores=change.before.only(change.written))


def _is_held_up(change: Change) -> bool:
    """Whether the change has written nothing and is not about to, because it waits or was given up."""
    waits = change.state is State.WAITING and change.trouble is not None
    given_up = change.state in {State.CONFLICT, State.FAILED, State.CANCELLED}
    return (waits or given_up) and not change.written


def _plan(row: Row) -> Plan:
    return Plan(
        id=row["plan_id"],
        batch=row["batch_id"],
        team_id=row["team_id"],
        planner=row["planner"],
        subject=Subject.parse(row["subject"]),
        pattern=pattern_from_json(json.loads(row["pattern"])),
        expected=days_from_json(json.loads(row["expected"])),
        first=date.fromisoformat(row["first"]),
        last=date.fromisoformat(row["last"]) if row["last"] else None,
        zone=row["zone"],
        at=datetime.fromisoformat(row["at"]),
        state=PlanState(row["state"]),
        due_at=_time(row["due_at"]),
        tell_at=_time(row["tell_at"]),
        begin_act=row["begin_act"],
        back_act=row["back_act"],
        trouble=Trouble.from_json(json.loads(row["trouble"])) if row["trouble"] else None,
        decided_by=row["decided_by"],
    )


def _iso(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
