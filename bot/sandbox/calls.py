"""The journal of every call between the bot and the two services, for the page and for tests."""

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
    """One finished call; ``name`` is what faults are matched with.

    ``chat.postMessage``, ``GET /organizations/1001/users``, or ``slash_command`` for a delivery.
    ``status`` is ``None`` when no answer left the service (a cut connection, no ack).
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
    """The last 2,000 calls, oldest first, and whoever wants to hear of new ones."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._listeners: list[Callable[[Call], None]] = []
        self.total = 0
        """Calls ever added: remember it, and :meth:`wait_for` looks only at later ones."""

    @property
    def calls(self) -> list[Call]:
        """What is kept, oldest first."""
        return list(self._calls)

    def add(self, call: Call) -> Call:
        """Keep a call and tell the listeners, in the order in which they came."""
        self._calls.append(call)
        self.total += 1
        for listener in list(self._listeners):
            listener(call)
        return call

    def clear(self) -> None:
        """Forget the calls, not the listeners; ``total`` goes on counting."""
        self._calls.clear()

    def subscribe(self, listener: Callable[[Call], None]) -> Callable[[], None]:
        """Tell ``listener`` of every new call; the returned function ends that."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return unsubscribe

    def since(self, total: int) -> list[Call]:
        """The kept calls that came after ``total`` were counted."""
        new = self.total - total
        return self.calls[-new:] if new > 0 else []

    def count(self, service: Service, name_prefix: str = "", *, after: int = 0) -> int:
        """How many kept calls of a service have a name that begins so."""
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
        """The first kept or coming call (after ``total`` was ``after``) that the predicate accepts.

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
