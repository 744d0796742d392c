"""Changes that wait for Focus: seen wherever their week is, and called off."""

from __future__ import annotations

from handlers.desk import Ask
from handlers.malformed import UnreadableError
from handlers.views import waiting as views
from handlers.views.blocks import Reply
from store.access import Action
from store.act import Act, Change
from store.week import Subject

__all__ = ["call_off", "of", "pressed"]


async def of(ask: Ask, subject: Subject, *, action: str = "cancel") -> Reply:
    """What waits for this week, as whoever asks should see it."""
    found = await ask.store.journal.waiting(subject)
    if not found:
        return Reply("")
    may_change = await ask.store.access.can(await ask.actor(), Action.CHANGE, subject)
    waits = [(act, change, may_change or act.actor == ask.user_id) for act in found for change in act.changes]
    return views.waiting(waits, reader=ask.user_id, action=action)


async def pressed(ask: Ask) -> Change:
    """The change that a button is about."""
    change = await ask.store.journal.change(ask.value)
    if change is None:
        raise UnreadableError(f"no change {ask.value}")
    return change


async def call_off(ask: Ask, change: Change) -> Act:
    """End a change that waits or met a conflict; it only takes away, so whoever asked for it always may."""
    act = await ask.store.journal.act_of(change)
    await ask.store.access.may_call_off(await ask.actor(), change.subject, planner=act.actor)
    ended = await ask.store.hours.give_up(change, request_id=ask.act_id)
    ask.desk.changed(ask.user_id)
    return ended
