"""What a check is answered with, and what becomes of it: pressed, counted, closed, and asked about once more.

The answers are private; the channel sees how many there are. When the day is over the owner hears who
has not answered, and each of those gets one message on their own next working day.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers import editor, hours
from handlers.asked import Asked, Me, Verb
from handlers.attempts import in_lane
from handlers.desk import Ask, Desk
from handlers.invited import AHEAD, next_nudge
from handlers.replies import SLACK_TROUBLE, focus_trouble
from handlers.views import answers as views
from handlers.views.blocks import Reply
from handlers.work import Lane
from store.absences import Leave
from store.access import Action, Permit
from store.outbox import Message
from store.reminders import ReminderState
from store.run import Invited, Run, RunState
from store.week import Week, Weekday

__all__ = ["change", "close_and_nudge", "later", "nudged", "reported", "right", "snooze"]

EVENING = time(18)
"""No nudge after that, there."""

_MINE = Asked(Verb.EDIT, (Me(),))


# ------------------------------------------------------------------ pressed


async def right(ask: Ask) -> None:
    """*Still right*: the week as it is now, within what the cache allows, is confirmed and shown."""
    if not await _confirm(ask, from_focus=False):
        in_lane(Lane.FOCUS, ask, _confirm_fresh)


async def _confirm_fresh(ask: Ask) -> None:
    await _confirm(ask, from_focus=True)


async def _confirm(ask: Ask, *, from_focus: bool) -> bool:
    """``False`` if the week has to be read first."""
    permit = await _own(ask)
    book, now = ask.store.hours, ask.desk.clock.now()
    look = await (book.look(permit) if from_focus else book.glance(permit))
    if look is None:
        return False
    if look.snapshot.doubled:  # which of two entries would be confirmed?
        await hours.look(replace(ask, asked=Asked(Verb.LOOK, (Me(),)), value=""))
        return True
    run = await _pressed(ask)
    week = look.snapshot.week
    before = await ask.store.confirmations.latest(permit, week)
    if before and run and before.at >= run.due_at:
        await ask.answer(views.confirmed_already(week, before.at, ask.value))
        return True
    await ask.store.confirmations.confirm(permit, week, now=now)
    ask.store.outbox.stirred.set()
    asked = run is None or any(each.slack_user_id == ask.user_id for each in run.people)
    trouble = focus_trouble(look.trouble) if look.trouble else ""
    await ask.answer(views.confirmed(look.snapshot, ask.value, asked=asked, now=now, trouble=trouble))
    return True


async def change(ask: Ask) -> None:
    """*Not right, change*: one's own week in the form; what is saved there counts as an answer."""
    await _pressed(ask)
    await editor.open_editor(replace(ask, asked=_MINE, value=""))


async def later(ask: Ask) -> None:
    """*Not now*: until when?"""
    await _pressed(ask)
    actor = await ask.actor()
    await ask.answer(views.ask_when(today=_today(ask, actor.timezone)))


async def snooze(ask: Ask) -> None:
    """A day was chosen: nothing is asked before it."""
    actor = await ask.actor()
    today = _today(ask, actor.timezone)
    if not ask.value or (until := date.fromisoformat(ask.value)) <= today:
        await ask.answer(views.too_soon(today=today))
        return
    await ask.store.confirmations.snooze(ask.user_id, until=until)
    await ask.answer(views.left_alone(until))


async def _own(ask: Ask) -> Permit:
    actor = await ask.actor()
    entry = await ask.desk.people.linked(ask.user_id, asker=ask.user_id)
    return await ask.store.access.may(actor, Action.SEE, entry.subject)


async def _pressed(ask: Ask) -> Run | None:
    """The run whose button it was; its message is where it was pressed, if nobody knew that yet."""
    run = await ask.store.runs.get(ask.value)
    if run and run.ts is None and ask.message_ts and ask.place.channel == run.channel:
        now = ask.desk.clock.now()
        await ask.store.posting.seen(run.id, channel=run.channel, ts=ask.message_ts, now=now)
    return run


def _today(ask: Ask, zone: str) -> date:
    return ask.desk.clock.now().astimezone(ZoneInfo(zone)).date()


# ------------------------------------------------------------------ what the clock does


async def close_and_nudge(desk: Desk) -> None:
    """Checks whose day is over shrink, and who has not answered is asked once more when it suits them."""
    now = desk.clock.now()
    for run in await desk.store.runs.to_close(now):
        missing = any(not each.answer for each in run.people)
        await desk.store.runs.close(run.id, report=missing, now=now)
    waiting = await desk.store.runs.nudges_due(now)
    if not waiting:
        return
    # One span for everybody, wherever it is which day.
    leave = await desk.store.absences.with_holidays(now.date() - timedelta(days=1), now.date() + AHEAD)
    for run, person in waiting:
        try:
            await _nudge(desk, run, person, leave, now=now)
        except SLACK_TROUBLE:
            continue  # the next look tries again


async def _nudge(desk: Desk, run: Run, person: Invited, leave: Leave, *, now: datetime) -> None:
    """Now, if it is a working morning or afternoon there; else on the next; never where it makes no sense."""
    runs = desk.store.runs
    actor = await desk.people.actor(person.slack_user_id, team_id=desk.store.team_id)
    local = now.astimezone(ZoneInfo(actor.timezone))
    permits = await desk.store.access.allowed(actor, Action.SEE, [person.subject])
    permit = permits.get(person.subject)
    if not (permit and permit.own) or not await _still_asked(desk, run, person, local.date()):
        await runs.nudged(run.id, person.slack_user_id, tell=False, now=now)
        return
    known = await desk.store.hours.last_known(permit)
    week = known.week if known else person.week
    away = leave.days(person.subject, local.date(), local.date() + AHEAD)
    if week[Weekday(local.isoweekday())] and local.date() not in away and local.time() < EVENING:
        await runs.nudged(run.id, person.slack_user_id, tell=True, now=now)
    elif at := next_nudge(week, ZoneInfo(actor.timezone), after=local.date(), away=away):
        await runs.nudge_later(run.id, person.slack_user_id, at=at)
    else:
        await runs.nudged(run.id, person.slack_user_id, tell=False, now=now)


async def _still_asked(desk: Desk, run: Run, person: Invited, day: date) -> bool:
    """Whether the question stands: it was posted, somebody wants to know, and they may be asked."""
    if run.state not in {RunState.POSTED, RunState.CLOSED}:
        return False
    if (await desk.store.reminders.of_run(run)).state is ReminderState.DELETED:
        return False
    return person.slack_user_id not in await desk.store.confirmations.snoozed(day)


# ------------------------------------------------------------------ messages


async def nudged(desk: Desk, message: Message) -> Reply | None:
    """The question to one person, with their week as last read; once answered it says so."""
    run_id, _, user_id = message.about.partition("/")
    run = await desk.store.runs.get(run_id)
    person = next((each for each in run.people if each.slack_user_id == user_id), None) if run else None
    if run is None or person is None:
        return None
    actor = await desk.people.actor(user_id, team_id=desk.store.team_id)
    permit = (await desk.store.access.allowed(actor, Action.SEE, [person.subject])).get(person.subject)
    known = await desk.store.hours.last_known(permit) if permit else None
    week: Week | None = known.week if known else None
    return views.nudge(run, await desk.store.reminders.of_run(run), person, week=week)


async def reported(desk: Desk, message: Message) -> Reply | None:
    """Who has not answered, as it is now."""
    run = await desk.store.runs.get(message.about)
    if run is None:
        return None
    snoozed = await desk.store.confirmations.snoozed(run.day)
    return views.not_answered(run, await desk.store.reminders.of_run(run), snoozed=tuple(snoozed))
