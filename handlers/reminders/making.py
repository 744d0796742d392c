"""``/hours remind``: a reminder made, or changed, in one line or in the form.

Both become one :class:`Asked`; what does not fit brings the form back as it was filled in.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypedDict

from handlers.asked import Asked, Channel, Group, Reminding, Verb
from handlers.channels import ChannelUnfitError, require_postable
from handlers.desk import Ask, Desk, ModalClosedError
from handlers.grammar import command, parse
from handlers.grammar.zones import zones_named, zones_with
from handlers.replies import SLACK_TROUBLE
from handlers.views.blocks import Reply
from handlers.views.boards import NOT_IN_CHANNELS
from handlers.views.reminders import form
from handlers.views.reminders import shown as views
from handlers.views.reminders.card import Known
from store.access import Action, Actor, Permit
from store.outbox import Message
from store.reminders import Reminder, ReminderGoneError, ReminderKind, SameReminderError, Schedule, Span

__all__ = [
    "change",
    "channel_in",
    "groups",
    "known",
    "managed",
    "open_again",
    "open_form",
    "remind",
    "said",
    "save_again",
    "show",
    "submitted",
    "unsaved",
    "zones",
]

log = logging.getLogger(__name__)


class _Values(TypedDict):
    kind: ReminderKind
    channel: str
    group: str | None
    schedule: Schedule
    span: Span


async def remind(ask: Ask) -> None:
    """``/hours remind …``: at once where the line says when, else the form."""
    actor = await ask.actor()
    await ask.store.access.may(actor, Action.REMIND)
    asked = _completed(ask, actor)
    if asked.action or not channel_in(asked):
        await _show_form(ask, asked)
    else:
        made, note = await _create(ask, asked)
        await show(ask, made, note=note)


async def open_form(ask: Ask) -> None:
    """*New reminder…*, and the form where a line could not be carried out."""
    await remind(replace(ask, asked=parse(ask.value)))


async def _create(ask: Ask, asked: Asked) -> tuple[Reminder, str]:
    """The reminder that is there then, and what to say of it."""
    permit = await ask.may(Action.REMIND)
    await _require_fit(ask, asked)
    try:
        made = await ask.store.reminders.add(permit, **_values(asked), now=ask.desk.clock.now())
    except SameReminderError as error:
        return error.reminder, views.THERE_ALREADY
    ask.desk.changed()
    return made, views.CREATED


async def _require_fit(ask: Ask, asked: Asked) -> None:
    """Let through what may be posted there.

    Raises:
        ChannelUnfitError: it may not; who or what could change that.
    """
    board = asked.reminding is not None and asked.reminding.kind is ReminderKind.BOARD
    if board and not ask.store.access.may_share_boards:
        raise ChannelUnfitError(NOT_IN_CHANNELS)
    await require_postable(ask.desk, channel_in(asked), asker=ask.user_id)


def _completed(ask: Ask, actor: Actor) -> Asked:
    """What was typed, with the channel it was typed in, a check, and the asker's own zone."""
    said = ask.asked.reminding or Reminding()
    kind = said.kind or ReminderKind.CHECK
    subjects = ask.asked.subjects
    if not channel_in(ask.asked) and ask.here.startswith(("C", "G")):
        subjects = (Channel(ask.here), *subjects)
    zone = said.zone or "".join(zones_named(actor.timezone)[:1]) or "UTC"
    reminding = replace(said, kind=kind, at=said.at or form.NINE, zone=zone)
    if kind is ReminderKind.CHECK and not ask.asked.action:
        reminding = replace(reminding, rule=said.rule or form.USUAL)
    return replace(ask.asked, subjects=subjects, reminding=reminding)


# ------------------------------------------------------------------ the form


async def _show_form(ask: Ask, asked: Asked, *, reminder_id: str = "") -> None:
    """The form in the open modal, in a new one, or behind a button where none can open."""
    named = replace(asked, subjects=await _labelled(ask, asked))
    if ask.place.kind == "modal":
        await ask.update_modal(form.build(named, reminder_id=reminder_id))
    elif ask.trigger_id:
        view = form.build(named, reminder_id=reminder_id)
        await ask.desk.slack.views_open(trigger_id=ask.trigger_id, view=view)
    else:
        await ask.answer(form.offer(command(replace(asked, action="form"))))


async def _labelled(ask: Ask, asked: Asked) -> tuple[Channel | Group, ...]:
    """The places with the group's name as last known: Slack is not asked, so that a form opens at once."""
    names = await ask.store.groups.known()
    named: list[Channel | Group] = []
    for ref in asked.subjects:
        match ref:
            case Group(id=group_id, label=label):
                name, _ = names.get(group_id, (label or group_id, None))
                named.append(Group(group_id, label or name))
            case Channel():
                named.append(ref)
    return tuple(named)


async def groups(ask: Ask) -> list[tuple[str, str]]:
    """User groups by a part of their name; none where the workspace has none."""
    await ask.may(Action.REMIND)
    return await ask.desk.people.groups.named(ask.text)


async def zones(ask: Ask) -> list[tuple[str, str]]:
    """Time zones by a part of their name, the asker's own first."""
    own = (await ask.actor()).timezone
    found = zones_with(ask.text)
    return [(zone, zone) for zone in dict.fromkeys((*(each for each in found if each == own), *found))]


def said(view: Mapping[str, Any]) -> dict[str, Any]:
    """The same as a typed line, so that it survives a restart; a change names its reminder.

    Raises:
        FieldError: beside the fields.
    """
    line = command(form.read(view))
    if reminder_id := form.reminder_in(view):
        return {"press": "reminder_save", "value": f"{reminder_id} {line}"}
    return {"text": line}


async def submitted(ask: Ask) -> None:
    """*Create* and *Save*: what can't be saved comes back in the form, with everything that was filled in."""
    asked, reminder_id = form.read(ask.view), form.reminder_in(ask.view)
    try:
        saved, note = await _save(ask, reminder_id, asked)
    except ChannelUnfitError as unfit:
        await _bring_back(ask, asked, reminder_id, why=unfit.sentence)
    except SLACK_TROUBLE as trouble:
        log.info("a reminder is not saved: Slack answered %s", type(trouble).__name__)
        await _bring_back(ask, asked, reminder_id, why=form.SLACK_SILENT)
    else:
        await show(ask, saved, note=note)


async def _bring_back(ask: Ask, asked: Asked, reminder_id: str, *, why: str) -> None:
    """The form as it was filled in; where Slack can't show it, a message that lasts has a button for it."""
    named = replace(asked, subjects=await _labelled(ask, asked))
    try:
        await ask.update_modal(form.build(named, reminder_id=reminder_id, note=why))
    except (ModalClosedError, *SLACK_TROUBLE):
        await ask.store.outbox.alert(
            f"unsaved:{ask.act_id}",
            recipients=(ask.user_id,),
            detail={"code": "unsaved", "why": why, "line": command(asked), "reminder": reminder_id},
            now=ask.desk.clock.now(),
        )


async def unsaved(_: Desk, message: Message) -> Reply | None:
    """What could not be saved, for whoever has closed the form, or could not be shown it."""
    detail = message.detail
    return form.unsaved(detail["why"], line=detail["line"], reminder_id=detail["reminder"])


async def open_again(ask: Ask) -> None:
    """*Open the form* below that."""
    reminder_id, _, line = ask.value.partition(" ")
    if reminder_id == form.NEW:
        await ask.may(Action.REMIND)
    else:
        await managed(ask, reminder_id)
    await _show_form(ask, parse(line), reminder_id=reminder_id.removeprefix(form.NEW))


async def save_again(ask: Ask) -> None:
    """*Do it now* after a restart: a changed reminder, as the form had it."""
    reminder_id, _, line = ask.value.partition(" ")
    saved, note = await _save(ask, reminder_id, parse(line))
    await show(ask, saved, note=note)


async def _save(ask: Ask, reminder_id: str, asked: Asked) -> tuple[Reminder, str]:
    if not reminder_id:
        return await _create(ask, asked)
    _, permit = await managed(ask, reminder_id)
    await _require_fit(ask, asked)
    now = ask.desk.clock.now()
    changed = await ask.store.reminders.change(permit, reminder_id, **_values(asked), now=now)
    return changed, "Changed."


async def change(ask: Ask) -> None:
    """*Change…*: the form with what it is now."""
    reminder, _ = await managed(ask, ask.value)
    await _show_form(ask, _asked_of(reminder), reminder_id=reminder.id)


# ------------------------------------------------------------------ inside


async def managed(ask: Ask, reminder_id: str, *, to_stop: bool = False) -> tuple[Reminder, Permit]:
    """A reminder that is still there, and the right to change it.

    Whoever may not make reminders any more can only stop their own.

    Raises:
        ReminderGoneError, NotAllowedError: it was deleted, or is somebody else's.
    """
    actor = await ask.actor()
    if not to_stop:
        await ask.store.access.may(actor, Action.REMIND)
    reminder = await ask.store.reminders.get(reminder_id)
    if reminder is None:
        raise ReminderGoneError(reminder_id)
    return reminder, await ask.store.access.may_manage(actor, owner=reminder.owner)


async def show(ask: Ask, reminder: Reminder, *, note: str) -> None:
    """Answer with a reminder as it is now, below what was done to it."""
    await ask.answer(views.one(reminder, await known(ask, reminder), note=note))


async def known(ask: Ask, *found: Reminder) -> Known:
    """What the words of these reminders need."""
    groups = await ask.desk.people.groups.names() if any(each.group for each in found) else {}
    return Known(groups, ask.desk.bot_name)


def channel_in(asked: Asked) -> str:
    """The channel that is named; empty where none is."""
    return next((ref.id for ref in asked.subjects if isinstance(ref, Channel)), "")


def _values(asked: Asked) -> _Values:
    """What the store keeps of it.

    Raises:
        LookupError: it was not completed.
    """
    reminding = asked.reminding
    if reminding is None or reminding.rule is None or reminding.at is None or not reminding.kind:
        raise LookupError("a reminder without its days, its time or what it does")
    group = next((ref.id for ref in asked.subjects if isinstance(ref, Group)), None)
    return {
        "kind": reminding.kind,
        "channel": channel_in(asked),
        "group": group,
        "schedule": Schedule(reminding.rule, reminding.at, reminding.zone),
        "span": "week" if reminding.span == "week" else "day",
    }


def _asked_of(reminder: Reminder) -> Asked:
    """The line that would make this reminder."""
    schedule = reminder.schedule
    board = reminder.kind is ReminderKind.BOARD
    group = [Group(reminder.group)] if reminder.group else []
    return Asked(
        Verb.REMIND,
        (Channel(reminder.channel), *group),
        reminding=Reminding(
            schedule.rule, schedule.at, schedule.zone, reminder.kind, reminder.span if board else ""
        ),
    )
