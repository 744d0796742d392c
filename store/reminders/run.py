"""A run (one time that a reminder is due) as a value and as rows; inside the caller's transaction."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from store.codec import week_from_json, week_to_json
from store.database import Row, Sql, rows
from store.week import Subject, Week

__all__ = ["LEAVE_UNKNOWN", "Answer", "Invited", "Run", "RunState", "insert", "invite", "load", "loaded"]


class RunState(StrEnum):
    """The state of a run. Claimed and ready runs are on their way into the channel."""

    CLAIMED = "claimed"  # a process determines the people it names
    READY = "ready"  # its message is in the outbox
    POSTED = "posted"
    EMPTY = "empty"  # nobody had to be asked, so nothing was posted
    SKIPPED = "skipped"  # it could not be posted in time, or its reminder was deleted
    UNCLEAR = "unclear"  # it is not known whether Slack accepted the post: the owner is asked
    FAILED = "failed"  # Slack refused the post
    CLOSED = "closed"  # posted, and its day is over


CAME_TO_NOTHING = frozenset({RunState.EMPTY, RunState.SKIPPED, RunState.FAILED})
"""The final states of runs that were not posted."""

LEAVE_UNKNOWN: Final = "leave_unknown"
"""The ``reason`` of a run that was composed without knowing who is on leave."""


class Answer(StrEnum):
    """The answer of a person named in a run."""

    NONE = ""
    CONFIRMED = "confirmed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Invited:
    """A person named in a run."""

    slack_user_id: str
    subject: Subject
    week: Week
    """The week about which they were asked, as it was then."""
    answer: Answer = Answer.NONE
    answered_at: datetime | None = None
    nudge_at: datetime | None = None
    """When they are nudged if they have not answered; ``None``: never, or this is done."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run. Its ``id`` consists of the reminder's id and the local day, so that each day has one run.

    The id of a run posted in addition to the schedule also has ``T`` and the local minute. A second run on a
    day whose first was not posted has ``@`` and the time (see :func:`insert_for_day`).
    """

    id: str
    team_id: str
    reminder_id: str
    day: date
    due_at: datetime
    state: RunState
    channel: str
    reason: str = ""
    ts: str | None = None
    people: tuple[Invited, ...] = ()

    @property
    def client_msg_id(self) -> str:
        """The message id for Slack, equal for every attempt, so that Slack can deduplicate."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"working-hours:run:{self.team_id}:{self.id}"))

    @property
    def posted_at(self) -> datetime | None:
        """When the run was posted, according to the message's timestamp in Slack."""
        return datetime.fromtimestamp(float(self.ts), self.due_at.tzinfo) if self.ts else None


def insert(sql: Sql, run: Run, *, leased_until: datetime | None) -> bool:
    """Insert a run; ``False`` if a run with its id exists."""
    added = sql.execute(
        "INSERT OR IGNORE INTO runs (run_id, team_id, reminder_id, day, due_at, wanted_at, state, reason,"
        " leased_until, channel) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run.id,
            run.team_id,
            run.reminder_id,
            run.day.isoformat(),
            run.due_at.isoformat(),
            run.due_at.isoformat(),
            run.state,
            run.reason,
            leased_until and leased_until.isoformat(),
            run.channel,
        ),
    )
    return added.rowcount == 1


def insert_for_day(sql: Sql, run: Run) -> Run | None:
    """Insert a day's run, to be composed at once; ``None`` if the day has a run that may have been posted.

    If the day's run was not posted, a reminder changed to a later time of the same day gets a second run.
    """
    if insert(sql, run, leased_until=run.due_at):
        return run
    before = load(sql, run.id)
    if before is None or before.state not in CAME_TO_NOTHING or run.due_at <= before.due_at:
        return None
    again = replace(run, id=f"{run.id}@{run.due_at:%H%M}")
    return again if insert(sql, again, leased_until=run.due_at) else None


def days_with_one(sql: Sql, reminder_id: str) -> frozenset[date]:
    """The days on which a reminder was, or will be, posted according to its schedule."""
    found = rows(
        sql,
        "SELECT day, state FROM runs WHERE reminder_id = ? AND run_id NOT GLOB '*T????'",
        (reminder_id,),
    )
    return frozenset(
        date.fromisoformat(row["day"]) for row in found if RunState(row["state"]) not in CAME_TO_NOTHING
    )


def invite(sql: Sql, run: Run, people: Iterable[Invited]) -> None:
    """Store the people named in a run."""
    for each in people:
        sql.execute(
            "INSERT INTO run_people VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                run.team_id,
                run.id,
                each.slack_user_id,
                each.subject.key,
                json.dumps(week_to_json(each.week)),
                each.answer,
                each.answered_at and each.answered_at.isoformat(),
                each.nudge_at and each.nudge_at.isoformat(),
            ),
        )


def load(sql: Sql, run_id: str) -> Run | None:
    """A run with the people it names."""
    found = rows(sql, "SELECT * FROM runs WHERE run_id = ?", (run_id,))
    return loaded(sql, found)[0] if found else None


def loaded(sql: Sql, found: list[Row]) -> tuple[Run, ...]:
    """Convert rows to runs, with the people they name, in the same order."""
    return tuple(
        Run(
            id=row["run_id"],
            team_id=row["team_id"],
            reminder_id=row["reminder_id"],
            day=date.fromisoformat(row["day"]),
            due_at=datetime.fromisoformat(row["due_at"]),
            state=RunState(row["state"]),
            channel=row["channel"],
            reason=row["reason"] or "",
            ts=row["ts"],
            people=tuple(
                _invited(each)
                for each in rows(
                    sql, "SELECT * FROM run_people WHERE run_id = ? ORDER BY rowid", (row["run_id"],)
                )
            ),
        )
        for row in found
    )


def _invited(row: Row) -> Invited:
    return Invited(
        slack_user_id=row["slack_user_id"],
        subject=Subject.parse(row["subject"]),
        week=week_from_json(json.loads(row["week"])) or Week(),
        answer=Answer(row["answer"]),
        answered_at=_moment(row["answered_at"]),
        nudge_at=_moment(row["nudge_at"]),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
