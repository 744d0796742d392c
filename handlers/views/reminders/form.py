"""The form for a reminder: :func:`build` and :func:`read`.

The form and a typed line both become an :class:`Asked`, so that they use the same code. The days are a
text parsed by the grammar, since no list could offer every rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from enum import Enum
from typing import Any, Literal

from slack_sdk.models.blocks import (
    Block,
    ConversationFilter,
    ConversationSelectElement,
    ExternalDataSelectElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    TimePickerElement,
)
from slack_sdk.models.views import View

from handlers.asked import Asked, Channel, Group, Problem, Reminding, SubjectRef, Verb
from handlers.grammar import parse_rule, typed_rule
from handlers.views.blocks import Reply, actions, button
from handlers.views.modals import FieldError, modal
from store.reminders import MonthlyWorkday, ReminderKind, Span

__all__ = [
    "CALLBACK",
    "NEW",
    "NINE",
    "SLACK_SILENT",
    "USUAL",
    "build",
    "offer",
    "read",
    "reminder_in",
    "title",
    "unsaved",
]

CALLBACK = "reminder"
NEW = "-"
"""Stands for the id of a reminder that does not exist yet."""
NINE = time(9)
USUAL = MonthlyWorkday(last=False)
"""The default rule of a check: the first working day of the month."""


SLACK_SILENT = "Slack did not answer me properly just now. Try again in a moment."


class What(Enum):
    """What a reminder posts: its kind and span, and the option's label."""

    CHECK = (ReminderKind.CHECK, "", "Ask whether everybody’s week is still right")
    TODAY = (ReminderKind.BOARD, "day", "Show who works today")
    WEEK = (ReminderKind.BOARD, "week", "Show who works this week")

    def __init__(self, kind: ReminderKind, span: Span | Literal[""], words: str) -> None:
        self.kind = kind
        self.span = span
        self.words = words


def title(reminder_id: str = "") -> str:
    """The form's title, for a new reminder or to change one."""
    return "Change the reminder" if reminder_id else "A new reminder"


def build(asked: Asked, *, reminder_id: str = "") -> View:
    """The form filled in from a command."""
    said = asked.reminding or Reminding()
    group = next((ref for ref in asked.subjects if isinstance(ref, Group)), None)
    what = next((each for each in What if (each.kind, each.span) == (said.kind, said.span)), What.CHECK)
    blocks: list[Block] = [
        InputBlock(
            block_id="what",
            label="What",
            element=RadioButtonsElement(
                action_id="what", options=[_option(each) for each in What], initial_option=_option(what)
            ),
        ),
        InputBlock(
            block_id="channel",
            label="Channel",
            hint="Invite me to the channel first",
            element=ConversationSelectElement(
                action_id="channel",
                initial_conversation=asked.channel or None,
                filter=ConversationFilter(
                    include=["public", "private"],
                    exclude_bot_users=True,
                    exclude_external_shared_channels=True,
                ),
            ),
        ),
        InputBlock(
            block_id="group",
            label="Only for a user group",
            hint="Without one, it is for everybody in the channel",
            optional=True,
            element=ExternalDataSelectElement(
                action_id="reminder_group",
                initial_option=_chosen(group.id, f"@{group.label}") if group else None,
                placeholder=PlainTextObject(text="Everybody in the channel"),
                min_query_length=0,
            ),
        ),
        InputBlock(
            block_id="when",
            label="Days",
            hint="mon · mon, wed · weekdays · first workday · last workday · 2nd tue · last fri",
            element=PlainTextInputElement(
                action_id="when", initial_value=typed_rule(said.rule or USUAL), max_length=100
            ),
        ),
        InputBlock(
            block_id="time",
            label="Time",
            element=TimePickerElement(action_id="time", initial_time=f"{said.at or NINE:%H:%M}"),
        ),
        InputBlock(
            block_id="zone",
            label="Time zone",
            hint="Daylight saving time is taken into account",
            element=ExternalDataSelectElement(
                action_id="reminder_zone",
                initial_option=_chosen(said.zone, said.zone) if said.zone else None,
                placeholder=PlainTextObject(text="Type a city"),
                min_query_length=0,
            ),
        ),
    ]
    return modal(
        title(reminder_id),
        blocks,
        callback_id=CALLBACK,
        submit="Save" if reminder_id else "Create",
        close="Cancel",
        private_metadata=reminder_id,
    )


def reminder_in(view: Mapping[str, Any]) -> str:
    """The id of the reminder that the form changes; empty for a new one."""
    return str(view["private_metadata"])


def read(view: Mapping[str, Any]) -> Asked:
    """Validate the form, using memory only, since this runs before the acknowledgement.

    Raises:
        FieldError: a field is not valid.
        KeyError: the view is not this form.
    """
    state = view["state"]["values"]
    what = What[state["what"]["what"]["selected_option"]["value"]]
    at = state["time"]["time"].get("selected_time")
    errors: dict[str, str] = {} if at else {"time": "Choose a time."}
    subjects: list[SubjectRef] = []
    if channel := state["channel"]["channel"].get("selected_conversation"):
        subjects.append(Channel(channel))
    else:
        errors["channel"] = "Choose the channel to post in."
    if group := state["group"]["reminder_group"].get("selected_option"):
        subjects.append(Group(group["value"], group["text"]["text"].removeprefix("@")))
    zone = (state["zone"]["reminder_zone"].get("selected_option") or {}).get("value", "")
    if not zone:
        errors["zone"] = "Choose a time zone."
    rule = None
    try:
        rule = parse_rule(state["when"]["when"].get("value") or "")
    except Problem as problem:
        errors["when"] = problem.sentence
    if errors:
        raise FieldError(errors)
    said = Reminding(rule, time.fromisoformat(at), zone, what.kind, what.span)
    return Asked(Verb.REMIND, tuple(subjects), reminding=said)


def unsaved(why: str, *, line: str, reminder_id: str) -> Reply:
    """The message about a reminder that was not saved, with a button that opens the filled-in form."""
    value = f"{reminder_id or NEW} {line}"
    again = button("Open the form", "reminder_again", value=value, style="primary")
    return Reply.saying(f"The reminder is not saved. {why} What you filled in is kept.", *actions(again))


def offer(line: str) -> Reply:
    """A button that opens the form, since a message to the bot has no ``trigger_id`` to open it with."""
    text = "Choose the channel, the days and the time in a form."
    return Reply.saying(text, *actions(button("Open the form", "remind_form", value=line, style="primary")))


def _option(what: What) -> Option:
    return Option(value=what.name, text=PlainTextObject(text=what.words))


def _chosen(value: str, name: str) -> Option:
    return Option(value=value, text=PlainTextObject(text=name[:75]))
