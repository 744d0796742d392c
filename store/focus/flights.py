"""Equal reads in flight, shared: who asks what is already being asked gets the same answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

__all__ = ["Flights"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Flight(Generic[V]):
    def __init__(self, task: asyncio.Task[V]) -> None:
        self.task = task
        self.waiting = 0


class Flights(Generic[K, V]):
    """At most one task per key, which lives as long as anybody waits for it."""

    def __init__(self) -> None:
        self._flights: dict[K, _Flight[V]] = {}

    async def join(self, key: K, start: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """The result, or the error, of the flight for ``key``; ``start`` makes one where none is.

        Cancelling one who waits leaves the others waiting; when the last has gone, the task is cancelled.
        """
        flight = self._flights.get(key)
        if flight is None or flight.task.done():
            flight = self._flights[key] = _Flight(asyncio.create_task(start()))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                flight.task.cancel()  # does nothing to a task that is done
            if flight.task.done() or not flight.waiting:
                self._leave(key, flight)

    def forget(self, key: K) -> None:
        """Let nobody else board the flight for ``key``: from now on its answer is too old."""
        self._flights.pop(key, None)

    def _leave(self, key: K, flight: _Flight[V]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
