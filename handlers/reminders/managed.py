"""One reminder and whoever manages it: found with a permit to change it, and shown as it is now."""

from __future__ import annotations

from handlers.desk import Ask
from handlers.views.reminders import shown as views
from handlers.views.reminders.card import Known
from store.access import Action, Permit
from store.reminders import Reminder, ReminderGoneError

__all__ = ["known", "managed", "show"]


async def managed(ask: Ask, reminder_id: str, *, to_stop: bool = False) -> tuple[Reminder, Permit]:
    """The reminder and a permit to change it.

    With ``to_stop``, owners who may no longer make reminders are accepted, since they may still stop theirs.

    Raises:
        ReminderGoneError: it was deleted.
        NotAllowedError: it is somebody else's, or the asker may not make reminders.
    """
    actor = await ask.actor()
    if not to_stop:
        await ask.store.access.may(actor, Action.REMIND)
    reminder = await ask.store.reminders.get(reminder_id)
    if reminder is None:
        raise ReminderGoneError(reminder_id)
    return reminder, await ask.store.access.may_manage(actor, owner=reminder.owner)


async def show(ask: Ask, reminder: Reminder, *, note: str) -> None:
    """Answer with a note about what was done and the reminder's current settings."""
    await ask.answer(views.one(reminder, await known(ask, reminder), note=note))


async def known(ask: Ask, *found: Reminder) -> Known:
    """The names needed to describe these reminders."""
    groups = await ask.desk.people.groups.names() if any(each.group for each in found) else {}
    return Known(groups, ask.desk.bot_name)
