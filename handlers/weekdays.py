"""Prove how Focus numbers its weekdays, by asking the admins whether an example week is read correctly.

Nothing is written to Focus before one of them confirms. One question at a time is open, to all admins;
the numbering it asks about is stored as the guess, so that a restart neither repeats nor loses it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from handlers.deciders import real_name
from handlers.desk import Ask, Desk
from handlers.malformed import held
from handlers.views import alerts, problems
from handlers.views.blocks import Reply
from handlers.views.week import Who
from store.access import Action, Actor
from store.focus import NotFoundError, Numbering
from store.messages import Message

__all__ = ["answered", "ask_admins", "compare", "question", "unlock"]

log = logging.getLogger(__name__)

NEVER = datetime.min.replace(tzinfo=UTC)
"""When a week was read that never was."""

READ_AT_MOST = 10
"""The most people whose weeks are read for the question at a time; each costs a call to Focus."""

READ_AGAIN_AFTER = timedelta(days=1)
"""How long a week without hours is believed to have none, so that repeated attempts cost little quota."""


async def ask_admins(desk: Desk, *, waited_for: bool = False) -> bool:
    """Ask the admins, once, whether a week is read correctly, unless the numbering is settled or asked.

    If it is settled, the vote taken here locks all writes when rows contradict it.

    Args:
        desk: the services.
        waited_for: whether an admin is waiting, so that the quota's reserve may be used, too.

    Returns:
        ``False`` if there is no week with hours to ask about yet; try again later.

    Raises:
        FocusError: Focus does not answer.
    """
    weekdays = desk.store.weekdays
    await desk.store.hours.vote()
    if weekdays.lock is None or weekdays.lock.code != "unproven" or weekdays.guessed is not None:
        return True
    if await _ask_next(desk, refused=()):
        return True
    await _read_some(desk, waited_for=waited_for)
    return await _ask_next(desk, refused=())


async def compare(ask: Ask) -> None:
    """*Compare a week now*: ask the admins at once, since one of them is waiting."""
    await ask.may(Action.ADMINISTER)
    asked = await ask_admins(ask.desk, waited_for=True)
    weekdays = ask.store.weekdays
    if weekdays.lock is None:
        await ask.answer(alerts.weekdays_settled(weekdays.numbering))
    elif weekdays.lock.code != "unproven":
        await ask.answer(problems.locked(weekdays.lock, admins=ask.store.access.admins))
    elif asked:
        await ask.answer(alerts.weekdays_asked())
    else:
        await ask.answer(Reply.saying(alerts.nothing_to_compare(ask.desk.command)))


async def answered(ask: Ask) -> None:
    """*Yes, the same* or *No, the days are shifted*: confirm the numbering or ask about the next one.

    A yes does not count if Focus has sent a number meanwhile that the numbering does not have: the week that
    was compared need not have it.
    """
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
    elif said == "yes" and numbering not in (await ask.store.hours.vote()).proven_impossible:
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
    permit = await ask.may(Action.ADMINISTER)
    weekdays = ask.store.weekdays
    if weekdays.lock is None:
        await ask.answer(Reply.saying("Changes are allowed already, so there was nothing to do."))
        return
    if weekdays.lock.code != "unproven":
        await weekdays.unlock(by=permit.actor.user_id, now=ask.desk.clock.now())
    if weekdays.lock is None:
        told = "Changes are allowed again. I’ll check the next one of each kind, as I did the very first."
        await ask.answer(Reply.saying(told))
    else:
        await compare(ask)


async def _ask_next(desk: Desk, *, refused: Sequence[Numbering]) -> bool:
    """Ask about the next possible numbering; if none is left, tell the admins to inspect Focus's rows.

    ``False`` if nobody is known to have hours, so that there is no week to show.
    """
    vote = await desk.store.hours.vote()
    now = desk.clock.now()
    for numbering in filter(None, (vote.best, Numbering.SUNDAY0, Numbering.MONDAY0, Numbering.ISO)):
        if numbering in refused or numbering in vote.proven_impossible:
            continue
        if await desk.store.hours.example(numbering) is None:
            return False
        await desk.store.weekdays.guess(numbering, now=now)
        await desk.store.outbox.alert(
            _about(numbering, refused),
            recipients=desk.store.access.admins,
            detail={"code": "weekdays", "numbering": numbering, "refused": list(refused)},
            now=now,
        )
        return True
    await desk.store.weekdays.guess(vote.best or Numbering.SUNDAY0, now=now)  # the likeliest, for reading
    await _tell_admins(desk, ":".join(("weekdays", *refused, "none")), text=alerts.NO_NUMBERING_LEFT)
    return True


async def _tell_admins(desk: Desk, about: str, *, text: str) -> None:
    await desk.store.outbox.alert(
        about, recipients=desk.store.access.admins, detail={"text": text}, now=desk.clock.now()
    )


async def _read_some(desk: Desk, *, waited_for: bool) -> None:
    """Read weeks in search of one with hours: those never read first, as far as the quota's reserve allows.

    If an admin is waiting, the reserve is used, too, until somebody has hours.
    """
    reader, now = await _some_admin(desk), desk.clock.now()
    if reader is None:
        return
    people = [entry.subject for entry in await desk.store.directory.people() if entry.active]
    permits = await desk.store.access.allowed(reader, Action.SEE, people)
    known = await desk.store.hours.board(permits.values())
    read_at = {subject: known[subject].as_of if subject in known else NEVER for subject in permits}
    due = [subject for subject in permits if waited_for or now - read_at[subject] > READ_AGAIN_AFTER]
    if permits and not due:
        await _tell_admins(desk, "weekdays:nobody", text=alerts.nothing_to_compare(desk.command))
    for subject in sorted(due, key=read_at.__getitem__)[:READ_AT_MOST]:
        if not (waited_for or desk.store.hours.can_spare()):
            log.info("no week is read for the question about weekdays: the rest of the quota is for people")
            return
        try:
            look = await desk.store.hours.look(permits[subject])
        except NotFoundError as error:  # listed, but without hours: the next one may have some
            log.info("the week of %s was not read for the question: %s", subject.key, error)
        else:
            waited_for = waited_for and not look.snapshot.rows


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
