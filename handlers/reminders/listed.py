"""``/hours reminders`` and its buttons, which manage reminders.

Posting is the clock's work. A button carries only ids and positions: the reminder and the presser's
permission are looked up again when it is pressed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from slack_sdk.models.views import View

from handlers.desk import Ask
from handlers.malformed import held
from handlers.opening import open_form
from handlers.reminders.invited import call_roll
from handlers.reminders.managed import known, managed, show
from handlers.views.modals import FieldError
from handlers.views.reminders import lists, pausing
from handlers.views.reminders import shown as views
from handlers.views.reminders.card import Known
from handlers.views.week import Who
from store.access import Action
from store.reminders import Reminder

__all__ = [
    "delete",
    "overview",
    "page",
    "pause",
    "paused",
    "post",
    "preview",
    "resume",
    "said_pause",
]


async def overview(ask: Ask) -> None:
    """``/hours reminders [#channel]``: list the reminders one may change, then others in this channel."""
    await _show_page(ask, ask.asked.channel, 0)


async def page(ask: Ask) -> None:
    """*More* and *Previous*: show another page of the current list."""
    number, _, only = ask.value.partition(" ")
    with held():
        first = int(number)
    await _show_page(replace(ask, replaces=True), only, first)


async def _show_page(ask: Ask, only: str, number: int) -> None:
    actor = await ask.actor()
    if actor.guest:
        await ask.store.access.refuse(actor, Action.REMIND)  # guests see nothing but their own week
    mine: list[Reminder] = []
    others: list[Reminder] = []
    for each in await ask.store.reminders.every():
        if only not in {"", each.channel}:
            continue
        if each.owner == actor.user_id or ask.store.access.is_admin(actor):
            mine.append(each)
        elif each.channel == ask.place.channel:
            others.append(each)
    may_make = await ask.store.access.can(actor, Action.REMIND)
    await ask.answer(
        lists.listed(
            lists.paged(mine, others, number=number, only=only),
            await known(ask, *mine, *others),
            command=ask.desk.command,
            may_make=may_make,
        )
    )


async def preview(ask: Ask) -> None:
    """*Preview*: show whom the reminder would name on its next day, and how many it would leave out."""
    reminder, _ = await managed(ask, ask.value)
    due = reminder.schedule.next_after(ask.desk.clock.now())
    roll = await call_roll(ask.desk, reminder, day=due.day, at=due.at)
    people = [
        Who.of(await ask.store.directory.entry_or_id(each.subject), reader=ask.user_id).plain
        for each in roll.people
    ]
    left_out = {why.value: count for why, count in roll.left_out.items()}
    await ask.answer(
        views.preview(
            reminder,
            await known(ask, reminder),
            day=due.day,
            people=people,
            left_out=left_out,
            leave_known=roll.leave.known,
        )
    )


async def post(ask: Ask) -> None:
    """*Post now*: post in addition to the schedule, if there is anybody to name."""
    reminder, permit = await managed(ask, ask.value)
    now = ask.desk.clock.now()
    roll = await call_roll(ask.desk, reminder, day=reminder.schedule.local(now).date(), at=now)
    if not roll.people:
        await show(ask, reminder, note="There is nobody to name today, so I posted nothing.")
        return
    note = views.posting(reminder, people=len(roll.people), leave_awaited=roll.leave.awaited)
    await ask.store.reminders.post_now(permit, reminder.id, now=now)
    await show(ask, reminder, note=note)


async def pause(ask: Ask) -> None:
    """*Pause…*: open a form that asks until when."""
    await open_form(ask, _pause_form, title=pausing.TITLE)


async def _pause_form(ask: Ask) -> View:
    reminder, _ = await managed(ask, ask.value, to_stop=True)
    groups = {key: name for key, (name, _) in (await ask.store.groups.known()).items()}
    tomorrow = reminder.schedule.local(ask.desk.clock.now()).date() + timedelta(days=1)
    return pausing.pause_form(reminder, Known(groups, ask.desk.bot_name), tomorrow=tomorrow)


def said_pause(view: Mapping[str, Any]) -> dict[str, Any]:
    """The submitted pause form as the equivalent button press, which is what is recorded.

    Raises:
        FieldError: the chosen day is not in the future.
    """
    reminder_id, tomorrow = str(view["private_metadata"]).split(" ")
    until = _until_in(view)
    if until and until < date.fromisoformat(tomorrow):
        raise FieldError({"until": "Choose tomorrow or a later day."})
    return {"press": "reminder_paused", "value": f"{reminder_id} {until.isoformat() if until else ''}"}


async def paused(ask: Ask) -> None:
    """Pause the reminder, on *Pause* in the form or *Do it now* after a restart."""
    reminder_id, _, until = str(ask.said["value"]).partition(" ")
    with held():
        day = date.fromisoformat(until) if until else None
    _, permit = await managed(ask, reminder_id, to_stop=True)
    now = ask.desk.clock.now()
    now_paused = await ask.store.reminders.pause(permit, reminder_id, until=day, now=now)
    await show(ask, now_paused, note=pausing.paused_until(now_paused))


async def resume(ask: Ask) -> None:
    """*Resume*: end the pause; the reminder posts again at its next time."""
    _, permit = await managed(ask, ask.value)
    going = await ask.store.reminders.resume(permit, ask.value, now=ask.desk.clock.now())
    await show(ask, going, note="It goes on.")


async def delete(ask: Ask) -> None:
    """*Delete*: delete the reminder; a second press is told that it is gone."""
    _, permit = await managed(ask, ask.value, to_stop=True)
    dropped = await ask.store.reminders.delete(permit, ask.value, now=ask.desk.clock.now())
    await ask.answer(views.deleted(dropped, await known(ask, dropped)))


# ------------------------------------------------------------------ inside


def _until_in(view: Mapping[str, Any]) -> date | None:
    chosen = view["state"]["values"]["until"]["until"].get("selected_date")
    return date.fromisoformat(chosen) if chosen else None
