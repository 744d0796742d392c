"""Taking Slack's requests: until when, and which of them are not acknowledged yet."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["ACK_SECONDS", "Taking"]

ACK_SECONDS = 3.0
"""Slack's time limit for an acknowledgement; a stop waits no longer for one."""


class Taking:
    """Whether requests are accepted, and how many of them are on the way to their acknowledgement."""

    def __init__(self) -> None:
        self.stopped = False
        self._under_way = 0
        self._all_acknowledged = asyncio.Event()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count a request as under way; it has scheduled its work when this ends."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._all_acknowledged.set()

    async def stop(self) -> None:
        """Accept nothing more, and wait for the acknowledgements under way, whose work then begins."""
        self.stopped = True
        if self._under_way:
            self._all_acknowledged.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_acknowledged.wait(), ACK_SECONDS)
