"""Prove how Focus numbers its weekdays, by asking the admins whether an example week is read correctly.

Nothing is written to Focus before one of them confirms. One question at a time is open, to all admins;
the numbering it asks about is stored as the guess, so that a restart neither repeats nor loses it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from handlers.deciders import real_name
from handlers.desk import Ask, Desk
from handlers.malformed import held
from handlers.views import alerts, problems
from handlers.views.blocks import Reply
from handlers.views.week import Who
from store.access import Action, Actor
from store.focus import FocusError, Numbering
from store.messages import Message

__all__ = ["answered", "ask_admins", "question", "unlock"]

log = logging.getLogger(__name__)

READ_AT_MOST = 10
"""The most people whose weeks are read for the vote; each costs a call to Focus."""


async def ask_admins(desk: Desk) -> None:
    """Ask the admins, once, whether a week is read correctly, unless the numbering is settled or asked.

    If it is settled, the vote taken here locks all writes when rows contradict it.
    """
    weekdays = desk.store.weekdays
    vote = await desk.store.hours.vote()
    if weekdays.lock is None or weekdays.lock.code != "unproven" or weekdays.guessed is not None:
        return
    if not vote.people:
        await _read_some(desk)
    await _ask_next(desk, refused=())


async def answered(ask: Ask) -> None:
    """*Yes, the same* or *No, the days are shifted*: confirm the numbering or ask about the next one."""
    permit = await ask.may(Action.ADMINISTER)
    weekdays, now = ask.store.weekdays, ask.desk.clock.now()
    with held():
        said, *asked = ask.value.split()
        numbering, *refused = map(Numbering, asked)
    if weekdays.lock is None:
        await ask.answer(alerts.weekdays_settled(weekdays.numbering))
    elif weekdays.lock.code != "unproven":
        await ask.answer(problems.locked(weekdays.lock, admins=ask.store.access.admins))
    elif weekdays.guessed is not numbering:
        await ask.answer(alerts.weekdays_refused(numbering))
    elif said == "yes":
        await weekdays.confirm(numbering, by=permit.actor.user_id, now=now)
        name = await real_name(ask, permit.actor)
        told = f"{name} has compared the week: I read weekdays as {numbering}. Changes are on."
        await _tell_admins(ask.desk, f"weekdays:confirmed:{numbering}", text=told)
        await ask.store.outbox.refresh(_about(numbering, refused), now=now)
    else:
        await _ask_next(ask.desk, refused=(*refused, numbering))
        await ask.store.outbox.refresh(_about(numbering, refused), now=now)


async def question(desk: Desk, message: Message) -> Reply | None:
    """The question's message with its current state: open, or answered by an admin."""
    weekdays = desk.store.weekdays
    numbering = Numbering(message.detail["numbering"])
    if weekdays.lock is None:
        return alerts.weekdays_settled(weekdays.numbering)
    if weekdays.guessed is not numbering:
        return alerts.weekdays_refused(numbering)
    example = await desk.store.hours.example(numbering)
    if example is None:
        return None
    subject, snapshot = example
    return alerts.confirm_weekdays(
        Who.of(await desk.store.directory.entry_or_id(subject), reader=message.recipient),
        snapshot,
        numbering=numbering,
        refused=message.detail["refused"],
        sentence=(await desk.store.hours.vote()).sentence,
    )


async def unlock(ask: Ask) -> None:
    """*I have checked: allow changes again*: lift the write lock, unless the numbering is unproven."""
    await ask.may(Action.ADMINISTER)
    weekdays = ask.store.weekdays
    if weekdays.lock is None:
        await ask.answer(Reply.saying("Changes are allowed already, so there was nothing to do."))
        return
    if weekdays.lock.code != "unproven":
        await weekdays.unlock(now=ask.desk.clock.now())
    lock = weekdays.lock
    if lock is None:
        told = "Changes are allowed again. I’ll check the next one of each kind, as I did the very first."
        await ask.answer(Reply.saying(told))
    else:
        await ask.answer(problems.locked(lock, admins=ask.store.access.admins))
        await ask_admins(ask.desk)


async def _ask_next(desk: Desk, *, refused: Sequence[Numbering]) -> None:
    """Ask about the next possible numbering; if none is left, tell the admins to inspect Focus's rows."""
    vote = await desk.store.hours.vote()
    now = desk.clock.now()
    for numbering in filter(None, (vote.best, Numbering.SUNDAY0, Numbering.MONDAY0, Numbering.ISO)):
        if numbering in refused or numbering in vote.proven_impossible:
            continue
        if await desk.store.hours.example(numbering) is None:
            log.warning("nobody has working hours in Focus yet, so its weekdays cannot be confirmed")
            return
        await desk.store.weekdays.guess(numbering, now=now)
        await desk.store.outbox.alert(
            _about(numbering, refused),
            recipients=desk.store.access.admins,
            detail={"code": "weekdays", "numbering": numbering, "refused": list(refused)},
            now=now,
        )
        return
    await desk.store.weekdays.guess(vote.best or Numbering.SUNDAY0, now=now)  # the likeliest, for reading
    await _tell_admins(desk, ":".join(("weekdays", *refused, "none")), text=alerts.NO_NUMBERING_LEFT)


async def _tell_admins(desk: Desk, about: str, *, text: str) -> None:
    await desk.store.outbox.alert(
        about, recipients=desk.store.access.admins, detail={"text": text}, now=desk.clock.now()
    )


async def _read_some(desk: Desk) -> None:
    """Read some people's weeks, so that the vote has rows, as far as the quota's reserve allows."""
    reader = await _some_admin(desk)
    people = [entry for entry in await desk.store.directory.people() if entry.active]
    for entry in people[:READ_AT_MOST]:
        if reader is None or not desk.store.hours.can_spare():
            return
        try:
            await desk.store.hours.look(await desk.store.access.may(reader, Action.SEE, entry.subject))
        except FocusError as error:
            log.info("the week of %s was not read for the vote: %s", entry.subject.key, error)


async def _some_admin(desk: Desk) -> Actor | None:
    """An admin in whose name weeks may be read."""
    for user_id in desk.store.access.admins:
        actor = await desk.people.actor(user_id, team_id=desk.store.team_id)
        if await desk.store.access.can(actor, Action.ADMINISTER):
            return actor
        log.warning("HOURS_ADMINS names %s, who is no active member", user_id)
    return None


def _about(numbering: Numbering, refused: Sequence[Numbering]) -> str:
    return ":".join(("weekdays", *refused, numbering))
