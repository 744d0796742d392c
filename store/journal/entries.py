"""Writing the journal: acts, changes and steps, inside the caller's transaction.

A change's last step, its state and the messages about it must be written together (see
:mod:`store.changing`), so no function here opens a transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from store.act import Act, Days, Kind, State, StepState
from store.codec import days_to_json, doubled_to_json, pattern_to_json, week_to_json
from store.database import Sql, rows
from store.ids import new_id
from store.journal.records import must_load_act
from store.trouble import Trouble, TroubleCode
from store.week import Hours, Pattern, Subject, Week, Weekday

__all__ = [
    "ALIVE",
    "RESTING",
    "ActOverError",
    "add_change",
    "add_refused",
    "add_step",
    "adopt_act",
    "adopt_interrupted",
    "claim_undo",
    "end_wait",
    "forget_received",
    "hold_back",
    "insert_act",
    "interrupt",
    "kind_of",
    "mark_step",
    "open_act",
    "release_undo",
    "take_up",
    "undone_by_act",
    "update_change",
]

ALIVE = "SELECT 1 FROM workers WHERE workers.owner = acts.owner AND alive_until > :now"
"""SQL that finds a row if the process that owns an act is alive at ``:now``."""


RESTING = "SELECT slack_user_id FROM leavers WHERE leavers.team_id = :team AND decision IS NULL"
"""SQL for the Slack users who left and whose work waits for an admin's decision (:mod:`store.leavers`)."""


class ActOverError(Exception):
    """This process's lease ended, and another process told the actor that nothing came of the act."""


def insert_act(sql: Sql, act: Act, *, owner: str) -> None:
    """Insert an act as received; does nothing if its id exists."""
    sql.execute(
        "INSERT OR IGNORE INTO acts (act_id, team_id, actor, kind, request, place, state, owner, at, undoes)"
        " VALUES (?, ?, ?, ?, ?, ?, 'received', ?, ?, ?)",
        (
            act.id,
            act.team_id,
            act.actor,
            act.kind,
            json.dumps(dict(act.request)),
            json.dumps([act.place.kind, act.place.channel]),
            owner,
            act.at.isoformat(),
            act.undoes,
        ),
    )


def open_act(sql: Sql, act: Act, *, owner: str) -> None:
    """Mark an act as being worked on, inserting it if it was not received before.

    Raises:
        ActOverError: it was opened already, or its actor was told that nothing came of it.
    """
    insert_act(sql, act, owner=owner)
    opened = sql.execute(
        "UPDATE acts SET state = 'open', owner = ?, kind = ?, undoes = ?, request = ?"
        " WHERE act_id = ? AND state = 'received'",
        (owner, act.kind, act.undoes, json.dumps(dict(act.request)), act.id),
    )
    if not opened.rowcount:
        raise ActOverError(act.id)


def hand_on(sql: Sql, act_id: str | None) -> None:
    """End a received request, such as a press of *Finish*, whose work goes on under another act or a plan.

    From now on the messages about that one tell what becomes of it. Without an id, nothing was requested.
    """
    sql.execute("UPDATE acts SET state = 'handed on' WHERE act_id = ? AND state = 'received'", (act_id,))


def hold_back(sql: Sql, act_id: str, held: Mapping[str, str]) -> None:
    """Hold messages about an act back until these times, which replace earlier ones (``Act.told_at``)."""
    act = must_load_act(sql, act_id)
    request = {**act.request, "held": {**(act.request.get("held") or {}), **held}}
    sql.execute("UPDATE acts SET request = ? WHERE act_id = ?", (json.dumps(request), act_id))


def forget_received(sql: Sql, act_id: str) -> None:
    """Delete a received request that produced no change."""
    sql.execute("DELETE FROM acts WHERE act_id = ? AND state = 'received'", (act_id,))


def interrupt(sql: Sql, act_id: str) -> Act | None:
    """Mark a received request that led to nothing as interrupted; ``None`` if it led to something."""
    taken = sql.execute(
        "UPDATE acts SET state = 'interrupted' WHERE act_id = ? AND state = 'received'", (act_id,)
    )
    return must_load_act(sql, act_id) if taken.rowcount else None


def adopt_interrupted(sql: Sql, *, team_id: str, owner: str, now: datetime) -> tuple[Act, ...]:
    """Mark requests received by processes that died before working on them as interrupted, and return them.

    Each is returned only once. The caller's own acts are excluded even if its heartbeat is late (for example
    after the machine slept).
    """
    found = rows(
        sql,
        f"UPDATE acts SET state = 'interrupted' WHERE team_id = :team AND state = 'received'"  # noqa: S608 - a constant
        f" AND owner != :owner AND NOT EXISTS ({ALIVE}) RETURNING act_id",
        {"team": team_id, "owner": owner, "now": now.isoformat()},
    )
    return tuple(must_load_act(sql, row["act_id"]) for row in found)


def take_up(sql: Sql, act_id: str, *, now: datetime) -> bool:
    """Mark an interrupted request as repeated; ``False`` if it was repeated before, or it is too late."""
    act = must_load_act(sql, act_id)
    if not act.can_be_taken_up(now):
        return False
    sql.execute("UPDATE acts SET state = 'taken up' WHERE act_id = ?", (act_id,))
    return True


def adopt_act(sql: Sql, act_id: str, *, owner: str, now: datetime, anyway: bool) -> bool:
    """Make ``owner`` the owner of an act; ``False`` if another living process owns it (unless ``anyway``)."""
    taken = sql.execute(
        f"UPDATE acts SET owner = :owner"  # noqa: S608 - a constant
        f" WHERE act_id = :act AND (:anyway OR owner = :owner OR NOT EXISTS ({ALIVE}))",
        {"owner": owner, "act": act_id, "now": now.isoformat(), "anyway": anyway},
    )
    return taken.rowcount == 1


def claim_undo(sql: Sql, act_id: str, *, by: str) -> bool:
    """Record that the act ``by`` undoes an act; ``False`` if another act does so already."""
    taken = sql.execute(
        "UPDATE acts SET undone_by = ?1 WHERE act_id = ?2 AND coalesce(undone_by, ?1) = ?1", (by, act_id)
    )
    return taken.rowcount == 1


def kind_of(sql: Sql, act_id: str) -> Kind:
    """The kind of an act."""
    (row,) = rows(sql, "SELECT kind FROM acts WHERE act_id = ?", (act_id,))
    return Kind(row["kind"])


def undone_by_act(sql: Sql, act_id: str) -> str | None:
    """The id of the act that this one undoes; ``None`` if it is no undo."""
    (row,) = rows(sql, "SELECT undoes FROM acts WHERE act_id = ?", (act_id,))
    return None if row["undoes"] is None else str(row["undoes"])


def release_undo(sql: Sql, act: Act) -> None:
    """If the act is an undo that had no effect, let the act that it was to undo be undone again."""
    nothing = {State.FAILED, State.CONFLICT, State.CANCELLED}
    if act.undoes and all(change.state in nothing and not change.written for change in act.changes):
        sql.execute("UPDATE acts SET undone_by = NULL WHERE undone_by = ?", (act.id,))


def add_change(
    sql: Sql, act: Act, *, subject: Subject, pattern: Pattern, expected: Days | None, now: datetime
) -> str:
    """Add a change to an act, waiting and due now; return its id."""
    change_id = new_id()
    sql.execute(
        "INSERT INTO changes (change_id, team_id, act_id, subject, pattern, expected, state, at, due_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            change_id,
            act.team_id,
            act.id,
            subject.key,
            json.dumps(pattern_to_json(pattern)),
            _json(days_to_json(expected)),
            State.WAITING,
            now.isoformat(),
            now.isoformat(),
        ),
    )
    return change_id


def add_refused(
    sql: Sql,
    act: Act,
    subject: Subject,
    pattern: Pattern,
    *,
    code: TroubleCode = TroubleCode.NOT_ALLOWED,
    now: datetime,
) -> None:
    """Add a failed change that is not carried out, for the reason ``code``, so that messages list it."""
    change_id = add_change(sql, act, subject=subject, pattern=pattern, expected=None, now=now)
    update_change(sql, change_id, state=State.FAILED, trouble=Trouble(code))


def update_change(
    sql: Sql,
    change_id: str,
    *,
    state: State,
    before: Week | None = None,
    wanted: Week | None = None,
    found: Week | None = None,
    trouble: Trouble | None = None,
    due_at: datetime | None = None,
    waits_since: datetime | None = None,
    doubled: Mapping[Weekday, tuple[Hours, ...]] | None = None,
) -> None:
    """Update a change. Weeks that are not given stay as they were; trouble and due time are cleared.

    The time since when it waits stays that of its first wait.
    """
    sql.execute(
        "UPDATE changes SET state = ?, before = coalesce(?, before), wanted = coalesce(?, wanted),"
        " found = coalesce(?, found), trouble = ?, due_at = ?, waits_since = coalesce(waits_since, ?),"
        " doubled = coalesce(?, doubled) WHERE change_id = ?",
        (
            state,
            _json(week_to_json(before)),
            _json(week_to_json(wanted)),
            _json(week_to_json(found)),
            _json(trouble and trouble.to_json()),
            due_at and due_at.isoformat(),
            waits_since and waits_since.isoformat(),
            _json(doubled_to_json(doubled or {})),
            change_id,
        ),
    )


def end_wait(sql: Sql, *, act_id: str, change_id: str | None = None) -> bool:
    """Whether any change of an act (or this one) has had to wait; from now on none has."""
    waited = sql.execute(
        "UPDATE changes SET waits_since = NULL"
        " WHERE act_id = ? AND change_id = coalesce(?, change_id) AND waits_since IS NOT NULL",
        (act_id, change_id),
    )
    return waited.rowcount > 0


def add_step(sql: Sql, change_id: str, *, verb: str, days: Iterable[Weekday], now: datetime) -> int:
    """Record that a call is about to be made; return its number. An earlier ``found`` is cleared."""
    sql.execute("UPDATE changes SET found = NULL WHERE change_id = ?", (change_id,))
    (added,) = rows(
        sql,
        """
        INSERT INTO steps (team_id, change_id, number, verb, days, state, at)
        SELECT team_id, change_id, (SELECT coalesce(max(number), 0) + 1 FROM steps WHERE change_id = :change),
          :verb, :days, :state, :now
        FROM changes WHERE change_id = :change RETURNING number
        """,
        {
            "change": change_id,
            "verb": verb,
            "days": json.dumps([int(day) for day in days]),
            "state": StepState.SENT,
            "now": now.isoformat(),
        },
    )
    return int(added["number"])


def mark_step(sql: Sql, change_id: str, number: int, state: StepState) -> None:
    """Record the outcome of a call."""
    sql.execute("UPDATE steps SET state = ? WHERE change_id = ? AND number = ?", (state, change_id, number))


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value)
