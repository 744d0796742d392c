"""``/hours managers``: list who may change whose week; admins also grant and revoke that right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View

from handlers import opening
from handlers.asked import Group
from handlers.deciders import real_name
from handlers.desk import Ask
from handlers.grammar import parse
from handlers.grammar.dates import date_of
from handlers.malformed import held
from handlers.refusing import refuse
from handlers.slack_errors import SLACK_TROUBLE
from handlers.subjects import slack_user
from handlers.views import grants as form
from handlers.views import managers as views
from handlers.views.blocks import Reply
from store.access import GROUP, Action, Actor, Grant, Permit
from store.directory import Entry
from store.week import Subject

__all__ = [
    "groups",
    "managers",
    "open_form",
    "revoke_pressed",
    "said",
    "submitted",
    "switch_whose",
]


async def managers(ask: Ask) -> None:
    """List, grant or revoke: ``/hours managers [list | grant … | revoke …]``."""
    match ask.asked.action:
        case "grant":
            await _grant(ask)
        case "revoke":
            await _revoke(ask)
        case _:
            await _list(ask)


async def revoke_pressed(ask: Ask) -> None:
    """*Revoke* in the list: revoke that one grant and show the updated list."""
    permit = await ask.may(Action.ADMINISTER)
    manager, _, scope = ask.value.partition(" ")
    taken = await ask.store.access.revoke(permit, manager=manager, scope=scope)
    ask.desk.changed(manager)
    names = await _names(ask, [scope])
    planned = await _planned_in_vain(ask, manager)
    note = views.revoked(manager, [scope] if taken else [], names, any_left=False, planned=planned)
    await ask.answer(await _everybodys(ask, note=note.text))


# ------------------------------------------------------------------ list


async def _list(ask: Ask) -> None:
    actor = await ask.actor()
    if await ask.store.access.can(actor, Action.ADMINISTER):
        await ask.answer(await _everybodys(ask))
        return
    if actor.guest:
        await ask.store.access.refuse(actor, Action.ADMINISTER)
    await ask.answer(await _mine(ask, actor))


async def _everybodys(ask: Ask, *, note: str = "") -> Reply:
    found = await ask.store.access.grants()
    names = await _names(ask, (grant.scope for grant in found))
    return views.grants(found, names, admins=ask.store.access.admins, command=ask.desk.command, note=note)


async def _mine(ask: Ask, actor: Actor) -> Reply:
    found = await ask.store.access.managed_by(actor)
    names = await _names(ask, (grant.scope for grant in found))
    own = ""
    if ask.store.access.policy.self_edit:
        linked = await ask.store.directory.linked(actor.user_id)
        own = "your own week" if linked else views.own_once_linked(command=ask.desk.command)
    return views.mine(found, names, own=own, admins=ask.store.access.admins)


# ------------------------------------------------------------------ grant, revoke


async def _grant(ask: Ask) -> None:
    permit = await ask.may(Action.ADMINISTER)
    manager = slack_user(ask.asked.subjects[0], asker=ask.user_id)
    today = ask.store.access.today
    until = date_of(ask.asked.until, today=today) if ask.asked.until else None
    if reply := await _refusal(ask, manager, until):
        await refuse(ask, reply)
        return
    wanted = await _named(ask)
    now = ask.desk.clock.now()
    new = [
        scope
        for scope in wanted
        if await ask.store.access.grant(permit, manager=manager, scope=scope, now=now, until=until)
    ]
    names = await _names(ask, wanted)
    await ask.answer(views.granted(manager, new or wanted, names, new=bool(new), until=until))
    if new:
        name = await real_name(ask, permit.actor)
        told = views.new_manager(name, new, names, command=ask.desk.command, until=until)
        about = f"grant:{manager}:{','.join(new)}:{now.isoformat()}"
        await ask.store.outbox.alert(about, recipients=(manager,), detail={"text": told}, now=now)


async def _refusal(ask: Ask, manager: str, until: date | None) -> Reply | None:
    """The answer if the grant is not possible, with the reason; ``None`` if it is."""
    if until and until < ask.store.access.today:
        return views.past(until)
    person = await ask.desk.people.actor(manager, team_id=ask.team_id)
    reason = ""
    if person.outsider:
        reason = "outsider"
    elif person.guest:
        reason = "guest"
    elif ask.store.access.is_admin(person):
        reason = "admin"
    elif manager in _whom(ask):
        reason = "oneself"
    if reason:
        return views.refused(manager, reason)
    return await _unreadable(ask)


async def _unreadable(ask: Ask) -> Reply | None:
    """The answer if a named user group cannot be read, since a grant for it would have no effect."""
    for ref in ask.asked.subjects:
        if isinstance(ref, Group):
            try:
                await ask.desk.people.groups.members(ref.id)
            except SlackApiError:
                return views.unreadable_group(ref.label)
    return None


async def _revoke(ask: Ask) -> None:
    permit = await ask.may(Action.ADMINISTER)
    manager = slack_user(ask.asked.subjects[0], asker=ask.user_id)
    held = [grant for grant in await ask.store.access.grants() if grant.manager == manager]
    wanted = set(await _named(ask)) or {grant.scope for grant in held}
    taken = [grant.scope for grant in held if grant.scope in wanted and await _take(ask, permit, grant)]
    names = await _names(ask, taken)
    ask.desk.changed(manager)
    planned = await _planned_in_vain(ask, manager)
    any_left = len(held) > len(taken)
    await ask.answer(views.revoked(manager, taken, names, any_left=any_left, planned=planned))


async def _planned_in_vain(ask: Ask, manager: str) -> int:
    """How many planned changes of the manager an admin must decide about, as the right is gone."""
    plans = await ask.store.plans.by(manager)
    if not plans:
        return 0
    try:
        actor = await ask.desk.people.actor(manager, team_id=ask.team_id)
    except SLACK_TROUBLE:
        return 0  # the grant is revoked in any case; only the count is unknown
    may = await ask.store.access.allowed(actor, Action.CHANGE, {plan.subject for plan in plans})
    return sum(plan.subject not in may for plan in plans)


async def _take(ask: Ask, permit: Permit, grant: Grant) -> bool:
    return await ask.store.access.revoke(permit, manager=grant.manager, scope=grant.scope)


# ------------------------------------------------------------------ the form


async def open_form(ask: Ask) -> None:
    """*Grant…* below the list: open the form."""
    await opening.open_form(ask, _fill, title=form.TITLE)


async def _fill(ask: Ask) -> View:
    await ask.may(Action.ADMINISTER)
    return form.build(earliest=ask.store.access.today)


async def switch_whose(ask: Ask) -> None:
    """Show the field that the newly chosen kind of scope needs, keeping the other fields."""
    with held():
        view = form.build(form.Whose[ask.value], earliest=form.earliest_in(ask.view))
    await ask.update_modal(view)


async def groups(ask: Ask) -> list[tuple[str, str]]:
    """The user groups whose names contain the typed text."""
    await ask.may(Action.ADMINISTER)
    return await ask.desk.people.groups.named(ask.text)


def said(view: Mapping[str, Any]) -> dict[str, Any]:
    """The submitted form as the equivalent typed line, which is what is recorded.

    Raises:
        FieldError: a field is not valid.
    """
    return {"text": form.read(view)}


async def submitted(ask: Ask) -> None:
    """*Grant* in the form: grant as though typed, and show the result in the modal."""
    line = form.read(ask.view)
    await _grant(replace(ask, asked=parse(line), text=line))


# ------------------------------------------------------------------ inside


def _whom(ask: Ask) -> set[str]:
    """The Slack users named as subjects of the grant, without user groups."""
    refs = (ref for ref in ask.asked.subjects[1:] if not isinstance(ref, Group))
    return {slack_user(ref, asker=ask.user_id) for ref in refs}


async def _named(ask: Ask) -> list[str]:
    """The typed scopes as stored in grants; a person must be linked."""
    if ask.asked.rest:
        return [ask.asked.rest]
    scopes = []
    for ref in ask.asked.subjects[1:]:
        if isinstance(ref, Group):
            scopes.append(f"{GROUP}{ref.id}")
        else:
            scopes.append((await ask.subject(ref)).subject.key)
    return scopes


async def _names(ask: Ask, scopes: Iterable[str]) -> views.Names:
    """Scope -> entry of the person, or name of the user group if Slack lists it."""
    every = set(scopes)
    persons = {scope for scope in every if scope.startswith("person:")}
    names: dict[str, Entry | str] = {}
    for scope in persons:
        names[scope] = await ask.store.directory.entry_or_id(Subject.parse(scope))
    if any(scope.startswith(GROUP) for scope in every):
        groups = await ask.desk.people.groups.names()
        names |= {f"{GROUP}{group_id}": name for group_id, name in groups.items()}
    return names
