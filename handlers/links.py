"""``/hours link``, ``unlink``, ``links``: show and change which Slack user is which Focus user.

Most people are linked automatically by e-mail. Only admins may make other links and read the overview.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_sdk.models.views import View

from handlers import checkups, leavers
from handlers.desk import Ask, Desk
from handlers.likeness import likeliest
from handlers.malformed import held
from handlers.opening import open_form
from handlers.subjects import slack_user
from handlers.views import links as views
from handlers.views.blocks import Reply
from store.access import Action, Permit
from store.directory import Entry
from store.focus import FocusError
from store.week import Subject

__all__ = [
    "choices",
    "link",
    "link_one",
    "open_picker",
    "overview",
    "picked",
    "said",
    "tell_ambiguous",
    "unlink",
    "unlink_one",
    "user_changed",
]


async def link(ask: Ask) -> None:
    """``/hours link [@ana [501]]``: link oneself by e-mail; as an admin also others, or by Focus id."""
    user_id = slack_user(ask.asked.subjects[0], asker=ask.user_id)
    if ask.asked.focus_id is not None:
        permit = await ask.may(Action.ADMINISTER)
        await _join(ask, permit, user_id, ask.asked.focus_id)
    elif user_id == ask.user_id:
        await _link_myself(ask)
    elif ask.user_id in ask.store.access.admins:
        await open_picker(replace(ask, value=user_id))
    else:
        await ask.store.access.refuse(await ask.actor(), Action.ADMINISTER)


async def _link_myself(ask: Ask) -> None:
    await ask.actor()
    entry = await ask.desk.people.linked(ask.user_id, asker=ask.user_id)
    await ask.store.links.first_use(ask.user_id, now=ask.desk.clock.now())
    ask.desk.changed(ask.user_id)
    await ask.answer(views.you_are(entry, command=ask.desk.command))


async def unlink(ask: Ask) -> None:
    """``/hours unlink [@ana]``: remove one's own link, or as an admin anybody's; e-mail never restores it."""
    user_id = slack_user(ask.asked.subjects[0], asker=ask.user_id)
    if user_id != ask.user_id:
        await ask.may(Action.ADMINISTER)
    entry = await ask.store.directory.linked(user_id)
    if entry is None:
        await ask.answer(views.not_linked(user_id, reader=ask.user_id, command=ask.desk.command))
        return
    permit = await ask.may(Action.UNLINK, entry.subject)
    await ask.store.links.unlink(permit, now=ask.desk.clock.now())
    ask.desk.changed(user_id)
    admins = ask.store.access.admins
    await ask.answer(
        views.unlinked(user_id, entry, reader=ask.user_id, admins=admins, command=ask.desk.command)
    )


# ------------------------------------------------------------------ everybody


async def overview(ask: Ask) -> None:
    """``/hours links``: show who is linked, and who is not, each with the likeliest match."""
    await ask.may(Action.ADMINISTER)
    await _show_overview(ask)


async def link_one(ask: Ask) -> None:
    """*Link* beside a likely pair: link them and show the updated overview."""
    permit = await ask.may(Action.ADMINISTER)
    with held():
        user_id, number = ask.value.split(" ")
        subject = Subject("person", int(number))
    await ask.store.links.link(
        permit, slack_user_id=user_id, focus_user_id=subject.id, now=ask.desk.clock.now()
    )
    entry = await ask.store.directory.entry_or_id(subject)
    await checkups.linked(ask.desk, subject)
    ask.desk.changed(user_id)
    await _show_overview(ask, note=views.linked(user_id, entry).text)


async def unlink_one(ask: Ask) -> None:
    """*Unlink* beside a link with somebody who left: remove it and show the updated overview."""
    await ask.may(Action.ADMINISTER)
    with held():
        subject = Subject("person", int(ask.value))
    entry = await ask.store.directory.entry_or_id(subject)
    permit = await ask.may(Action.UNLINK, entry.subject)
    link = await ask.store.links.unlink(permit, now=ask.desk.clock.now())
    admins = ask.store.access.admins
    if link:
        ask.desk.changed(link.slack_user_id)
    note = link and views.unlinked(
        link.slack_user_id, entry, reader=ask.user_id, admins=admins, command=ask.desk.command
    )
    await _show_overview(ask, note=note.text if note else "")


async def _show_overview(ask: Ask, *, note: str = "") -> None:
    found = await ask.store.links.overview(await ask.desk.people.members())
    await ask.answer(views.overview(found, note=note, command=ask.desk.command))


# ------------------------------------------------------------------ the picker


async def open_picker(ask: Ask) -> None:
    """*Link…*: open a loading modal at once, then fill it with the likeliest Focus user chosen."""
    await open_form(ask, _fill, title=views.TITLE, loading="Looking for the likeliest …", offer=_offer)


async def _offer(ask: Ask) -> Reply:
    await ask.may(Action.ADMINISTER)
    return views.offer(ask.value, await ask.store.directory.linked(ask.value))


async def _fill(ask: Ask) -> View | None:
    await ask.may(Action.ADMINISTER)
    user_id = ask.value
    if entry := await ask.store.directory.linked(user_id):
        await ask.answer(views.offer(user_id, entry))
        return None
    person = await ask.desk.people.slack_person(user_id)
    if not person.can_link:
        await ask.answer(views.cannot_link(user_id))
        return None
    likely = likeliest(person, await ask.store.directory.people())
    return views.build(person, chosen=likely)


async def choices(ask: Ask) -> list[tuple[str, str]]:
    """Active Focus users whose name or e-mail contains the text: (id, name), unlinked ones first."""
    await ask.may(Action.ADMINISTER)
    named = {entry.subject for entry in await ask.store.directory.named(ask.text)}
    typed = ask.text.strip().casefold()
    found = [
        entry
        for entry in await ask.store.directory.people()
        if entry.active and (entry.subject in named or typed in entry.email.casefold())
    ]
    found.sort(key=lambda entry: entry.slack_user_id is not None)
    return [(str(entry.subject.id), views.choice(entry)) for entry in found]


def said(view: Mapping[str, Any]) -> dict[str, Any]:
    """The submitted picker as the equivalent typed line, which is what is recorded.

    Raises:
        FieldError: nobody is chosen.
    """
    user_id, focus_id = views.read(view)
    return {"text": f"link <@{user_id}> {focus_id}"}


async def picked(ask: Ask) -> None:
    """*Link* in the modal: link the chosen user and show the result in the modal."""
    user_id, focus_id = views.read(ask.view)
    await _join(ask, await ask.may(Action.ADMINISTER), user_id, focus_id)


# ------------------------------------------------------------------ what happens by itself


async def user_changed(ask: Ask) -> None:
    """``user_change``: update what is known of the user, notice leavers, and try to link by e-mail."""
    ask.desk.people.changed(ask.view["user"])
    person = await ask.desk.people.slack_person(ask.user_id)
    await leavers.look_after(ask.desk, person)
    if await ask.store.directory.linked(ask.user_id) is None:
        await ask.store.links.match([person], now=ask.desk.clock.now())
        ask.desk.changed(ask.user_id)


async def tell_ambiguous(desk: Desk) -> None:
    """Tell the admins, once, about Focus users who share an e-mail and so cannot be linked by it."""
    found = (await desk.store.links.overview(())).ambiguous
    if not found:
        return
    about = ",".join(str(entry.subject.id) for entry in found)
    await desk.store.outbox.alert(
        f"ambiguous:{about}",
        recipients=desk.store.access.admins,
        detail={"code": "ambiguous", "seen": views.listed(found)},
        now=desk.clock.now(),
    )


# ------------------------------------------------------------------ inside


async def _join(ask: Ask, permit: Permit, user_id: str, focus_id: int) -> None:
    """Link a Slack user to a Focus user on an admin's request, if both exist."""
    person = await ask.desk.people.slack_person(user_id)
    entry = await _listed(ask, Subject("person", focus_id))
    if not person.can_link:
        await ask.answer(views.cannot_link(user_id))
    elif entry is None:
        await ask.answer(views.no_focus_user(focus_id, command=ask.desk.command))
    else:
        await ask.store.links.link(
            permit, slack_user_id=user_id, focus_user_id=focus_id, now=ask.desk.clock.now()
        )
        await checkups.linked(ask.desk, entry.subject)
        ask.desk.changed(user_id)
        await ask.answer(views.linked(user_id, entry))


async def _listed(ask: Ask, subject: Subject) -> Entry | None:
    """The Focus user's entry; if it is missing, the list is read from Focus again, once."""
    entry = await ask.store.directory.entry(subject)
    if entry is None and ask.store.hours.can_spare():
        try:
            await ask.store.directory.refresh_people(ask.desk.clock.now())
        except FocusError:
            return None
        entry = await ask.store.directory.entry(subject)
    return entry
