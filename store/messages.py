"""The rows of the outbox: one message to one recipient about one thing (an act, a change, a run …).

A row holds the version of the thing that the message has to show and the version it shows. It is written in
the transaction that changes the thing, so a crash cannot separate a change from its message. The message is
posted with an id derived from the row, so that Slack can deduplicate a retry after an unclear answer.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from store.database import Sql

__all__ = ["Message", "MessageKind", "lease_of", "mark_sent", "post_anew", "put", "touch"]


class MessageKind(StrEnum):
    """The kinds of messages: the thing each is about, and its recipient."""

    RECEIPT = "receipt"  # about an act, to its actor
    EARLIER = "earlier"  # where a receipt or an answer stood, before it was posted anew
    NOTICE = "notice"  # about a change, to the person whose week it is
    AUDIT = "audit"  # about an act, to the audit channel
    RESTARTED = "restarted"  # about an act that was received but not carried out, to its actor
    ALERT = "alert"  # about a problem, to admins or to a reminder's owner
    PETITION = "petition"  # about a petition, to a person who may decide it
    PLANNED = "planned"  # about a batch of planned changes, to its planner
    ANSWER = "answer"  # about a petition, or the act it led to, to the person who asked
    REMINDER = "reminder"  # about a run, to its channel
    NUDGE = "nudge"  # about one person in a run, to that person
    REPORT = "report"  # about a run that is closed, to the reminder's owner
    PLAN = "plan"  # about plans of one batch that begin or end tomorrow, or could not


@dataclass(frozen=True, slots=True)
class Message:
    """One leased message, to be posted (``ts`` is ``None``) or edited."""

    id: str
    kind: MessageKind
    about: str
    recipient: str
    detail: Mapping[str, Any]
    channel: str | None
    ts: str | None
    version: int
    shown: int
    """The last version that the message is known to show; 0 before it was posted."""
    tries: int
    repeated: bool
    """Whether sending was tried before, so that the message may have arrived."""
    at: datetime
    leased_until: datetime
    """The end of the lease, from which on another process may send the message."""

    @property
    def client_msg_id(self) -> str:
        """The id for Slack, equal in every attempt to post the same message, so that Slack can deduplicate.

        If the posted message cannot be located for editing, an update is posted as a new message with a new
        id, derived from the version shown before.
        """
        following = f":{self.shown}" if self.shown else ""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"working-hours:{self.id}{following}"))


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

    If the message exists, nothing is added; if it was never attempted, the earlier of both due times counts.
    An alert that was sent before gets the new time as its date, so that it is not deleted, and then sent
    again, while its problem lasts (see :mod:`store.retention`).
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
    """Inside a transaction: mark the message's version as shown; a newer lease of another process stays."""
    message_id, leased_until = lease_of(message)
    sql.execute(
        "UPDATE outbox SET shown = max(shown, ?), tries = 0, leased_until = nullif(leased_until, ?),"
        " failure = NULL, channel = coalesce(?, channel), ts = coalesce(?, ts) WHERE message_id = ?",
        (message.version, leased_until, channel, ts, message_id),
    )


def lease_of(message: Message) -> tuple[str, str]:
    """The key of one lease: the message's id and the lease's end, which no other lease of it shares."""
    return message.id, message.leased_until.isoformat()


def touch(
    sql: Sql, *, team_id: str, abouts: tuple[str, ...], now: datetime, gap: timedelta = timedelta()
) -> None:
    """Inside a transaction: have the messages about these things edited, because the things have changed.

    With a ``gap``, a message is edited at most that often, so that frequent progress stays within Slack's
    rate limits. A message that is held back and was never attempted stays held back. One that was
    attempted, and may have arrived although no ``ts`` is known, keeps its attempts: it is looked for
    before it is posted again.
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


def post_anew(sql: Sql, *, team_id: str, about: str, now: datetime, due_at: datetime | None = None) -> None:
    """Inside a transaction: what became of an act that waited is told by new messages, at ``due_at`` or now.

    An edit notifies nobody. The messages as they stand are left to say so. One that is being edited at
    this moment is edited once more instead.
    """
    due = max(now, due_at or now)
    named = {"team": team_id, "about": about, "now": now.isoformat(), "due": due.isoformat()}
    which = (
        "team_id = :team AND about = :about AND kind IN ('receipt', 'answer') AND ts IS NOT NULL"
        " AND (leased_until IS NULL OR leased_until <= :now)"
    )
    sql.execute(
        "INSERT INTO outbox (message_id, team_id, kind, about, recipient, detail, channel, ts, version,"  # noqa: S608 - ours
        " shown, tries, due_at, at) SELECT team_id || ':earlier:' || about || ':' || recipient, team_id,"
        " 'earlier', about, recipient, '{}', channel, ts, 1, 0, 0, :due, :now FROM outbox"
        f" WHERE {which}"
        " ON CONFLICT DO UPDATE SET channel = excluded.channel, ts = excluded.ts, version = version + 1,"
        " due_at = excluded.due_at",
        named,
    )
    sql.execute(
        f"UPDATE outbox SET ts = NULL, tries = 0, failure = NULL, due_at = :due, at = :now WHERE {which}",  # noqa: S608 - ours
        named,
    )
