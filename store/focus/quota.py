"""Parse the headers of an answer about the hourly quota and the time to wait. Pure.

Focus counts requests per user, organization and hour, and states the count in ``X-Toggl-Quota-Remaining`` and
``X-Toggl-Quota-Resets-In`` (seconds). Both are optional; an invalid value is treated as a missing one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

__all__ = ["HOUR", "Quota", "Spent", "fewer_of", "quota_in", "quota_of", "wait_in"]

HOUR = timedelta(hours=1)

_LONGEST = 31 * 86_400.0
"""The longest plausible wait, in seconds; a longer one is treated as invalid."""

_SAME_HOUR = timedelta(minutes=1)
"""How much later an hour may seem to end by another answer: they tell whole seconds, and take their time."""

_MANY = 1e12
"""The highest plausible number of requests left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """The number of requests left until ``resets_at``, as far as Focus has stated; ``None`` is unknown."""

    remaining: int | None = None
    resets_at: datetime | None = None
    as_of: datetime


class Spent:
    """The times of the requests made within the last hour, for use if Focus does not state the quota."""

    def __init__(self) -> None:
        self._at: deque[datetime] = deque()

    def add(self, now: datetime) -> None:
        """Record a request made now."""
        self._at.append(now)
        while self._at[0] <= now - HOUR:
            self._at.popleft()

    def since(self, moment: datetime) -> int:
        """The number of requests after a moment within the last hour."""
        return sum(at > moment for at in self._at)


def quota_of(status: int, headers: Mapping[str, str], *, now: datetime) -> Quota | None:
    """The quota according to an answer: a 402 means that none is left, whatever its headers say."""
    stated = quota_in(headers, now=now)
    if status != 402:
        return stated
    wait = wait_in(headers, now=now)
    resets_at = (stated and stated.resets_at) or (now + timedelta(seconds=wait) if wait else None)
    return replace(stated or Quota(as_of=now), remaining=0, resets_at=resets_at)


def fewer_of(stated: Quota, known: Quota) -> Quota:
    """``stated``, by an answer that may have been overtaken by the one that stated ``known``.

    Within an hour the count only falls, so the lower one is true; a new hour ends later.
    """
    if None in {stated.remaining, known.remaining} or not stated.resets_at or not known.resets_at:
        return stated
    if stated.resets_at - known.resets_at > _SAME_HOUR:
        return stated
    return min(stated, known, key=lambda each: each.remaining or 0)


def quota_in(headers: Mapping[str, str], *, now: datetime) -> Quota | None:
    """The quota that the headers state; ``None`` if they state none."""
    remaining = _number(_header(headers, "X-Toggl-Quota-Remaining"), most=_MANY)
    resets_in = _number(_header(headers, "X-Toggl-Quota-Resets-In"))
    if remaining is None and resets_in is None:
        return None
    return Quota(
        remaining=None if remaining is None else int(remaining),
        resets_at=None if resets_in is None else now + timedelta(seconds=resets_in),
        as_of=now,
    )


def wait_in(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """The seconds to wait according to ``Retry-After``, given as seconds or as a date (RFC 9110, 10.2.3)."""
    text = _header(headers, "Retry-After")
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:  # "-0000" means UTC without information on the local zone
            moment = moment.replace(tzinfo=UTC)
        return min(max((moment - now).total_seconds(), 0.0), _LONGEST)
    except (ValueError, TypeError, IndexError, OverflowError):  # different bad dates raise different ones
        return None


def _header(headers: Mapping[str, str], name: str) -> str:
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), "")


def _number(text: str, *, most: float = _LONGEST) -> float | None:
    """The number, a wait in seconds if nothing else is said; ``None`` if it is none, or not plausible."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number <= most else None
