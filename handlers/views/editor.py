"""The editor, a modal for one week: :func:`build` and :func:`read`.

A week with the same hours every working day shows *hours* and seven check-boxes; any other shows seven
fields. The fields are text inputs parsed by the grammar, since a number input refuses ``7h30``. The week
as shown is kept in ``private_metadata``, so that the person's changes can be told from changes by others.
Slack keeps typed values under unchanged block ids, so a re-render with new values uses new ids. These
contain the id of the ``press`` that caused it, since two quick presses could produce the same counter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    ExternalDataSelectElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
)
from slack_sdk.models.views import View

from handlers.asked import Problem
from handlers.grammar import parse_hours
from handlers.local import read_by
from handlers.views import spans
from handlers.views.blocks import Reply, actions, button, context, section
from handlers.views.modals import FieldError, modal
from handlers.views.week import Who, capital, day_list, total
from handlers.views.words import day_title, format_days, typed_hours
from store.codec import week_from_json, week_to_json
from store.week import ALL_DAYS, OFF, WORKWEEK, Hours, Snapshot, Subject, Week, Weekday

__all__ = [
    "CALLBACK",
    "PRESETS",
    "Editing",
    "build",
    "editing_in",
    "in_form",
    "offer",
    "preset",
    "read",
    "start",
    "values_now",
]

CALLBACK = "editor"
PRESETS: Mapping[str, Week] = {
    name: Week.of(dict.fromkeys(ALL_DAYS, OFF) | dict.fromkeys(days, Hours(hours)))
    for name, days, hours in (("full", WORKWEEK, "8"), ("four", WORKWEEK[:4], "8"), ("half", WORKWEEK, "4"))
}
"""Preset weeks; days without hours are off."""


@dataclass(frozen=True, slots=True)
class Editing:
    """The state of an open editor: the subject, the week as first shown, and the layout."""

    subject: Subject
    shown: Week
    uniform: bool
    press: str = "0"  # the id of the press that filled the fields, used in their block ids
    today: date = date.min  # the asker's day when opened; no earlier date can be chosen
    doubled: tuple[Weekday, ...] = ()

    def to_metadata(self) -> str:
        """Encode for ``private_metadata``; far below its limit of 3,000 characters."""
        week, today = week_to_json(self.shown), self.today.isoformat()
        fixed = [self.subject.key, week, self.uniform, self.press, today]
        return json.dumps([*fixed, *self.doubled])


def editing_in(view: Mapping[str, Any]) -> Editing:
    """Decode the state of an open editor.

    Raises:
        ValueError: the metadata was not written by this form.
    """
    try:
        key, shown, uniform, press, *rest = json.loads(view["private_metadata"])
        today, *doubled = [each for each in rest if each != ""]  # older versions wrote an empty string
        week = week_from_json(shown)
        if week is None:
            raise ValueError("no week")
        return Editing(
            Subject.parse(key), week, bool(uniform), str(press), date.fromisoformat(today),
            tuple(map(Weekday, doubled)),
        )  # fmt: skip
    except (KeyError, TypeError, ArithmeticError) as error:
        raise ValueError("not an editor's metadata") from error


def offer(who: Who, *, line: str = "") -> Reply:
    """A button that opens the editor, for places without a ``trigger_id``; ``line`` adds dates."""
    action, value = ("run:edit", line) if line else ("edit", who.subject.key)
    open_it = button("Open the form", action, value=value, style="primary")
    return Reply.saying(f"Here is the form for {who.whose}.", *actions(open_it))


def start(subject: Subject, snapshot: Snapshot, *, today: date) -> Editing:
    """The state of a new editor; uniform weeks use the short form."""
    week = snapshot.week
    return Editing(subject, week, _is_uniform(week), today=today, doubled=snapshot.doubled)


def preset(editing: Editing, week: Week, *, press: str) -> tuple[Editing, Week]:
    """The state and values for a re-render with other hours; the week as first shown is kept."""
    return replace(editing, press=press, uniform=_is_uniform(week)), week


def in_form(editing: Editing, *, uniform: bool) -> Editing:
    """The state with the short form or with seven fields."""
    return replace(editing, uniform=uniform)


def build(
    editing: Editing,
    who: Who,
    *,
    command: str,
    values: Week | None = None,
    dates: tuple[date | None, date | None] = (None, None),
    note: str,
    waiting: Sequence[Block] = (),
) -> View:
    """The modal with ``values`` in its fields (default: the week as shown) and its dates.

    The total of other values is told as that of what was filled in, since typing changes it unseen.
    """
    first, last = dates
    week = editing.shown if values is None else values
    fields = _uniform(editing, week) if editing.uniform else _days(editing, week, command=command)
    now = f"now {total(editing.shown)} a week in Toggl Focus"
    if week != editing.shown:
        now = f"{now} · filled in here: {total(week)}"
    blocks: list[Block] = [
        section(f"*{capital(who.whose)}* · {now}" if who.you else f"{who.label} · {now}"),
        *([section(_doubled(editing.doubled))] if editing.doubled else []),
        *actions(
            *(
                button(day_list(week, week.worked_days), f"preset:{name}", value=name)
                for name, week in PRESETS.items()
            )
        ),
        *fields,
        *actions(
            button("Different hours per day", "per_day") if editing.uniform else None,
            button("Same every working day", "same_hours") if not editing.uniform else None,
        ),
        InputBlock(
            block_id=f"copy_{editing.press}",
            label="Copy from",
            optional=True,
            dispatch_action=True,
            element=ExternalDataSelectElement(
                action_id="copy_from",
                placeholder=PlainTextObject(text="A person or placeholder"),
                min_query_length=0,
            ),
        ),
        *spans.fields(first=first, last=last),
        context(f"{day_list(editing.shown)}\n{note}"),
        *waiting,
    ]
    return modal(
        "Working hours",
        blocks,
        callback_id=CALLBACK,
        submit="Save",
        close="Cancel",
        private_metadata=editing.to_metadata(),
    )


def _doubled(twice: tuple[Weekday, ...]) -> str:
    days = format_days(twice)
    return (
        f":warning: Focus has two entries for {days}, of which the first is shown here."
        f" Look at the week to choose which one to keep: until then {days} cannot be changed."
    )


def read(view: Mapping[str, Any]) -> tuple[Editing, dict[Weekday, Hours | None]]:
    """The state and the days the person changed, using memory only (it runs before the acknowledgement).

    Raises:
        FieldError: a field is not valid.
    """
    editing = editing_in(view)
    state = view["state"]["values"]
    if wrong := spans.wrong(*spans.picked(view), today=editing.today):
        raise FieldError(wrong)
    week = _read_uniform(editing, state) if editing.uniform else _read_days(editing, state)
    return editing, {day: week[day] for day in ALL_DAYS if week[day] != editing.shown[day]}


def values_now(view: Mapping[str, Any]) -> Week:
    """The fields' current values; those that are not valid are as shown."""
    editing, state = editing_in(view), view["state"]["values"]
    if not editing.uniform:
        week, errors = _parsed(editing, state)
        return Week.of(week | {day: editing.shown[day] for day in ALL_DAYS if _block(day, editing) in errors})
    try:
        return Week.of(_read_uniform(editing, state))
    except FieldError:
        return editing.shown


# ------------------------------------------------------------------ the short form


def _is_uniform(week: Week) -> bool:
    return len({hours for _, hours in week if hours}) <= 1


def _uniform(editing: Editing, week: Week) -> list[Block]:
    hours = next((hours for _, hours in week if hours), None)
    options = [
        Option(value=str(int(day)), text=PlainTextObject(text=day_title(day))) for day in read_by().days
    ]
    worked = [option for option in options if week[Weekday(int(option.value))]]
    return [
        InputBlock(
            block_id=f"hours_{editing.press}",
            label="Hours a day",
            hint=f"For example 8, {read_by().number('7.5')} or 7h30",
            element=PlainTextInputElement(
                action_id="hours", initial_value=typed_hours(hours) if hours else None, max_length=20
            ),
        ),
        InputBlock(
            block_id=f"days_{editing.press}",
            label="Working days",
            hint="The others are days off, or stay as they are where nothing is set",
            optional=True,
            element=CheckboxesElement(action_id="days", options=options, initial_options=worked or None),
        ),
    ]


def _read_uniform(editing: Editing, state: Mapping[str, Any]) -> dict[Weekday, Hours | None]:
    block = f"hours_{editing.press}"
    chosen = state[f"days_{editing.press}"]["days"].get("selected_options") or []
    worked = {Weekday(int(option["value"])) for option in chosen}
    typed = state[block]["hours"].get("value") or ""
    shown = {day: hours for day, hours in editing.shown if hours and _untouched(typed, hours)}
    # The exact hours from Focus, which the field shows rounded; also for newly ticked days.
    hours = next(iter(shown.values()), None) or _field(block, typed)
    if not hours and worked:
        raise FieldError({block: "How many hours on a working day? For a whole week off, untick all days."})
    unworked = {day: None if editing.shown[day] is None else OFF for day in ALL_DAYS}
    return unworked | {day: shown.get(day, hours) for day in worked}


# ------------------------------------------------------------------ seven fields


def _days(editing: Editing, week: Week, *, command: str) -> list[Block]:
    # A day that has hours is not emptied by leaving it out: Slack asks for it, the placeholder says for what.
    return [
        InputBlock(
            block_id=_block(day, editing),
            label=day_title(day),
            hint=f"0 = day off; {command} clear removes a day" if day is read_by().first else None,
            optional=editing.shown[day] is None,
            element=PlainTextInputElement(
                action_id="hours",
                initial_value=_typed(week[day]),
                placeholder=PlainTextObject(text="not set" if editing.shown[day] is None else "0 = day off"),
                max_length=20,
            ),
        )
        for day in read_by().days
    ]


def _read_days(editing: Editing, state: Mapping[str, Any]) -> dict[Weekday, Hours | None]:
    week, errors = _parsed(editing, state)
    if errors:
        raise FieldError(errors)
    return week


def _block(day: Weekday, editing: Editing) -> str:
    return f"{day.name.lower()}_{editing.press}"


def _parsed(editing: Editing, state: Mapping[str, Any]) -> tuple[dict[Weekday, Hours | None], dict[str, str]]:
    """The days with valid fields, and the errors of the others: block id -> sentence."""
    week: dict[Weekday, Hours | None] = {}
    errors: dict[str, str] = {}
    for day in ALL_DAYS:
        block = _block(day, editing)
        typed = (state[block]["hours"].get("value") or "").strip()
        shown = editing.shown[day]
        if not typed and shown is not None:
            errors[block] = "This day has hours now. Type 0 for a day off; the command clear removes the day."
        elif typed and _untouched(typed, shown):
            week[day] = shown  # the exact hours from Focus, which the field shows rounded
        else:
            try:
                week[day] = _field(block, typed) if typed else None
            except FieldError as error:
                errors |= error.errors
    return week, errors


def _typed(hours: Hours | None) -> str | None:
    if hours is None:
        return None
    return typed_hours(hours) if hours else "0"


def _untouched(typed: str, shown: Hours | None) -> bool:
    """Whether a field still has these hours, with either decimal sign.

    The reader's locale, and with it the sign, may become known after the editor was opened.
    """
    return typed.strip().replace(",", ".") == (_typed(shown) or "").replace(",", ".")


def _field(block: str, typed: str) -> Hours:
    try:
        return parse_hours(typed)
    except Problem as problem:
        raise FieldError({block: problem.sentence[:2000]}) from problem
