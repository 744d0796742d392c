"""A request's effect (what it may change), and the codec of the record written before it is acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from handlers.work import Lane

__all__ = ["Effect", "effect_in", "recorded", "said_in"]


class Effect(Enum):
    """What a route may change; decides its lane, whether it is recorded, and the message after a restart."""

    NONE = "none"
    """Nothing that is lost if a restart interrupts it, so it is not recorded."""
    LOCAL = "local"
    """The bot's own database; begins in the quick lane. After a crash it is unknown whether it was done."""
    FOCUS = "focus"
    """Weeks in Focus, or work that takes as long; begins in Focus's lane. The journal tells what was done."""

    @property
    def lane(self) -> Lane:
        """The lane in which a handler with this effect begins."""
        return Lane.FOCUS if self is Effect.FOCUS else Lane.QUICK


_EFFECT = "effect"
_KEEPS = "keeps"
"""The key that marked a local effect in records of older versions, which marked no other effect."""

_FORMS = {"edit": "editor", "bulk": "bulk", "plan": "plan"}
"""A field that identifies a form in records of older versions -> the form's callback id."""


def recorded(said: Mapping[str, Any], effect: Effect) -> dict[str, Any]:
    """The record of a request: its payload and its effect."""
    return {**said, _EFFECT: effect.value}


def effect_in(record: Mapping[str, Any]) -> Effect:
    """The effect of a recorded request."""
    if _KEEPS in record:
        return Effect.LOCAL
    return Effect(record.get(_EFFECT, Effect.FOCUS))


def said_in(record: Mapping[str, Any]) -> dict[str, Any]:
    """The recorded payload: a ``text``, a ``press`` with its ``value``, or a ``form`` with its fields."""
    said = {name: value for name, value in record.items() if name not in {_EFFECT, _KEEPS}}
    unnamed = next((form for field, form in _FORMS.items() if field in said), None)
    return {"form": unnamed, **said} if unnamed else said
