"""The daily check of the links: changes on either side are reported to the admins once."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from handlers import leavers
from handlers.desk import Ask, Desk
from handlers.likeness import likeliest_of
from handlers.malformed import held
from handlers.views import checkups as views
from handlers.views.blocks import Reply
from store.access import PLACEHOLDERS, Action
from store.checkups import News
from store.directory import Entry
from store.links import SlackPerson
from store.messages import Message
from store.week import Subject

__all__ = ["check", "embodied_worded", "linked", "move_right", "worded"]

log = logging.getLogger(__name__)

MOVED_AT_MOST = 5
"""The most managers offered below one message."""


async def check(desk: Desk, people: Sequence[SlackPerson]) -> None:
    """Check links, leavers and placeholders against the fresh lists of Slack and Focus users."""
    await leavers.look_after(desk, *people)
    news = await desk.store.checkups.check(people, tell=desk.store.access.admins, now=desk.clock.now())
    for each in news:
        log.info("link of %s and Focus user %s: %s", each.slack_user_id, each.focus_user_id, each.what)
    await _tell_embodied(desk, people)


async def _tell_embodied(desk: Desk, people: Sequence[SlackPerson]) -> None:
    """Tell the admins about each placeholder that became a person, once, with the likeliest link."""
    taken = {entry.slack_user_id for entry in await desk.store.directory.people()}
    free = [each for each in people if each.id not in taken]
    for ghost, subject in await desk.store.directory.embodied():
        likely = likeliest_of(await desk.store.directory.entry_or_id(subject), free)
        await desk.store.outbox.alert(
            _about(ghost, subject),
            recipients=desk.store.access.admins,
            detail={
                "code": "embodied",
                "ghost": ghost.name,
                "person": subject.id,
                "likely": likely.id if likely else None,
            },
            now=desk.clock.now(),
        )


async def linked(desk: Desk, subject: Subject) -> None:
    """Update the messages that asked for a link to this person, who has one now."""
    about = [
        _about(ghost, person) for ghost, person in await desk.store.directory.embodied() if person == subject
    ]
    if about:
        await desk.store.outbox.refresh(*about, now=desk.clock.now())


async def worded(desk: Desk, message: Message) -> Reply:
    """The message to admins about changed links, one line each."""
    return views.news([News.from_json(each) for each in message.detail["news"]], command=desk.command)


async def embodied_worded(desk: Desk, message: Message) -> Reply:
    """The message to admins about a placeholder that became a person, with the person's current link."""
    entry = await desk.store.directory.entry_or_id(Subject("person", int(message.detail["person"])))
    ghost = Subject("placeholder", int(message.about.split(":")[1]))
    return views.embodied(
        str(message.detail["ghost"]),
        entry,
        likely=message.detail["likely"],
        managers=await _successors(desk, ghost, entry),
        command=desk.command,
    )


async def move_right(ask: Ask) -> None:
    """*Let Mia change it*: extend her grant for the placeholder to the person, with the same end."""
    permit = await ask.may(Action.ADMINISTER)
    with held():
        ghost_id, person_id, manager = ask.value.split(" ")
        ghost, person = Subject("placeholder", int(ghost_id)), Subject("person", int(person_id))
    lasts = [
        grant.until
        for grant in await ask.store.access.grants()
        if grant.manager == manager and grant.scope in {PLACEHOLDERS, ghost.key}
    ]
    if lasts:
        until = None if None in lasts else max(filter(None, lasts))
        now = ask.desk.clock.now()
        await ask.store.access.grant(permit, manager=manager, scope=person.key, now=now, until=until)
    await linked(ask.desk, person)


async def _successors(desk: Desk, ghost: Subject, entry: Entry) -> list[views.Successor]:
    """The managers who could change the placeholder but may not change the person."""
    may = {*await desk.store.access.who_can(Action.CHANGE, entry.subject), entry.slack_user_id}
    could = await desk.store.access.who_can(Action.CHANGE, ghost)
    return [
        views.Successor(
            manager,
            (await desk.people.slack_person(manager)).name,
            f"{ghost.id} {entry.subject.id} {manager}",
        )
        for manager in could
        if manager not in may
    ][:MOVED_AT_MOST]


def _about(ghost: Entry, person: Subject) -> str:
    return f"embodied:{ghost.subject.id}:{person.id}"
