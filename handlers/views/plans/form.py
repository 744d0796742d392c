"""The form that edits a planned change: :func:`build` and :func:`read`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from slack_sdk.models.blocks import InputBlock, PlainTextInputElement, PlainTextObject
from slack_sdk.models.views import View

from handlers.asked import Problem
from handlers.grammar import format_pattern, parse_pattern
from handlers.views import spans
from handlers.views.blocks import context, section
from handlers.views.modals import FieldError, modal
from handlers.views.week import Who, capital
from handlers.views.words import understood
from store.plans import Plan
from store.week import Pattern

__all__ = ["CALLBACK", "TITLE", "Wanted", "build", "read", "said"]

CALLBACK = "plan"
TITLE = "Planned change"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A submitted form; the dates are ISO, or empty.

    ``pattern`` is ``None`` if its text was not changed, since not every pattern can be typed again.
    """

    plan_id: str
    pattern: Pattern | None
    first: str
    last: str


def build(plan: Plan, who: Who, *, today: date) -> View:
    """The form filled in with the plan."""
    blocks = [
        section(f"{capital(who.whose)}, {spans.span(plan.first, plan.last)}"),
        InputBlock(
            block_id="text",
            label="Days and hours",
            hint="Days that are not named stay as they are",
            element=PlainTextInputElement(
                action_id="text",
                initial_value=format_pattern(plan.pattern),
                placeholder=PlainTextObject(text="mon-thu 8, fri 4"),
                max_length=200,
            ),
        ),
        *spans.fields(first=plan.first, last=plan.last),
        context(f"Days begin at 0:00, {plan.zone}. Nothing changes in Toggl Focus before that."),
    ]
    return modal(
        TITLE,
        blocks,
        callback_id=CALLBACK,
        submit="Save",
        close="Back",
        private_metadata=json.dumps([plan.id, format_pattern(plan.pattern), today.isoformat()]),
    )


def said(view: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as JSON values, which are recorded.

    Raises:
        ValueError: the metadata was not written by this form.
    """
    plan_id, shown, _ = _metadata(view)
    first, last = spans.picked(view)
    text = (view["state"]["values"]["text"]["text"].get("value") or "").strip()
    return {"plan": plan_id, "text": None if text == shown else text, "first": first, "last": last}


def read(view: Mapping[str, Any]) -> Wanted:
    """Validate the form, using memory only, since this runs before the acknowledgement.

    Raises:
        FieldError: a field is not valid.
        ValueError: the metadata was not written by this form.
    """
    *_, today = _metadata(view)
    fields = said(view)
    errors = spans.wrong(fields["first"], fields["last"], today=today)
    try:
        wanted = restored(fields)
    except Problem as problem:
        raise FieldError(errors | {"text": problem.sentence[:2000]}) from problem
    if errors:
        raise FieldError(errors)
    return wanted


def restored(fields: Mapping[str, Any]) -> Wanted:
    """Decode what :func:`said` returned.

    Raises:
        Problem: the days and hours are not understood.
    """
    text = fields["text"]
    pattern = None if text is None else parse_pattern(understood(text))
    return Wanted(fields["plan"], pattern, fields["first"], fields["last"])


def _metadata(view: Mapping[str, Any]) -> tuple[str, str, date]:
    """The plan's id, its pattern as shown, and the asker's day when the form was opened."""
    try:
        plan_id, shown, today = json.loads(view["private_metadata"])
        return str(plan_id), str(shown), date.fromisoformat(today)
    except (KeyError, TypeError) as error:
        raise ValueError("not a plan form's metadata") from error
