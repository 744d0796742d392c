"""Decide what to do about a change, given the week that Focus shows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from store.act import Change, Days, Kind, State
from store.focus import (
    FocusError,
    ForbiddenError,
    ImpossibleWeekdayError,
    KeyRefusedError,
    NotFoundError,
    OutOfQuotaError,
    RejectedError,
    SlowDownError,
    UnavailableError,
)
from store.trouble import Trouble, TroubleCode
from store.week import DayNamedTwiceError, Hours, Snapshot, Steps, Week, Weekday, kept

__all__ = [
    "SETTLE_AFTER",
    "Obstacle",
    "Proceed",
    "decide",
    "look_again_at",
    "missing",
    "short_of",
    "took",
    "trouble_of",
    "waited_out",
]

SETTLE_AFTER = timedelta(seconds=30)
"""The time between two reads that must agree before a call counts as failed: it may take effect late."""
LONGEST_PAUSE = timedelta(hours=1)
"""The most time between two reads of an unclear week while they keep failing: each costs the quota a call."""

KEY_RETRY = timedelta(minutes=10)
QUOTA_RETRY = timedelta(minutes=5)
"""Used if Focus does not say when the quota is renewed."""
SHORTEST_RETRY = timedelta(seconds=10)
"""The least pause after a refusal, as Focus states whole seconds and may state none at all."""
SILENCE_RETRY = timedelta(minutes=10)
"""Used for changes made by the clock, where nobody is there to press *Try again*."""


@dataclass(frozen=True, slots=True)
class Proceed:
    """The decision to make calls: the change with ``before`` and ``wanted`` set, and steps to ``target``."""

    change: Change
    target: Week
    steps: Steps


@dataclass(frozen=True, slots=True)
class Obstacle:
    """The decision to make no call: the change, the state in which it is left, and the reason."""

    change: Change
    state: State
    trouble: Trouble


def decide(
    change: Change, seen: Snapshot, *, repair: bool, overtaken: Collection[Weekday] = ()
) -> Proceed | Obstacle:
    """Decide how a change continues from the rows ``seen``; a retry pursues the first attempt's goal.

    ``overtaken`` are days that a later request has written while this change waited.
    """
    week = seen.week
    try:
        goal = _goal(change, week, repair=repair)
    except DayNamedTwiceError as error:
        trouble = Trouble(TroubleCode.DAY_TWICE, error.day.name.title())
        return Obstacle(change, short_of(change, week), trouble)
    before = change.before or week
    known = replace(change, before=before, wanted=before.replace(goal))
    if theirs := _theirs(change, week, goal, overtaken):
        # ``before`` stays as it is: it is set only when the change goes on to write.
        met = replace(change, wanted=known.wanted)
        return Obstacle(met, State.CONFLICT, Trouble(TroubleCode.CONFLICT, _named(theirs)))
    if repair and (gone := _gone(change, seen, goal)):
        return Obstacle(change, short_of(change, week), Trouble(TroubleCode.ENTRY_GONE, _named(gone)))
    if not repair and (doubled := sorted(set(seen.doubled) & set(goal))):
        return Obstacle(change, short_of(change, week), Trouble(TroubleCode.DOUBLED, _named(doubled)))
    target = week.replace(goal)
    if not repair:
        return Proceed(known, target, seen.steps_to(target))
    known = replace(known, doubled=change.doubled or _entries(seen, goal))
    return Proceed(known, target, seen.steps_to(target, repair=goal))


def short_of(change: Change, found: Week | None) -> State:
    """The final state of a change that cannot continue, given the week in Focus: partial or failed."""
    return replace(change, found=found).ended(State.FAILED)


def missing(change: Change, seen: Snapshot) -> bool:
    """Whether any effect of the change's calls is missing in the rows ``seen``."""
    called = {day for step in change.steps for day in step.days}
    short = change.wanted is not None and _lost(change.wanted, seen, change.days)
    return short or not called.isdisjoint(seen.doubled)


def took(change: Change, seen: Snapshot) -> bool:
    """Whether the effect of the change's last call can be seen; those before it are known to have worked."""
    wanted = change.wanted
    return wanted is not None and not _lost(wanted, seen, change.steps[-1].days)


def trouble_of(error: FocusError, *, now: datetime) -> Trouble:
    """Convert an error to a trouble for the journal; ``until`` is set if the change is to wait and retry."""
    code, until = TroubleCode.NOT_UNDERSTOOD, None
    match error:
        case OutOfQuotaError():
            resets_at = error.quota and error.quota.resets_at
            code, until = TroubleCode.OUT_OF_QUOTA, resets_at or now + QUOTA_RETRY
        case KeyRefusedError():
            code, until = TroubleCode.KEY_REFUSED, now + KEY_RETRY
        case SlowDownError():
            code, until = TroubleCode.SLOW_DOWN, now + timedelta(seconds=error.retry_after or 30)
        case ForbiddenError():
            code = TroubleCode.FORBIDDEN
        case NotFoundError():
            code = TroubleCode.NOT_FOUND
        case RejectedError():
            code = TroubleCode.REJECTED
        case UnavailableError():
            code = TroubleCode.UNAVAILABLE
        case ImpossibleWeekdayError():
            code = TroubleCode.IMPOSSIBLE
    until = until and max(until, now + SHORTEST_RETRY)
    return Trouble(code, error.description, error.trace_id or None, until)


def look_again_at(change: Change, error: FocusError, *, now: datetime) -> datetime:
    """When to read the week of an unclear change again after a read failed: the more seldom, the longer ago.

    The error may last until somebody acts, and the reads must not use up the quota meanwhile.
    """
    since = now - (change.written_at or now)
    pause = max(SETTLE_AFTER, min(since / 4, LONGEST_PAUSE))
    return max(now + pause, trouble_of(error, now=now).until or now)


def waited_out(state: State, trouble: Trouble, *, kind: Kind, now: datetime) -> tuple[State, Trouble]:
    """The state and trouble to store; a clock-made change waits out a passing trouble instead of failing."""
    if kind.of_the_clock and state in {State.FAILED, State.PARTIAL} and trouble.code.passes:
        return State.WAITING, replace(trouble, until=now + SILENCE_RETRY)
    return state, trouble


def _goal(change: Change, week: Week, *, repair: bool) -> Days:
    """The days that the change has to write, with their hours."""
    if repair:
        return change.pattern.named(change.before or week)
    if change.before and change.wanted:
        return change.wanted.only(change.days)
    wanted = change.pattern.on(week)
    return wanted.only(week.differing(wanted))


def _theirs(change: Change, week: Week, goal: Days, overtaken: Collection[Weekday]) -> tuple[Weekday, ...]:
    """The goal's days that others have changed: neither as before (or as the person saw) nor as wanted.

    A day that was overtaken counts as changed, whatever its hours are now.
    """
    expected = change.before.only(change.days) if change.before else change.expected or {}
    return tuple(
        day
        for day, hours in goal.items()
        if (day in overtaken or (day in expected and not kept(expected[day], week[day])))
        and not kept(hours, week[day])
    )


def _gone(change: Change, seen: Snapshot, goal: Days) -> tuple[Weekday, ...]:
    """The days of a repair, not written before, whose row that is to be kept does not exist any more."""
    entries = {(row.day, row.hours) for row in seen.rows}
    return tuple(day for day, hours in goal.items() if day not in change.days and (day, hours) not in entries)


def _entries(seen: Snapshot, goal: Days) -> dict[Weekday, tuple[Hours, ...]]:
    """The hours of all rows of the goal's days that have several."""
    return {
        day: tuple(row.hours for row in seen.rows if row.day == day) for day in goal if day in seen.doubled
    }


def _lost(wanted: Week, seen: Snapshot, days: Iterable[Weekday]) -> bool:
    """Whether any of the days does not have what was sent."""
    return not set(days).isdisjoint(wanted.not_kept_in(seen.week))


def _named(days: tuple[Weekday, ...] | list[Weekday]) -> str:
    return " ".join(day.short for day in days)
