"""How the deployment is: what waits, what could not be sent, how big the file is. For status pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from store.access import Action, Permit
from store.alarms import Alarm, Alarms
from store.database import Database, Row, Sql, rows
from store.facts import Facts
from store.focus import Budget, Numbering, Quota
from store.weekdays import Lock, Weekdays

__all__ = ["Health", "LastRun", "Report", "Unsent"]


@dataclass(frozen=True, slots=True)
class Unsent:
    """A message that Slack does not take: for whom, in Slack's own word why, since when."""

    recipient: str
    reason: str
    since: datetime
    given_up: bool


@dataclass(frozen=True, slots=True)
class LastRun:
    """The latest run of a reminder, and its state in the words of :class:`store.run.RunState`."""

    channel: str
    state: str
    reason: str
    due_at: datetime


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
    last_run: LastRun | None
    reminders: int
    reminders_failing: tuple[LastRun, ...]
    """The latest run of each reminder whose runs fail, or that was paused because they did."""
    next_reminder: datetime | None
    plans: int
    """Changes that are planned, hold now, or wait for a decision."""
    plans_asked: int
    """Those whose time came and that were not allowed."""
    next_plan: datetime | None
    linked: int
    people: int
    weeks: int
    placeholders: int | None
    """As last listed; ``None``: no workspace is set, so there can be none."""
    placeholder_weeks: int
    listed_at: datetime | None
    database_bytes: int


_FIRST_RUN = "first_run_over"

_LATEST_OF_FAILING = (
    "failures > 0 AND reminders.state != 'deleted' AND runs.due_at ="
    " (SELECT max(due_at) FROM runs AS others WHERE others.reminder_id = runs.reminder_id)"
)


class Health:
    """Looks at everything and asks Focus nothing."""

    def __init__(
        self,
        database: Database,
        *,
        team_id: str,
        quota: Callable[[], Quota],
        budget: Budget,
        weekdays: Weekdays,
        facts: Facts,
        alarms: Alarms,
        has_workspace: bool,
    ) -> None:
        self._database = database
        self._team_id = team_id
        self._quota = quota
        self._budget = budget
        self._weekdays = weekdays
        self._facts = facts
        self._alarms = alarms
        self._has_workspace = has_workspace

    async def report(self, permit: Permit) -> Report:
        """How things are now; for admins."""
        if permit.action is not Action.ADMINISTER:
            raise TypeError("the state of a deployment is for those who administer it")
        counted, unsent, runs, failing = await self._database.read(
            lambda sql: (
                self._counted(sql),
                [_unsent(row) for row in self._failing(sql)],
                [_run(row) for row in self._runs(sql, "1", limit=1)],
                [_run(row) for row in self._runs(sql, _LATEST_OF_FAILING, limit=10)],
            )
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
            last_run=runs[0] if runs else None,
            reminders=counted["reminders"],
            reminders_failing=tuple(failing),
            next_reminder=_time(counted["next_reminder"]),
            plans=counted["plans"],
            plans_asked=counted["plans_asked"],
            next_plan=_time(counted["next_plan"]),
            linked=counted["linked"],
            people=counted["people"],
            weeks=counted["weeks"],
            placeholders=counted["placeholders"] if self._has_workspace else None,
            placeholder_weeks=counted["placeholder_weeks"],
            listed_at=_time(counted["listed_at"]),
            database_bytes=self._bytes(),
        )

    @property
    def first_run_is_over(self) -> bool:
        """Whether the first steps were done once, or hidden."""
        return bool(self._facts.get(_FIRST_RUN))

    async def end_first_run(self, permit: Permit, *, now: datetime) -> None:
        """Show the first steps no more, to no admin."""
        if permit.action is not Action.ADMINISTER:
            raise TypeError("the first steps are the admins'")
        await self._facts.put(_FIRST_RUN, now.isoformat(), now=now)

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

    def _runs(self, sql: Sql, which: str, *, limit: int) -> list[Row]:
        return rows(
            sql,
            "SELECT runs.channel, runs.state, coalesce(runs.reason, '') AS reason, runs.due_at FROM runs"  # noqa: S608 - ``which`` is this module's own
            f" JOIN reminders USING (reminder_id) WHERE runs.team_id = ? AND {which}"
            " ORDER BY runs.due_at DESC LIMIT ?",
            (self._team_id, limit),
        )

    def _bytes(self) -> int:
        path = Path(self._database.path)
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
