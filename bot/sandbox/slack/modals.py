"""Views as Slack's client keeps them: the stack of modals, the Home tab, and their updates."""

from __future__ import annotations

import secrets
from copy import deepcopy
from typing import Any

from bot.sandbox.slack.blockkit import check_view
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.inputs import initial_values, kept_values, with_ids
from bot.sandbox.slack.workspace import Json, View
from bot.sandbox.slack.world import World

__all__ = ["checked", "close", "open_view", "publish", "update"]

DEEPEST = 3


def checked(world: World, definition: Any, *, surface: str = "modal", instead_of: View | None = None) -> Json:
    """Check a view that an app sent, and return a copy in which blocks and elements have ids.

    Raises:
        SlackError: invalid_arguments or view_too_large with the reason, duplicate_external_id.
    """
    reason = check_view(definition)
    if reason is None and definition["type"] != surface:
        reason = f"[ERROR] expected a view of type {surface} [json-pointer:/view/type]"
    if reason is not None:
        code = "view_too_large" if reason.startswith("view_too_large") else "invalid_arguments"
        raise SlackError(code, reason=reason)
    external_id = definition.get("external_id")
    for other in world.views.values() if external_id else ():
        if other.external_id == external_id and other is not instead_of:
            raise SlackError("duplicate_external_id")
    shown: Json = deepcopy(definition)
    shown["blocks"] = with_ids(shown["blocks"])
    return shown


def open_view(world: World, user: str, definition: Json) -> View:
    """Open a modal for a person, on top of those that are open.

    Raises:
        SlackError: push_limit_reached.
    """
    stack = world.stacks.setdefault(user, [])
    if len(stack) >= DEEPEST:
        raise SlackError("push_limit_reached")
    view_id = world.id("V")
    view = View(
        id=view_id,
        user=user,
        definition=definition,
        hash=_hash(world),
        values=initial_values(definition["blocks"]),
        root_view_id=stack[0].id if stack else view_id,
        previous_view_id=stack[-1].id if stack else None,
    )
    stack.append(view)
    world.views[view_id] = view
    world.changed.fire()
    return view


def update(world: World, view: View, definition: Json) -> View:
    """Replace what an open view shows; errors are cleared, typed values stay under unchanged ids."""
    view.definition = definition
    view.hash = _hash(world)
    view.values = kept_values(definition["blocks"], view.values)
    view.errors, view.alert = {}, None
    world.changed.fire()
    return view


def publish(world: World, user: str, definition: Json) -> View:
    """Show a person's Home tab, or update it."""
    known = world.homes.get(user)
    if known:
        return update(world, known, definition)
    view_id = world.id("V")
    view = View(
        id=view_id,
        user=user,
        definition=definition,
        hash=_hash(world),
        values=initial_values(definition["blocks"]),
        root_view_id=view_id,
    )
    world.homes[user] = world.views[view_id] = view
    world.changed.fire()
    return view


def close(world: World, view: View, *, whole_stack: bool = False) -> None:
    """Close a modal and everything above it, or the whole stack."""
    stack = world.stacks.get(view.user, [])
    first = 0 if whole_stack else stack.index(view) if view in stack else len(stack)
    for closed in stack[first:]:
        world.views.pop(closed.id, None)
    del stack[first:]
    world.changed.fire()


def _hash(world: World) -> str:
    return f"{int(world.clock.now().timestamp())}.{secrets.token_hex(4)}"
