"""Weeks, days and patterns as JSON, in columns and in buttons; hours stay exact, as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from store.act import Days
from store.week import ALL_DAYS, Clause, Hours, Pattern, Week, Weekday

__all__ = [
    "days_from_json",
    "days_to_json",
    "doubled_from_json",
    "doubled_to_json",
    "pattern_from_json",
    "pattern_to_json",
    "week_from_json",
    "week_to_json",
]


def week_to_json(week: Week | None) -> list[str | None] | None:
    """Convert a week to seven strings with exact hours, Monday first; ``None`` for a day that is not set."""
    return None if week is None else [None if hours is None else str(hours) for hours in week.days]


def week_from_json(value: list[str | None] | None) -> Week | None:
    """Restore a week from the output of :func:`week_to_json`."""
    return None if value is None else Week(tuple(None if hours is None else Hours(hours) for hours in value))


def days_to_json(days: Days | None) -> dict[str, str | None] | None:
    """Convert days to a mapping from ISO day number to exact hours, both as text."""
    if days is None:
        return None
    return {str(int(day)): None if hours is None else str(hours) for day, hours in days.items()}


def days_from_json(value: Mapping[str, str | None] | None) -> dict[Weekday, Hours | None] | None:
    """Restore days from the output of :func:`days_to_json`."""
    if value is None:
        return None
    return {Weekday(int(day)): None if hours is None else Hours(hours) for day, hours in value.items()}


def doubled_to_json(doubled: Mapping[Weekday, Iterable[Hours]]) -> dict[str, list[str]] | None:
    """Convert the hours of several entries for a day to JSON, by ISO day number; ``None`` without any."""
    return {str(int(day)): [*map(str, entries)] for day, entries in doubled.items()} or None


def doubled_from_json(value: Mapping[str, list[str]] | None) -> dict[Weekday, tuple[Hours, ...]]:
    """Restore entries from the output of :func:`doubled_to_json`."""
    return {Weekday(int(day)): tuple(map(Hours, entries)) for day, entries in (value or {}).items()}


def pattern_to_json(pattern: Pattern) -> dict[str, Any]:
    """Convert a pattern to JSON; a clause is ``[ISO day numbers, hours]``, plus ``True`` if ``if_set``."""
    clauses = [
        [
            clause.days and [int(day) for day in clause.days],
            None if clause.hours is None else str(clause.hours),
            *([True] if clause.if_set else []),
        ]
        for clause in pattern.clauses
    ]
    within = {} if pattern.within is None else {"within": [int(day) for day in pattern.within]}
    return {"only": pattern.only, "clauses": clauses, **within}


def pattern_from_json(value: Mapping[str, Any]) -> Pattern:
    """Restore a pattern from the output of :func:`pattern_to_json`."""
    clauses = tuple(
        Clause(
            None if days is None else tuple(ALL_DAYS[day - 1] for day in days),
            None if hours is None else Hours(hours),
            if_set=bool(if_set),
        )
        for days, hours, *if_set in value["clauses"]
    )
    within = value.get("within")
    return Pattern(
        clauses,
        only=value["only"],
        within=None if within is None else tuple(ALL_DAYS[day - 1] for day in within),
    )
