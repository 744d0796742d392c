"""What a route is: one thing a person can do, and the function that answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.asked import Asked, Verb
from handlers.desk import Ask, Handler
from handlers.effects import Effect

__all__ = ["Button", "Choices", "Command", "Event", "Form", "Route", "Shortcut"]


@dataclass(frozen=True, slots=True)
class Command:
    """A verb after ``/hours``, typed there or in a message to the bot."""

    verb: Verb
    handler: Handler
    effect: Effect
    when: Callable[[Asked], bool] = lambda _: True
    """Which lines have this effect; the others have none."""

    def effect_of(self, asked: Asked) -> Effect:
        """What this line may change."""
        return self.effect if self.when(asked) else Effect.NONE


@dataclass(frozen=True, slots=True)
class Button:
    """A press or a choice in a message, a modal or Home; ``name`` is the action id up to a ``:``."""

    name: str
    handler: Handler
    effect: Effect


@dataclass(frozen=True, slots=True)
class Form:
    """A submitted modal: what it asks for, or errors beside its fields, then work, and meanwhile a word.

    ``said`` reads the view, from memory only: it runs before the acknowledgement. What it gives survives
    a restart; errors it raises as :class:`~handlers.views.modals.FieldError`.
    """

    callback_id: str
    said: Callable[[Mapping[str, Any]], dict[str, Any]]
    handler: Handler
    meanwhile: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of a searchable select: (value, name) pairs."""

    action_id: str
    find: Callable[[Ask], Awaitable[list[tuple[str, str]]]]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in the workspace."""

    type: str
    handler: Handler


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry in Slack's own menus."""

    callback_id: str
    handler: Handler


Route = Command | Button | Form | Choices | Event | Shortcut
