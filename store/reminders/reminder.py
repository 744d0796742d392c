"""One reminder, as a value and as a row; nothing here opens a transaction.

It holds the next day and moment it is due (nothing while it is paused), so that looking for what is
due is one question to an index.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from store.database import Row, Sql, rows
from store.outbox import touch
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
"""What a board shows."""


class ReminderKind(StrEnum):
    """What is posted."""

    CHECK = "check"  # is your week still right?
    BOARD = "board"  # who works


class ReminderState(StrEnum):
    """Whether it is posted."""

    ACTIVE = "active"
    PAUSED = "paused"
    DELETED = "deleted"  # kept for the posts that are still open


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something posted again and again in one channel."""

    id: str
    team_id: str
    owner: str
    kind: ReminderKind
    channel: str
    group: str | None
    """A user group; without one the channel's members are asked or shown."""
    schedule: Schedule
    span: Span
    state: ReminderState
    paused_until: date | None
    """The day from which it is posted again, in its zone; ``None``: until somebody says so."""
    failures: int
    """How often in a row it could not be posted."""
    reason: str
    """Why, at the last of them."""
    failing_since: str
    """The first run of them."""
    next_at: datetime | None
    at: datetime
    """When it was made."""


def insert(sql: Sql, made: Reminder) -> None:
    """Write a new reminder down; when it is due next is put apart."""
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
    """One that posts the same in the same channel, for the same people, at the same times."""
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
    """A reminder, deleted or not."""
    found = rows(sql, "SELECT * FROM reminders WHERE team_id = ? AND reminder_id = ?", (team_id, reminder_id))
    return loaded(found[0]) if found else None


def owned(sql: Sql, user_id: str, *, team_id: str) -> tuple[Reminder, ...]:
    """Somebody's reminders, the oldest first."""
    found = rows(
        sql,
        "SELECT * FROM reminders WHERE team_id = ? AND owner = ? AND state <> 'deleted' ORDER BY at",
        (team_id, user_id),
    )
    return tuple(map(loaded, found))


def hand_over_all(sql: Sql, user_id: str, *, to: str, team_id: str, now: datetime) -> None:
    """Give all of somebody's reminders another owner."""
    for each in owned(sql, user_id, team_id=team_id):
        hand_over(sql, each, to=to, now=now)


def go_on_all(sql: Sql, user_id: str, *, team_id: str, now: datetime) -> None:
    """Whoever was gone is back: what failed meanwhile goes on."""
    for each in owned(sql, user_id, team_id=team_id):
        if each.failures:
            go_on(sql, each, each.schedule.next_after(now), now=now)


def drop(sql: Sql, user_id: str, *, team_id: str, now: datetime) -> None:
    """End all of somebody's reminders."""
    for each in owned(sql, user_id, team_id=team_id):
        end(sql, each, now=now)


def put_next(sql: Sql, reminder_id: str, due: Due | None) -> None:
    """When it is due next; ``None``: nothing is due."""
    sql.execute(
        "UPDATE reminders SET next_day = ?, next_at = ? WHERE reminder_id = ?",
        (due and due.day.isoformat(), due and due.at.isoformat(), reminder_id),
    )


def go_on(sql: Sql, old: Reminder, due: Due, *, now: datetime) -> None:
    """Post it again, whatever had stopped it."""
    sql.execute(
        "UPDATE reminders SET state = 'active', paused_until = NULL, failures = 0, reason = NULL,"
        " failing_since = NULL WHERE reminder_id = ?",
        (old.id,),
    )
    put_next(sql, old.id, due)
    told_anew(sql, old, now=now)


def hand_over(sql: Sql, old: Reminder, *, to: str, now: datetime) -> None:
    """Give it another owner; what its failures had stopped goes on."""
    sql.execute("UPDATE reminders SET owner = ? WHERE reminder_id = ?", (to, old.id))
    if old.failures:
        go_on(sql, old, old.schedule.next_after(now), now=now)


def end(sql: Sql, old: Reminder, *, now: datetime) -> None:
    """Delete it; the row stays for the posts that are still open."""
    sql.execute("UPDATE reminders SET state = 'deleted' WHERE reminder_id = ?", (old.id,))
    put_next(sql, old.id, None)
    told_anew(sql, old, now=now)


def told_anew(sql: Sql, old: Reminder, *, now: datetime) -> None:
    """Whoever was told that it fails reads what became of that."""
    if old.failing_since:
        touch(sql, team_id=old.team_id, abouts=(f"failing:{old.failing_since}",), now=now)


def first_from(schedule: Schedule, day: date, *, now: datetime) -> Due:
    """The first time for this day or a later one that is not over yet."""
    return next(due for due in schedule.from_day(day) if due.at > now)


def loaded(row: Row) -> Reminder:
    """A row as a value."""
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
