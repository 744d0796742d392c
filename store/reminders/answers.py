"""An answer to a check, however it was given: it counts in every check that still waits for it.

Whoever confirms below one message, or changes their week with a typed line, is not asked again below
another. Written in the transaction that makes it so.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from store.database import Sql, rows
from store.outbox import touch
from store.reminders.run import Answer

__all__ = ["COUNTS_FOR", "count"]

COUNTS_FOR = timedelta(days=25)
"""Who confirmed or changed their week within this time is not asked again: monthly checks stay monthly."""

EDITED_EVERY = timedelta(seconds=3)
"""Between two edits of one message, which all who answer at once would have edited at once."""


def count(sql: Sql, *, team_id: str, slack_user_id: str, answer: Answer, now: datetime) -> None:
    """Inside a transaction: somebody has answered whatever asks them, and has the messages say so."""
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
