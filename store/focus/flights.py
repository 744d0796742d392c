"""Share equal reads in flight: a caller who asks for what is already being read gets the same answer."""

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
    """At most one running task per key, which runs as long as any caller waits for it."""

    def __init__(self) -> None:
        self._flights: dict[K, _Flight[V]] = {}

    async def join(self, key: K, start: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """Return (or raise) the result of the task for ``key``; ``start`` creates one if none is running.

        If one waiting caller is cancelled, the others keep waiting; without any, the task is cancelled.
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
        """Let no further caller join the task for ``key``, because its answer will be outdated."""
        self._flights.pop(key, None)

    def _leave(self, key: K, flight: _Flight[V]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
