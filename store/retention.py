"""Data retention: delete what is older than the retention period and cannot change any more.

Kept at any age: unsettled changes, acts that a kept act refers to, and everything that still waits for a
decision. The age of an alert counts from the last time its problem was found; otherwise an alert about a
lasting problem would be deleted, and sent again.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import partial

from store.act import UNDO_FOR, UNSETTLED
from store.database import Database, Sql, rows

__all__ = ["Retention"]

FOUND_AGAIN = timedelta(days=7)
"""The minimum age of deleted alerts: lasting problems are found again each day that both services answer."""

REMOVED_TOGETHER = 200
"""The number of acts deleted in one transaction, so that other writers are not kept waiting."""

_REMOVABLE = f"""
WITH RECURSIVE kept (act_id) AS (
  SELECT act_id FROM acts WHERE team_id = :team AND (at >= :before OR state = 'received')
  UNION SELECT act_id FROM changes WHERE team_id = :team
    AND state IN {UNSETTLED}
  UNION SELECT begin_act FROM plans WHERE team_id = :team AND begin_act IS NOT NULL
  UNION SELECT back_act FROM plans WHERE team_id = :team AND back_act IS NOT NULL
  UNION SELECT other.act_id FROM kept JOIN acts AS mine USING (act_id)
    JOIN acts AS other ON other.act_id IN (mine.undoes, mine.undone_by)
)
SELECT act_id FROM acts WHERE team_id = :team AND at < :before AND act_id NOT IN (SELECT act_id FROM kept)
"""  # noqa: S608 - a constant
"""Selects old acts that nothing kept refers to: a recent undo, for example, keeps the act it has undone."""

_RUN_IS_OVER = """
team_id = :team AND due_at < :before
  AND (state IN ('closed', 'empty', 'skipped', 'failed') OR (state = 'posted' AND closes_at IS NULL))
"""
"""A posted check is closed when its day is over; a posted board, which nobody answers, stays ``posted``."""

_OF_THEIR_OWN = (
    "DELETE FROM weeks WHERE team_id = :team AND as_of < :before",
    "DELETE FROM capacities WHERE team_id = :team AND as_of < :before",
    "DELETE FROM events WHERE team_id = :team AND at < :before",
    "DELETE FROM drafts WHERE team_id = :team AND ends_at < :before AND state != 'open'",
    """
    DELETE FROM plans WHERE team_id = :team AND at < :before AND coalesce(last, first) < :day
      AND state IN ('over', 'cancelled')
    """,
    "DELETE FROM grants WHERE team_id = :team AND until < :day",
    f"DELETE FROM run_people WHERE run_id IN (SELECT run_id FROM runs WHERE {_RUN_IS_OVER})",  # noqa: S608 - a constant
    f"DELETE FROM runs WHERE {_RUN_IS_OVER}",  # noqa: S608 - a constant
    """
    DELETE FROM reminders WHERE team_id = :team AND at < :before AND state = 'deleted'
      AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.reminder_id = reminders.reminder_id)
    """,
)

_MESSAGES = """
DELETE FROM outbox WHERE team_id = :team AND shown >= version
  AND at < CASE kind WHEN 'alert' THEN :lasted ELSE :before END
  AND NOT EXISTS (SELECT 1 FROM acts WHERE act_id = about)
  AND NOT EXISTS (SELECT 1 FROM changes WHERE change_id = about)
  AND NOT EXISTS (SELECT 1 FROM drafts WHERE draft_id = about)
  AND NOT EXISTS (SELECT 1 FROM plans WHERE batch_id = about)
  AND NOT EXISTS (SELECT 1 FROM runs WHERE run_id = about)
"""
"""Deletes old messages. A message stays as long as the thing it is about, since it may have to be edited."""


_BUSY = f"""
SELECT act_id FROM changes WHERE state IN {UNSETTLED}
  AND act_id IN (SELECT value FROM json_each(:acts))
"""  # noqa: S608 - a constant

_OF_AN_ACT = (
    # An undo and the act it has undone refer to each other, so the references are cleared before deletion.
    "UPDATE acts SET undoes = NULL WHERE undoes IN (SELECT value FROM json_each(:acts))",
    "UPDATE acts SET undone_by = NULL WHERE undone_by IN (SELECT value FROM json_each(:acts))",
    """
    DELETE FROM outbox WHERE shown >= version AND about IN (SELECT value FROM json_each(:acts)
      UNION SELECT change_id FROM changes WHERE act_id IN (SELECT value FROM json_each(:acts)))
    """,
    """
    DELETE FROM steps WHERE change_id IN
      (SELECT change_id FROM changes WHERE act_id IN (SELECT value FROM json_each(:acts)))
    """,
    "DELETE FROM changes WHERE act_id IN (SELECT value FROM json_each(:acts))",
    "DELETE FROM acts WHERE act_id IN (SELECT value FROM json_each(:acts))",
)


class Retention:
    """Deletes old data of one team."""

    def __init__(self, database: Database, *, team_id: str, days: int) -> None:
        self._database = database
        self._team_id = team_id
        self.keep = max(timedelta(days=days), UNDO_FOR)
        """How long what nothing needs any more is kept."""

    async def forget(self, now: datetime) -> int:
        """Delete everything old enough; return the number of deleted acts."""
        before = now - self.keep
        given = {
            "team": self._team_id,
            "before": before.isoformat(),
            "day": before.date().isoformat(),
            "lasted": min(before, now - FOUND_AGAIN).isoformat(),
        }

        def by_itself(sql: Sql) -> list[str]:
            for statement in _OF_THEIR_OWN:
                sql.execute(statement, given)
            return [str(row["act_id"]) for row in rows(sql, _REMOVABLE, given)]

        removable = await self._database.write(by_itself)
        removed = 0
        for start in range(0, len(removable), REMOVED_TOGETHER):
            batch = removable[start : start + REMOVED_TOGETHER]
            removed += await self._database.write(partial(_remove, acts=batch))
        await self._database.write(lambda sql: sql.execute(_MESSAGES, given))
        return removed


def _remove(sql: Sql, *, acts: list[str]) -> int:
    """Delete acts with their changes, steps and messages; an act that was resumed meanwhile stays."""
    busy = {row["act_id"] for row in rows(sql, _BUSY, {"acts": json.dumps(acts)})}
    gone = [act for act in acts if act not in busy]
    for statement in _OF_AN_ACT:
        sql.execute(statement, {"acts": json.dumps(gone)})
    return len(gone)
