"""The life of runs: claimed when a reminder is due, composed, posted, and closed when their day ends.

A claim inserts the run, whose id consists of the reminder's id and the local day, in the transaction that
sets the reminder's next time. So each day has one run, whatever clocks and processes do.
:mod:`store.reminders.posting` posts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import takewhile

from store.database import Database, Row, Sql, rows
from store.messages import MessageKind, put, touch
from store.outbox import Outbox
from store.reminders import outcomes, reminder, run
from store.reminders.reminder import Reminder, ReminderState
from store.reminders.rules import Due
from store.reminders.run import LEAVE_UNKNOWN, Answer, Invited, Run, RunState

__all__ = ["Answer", "Invited", "Run", "RunState", "Runs"]

COMPOSED_WITHIN = timedelta(minutes=1)
"""How long a process may take to compose a run; after that another process may claim it."""

BATCH = 100


class Runs:
    """The runs of one team."""

    def __init__(self, database: Database, outbox: Outbox, *, team_id: str, grace: timedelta) -> None:
        self._database = database
        self._outbox = outbox
        self._team_id = team_id
        self.grace = grace
        """The grace period: how late a run may still be posted."""

    # -------------------------------------------------------------- claiming and composing

    async def claim_due(self, now: datetime) -> tuple[Run, ...]:
        """Claim runs for this process to compose: new ones, and those whose process did not finish in time.

        Runs later than the grace period are skipped, and their owners told.
        """
        due = {"team": self._team_id, "now": now.isoformat()}
        waiting = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT 1 FROM reminders WHERE team_id = :team AND next_at <= :now UNION ALL"
                " SELECT 1 FROM runs WHERE team_id = :team AND state = 'claimed' AND leased_until <= :now"
                " LIMIT 1",
                due,
            )
        )
        if not waiting:
            return ()

        def claim(sql: Sql) -> tuple[Run, ...]:
            for row in rows(
                sql,
                "SELECT * FROM reminders WHERE team_id = :team AND next_at <= :now"
                " ORDER BY next_at LIMIT :most",
                {**due, "most": BATCH},
            ):
                self._move_on(sql, row, now)
            leased = rows(
                sql,
                "UPDATE runs SET leased_until = :until WHERE run_id IN (SELECT run_id FROM runs"
                " WHERE team_id = :team AND state = 'claimed' AND leased_until <= :now"
                " ORDER BY leased_until LIMIT :most) RETURNING *",
                {**due, "until": (now + COMPOSED_WITHIN).isoformat(), "most": BATCH},
            )
            claimed = run.loaded(sql, leased)
            late = [each for each in claimed if now - each.due_at > self.grace]  # their process died
            for each in late:
                outcomes.skip(sql, each, now=now)
            return tuple(each for each in claimed if each not in late)

        claimed = await self._database.write(claim)
        self._outbox.stirred.set()  # more may be due than one batch
        return claimed

    def _move_on(self, sql: Sql, row: Row, now: datetime) -> None:
        """Insert the runs of a reminder that have become due, skip missed ones, and set its next time."""
        old = reminder.loaded(row)
        next_day = datetime.fromisoformat(row["next_day"]).date()
        over = list(takewhile(lambda due: due.at <= now, old.schedule.from_day(next_day)))
        if old.state is ReminderState.PAUSED:
            reminder.go_on(sql, old, old.schedule.next_after(now), now=now)
        reminder.put_next(sql, old.id, old.schedule.next_after(now))
        for due in over:
            each = self._new(old, due)
            missed = due is not over[-1] or now - due.at > self.grace
            if (made := run.insert_for_day(sql, each)) and missed:
                outcomes.skip(sql, made, now=now)

    def _new(self, old: Reminder, due: Due) -> Run:
        return Run(
            id=f"{old.id}:{due.day}",
            team_id=self._team_id,
            reminder_id=old.id,
            day=due.day,
            due_at=due.at,
            state=RunState.CLAIMED,
            channel=old.channel,
        )

    async def ready(
        self, run_id: str, people: Iterable[Invited], *, leave_known: bool = True, now: datetime
    ) -> bool:
        """Store the people a run names, and enqueue its message; ``False`` if another process was faster."""

        def write(sql: Sql) -> bool:
            reason = "" if leave_known else LEAVE_UNKNOWN
            if not outcomes.move(sql, run_id, RunState.CLAIMED, RunState.READY, reason=reason):
                return False
            each = outcomes.must(sql, run_id)
            run.invite(sql, each, people)
            if not leave_known:
                outcomes.asks_blindly(sql, each, now=now)
            put(
                sql, team_id=self._team_id, kind=MessageKind.REMINDER, about=run_id,
                recipient=each.channel, now=now,
            )  # fmt: skip
            return True

        return await self._database.write(write)

    async def empty(self, run_id: str, *, now: datetime) -> bool:
        """End a run without a post, as nobody has to be asked; ``False`` if another process was faster."""

        def write(sql: Sql) -> bool:
            moved = outcomes.move(sql, run_id, RunState.CLAIMED, RunState.EMPTY)
            if moved:
                outcomes.works(sql, outcomes.must(sql, run_id), now=now)
            return moved

        return await self._database.write(write)

    # -------------------------------------------------------------- afterwards

    async def get(self, run_id: str) -> Run | None:
        """The run with this id."""
        return await self._database.read(lambda sql: run.load(sql, run_id))

    async def missed_since(self, first: Run) -> tuple[Run, ...]:
        """The runs of a reminder, from this one on, that could not be posted in time."""
        return await self._database.read(
            lambda sql: run.loaded(
                sql,
                rows(
                    sql,
                    "SELECT * FROM runs WHERE reminder_id = ? AND due_at >= ? AND state = 'skipped'"
                    " AND reason = ? ORDER BY due_at",
                    (first.reminder_id, first.due_at.isoformat(), outcomes.LATE),
                ),
            )
        )

    async def last(self) -> Mapping[str, Run]:
        """The latest run of each reminder, by the reminder's id."""
        found = await self._database.read(
            lambda sql: run.loaded(
                sql,
                rows(
                    sql,
                    "SELECT *, max(due_at) FROM runs WHERE team_id = ? GROUP BY reminder_id",
                    (self._team_id,),
                ),
            )
        )
        return {each.reminder_id: each for each in found}

    async def any_open(self, now: datetime) -> bool:
        """Whether a check has to be closed or a person nudged now."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT 1 FROM runs WHERE team_id = :team AND state = 'posted' AND closes_at <= :now"
                " UNION ALL SELECT 1 FROM run_people WHERE team_id = :team AND nudge_at <= :now LIMIT 1",
                {"team": self._team_id, "now": now.isoformat()},
            )
        )
        return bool(found)

    async def to_close(self, now: datetime) -> tuple[Run, ...]:
        """The posted checks whose local day is over."""
        return await self._database.read(
            lambda sql: run.loaded(
                sql,
                rows(
                    sql,
                    "SELECT * FROM runs WHERE team_id = ? AND state = 'posted' AND closes_at <= ?"
                    " ORDER BY closes_at LIMIT ?",
                    (self._team_id, now.isoformat(), BATCH),
                ),
            )
        )

    async def close(self, run_id: str, *, report: datetime | None, now: datetime) -> bool:
        """Close a check: have its message edited to a short form, and the owner sent a report at ``report``.

        Returns ``False`` if it was closed before.
        """

        def write(sql: Sql) -> bool:
            if not outcomes.move(sql, run_id, RunState.POSTED, RunState.CLOSED):
                return False
            each = outcomes.must(sql, run_id)
            touch(sql, team_id=self._team_id, abouts=(run_id,), now=now)
            if report:
                put(
                    sql, team_id=self._team_id, kind=MessageKind.REPORT, about=run_id,
                    recipient=outcomes.reminder_of(sql, each).owner, now=now, due_at=report,
                )  # fmt: skip
            return True

        return await self._database.write(write)

    async def nudges_due(self, now: datetime) -> tuple[tuple[Run, Invited], ...]:
        """The people who have not answered and are to be nudged now, each with the run."""

        def look(sql: Sql) -> tuple[tuple[Run, Invited], ...]:
            found = rows(
                sql,
                "SELECT run_id, slack_user_id FROM run_people WHERE team_id = ? AND nudge_at <= ?"
                " ORDER BY nudge_at LIMIT ?",
                (self._team_id, now.isoformat(), BATCH),
            )
            runs = {row["run_id"]: outcomes.must(sql, row["run_id"]) for row in found}
            wanted = {(row["run_id"], row["slack_user_id"]) for row in found}
            return tuple(
                (each, person)
                for each in runs.values()
                for person in each.people
                if (each.id, person.slack_user_id) in wanted
            )

        return await self._database.read(look)

    async def nudged(self, run_id: str, user_id: str, *, tell: bool, now: datetime) -> bool:
        """End a person's one nudge: enqueue it (``tell``) or drop it; ``False`` if that was done before."""

        def write(sql: Sql) -> bool:
            taken = sql.execute(
                "UPDATE run_people SET nudge_at = NULL WHERE run_id = ? AND slack_user_id = ?"
                " AND nudge_at IS NOT NULL",
                (run_id, user_id),
            )
            if taken.rowcount and tell:
                put(
                    sql, team_id=self._team_id, kind=MessageKind.NUDGE, about=f"{run_id}/{user_id}",
                    recipient=user_id, now=now,
                )  # fmt: skip
            return taken.rowcount == 1

        return await self._database.write(write)

    async def nudge_later(self, run_id: str, user_id: str, *, at: datetime) -> None:
        """Postpone a person's nudge, because they are away or do not work today."""
        await self._database.write(
            lambda sql: sql.execute(
                "UPDATE run_people SET nudge_at = ? WHERE run_id = ? AND slack_user_id = ?"
                " AND nudge_at IS NOT NULL",
                (at.isoformat(), run_id, user_id),
            )
        )
