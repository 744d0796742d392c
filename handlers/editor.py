"""The modal that edits one week, opened by ``/hours edit [subject]``, *Edit* buttons or the shortcut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_sdk.models.views import View

from handlers import waiting
from handlers.desk import Ask
from handlers.grammar import command
from handlers.malformed import held
from handlers.opening import open_form
from handlers.payloads import subject_in
from handlers.plans.making import plan_one
from handlers.results import carry_out
from handlers.spans import narrowed, span_asked, span_of, today_of
from handlers.views import editor
from handlers.views import waiting as waiting_views
from handlers.views.blocks import Reply
from handlers.views.modals import FieldError
from handlers.views.plans import shown as plan_views
from handlers.views.spans import dates_in, picked
from handlers.views.troubles import focus_trouble
from handlers.views.week import DAYS_UNSURE, Who, as_of, capital, doubled
from store.access import Action
from store.act import Kind
from store.codec import days_from_json, days_to_json
from store.directory import Entry
from store.focus import FocusError
from store.hours import Look, NotCurrentError, Wish
from store.week import Pattern, Subject, Week

__all__ = [
    "cancel_waiting",
    "choices",
    "copy_from",
    "open_editor",
    "preset",
    "said",
    "saved",
    "switch_form",
]


NOTHING_SAVED = "Nothing is saved before you press Save."


async def open_editor(ask: Ask) -> None:
    """``/hours edit [subject] [dates]``: open a loading modal at once, then fill it with a fresh week."""
    await open_form(ask, _fill, title="Working hours", loading="Reading the week …", offer=_offer)


async def _offer(ask: Ask) -> Reply:
    entry = await _wanted(ask)
    await ask.may(Action.CHANGE, entry.subject)
    line = command(ask.asked) if ask.asked.first or ask.asked.last else ""
    return editor.offer(Who.of(entry, reader=ask.user_id), line=line)


async def _fill(ask: Ask) -> View:
    entry = await _wanted(ask)
    await ask.may(Action.CHANGE, entry.subject)
    span = await span_asked(ask)
    look = await ask.store.hours.look(await ask.may(Action.SEE, entry.subject), fresh=True)
    note = await _with_plans(ask, entry.subject, _how_fresh(ask, look))
    note = f"{note}\n{await ask.introduction()}".rstrip()
    return editor.build(
        editor.start(entry.subject, look.snapshot, today=await today_of(ask)),
        Who.of(entry, reader=ask.user_id),
        command=ask.desk.command,
        dates=(span.first, span.last),
        note=note,
        waiting=(await waiting.of(ask, entry.subject, action="cancel_waiting")).blocks,
    )


def _how_fresh(ask: Ask, look: Look) -> str:
    """Sentences with the age of the week shown and with what is not certain about it."""
    told = [f"Read from Toggl Focus {as_of(look.snapshot, now=ask.desk.clock.now())}."]
    told += [f"Not fresh: {focus_trouble(look.trouble)}"] if look.trouble else []
    told += [f"{capital(DAYS_UNSURE)}."] if ask.store.weekdays.uncertain else []
    return " ".join(told)


async def _wanted(ask: Ask) -> Entry:
    """The subject of the button, else of the typed line (the asker if none was typed)."""
    if ask.value not in {"", "-"}:
        return await ask.store.directory.entry_or_id(subject_in(ask.value))
    with held():
        (ref, *_) = ask.asked.subjects
    return await ask.subject(ref)


# ------------------------------------------------------------------ inside the modal


async def preset(ask: Ask) -> None:
    """A preset button: fill the fields with the preset's hours; nothing is saved yet."""
    with held():
        editing, week = editor.editing_in(ask.view), editor.PRESETS[ask.value]
    await _rerender(ask, *editor.preset(editing, week, press=ask.act_id))


async def switch_form(ask: Ask) -> None:
    """Switch between *Different hours per day* and one field for all days, keeping what was typed."""
    with held():
        editing = editor.editing_in(ask.view)
        editing, values = editor.preset(editing, editor.values_now(ask.view), press=ask.act_id)
    await _rerender(ask, editor.in_form(editing, uniform=ask.action == "same_hours"), values)


async def copy_from(ask: Ask) -> None:
    """Fill the fields with another subject's week; keep what was typed if it cannot be read."""
    subject = subject_in(ask.value)
    with held():
        editing = editor.editing_in(ask.view)
    permit = await ask.may(Action.SEE, subject)
    try:
        look = await ask.store.hours.look(permit)
    except FocusError as error:
        kept = editor.preset(editing, editor.values_now(ask.view), press=ask.act_id)
        await _rerender(ask, *kept, note=focus_trouble(error))
        return
    whose = Who.of(await ask.store.directory.entry_or_id(subject), reader=ask.user_id).whose
    twice = f" {doubled(look.snapshot)} I copied the first." if look.snapshot.doubled else ""
    note = f"Copied from {whose}. {_how_fresh(ask, look)}{twice} {NOTHING_SAVED}"
    await _rerender(ask, *editor.preset(editing, look.snapshot.week, press=ask.act_id), note=note)


async def cancel_waiting(ask: Ask) -> None:
    """*Cancel* below the week: what waits for it is called off, what was typed stays."""
    change = await waiting.pressed(ask)
    try:
        await waiting.call_off(ask, change)
        note = waiting_views.cancelled(change)
    except NotCurrentError:
        note = "This does not wait any more. Open the form again to see the week as it is now."
    with held():
        editing = editor.editing_in(ask.view)
    await _rerender(ask, *editor.preset(editing, editor.values_now(ask.view), press=ask.act_id), note=note)


async def _rerender(
    ask: Ask,
    editing: editor.Editing,
    values: Week,
    *,
    note: str = NOTHING_SAVED,
) -> None:
    entry = await ask.store.directory.entry_or_id(editing.subject)
    view = editor.build(
        editing,
        Who.of(entry, reader=ask.user_id),
        command=ask.desk.command,
        values=values,
        dates=dates_in(ask.view),
        note=await _with_plans(ask, editing.subject, note),
        waiting=(await waiting.of(ask, editing.subject, action="cancel_waiting")).blocks,
    )
    await ask.update_modal(view)


async def _with_plans(ask: Ask, subject: Subject, note: str) -> str:
    """The note, followed by the changes already planned for this subject."""
    planned = plan_views.coming(await ask.store.plans.of([subject]), command=ask.desk.command)
    return f"{note}\n{planned}".rstrip()


async def choices(ask: Ask) -> list[tuple[str, str]]:
    """People and placeholders for *Copy from* whose names contain the typed text: (subject key, name)."""
    actor = await ask.actor()
    entries = await ask.store.directory.named(ask.text)
    seen = await ask.store.access.allowed(actor, Action.SEE, [entry.subject for entry in entries])
    return [(entry.subject.key, entry.name) for entry in entries if entry.subject in seen]


# ------------------------------------------------------------------ saving


def said(view: Mapping[str, Any]) -> dict[str, Any]:
    """The change that a submitted editor asks for, in the form that is recorded.

    Raises:
        FieldError: a field is not valid, or nothing was changed.
    """
    editing, days = editor.read(view)
    if not days:
        first_field = next(iter(view["state"]["values"]))
        raise FieldError({first_field: "Nothing has changed yet: change a day, or press Cancel."})
    first, last = picked(view)
    return {
        "edit": editing.subject.key,
        "first": first,
        "last": last,
        "days": days_to_json(days),
        "shown": days_to_json(editing.shown.only(days)),
    }


async def saved(ask: Ask) -> None:
    """*Save*: change the edited days, with conflict detection against the days that were shown."""
    if await _planned(ask):
        return
    with held():
        subject = Subject.parse(ask.said["edit"])
        pattern = Pattern.exactly(days_from_json(ask.said["days"]) or {})
        shown = days_from_json(ask.said["shown"])
    wish = Wish(await ask.may(Action.CHANGE, subject), pattern, shown)
    await carry_out(ask, [wish], kind=Kind.SET)


async def _planned(ask: Ask) -> bool:
    """Plan the change if dates were picked; whether that was so."""
    first, last = ask.said.get("first", ""), ask.said.get("last", "")
    span = span_of(first, last, today=await today_of(ask))
    if span.is_dated:
        entry = await ask.store.directory.entry_or_id(Subject.parse(ask.said["edit"]))
        pattern = Pattern.exactly(days_from_json(ask.said["days"]) or {})
        await plan_one(ask, entry, narrowed(pattern, span), span)
    return span.is_dated
