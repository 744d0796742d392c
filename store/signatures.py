"""Slack's signatures of the requests that were taken over HTTP, as long as each is valid.

Whoever sends one again has listened to Slack, and is not it; a restart in between is no new chance.
"""

from __future__ import annotations

from datetime import datetime

from store.database import Database, Sql

__all__ = ["Signatures"]


class Signatures:
    """Those of one team."""

    def __init__(self, database: Database, *, team_id: str) -> None:
        self._database = database
        self._team_id = team_id

    async def take(self, signature: str, *, until: datetime, now: datetime) -> bool:
        """Whether it is new; remembers it until nobody would take it any more."""

        def take(sql: Sql) -> bool:
            over = (self._team_id, now.isoformat())
            sql.execute("DELETE FROM signatures WHERE team_id = ? AND until < ?", over)
            new = sql.execute(
                "INSERT OR IGNORE INTO signatures VALUES (?, ?, ?)",
                (self._team_id, signature, until.isoformat()),
            )
            return new.rowcount == 1

        return await self._database.write(take)

    async def give_back(self, signature: str) -> None:
        """What was signed so was not taken after all."""

        def give_back(sql: Sql) -> None:
            sql.execute(
                "DELETE FROM signatures WHERE team_id = ? AND signature = ?", (self._team_id, signature)
            )

        await self._database.write(give_back)
