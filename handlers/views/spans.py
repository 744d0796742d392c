"""Format dates, always in full so that *next mon* can be verified, and the forms' two date pickers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from slack_sdk.models.blocks import DatePickerElement, InputBlock, PlainTextObject

from handlers.asked import Asked, Problem, Suggestion
from handlers.grammar import command, owner
from handlers.views.week import hours_word
from handlers.views.words import day_name, day_title
from store.week import Hours

__all__ = [
    "FIRST",
    "LAST",
    "dates_in",
    "fields",
    "in_full",
    "once_or_weekly",
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
    what, weekday, whose = hours_word(hours), day_title(day), owner(once.subjects)
    lead = "" if whose == "your" else f"{whose} week: "
    labels = (f"only {in_full(day)}", f"every {weekday} from {day.day} {day:%b %Y}")
    return Problem(
        f"Is that only {in_full(day)}, or every {weekday} from then on?",
        suggestions=tuple(
            Suggestion(f"{lead}{label if lead else label[0].upper() + label[1:]}: {what}", command(asked))
            for label, asked in zip(labels, (once, weekly), strict=True)
        ),
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
        return {FIRST: "This day is past. Choose today or a later day."}
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
