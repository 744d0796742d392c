"""Time as everything here takes it, so that tests and the demo can move it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

__all__ = ["Clock"]


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """This moment, aware."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""
