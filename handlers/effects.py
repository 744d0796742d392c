"""What a request may change, and the record of one that is on disk before it is acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from handlers.work import Lane

__all__ = ["Effect", "effect_in", "recorded", "said_in"]


class Effect(Enum):
    """What a route may change; from it follow its lane, its record, and what is said after a restart."""

    NONE = "none"
    """Nothing that anybody would miss: it is not recorded."""
    LOCAL = "local"
    """What the bot itself keeps: done in the lane where forms open. Nothing tells whether it was done."""
    FOCUS = "focus"
    """Weeks, or what needs as long: done in Focus's lane. What is not in the journal was not done."""

    @property
    def lane(self) -> Lane:
        """Where it is worked on."""
        return Lane.FOCUS if self is Effect.FOCUS else Lane.QUICK


_EFFECT = "effect"
_KEEPS = "keeps"
"""Marks a local effect in records of versions before; nothing else was marked."""

_FORMS = {"edit": "editor", "bulk": "bulk", "plan": "plan"}
"""In those records forms are known by a field of theirs -> the form."""


def recorded(said: Mapping[str, Any], effect: Effect) -> dict[str, Any]:
    """What goes to disk of a request."""
    return {**said, _EFFECT: effect.value}


def effect_in(record: Mapping[str, Any]) -> Effect:
    """What a recorded request may have changed."""
    if _KEEPS in record:
        return Effect.LOCAL
    return Effect(record.get(_EFFECT, Effect.FOCUS))


def said_in(record: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked: a ``text``, a ``press`` with its ``value``, or a ``form`` with what it said."""
    said = {name: value for name, value in record.items() if name not in {_EFFECT, _KEEPS}}
    unnamed = next((form for field, form in _FORMS.items() if field in said), None)
    return {"form": unnamed, **said} if unnamed else said
