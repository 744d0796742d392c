"""What other changes of the same week have to do with one: inside somebody's transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from store.act import Change
from store.database import Sql, rows
from store.journal import records
from store.week import Weekday

__all__ = ["certain_at", "overtaken"]


def certain_at(sql: Sql, change: Change, days: Collection[Weekday], *, soon: datetime) -> datetime | None:
    """When it will be known what became of other changes to these days, not before ``soon``.

    A late call of theirs may still land, and what they led to could not be told from this change.
    """
    found = rows(
        sql,
        "SELECT change_id FROM changes WHERE team_id = ? AND subject = ? AND state = 'unclear'"
        " AND change_id != ?",
        (change.team_id, change.subject.key, change.id),
    )
    unclear = [records.must_load_change(sql, row["change_id"]) for row in found]
    times = [each.due_at or soon for each in unclear if not set(days).isdisjoint(each.days)]
    return max((*times, soon)) if times else None


def overtaken(sql: Sql, change: Change) -> frozenset[Weekday]:
    """The days that were written, while a change waited, by changes that were asked after it."""
    if change.waits_since is None:
        return frozenset()
    found = rows(
        sql,
        "SELECT DISTINCT change_id FROM changes JOIN steps USING (change_id)"
        " WHERE changes.team_id = :team AND subject = :subject AND steps.at >= :since"
        " AND changes.rowid > (SELECT rowid FROM changes WHERE change_id = :mine)",
        {
            "team": change.team_id,
            "subject": change.subject.key,
            "mine": change.id,
            "since": change.waits_since.isoformat(),
        },
    )
    later = (records.must_load_change(sql, row["change_id"]) for row in found)
    return frozenset(day for each in later for day in each.written)
