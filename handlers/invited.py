"""Whom a reminder is for."""

from __future__ import annotations

from handlers.asked import Channel, Group
from handlers.desk import Desk
from handlers.rosters import roster
from store.reminder import Reminder
from store.run import Invited, Run
from store.week import Week

__all__ = ["compose"]


async def compose(desk: Desk, reminder: Reminder, run: Run) -> tuple[Invited, ...]:
    """Whom this run is for; empty if there is nobody, and so nothing to post.

    Raises:
        Problem: the channel or group cannot be seen, or may not be shown this any more.
    """
    del run
    ref = Group(reminder.group) if reminder.group else Channel(reminder.channel)
    members = await roster(desk, ref)
    linked = {each.slack_user_id: each for each in await desk.store.directory.people() if each.active}
    return tuple(Invited(each, linked[each].subject, Week()) for each in members if each in linked)
