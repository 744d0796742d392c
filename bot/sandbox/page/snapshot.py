"""What one person sees, as the JSON that the page draws."""

from __future__ import annotations

from typing import Any

from bot.sandbox.calls import Call
from bot.sandbox.page.stage import Stage
from bot.sandbox.page.switches import SWITCHES
from bot.sandbox.slack.inputs import placed
from bot.sandbox.slack.workspace import Channel, Json, Message, Person, Values, View

__all__ = ["call_json", "plain_values", "snapshot"]

WORKSPACE = "Film Studio"
SHOWN_MESSAGES = 200

_NOTES = {
    "U0ANA": "member",
    "U0ANAP": "another Ana",
    "U0BEN": "member",
    "U0MIA": "manager",
    "U0OLIVIA": "admin",
    "U0TOM": "not linked: other e-mail in Focus",
    "U0ZOE": "a name with markup in it",
    "U0GUEST": "guest",
    "U0UNCONF": "e-mail not confirmed",
    "U0STRANGER": "from another organization",
}


def snapshot(stage: Stage, me: str) -> Json:
    """The whole workspace as one person sees it.

    Raises:
        KeyError: nobody has this id.
    """
    world, human = stage.slack.world, stage.slack.human(me)
    places = [*(each for each in human.channels() if not each.is_im), world.channels[human.dm]]
    return {
        "workspace": WORKSPACE,
        "me": me,
        "now": stage.clock.now().isoformat(),
        "users": [_user(stage, person) for person in world.people.values()],
        "groups": [
            {"id": each.id, "handle": each.handle, "name": each.name} for each in world.groups.values()
        ],
        "channels": [_channel(stage, place, me) for place in places],
        "messages": {
            place.id: [_message(each, me) for each in human.messages(place.id)[-SHOWN_MESSAGES:]]
            for place in places
        },
        "home": _view(human.home) if human.home else None,
        "modals": [_view(view) for view in world.stacks.get(me, [])],
        "commands": [
            {"command": each.name, "usage_hint": each.usage_hint, "description": each.description}
            for each in (world.app.commands or {}).values()
        ],
        "faults": [
            {"key": each.key, "sentence": each.sentence, "on": stage.is_on(each)} for each in SWITCHES
        ],
        "weeks": [
            {
                "kind": line.kind,
                "id": line.id,
                "name": line.name,
                "days": line.days,
                "total": line.total,
                "doubled": line.doubled,
            }
            for line in stage.focus.summary()
        ],
        "steps": stage.steps.done,
    }


def call_json(number: int, call: Call) -> Json:
    """A call for the panel; ``number`` identifies it."""
    return {
        "n": number,
        "at": call.at.isoformat(),
        "service": call.service,
        "direction": call.direction,
        "name": call.name,
        "status": call.status,
        "ms": call.ms,
        "summary": call.summary,
        "request": call.request,
        "response": call.response,
        "fault": call.fault,
    }


def _user(stage: Stage, person: Person) -> Json:
    playable = stage.playable(person)
    return {
        "id": person.id,
        "name": person.real_name,
        "handle": person.handle,
        "zone": person.tz,
        "bot": person.is_bot,
        "hidden": person.deleted or person.id == "USLACKBOT",
        "playable": playable,
        "note": _NOTES.get(person.id, "app" if person.is_bot else person.title.lower()),
        "unread": playable and stage.any_unread(person.id),
    }


def _channel(stage: Stage, channel: Channel, me: str) -> Json:
    bot = stage.slack.world.app.name
    topics = {
        "im": "",
        "group": "Private",
        "channel": "Shared with another organization" if channel.is_ext_shared else "",
    }
    return {
        "id": channel.id,
        "name": bot if channel.is_im else channel.name,
        "kind": {"im": "im", "group": "private", "channel": "channel"}[channel.type],
        "bot": channel.is_im,
        "topic": "Archived" if channel.is_archived else topics[channel.type],
        "archived": channel.is_archived,
        "members": len(channel.members),
        "unread": stage.unread(me, channel),
    }


def _message(message: Message, me: str) -> Json:
    return {
        "ts": message.ts,
        "channel": message.channel,
        "user": message.user,
        "text": message.text,
        "blocks": message.blocks,
        "ephemeral": message.ephemeral_to is not None,
        "edited": message.edited is not None,
        "warning": message.warning,
        "rings": message.rings,
        "files": [{"id": file.id, "name": file.name, "size": file.size} for file in message.files],
        "values": plain_values(message.values.get(me, {})),
    }


def _view(view: View) -> Json:
    return {
        "id": view.id,
        "hash": view.hash,
        "title": view.definition.get("title"),
        "submit": view.definition.get("submit"),
        "close": view.definition.get("close"),
        "blocks": view.blocks,
        "values": plain_values(view.values),
        "errors": view.errors,
        "alert": view.alert,
        "fields": [list(each.key) for each in placed(view.blocks) if each.stateful],
    }


def plain_values(values: Values) -> dict[str, dict[str, Any]]:
    """``state.values`` without Slack's envelope: block_id -> action_id -> what was typed or picked."""
    return {
        block_id: {
            action_id: next((each for key, each in state.items() if key not in {"type", "timezone"}), None)
            for action_id, state in actions.items()
        }
        for block_id, actions in values.items()
    }
