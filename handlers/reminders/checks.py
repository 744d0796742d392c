"""Answers to a check's buttons, and the direct messages about a check.

The answers are private; the channel sees only their number. After the day ends, the owner is told who
has not answered, and each of those people is asked once more (:mod:`handlers.reminders.nudges`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from handlers import editor, hours
from handlers.asked import Asked, Me, Verb
from handlers.desk import Ask, Desk
from handlers.malformed import held
from handlers.views.blocks import Reply
from handlers.views.reminders import answers as views
from handlers.views.troubles import focus_trouble
from store.access import Action, Permit
from store.messages import Message
from store.reminders import Run
from store.week import Subject

__all__ = ["change", "later", "nudged", "reported", "right", "snooze", "wake"]

_MINE = Asked(Verb.EDIT, (Me(),))


# ------------------------------------------------------------------ pressed


async def right(ask: Ask) -> None:
    """*Still right*: confirm the person's current week and show it; a fresh cached week will do."""
    permit = await _own(ask)
    look = await ask.store.hours.look(permit)
    if look.snapshot.doubled:  # two rows for one day: it is unclear which would be confirmed
        await hours.look(replace(ask, asked=Asked(Verb.LOOK, (Me(),)), value=""))
        return
    run = await _pressed(ask)
    week = look.snapshot.week
    before = await ask.store.confirmations.latest(permit, week)
    if before and run and before.at >= run.due_at:
        await ask.answer(views.confirmed_already(week, before.at, ask.value))
        return
    now = ask.desk.clock.now()
    await ask.store.confirmations.confirm(permit, week, now=now)
    ask.desk.changed(ask.user_id)
    asked = run is None or any(each.slack_user_id == ask.user_id for each in run.people)
    trouble = focus_trouble(look.trouble) if look.trouble else ""
    await ask.answer(views.confirmed(look.snapshot, ask.value, asked=asked, now=now, trouble=trouble))


async def change(ask: Ask) -> None:
    """*Not right, change*: open the person's own week in the editor; saving there counts as an answer."""
    await _pressed(ask)
    await editor.open_editor(replace(ask, asked=_MINE, value=""))


async def later(ask: Ask) -> None:
    """*Not now*: ask until which day to snooze."""
    await _pressed(ask)
    actor = await ask.actor()
    await ask.answer(views.ask_when(today=_today(ask, actor.timezone)))


async def snooze(ask: Ask) -> None:
    """Snooze all checks for this person until the chosen day."""
    actor = await ask.actor()
    today = _today(ask, actor.timezone)
    with held():
        until = date.fromisoformat(ask.value) if ask.value else today
    if until <= today:
        await ask.answer(views.too_soon(today=today))
        return
    await ask.store.confirmations.snooze(ask.user_id, until=until)
    await ask.answer(views.left_alone(until))


async def wake(ask: Ask) -> None:
    """*Ask me anyway*: end the snooze."""
    await ask.actor()
    await ask.store.confirmations.wake(ask.user_id)
    await ask.answer(views.awake())


async def _own(ask: Ask) -> Permit:
    actor = await ask.actor()
    entry = await ask.desk.people.linked(ask.user_id, asker=ask.user_id)
    return await ask.store.access.may(actor, Action.SEE, entry.subject)


async def _pressed(ask: Ask) -> Run | None:
    """The run whose button was pressed.

    If the run's post was not known to have arrived, the press proves it, so its ``ts`` is stored.
    """
    run = await ask.store.runs.get(ask.value)
    if run and run.ts is None and ask.message_ts and ask.place.channel == run.channel:
        now = ask.desk.clock.now()
        await ask.store.posting.seen(run.id, channel=run.channel, ts=ask.message_ts, now=now)
    return run


def _today(ask: Ask, zone: str) -> date:
    return ask.desk.clock.now().astimezone(ZoneInfo(zone)).date()


# ------------------------------------------------------------------ messages


async def nudged(desk: Desk, message: Message) -> Reply | None:
    """The nudge to one person, with their cached week; after the answer it shows that instead."""
    run_id, _, user_id = message.about.partition("/")
    run = await desk.store.runs.get(run_id)
    person = next((each for each in run.people if each.slack_user_id == user_id), None) if run else None
    if run is None or person is None or (person.answer and message.ts is None):
        return None  # answered before the nudge was sent
    permits: Mapping[Subject, Permit] = {}
    if actor := (await desk.people.actors([user_id])).get(user_id):
        permits = await desk.store.access.allowed(actor, Action.SEE, [person.subject])
    known = await desk.store.hours.board(permits.values())
    week = known[person.subject].week if known else None
    return views.nudge(run, await desk.store.reminders.of_run(run), person, week=week)


async def reported(desk: Desk, message: Message) -> Reply | None:
    """The report to the owner about who has not answered, with its current state."""
    run = await desk.store.runs.get(message.about)
    if run is None:
        return None
    snoozed = await desk.store.confirmations.snoozed(run.day)
    return views.not_answered(run, await desk.store.reminders.of_run(run), snoozed=tuple(snoozed))
