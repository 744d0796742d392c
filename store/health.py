"""How the deployment is: what waits, what could not be sent, how big the file is. For status pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from store.access import Action, Permit
from store.alarms import Alarm, Alarms
from store.database import Database, Row, Sql, rows
from store.focus import Budget, Numbering, Quota
from store.weekdays import Lock, Weekdays

__all__ = ["Health", "Report", "Unsent"]


@dataclass(frozen=True, slots=True)
class Unsent:
    """A message that Slack does not take: for whom, in Slack's own word why, since when."""

    recipient: str
    reason: str
    since: datetime
    given_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One deployment at one moment."""

    quota: Quota
    reserve: int
    """Requests of an hour that are kept for people who wait for an answer."""
    alarms: tuple[Alarm, ...]
    """What is wrong with the deployment itself: its key, its channels."""
    numbering: Numbering
    proven: bool
    """Whether the numbering is a setting or was confirmed by an admin."""
    lock: Lock | None
    checked: tuple[str, ...]
    """Kinds of calls (``POST``, ``PUT`` …) whose first one was read back."""
    waiting: int
    """Changes that wait for quota, a key or their turn."""
    unclear: int
    """Changes whose outcome is being found out."""
    next_due: datetime | None
    to_send: int
    unsent: tuple[Unsent, ...]
    linked: int
    people: int
    weeks: int
    listed_at: datetime | None
    database_bytes: int


class Health:
    """Looks at everything, changes nothing, and asks Focus nothing."""

    def __init__(
        self,
        database: Database,
        *,
        team_id: str,
        quota: Callable[[], Quota],
        budget: Budget,
        weekdays: Weekdays,
        alarms: Alarms,
    ) -> None:
        self._database = database
        self._team_id = team_id
        self._quota = quota
        self._budget = budget
        self._weekdays = weekdays
        self._alarms = alarms

    async def report(self, permit: Permit) -> Report:
        """How things are now; for admins."""
        if permit.action is not Action.ADMINISTER:
            raise TypeError("the state of a deployment is for those who administer it")
        counted, unsent = await self._database.read(
            lambda sql: (self._counted(sql), [_unsent(row) for row in self._failing(sql)])
        )
        return Report(
            quota=self._quota(),
            reserve=self._budget.kept,
            alarms=self._alarms.standing,
            numbering=self._weekdays.numbering,
            proven=self._weekdays.proven,
            lock=self._weekdays.lock,
            checked=self._weekdays.checked,
            waiting=counted["waiting"],
            unclear=counted["unclear"],
            next_due=_time(counted["next_due"]),
            to_send=counted["to_send"],
            unsent=tuple(unsent),
            linked=counted["linked"],
            people=counted["people"],
            weeks=counted["weeks"],
            listed_at=_time(counted["listed_at"]),
            database_bytes=self._bytes(),
        )

    def _counted(self, sql: Sql) -> Row:
        (found,) = rows(
            sql,
            """
            SELECT
              (SELECT count(*) FROM changes WHERE team_id = :team AND state = 'waiting') AS waiting,
              (SELECT count(*) FROM changes
                WHERE team_id = :team AND state IN ('started', 'unclear')) AS unclear,
              (SELECT min(due_at) FROM changes WHERE team_id = :team AND state = 'waiting') AS next_due,
              (SELECT count(*) FROM outbox WHERE team_id = :team AND shown < version) AS to_send,
              (SELECT count(*) FROM links WHERE team_id = :team) AS linked,
              (SELECT count(*) FROM people WHERE team_id = :team AND active) AS people,
              (SELECT max(as_of) FROM people WHERE team_id = :team) AS listed_at,
              (SELECT count(*) FROM weeks WHERE team_id = :team) AS weeks
            """,
            {"team": self._team_id},
        )
        return found

    def _failing(self, sql: Sql) -> list[Row]:
        return rows(
            sql,
            "SELECT recipient, failure, min(at) AS since, max(shown < version) AS still FROM outbox"
            " WHERE team_id = ? AND failure IS NOT NULL GROUP BY recipient, failure"
            " ORDER BY since DESC LIMIT 10",
            (self._team_id,),
        )

    def _bytes(self) -> int:
        path = Path(self._database.path)
        files = (path, path.with_name(f"{path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())


def _unsent(row: Row) -> Unsent:
    return Unsent(
        row["recipient"], row["failure"], datetime.fromisoformat(row["since"]), given_up=not row["still"]
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
