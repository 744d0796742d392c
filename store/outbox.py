"""The outbox: Slack messages to be posted, and to be edited whenever the thing they are about changes.

Its rows are written together with what they tell (see :mod:`store.messages`). A process leases a row before
it sends the message.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from store.database import Database, Sql, rows
from store.messages import Message, MessageKind, lease_of, mark_sent, put, touch

__all__ = ["LEASE", "Outbox"]

LEASE = timedelta(seconds=30)
BATCH = 50
GIVE_UP_AFTER = 96
"""The number of attempts after which a message is given up: with the growing pauses, about a week."""


class Outbox:
    """The messages of one team."""

    def __init__(self, database: Database, *, team_id: str) -> None:
        self._database = database
        self._team_id = team_id
        self._reminders_rest_until: datetime | None = None
        self.stirred = asyncio.Event()
        """Set to wake the clock, which clears it. Messages set it by themselves, other due work does not."""

    async def wake_by_itself(self) -> None:
        """From now on, wake the clock whenever this process adds or touches a message, in any transaction."""
        await self._database.watch("outbox", ("version", "due_at"), self.stirred.set)

    async def take(self, now: datetime, *, at_most: int = BATCH) -> tuple[Message, ...]:
        """Lease the messages that are due, oldest first: no other process gets them for :data:`LEASE`.

        Reminders come last: many may be due in the same minute, and people wait for the other messages.
        """
        rest = self._reminders_rest_until is not None and now < self._reminders_rest_until

        def lease(sql: Sql) -> tuple[Message, ...]:
            found = rows(
                sql,
                """
                UPDATE outbox SET leased_until = :until, taken_at = :now, tries = tries + 1
                WHERE rowid IN (
                  SELECT rowid FROM outbox WHERE team_id = :team AND shown < version AND due_at <= :now
                  AND (leased_until IS NULL OR leased_until <= :now) AND (NOT :rest OR kind <> 'reminder')
                  ORDER BY kind = 'reminder', at LIMIT :batch)
                RETURNING *
                """,
                {
                    "until": (now + LEASE).isoformat(),
                    "now": now.isoformat(),
                    "team": self._team_id,
                    "batch": at_most,
                    "rest": rest,
                },
            )
            found.sort(key=lambda row: row["at"])
            return tuple(
                Message(
                    id=row["message_id"],
                    kind=MessageKind(row["kind"]),
                    about=row["about"],
                    recipient=row["recipient"],
                    detail=json.loads(row["detail"]),
                    channel=row["channel"],
                    ts=row["ts"],
                    version=row["version"],
                    shown=row["shown"],
                    tries=row["tries"],
                    repeated=row["tries"] > 1 or row["failure"] is not None,
                    at=datetime.fromisoformat(row["at"]),
                    leased_until=now + LEASE,
                )
                for row in found
            )

        waiting = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT 1 FROM outbox WHERE team_id = ? AND shown < version AND due_at <= ?"
                " AND (NOT ? OR kind <> 'reminder') LIMIT 1",
                (self._team_id, now.isoformat(), rest),
            )
        )
        return await self._database.write(lease) if waiting else ()

    async def waiting(self) -> int:
        """The number of messages that do not show the current version yet."""
        (found,) = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT count(*) AS n FROM outbox WHERE team_id = ? AND shown < version",
                (self._team_id,),
            )
        )
        return int(found["n"])

    async def sent(self, message: Message, *, channel: str | None, ts: str | None) -> None:
        """Mark the message's version as shown; a newer version written meanwhile stays due."""
        await self._database.write(lambda sql: mark_sent(sql, message, channel=channel, ts=ts))

    async def failed(self, message: Message, *, reason: str, retry_at: datetime | None) -> None:
        """Record a failed attempt: retry at ``retry_at``, or give up (``None``, or after too many attempts).

        Does nothing if another process has leased the message since; that process records the outcome.
        """
        final = retry_at is None or message.tries >= GIVE_UP_AFTER

        def mark(sql: Sql) -> None:
            sql.execute(
                "UPDATE outbox SET failure = ?, leased_until = NULL, due_at = coalesce(?, due_at),"
                " shown = CASE WHEN ? THEN ? ELSE shown END WHERE message_id = ? AND leased_until = ?",
                (reason, retry_at and retry_at.isoformat(), final, message.version, *lease_of(message)),
            )

        await self._database.write(mark)

    async def postponed(self, message: Message, *, reason: str, until: datetime, counts: bool = True) -> None:
        """Reschedule an unsent message to ``until``, regardless of the number of attempts.

        With ``counts=False`` this attempt is not counted. Does nothing if another process has leased the
        message since.
        """
        await self._database.write(
            lambda sql: sql.execute(
                "UPDATE outbox SET failure = ?, leased_until = NULL, due_at = ?,"
                " tries = max(0, tries - ?) WHERE message_id = ? AND leased_until = ?",
                (reason, until.isoformat(), not counts, *lease_of(message)),
            )
        )

    async def hasten(self, kind: MessageKind, about: str, *, recipient: str, now: datetime) -> None:
        """Make a message that is held back, and was never attempted, due at once."""
        await self._held("UPDATE outbox SET due_at = :now", kind, about, recipient=recipient, now=now)

    async def drop_held(self, kind: MessageKind, about: str, *, recipient: str, now: datetime) -> None:
        """Delete a message that is held back and was never attempted: its content was shown elsewhere."""
        await self._held("DELETE FROM outbox", kind, about, recipient=recipient, now=now)

    async def _held(self, deed: str, kind: MessageKind, about: str, *, recipient: str, now: datetime) -> None:
        named = {"team": self._team_id, "kind": kind, "about": about, "to": recipient, "now": now.isoformat()}
        await self._database.write(
            lambda sql: sql.execute(
                f"{deed} WHERE team_id = :team AND kind = :kind AND about = :about AND recipient = :to"
                " AND taken_at IS NULL AND due_at > :now",
                named,
            )
        )

    def rest_reminders(self, *, until: datetime) -> None:
        """Send no reminders before ``until``, because Slack limits the rate; other messages are sent."""
        self._reminders_rest_until = until

    async def alert(
        self, about: str, *, recipients: tuple[str, ...], detail: Mapping[str, Any], now: datetime
    ) -> None:
        """Enqueue an alert for each of these people; a second alert with the same ``about`` is not sent."""

        def write(sql: Sql) -> None:
            for recipient in recipients:
                put(
                    sql,
                    team_id=self._team_id,
                    kind=MessageKind.ALERT,
                    about=about,
                    recipient=recipient,
                    detail=detail,
                    now=now,
                )

        await self._database.write(write)

    async def refresh(self, *abouts: str, now: datetime) -> None:
        """Have all messages about these things edited to their current state."""
        await self._database.write(lambda sql: touch(sql, team_id=self._team_id, abouts=abouts, now=now))
