"""``views.*``: https://docs.slack.dev/reference/methods/views.open and its neighbours."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack import modals
from bot.sandbox.slack.api.method import Args, Asked, Method
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.limits import TIER
from bot.sandbox.slack.payloads import view_json
from bot.sandbox.slack.workspace import Json, View

__all__ = ["METHODS"]


def _open(asked: Asked) -> Json:
    shown = modals.checked(asked.world, _definition(asked.args))
    trigger = asked.world.redeem_trigger(asked.args.required("trigger_id"))
    return {"view": view_json(modals.open_view(asked.world, trigger.user, shown))}


def _push(asked: Asked) -> Json:
    shown = modals.checked(asked.world, _definition(asked.args))
    trigger = asked.world.redeem_trigger(asked.args.required("trigger_id"))
    if trigger.view is None or trigger.view.id not in asked.world.views:
        raise SlackError("not_found")  # there is no modal to push onto
    return {"view": view_json(modals.open_view(asked.world, trigger.user, shown))}


def _update(asked: Asked) -> Json:
    view = _known(asked)
    shown = modals.checked(asked.world, _definition(asked.args), surface=view.type, instead_of=view)
    _compare_hash(asked.args, view)
    return {"view": view_json(modals.update(asked.world, view, shown))}


def _publish(asked: Asked) -> Json:
    if not asked.world.app.home_tab:
        raise SlackError("not_enabled")
    user = asked.args.required("user_id")
    person = asked.world.people.get(user)
    if person is None or person.is_bot or person.deleted:
        raise SlackError("invalid_arguments", reason="[ERROR] invalid user_id [json-pointer:/user_id]")
    known = asked.world.homes.get(user)
    shown = modals.checked(asked.world, _definition(asked.args), surface="home", instead_of=known)
    if known:
        _compare_hash(asked.args, known)
    return {"view": view_json(modals.publish(asked.world, user, shown))}


def _definition(args: Args) -> Any:
    definition = args.json("view", otherwise="invalid_arguments")
    if definition is None:
        raise SlackError(
            "invalid_arguments", reason="[ERROR] missing required field: view [json-pointer:/view]"
        )
    return definition


def _known(asked: Asked) -> View:
    """The open view that ``view_id`` or ``external_id`` names."""
    view_id, external_id = asked.args.text("view_id"), asked.args.text("external_id")
    if not view_id and not external_id:
        raise SlackError("invalid_arguments", reason="[ERROR] missing required field: view_id or external_id")
    for view in asked.world.views.values():
        if view.id == view_id or (external_id and view.external_id == external_id):
            return view
    raise SlackError("not_found")


def _compare_hash(args: Args, view: View) -> None:
    if args.text("hash") not in {"", view.hash}:
        raise SlackError("hash_conflict")


METHODS = {
    "views.open": Method(_open, calls_a_minute=TIER[4]),
    "views.push": Method(_push, calls_a_minute=TIER[4]),
    "views.update": Method(_update, calls_a_minute=TIER[4]),
    "views.publish": Method(_publish, calls_a_minute=TIER[4]),
}
