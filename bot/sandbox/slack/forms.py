"""Modal forms as Slack's client handles them: fields, the client's own errors, and the app's answers."""

from __future__ import annotations

from bot.sandbox.slack import inputs, modals
from bot.sandbox.slack.blockkit import check_options
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.workspace import Blocks, Json, View
from bot.sandbox.slack.world import World

__all__ = ["TROUBLE", "complaints", "field", "follow", "offered"]

TROUBLE = "We had some trouble connecting. Try again?"


def field(view: View, name: str) -> inputs.Placed:
    """A field of a view by its block_id, label or action_id.

    Raises:
        LookupError: there is none.
    """
    there = [each for each in inputs.placed(view.blocks) if each.stateful]
    for each in there:
        if name in {each.block["block_id"], each.label, each.element["action_id"]}:
            return each
    seen = ", ".join(each.label or each.element["action_id"] for each in there) or "none"
    raise LookupError(f"no field is called {name!r} here (there are: {seen})")


def complaints(view: View) -> dict[str, str]:
    """The errors that the client shows at fields instead of submitting the form, by block_id."""
    said: dict[str, str] = {}
    for each in inputs.placed(view.blocks):
        block_id, action_id = each.key
        if each.is_input:
            complaint = inputs.complaint(each, view.values[block_id][action_id])
            if complaint:
                said[block_id] = complaint
    return said


def follow(world: World, view: View, answer: Json) -> str | None:
    """Apply the app's answer to a submission; return the reason if Slack would not accept it."""
    if view.id not in world.views:
        return None  # closed by the person meanwhile
    action = answer.get("response_action")
    try:
        if action is None:
            modals.close(world, view)
        elif action == "clear":
            modals.close(world, view, whole_stack=True)
        elif action == "update":
            modals.update(world, view, modals.checked(world, answer.get("view"), instead_of=view))
        elif action == "push":
            modals.open_view(world, view.user, modals.checked(world, answer.get("view")))
        elif action == "errors":
            return _show_errors(world, view, answer.get("errors"))
        else:
            return f"invalid_response_action: {action}"
    except SlackError as error:
        return f"invalid_view_response: {error}"
    return None


def _show_errors(world: World, view: View, errors: object) -> str | None:
    fields = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not errors.keys() <= fields:
        return f"invalid_errors: {errors} are not all input blocks"
    view.errors = {str(key): str(value) for key, value in errors.items()}
    world.changed.fire()
    return None


def offered(answer: Json) -> Blocks:
    """The options in an app's answer to a ``block_suggestion``; none if Slack would not take one of them."""
    if check_options(answer):
        return []
    groups = answer.get("option_groups") or [answer]
    return [option for group in groups for option in group["options"]]
