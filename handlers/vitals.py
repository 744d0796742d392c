"""How the process itself is: what only whoever runs it knows, for the status page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

__all__ = ["Vitals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """One process at one moment."""

    version: str
    started_at: datetime
    transport: str
    """``Socket Mode`` or ``HTTP``."""
    connected_at: datetime | None = None
    """Since when the present line to Slack stands; ``None``: none does, or Slack calls by HTTP."""
    connections: int = 0
    """How often a line was opened since the start."""
    trouble: str = ""
    """Why nothing can come in from Slack at this moment; empty when it can."""
    key_expires: date | None = None
    missing_scopes: Mapping[str, str]
    """Bot scope -> what stops without it."""
