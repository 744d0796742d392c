"""Reminders: what is posted in which channel, and when; who made it looks after it.

What became of each time is a run (:mod:`store.reminders.running`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

from store.access import Action, Permit
from store.database import Database, Row, Sql, rows
from store.ids import new_id
from store.outbox import Outbox
from store.reminders import reminder, run
from store.reminders.reminder import Reminder, ReminderKind, ReminderState, Span
from store.reminders.rules import Due, Schedule
from store.reminders.run import Run, RunState

__all__ = [
    "Reminder",
    "ReminderGoneError",
    "ReminderKind",
    "ReminderState",
    "Reminders",
    "SameReminderError",
    "Span",
]


class ReminderGoneError(Exception):
    """There is no such reminder, or it has another owner meanwhile."""


class SameReminderError(Exception):
    """There is exactly this reminder already: a channel would see everything twice."""

    def __init__(self, reminder: Reminder) -> None:
        super().__init__(reminder.id)
        self.reminder = reminder


class Reminders:
    """The reminders of one team."""

    def __init__(self, database: Database, outbox: Outbox, *, team_id: str) -> None:
        self._database = database
        self._outbox = outbox
        self._team_id = team_id

    async def add(
        self,
        permit: Permit,
        *,
        kind: ReminderKind,
        channel: str,
        group: str | None,
        schedule: Schedule,
        span: Span,
        now: datetime,
    ) -> Reminder:
        """Make a reminder; it is its maker's.

        Raises:
            SameReminderError: there is one that posts the same for the same people at the same times.
        """
        if permit.action is not Action.REMIND:
            raise TypeError("reminders are made with a permit to remind")
        due = schedule.next_after(now)
        made = Reminder(
            id=new_id(),
            team_id=self._team_id,
            owner=permit.actor.user_id,
            kind=kind,
            channel=channel,
            group=group,
            schedule=schedule,
            span=span,
            state=ReminderState.ACTIVE,
            paused_until=None,
            failures=0,
            reason="",
            failing_since="",
            next_at=due.at,
            at=now,
        )

        def write(sql: Sql) -> None:
            if same := reminder.same_as(sql, made):
                raise SameReminderError(same)
            reminder.insert(sql, made)
            reminder.put_next(sql, made.id, due)

        await self._database.write(write)
        return made

    async def change(
        self,
        permit: Permit,
        reminder_id: str,
        *,
        kind: ReminderKind,
        channel: str,
        group: str | None,
        schedule: Schedule,
        span: Span,
        now: datetime,
    ) -> Reminder:
        """Put all of it anew. What its failures had paused goes on; what somebody paused does not.

        Raises:
            ReminderGoneError: it was deleted, or is somebody else's by now.
        """

        def write(sql: Sql, old: Reminder) -> None:
            sql.execute(
                "UPDATE reminders SET kind = ?, channel = ?, user_group = ?, schedule = ?, span = ?"
                " WHERE reminder_id = ?",
                (kind, channel, group, json.dumps(schedule.to_json()), span, old.id),
            )
            if old.state is ReminderState.ACTIVE or old.failures:
                reminder.go_on(sql, old, _next(sql, old, schedule, now), now=now)
            elif old.paused_until:
                reminder.put_next(sql, old.id, reminder.first_from(schedule, old.paused_until, now=now))

        return await self._manage(permit, reminder_id, write)

    async def pause(self, permit: Permit, reminder_id: str, *, until: date | None, now: datetime) -> Reminder:
        """Post nothing before ``until``, a day in its zone; without one until somebody resumes it.

        Raises:
            ReminderGoneError: as above.
        """

        def write(sql: Sql, old: Reminder) -> None:
            sql.execute(
                "UPDATE reminders SET state = 'paused', paused_until = ?, failures = 0, reason = NULL,"
                " failing_since = NULL WHERE reminder_id = ?",
                (until and until.isoformat(), old.id),
            )
            reminder.put_next(
                sql, old.id, reminder.first_from(old.schedule, until, now=now) if until else None
            )
            reminder.told_anew(sql, old, now=now)

        return await self._manage(permit, reminder_id, write)

    async def resume(self, permit: Permit, reminder_id: str, *, now: datetime) -> Reminder:
        """Post it again from its next time on.

        Raises:
            ReminderGoneError: as above.
        """
        return await self._manage(
            permit,
            reminder_id,
            lambda sql, old: reminder.go_on(sql, old, old.schedule.next_after(now), now=now),
        )

    async def delete(self, permit: Permit, reminder_id: str, *, now: datetime) -> Reminder:
        """End it; what is in the channel stays there until its day is over.

        Raises:
            ReminderGoneError: as above.
        """
        return await self._manage(permit, reminder_id, lambda sql, old: reminder.end(sql, old, now=now))

    async def take_over(self, permit: Permit, reminder_id: str, *, owner: str, now: datetime) -> Reminder:
        """Give it another owner, in whose name it goes on.

        Raises:
            ReminderGoneError: as above.
        """
        return await self._manage(
            permit, reminder_id, lambda sql, old: reminder.hand_over(sql, old, to=owner, now=now)
        )

    async def post_now(self, permit: Permit, reminder_id: str, *, now: datetime) -> str:
        """Have it posted at once, beside its times; the run's id. Pressed twice in a minute: once.

        Raises:
            ReminderGoneError: as above.
        """
        made: list[str] = []

        def write(sql: Sql, old: Reminder) -> None:
            local = old.schedule.local(now)
            extra = Run(
                id=f"{old.id}:{local:%Y-%m-%dT%H%M}",
                team_id=self._team_id,
                reminder_id=old.id,
                day=local.date(),
                due_at=now,
                state=RunState.CLAIMED,
                channel=old.channel,
            )
            run.insert(sql, extra, leased_until=now)
            made.append(extra.id)

        await self._manage(permit, reminder_id, write)
        return made[-1]

    async def get(self, reminder_id: str) -> Reminder | None:
        """A reminder that was not deleted."""
        found = await self._database.read(lambda sql: reminder.find(sql, reminder_id, team_id=self._team_id))
        return found if found and found.state is not ReminderState.DELETED else None

    async def must(self, reminder_id: str) -> Reminder:
        """A reminder that was not deleted.

        Raises:
            ReminderGoneError: it was, or there never was one.
        """
        found = await self.get(reminder_id)
        if found is None:
            raise ReminderGoneError(reminder_id)
        return found

    async def of_run(self, each: Run) -> Reminder:
        """The reminder a run belongs to, deleted or not."""
        found = await self._database.read(
            lambda sql: reminder.find(sql, each.reminder_id, team_id=self._team_id)
        )
        if found is None:
            raise ReminderGoneError(each.reminder_id)
        return found

    async def every(self) -> tuple[Reminder, ...]:
        """All that were not deleted, the oldest first."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT * FROM reminders WHERE team_id = ? AND state <> 'deleted' ORDER BY at, reminder_id",
                (self._team_id,),
            )
        )
        return tuple(map(reminder.loaded, found))

    async def recompute(self) -> int:
        """Work out anew when each is due: the zone database may have changed; how many it moved."""

        def differing(sql: Sql) -> list[tuple[Row, Due]]:
            waiting = rows(
                sql, "SELECT * FROM reminders WHERE team_id = ? AND next_at IS NOT NULL", (self._team_id,)
            )
            found = [
                (row, next(reminder.loaded(row).schedule.from_day(date.fromisoformat(row["next_day"]))))
                for row in waiting
            ]
            return [(row, due) for row, due in found if due.at.isoformat() != row["next_at"]]

        def move(sql: Sql) -> int:
            moved = differing(sql)
            for row, due in moved:
                reminder.put_next(sql, row["reminder_id"], due)
            return len(moved)

        return await self._database.write(move) if await self._database.read(differing) else 0

    async def _manage(
        self, permit: Permit, reminder_id: str, change: Callable[[Sql, Reminder], None]
    ) -> Reminder:
        """Change a reminder of the permit's owner; the reminder as it is then."""
        if permit.action is not Action.MANAGE_REMINDER:
            raise TypeError("a reminder is changed with a permit to manage it")

        def write(sql: Sql) -> Reminder:
            old = reminder.find(sql, reminder_id, team_id=self._team_id)
            if old is None or old.state is ReminderState.DELETED or old.owner != permit.owner:
                raise ReminderGoneError(reminder_id)
            change(sql, old)
            return reminder.find(sql, reminder_id, team_id=self._team_id) or old

        managed = await self._database.write(write)
        self._outbox.stirred.set()
        return managed


def _next(sql: Sql, old: Reminder, schedule: Schedule, now: datetime) -> Due:
    """The next time by a changed schedule; a day on which it was posted already has no other."""
    had = run.days_with_one(sql, old.id)
    yesterday = schedule.local(now).date() - timedelta(days=1)
    return next(due for due in schedule.from_day(yesterday) if due.at > now and due.day not in had)
