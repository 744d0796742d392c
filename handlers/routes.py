"""The types of routes; a route is one thing a person can do and the handler that answers it."""

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
    """Decides which parsed commands have this effect; all others have none."""

    def effect_of(self, asked: Asked) -> Effect:
        """The effect of this parsed command."""
        return self.effect if self.when(asked) else Effect.NONE


@dataclass(frozen=True, slots=True)
class Button:
    """A button or select in a message, modal or Home; ``name`` is its action id up to a ``:``."""

    name: str
    handler: Handler
    effect: Effect


@dataclass(frozen=True, slots=True)
class Form:
    """A submitted modal; the view shows ``meanwhile`` until the handler has answered.

    ``said`` turns the view into the payload that is recorded. It runs before the acknowledgement, so it
    must use memory only; it raises :class:`~handlers.views.modals.FieldError` to show errors in the form.
    """

    callback_id: str
    said: Callable[[Mapping[str, Any]], dict[str, Any]]
    handler: Handler
    meanwhile: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class Choices:
    """A searchable select; ``find`` returns its options as (value, name) pairs."""

    action_id: str
    find: Callable[[Ask], Awaitable[list[tuple[str, str]]]]


@dataclass(frozen=True, slots=True)
class Event:
    """A Slack event, such as ``user_change``."""

    type: str
    handler: Handler
    once: bool = True
    """Whether the handler must not run again when Slack sends the event again."""
    quiet: bool = False
    """Whether nobody waits for an answer, so that errors are only logged."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry in Slack's own menus."""

    callback_id: str
    handler: Handler


Route = Command | Button | Form | Choices | Event | Shortcut
