"""Check of Focus's capacities, which give many people's hours by date in one answer, against single weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.doctor.findings import Finding, note, ok
from bot.settings import Settings
from store.capacities import differing_days
from store.focus import (
    FocusClient,
    FocusError,
    FocusPerson,
    ImpossibleWeekdayError,
    NotFoundError,
    Numbering,
    Reading,
    vote,
)
from store.week import ALL_DAYS, Hours, Week

__all__ = ["check_capacities"]

AT_MOST = 3
"""Number of people compared: those with the most uneven weeks, because they show shifted days best."""

Read = Sequence[tuple[FocusPerson, Reading]]


async def check_capacities(
    settings: Settings, focus: FocusClient, read: Read, *, numbering: Numbering | None, now: datetime
) -> Finding:
    """Compare this week's capacities with the weeks that were read, in one call if the quota allows.

    Nothing depends on capacities, so a failure is only a note.
    """
    weeks = _weeks(read, numbering)
    if not weeks:
        return note("capacities cannot be compared: no week was read that shows its days")
    reserve = settings.focus_quota * settings.focus_quota_reserve // 100
    if focus.quota.remaining is not None and focus.quota.remaining <= reserve:
        return note("capacities were not compared: what is left of the hour's requests is for people")
    today = now.astimezone(settings.hours_timezone).date()
    monday = today - timedelta(days=today.weekday())
    try:
        told = await focus.capacities([person.id for person, _ in weeks], monday, monday + timedelta(days=6))
    except NotFoundError:
        return note("Focus has no capacities here: weeks are read one by one, and nothing is missing")
    except FocusError as error:
        return note(f"capacities cannot be compared: {error}")
    names = ", ".join(person.name for person, _ in weeks)
    differing = [
        line for person, week in weeks for line in _differing(person, week, told.get(person.id, {}), monday)
    ]
    if differing:
        return note(
            f"this week's capacities differ from what was read: {'; '.join(differing)}",
            fix="leave or a public holiday may be why; otherwise compare with these people's pages in Focus",
        )
    return ok(f"this week's capacities agree with the weeks read one by one ({names})")


def _weeks(read: Read, settled: Numbering | None) -> list[tuple[FocusPerson, Week]]:
    """The most uneven weeks, with the settled weekday numbers, else those that fit the rows best."""
    numbering = settled or vote([(row.weekday, row.hours) for row in each.rows] for _, each in read).best
    found = []
    for person, reading in read:
        try:
            week = reading.snapshot(numbering).week if numbering else Week()
        except ImpossibleWeekdayError:
            continue  # reported by the check of weekday numbers
        if week.worked_days:
            found.append((person, week))
    found.sort(key=lambda each: -len(set(each[1].days)))
    return found[:AT_MOST]


def _differing(person: FocusPerson, week: Week, told: Mapping[date, Hours], monday: date) -> list[str]:
    """One line for each day whose capacity differs from the week, where a day that is not set has none."""
    if not told:
        return [f"{person.name} has none"]
    seen = {day: told.get(monday + timedelta(days=day - 1), Hours(0)) for day in ALL_DAYS}
    return [
        f"{person.name} {day.short} {seen[day]:.4g} h, read {week[day] or 0:.4g} h"
        for day in differing_days(week, told, monday=monday)
    ]
