"""When people are told of what the clock did at night: in the morning of their next working day. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from store.plans.plan import MORNING, Plan, moment
from store.week import ALL_DAYS, WORKWEEK, Hours, Week

__all__ = ["A_WORKWEEK", "asked_at", "held", "morning_for"]

EVENING = time(18)
ONE_DAY = timedelta(days=1)

A_WORKWEEK = Week.of(dict.fromkeys(WORKWEEK, Hours(8)))
EVERY_DAY = Week.of(dict.fromkeys(ALL_DAYS, Hours(8)))


def morning_for(week: Week, zone: str, *, now: datetime) -> datetime:
    """When a person with this week should be told of what happened now: at once while they may be at work,
    else in the morning of their next working day (of the next day, if they work on none).
    """  # noqa: D205 - one sentence
    here = now.astimezone(ZoneInfo(zone))
    works = week.worked_days or ALL_DAYS
    if here.isoweekday() in works and MORNING <= here.time() < EVENING:
        return now
    day = here.date() if here.time() < MORNING else here.date() + ONE_DAY
    while day.isoweekday() not in works:
        day += ONE_DAY
    return moment(day, MORNING, zone)


def asked_at(plan: Plan, *, now: datetime) -> datetime:
    """When people are told that they have to decide about a plan: in the morning of the next weekday.

    If the plan would be over by then, it is the next day's morning, or at once.
    """
    if not plan.of_the_clock:
        return now
    at = morning_for(A_WORKWEEK, plan.zone, now=now)
    if plan.ends_at is None or not now < plan.ends_at <= at:
        return at
    at = morning_for(EVERY_DAY, plan.zone, now=now)
    return at if at < plan.ends_at else now


def held(group: Iterable[tuple[Plan, Week]], *, now: datetime) -> dict[str, str]:
    """Until when messages about the plans of one act are held back, as JSON for the act.

    ``group`` holds the plans with the resulting weeks. The result maps a subject's key to the morning of that
    person's next working day, ``receipt`` (the planner's message) to the earliest of these, and ``asked``
    (used if the planner must decide) to the morning of the next weekday. Past times are left out. The result
    is empty if a person waits for any of the plans.
    """
    plans = tuple(group)
    if not all(plan.of_the_clock for plan, _ in plans):
        return {}
    told = {plan.subject.key: morning_for(week, plan.zone, now=now) for plan, week in plans}
    told["receipt"] = min(told.values())
    told["asked"] = min(asked_at(plan, now=now) for plan, _ in plans)
    return {name: at.isoformat() for name, at in told.items() if at > now}
