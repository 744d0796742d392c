"""What has to be done about a change, given what Focus shows. Pure."""

from __future__ import annotations

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
from store.week import DayNamedTwiceError, Snapshot, Steps, Week, Weekday

__all__ = ["Obstacle", "Proceed", "decide", "missing", "short_of", "trouble_of", "waited_out"]

KEY_RETRY = timedelta(minutes=10)
QUOTA_RETRY = timedelta(minutes=5)
"""When Focus does not say itself when its quota comes back."""
SILENCE_RETRY = timedelta(minutes=10)
"""Where nobody is there to press *Try again*."""


@dataclass(frozen=True, slots=True)
class Proceed:
    """The change with ``before`` and ``wanted`` known, and the calls that bring about ``target``."""

    change: Change
    target: Week
    steps: Steps


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why nothing is to be called: the change as it is left, its state, and why."""

    change: Change
    state: State
    trouble: Trouble


def decide(change: Change, seen: Snapshot, *, repair: bool) -> Proceed | Obstacle:
    """How the change goes on from what is there; a second try pursues what the first one wanted."""
    week = seen.week
    try:
        goal = _goal(change, week, repair=repair)
    except DayNamedTwiceError as error:
        trouble = Trouble(TroubleCode.DAY_TWICE, error.day.name.title())
        return Obstacle(change, short_of(change, week), trouble)
    before = change.before or week
    known = replace(change, before=before, wanted=before.replace(goal))
    if theirs := _theirs(change, week, goal):
        # ``before`` is for those who write: where nothing was written yet, it stays unknown.
        met = replace(change, wanted=known.wanted)
        return Obstacle(met, State.CONFLICT, Trouble(TroubleCode.CONFLICT, _named(theirs)))
    if repair and (gone := _gone(change, seen, goal)):
        return Obstacle(change, short_of(change, week), Trouble(TroubleCode.ENTRY_GONE, _named(gone)))
    if not repair and (doubled := sorted(set(seen.doubled) & set(goal))):
        return Obstacle(change, short_of(change, week), Trouble(TroubleCode.DOUBLED, _named(doubled)))
    target = week.replace(goal)
    return Proceed(known, target, seen.steps_to(target, repair=goal if repair else ()))


def short_of(change: Change, found: Week | None) -> State:
    """How a change ends that cannot go on, with this week in Focus."""
    return State.PARTIAL if replace(change, found=found).written else State.FAILED


def missing(change: Change, seen: Snapshot) -> bool:
    """Whether anything that the change's calls were to do is not there."""
    called = {day for step in change.steps for day in step.days}
    short = change.wanted is not None and any(seen.week[day] != change.wanted[day] for day in change.days)
    return short or not called.isdisjoint(seen.doubled)


def trouble_of(error: FocusError, *, now: datetime) -> Trouble:
    """The error as the journal keeps it; with ``until`` where the change waits for it to pass."""
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
    return Trouble(code, error.description, error.trace_id or None, until)


def waited_out(state: State, trouble: Trouble, *, kind: Kind, now: datetime) -> tuple[State, Trouble]:
    """Where a trouble leaves a change: one of the clock waits for it to pass, as nobody is there."""
    if kind.of_the_clock and state in {State.FAILED, State.PARTIAL} and trouble.code.passes:
        return State.WAITING, replace(trouble, until=now + SILENCE_RETRY)
    return state, trouble


def _goal(change: Change, week: Week, *, repair: bool) -> Days:
    """The days to bring about, with their hours."""
    if repair:
        return change.pattern.named(change.before or week)
    if change.before and change.wanted:
        return change.wanted.only(change.days)
    wanted = change.pattern.on(week)
    return wanted.only(week.differing(wanted))


def _theirs(change: Change, week: Week, goal: Days) -> tuple[Weekday, ...]:
    """The days of the goal which are neither as they were (or as the person saw them) nor as wanted."""
    expected = change.before.only(change.days) if change.before else change.expected or {}
    return tuple(
        day
        for day, hours in goal.items()
        if day in expected and week[day] != expected[day] and week[day] != hours
    )


def _gone(change: Change, seen: Snapshot, goal: Days) -> tuple[Weekday, ...]:
    """The days of a repair that nobody has begun to write, and that have no entry as it is to be kept."""
    entries = {(row.day, row.hours) for row in seen.rows}
    return tuple(day for day, hours in goal.items() if day not in change.days and (day, hours) not in entries)


def _named(days: tuple[Weekday, ...] | list[Weekday]) -> str:
    return " ".join(day.short for day in days)
