"""The log of every call between the bot and the two services, for the page and for tests."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

__all__ = ["Call", "CallLog", "Direction", "Service"]

Service = Literal["slack", "focus"]
Direction = Literal["in", "out"]
"""``in``: the bot calls the service; ``out``: the service sends the bot something."""

KEPT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One finished call; faults are matched against its ``name``.

    Names are ``chat.postMessage``, ``GET /organizations/1001/users``, or ``slash_command`` for a delivery.
    ``status`` is ``None`` when there was no answer (a cut connection, no acknowledgement).
    """

    at: datetime
    service: Service
    direction: Direction
    name: str
    status: int | None
    ms: float
    summary: str
    request: object = None
    response: object = None
    fault: str | None = None


class CallLog:
    """The last 2,000 calls, oldest first, and the listeners for new ones."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._listeners: list[Callable[[Call], None]] = []
        self.total = 0
        """Number of calls ever added; passed as ``after``, it limits a search to later calls."""

    @property
    def calls(self) -> list[Call]:
        """The calls that are kept, oldest first."""
        return list(self._calls)

    def add(self, call: Call) -> Call:
        """Add a call, and pass it to the listeners in the order of their subscription."""
        self._calls.append(call)
        self.total += 1
        for listener in list(self._listeners):
            listener(call)
        return call

    def clear(self) -> None:
        """Forget the calls but not the listeners; ``total`` goes on counting."""
        self._calls.clear()

    def subscribe(self, listener: Callable[[Call], None]) -> Callable[[], None]:
        """Pass every new call to ``listener``; the returned function ends the subscription."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return unsubscribe

    def since(self, total: int) -> list[Call]:
        """The kept calls that were added after :attr:`total` had this value."""
        new = self.total - total
        return self.calls[-new:] if new > 0 else []

    def count(self, service: Service, name_prefix: str = "", *, after: int = 0) -> int:
        """Count the kept calls of a service whose names begin with this prefix."""
        return sum(
            call.service == service and call.name.startswith(name_prefix) for call in self.since(after)
        )

    async def wait_for(
        self,
        predicate: Callable[[Call], bool],
        timeout: float = 60,  # noqa: ASYNC109 - the promise is "within this time"
        *,
        after: int = 0,
    ) -> Call:
        """Return the first call that the predicate accepts, of those kept since ``after`` or yet to come.

        Raises:
            TimeoutError: none came in time.
        """
        for call in self.since(after):
            if predicate(call):
                return call
        found: asyncio.Future[Call] = asyncio.get_running_loop().create_future()

        def look(call: Call) -> None:
            if not found.done() and predicate(call):
                found.set_result(call)

        unsubscribe = self.subscribe(look)
        try:
            async with asyncio.timeout(timeout):
                return await found
        finally:
            unsubscribe()
