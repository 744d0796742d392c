"""The signatures of requests accepted over HTTP, stored while they are valid, to refuse replayed requests.

A request with a stored signature comes from somebody who intercepted it. The signatures are in the database,
so that a replay is refused after a restart, too.
"""

from __future__ import annotations

from datetime import datetime

from store.database import Database, Sql

__all__ = ["Signatures"]


class Signatures:
    """The signatures of requests to one team's bot."""

    def __init__(self, database: Database, *, team_id: str) -> None:
        self._database = database
        self._team_id = team_id

    async def take(self, signature: str, *, until: datetime, now: datetime) -> bool:
        """Store a signature until it expires; ``False`` if it is stored already: the request is a replay."""

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
        """Delete a signature because its request was not accepted after all, so that it may be sent again."""

        def give_back(sql: Sql) -> None:
            sql.execute(
                "DELETE FROM signatures WHERE team_id = ? AND signature = ?", (self._team_id, signature)
            )

        await self._database.write(give_back)
