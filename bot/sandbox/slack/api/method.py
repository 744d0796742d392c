"""The definition of a Web API method, and the parsing of its arguments."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.limits import TIER, Limits
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.workspace import Json
from bot.sandbox.slack.world import World

__all__ = ["Args", "Asked", "Method", "page"]

T = TypeVar("T")

MOST_ON_A_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Args:
    """Arguments as they came: JSON values, or strings of a form or query."""

    raw: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A string, empty when absent.

        Raises:
            SlackError: it is neither a string nor a number or boolean.
        """
        value = self.raw.get(name)
        if isinstance(value, bool | int | float):
            return str(value)
        if value is not None and not isinstance(value, str):
            raise SlackError("invalid_arguments", reason=f"[ERROR] must be a string [json-pointer:/{name}]")
        return value or ""

    def required(self, name: str) -> str:
        """A required string.

        Raises:
            SlackError: it is absent, empty, or not a string.
        """
        value = self.text(name)
        if not value:
            raise SlackError(
                "invalid_arguments", reason=f"[ERROR] missing required field: {name} [json-pointer:/{name}]"
            )
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean; in a form it is true as ``1`` or ``true``."""
        value = self.raw.get(name)
        return default if value in {None, ""} else str(value).lower() in {"1", "true"}

    def number(self, name: str, default: int) -> int:
        """A whole number, or the default if it is absent.

        Raises:
            SlackError: it is not a whole number.
        """
        try:
            return int(self.raw.get(name) or default)
        except (TypeError, ValueError):
            raise SlackError(
                "invalid_arguments", reason=f"[ERROR] must be an integer [json-pointer:/{name}]"
            ) from None

    def names(self, name: str) -> list[str]:
        """A list, or a string with commas."""
        value = self.raw.get(name)
        parts = value if isinstance(value, list) else str(value or "").split(",")
        return [str(part).strip() for part in parts if str(part).strip()]

    def json(self, name: str, *, otherwise: str) -> Any:
        """A JSON value, which may come as a string; ``None`` if absent.

        Raises:
            SlackError: it is not JSON; the code is ``otherwise``.
        """
        value = self.raw.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise SlackError(otherwise) from None


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: its arguments, and the state that the method works on."""

    world: World
    args: Args
    limits: Limits
    sockets: Sockets


@dataclass(frozen=True, slots=True)
class Method:
    """A Web API method with its scopes, its rate limit, and the kind of token it takes."""

    run: Callable[[Asked], Json]
    scopes: Sequence[str] = field(default=())
    """Any one of them is enough."""
    calls_a_minute: int = TIER[3]
    app_token: bool = False
    """Whether it takes the ``xapp-`` token instead of the bot's."""


def page(asked: Asked, items: Sequence[T], *, usual: int = 0) -> tuple[list[T], Json]:
    """One page of a list and the ``response_metadata`` that leads to the next.

    Without a ``limit`` it has the ``usual`` number of items; 0 is all of them.

    Raises:
        SlackError: invalid_limit, invalid_cursor.
    """
    limit = asked.args.number("limit", usual)
    if not 0 <= limit <= MOST_ON_A_PAGE:
        raise SlackError("invalid_limit")
    cursor = asked.args.text("cursor")
    try:
        start = int(base64.b64decode(cursor, validate=True).removeprefix(b"next:")) if cursor else 0
    except ValueError:
        raise SlackError("invalid_cursor") from None
    end = start + limit if limit else len(items)
    rest = base64.b64encode(b"next:%d" % end).decode() if end < len(items) else ""
    return list(items[start:end]), {"response_metadata": {"next_cursor": rest}}
