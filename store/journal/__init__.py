"""The journal: every act, change and call that writes to Focus, recorded before it is made.

This module reads it; :mod:`store.journal.requests` records requests, and :mod:`store.changing` writes the
entries of changes in its own transactions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from store.act import UNDO_FOR, UNSETTLED, WRITTEN_AT, WROTE, Act, Change, Kind, State
from store.database import Database, Sql, rows
from store.journal.entries import ALIVE, RESTING, ActOverError
from store.journal.records import load_act, load_change, must_load_act, must_load_change
from store.journal.requests import Requests
from store.week import Subject, Weekday, kept

__all__ = ["ActOverError", "Journal"]

RECENT = 50
"""Changes of one week among which the last one of a day is looked for."""

HELD_AT_MOST = timedelta(days=8)
"""More than messages about a change at night wait: until somebody's next working day, within a week."""

DUE_AT_ONCE = 100
DUE_OF_AN_ACT = 16
"""The most changes of one act that are due at once, so that a long act leaves room for others."""


class Journal(Requests):
    """The journal of one team: what was requested, and the outcome."""

    def __init__(
        self, database: Database, *, team_id: str, owner: str, running: AbstractSet[str] = frozenset()
    ) -> None:
        super().__init__(database, team_id=team_id, owner=owner)
        self._running = running

    async def act(self, act_id: str) -> Act | None:
        """The act with this id and all its changes; ``None`` if this team has no such act."""
        found = await self._database.read(lambda sql: load_act(sql, act_id))
        return found if found and found.team_id == self._team_id else None

    async def act_of(self, change: Change) -> Act:
        """The current act of a change, with only this change loaded; the others are counted."""
        return await self._database.read(lambda sql: must_load_act(sql, change.act_id, only=change.id))

    async def change(self, change_id: str) -> Change | None:
        """The change with this id; ``None`` if this team has no such change."""
        found = await self._database.read(lambda sql: load_change(sql, change_id))
        return found if found and found.team_id == self._team_id else None

    async def latest_to_undo(self, actor: str, now: datetime) -> Act | None:
        """The actor's latest act of the last 24 h that can be undone and is no undo, or stands before it.

        An act in progress and a repair are not skipped, because otherwise an older one would be undone
        instead.
        """

        def find(sql: Sql) -> Act | None:
            acts = self._recent(sql, actor, now)
            return next((act for act in acts if _stands_before(act) or _undoable(act, now)), None)

        return await self._database.read(find)

    async def latest_to_redo(self, actor: str, now: datetime) -> Act | None:
        """The actor's latest undo of the last 24 h that was not redone, or their latest act under way.

        A change they have made since stands between: what they undid before it is not brought back.
        """

        def find(sql: Sql) -> Act | None:
            for act in self._recent(sql, actor, now):
                if not act.settled or (act.kind is Kind.UNDO and act.undoable(now)):
                    return act
                passed = act.kind in {Kind.UNDO, Kind.REDO} or act.kind.of_the_clock
                if not passed and any(change.written for change in act.changes):
                    return None
            return None

        return await self._database.read(find)

    def _recent(self, sql: Sql, actor: str, now: datetime) -> Iterator[Act]:
        """The actor's acts that may still be undone, the one written last first.

        Old ones are among them: *Finish* and *Overwrite* write whenever they are pressed. The time counts as
        in :attr:`Act.told_at`.
        """
        since = now - UNDO_FOR
        found = rows(
            sql,
            f"""
            WITH candidates AS (
              SELECT act_id FROM acts WHERE team_id = :team AND actor = :actor AND at > :begun
              UNION SELECT act_id FROM steps JOIN changes USING (change_id)
              WHERE steps.team_id = :team AND steps.at > :since)
            SELECT acts.act_id, max(coalesce({WRITTEN_AT}, changes.at)) AS written,
              (SELECT max(value) FROM json_each(request, '$.held')) AS held
            FROM acts JOIN changes USING (act_id)
            WHERE acts.act_id IN candidates AND actor = :actor GROUP BY acts.act_id
            HAVING max(written, coalesce(held, '')) > :since ORDER BY written DESC, acts.rowid DESC
            """,  # noqa: S608 - a constant
            {
                "team": self._team_id,
                "actor": actor,
                "begun": (since - HELD_AT_MOST).isoformat(),
                "since": since.isoformat(),
            },
        )
        return (must_load_act(sql, row["act_id"]) for row in found)

    async def latest(self, subject: Subject) -> Act | None:
        """The last act that wrote to this subject."""
        acts = await self.history(subject, limit=1)
        return acts[0] if acts else None

    async def history(self, subject: Subject, *, limit: int = 10) -> tuple[Act, ...]:
        """The latest acts that wrote to this subject, the one that was written last first."""

        def find(sql: Sql) -> tuple[Act, ...]:
            found = rows(
                sql,
                "SELECT act_id FROM changes WHERE team_id = ? AND subject = ?"  # noqa: S608 - a constant
                f" AND state IN {WROTE} ORDER BY coalesce({WRITTEN_AT}, at) DESC, rowid DESC LIMIT ?",
                (self._team_id, subject.key, limit),
            )
            return tuple(must_load_act(sql, row["act_id"]) for row in found)

        return await self._database.read(find)

    async def waiting(self, subject: Subject) -> tuple[Act, ...]:
        """The acts of this subject's changes that wait for something, each with that change, oldest first."""

        def find(sql: Sql) -> tuple[Act, ...]:
            found = rows(
                sql,
                "SELECT act_id, change_id FROM changes WHERE team_id = ? AND subject = ?"
                " AND state = 'waiting' AND trouble IS NOT NULL ORDER BY rowid",
                (self._team_id, subject.key),
            )
            return tuple(must_load_act(sql, row["act_id"], only=row["change_id"]) for row in found)

        return await self._database.read(find)

    async def writers(self, change: Change) -> dict[Weekday, Act]:
        """Who has left the days of a conflict as they were found: each act has that one change.

        Days that were changed since in Focus itself are missing.
        """

        def find(sql: Sql) -> dict[Weekday, Act]:
            found = rows(
                sql,
                "SELECT change_id FROM changes WHERE team_id = ? AND subject = ? AND change_id != ?"  # noqa: S608 - a constant
                f" AND state IN {WROTE} ORDER BY coalesce({WRITTEN_AT}, at) DESC, rowid DESC LIMIT {RECENT}",
                (self._team_id, change.subject.key, change.id),
            )
            others = [must_load_change(sql, row["change_id"]) for row in found]
            writers = {}
            for day in change.contested:
                last = next((each for each in others if day in each.written), None)
                if last and last.wanted and change.found and kept(last.wanted[day], change.found[day]):
                    writers[day] = must_load_act(sql, last.act_id, only=last.id)
            return writers

        return await self._database.read(find)

    async def made_by(self, actor: str, *, apart_from: Subject | None, limit: int) -> tuple[Act, ...]:
        """The actor's latest acts that wrote to any but this subject, newest first."""

        def find(sql: Sql) -> tuple[Act, ...]:
            found = rows(
                sql,
                "SELECT act_id FROM acts WHERE team_id = ? AND actor = ? AND EXISTS"  # noqa: S608 - a constant
                f" (SELECT 1 FROM changes WHERE changes.act_id = acts.act_id AND state IN {WROTE}"
                " AND subject != ?) ORDER BY at DESC, rowid DESC LIMIT ?",
                (self._team_id, actor, apart_from.key if apart_from else "", limit),
            )
            return tuple(must_load_act(sql, row["act_id"]) for row in found)

        return await self._database.read(find)

    async def due(self, now: datetime) -> tuple[Change, ...]:
        """The changes that this process has to continue now: they are due, or nobody works on them any more.

        These are changes of this process's own acts, including those that an error has left unsettled, and
        changes of acts whose process is dead.
        """

        def find(sql: Sql) -> tuple[Change, ...]:
            found = rows(
                sql,
                f"""
                WITH due AS (
                  SELECT change_id, changes.at, changes.rowid AS place,
                    row_number() OVER (PARTITION BY act_id ORDER BY changes.rowid) AS turn
                  FROM changes JOIN acts USING (act_id) WHERE changes.team_id = :team
                  AND changes.state IN {UNSETTLED}
                  AND (owner = :owner OR NOT EXISTS ({ALIVE}))
                  AND (changes.state = 'started' OR due_at IS NULL OR due_at <= :now)
                  AND NOT (changes.state = 'waiting' AND actor IN ({RESTING})))
                SELECT change_id FROM due WHERE turn <= {DUE_OF_AN_ACT}
                ORDER BY at, place LIMIT {DUE_AT_ONCE}
                """,  # noqa: S608 - constants
                {"team": self._team_id, "owner": self._owner, "now": now.isoformat()},
            )
            return tuple(change for row in found if (change := load_change(sql, row["change_id"])))

        found = await self._database.read(find)
        return tuple(change for change in found if self._running.isdisjoint({change.id, change.act_id}))

    async def unsettled(self) -> Counter[State]:
        """The number of unsettled changes, by state."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT state, count(*) AS n FROM changes WHERE team_id = ?"  # noqa: S608 - a constant
                f" AND state IN {UNSETTLED} GROUP BY state",
                (self._team_id,),
            )
        )
        return Counter({State(row["state"]): int(row["n"]) for row in found})


def _stands_before(act: Act) -> bool:
    return not act.settled or (act.kind is Kind.REPAIR and any(change.written for change in act.changes))


def _undoable(act: Act, now: datetime) -> bool:
    return act.kind is not Kind.UNDO and act.undoable(now)
