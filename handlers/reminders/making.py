"""``/hours remind``: create or change a reminder, in one line or in the form.

Both end up as an :class:`Asked`; if the form's reminder cannot be saved, the form is shown again, filled in.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypedDict

from slack_sdk.models.views import View

from handlers import opening
from handlers.asked import Asked, Channel, Group, Reminding, Verb
from handlers.channels import ChannelUnfitError, require_postable, unfit_for_boards
from handlers.desk import Ask, Desk, ModalClosedError
from handlers.grammar import command, parse
from handlers.grammar.zones import zones_named, zones_with
from handlers.refusing import show_again
from handlers.reminders.managed import managed, show
from handlers.slack_errors import SLACK_TROUBLE
from handlers.views.blocks import Reply
from handlers.views.reminders import form
from handlers.views.reminders import shown as views
from store.access import Action
from store.messages import Message
from store.reminders import Reminder, ReminderKind, SameReminderError, Schedule, Span

__all__ = [
    "change",
    "groups",
    "open_again",
    "open_form",
    "remind",
    "said",
    "save_again",
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
    """``/hours remind …``: create the reminder if the line is complete, else show the form."""
    if ask.asked.action or not _here(ask).channel:
        await opening.open_form(ask, _new_form, title=form.title(), offer=_offer)
    else:
        made, note = await _create(ask, await _completed(ask))
        await show(ask, made, note=note)


async def open_form(ask: Ask) -> None:
    """Buttons such as *New reminder…*, whose value is a remind command."""
    await remind(replace(ask, asked=parse(ask.value)))


async def _create(ask: Ask, asked: Asked) -> tuple[Reminder, str]:
    """Create the reminder unless an equal one exists; return it and the note to show."""
    permit = await ask.may(Action.REMIND)
    await _require_fit(ask, asked)
    try:
        made = await ask.store.reminders.add(permit, **_values(asked), now=ask.desk.clock.now())
    except SameReminderError as error:
        return error.reminder, views.THERE_ALREADY
    ask.desk.changed()
    return made, views.CREATED


async def _require_fit(ask: Ask, asked: Asked) -> None:
    """Check that the reminder may be posted in its channel.

    A check may be posted where a board may not: it names those it asks, who work that day, without hours.

    Raises:
        ChannelUnfitError: it may not; the sentence says what could change that.
    """
    await require_postable(ask.desk, asked.channel, asker=ask.user_id)
    board = asked.reminding is not None and asked.reminding.kind is ReminderKind.BOARD
    if board and (why := await unfit_for_boards(ask.desk, asked.channel)):
        raise ChannelUnfitError(why)


def _here(ask: Ask) -> Asked:
    """The command with this channel, if it was typed in one and names none."""
    if ask.asked.channel or not ask.here.startswith(("C", "G")):
        return ask.asked
    return replace(ask.asked, subjects=(Channel(ask.here), *ask.asked.subjects))


async def _completed(ask: Ask) -> Asked:
    """The command with defaults for what was not typed: this channel, a check, 9:00, the asker's zone.

    Raises:
        NotAllowedError: the asker may not make reminders.
    """
    actor = await ask.actor()
    await ask.store.access.may(actor, Action.REMIND)
    said = ask.asked.reminding or Reminding()
    kind = said.kind or ReminderKind.CHECK
    zone = said.zone or "".join(zones_named(actor.timezone)[:1]) or "UTC"
    reminding = replace(said, kind=kind, at=said.at or form.NINE, zone=zone)
    if kind is ReminderKind.CHECK and not ask.asked.action:
        reminding = replace(reminding, rule=said.rule or form.USUAL)
    return replace(_here(ask), reminding=reminding)


# ------------------------------------------------------------------ the form


async def _new_form(ask: Ask) -> View:
    return await _form(ask, await _completed(ask))


async def _offer(ask: Ask) -> Reply:
    return form.offer(command(replace(await _completed(ask), action="form")))


async def _form(ask: Ask, asked: Asked, *, reminder_id: str = "") -> View:
    named = replace(asked, subjects=await _labelled(ask, asked))
    return form.build(named, reminder_id=reminder_id)


async def _labelled(ask: Ask, asked: Asked) -> tuple[Channel | Group, ...]:
    """The channel and group with the group's cached name; Slack is not asked, so the form opens at once."""
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
    """The user groups whose names contain the typed text."""
    await ask.may(Action.REMIND)
    return await ask.desk.people.groups.named(ask.text)


async def zones(ask: Ask) -> list[tuple[str, str]]:
    """The time zones whose names contain the typed text, the asker's own first."""
    own = (await ask.actor()).timezone
    found = zones_with(ask.text)
    return [(zone, zone) for zone in dict.fromkeys((*(each for each in found if each == own), *found))]


def said(view: Mapping[str, Any]) -> dict[str, Any]:
    """The submitted form as the equivalent typed line, which is what is recorded.

    A change to an existing reminder becomes a button press with the reminder's id and the line.

    Raises:
        FieldError: a field is not valid.
    """
    line = command(form.read(view))
    if reminder_id := form.reminder_in(view):
        return {"press": "reminder_save", "value": f"{reminder_id} {line}"}
    return {"text": line}


async def submitted(ask: Ask) -> None:
    """*Create* and *Save*: save the reminder; if that is not possible, show the form again, filled in."""
    asked, reminder_id = form.read(ask.view), form.reminder_in(ask.view)
    try:
        saved, note = await _save(ask, reminder_id, asked)
    except ChannelUnfitError as unfit:
        await _not_saved(ask, asked, reminder_id, why=unfit.sentence)
    except SLACK_TROUBLE as trouble:
        log.info("a reminder is not saved: Slack answered %s", type(trouble).__name__)
        await _not_saved(ask, asked, reminder_id, why=form.SLACK_SILENT)
    else:
        await show(ask, saved, note=note)


async def _not_saved(ask: Ask, asked: Asked, reminder_id: str, *, why: str) -> None:
    """Show the filled-in form again; if Slack cannot, send an outbox message with a button for it."""
    try:
        await show_again(ask, Reply.saying(why))
    except (ModalClosedError, *SLACK_TROUBLE):
        await ask.store.outbox.alert(
            f"unsaved:{ask.act_id}",
            recipients=(ask.user_id,),
            detail={"code": "unsaved", "why": why, "line": command(asked), "reminder": reminder_id},
            now=ask.desk.clock.now(),
        )


async def unsaved(_: Desk, message: Message) -> Reply | None:
    """The message about a reminder that could not be saved, if the form could not be shown again."""
    detail = message.detail
    return form.unsaved(detail["why"], line=detail["line"], reminder_id=detail["reminder"])


async def open_again(ask: Ask) -> None:
    """*Open the form* below that message: open it as it was filled in."""
    reminder_id, _, _ = ask.value.partition(" ")
    await opening.open_form(ask, _unsaved_form, title=form.title(reminder_id.removeprefix(form.NEW)))


async def _unsaved_form(ask: Ask) -> View:
    reminder_id, _, line = ask.value.partition(" ")
    if reminder_id == form.NEW:
        await ask.may(Action.REMIND)
    else:
        await managed(ask, reminder_id)
    return await _form(ask, parse(line), reminder_id=reminder_id.removeprefix(form.NEW))


async def save_again(ask: Ask) -> None:
    """*Do it now* after a restart: save the changes recorded from the form."""
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
    """*Change…*: open the form with the reminder's current settings."""
    await opening.open_form(ask, _current_form, title=form.title(ask.value))


async def _current_form(ask: Ask) -> View:
    reminder, _ = await managed(ask, ask.value)
    return await _form(ask, _asked_of(reminder), reminder_id=reminder.id)


# ------------------------------------------------------------------ inside


def _values(asked: Asked) -> _Values:
    """The command's settings as arguments for the store.

    Raises:
        LookupError: a setting is missing.
    """
    reminding = asked.reminding
    if reminding is None or reminding.rule is None or reminding.at is None or not reminding.kind:
        raise LookupError("a reminder without its days, its time or what it does")
    group = next((ref.id for ref in asked.subjects if isinstance(ref, Group)), None)
    return {
        "kind": reminding.kind,
        "channel": asked.channel,
        "group": group,
        "schedule": Schedule(reminding.rule, reminding.at, reminding.zone),
        "span": "week" if reminding.span == "week" else "day",
    }


def _asked_of(reminder: Reminder) -> Asked:
    """The command that would create this reminder."""
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
