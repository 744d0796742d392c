"""The outbox: Slack messages that have to show something, and are kept true to it.

A row is one message for one recipient about one thing, with the version of that thing it has to show
and the version it shows. It is written in the transaction that made the thing true, so a crash between
a write to Focus and its receipt loses neither. Whoever delivers leases the row first; a message is
posted with an id derived from the row, so a repeat after an unclear answer is recognized as one.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from store.database import Database, Sql, rows

__all__ = ["LEASE", "Message", "MessageKind", "Outbox", "mark_sent", "put", "touch"]

LEASE = timedelta(seconds=30)
BATCH = 50
GIVE_UP_AFTER = 96
"""Tries; with the growing pauses between them about a week."""


class MessageKind(StrEnum):
    """What a message tells."""

    RECEIPT = "receipt"  # about an act, to its actor
    NOTICE = "notice"  # about a change, to the person whose week it is
    AUDIT = "audit"  # about an act, to the audit channel
    RESTARTED = "restarted"  # about an act that was received and not worked on, to its actor
    ALERT = "alert"  # about something an admin must know
    PETITION = "petition"  # about a petition, to whoever may decide it
    PLANNED = "planned"  # about a batch of planned changes, to whoever planned it
    ANSWER = "answer"  # about a petition, or the act it led to, to whoever asked
    REMINDER = "reminder"  # about a run, to its channel
    NUDGE = "nudge"  # about one person in a run, to that person
    REPORT = "report"  # about a run that is over, to the reminder's owner
    PLAN = "plan"  # about plans of one batch: what begins or ends tomorrow, what could not


@dataclass(frozen=True, slots=True)
class Message:
    """One message to post (``ts`` is ``None``) or to bring up to date."""

    id: str
    kind: MessageKind
    about: str
    recipient: str
    detail: Mapping[str, Any]
    channel: str | None
    ts: str | None
    version: int
    shown: int
    """The version that was last known to be shown; 0 before the first."""
    tries: int
    repeated: bool
    """Whether it was tried before: it may have arrived."""
    at: datetime
    leased_until: datetime
    """From then on somebody else may send it."""

    @property
    def client_msg_id(self) -> str:
        """The same for every try of the same message, so that Slack can recognize a repeat.

        Where one was posted that cannot be found again to be edited, its news is another message.
        """
        following = f":{self.shown}" if self.shown else ""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"working-hours:{self.id}{following}"))


class Outbox:
    """What waits to be sent for one team."""

    def __init__(self, database: Database, *, team_id: str) -> None:
        self._database = database
        self._team_id = team_id
        self._reminders_rest_until: datetime | None = None
        self.stirred = asyncio.Event()
        """Set whenever something may have become due; whoever delivers clears it."""

    async def wake_by_itself(self) -> None:
        """From now on every message that is put or touched here stirs the clock, whichever way it came."""
        await self._database.watch("outbox", ("version", "due_at"), self.stirred.set)

    async def take(self, now: datetime, *, at_most: int = BATCH) -> tuple[Message, ...]:
        """Lease what is due, oldest first: nobody else gets it for :data:`LEASE`.

        Posts in channels come after what somebody waits for: many may be due at the same minute.
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
        """How many messages do not show yet what they have to."""
        (found,) = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT count(*) AS n FROM outbox WHERE team_id = ? AND shown < version",
                (self._team_id,),
            )
        )
        return int(found["n"])

    async def sent(self, message: Message, *, channel: str | None, ts: str | None) -> None:
        """The message shows its version; it may have become stale while it was sent."""
        await self._database.write(lambda sql: mark_sent(sql, message, channel=channel, ts=ts))

    async def failed(self, message: Message, *, reason: str, retry_at: datetime | None) -> None:
        """It was not sent: try again at ``retry_at``, or never (``None``, or too many tries).

        Nothing happens where somebody else has taken it since: what becomes of it is theirs to say.
        """
        final = retry_at is None or message.tries >= GIVE_UP_AFTER

        def mark(sql: Sql) -> None:
            sql.execute(
                "UPDATE outbox SET failure = ?, leased_until = NULL, due_at = coalesce(?, due_at),"
                " shown = CASE WHEN ? THEN ? ELSE shown END WHERE message_id = ? AND leased_until = ?",
                (reason, retry_at and retry_at.isoformat(), final, message.version, *_lease(message)),
            )

        await self._database.write(mark)

    async def postponed(self, message: Message, *, reason: str, until: datetime, counts: bool = True) -> None:
        """It was not sent, and however often: it is due again then. What was no try need not count as one.

        Nothing happens where somebody else has taken it since.
        """
        await self._database.write(
            lambda sql: sql.execute(
                "UPDATE outbox SET failure = ?, leased_until = NULL, due_at = ?,"
                " tries = max(0, tries - ?) WHERE message_id = ? AND leased_until = ?",
                (reason, until.isoformat(), not counts, *_lease(message)),
            )
        )

    async def hasten(self, kind: MessageKind, about: str, *, recipient: str, now: datetime) -> None:
        """One that is held back until later is sent at once."""
        await self._held("UPDATE outbox SET due_at = :now", kind, about, recipient=recipient, now=now)

    async def drop_held(self, kind: MessageKind, about: str, *, recipient: str, now: datetime) -> None:
        """One that is held back until later is not needed: what it tells was shown elsewhere."""
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
        """Slack wants no more posts in channels for a moment; what somebody waits for goes on."""
        self._reminders_rest_until = until

    async def alert(
        self, about: str, *, recipients: tuple[str, ...], detail: Mapping[str, Any], now: datetime
    ) -> None:
        """Tell these people once about something; the same thing is not told twice."""

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
        """Have all messages about these things edited to what is true now."""
        await self._database.write(lambda sql: touch(sql, team_id=self._team_id, abouts=abouts, now=now))


def put(
    sql: Sql,
    *,
    team_id: str,
    kind: MessageKind,
    about: str,
    recipient: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
) -> None:
    """Add a message inside a transaction, to be sent at ``due_at``, or at once.

    Where it exists already, nothing is added; one that is held back is sent at the sooner time. An alert
    that was told is of that time from then on: its fact lasts, and it is kept as long.
    """
    message_id = f"{team_id}:{kind}:{about}:{recipient}"
    sql.execute(
        "INSERT INTO outbox (message_id, team_id, kind, about, recipient, detail, version, shown,"
        " tries, due_at, at) VALUES (?, ?, ?, ?, ?, ?, 1, 0, 0, ?, ?)"
        " ON CONFLICT DO UPDATE SET"
        " due_at = CASE WHEN taken_at IS NULL THEN min(due_at, excluded.due_at) ELSE due_at END,"
        " at = CASE WHEN kind = 'alert' AND shown >= version AND failure IS NULL THEN excluded.at ELSE at END"
        " WHERE taken_at IS NULL OR kind = 'alert'",
        (
            message_id,
            team_id,
            kind,
            about,
            recipient,
            json.dumps(dict(detail or {})),
            (due_at or now).isoformat(),
            now.isoformat(),
        ),
    )


def mark_sent(sql: Sql, message: Message, *, channel: str | None, ts: str | None) -> None:
    """Inside a transaction: the message shows its version; whoever has taken it since keeps it."""
    message_id, leased_until = _lease(message)
    sql.execute(
        "UPDATE outbox SET shown = max(shown, ?), tries = 0, leased_until = nullif(leased_until, ?),"
        " failure = NULL, channel = coalesce(?, channel), ts = coalesce(?, ts) WHERE message_id = ?",
        (message.version, leased_until, channel, ts, message_id),
    )


def _lease(message: Message) -> tuple[str, str]:
    """Names one taking of a message: nobody else's ends at the same moment."""
    return message.id, message.leased_until.isoformat()


def touch(
    sql: Sql, *, team_id: str, abouts: tuple[str, ...], now: datetime, gap: timedelta = timedelta()
) -> None:
    """Inside a transaction: what these messages tell of has changed, so they must be edited.

    With a ``gap`` not sooner than that after the last edit: progress is told at a pace Slack bears. One
    that is held back until later, and was never tried, stays so. One that was tried, and may have arrived
    although nobody knows where, stays tried: it is looked for before it is posted.
    """
    for about in abouts:
        sql.execute(
            "UPDATE outbox SET version = version + 1,"
            " tries = CASE WHEN ts IS NULL THEN min(tries, 1) ELSE 0 END,"
            " due_at = CASE WHEN taken_at IS NULL THEN max(due_at, :now)"
            " WHEN taken_at > :earliest THEN :later ELSE :now END"
            " WHERE team_id = :team AND about = :about",
            {
                "earliest": (now - gap).isoformat(),
                "later": (now + gap).isoformat(),
                "now": now.isoformat(),
                "team": team_id,
                "about": about,
            },
        )
