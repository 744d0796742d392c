"""The journal: every act, every change and every call that writes, recorded before it is made.

The module's functions run inside somebody's transaction (see :mod:`store.changing`), so that a change's
last step, its state and the messages that tell of it become true together. The class reads.
"""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any

from store.act import (
    UNDO_FOR,
    Act,
    Change,
    Days,
    Kind,
    Place,
    State,
    Step,
    StepState,
    Trouble,
    days_from_json,
    days_to_json,
    pattern_from_json,
    pattern_to_json,
    week_from_json,
    week_to_json,
)
from store.database import Database, Row, Sql, rows
from store.week import Pattern, Subject, Week, Weekday

__all__ = [
    "Journal",
    "add_change",
    "add_refused",
    "add_step",
    "load_act",
    "load_change",
    "mark_step",
    "new_id",
    "update_change",
]

DUE_AT_ONCE = 100
DUE_OF_AN_ACT = 16
"""A long act's changes take their turns, and leave room for those of others."""

ALIVE = "SELECT 1 FROM workers WHERE workers.owner = acts.owner AND alive_until > :now"


def new_id() -> str:
    """An id for an act or a change: short enough to be read out, random enough never to repeat."""
    return secrets.token_hex(6)


class Journal:
    """What was asked and what became of it, for one team."""

    def __init__(
        self, database: Database, *, team_id: str, owner: str, running: AbstractSet[str] = frozenset()
    ) -> None:
        self._database = database
        self._team_id = team_id
        self._owner = owner
        self._running = running

    async def receive(
        self,
        act_id: str,
        *,
        actor: str,
        kind: Kind,
        request: dict[str, Any],
        place: Place,
        now: datetime,
        event_id: str = "",
    ) -> bool:
        """Record that somebody asked for something that may write, before anything is done about it.

        ``False`` if Slack has sent this very event before: it is recorded, and worked on, already.
        """

        def record(sql: Sql) -> bool:
            if event_id and self._see(sql, event_id, now):
                return False
            _insert_act(sql, Act(act_id, self._team_id, actor, kind, now, place, request), owner=self._owner)
            return True

        return await self._database.write(record)

    async def drop(self, act_id: str) -> None:
        """Forget a request that led to no change: the person has been answered."""
        await self._database.write(
            lambda sql: sql.execute("DELETE FROM acts WHERE act_id = ? AND state = 'received'", (act_id,))
        )

    async def act(self, act_id: str) -> Act | None:
        """One act with its changes, if it is this team's."""
        found = await self._database.read(lambda sql: load_act(sql, act_id))
        return found if found and found.team_id == self._team_id else None

    async def change(self, change_id: str) -> Change | None:
        """One change, if it is this team's."""
        found = await self._database.read(lambda sql: load_change(sql, change_id))
        return found if found and found.team_id == self._team_id else None

    async def latest_undoable(self, actor: str, now: datetime) -> Act | None:
        """The actor's latest act of the last 24 h that wrote, is no undo itself, and is not undone."""
        since = (now - UNDO_FOR).isoformat()

        def find(sql: Sql) -> Act | None:
            found = rows(
                sql,
                "SELECT act_id FROM acts WHERE team_id = ? AND actor = ? AND at > ?"
                " AND kind NOT IN ('undo', 'repair') AND undone_by IS NULL ORDER BY at DESC, rowid DESC",
                (self._team_id, actor, since),
            )
            acts = (must_load_act(sql, row["act_id"]) for row in found)
            return next((act for act in acts if act.undoable(now)), None)

        return await self._database.read(find)

    async def latest(self, subject: Subject) -> Act | None:
        """The last act that wrote to this subject."""
        acts = await self.history(subject, limit=1)
        return acts[0] if acts else None

    async def history(self, subject: Subject, *, limit: int = 10) -> tuple[Act, ...]:
        """The latest acts that wrote to this subject, newest first."""

        def find(sql: Sql) -> tuple[Act, ...]:
            found = rows(
                sql,
                "SELECT act_id FROM changes WHERE team_id = ? AND subject = ?"
                " AND state IN ('applied', 'partial') ORDER BY at DESC, rowid DESC LIMIT ?",
                (self._team_id, subject.key, limit),
            )
            return tuple(must_load_act(sql, row["act_id"]) for row in found)

        return await self._database.read(find)

    async def due(self, now: datetime) -> tuple[Change, ...]:
        """Changes that have to be looked at now: their time has come, or nobody works on them any more.

        A living process looks after its own, those that an error has left behind too; only those of
        the dead are taken over.
        """

        def find(sql: Sql) -> tuple[Change, ...]:
            found = rows(
                sql,
                f"""
                WITH due AS (
                  SELECT change_id, changes.at, changes.rowid AS place,
                    row_number() OVER (PARTITION BY act_id ORDER BY changes.rowid) AS turn
                  FROM changes JOIN acts USING (act_id) WHERE changes.team_id = :team
                  AND changes.state IN ('started', 'unclear', 'waiting')
                  AND (owner = :owner OR NOT EXISTS ({ALIVE}))
                  AND (changes.state = 'started' OR due_at IS NULL OR due_at <= :now))
                SELECT change_id FROM due WHERE turn <= {DUE_OF_AN_ACT}
                ORDER BY at, place LIMIT {DUE_AT_ONCE}
                """,  # noqa: S608 - constants
                {"team": self._team_id, "owner": self._owner, "now": now.isoformat()},
            )
            return tuple(change for row in found if (change := load_change(sql, row["change_id"])))

        found = await self._database.read(find)
        return tuple(change for change in found if self._running.isdisjoint({change.id, change.act_id}))

    async def seen_event(self, event_id: str, now: datetime) -> bool:
        """Whether this Slack event was acted on before; remembers it for a day and an hour."""
        return await self._database.write(lambda sql: self._see(sql, event_id, now))

    def _see(self, sql: Sql, event_id: str, now: datetime) -> bool:
        sql.execute("DELETE FROM events WHERE at < ?", ((now - timedelta(hours=25)).isoformat(),))
        new = sql.execute(
            "INSERT OR IGNORE INTO events VALUES (?, ?, ?)", (self._team_id, event_id, now.isoformat())
        )
        return new.rowcount == 0


# ------------------------------------------------------------------ inside a transaction


def _insert_act(sql: Sql, act: Act, *, owner: str) -> None:
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
    """The act is worked on from now; it may have been received before, or not.

    Raises:
        LookupError: it is worked on already, or its actor was told that nothing came of it.
    """
    _insert_act(sql, act, owner=owner)
    opened = sql.execute(
        "UPDATE acts SET state = 'open', owner = ?, kind = ?, undoes = ?"
        " WHERE act_id = ? AND state = 'received'",
        (owner, act.kind, act.undoes, act.id),
    )
    if not opened.rowcount:
        raise LookupError(f"act {act.id} does not wait to be worked on")


def adopt_interrupted(sql: Sql, *, team_id: str, now: datetime) -> tuple[Act, ...]:
    """Requests that a process received and did not live to work on; each is returned only once."""
    found = rows(
        sql,
        f"UPDATE acts SET state = 'interrupted' WHERE team_id = :team AND state = 'received'"  # noqa: S608 - a constant
        f" AND NOT EXISTS ({ALIVE}) RETURNING act_id",
        {"team": team_id, "now": now.isoformat()},
    )
    return tuple(must_load_act(sql, row["act_id"]) for row in found)


def adopt_act(sql: Sql, act_id: str, *, owner: str, now: datetime, anyway: bool) -> bool:
    """Look after an act from now on; ``False`` if a living owner does (and not ``anyway``)."""
    taken = sql.execute(
        f"UPDATE acts SET owner = :owner"  # noqa: S608 - a constant
        f" WHERE act_id = :act AND (:anyway OR owner = :owner OR NOT EXISTS ({ALIVE}))",
        {"owner": owner, "act": act_id, "now": now.isoformat(), "anyway": anyway},
    )
    return taken.rowcount == 1


def claim_undo(sql: Sql, act_id: str, *, by: str) -> bool:
    """Let one act undo another; ``False`` when some other act has done so."""
    taken = sql.execute(
        "UPDATE acts SET undone_by = ?1 WHERE act_id = ?2 AND coalesce(undone_by, ?1) = ?1", (by, act_id)
    )
    return taken.rowcount == 1


def release_undo(sql: Sql, act: Act) -> None:
    """If the act is an undo that came to nothing, what it was to undo can be undone again."""
    nothing = {State.FAILED, State.CONFLICT, State.CANCELLED}
    if act.undoes and all(change.state in nothing and not change.written for change in act.changes):
        sql.execute("UPDATE acts SET undone_by = NULL WHERE undone_by = ?", (act.id,))


def add_change(
    sql: Sql, act: Act, *, subject: Subject, pattern: Pattern, expected: Days | None, now: datetime
) -> str:
    """Add a change in its turn (``waiting``, due now); its id."""
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


def add_refused(sql: Sql, act: Act, subject: Subject, pattern: Pattern, *, now: datetime) -> None:
    """Add a change that the actor may not make, so that it is named among the others."""
    change_id = add_change(sql, act, subject=subject, pattern=pattern, expected=None, now=now)
    update_change(sql, change_id, state=State.FAILED, trouble=Trouble("not_allowed"))


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
) -> None:
    """Move a change to a state. Weeks that are not given stay as they were; trouble and due time do not."""
    sql.execute(
        "UPDATE changes SET state = ?, before = coalesce(?, before), wanted = coalesce(?, wanted),"
        " found = coalesce(?, found), trouble = ?, due_at = ? WHERE change_id = ?",
        (
            state,
            _json(week_to_json(before)),
            _json(week_to_json(wanted)),
            _json(week_to_json(found)),
            _json(trouble and trouble.to_json()),
            due_at and due_at.isoformat(),
            change_id,
        ),
    )


def add_step(sql: Sql, change_id: str, *, verb: str, days: Iterable[Weekday], now: datetime) -> int:
    """Record that a call is about to be made; its number. What was found before it says nothing any more."""
    sql.execute("UPDATE changes SET found = NULL WHERE change_id = ?", (change_id,))
    number = int(
        rows(sql, "SELECT coalesce(max(number), 0) + 1 AS n FROM steps WHERE change_id = ?", (change_id,))[0][
            "n"
        ]
    )
    sql.execute(
        "INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?)",
        (change_id, number, verb, json.dumps([int(day) for day in days]), StepState.SENT, now.isoformat()),
    )
    return number


def mark_step(sql: Sql, change_id: str, number: int, state: StepState) -> None:
    """Record how a call ended."""
    sql.execute("UPDATE steps SET state = ? WHERE change_id = ? AND number = ?", (state, change_id, number))


def load_act(sql: Sql, act_id: str) -> Act | None:
    """One act with its changes and steps."""
    found = rows(
        sql,
        "SELECT acts.*, undoing.actor AS undone_by_actor, undoing.at AS undone_at FROM acts"
        " LEFT JOIN acts AS undoing ON undoing.act_id = acts.undone_by WHERE acts.act_id = ?",
        (act_id,),
    )
    if not found:
        return None
    (row,) = found
    changes = rows(sql, "SELECT * FROM changes WHERE act_id = ? ORDER BY rowid", (act_id,))
    steps: defaultdict[str, list[Row]] = defaultdict(list)
    for step in rows(
        sql,
        "SELECT steps.* FROM steps JOIN changes USING (change_id) WHERE act_id = ? ORDER BY number",
        (act_id,),
    ):
        steps[step["change_id"]].append(step)
    kind, channel = json.loads(row["place"])
    return Act(
        id=row["act_id"],
        team_id=row["team_id"],
        actor=row["actor"],
        kind=Kind(row["kind"]),
        at=datetime.fromisoformat(row["at"]),
        place=Place(kind, channel),
        request=json.loads(row["request"]),
        changes=tuple(_change(change, steps[change["change_id"]]) for change in changes),
        undoes=row["undoes"],
        undone_by=row["undone_by"],
        undone_by_actor=row["undone_by_actor"],
        undone_at=_time(row["undone_at"]),
    )


def must_load_act(sql: Sql, act_id: str) -> Act:
    """An act that is known to be there.

    Raises:
        LookupError: it is not.
    """
    act = load_act(sql, act_id)
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
    """A change that is known to be there.

    Raises:
        LookupError: it is not.
    """
    change = load_change(sql, change_id)
    if change is None:
        raise LookupError(f"change {change_id} is not in the journal")
    return change


def _change(row: Row, steps: Iterable[Row]) -> Change:
    trouble = _value(row["trouble"])
    return Change(
        id=row["change_id"],
        act_id=row["act_id"],
        team_id=row["team_id"],
        subject=Subject.parse(row["subject"]),
        pattern=pattern_from_json(json.loads(row["pattern"])),
        state=State(row["state"]),
        at=datetime.fromisoformat(row["at"]),
        expected=days_from_json(_value(row["expected"])),
        before=week_from_json(_value(row["before"])),
        wanted=week_from_json(_value(row["wanted"])),
        found=week_from_json(_value(row["found"])),
        trouble=trouble and Trouble.from_json(trouble),
        due_at=_time(row["due_at"]),
        steps=tuple(
            Step(
                step["verb"],
                tuple(Weekday(day) for day in json.loads(step["days"])),
                StepState(step["state"]),
            )
            for step in steps
        ),
    )


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value)


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
