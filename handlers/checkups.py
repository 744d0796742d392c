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
from store.directory import Entry
from store.links import SlackPerson
from store.outbox import Message
from store.week import Subject

__all__ = ["check", "embodied_worded", "linked", "worded"]

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
    taken = {entry.slack_user_id for entry in await desk.store.directory.people()}
    free = [each for each in people if each.id not in taken]
    for ghost, subject in await desk.store.directory.embodied():
        likely = likeliest_of(await desk.store.directory.entry_or_id(subject), free)
        await desk.store.outbox.alert(
            _about(ghost, subject),
            recipients=_admins(desk),
            detail={
                "code": "embodied",
                "ghost": ghost.name,
                "person": subject.id,
                "likely": likely.id if likely else None,
            },
            now=desk.clock.now(),
        )


async def linked(desk: Desk, subject: Subject) -> None:
    """Somebody has a link now: what asked for one says so."""
    about = [
        _about(ghost, person) for ghost, person in await desk.store.directory.embodied() if person == subject
    ]
    if about:
        await desk.store.outbox.refresh(*about, now=desk.clock.now())


async def worded(desk: Desk, message: Message) -> Reply:
    """What changed, line by line."""
    return views.news([News.from_json(each) for each in message.detail["news"]], command=desk.command)


async def embodied_worded(desk: Desk, message: Message) -> Reply:
    """Who a placeholder has become, as linked now."""
    entry = await desk.store.directory.entry_or_id(Subject("person", int(message.detail["person"])))
    likely = message.detail["likely"]
    return views.embodied(str(message.detail["ghost"]), entry, likely=likely, command=desk.command)


def _about(ghost: Entry, person: Subject) -> str:
    return f"embodied:{ghost.subject.id}:{person.id}"


def _admins(desk: Desk) -> tuple[str, ...]:
    return tuple(sorted(desk.store.access.policy.admins))
