"""Format dates, always in full so that *next mon* can be verified, and the forms' two date pickers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from slack_sdk.models.blocks import DatePickerElement, InputBlock, PlainTextObject

from handlers.asked import Asked, Problem, Suggestion
from handlers.grammar import command, owner
from handlers.views.blocks import disarmed
from handlers.views.week import Who, capital, hours_word
from handlers.views.words import day_name, day_title, format_days
from store.week import Hours, Weekday

__all__ = [
    "FIRST",
    "LAST",
    "dates_in",
    "fields",
    "in_full",
    "none_between",
    "once_or_weekly",
    "only_on",
    "over_in",
    "picked",
    "span",
    "wrong",
]

FIRST, LAST = "first_day", "last_day"
"""Block ids of the two date pickers."""


def in_full(day: date) -> str:
    """Format a day as ``Fri 1 Jan 2027``."""
    return f"{day_name(day)} {day.day} {day:%b %Y}"


def span(first: date | None, last: date | None) -> str:
    """Format a span as ``from Fri 1 Jan 2027 until Wed 31 Mar 2027``; without a first day, ``from now …``."""
    begin = f"from {in_full(first)}" if first else "from now"
    return f"{begin} until {in_full(last)}" if last else begin


def once_or_weekly(day: date, hours: Hours | None, *, once: Asked, weekly: Asked) -> Problem:
    """``tomorrow off``: only that day, or that weekday from then on?"""
    every = f"every {day_title(day)} from {day.day} {day:%b %Y}"
    return Problem(
        f"Is that only {in_full(day)}, or every {day_title(day)} from then on?",
        suggestions=(only_on(day, hours, once), _labelled(every, hours, weekly)),
    )


def only_on(day: date, hours: Hours | None, asked: Asked) -> Suggestion:
    """*Only Sat 28 Nov 2026: off*."""
    return _labelled(f"only {in_full(day)}", hours, asked)


def _labelled(when: str, hours: Hours | None, asked: Asked) -> Suggestion:
    whose = owner(asked.subjects)
    label = capital(when) if whose == "your" else f"{whose} week: {when}"
    return Suggestion(f"{label}: {hours_word(hours)}", command(asked))


def none_between(days: Iterable[Weekday], first: date, last: date, *instead: Suggestion) -> Problem:
    """A change for days that do not come before it ends."""
    named = format_days(sorted(days))
    if first == last:
        sentence = f"{in_full(first)} is not one of the days you named ({named}), so nothing was planned."
    else:
        between = f"between {in_full(first)} and {in_full(last)}"
        sentence = f"None of the days you named ({named}) falls {between}, so nothing was planned."
    return Problem(sentence, suggestions=instead)


def over_in(zone: str, who: Who, last: date, *, today: date) -> Problem:
    """A change whose last day is past where the person is."""
    whose = "Your" if who.you else f"{disarmed(who.plain)}’s"
    return Problem(
        f"{whose} week goes by the time in {zone}, where it is {in_full(today)} already and"
        f" {in_full(last)} is over. Nothing was changed or planned."
    )


def fields(*, first: date | None = None, last: date | None = None) -> tuple[InputBlock, ...]:
    """The two date pickers; both may stay empty."""
    return (
        _field(FIRST, "From", "Empty: it begins at once", first),
        _field(LAST, "Until", "The last day; afterwards these days are put back. Empty: it stays", last),
    )


def picked(view: Mapping[str, Any]) -> tuple[str, str]:
    """The picked first and last day as ISO dates; empty where none was picked."""
    state = view["state"]["values"]
    first, last = (state.get(block, {}).get(block, {}).get("selected_date") or "" for block in (FIRST, LAST))
    return first, last


def dates_in(view: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """The picked first and last day as dates; ``None`` where none was picked."""
    first, last = (date.fromisoformat(day) if day else None for day in picked(view))
    return first, last


def wrong(first: str, last: str, *, today: date) -> dict[str, str]:
    """The errors of two picked days: block id -> sentence."""
    begin = date.fromisoformat(first) if first else today
    if begin < today:
        return {FIRST: "This day is in the past. Choose today or a later day."}
    if last and date.fromisoformat(last) < begin:
        return {LAST: "The last day can’t come before the first."}
    return {}


def _field(block: str, label: str, hint: str, day: date | None) -> InputBlock:
    return InputBlock(
        block_id=block,
        label=label,
        hint=hint,
        optional=True,
        element=DatePickerElement(
            action_id=block,
            initial_date=day.isoformat() if day else None,
            placeholder=PlainTextObject(text="Choose a day"),
        ),
    )
