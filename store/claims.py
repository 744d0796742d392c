"""Leases: which processes are alive on this database, and which of them is writing to which subject.

Focus has no compare-and-swap, so two concurrent writers to one week would create duplicate rows. A claim
is a row that only one process (its owner) can insert. It is free again when the owner's last heartbeat is
more than 30 s old.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from store.database import Database, Sql, rows
from store.week import Subject

__all__ = ["LEASE", "Claims", "held", "new_owner", "release", "take"]

LEASE = timedelta(seconds=30)
"""How long a process keeps its claims after its last heartbeat; heartbeats come three times as often."""


def new_owner() -> str:
    """A new unique name for this process."""
    return f"worker-{secrets.token_hex(6)}"


class Claims:
    """This process's entry in the table of living processes."""

    def __init__(self, database: Database, *, owner: str) -> None:
        self._database = database
        self.owner = owner

    async def heartbeat(self, now: datetime) -> None:
        """Extend this process's lease by :data:`LEASE`; delete processes whose lease ended over a day ago."""
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
        """End this process's lease at a graceful shutdown, so that its claims are free at once."""

        def leave(sql: Sql) -> None:
            sql.execute("DELETE FROM workers WHERE owner = ?", (self.owner,))

        await self._database.write(leave)


def take(sql: Sql, *, team_id: str, subject: Subject, owner: str, change_id: str, now: datetime) -> bool:
    """Claim a subject for a change, in a transaction; ``False`` if a living process holds it for another."""
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
    """Whether ``owner`` still holds the claim of a change: a process suspended for too long loses it."""
    return bool(rows(sql, "SELECT 1 FROM claims WHERE owner = ? AND change_id = ?", (owner, change_id)))


def release(sql: Sql, *, change_id: str) -> None:
    """Release the claim of a change, inside a transaction."""
    sql.execute("DELETE FROM claims WHERE change_id = ?", (change_id,))
