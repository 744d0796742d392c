"""The daily look at the links: what changed on either side, told to the admins once."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from handlers import leavers
from handlers.desk import Desk
from handlers.views import checkups as views
from handlers.views.blocks import Reply
from handlers.views.links import likeliest_of
from store.checkups import News
from store.links import SlackPerson
from store.outbox import Message
from store.week import Subject

__all__ = ["check", "embodied_worded", "worded"]

log = logging.getLogger(__name__)


async def check(desk: Desk, people: Sequence[SlackPerson]) -> None:
    """Hold links, leavers and placeholders against both sides as they were just listed."""
    await leavers.look_after(desk, *people)
    news = await desk.store.checkups.check(people, tell=_admins(desk), now=desk.clock.now())
    for each in news:
        log.info("link of %s and Focus user %s: %s", each.slack_user_id, each.focus_user_id, each.what)
    await _tell_embodied(desk, people)


async def _tell_embodied(desk: Desk, people: Sequence[SlackPerson]) -> None:
    """Placeholders that became a person: once for each, with the likeliest link if they have none."""
    for ghost, subject in await desk.store.directory.embodied():
        person = await desk.store.directory.entry_or_id(subject)
        linked = {entry.slack_user_id for entry in await desk.store.directory.people()}
        likely = likeliest_of(person, [each for each in people if each.id not in linked])
        await desk.store.outbox.alert(
            f"embodied:{ghost.subject.id}:{subject.id}",
            recipients=_admins(desk),
            detail={
                "code": "embodied",
                "ghost": ghost.name,
                "person": subject.id,
                "likely": likely.id if likely else None,
            },
            now=desk.clock.now(),
        )


async def worded(desk: Desk, message: Message) -> Reply:
    """What changed, line by line."""
    return views.news([News.from_json(each) for each in message.detail["news"]], command=desk.command)


async def embodied_worded(desk: Desk, message: Message) -> Reply:
    """Who a placeholder has become, as linked now."""
    entry = await desk.store.directory.entry_or_id(Subject("person", int(message.detail["person"])))
    likely = message.detail["likely"]
    return views.embodied(str(message.detail["ghost"]), entry, likely=likely, command=desk.command)


def _admins(desk: Desk) -> tuple[str, ...]:
    return tuple(sorted(desk.store.access.policy.admins))
