"""Local days and times as moments, also where clocks are put forward or back; pure.

A time that clocks go over is the first moment after the gap; one that comes twice is the first of the two.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["is_shown", "moment_of"]


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which clocks in the zone first show this time, or have gone over it."""
    local = datetime.combine(day, at, zone)
    first = local.astimezone(UTC)
    if is_shown(local):
        return first
    # Read with the offset before the gap it is after it, and the other way round: the gap's end is
    # the moment between the two at which the offset changes. Whole seconds, as in the zone database.
    before, after = local.replace(fold=1).astimezone(UTC), first
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // timedelta(seconds=2) * timedelta(seconds=1)
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def is_shown(local: datetime) -> bool:
    """Whether clocks ever show this time."""
    back = local.astimezone(UTC).astimezone(local.tzinfo)
    return back.replace(tzinfo=None) == local.replace(tzinfo=None)
