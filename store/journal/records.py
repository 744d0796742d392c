"""Reading the journal: acts, changes and steps as values, inside the caller's transaction."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from store.act import UNSETTLED, Act, Change, Days, Kind, Place, State, Step, StepState
from store.codec import days_from_json, doubled_from_json, pattern_from_json, week_from_json
from store.database import Row, Sql, rows
from store.trouble import Trouble
from store.week import Pattern, Subject, Week, Weekday

__all__ = ["is_undone", "load_act", "load_change", "must_load_act", "must_load_change"]

AS_READ = 4096
"""The size of the caches of decoded weeks, patterns and days: the changes of an act share a few texts."""


def load_act(sql: Sql, act_id: str, *, only: str | None = None) -> Act | None:
    """One act with its changes and their steps; with ``only``, just that change, and the others counted."""
    found = rows(
        sql,
        "SELECT acts.*, undoing.actor AS undone_by_actor, undoing.at AS undone_at FROM acts"
        " LEFT JOIN acts AS undoing ON undoing.act_id = acts.undone_by WHERE acts.act_id = ?",
        (act_id,),
    )
    if not found:
        return None
    (row,) = found
    if only is None:
        changes, others = _changes(sql, act_id), (0, 0)
    else:
        changes, others = (must_load_change(sql, only),), _others(sql, act_id, only)
    kind, channel = json.loads(row["place"])
    return Act(
        id=row["act_id"],
        team_id=row["team_id"],
        actor=row["actor"],
        kind=Kind(row["kind"]),
        at=datetime.fromisoformat(row["at"]),
        place=Place(kind, channel),
        request=json.loads(row["request"]),
        changes=changes,
        undoes=row["undoes"],
        undone_by=row["undone_by"],
        undone_by_actor=row["undone_by_actor"],
        undone_at=_time(row["undone_at"]),
        others=others[0],
        others_unsettled=others[1],
        interrupted=row["state"] == "interrupted",
        handed_on=row["state"] == "handed on",
    )


def _changes(sql: Sql, act_id: str) -> tuple[Change, ...]:
    """All changes of an act with their steps, in two queries for any number of changes."""
    changes = rows(sql, "SELECT * FROM changes WHERE act_id = ? ORDER BY rowid", (act_id,))
    steps: defaultdict[str, list[Row]] = defaultdict(list)
    for step in rows(
        sql,
        "SELECT steps.* FROM steps JOIN changes USING (change_id) WHERE act_id = ? ORDER BY number",
        (act_id,),
    ):
        steps[step["change_id"]].append(step)
    return tuple(_change(change, steps[change["change_id"]]) for change in changes)


def _others(sql: Sql, act_id: str, change_id: str) -> tuple[int, int]:
    """The number of the act's other changes, and how many of these are not settled."""
    (counted,) = rows(
        sql,
        f"SELECT count(*) AS every, coalesce(sum(state IN {UNSETTLED}), 0) AS unsettled"  # noqa: S608 - a constant
        " FROM changes WHERE act_id = ? AND change_id != ?",
        (act_id, change_id),
    )
    return counted["every"], counted["unsettled"]


def must_load_act(sql: Sql, act_id: str, *, only: str | None = None) -> Act:
    """Load an act that must exist.

    Raises:
        LookupError: it does not exist.
    """
    act = load_act(sql, act_id, only=only)
    if act is None:
        raise LookupError(f"act {act_id} is not in the journal")
    return act


def load_change(sql: Sql, change_id: str) -> Change | None:
    """One change with its steps."""
    found = rows(sql, "SELECT * FROM changes WHERE change_id = ?", (change_id,))
    if not found:
        return None
    steps = rows(sql, "SELECT * FROM steps WHERE change_id = ? ORDER BY number", (change_id,))
    return _change(found[0], steps)


def must_load_change(sql: Sql, change_id: str) -> Change:
    """Load a change that must exist.

    Raises:
        LookupError: it does not exist.
    """
    change = load_change(sql, change_id)
    if change is None:
        raise LookupError(f"change {change_id} is not in the journal")
    return change


def is_undone(sql: Sql, change: Change) -> bool:
    """Whether this change was reversed by an undo, and not redone after that."""
    undone_by = must_load_act(sql, change.act_id, only=change.id).undone_by
    if undone_by is None:
        return False
    back = [
        each
        for each in must_load_act(sql, undone_by).changes
        if each.subject == change.subject and each.state in {State.APPLIED, State.UNCHANGED}
    ]
    return bool(back) and not is_undone(sql, back[0])


def _change(row: Row, steps: Iterable[Row]) -> Change:
    return Change(
        id=row["change_id"],
        act_id=row["act_id"],
        team_id=row["team_id"],
        subject=Subject.parse(row["subject"]),
        pattern=_pattern(row["pattern"]),
        state=State(row["state"]),
        at=datetime.fromisoformat(row["at"]),
        expected=_days(row["expected"]),
        before=_week(row["before"]),
        wanted=_week(row["wanted"]),
        found=_week(row["found"]),
        trouble=_trouble(row["trouble"]),
        due_at=_time(row["due_at"]),
        waits_since=_time(row["waits_since"]),
        doubled=doubled_from_json(_value(row["doubled"])),
        steps=tuple(
            Step(
                step["verb"],
                _step_days(step["days"]),
                StepState(step["state"]),
                datetime.fromisoformat(step["at"]),
            )
            for step in steps
        ),
    )


@lru_cache(maxsize=AS_READ)
def _pattern(text: str) -> Pattern:
    return pattern_from_json(json.loads(text))


@lru_cache(maxsize=AS_READ)
def _days(text: str | None) -> Days | None:
    days = days_from_json(_value(text))
    return None if days is None else MappingProxyType(days)


@lru_cache(maxsize=AS_READ)
def _week(text: str | None) -> Week | None:
    return week_from_json(_value(text))


@lru_cache(maxsize=AS_READ)
def _step_days(text: str) -> tuple[Weekday, ...]:
    return tuple(Weekday(day) for day in json.loads(text))


def _trouble(text: str | None) -> Trouble | None:
    return None if text is None else Trouble.from_json(json.loads(text))


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
