"""One time that a reminder was due, as a value and as rows; nothing here opens a transaction."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from store.act import week_from_json, week_to_json
from store.database import Row, Sql, rows
from store.week import Subject, Week

__all__ = ["LEAVE_UNKNOWN", "Answer", "Invited", "Run", "RunState", "insert", "invite", "load", "loaded"]


class RunState(StrEnum):
    """Where a run stands. The first two still move by themselves."""

    CLAIMED = "claimed"  # some process finds out whom it names
    READY = "ready"  # in the outbox
    POSTED = "posted"
    EMPTY = "empty"  # there was nobody to ask, so nothing was posted
    SKIPPED = "skipped"  # it could not be posted in time
    UNCLEAR = "unclear"  # Slack did not say whether it took the post: its owner is asked
    FAILED = "failed"  # Slack refused the post
    CLOSED = "closed"  # posted, and its day is over


CAME_TO_NOTHING = frozenset({RunState.EMPTY, RunState.SKIPPED, RunState.FAILED})
"""Where a run ends that nobody saw."""

LEAVE_UNKNOWN: Final = "leave_unknown"
"""The reason of a run that was composed although Focus did not tell who is away."""


class Answer(StrEnum):
    """What somebody who was named has said."""

    NONE = ""
    CONFIRMED = "confirmed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody whom a run names."""

    slack_user_id: str
    subject: Subject
    week: Week
    """As they were asked about it."""
    answer: Answer = Answer.NONE
    answered_at: datetime | None = None
    nudge_at: datetime | None = None
    """When they are reminded once more, if they have not answered."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run; its ``id`` is the reminder's and its local day, so that a day has one.

    Where it is posted beside its times, ``T`` and the local minute follow.
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
        """The same for every try, so that Slack can recognize a repeat."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"working-hours:run:{self.team_id}:{self.id}"))

    @property
    def posted_at(self) -> datetime | None:
        """When it came into the channel, as Slack's name for the message tells."""
        return datetime.fromtimestamp(float(self.ts), self.due_at.tzinfo) if self.ts else None


def insert(sql: Sql, run: Run, *, leased_until: datetime | None) -> bool:
    """Add a run; ``False`` if its day had one already."""
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
    """Add the run of a day, to be taken up at once; ``None`` if the day had one that may have been seen.

    After one that came to nothing a changed reminder may have a later time on the same day.
    """
    if insert(sql, run, leased_until=run.due_at):
        return run
    before = load(sql, run.id)
    if before is None or before.state not in CAME_TO_NOTHING or run.due_at <= before.due_at:
        return None
    again = replace(run, id=f"{run.id}@{run.due_at:%H%M}")
    return again if insert(sql, again, leased_until=run.due_at) else None


def days_with_one(sql: Sql, reminder_id: str) -> frozenset[date]:
    """The days on which a reminder was, or will be, posted at its own time."""
    found = rows(
        sql,
        "SELECT day, state FROM runs WHERE reminder_id = ? AND run_id NOT GLOB '*T????'",
        (reminder_id,),
    )
    return frozenset(
        date.fromisoformat(row["day"]) for row in found if RunState(row["state"]) not in CAME_TO_NOTHING
    )


def invite(sql: Sql, run: Run, people: Iterable[Invited]) -> None:
    """Write down whom a run names."""
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
    """A run with whom it names."""
    found = rows(sql, "SELECT * FROM runs WHERE run_id = ?", (run_id,))
    return loaded(sql, found)[0] if found else None


def loaded(sql: Sql, found: list[Row]) -> tuple[Run, ...]:
    """Rows of runs with whom they name, in the same order."""
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
