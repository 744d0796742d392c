"""The next moment at which the clock has work: reminders, plans, unsettled changes and unsent messages."""

from __future__ import annotations

from datetime import datetime

from store.act import UNSETTLED
from store.database import Database, rows

__all__ = ["Upcoming"]


class Upcoming:
    """The upcoming work of one team's clock; work in progress counts as due until it is finished."""

    def __init__(self, database: Database, *, team_id: str) -> None:
        self._database = database
        self._team_id = team_id

    async def first(self, after: datetime | None = None) -> datetime | None:
        """The earliest due time later than ``after``; ``None`` if nothing is scheduled."""
        (found,) = await self._database.read(
            lambda sql: rows(
                sql,
                f"""
                SELECT min(at) AS first FROM (
                  SELECT next_at AS at FROM reminders WHERE team_id = :team
                  UNION ALL SELECT due_at FROM runs WHERE team_id = :team AND state = 'claimed'
                  UNION ALL SELECT closes_at FROM runs WHERE team_id = :team AND state = 'posted'
                  UNION ALL SELECT nudge_at FROM run_people WHERE team_id = :team
                  UNION ALL SELECT due_at FROM plans WHERE team_id = :team
                  UNION ALL SELECT tell_at FROM plans WHERE team_id = :team
                  UNION ALL SELECT coalesce(due_at, at) FROM changes
                    WHERE team_id = :team AND state IN {UNSETTLED}
                  UNION ALL SELECT due_at FROM outbox WHERE team_id = :team AND shown < version
                ) WHERE at > :after
                """,  # noqa: S608 - a constant
                {"team": self._team_id, "after": after.isoformat() if after else ""},
            )
        )
        return datetime.fromisoformat(found["first"]) if found["first"] else None
