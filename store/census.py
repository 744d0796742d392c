"""Counts for status pages: waiting changes, unsent messages, what is due next, the database's size."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from store.act import UNSETTLED
from store.database import Database, Row, Sql, rows
from store.moments import moment_of
from store.trouble import TroubleCode

__all__ = ["Census", "LastPlan", "LastRun", "Unsent", "census"]


LATELY = timedelta(days=7)
"""How long a message that was given up is reported, unless its recipient gets another one before."""

_NOBODY_THERE = {"account_inactive", "cannot_dm_bot", "message_not_found", "user_disabled", "user_not_found"}
"""Slack's codes for a person who cannot be written to, or has left, and for a message that was deleted."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """Messages that Slack rejects: their recipient, Slack's error code, and the date of the oldest."""

    recipient: str
    reason: str
    since: datetime
    given_up: bool

    @property
    def mendable(self) -> bool:
        """Whether a retry, or somebody, may still mend it."""
        return not (self.given_up and self.reason in _NOBODY_THERE)


@dataclass(frozen=True, slots=True)
class LastRun:
    """The latest run of a reminder; ``state`` is a value of :class:`store.reminders.run.RunState`."""

    channel: str
    state: str
    reason: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPlan:
    """What the clock last did about plans, and to how many weeks."""

    what: str
    """``begun``, ``put back``, ``not allowed`` or ``missed``."""
    at: datetime
    weeks: int = 1
    waiting: int = 0
    """How many of these weeks are not settled yet."""
    unwritten: int = 0
    """How many of these weeks were not, or not completely, written to Focus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """The counts of one team at one moment."""

    waiting: int
    """Changes that wait for quota, a valid key or their turn."""
    unclear: int
    """Changes in progress, or whose outcome is not known yet."""
    next_due: datetime | None
    to_send: int
    unsent: tuple[Unsent, ...]
    """Messages that were rejected, and will be retried or were given up lately."""
    last_run: LastRun | None
    reminders: int
    reminders_failing: tuple[LastRun, ...]
    """The latest run of each reminder that is failing, or was paused because it kept failing."""
    next_reminder: datetime | None
    plans: int
    """Open plans: not begun yet, in effect now, or waiting for a decision."""
    plans_asked: int
    """Plans that were due but not permitted, and wait for a decision."""
    last_plan: LastPlan | None
    next_plan: datetime | None
    linked: int
    people: int
    weeks: int
    placeholders: int
    placeholder_weeks: int
    listed_at: datetime | None
    database_bytes: int


_LATEST = "runs JOIN reminders USING (reminder_id)"
_LATEST_OF_FAILING = (
    # CROSS JOIN fixes the order: SQLite starts from the few failing reminders and never scans all runs.
    "reminders CROSS JOIN runs ON runs.reminder_id = reminders.reminder_id AND reminders.failures > 0"
    " AND reminders.state != 'deleted' AND runs.due_at ="
    " (SELECT max(due_at) FROM runs AS others WHERE others.reminder_id = reminders.reminder_id)"
)


async def census(database: Database, *, team_id: str, now: datetime) -> Census:
    """Count one team's rows; only reads."""
    counted, unsent, runs, failing, last_plan = await database.read(
        lambda sql: (
            _counted(sql, team_id),
            [_unsent(row) for row in _failing(sql, team_id, given_up_after=now - LATELY)],
            [_run(row) for row in _runs(sql, team_id, _LATEST, limit=1)],
            [_run(row) for row in _runs(sql, team_id, _LATEST_OF_FAILING, limit=10)],
            _last_plan(sql, team_id),
        )
    )
    return Census(
        waiting=counted["waiting"],
        unclear=counted["unclear"],
        next_due=_time(counted["next_due"]),
        to_send=counted["to_send"],
        unsent=tuple(unsent),
        last_run=runs[0] if runs else None,
        reminders=counted["reminders"],
        reminders_failing=tuple(failing),
        next_reminder=_time(counted["next_reminder"]),
        plans=counted["plans"],
        plans_asked=counted["plans_asked"],
        last_plan=last_plan,
        next_plan=_time(counted["next_plan"]),
        linked=counted["linked"],
        people=counted["people"],
        weeks=counted["weeks"],
        placeholders=counted["placeholders"],
        placeholder_weeks=counted["placeholder_weeks"],
        listed_at=_time(counted["listed_at"]),
        database_bytes=_bytes(database),
    )


def _counted(sql: Sql, team_id: str) -> Row:
    (found,) = rows(
        sql,
        f"""
        SELECT
          unsettled.*,
          (SELECT count(*) FROM outbox WHERE team_id = :team AND shown < version) AS to_send,
          (SELECT count(*) FROM reminders WHERE team_id = :team AND state != 'deleted') AS reminders,
          (SELECT min(next_at) FROM reminders WHERE team_id = :team) AS next_reminder,
          (SELECT count(*) FROM plans
            WHERE team_id = :team AND state IN ('planned', 'begun', 'asked')) AS plans,
          (SELECT count(*) FROM plans WHERE team_id = :team AND state = 'asked') AS plans_asked,
          (SELECT min(due_at) FROM plans WHERE team_id = :team) AS next_plan,
          (SELECT count(*) FROM links WHERE team_id = :team) AS linked,
          (SELECT count(*) FROM people WHERE team_id = :team AND active) AS people,
          (SELECT max(as_of) FROM people WHERE team_id = :team) AS listed_at,
          (SELECT count(*) FROM weeks WHERE team_id = :team) AS weeks,
          (SELECT count(*) FROM placeholders
            WHERE team_id = :team AND NOT deleted AND embodied_as IS NULL) AS placeholders,
          (SELECT count(*) FROM weeks
            WHERE team_id = :team AND subject LIKE 'placeholder:%') AS placeholder_weeks
        FROM (
          SELECT
            count(*) FILTER (WHERE state = 'waiting') AS waiting,
            count(*) FILTER (WHERE state != 'waiting') AS unclear,
            min(due_at) FILTER (WHERE state = 'waiting') AS next_due
          FROM changes WHERE team_id = :team AND state IN {UNSETTLED}
        ) AS unsettled
        """,  # noqa: S608 - a constant
        {"team": team_id},
    )
    return found


def _failing(sql: Sql, team_id: str, *, given_up_after: datetime) -> list[Row]:
    return rows(
        sql,
        """
        SELECT recipient, failure, min(at) AS since, max(shown < version) AS still FROM outbox AS failed
        WHERE team_id = :team AND failure IS NOT NULL AND (shown < version OR (taken_at > :after
          AND NOT EXISTS (SELECT 1 FROM outbox AS later WHERE later.team_id = failed.team_id
            AND later.recipient = failed.recipient AND later.taken_at > failed.taken_at
            AND later.ts IS NOT NULL AND later.shown >= later.version AND later.failure IS NULL)))
        GROUP BY recipient, failure ORDER BY since DESC LIMIT 10
        """,
        {"team": team_id, "after": given_up_after.isoformat()},
    )


def _runs(sql: Sql, team_id: str, which: str, *, limit: int) -> list[Row]:
    return rows(
        sql,
        "SELECT runs.channel, runs.state, coalesce(runs.reason, '') AS reason, runs.due_at"  # noqa: S608 - ``which`` is this module's own
        f" FROM {which} WHERE runs.team_id = ?"
        " ORDER BY runs.due_at DESC LIMIT ?",
        (team_id, limit),
    )


def _last_plan(sql: Sql, team_id: str) -> LastPlan | None:
    """The latest act opened for a plan, or the latest plan that failed before it could open one."""
    found = rows(
        sql,
        f"""
        SELECT kind, at,
          count(*) AS weeks,
          count(*) FILTER (WHERE state IN {UNSETTLED}) AS waiting,
          count(*) FILTER (WHERE state IN ('partial', 'failed', 'conflict', 'cancelled')) AS unwritten
        FROM (
          SELECT act_id, kind, acts.at FROM acts WHERE act_id IN (
            SELECT begin_act FROM plans WHERE team_id = :team AND begin_act IS NOT NULL
            UNION SELECT back_act FROM plans WHERE team_id = :team AND back_act IS NOT NULL)
          ORDER BY acts.at DESC LIMIT 1
        ) JOIN (SELECT act_id, state FROM changes) USING (act_id)
        GROUP BY act_id
        """,  # noqa: S608 - a constant
        {"team": team_id},
    )
    done = [
        LastPlan(
            what="put back" if row["kind"] == "put back" else "begun",
            at=datetime.fromisoformat(row["at"]),
            weeks=row["weeks"],
            waiting=row["waiting"],
            unwritten=row["unwritten"],
        )
        for row in found
    ]
    left = rows(sql, "SELECT * FROM plans WHERE team_id = ? AND trouble IS NOT NULL", (team_id,))
    return max([*done, *map(_left, left)], key=lambda each: each.at, default=None)


def _left(row: Row) -> LastPlan:
    """A plan that opened no act. Its time is when it was due, or when it was made if that was later."""
    trouble = json.loads(row["trouble"])
    begins = (trouble["code"], trouble["description"]) == (TroubleCode.NOT_ALLOWED, "begin")
    day = date.fromisoformat(row["first"]) if begins else date.fromisoformat(row["last"]) + timedelta(days=1)
    due = moment_of(day, time(0), ZoneInfo(row["zone"]))
    what = "missed" if trouble["code"] == TroubleCode.MISSED else "not allowed"
    return LastPlan(what=what, at=max(due, datetime.fromisoformat(row["at"])))


def _bytes(database: Database) -> int:
    path = Path(database.path)
    files = (path, path.with_name(f"{path.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _unsent(row: Row) -> Unsent:
    return Unsent(
        row["recipient"], row["failure"], datetime.fromisoformat(row["since"]), given_up=not row["still"]
    )


def _run(row: Row) -> LastRun:
    return LastRun(row["channel"], row["state"], row["reason"], datetime.fromisoformat(row["due_at"]))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
