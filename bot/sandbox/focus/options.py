"""What the API page leaves open, and what a test may want the other way round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Numbering", "Options"]

Numbering = Literal["sunday0", "monday0", "iso"]
"""Which numbers the wire gives to weekdays; inside the sandbox they are ISO (Monday 1 … Sunday 7)."""


@dataclass(slots=True, kw_only=True)
class Options:
    """How this Focus behaves; may be changed while it runs."""

    organization_id: int = 1001
    workspace_id: int = 2002
    numbering: Numbering = "sunday0"
    key_role: Literal["admin", "member"] = "admin"
    """A member reads and changes own hours only: 403 for everything else about hours."""
    put_replaces: bool = False
    """A PUT drops the rows that it does not name (the page does not say that it keeps them)."""
    answers_with: Literal["written", "all"] = "written"
    """Whether POST and PUT answer with the rows they wrote or with the whole week."""
    wraps_users: bool = False
    """The user list comes as ``{"data": [...]}``."""
    past_minutes: int | None = None
    """What each day gone by counts in capacities; ``None``: what the week says now (no page tells)."""
