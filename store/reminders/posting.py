"""Post a run exactly once, even if Slack's answer is lost.

Each attempt is recorded before it is made. If an attempt has no clear answer, the run is sent again only if
the attempt is known not to have arrived, or Slack is known to deduplicate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from store.access import Action, Permit
from store.database import Database, Sql, rows
from store.messages import Message, mark_sent, touch
from store.reminders import outcomes, run
from store.reminders.managing import ReminderGoneError
from store.reminders.reminder import Reminder, ReminderState
from store.reminders.run import Run, RunState

__all__ = ["Attempt", "Posting"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A run to be posted now."""

    run: Run
    reminder: Reminder
    tried_at: datetime | None
    """When it was last sent without a clear answer, so that it may be in the channel; ``None``: never."""
    too_late: bool
    """Whether the grace period is over, so that it may not be sent, only found if it has arrived."""


class Posting:
    """Records the attempts to post the runs of one team, and their outcomes."""

    def __init__(
        self,
        database: Database,
        *,
        team_id: str,
        admins: frozenset[str],
        grace: timedelta,
    ) -> None:
        self._database = database
        self._team_id = team_id
        self._admins = admins
        self._grace = grace

    async def begin(self, run_id: str, *, now: datetime) -> Attempt | None:
        """Record an attempt before the run is sent; ``None`` if there is nothing to send.

        A run that is too late, or whose reminder was deleted, and that was never tried, is skipped.
        """

        def write(sql: Sql) -> Attempt | None:
            each = run.load(sql, run_id)
            if each is None or each.state is not RunState.READY:
                return None
            old = outcomes.reminder_of(sql, each)
            (row,) = rows(sql, "SELECT tried_at, wanted_at FROM runs WHERE run_id = ?", (run_id,))
            too_late = now - datetime.fromisoformat(row["wanted_at"]) > self._grace
            if row["tried_at"] is None and (too_late or old.state is ReminderState.DELETED):
                outcomes.skip(sql, each, now=now)
                return None
            if row["tried_at"] is None:
                _tried(sql, run_id, now)
            tried_at = datetime.fromisoformat(row["tried_at"]) if row["tried_at"] else None
            return Attempt(each, old, tried_at, too_late)

        return await self._database.write(write)

    async def again(self, run_id: str, *, now: datetime) -> None:
        """Record another attempt: the earlier one is known not to have arrived, or Slack deduplicates."""
        await self._database.write(lambda sql: _tried(sql, run_id, now))

    async def not_taken(self, run_id: str) -> None:
        """Clear the recorded attempt because Slack refused the post: the next attempt counts as the first."""
        await self._database.write(lambda sql: _tried(sql, run_id, None))

    async def posted(self, message: Message, *, channel: str | None, ts: str | None, now: datetime) -> None:
        """Record that a run is in the channel; ``ts`` is ``None`` if its timestamp in Slack is not known."""

        def write(sql: Sql) -> None:
            mark_sent(sql, message, channel=channel, ts=ts)
            outcomes.is_there(sql, message.about, ts=ts, now=now)

        await self._database.write(write)

    async def skip(self, run_id: str, *, now: datetime) -> None:
        """Skip a run for which it is too late, and no attempt of which has arrived."""
        await self._database.write(lambda sql: outcomes.skip(sql, outcomes.must(sql, run_id), now=now))

    async def fail(self, run_id: str, *, reason: str, tell: bool, now: datetime) -> None:
        """Record that a run cannot be posted; after three failures in a row its reminder is paused.

        With ``tell``, the owner and the admins are told.
        """

        def write(sql: Sql) -> None:
            for state in (RunState.CLAIMED, RunState.READY):
                if outcomes.move(sql, run_id, state, RunState.FAILED, reason=reason):
                    outcomes.fails(
                        sql,
                        outcomes.must(sql, run_id),
                        reason=reason,
                        admins=self._admins if tell else None,
                        now=now,
                    )

        await self._database.write(write)

    async def unclear(self, run_id: str, *, now: datetime) -> None:
        """Mark a run of which it is not known whether it arrived, and ask the reminder's owner to look."""

        def write(sql: Sql) -> None:
            if outcomes.move(sql, run_id, RunState.READY, RunState.UNCLEAR):
                each = outcomes.must(sql, run_id)
                owner = outcomes.reminder_of(sql, each).owner
                outcomes.alert(sql, each, code="run_unclear", about=run_id, recipients={owner}, now=now)

        await self._database.write(write)

    async def settle(self, permit: Permit, run_id: str, *, there: bool, now: datetime) -> bool:
        """Settle an unclear run after a person has looked: it is there, or it is to be posted again.

        Returns ``False`` if it was settled before.

        Raises:
            ReminderGoneError: the reminder has another owner by now.
        """
        if permit.action is not Action.MANAGE_REMINDER:
            raise TypeError("a run is settled with a permit to manage its reminder")

        def write(sql: Sql) -> bool:
            each = outcomes.must(sql, run_id)
            if outcomes.reminder_of(sql, each).owner != permit.owner:
                raise ReminderGoneError(each.reminder_id)
            touch(sql, team_id=self._team_id, abouts=(f"run_unclear:{run_id}",), now=now)
            if each.state is not RunState.UNCLEAR:
                return False
            if there:
                outcomes.is_there(sql, run_id, ts=None, now=now)
                return True
            sql.execute(
                "UPDATE runs SET state = 'ready', tried_at = NULL, wanted_at = ? WHERE run_id = ?",
                (now.isoformat(), run_id),
            )
            touch(sql, team_id=self._team_id, abouts=(run_id,), now=now)
            return True

        return await self._database.write(write)

    async def seen(self, run_id: str, *, channel: str, ts: str, now: datetime) -> None:
        """Record a run as posted, with channel and timestamp, because a button in its message was pressed."""

        def write(sql: Sql) -> None:
            each = run.load(sql, run_id)
            if each is None or each.ts:
                return
            sql.execute(
                "UPDATE outbox SET channel = ?, ts = ? WHERE team_id = ? AND kind = 'reminder' AND about = ?"
                " AND ts IS NULL",
                (channel, ts, self._team_id, run_id),
            )
            outcomes.is_there(sql, run_id, ts=ts, now=now)

        await self._database.write(write)


def _tried(sql: Sql, run_id: str, at: datetime | None) -> None:
    sql.execute("UPDATE runs SET tried_at = ? WHERE run_id = ?", (at and at.isoformat(), run_id))
