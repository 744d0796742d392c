"""The cache of weeks: each subject's last reading from Focus, of any age, with Focus's weekday numbers."""

from __future__ import annotations

import json
from datetime import datetime

from store.database import Database, Row, Sql, rows
from store.focus import Reading, WireRow
from store.week import Subject

__all__ = ["LastKnown"]

FORGOTTEN = "null"
"""Replaces the rows of an invalidated reading; its time stays, so that late, older answers are ignored."""


class LastKnown:
    """Readings stored in SQLite, so that looking at a week that is fresh enough needs no call to Focus."""

    def __init__(self, database: Database, *, team_id: str) -> None:
        self._database = database
        self._team_id = team_id

    async def get(self, subject: Subject) -> Reading | None:
        """The last reading of this subject; ``None`` if there is none or it was invalidated."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT rows, as_of FROM weeks WHERE team_id = ? AND subject = ?",
                (self._team_id, subject.key),
            )
        )
        return _reading(found[0]) if found and found[0]["rows"] != FORGOTTEN else None

    async def all(self) -> dict[Subject, Reading]:
        """The last reading of every subject, without invalidated ones."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT subject, rows, as_of FROM weeks WHERE team_id = ? AND rows != ?",
                (self._team_id, FORGOTTEN),
            )
        )
        return {Subject.parse(row["subject"]): _reading(row) for row in found}

    async def put(self, subject: Subject, reading: Reading) -> None:
        """Store a reading, unless a later one is stored."""
        await self._put(subject, json.dumps([row.to_json() for row in reading.rows]), reading.as_of)

    async def forget(self, subject: Subject, *, now: datetime) -> None:
        """Invalidate the stored reading, and every reading requested before ``now`` that arrives later."""
        await self._put(subject, FORGOTTEN, now)

    async def _put(self, subject: Subject, text: str, as_of: datetime) -> None:
        values = (self._team_id, subject.key, text, as_of.isoformat())

        def write(sql: Sql) -> None:
            sql.execute(
                "INSERT INTO weeks VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " rows = excluded.rows, as_of = excluded.as_of WHERE excluded.as_of >= weeks.as_of",
                values,
            )

        await self._database.write(write)


def _reading(row: Row) -> Reading:
    return Reading(
        rows=tuple(WireRow.from_json(each) for each in json.loads(row["rows"])),
        as_of=datetime.fromisoformat(row["as_of"]),
    )
