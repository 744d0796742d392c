"""Slack's rate limits: a budget per method and minute, and one message a second in a channel.

https://docs.slack.dev/apis/web-api/rate-limits
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from bot.sandbox.slack.errors import RateLimitedError
from bot.sandbox.slack.world import Moment

__all__ = ["TIER", "Limits"]

TIER = {1: 1, 2: 20, 3: 50, 4: 100}
"""Calls a minute in each of Slack's tiers."""

MESSAGES_A_MINUTE = 300
CHANNEL_BURST = 10
"""Messages a channel takes at once before one a second applies; Slack promises only "short bursts"."""


@dataclass(slots=True)
class _Bucket:
    left: float
    filled: Moment


class Limits:
    """Token buckets, one for each method and channel; a benchmark may set ``enabled`` to ``False``."""

    def __init__(self, *, moment: Callable[[], Moment], age: Callable[[Moment], float]) -> None:
        self.enabled = True
        self._moment = moment
        self._age = age
        self._buckets: dict[str, _Bucket] = {}

    def reset(self) -> None:
        """Forget all calls and messages counted so far."""
        self._buckets.clear()

    def method(self, name: str, calls_a_minute: int) -> None:
        """Count a call of a method.

        Raises:
            RateLimitedError: the minute's budget is used up.
        """
        self._take(name, size=calls_a_minute, per_second=calls_a_minute / 60)

    def channel(self, channel: str) -> None:
        """Count a message in a channel.

        Raises:
            RateLimitedError: it comes too soon after many others.
        """
        self._take(channel, size=CHANNEL_BURST, per_second=1)

    def _take(self, key: str, *, size: int, per_second: float) -> None:
        if not self.enabled:
            return
        bucket = self._buckets.setdefault(key, _Bucket(size, self._moment()))
        bucket.left = min(size, bucket.left + self._age(bucket.filled) * per_second)
        bucket.filled = self._moment()
        if bucket.left < 1:
            raise RateLimitedError(max(1, ceil((1 - bucket.left) / per_second)))
        bucket.left -= 1
