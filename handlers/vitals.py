"""The process's own state, for the status report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

__all__ = ["Vitals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """The state of one process at one moment."""

    version: str
    started_at: datetime
    transport: str
    """``Socket Mode`` or ``HTTP``."""
    connected_at: datetime | None = None
    """When the current connection to Slack was opened; ``None`` if there is none, or in HTTP mode."""
    connections: int = 0
    """How many connections were opened since the start."""
    trouble: str = ""
    """Why Slack cannot reach the bot at the moment; empty if it can."""
    key_expires: date | None = None
    missing_scopes: Mapping[str, str]
    """Missing bot scope -> the feature that does not work without it."""
