"""Format days, rules and times of day, as typed in a command and as shown to people."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import time
from typing import Final

from handlers.asked import Reminding
from store.reminders import MonthlyWeekday, MonthlyWorkday, Rule, Weekly
from store.week import ALL_DAYS, Weekday

__all__ = ["format_days", "format_rule", "format_time", "typed_reminding", "typed_rule"]

_TYPED: Final = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 5: "5th", -1: "last"}
_READ: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}


def format_days(
    days: Iterable[Weekday] | None,
    *,
    dash: str = "–",
    comma: str = ", ",
    name: Callable[[Weekday], str] = lambda day: day.short,
) -> str:
    """Format days with ranges, ``Mon–Thu, Sat``; ``None`` becomes ``workdays``."""
    if days is None:
        return "workdays"
    runs: list[list[Weekday]] = []
    for day in sorted(set(days)):
        if runs and day - runs[-1][-1] == 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return comma.join(
        f"{name(run[0])}{dash}{name(run[-1])}" if len(run) > 1 else name(run[0]) for run in runs
    )


def typed_reminding(reminding: Reminding) -> str:
    """Format reminder settings as typed, ``mon 9:00 Europe/Berlin board week``, omitting empty ones."""
    words = (
        typed_rule(reminding.rule) if reminding.rule else "",
        format_time(reminding.at) if reminding.at is not None else "",
        reminding.zone,
        reminding.kind,
        reminding.span,
    )
    return " ".join(filter(None, words))


def typed_rule(rule: Rule) -> str:
    """Format a rule as typed: ``mon-wed,fri``, ``first workday``, ``2nd tue``."""
    match rule:
        case Weekly(days=days):
            return format_days(days, dash="-", comma=",").lower()
        case MonthlyWorkday(last=last):
            return f"{'last' if last else 'first'} workday"
        case MonthlyWeekday(nth=nth, weekday=day):
            return f"{_TYPED[nth]} {day.short.lower()}"


def format_rule(
    rule: Rule,
    *,
    name: Callable[[Weekday], str] = lambda day: day.short,
    full_name: Callable[[Weekday], str] = lambda day: day.name.title(),
) -> str:
    """Format a rule for display: ``every Monday``, ``the second Tuesday of each month``."""
    match rule:
        case Weekly(days=(day,)):
            return f"every {full_name(day)}"
        case Weekly(days=days) if tuple(sorted(days)) == ALL_DAYS:
            return "every day"
        case Weekly(days=days):
            return f"every {format_days(days, name=name)}"
        case MonthlyWorkday(last=last):
            return f"the {'last' if last else 'first'} working day (Mon–Fri) of each month"
        case MonthlyWeekday(nth=5, weekday=day):
            return f"the fifth {full_name(day)} of each month that has one"
        case MonthlyWeekday(nth=nth, weekday=day):
            return f"the {_READ[nth]} {full_name(day)} of each month"


def format_time(at: time) -> str:
    """Format a time of day as ``9:00``, which the grammar also parses."""
    return f"{at.hour}:{at.minute:02}"
