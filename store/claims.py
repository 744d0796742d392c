"""Who is alive on this file, and who is writing to which subject.

Focus has no compare-and-swap, so two writers to one week would double rows. A claim is a row that
only one owner can insert; it is free again when its owner has not been heard of for 30 s.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from store.database import Database, Sql, rows
from store.week import Subject

__all__ = ["LEASE", "Claims", "held", "new_owner", "release", "take"]

LEASE = timedelta(seconds=30)
"""How long a silent process keeps what it claimed; it says that it is alive three times as often."""


def new_owner() -> str:
    """A name for this process, never used before."""
    return f"worker-{secrets.token_hex(6)}"


class Claims:
    """This process's heartbeat, and its view of the others'."""

    def __init__(self, database: Database, *, owner: str) -> None:
        self._database = database
        self.owner = owner

    async def heartbeat(self, now: datetime) -> None:
        """Say that this process is alive for another :data:`LEASE`, and bury those long dead."""
        alive_until, long_dead = (now + LEASE).isoformat(), (now - timedelta(days=1)).isoformat()

        def beat(sql: Sql) -> None:
            sql.execute(
                "INSERT INTO workers VALUES (?, ?)"
                " ON CONFLICT DO UPDATE SET alive_until = excluded.alive_until",
                (self.owner, alive_until),
            )
            sql.execute("DELETE FROM workers WHERE alive_until < ?", (long_dead,))

        await self._database.write(beat)

    async def farewell(self) -> None:
        """This process ends in order: what it still holds is free at once."""

        def leave(sql: Sql) -> None:
            sql.execute("DELETE FROM workers WHERE owner = ?", (self.owner,))

        await self._database.write(leave)


def take(sql: Sql, *, team_id: str, subject: Subject, owner: str, change_id: str, now: datetime) -> bool:
    """Claim a subject inside a transaction; ``False`` while somebody alive holds it."""
    taken = rows(
        sql,
        """
        INSERT INTO claims VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT DO UPDATE SET owner = excluded.owner, change_id = excluded.change_id
        WHERE claims.change_id = excluded.change_id
           OR NOT EXISTS (SELECT 1 FROM workers WHERE workers.owner = claims.owner AND alive_until > ?5)
        RETURNING owner
        """,
        (team_id, subject.key, owner, change_id, now.isoformat()),
    )
    return bool(taken)


def held(sql: Sql, *, owner: str, change_id: str) -> bool:
    """Whether the claim of a change is still this owner's: a process that slept may have lost it."""
    return bool(rows(sql, "SELECT 1 FROM claims WHERE owner = ? AND change_id = ?", (owner, change_id)))


def release(sql: Sql, *, change_id: str) -> None:
    """Give up the claim of a change inside a transaction."""
    sql.execute("DELETE FROM claims WHERE change_id = ?", (change_id,))
