"""A reminder as a value and as a row; functions run inside the caller's transaction.

The row contains the next day and time the reminder is due (NULL while it is paused without an end), so that
due reminders are found with an index.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from store.database import Row, Sql, rows
from store.messages import touch
from store.reminders.rules import Due, Schedule

__all__ = [
    "Reminder",
    "ReminderKind",
    "ReminderState",
    "Span",
    "drop",
    "end",
    "find",
    "first_from",
    "go_on",
    "go_on_all",
    "hand_over",
    "hand_over_all",
    "insert",
    "loaded",
    "owned",
    "put_next",
    "same_as",
    "told_anew",
]

Span = Literal["day", "week"]
"""The period that a board shows."""


class ReminderKind(StrEnum):
    """The kinds of reminders."""

    CHECK = "check"  # asks people whether their week is still right
    BOARD = "board"  # shows who works


class ReminderState(StrEnum):
    """The state of a reminder."""

    ACTIVE = "active"
    PAUSED = "paused"
    DELETED = "deleted"  # the row is kept as long as its runs are


@dataclass(frozen=True, slots=True)
class Reminder:
    """A message that is posted in one channel on a schedule."""

    id: str
    team_id: str
    owner: str
    kind: ReminderKind
    channel: str
    group: str | None
    """The user group whose members are asked or shown; ``None``: the channel's members."""
    schedule: Schedule
    span: Span
    state: ReminderState
    paused_until: date | None
    """The day, in its time zone, from which it is posted again; ``None``: when a person resumes it."""
    failures: int
    """The number of runs in a row that could not be posted."""
    reason: str
    """The reason of the last failure."""
    failing_since: str
    """The id of the first of the failed runs."""
    next_at: datetime | None
    at: datetime
    """When it was created."""


def insert(sql: Sql, made: Reminder) -> None:
    """Insert a new reminder; its next due time is set by :func:`put_next`."""
    sql.execute(
        "INSERT INTO reminders (reminder_id, team_id, owner, kind, channel, user_group, schedule,"
        " span, state, failures, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
        (
            made.id,
            made.team_id,
            made.owner,
            made.kind,
            made.channel,
            made.group,
            json.dumps(made.schedule.to_json()),
            made.span,
            made.state,
            made.at.isoformat(),
        ),
    )


def same_as(sql: Sql, made: Reminder) -> Reminder | None:
    """A stored reminder that posts the same in the same channel, for the same people, at the same times."""
    found = rows(
        sql,
        "SELECT * FROM reminders WHERE team_id = ? AND channel = ? AND kind = ? AND user_group IS ?"
        " AND schedule = ? AND span = ? AND state <> 'deleted' LIMIT 1",
        (
            made.team_id,
            made.channel,
            made.kind,
            made.group,
            json.dumps(made.schedule.to_json()),
            made.span,
        ),
    )
    return loaded(found[0]) if found else None


def find(sql: Sql, reminder_id: str, *, team_id: str) -> Reminder | None:
    """The reminder with this id, deleted or not."""
    found = rows(sql, "SELECT * FROM reminders WHERE team_id = ? AND reminder_id = ?", (team_id, reminder_id))
    return loaded(found[0]) if found else None


def owned(sql: Sql, user_id: str, *, team_id: str) -> tuple[Reminder, ...]:
    """The reminders of an owner that were not deleted, oldest first."""
    found = rows(
        sql,
        "SELECT * FROM reminders WHERE team_id = ? AND owner = ? AND state <> 'deleted' ORDER BY at",
        (team_id, user_id),
    )
    return tuple(map(loaded, found))


def hand_over_all(sql: Sql, user_id: str, *, to: str, team_id: str, now: datetime) -> None:
    """Give all reminders of an owner to another."""
    for each in owned(sql, user_id, team_id=team_id):
        hand_over(sql, each, to=to, now=now)


def go_on_all(sql: Sql, user_id: str, *, team_id: str, now: datetime) -> None:
    """Resume the failing reminders of an owner who came back to Slack."""
    for each in owned(sql, user_id, team_id=team_id):
        if each.failures:
            go_on(sql, each, each.schedule.next_after(now), now=now)


def drop(sql: Sql, user_id: str, *, team_id: str, now: datetime) -> None:
    """Delete all reminders of an owner."""
    for each in owned(sql, user_id, team_id=team_id):
        end(sql, each, now=now)


def put_next(sql: Sql, reminder_id: str, due: Due | None) -> None:
    """Set when a reminder is due next; ``None``: not at all."""
    sql.execute(
        "UPDATE reminders SET next_day = ?, next_at = ? WHERE reminder_id = ?",
        (due and due.day.isoformat(), due and due.at.isoformat(), reminder_id),
    )


def go_on(sql: Sql, old: Reminder, due: Due, *, now: datetime) -> None:
    """Make a reminder active, ending any pause and resetting its failures."""
    sql.execute(
        "UPDATE reminders SET state = 'active', paused_until = NULL, failures = 0, reason = NULL,"
        " failing_since = NULL WHERE reminder_id = ?",
        (old.id,),
    )
    put_next(sql, old.id, due)
    told_anew(sql, old, now=now)


def hand_over(sql: Sql, old: Reminder, *, to: str, now: datetime) -> None:
    """Give a reminder another owner; if it was failing, it is made active again."""
    sql.execute("UPDATE reminders SET owner = ? WHERE reminder_id = ?", (to, old.id))
    if old.failures:
        go_on(sql, old, old.schedule.next_after(now), now=now)


def end(sql: Sql, old: Reminder, *, now: datetime) -> None:
    """Delete a reminder; its row is kept as long as its runs are (see :mod:`store.retention`)."""
    sql.execute("UPDATE reminders SET state = 'deleted' WHERE reminder_id = ?", (old.id,))
    put_next(sql, old.id, None)
    told_anew(sql, old, now=now)


def told_anew(sql: Sql, old: Reminder, *, now: datetime) -> None:
    """Have the message about a reminder's failures edited, if there is one."""
    if old.failing_since:
        touch(sql, team_id=old.team_id, abouts=(f"failing:{old.failing_since}",), now=now)


def first_from(schedule: Schedule, day: date, *, now: datetime) -> Due:
    """The first due time after ``now`` that is for this day or a later one."""
    return next(due for due in schedule.from_day(day) if due.at > now)


def loaded(row: Row) -> Reminder:
    """Convert a row to a reminder."""
    return Reminder(
        id=row["reminder_id"],
        team_id=row["team_id"],
        owner=row["owner"],
        kind=ReminderKind(row["kind"]),
        channel=row["channel"],
        group=row["user_group"],
        schedule=Schedule.from_json(json.loads(row["schedule"])),
        span="week" if row["span"] == "week" else "day",
        state=ReminderState(row["state"]),
        paused_until=date.fromisoformat(row["paused_until"]) if row["paused_until"] else None,
        failures=row["failures"],
        reason=row["reason"] or "",
        failing_since=row["failing_since"] or "",
        next_at=datetime.fromisoformat(row["next_at"]) if row["next_at"] else None,
        at=datetime.fromisoformat(row["at"]),
    )
