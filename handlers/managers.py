"""``/hours managers``: who may change whose week; granting and revoking is an admin's."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.desk import Ask
from handlers.people import slack_user
from handlers.views import managers as views
from handlers.views.blocks import Reply
from store.access import Action, Actor, Grant, NotAllowedError, Permit, Refusal
from store.directory import Entry
from store.week import Subject

__all__ = ["managers", "revoke_pressed"]


async def managers(ask: Ask) -> None:
    """``/hours managers [list | grant … | revoke …]``."""
    match ask.asked.action:
        case "grant":
            await _grant(ask)
        case "revoke":
            await _revoke(ask)
        case _:
            await _list(ask)


async def revoke_pressed(ask: Ask) -> None:
    """*Revoke* in the list: that one grant, and the list shown anew."""
    permit = await _administering(ask)
    manager, _, scope = ask.value.partition(" ")
    taken = await ask.store.access.revoke(permit, manager=manager, scope=scope)
    names = await _names(ask, [scope])
    note = views.revoked(manager, [scope] if taken else [], names, any_left=False)
    await ask.answer(await _everybodys(ask, note=note.text))


# ------------------------------------------------------------------ list


async def _list(ask: Ask) -> None:
    actor = await ask.actor()
    try:
        await ask.store.access.may(actor, Action.ADMINISTER)
    except NotAllowedError as error:
        if error.refusal is not Refusal.NOT_ADMIN:
            raise
        await ask.answer(await _mine(ask, actor))
    else:
        await ask.answer(await _everybodys(ask))


async def _everybodys(ask: Ask, *, note: str = "") -> Reply:
    found = await ask.store.access.grants()
    names = await _names(ask, (grant.scope for grant in found))
    return views.grants(found, names, admins=_admins(ask), command=ask.desk.command, note=note)


async def _mine(ask: Ask, actor: Actor) -> Reply:
    found = await ask.store.access.managed_by(actor)
    names = await _names(ask, (grant.scope for grant in found))
    own = ask.store.access.policy.self_edit
    return views.mine(found, names, own=own, admins=_admins(ask))


# ------------------------------------------------------------------ grant, revoke


async def _grant(ask: Ask) -> None:
    permit = await _administering(ask)
    manager = slack_user(ask.asked.subjects[0], asker=ask.user_id)
    if reason := await _refusal(ask, manager):
        await ask.answer(views.refused(manager, reason))
        return
    names = await _named(ask)
    now = ask.desk.clock.now()
    new = [
        scope
        for scope in names
        if await ask.store.access.grant(permit, manager=manager, scope=scope, now=now)
    ]
    entries = {scope: entry for scope, entry in names.items() if entry}
    await ask.answer(views.granted(manager, new or list(names), entries, new=bool(new)))
    if new:
        told = views.new_manager(permit.actor.name, new, entries, command=ask.desk.command)
        about = f"grant:{manager}:{','.join(new)}:{now.isoformat()}"
        await ask.store.outbox.alert(about, recipients=(manager,), detail={"text": told}, now=now)


async def _refusal(ask: Ask, manager: str) -> str:
    """Why this person cannot be given what is asked; empty if they can."""
    person = await ask.desk.people.actor(manager, team_id=ask.team_id)
    if person.outsider:
        return "outsider"
    if person.guest:
        return "guest"
    if ask.store.access.is_admin(person):
        return "admin"
    return "oneself" if manager in _whom(ask) else ""


async def _revoke(ask: Ask) -> None:
    permit = await _administering(ask)
    manager = slack_user(ask.asked.subjects[0], asker=ask.user_id)
    held = [grant for grant in await ask.store.access.grants() if grant.manager == manager]
    wanted = set(await _named(ask)) or {grant.scope for grant in held}
    taken = [grant.scope for grant in held if grant.scope in wanted and await _take(ask, permit, grant)]
    names = await _names(ask, taken)
    await ask.answer(views.revoked(manager, taken, names, any_left=len(held) > len(taken)))


async def _take(ask: Ask, permit: Permit, grant: Grant) -> bool:
    return await ask.store.access.revoke(permit, manager=grant.manager, scope=grant.scope)


# ------------------------------------------------------------------ inside


async def _administering(ask: Ask) -> Permit:
    return await ask.store.access.may(await ask.actor(), Action.ADMINISTER)


def _admins(ask: Ask) -> tuple[str, ...]:
    return tuple(sorted(ask.store.access.policy.admins))


def _whom(ask: Ask) -> set[str]:
    """The Slack users whose weeks are meant."""
    return {slack_user(ref, asker=ask.user_id) for ref in ask.asked.subjects[1:]}


async def _named(ask: Ask) -> dict[str, Entry | None]:
    """The scopes that were typed; persons need a link to be found by."""
    if ask.asked.rest:
        return {ask.asked.rest: None}
    entries = [await ask.desk.people.subject(ref, asker=ask.user_id) for ref in ask.asked.subjects[1:]]
    return {entry.subject.key: entry for entry in entries}


async def _names(ask: Ask, scopes: Iterable[str]) -> dict[str, Entry]:
    """The people whom these scopes name."""
    persons = {scope for scope in scopes if scope.startswith("person:")}
    return {scope: await ask.store.directory.entry_or_id(Subject.parse(scope)) for scope in persons}
