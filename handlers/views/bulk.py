"""The form for changing many weeks at once: :func:`build` and :func:`read`.

Only the field of the chosen way is shown; the people chosen above it stay when the way changes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    ExternalDataMultiSelectElement,
    ExternalDataSelectElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    UserMultiSelectElement,
)
from slack_sdk.models.views import View

from handlers.asked import Ghost, Group, Mention, Problem, SubjectRef
from handlers.grammar import parse_day_changes, parse_pattern
from handlers.views import spans
from handlers.views.blocks import Reply, actions, button, context, section
from handlers.views.modals import FieldError, modal
from handlers.views.words import understood
from store.week import Pattern, Subject

__all__ = ["CALLBACK", "TITLE", "Form", "Way", "build", "offer", "only_own", "read", "said", "today_in"]

CALLBACK = "bulk"
TITLE = "Many weeks"


class Way(Enum):
    """The kind of change; the value is the option's label."""

    SET = "Set these days"
    ONLY = "Set these days, and every other day off"
    DAYS = "Add or remove a day"
    COPY = "Copy from one person"


_HINTS = {
    Way.SET: ("mon-thu 8, fri 4", "Days that are not named stay as they are"),
    Way.ONLY: ("mon-thu 8", "Days that are not named become days off where they are set"),
    Way.DAYS: ("+fri 8", "+fri 8 adds a Friday of 8 hours, -fri makes it a day off"),
}


@dataclass(frozen=True, slots=True)
class Form:
    """A submitted form: subjects, a pattern or the week to copy, and the picked dates."""

    refs: tuple[SubjectRef, ...]
    pattern: Pattern | None
    source: Subject | None
    first: str = ""
    last: str = ""


# ------------------------------------------------------------------ the form


def build(
    way: Way = Way.SET,
    *,
    today: date,
    people: Sequence[str] = (),
    crowds: Sequence[tuple[str, str]] = (),
    note: str = "",
) -> View:
    """The form with the field of one way; ``crowds`` are chosen groups and placeholders: (value, name)."""
    chosen = [Option(value=value, text=PlainTextObject(text=name)) for value, name in crowds]
    blocks: list[Block] = [
        *([section(note)] if note else []),
        InputBlock(
            block_id="people",
            label="People",
            optional=True,
            element=UserMultiSelectElement(
                action_id="people",
                initial_users=list(people) or None,
                placeholder=PlainTextObject(text="@name"),
            ),
        ),
        InputBlock(
            block_id="crowds",
            label="User groups and placeholders",
            optional=True,
            element=ExternalDataMultiSelectElement(
                action_id="crowds",
                initial_options=chosen or None,
                placeholder=PlainTextObject(text="Type part of the name"),
                min_query_length=0,
            ),
        ),
        InputBlock(
            block_id="way",
            label="Change",
            dispatch_action=True,
            element=RadioButtonsElement(
                action_id="bulk_way", options=[_option(each) for each in Way], initial_option=_option(way)
            ),
        ),
        _field(way),
        *spans.fields(),
        context("Nothing is written yet: next you’ll see what would change for each person."),
    ]
    return modal(
        TITLE,
        blocks,
        callback_id=CALLBACK,
        submit="Preview",
        close="Cancel",
        private_metadata=json.dumps({"way": way.name, "today": today.isoformat()}),
    )


def _field(way: Way) -> Block:
    if way is Way.COPY:
        return InputBlock(
            block_id="source",
            label="Whose week",
            hint="The others get exactly the same days, not set ones included",
            element=ExternalDataSelectElement(
                action_id="copy_from",
                placeholder=PlainTextObject(text="A person or placeholder"),
                min_query_length=0,
            ),
        )
    example, hint = _HINTS[way]
    return InputBlock(
        block_id=f"text_{way.name.lower()}",
        label="Days and hours",
        hint=hint,
        element=PlainTextInputElement(
            action_id="text", placeholder=PlainTextObject(text=example), max_length=200
        ),
    )


def _way_in(view: Mapping[str, Any]) -> Way:
    """The way whose field the open form shows.

    Raises:
        ValueError: the metadata was not written by this form.
    """
    try:
        return Way[json.loads(view["private_metadata"])["way"]]
    except (KeyError, TypeError) as error:
        raise ValueError("not a bulk form's metadata") from error


def today_in(view: Mapping[str, Any]) -> date:
    """The day on which the form was opened, before which no day can be chosen.

    Raises:
        ValueError: the metadata was not written by this form.
    """
    try:
        return date.fromisoformat(json.loads(view["private_metadata"])["today"])
    except (KeyError, TypeError) as error:
        raise ValueError("not a bulk form's metadata") from error


def said(view: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a submitted form as JSON values, which are recorded."""
    way, state = _way_in(view), view["state"]["values"]
    chosen = state["crowds"]["crowds"].get("selected_options") or []
    first, last = spans.picked(view)
    source = state.get("source", {}).get("copy_from", {}).get("selected_option") or {}
    return {
        "way": way.name,
        "people": list(state["people"]["people"].get("selected_users") or []),
        "crowds": [[option["value"], option["text"]["text"]] for option in chosen],
        "text": (state.get(f"text_{way.name.lower()}", {}).get("text", {}).get("value") or "").strip(),
        "source": source.get("value"),
        "first": first,
        "last": last,
        "today": today_in(view).isoformat(),
    }


def read(fields: Mapping[str, Any]) -> Form:
    """Validate the recorded fields, using memory only, since this runs before the acknowledgement.

    Raises:
        FieldError: a field is not valid.
    """
    way = Way[fields["way"]]
    refs: list[SubjectRef] = [Mention(user) for user in fields["people"]]
    refs += [_ref(value, label) for value, label in fields["crowds"]]
    first, last = fields.get("first", ""), fields.get("last", "")
    errors = spans.wrong(first, last, today=date.fromisoformat(fields["today"])) if first or last else {}
    errors |= {} if refs else {"people": "Choose at least one person, group or placeholder."}
    pattern = None
    if way is not Way.COPY:
        try:
            text = understood(fields["text"])
            pattern = parse_day_changes(text) if way is Way.DAYS else parse_pattern(text)
        except Problem as problem:
            errors[f"text_{way.name.lower()}"] = problem.sentence[:2000]
    elif not fields["source"]:
        errors["source"] = "Choose whose week to copy."
    if errors:
        raise FieldError(errors)
    if pattern and way is Way.ONLY:
        pattern = replace(pattern, only=True)
    return Form(
        tuple(refs), pattern, Subject.parse(fields["source"]) if pattern is None else None, first, last
    )


def _ref(value: str, label: str) -> SubjectRef:
    kind, _, number = value.partition(":")
    return Group(number, label.removeprefix("@")) if kind == "group" else Ghost(int(number))


def _option(way: Way) -> Option:
    return Option(value=way.name, text=PlainTextObject(text=way.value))


def only_own(*, guest: bool) -> str:
    """For people who may change nobody else's week."""
    if guest:
        return "As a guest you can change your own week only."
    return (
        "You may not change anybody else’s week. You can fill this in all the same: the preview offers to ask"
        " somebody who may."
    )


def offer(line: str = "") -> Reply:
    """A button that opens the form, for places without a ``trigger_id``; ``line`` names people."""
    text = "Choose people, groups and placeholders in a form. Nothing is written before a preview."
    action, value = ("run:bulk", line) if line else ("bulk", "-")
    return Reply.saying(text, *actions(button("Change many weeks", action, value=value, style="primary")))
