"""A signal that something visible has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

__all__ = ["Signal"]

T = TypeVar("T")


class Signal:
    """Calls its listeners without arguments; they look at the state themselves."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after every change; the returned function ends that."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return unsubscribe

    def fire(self) -> None:
        """Call every listener."""
        for listener in list(self._listeners):
            listener()

    async def until(self, look: Callable[[], T | None], *, seconds: float) -> T:
        """Wait until ``look`` finds something, now or after a later change, and return it.

        Raises:
            TimeoutError: it found nothing in time.
        """
        found = look()
        if found is not None:
            return found
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def look_again() -> None:
            found = None if future.done() else look()
            if found is not None:
                future.set_result(found)

        unsubscribe = self.subscribe(look_again)
        try:
            async with asyncio.timeout(seconds):
                return await future
        finally:
            unsubscribe()
