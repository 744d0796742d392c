"""Options of the local Focus, for what Focus's API page leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Numbering", "Options"]

Numbering = Literal["sunday0", "monday0", "iso"]
"""Weekday numbers in Focus's JSON; inside the sandbox they are ISO (Monday 1 … Sunday 7)."""


@dataclass(slots=True, kw_only=True)
class Options:
    """How this Focus behaves; may be changed while it runs."""

    organization_id: int = 1001
    workspace_id: int = 2002
    numbering: Numbering = "sunday0"
    key_role: Literal["admin", "member"] = "admin"
    """A member's key reads and changes the owner's hours only; all other hours are 403."""
    put_replaces: bool = False
    """Whether a PUT drops the rows that it does not name; the page does not say."""
    decimals: int | None = None
    """The decimals of hours that it keeps, rounded; ``None``: all of them. The page does not say."""
    answers_with: Literal["written", "all"] = "written"
    """Whether POST and PUT answer with the rows they wrote or with the whole week."""
    wraps_users: bool = False
    """Whether the user list comes as ``{"data": [...]}`` rather than as an array."""
    past_minutes: int | None = None
    """Capacity of each past day, in minutes; ``None``: what the week says now. No page says which."""
