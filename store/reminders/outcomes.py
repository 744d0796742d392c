"""The outcomes of runs, and the messages about them; inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from store.database import Sql, rows
from store.messages import MessageKind, put, touch
from store.reminders import reminder, run
from store.reminders.reminder import Reminder, ReminderKind, ReminderState
from store.reminders.run import Run, RunState

__all__ = [
    "LATE",
    "alert",
    "asks_blindly",
    "fails",
    "is_there",
    "move",
    "must",
    "reminder_of",
    "skip",
    "works",
]

AlertCode = Literal["failing", "leave_unknown", "run_late", "run_unclear"]
"""The kinds of alerts about a run, to its reminder's owner and perhaps admins."""

LATE = "late"
"""The ``reason`` of a skipped run that could not be posted in time."""

FAILURES = 3
"""After this number of failures in a row the reminder is paused."""


def move(sql: Sql, run_id: str, before: RunState, after: RunState, *, reason: str = "") -> bool:
    """Move a run from one state to another; ``False`` if it is not in the state ``before``."""
    moved = sql.execute(
        "UPDATE runs SET state = ?, reason = ? WHERE run_id = ? AND state = ?",
        (after, reason, run_id, before),
    )
    return moved.rowcount == 1


def must(sql: Sql, run_id: str) -> Run:
    """Load a run that must exist.

    Raises:
        LookupError: it does not exist.
    """
    found = run.load(sql, run_id)
    if found is None:
        raise LookupError(f"there is no run {run_id}")
    return found


def reminder_of(sql: Sql, each: Run) -> Reminder:
    """The reminder of a run, deleted or not."""
    found = reminder.find(sql, each.reminder_id, team_id=each.team_id)
    if found is None:
        raise LookupError(f"there is no reminder {each.reminder_id}")
    return found


def is_there(sql: Sql, run_id: str, *, ts: str | None, now: datetime) -> None:
    """Mark a run as posted; a check stays open for answers until its local day ends."""
    each = must(sql, run_id)
    old = reminder_of(sql, each)
    closes = None
    if old.kind is ReminderKind.CHECK:
        closes = old.schedule.end_of(old.schedule.local(now).date()).isoformat()
    sql.execute(
        "UPDATE runs SET state = 'posted', ts = coalesce(?, ts), closes_at = coalesce(closes_at, ?)"
        " WHERE run_id = ? AND state IN ('ready', 'unclear', 'posted')",
        (ts, closes, run_id),
    )
    touch(sql, team_id=each.team_id, abouts=(f"run_unclear:{run_id}",), now=now)
    works(sql, each, now=now)


def works(sql: Sql, each: Run, *, now: datetime) -> None:
    """Note that a reminder works: reset its failures, edit the message on them, end a pause they caused."""
    old = reminder_of(sql, each)
    if old.failures and old.state is ReminderState.PAUSED:
        reminder.go_on(sql, old, old.schedule.next_after(now), now=now)
    elif old.failures:
        sql.execute(
            "UPDATE reminders SET failures = 0, reason = NULL, failing_since = NULL WHERE reminder_id = ?",
            (old.id,),
        )
        reminder.told_anew(sql, old, now=now)


def fails(sql: Sql, each: Run, *, reason: str, admins: Iterable[str] | None, now: datetime) -> None:
    """Count a run that could not be posted as a failure; after too many in a row the reminder is paused.

    The owner and ``admins`` get one message for a series of failures, which is kept up to date. With
    ``admins=None`` nobody is told, because another message already tells of the cause.
    """
    old = reminder_of(sql, each)
    since = old.failing_since or each.id
    sql.execute(
        "UPDATE reminders SET failures = failures + 1, reason = ?, failing_since = ? WHERE reminder_id = ?",
        (reason, since, old.id),
    )
    if old.failures + 1 >= FAILURES and old.state is ReminderState.ACTIVE:
        sql.execute("UPDATE reminders SET state = 'paused' WHERE reminder_id = ?", (old.id,))
        reminder.put_next(sql, old.id, None)
    reminder.told_anew(sql, old, now=now)
    if admins is not None:
        alert(sql, each, code="failing", about=since, recipients={old.owner, *admins}, now=now)


def skip(sql: Sql, each: Run, *, now: datetime) -> None:
    """Mark a run as skipped, and tell the owner, in one message with other missed runs not told of yet."""
    old = reminder_of(sql, each)
    deleted = old.state is ReminderState.DELETED
    sql.execute(
        "UPDATE runs SET state = 'skipped', reason = ? WHERE run_id = ?",
        ("deleted" if deleted else LATE, each.id),
    )
    if not deleted:
        _tell_of_missed(sql, each, old, now=now)


def _tell_of_missed(sql: Sql, each: Run, old: Reminder, *, now: datetime) -> None:
    """Have an unsent message about earlier missed runs edited; if there is none, enqueue one."""
    waiting = rows(
        sql,
        "SELECT about FROM outbox WHERE team_id = ? AND about > ? AND about < ? AND kind = 'alert'"
        " AND recipient = ? AND shown = 0",
        # All runs of this reminder: their ids are its id, a colon and a day, and ";" follows ":" in ASCII.
        (old.team_id, f"run_late:{old.id}:", f"run_late:{old.id};", old.owner),
    )
    if waiting:
        touch(sql, team_id=old.team_id, abouts=tuple(row["about"] for row in waiting), now=now)
    else:
        alert(sql, each, code="run_late", about=each.id, recipients={old.owner}, now=now)


def asks_blindly(sql: Sql, each: Run, *, now: datetime) -> None:
    """Tell the owner of a check, once a month, that leave is not known; a board shows that itself."""
    old = reminder_of(sql, each)
    if old.kind is ReminderKind.CHECK:
        about = f"{old.id}:{each.day:%Y-%m}"
        alert(sql, each, code=run.LEAVE_UNKNOWN, about=about, recipients={old.owner}, now=now)


def alert(
    sql: Sql,
    each: Run,
    *,
    code: AlertCode,
    about: str,
    recipients: Iterable[str],
    now: datetime,
) -> None:
    """Enqueue an alert about a run to each of these people, once per ``code`` and ``about``.

    The message contains only ids; its text is made from current data whenever it is sent or edited.
    """
    for recipient in sorted(recipients):
        put(
            sql,
            team_id=each.team_id,
            kind=MessageKind.ALERT,
            about=f"{code}:{about}",
            recipient=recipient,
            detail={"code": code, "run": each.id, "reminder": each.reminder_id},
            now=now,
        )
