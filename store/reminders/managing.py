"""Create, change, pause, delete and look up reminders. Only the owner and admins may manage a reminder.

Each time a reminder is due is a run (:mod:`store.reminders.running`).
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
    """The reminder does not exist (any more), or has another owner by now."""


class SameReminderError(Exception):
    """An equal reminder exists already, so the channel would see everything twice."""

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
        """Create a reminder owned by the permit's actor.

        Raises:
            SameReminderError: a reminder exists that posts the same for the same people at the same times.
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
        """Replace all settings of a reminder. A pause caused by failures ends; one made by a person stays.

        Raises:
            ReminderGoneError: the reminder was deleted, or has another owner by now.
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
        """Pause a reminder until ``until``, a day in its time zone; without a day, until it is resumed.

        Raises:
            ReminderGoneError: as :meth:`change`.
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
        """Resume a paused reminder, from its next time on.

        Raises:
            ReminderGoneError: as :meth:`change`.
        """
        return await self._manage(
            permit,
            reminder_id,
            lambda sql, old: reminder.go_on(sql, old, old.schedule.next_after(now), now=now),
        )

    async def delete(self, permit: Permit, reminder_id: str, *, now: datetime) -> Reminder:
        """Delete a reminder; a check already posted stays open until its day is over.

        Raises:
            ReminderGoneError: as :meth:`change`.
        """
        return await self._manage(permit, reminder_id, lambda sql, old: reminder.end(sql, old, now=now))

    async def take_over(self, permit: Permit, reminder_id: str, *, owner: str, now: datetime) -> Reminder:
        """Give a reminder another owner.

        Raises:
            ReminderGoneError: as :meth:`change`.
        """
        return await self._manage(
            permit, reminder_id, lambda sql, old: reminder.hand_over(sql, old, to=owner, now=now)
        )

    async def post_now(self, permit: Permit, reminder_id: str, *, now: datetime) -> str:
        """Have a reminder posted now, in addition to its times, at most once a minute; return the run's id.

        Raises:
            ReminderGoneError: as :meth:`change`.
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
        self._outbox.stirred.set()  # the run is due
        return made[-1]

    async def get(self, reminder_id: str) -> Reminder | None:
        """The reminder with this id; ``None`` if it was deleted."""
        found = await self._database.read(lambda sql: reminder.find(sql, reminder_id, team_id=self._team_id))
        return found if found and found.state is not ReminderState.DELETED else None

    async def must(self, reminder_id: str) -> Reminder:
        """The reminder with this id, which must exist.

        Raises:
            ReminderGoneError: it was deleted, or never existed.
        """
        found = await self.get(reminder_id)
        if found is None:
            raise ReminderGoneError(reminder_id)
        return found

    async def of_run(self, each: Run) -> Reminder:
        """The reminder of a run, deleted or not."""
        found = await self._database.read(
            lambda sql: reminder.find(sql, each.reminder_id, team_id=self._team_id)
        )
        if found is None:
            raise ReminderGoneError(each.reminder_id)
        return found

    async def every(self) -> tuple[Reminder, ...]:
        """All reminders that were not deleted, oldest first."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT * FROM reminders WHERE team_id = ? AND state <> 'deleted' ORDER BY at, reminder_id",
                (self._team_id,),
            )
        )
        return tuple(map(reminder.loaded, found))

    async def recompute(self) -> int:
        """Recompute due times, as the time zone database may have changed; return how many have moved."""

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
        """Run ``change`` on a reminder of the permit's owner; return the changed reminder."""
        if permit.action is not Action.MANAGE_REMINDER:
            raise TypeError("a reminder is changed with a permit to manage it")

        def write(sql: Sql) -> Reminder:
            old = reminder.find(sql, reminder_id, team_id=self._team_id)
            if old is None or old.state is ReminderState.DELETED or old.owner != permit.owner:
                raise ReminderGoneError(reminder_id)
            change(sql, old)
            return reminder.find(sql, reminder_id, team_id=self._team_id) or old

        return await self._database.write(write)


def _next(sql: Sql, old: Reminder, schedule: Schedule, now: datetime) -> Due:
    """The next time by a changed schedule, without days on which the reminder was posted already."""
    had = run.days_with_one(sql, old.id)
    yesterday = schedule.local(now).date() - timedelta(days=1)
    return next(due for due in schedule.from_day(yesterday) if due.at > now and due.day not in had)
