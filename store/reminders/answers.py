"""Answers to checks: an answer given anywhere counts in every check that still waits for that person.

A person who confirms below one message, or changes their week with a command, is not asked again below
another message. The answer is written in the transaction of the confirmation or change.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from store.database import Sql, rows
from store.messages import touch
from store.reminders.run import Answer

__all__ = ["COUNTS_FOR", "count"]

COUNTS_FOR = timedelta(days=25)
"""How long an answer counts, so that nobody is asked again soon; less than a month, for monthly checks."""

EDITED_EVERY = timedelta(seconds=3)
"""The minimum time between two edits of one message, as many people may answer at the same time."""


def count(sql: Sql, *, team_id: str, slack_user_id: str, answer: Answer, now: datetime) -> None:
    """Inside a transaction: record a person's answer in all checks that wait for it; edit their messages."""
    waited = rows(
        sql,
        "UPDATE run_people SET answer = :answer, answered_at = :now, nudge_at = NULL"
        " WHERE team_id = :team AND slack_user_id = :user AND answer = '' AND run_id IN"
        " (SELECT run_id FROM runs JOIN reminders USING (reminder_id)"
        "  WHERE runs.team_id = :team AND kind = 'check' AND due_at > :since) RETURNING run_id",
        {
            "answer": answer,
            "now": now.isoformat(),
            "team": team_id,
            "user": slack_user_id,
            "since": (now - COUNTS_FOR).isoformat(),
        },
    )
    runs = tuple(row["run_id"] for row in waited)
    touch(sql, team_id=team_id, abouts=runs, now=now, gap=EDITED_EVERY)
    touch(sql, team_id=team_id, abouts=tuple(f"{run_id}/{slack_user_id}" for run_id in runs), now=now)
