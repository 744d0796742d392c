"""Convert local days and times to UTC, also when clocks are put forward or back. Pure.

A time skipped by clocks that go forward becomes the first moment after the gap. A time that occurs twice
becomes the first of the two moments.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["is_shown", "moment_of"]


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which clocks in the zone first show this time, or skip it."""
    local = datetime.combine(day, at, zone)
    first = local.astimezone(UTC)
    if is_shown(local):
        return first
    # A skipped time, read with the offset from before the gap, is a moment after the gap, and vice versa.
    # So the offset changes between these two moments: search for that point, in whole seconds as in the
    # zone database.
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
    """Whether clocks show this local time at all: clocks that go forward skip some times."""
    back = local.astimezone(UTC).astimezone(local.tzinfo)
    return back.replace(tzinfo=None) == local.replace(tzinfo=None)
