"""The form for a grant: :func:`build` and :func:`read`.

Only the field that the chosen scope needs is shown. A submitted form becomes a typed line, so that both
ways to grant use the same code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    DatePickerElement,
    ExternalDataSelectElement,
    InputBlock,
    Option,
    PlainTextObject,
    RadioButtonsElement,
    UserMultiSelectElement,
    UserSelectElement,
)
from slack_sdk.models.views import View

from handlers.asked import Asked, Group, Mention, SubjectRef, Verb
from handlers.grammar import command
from handlers.views.modals import FieldError, modal
from store.access import EVERYONE, PLACEHOLDERS

__all__ = ["CALLBACK", "TITLE", "Whose", "build", "earliest_in", "read"]

CALLBACK = "grant"
TITLE = "Let somebody change"


class Whose(Enum):
    """Whose weeks a grant covers; the value is the option's label."""

    PEOPLE = "People"
    GROUP = "Everybody in a user group"
    EVERYONE = "Everyone"
    PLACEHOLDERS = "Placeholders"


def build(whose: Whose = Whose.PEOPLE, *, earliest: date) -> View:
    """The form with the field this scope needs; a grant ends on ``earliest`` or later."""
    blocks: list[Block] = [
        InputBlock(
            block_id="manager",
            label="Manager",
            element=UserSelectElement(action_id="manager", placeholder=PlainTextObject(text="@name")),
        ),
        InputBlock(
            block_id="whose",
            label="May change the weeks of",
            dispatch_action=True,
            element=RadioButtonsElement(
                action_id="grant_whose",
                options=[_option(each) for each in Whose],
                initial_option=_option(whose),
            ),
        ),
        *_field(whose),
        InputBlock(
            block_id="until",
            label="Last day",
            hint="Without one the right stays until it is revoked",
            optional=True,
            element=DatePickerElement(action_id="until", placeholder=PlainTextObject(text="No end")),
        ),
    ]
    return modal(
        TITLE,
        blocks,
        callback_id=CALLBACK,
        submit="Grant",
        close="Cancel",
        private_metadata=json.dumps([whose.name, earliest.isoformat()]),
    )


def earliest_in(view: Mapping[str, Any]) -> date:
    """The earliest last day that the open form accepts.

    Raises:
        ValueError: the metadata was not written by this form.
    """
    return _metadata(view)[1]


def read(view: Mapping[str, Any]) -> str:
    """The equivalent typed line, using memory only, since this runs before the acknowledgement.

    Raises:
        FieldError: a field is not valid.
        ValueError: the metadata was not written by this form.
    """
    whose, earliest = _metadata(view)
    state = view["state"]["values"]
    manager = state["manager"]["manager"].get("selected_user") or ""
    until = state["until"]["until"].get("selected_date") or ""
    errors = {} if manager else {"manager": "Choose who may change weeks."}
    if until and date.fromisoformat(until) < earliest:
        errors["until"] = "This day is in the past. Choose today or a later day."
    whom: list[SubjectRef] = []
    rest = ""
    match whose:
        case Whose.PEOPLE:
            people = state["people"]["people"].get("selected_users") or []
            whom = [Mention(user) for user in people]
            if not people:
                errors["people"] = "Choose at least one person."
            elif manager in people:
                errors["people"] = "Managers can’t be given their own week: leave the manager out."
        case Whose.GROUP:
            chosen = state["group"]["grant_group"].get("selected_option")
            if chosen:
                whom = [Group(chosen["value"], chosen["text"]["text"].removeprefix("@"))]
            else:
                errors["group"] = "Choose a user group, or name people instead."
        case Whose.EVERYONE:
            rest = EVERYONE
        case Whose.PLACEHOLDERS:
            rest = PLACEHOLDERS
    if errors:
        raise FieldError(errors)
    return command(Asked(Verb.MANAGERS, (Mention(manager), *whom), action="grant", rest=rest, until=until))


def _metadata(view: Mapping[str, Any]) -> tuple[Whose, date]:
    try:
        whose, earliest = json.loads(view["private_metadata"])
        return Whose[whose], date.fromisoformat(earliest)
    except (KeyError, TypeError) as error:
        raise ValueError("not a grant form's metadata") from error


def _field(whose: Whose) -> tuple[Block, ...]:
    match whose:
        case Whose.PEOPLE:
            field = InputBlock(
                block_id="people",
                label="People",
                optional=True,  # so that a missing value gets our own error sentence
                element=UserMultiSelectElement(action_id="people", placeholder=PlainTextObject(text="@name")),
            )
        case Whose.GROUP:
            field = InputBlock(
                block_id="group",
                label="User group",
                hint="Nothing to choose? User groups are part of Slack’s paid plans. Name people instead",
                optional=True,
                element=ExternalDataSelectElement(
                    action_id="grant_group",
                    placeholder=PlainTextObject(text="Type part of the name"),
                    min_query_length=0,
                ),
            )
        case _:
            return ()
    return (field,)


def _option(whose: Whose) -> Option:
    return Option(value=whose.name, text=PlainTextObject(text=whose.value))
