"""What the headers of an answer say about time: the hourly quota, and how long to wait. Pure.

Focus counts requests per user, organization and hour, and says so in ``X-Toggl-Quota-Remaining`` and
``X-Toggl-Quota-Resets-In`` (seconds). Both are optional, and every reading here takes nonsense for absence.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

__all__ = ["HOUR", "Quota", "Spent", "quota_in", "quota_of", "wait_in"]

HOUR = timedelta(hours=1)

_LONGEST = 31 * 86_400.0
"""Seconds; whatever claims to last longer is nonsense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many requests are left until ``resets_at``, as far as Focus has said; ``None`` is unknown."""

    remaining: int | None = None
    resets_at: datetime | None = None
    as_of: datetime


class Spent:
    """When requests were made within the last hour: what counts where Focus does not tell."""

    def __init__(self) -> None:
        self._at: deque[datetime] = deque()

    def add(self, now: datetime) -> None:
        """One more."""
        self._at.append(now)
        while self._at[0] <= now - HOUR:
            self._at.popleft()

    def since(self, moment: datetime) -> int:
        """How many after a moment within the last hour."""
        return sum(at > moment for at in self._at)


def quota_of(status: int, headers: Mapping[str, str], *, now: datetime) -> Quota | None:
    """The quota that an answer tells: a 402 says that there is none left, whatever its headers say."""
    stated = quota_in(headers, now=now)
    if status != 402:
        return stated
    wait = wait_in(headers, now=now)
    resets_at = (stated and stated.resets_at) or (now + timedelta(seconds=wait) if wait else None)
    return replace(stated or Quota(as_of=now), remaining=0, resets_at=resets_at)


def quota_in(headers: Mapping[str, str], *, now: datetime) -> Quota | None:
    """The quota that the headers state, or ``None`` where they are silent."""
    remaining = _number(_header(headers, "X-Toggl-Quota-Remaining"))
    resets_in = _number(_header(headers, "X-Toggl-Quota-Resets-In"))
    if remaining is None and resets_in is None:
        return None
    return Quota(
        remaining=None if remaining is None else int(remaining),
        resets_at=None if resets_in is None else now + timedelta(seconds=resets_in),
        as_of=now,
    )


def wait_in(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds that ``Retry-After`` asks for, given as seconds or as a date (RFC 9110, 10.2.3)."""
    text = _header(headers, "Retry-After")
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:  # "-0000": a time in UTC whose zone is not told
            moment = moment.replace(tzinfo=UTC)
        return min(max((moment - now).total_seconds(), 0.0), _LONGEST)
    except (ValueError, TypeError, IndexError, OverflowError):  # all of these, for one bad date or another
        return None


def _header(headers: Mapping[str, str], name: str) -> str:
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), "")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number <= _LONGEST else None
