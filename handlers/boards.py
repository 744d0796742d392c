"""``/hours who …``: who works today, on Friday, this week; from last-known weeks, and a few read at first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from slack_sdk.errors import SlackApiError

from handlers.asked import Channel, Group, Me, Mention, SubjectRef
from handlers.attempts import in_lane
from handlers.channels import unfit_for_boards
from handlers.desk import Ask
from handlers.grammar import command, parse
from handlers.local import read_by
from handlers.malformed import held
from handlers.rosters import roster
from handlers.slack_errors import NotToldError
from handlers.subjects import NotLinkedError
from handlers.teams import by_name, managed
from handlers.views import boards as views
from handlers.views.blocks import Reply, mention
from handlers.views.lists import about
from handlers.views.troubles import focus_trouble, not_read
from handlers.views.week import Who
from handlers.work import Lane
from store.access import Action, Actor, Permit
from store.directory import Entry
from store.focus import FocusError
from store.hours import Refreshed
from store.week import ALL_DAYS, Subject

__all__ = ["page", "refresh", "share", "who"]

log = logging.getLogger(__name__)

REFRESH_AT_MOST = 60
"""The most weeks that one press of *Refresh* reads, within the quota's reserve."""

A_WEEK = timedelta(seconds=1)
"""About how long Focus takes for one of those weeks, which are read one after the other."""

SAID_BEFORE = timedelta(seconds=10)
"""From this estimate on, a *Refresh* says beforehand how long it takes."""

FEW_PEOPLE = 9
"""On a board that reads by itself who was never read; of more, *Refresh* asks for a hundred in a call."""

FIRST_READ_AT_MOST = 20
"""Weeks, placeholders included."""

FIRST_READ_WITHIN = 2.0
"""Seconds: then the board shows what is known by then."""

LEAVE_WITHIN = 1.0
"""Seconds a board waits for Focus to say who is on leave; *Refresh* waits as long as it takes."""


@dataclass(frozen=True, slots=True)
class _Whom:
    """The entries of a board, by name, and how many people were left out because they are not linked."""

    entries: tuple[Entry, ...]
    unlinked: int = 0


async def who(ask: Ask) -> None:
    """``/hours who [today|tomorrow|mon…|week] [@group|@a @b|#channel]``."""
    board, week = await _board(ask, page=0)
    people = sum(line.who.subject.kind == "person" for line in board.lines)
    unread = min(sum(not line.is_read for line in board.lines), FIRST_READ_AT_MOST)
    if unread and people <= FEW_PEOPLE and ask.store.hours.is_plenty(unread):
        await _read_and_show(ask)
    else:
        await _answer(ask, board, week=week)


async def _read_and_show(ask: Ask) -> None:
    """At first use: weeks that were never read, while the quota has plenty."""
    board, _ = await _board(ask, page=0)
    unread = [line.who.subject for line in board.lines if not line.is_read]
    permits = await ask.store.access.allowed(await ask.actor(), Action.SEE, unread)
    reading = ask.store.hours.refresh(permits.values(), at_most=FIRST_READ_AT_MOST)
    try:
        await asyncio.wait_for(reading, FIRST_READ_WITHIN)
    except (TimeoutError, FocusError) as error:
        log.info("not everybody on a board was read: %s", error)
    await _show(ask, page=0)


async def page(ask: Ask) -> None:
    """*More* and *Previous*: show another page of the board."""
    number, again = _again(ask)
    await _show(again, page=number)


async def refresh(ask: Ask) -> None:
    """*Refresh*: read the oldest weeks again, as far as the quota's reserve allows."""
    number, again = _again(ask)
    actor = await again.actor()
    permits = await _may_see(again, actor, await _whom(again, actor))
    many = min(again.store.capacities.read_singly(permits), REFRESH_AT_MOST)
    long = many * A_WEEK >= SAID_BEFORE and again.store.hours.can_spare()
    if long:
        note = f"reading {many} weeks again, {about(many * A_WEEK)}"
        await _show(again, page=number, notes=(note,))

    async def read_and_show(ask: Ask) -> None:
        actor = await ask.actor()
        permits = await _may_see(ask, actor, await _whom(ask, actor))
        try:
            notes = await _noted(ask, await _renew(ask, actor, permits), of=len(permits))
        except FocusError as error:
            notes = (focus_trouble(error),)
        await _show(ask, page=number, notes=notes)

    in_lane(Lane.FOCUS, again, read_and_show, announced=long)


async def _noted(ask: Ask, renewed: Refreshed, *, of: int) -> tuple[str, ...]:
    """What *Refresh* could not read of so many weeks, and why."""
    failed = [
        (Who.of(await ask.store.directory.entry_or_id(subject), reader=ask.user_id), error)
        for subject, error in renewed.failed.items()
    ]
    if renewed.read + len(failed) == of:
        return not_read(failed)
    kept = f"{renewed.read} of {of} read again; the rest of the quota is kept for single looks"
    return (kept, *not_read(failed))


async def _renew(ask: Ask, actor: Actor, permits: Mapping[Subject, Permit]) -> Refreshed:
    day, _ = _days(ask, actor)
    monday, sunday = day - timedelta(days=day.weekday()), day + timedelta(days=6 - day.weekday())
    leave = await ask.store.absences.between(monday, sunday, may_ask=ask.store.hours.can_spare())
    away = {subject for subject in permits if leave.days(subject, monday, sunday)}
    return await ask.store.capacities.refresh(permits.values(), day, away=away, at_most=REFRESH_AT_MOST)


async def share(ask: Ask) -> None:
    """*Share to channel*: post who works and who does not, without hours, naming the sharer."""
    _, again = _again(ask)
    board, week = await _board(again, page=0)
    refusal = await _not_shared_here(ask)
    if refusal:
        await replace(ask, replaces=False).answer(Reply.saying(refusal))
        return
    try:
        await ask.publish(views.shared(board, by=mention(ask.user_id), week=week))
    except NotToldError as error:
        log.info("a shared board may not be in the channel: %s", error)
        await replace(ask, replaces=False).answer(views.not_shared(ask.place.channel))


async def _not_shared_here(ask: Ask) -> str:
    """Why a board may not be posted in this channel, as a sentence; empty if it may."""
    if not ask.place.channel.startswith(("C", "G")):
        return "There is no channel here to share to. Ask in a channel."
    try:
        shared = await ask.desk.people.audiences.is_shared(ask.place.channel)
    except SlackApiError:
        return "I can’t tell who reads this channel, so I don’t share a board here. Invite me to it first."
    if shared:
        return "People from other organizations read this channel, so I don’t share a board here."
    return await unfit_for_boards(ask.desk, ask.place.channel)


def _again(ask: Ask) -> tuple[int, Ask]:
    """Decode a board button's value (page number, command) into the page and a new ask for that board."""
    number, _, text = ask.value.partition(" ")
    with held():
        page_number = max(0, int(number))
    return page_number, replace(ask, asked=parse(text), text=text, value="")


async def _show(ask: Ask, *, page: int, notes: tuple[str, ...] = ()) -> None:
    board, week = await _board(ask, page=page, notes=notes)
    await _answer(ask, board, week=week)


async def _answer(ask: Ask, board: views.Board, *, week: bool) -> None:
    if not board.lines:
        actor = await ask.actor()
        if actor.guest:  # whose own week is not known
            await ask.store.access.refuse(actor, Action.SEE)
        may_manage = bool(await ask.store.access.managed_by(actor)) or ask.store.access.is_admin(actor)
        named = bool(ask.asked.subjects) and all(isinstance(ref, Mention) for ref in ask.asked.subjects)
        await ask.answer(views.nobody(command=ask.desk.command, may_manage=may_manage, named=named))
        return
    await ask.answer(views.week_board(board) if week else views.day_board(board))


async def _board(ask: Ask, *, page: int, notes: tuple[str, ...] = ()) -> tuple[views.Board, bool]:
    actor = await ask.actor()
    whom = await _whom(ask, actor)
    permits = await _may_see(ask, actor, whom)
    known = await ask.store.hours.board(permits.values())
    confirmed = await ask.store.confirmations.holding({subject: each.week for subject, each in known.items()})
    zone = ZoneInfo(actor.timezone)
    first, week = _days(ask, actor)
    dated = await ask.store.capacities.week_of(permits.values(), first)
    last = first + timedelta(days=6 if week else 0)
    away = await ask.store.absences.between(
        first, last, may_ask=ask.store.hours.can_spare(), patience=LEAVE_WITHIN
    )
    lines = tuple(
        views.Line(
            Who.of(entry, reader=ask.user_id),
            known.get(entry.subject),
            dated.get(entry.subject),
            away.days(entry.subject, first, last),
            confirmed[entry.subject].at.astimezone(zone).date() if entry.subject in confirmed else None,
        )
        for entry in whom.entries
        if entry.subject in permits
    )
    board = views.Board(
        lines=lines,
        first=first,
        asked=command(ask.asked),
        now=ask.desk.clock.now(),
        page=min(page, max(0, (len(lines) - 1) // views.PAGE)),
        unlinked=whom.unlinked,
        hidden=len(whom.entries) - len(lines),
        leave_known=away.known,
        days_unsure=ask.store.weekdays.uncertain,
        notes=notes,
    )
    return board, week


def _days(ask: Ask, actor: Actor) -> tuple[date, bool]:
    """The first day to show and whether to show a week.

    A named weekday is the next one, today included; a week begins as in the reader's locale.
    """
    word = ask.asked.rest
    today = ask.desk.clock.now().astimezone(ZoneInfo(actor.timezone)).date()
    if word == "week":
        return today - timedelta(days=(today.isoweekday() - read_by().first) % 7), True
    if word == "tomorrow":
        return today + timedelta(days=1), False
    named = [day for day in ALL_DAYS if day.name.lower() == word]
    ahead = (named[0] - today.isoweekday()) % 7 if named else 0
    return today + timedelta(days=ahead), False


async def _may_see(ask: Ask, actor: Actor, whom: _Whom) -> dict[Subject, Permit]:
    return await ask.store.access.allowed(actor, Action.SEE, [entry.subject for entry in whom.entries])


async def _whom(ask: Ask, actor: Actor) -> _Whom:
    """The people on the board.

    Those who are named; without names, a channel's members there, elsewhere the people the actor
    manages; for a guest only themselves.
    """
    if actor.guest:
        return await _named(ask, ask.asked.subjects or (Me(),))
    if ask.asked.subjects:
        return await _named(ask, ask.asked.subjects)
    if ask.place.kind == "channel" and ask.place.channel.startswith(("C", "G")):
        return await _named(ask, (Channel(ask.place.channel),))
    return _Whom(await managed(ask, actor))


async def _named(ask: Ask, refs: Iterable[SubjectRef]) -> _Whom:
    await ask.desk.people.listed()
    everybody = {entry.slack_user_id: entry for entry in await ask.store.directory.people()}
    found: dict[Subject, Entry] = {}
    unlinked = 0
    for ref in refs:
        await ask.may_name(ref)
        if isinstance(ref, (Group, Channel)):
            members = await roster(ask.desk, ref)
            linked = [everybody[member] for member in members if member in everybody]
            unlinked += len(members) - len(linked)
            found |= {entry.subject: entry for entry in linked}
            continue
        try:
            entry = await ask.subject(ref)
        except NotLinkedError:
            unlinked += 1
        else:
            found[entry.subject] = entry
    return _Whom(by_name(found.values()), unlinked)
