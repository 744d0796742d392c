"""Runs: each time a reminder is due is claimed once, composed, posted once, and closed when its day ends.

A claim inserts the run, whose id is the reminder's and its local day, in the transaction that moves the
reminder on: whatever clocks and processes do, a day has one. :mod:`store.reminders.posting` posts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import takewhile

from store.database import Database, Row, Sql, rows
from store.outbox import MessageKind, Outbox, put, touch
from store.reminders import outcomes, reminder, run
from store.reminders.reminder import Reminder, ReminderState
from store.reminders.rules import Due
from store.reminders.run import LEAVE_UNKNOWN, Answer, Invited, Run, RunState

__all__ = ["Answer", "Invited", "Run", "RunState", "Runs"]

COMPOSED_WITHIN = timedelta(minutes=1)
"""Then whoever claimed the run counts as gone, and somebody else finds out whom it names."""

BATCH = 100


class Runs:
    """The runs of one team."""

    def __init__(self, database: Database, outbox: Outbox, *, team_id: str, grace: timedelta) -> None:
        self._database = database
        self._outbox = outbox
        self._team_id = team_id
        self.grace = grace
        """How late a run may still be posted."""

    # -------------------------------------------------------------- claiming and composing

    async def claim_due(self, now: datetime) -> tuple[Run, ...]:
        """Runs for this process to compose: new ones, and those whose process fell silent.

        What is later than the grace is skipped; the owner is told.
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
            late = [each for each in claimed if now - each.due_at > self.grace]  # left by a silent process
            for each in late:
                outcomes.skip(sql, each, now=now)
            return tuple(each for each in claimed if each not in late)

        claimed = await self._database.write(claim)
        self._outbox.stirred.set()
        return claimed

    def _move_on(self, sql: Sql, row: Row, now: datetime) -> None:
        """Make the runs that have become due, and put the reminder's next time."""
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
        """Whom it names is known: it goes into the outbox. ``False`` if somebody was first."""

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

        done = await self._database.write(write)
        self._outbox.stirred.set()
        return done

    async def empty(self, run_id: str, *, now: datetime) -> bool:
        """There is nobody to ask, so nothing is posted. ``False`` if somebody was first."""

        def write(sql: Sql) -> bool:
            moved = outcomes.move(sql, run_id, RunState.CLAIMED, RunState.EMPTY)
            if moved:
                outcomes.works(sql, outcomes.must(sql, run_id), now=now)
            return moved

        done = await self._database.write(write)
        self._outbox.stirred.set()
        return done

    # -------------------------------------------------------------- afterwards

    async def get(self, run_id: str) -> Run | None:
        """A run."""
        return await self._database.read(lambda sql: run.load(sql, run_id))

    async def missed_since(self, first: Run) -> tuple[Run, ...]:
        """This run and those of its reminder after it that could not be posted in time."""
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
        """Reminder id -> its latest run."""
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
        """Whether there is a check to close, or somebody to remind once more."""
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
        """Checks whose local day is over."""
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
        """Its message shrinks; at ``report``, if ever, the owner hears who has not answered. Once."""

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
        """Who has not answered, and is to be reminded once more now."""

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
        """The one nudge of this person is over: told, or not needed any more. ``False``: it was before."""

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

        nudged = await self._database.write(write)
        self._outbox.stirred.set()
        return nudged

    async def nudge_later(self, run_id: str, user_id: str, *, at: datetime) -> None:
        """Not today after all: they are away, or do not work."""
        await self._database.write(
            lambda sql: sql.execute(
                "UPDATE run_people SET nudge_at = ? WHERE run_id = ? AND slack_user_id = ?"
                " AND nudge_at IS NOT NULL",
                (at.isoformat(), run_id, user_id),
            )
        )
