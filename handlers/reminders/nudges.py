"""Close checks when their day is over: shorten the post, report to the owner, and nudge people once.

Everybody who has not answered gets one nudge, at nine on their next working day in their own zone, and
never at night, on leave or on a public holiday, however late the bot is.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.desk import Desk
from handlers.slack_errors import SLACK_TROUBLE
from store.absences import Leave
from store.access import Action, Actor
from store.moments import moment_of
from store.reminders import Invited, ReminderState, Run, RunState
from store.week import WORKWEEK, Hours, Week, Weekday

__all__ = ["AHEAD", "close_and_nudge", "next_nudge", "now_or_next"]

log = logging.getLogger(__name__)

MORNING, EVENING = time(9), time(18)
"""When nudges may be sent, in the person's own zone."""

AHEAD = timedelta(days=14)
"""How far ahead a working day is looked for; a person without one gets no nudge."""

WORKING = Week.of(dict.fromkeys(WORKWEEK, Hours(8)))
"""The working days on which owners get their report."""

SLACK_RESTS, FOCUS_RESTS = timedelta(minutes=1), timedelta(minutes=15)
"""How long nudges are put off while Slack or Focus does not say who is available."""


def next_nudge(week: Week, zone: ZoneInfo, *, after: date, away: Container[date]) -> datetime | None:
    """Nine o'clock in this zone on this week's next working day; ``None`` if none is within ``AHEAD``."""
    for number in range(1, AHEAD.days + 1):
        day = after + timedelta(days=number)
        if week[Weekday(day.isoweekday())] and day not in away:
            return moment_of(day, MORNING, zone)
    return None


def now_or_next(week: Week, zone: ZoneInfo, *, now: datetime, away: Container[date]) -> datetime | None:
    """Now, if a person with this week is at work in this zone; else nine on their next working day."""
    local = now.astimezone(zone)
    early = local.time() < MORNING
    works = bool(week[Weekday(local.isoweekday())]) and local.date() not in away
    if works and not early and local.time() < EVENING:
        return now
    return next_nudge(week, zone, after=local.date() - timedelta(days=early), away=away)


async def close_and_nudge(desk: Desk) -> None:
    """Close the checks whose day is over, and send or put off the nudges that are due."""
    now = desk.clock.now()
    for run in await desk.store.runs.to_close(now):
        reminder = await desk.store.reminders.of_run(run)
        missing = any(not each.answer for each in run.people)
        wanted = missing and reminder.state is not ReminderState.DELETED
        morning = now_or_next(WORKING, reminder.schedule.tz, now=now, away=())
        await desk.store.runs.close(run.id, report=morning if wanted else None, now=now)
    waiting = await desk.store.runs.nudges_due(now)
    if not waiting:
        return
    try:
        actors = await desk.people.actors([person.slack_user_id for _, person in waiting])
    except SLACK_TROUBLE as error:
        log.info("nudges wait until Slack returns the people they are for: %s", error)
        await _put_off(desk, waiting, at=now + SLACK_RESTS)
        return
    # One range of dates for everybody, wide enough for every time zone.
    leave = await desk.store.absences.with_holidays(now.date() - timedelta(days=1), now.date() + AHEAD)
    if leave.awaited:
        await _put_off(desk, waiting, at=now + FOCUS_RESTS)
        return
    for run, person in waiting:
        await _nudge(desk, run, person, actors.get(person.slack_user_id), leave, now=now)


async def _put_off(desk: Desk, waiting: Iterable[tuple[Run, Invited]], *, at: datetime) -> None:
    for run, person in waiting:
        await desk.store.runs.nudge_later(run.id, person.slack_user_id, at=at)


async def _nudge(
    desk: Desk, run: Run, person: Invited, actor: Actor | None, leave: Leave, *, now: datetime
) -> None:
    """Send the nudge now if the person is at work, else put it off; drop it if it is no longer wanted."""
    at = await _when(desk, run, person, actor, leave, now=now) if actor else None
    if at is None or at <= now:
        await desk.store.runs.nudged(run.id, person.slack_user_id, tell=at is not None, now=now)
    else:
        await desk.store.runs.nudge_later(run.id, person.slack_user_id, at=at)


async def _when(
    desk: Desk, run: Run, person: Invited, actor: Actor, leave: Leave, *, now: datetime
) -> datetime | None:
    zone = ZoneInfo(actor.timezone)
    today = now.astimezone(zone).date()
    permit = (await desk.store.access.allowed(actor, Action.SEE, [person.subject])).get(person.subject)
    if not (permit and permit.own) or not await _still_asked(desk, run, person, today):
        return None
    known = await desk.store.hours.last_known(permit)
    week = known.week if known else person.week
    away = leave.days(person.subject, today, today + AHEAD)
    return now_or_next(week, zone, now=now, away=away)


async def _still_asked(desk: Desk, run: Run, person: Invited, day: date) -> bool:
    """Whether the nudge is still wanted: the check was posted, not deleted, and the person not snoozed."""
    if run.state not in {RunState.POSTED, RunState.CLOSED}:
        return False
    if (await desk.store.reminders.of_run(run)).state is ReminderState.DELETED:
        return False
    return person.slack_user_id not in await desk.store.confirmations.snoozed(day)
