"""Telling whoever looks that something visible has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

__all__ = ["Signal"]

T = TypeVar("T")


class Signal:
    """Callbacks without arguments: whoever is told looks at the state."""

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
        """Tell everybody."""
        for listener in list(self._listeners):
            listener()

    async def until(self, look: Callable[[], T | None], *, seconds: float) -> T:
        """What ``look`` finds, now or after one of the changes to come.

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
