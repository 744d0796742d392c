"""``conversations.*``: https://docs.slack.dev/reference/methods/conversations.list and others."""

from __future__ import annotations

from bot.sandbox.slack.api.method import Asked, Method, page
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.limits import TIER
from bot.sandbox.slack.payloads import channel_json, message_json
from bot.sandbox.slack.seed import BOT, SLACKBOT
from bot.sandbox.slack.workspace import Channel, Json

__all__ = ["METHODS"]

USUAL = 100
"""Items on a page without ``limit``, in each of these methods."""

_SCOPES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}
_READ, _HISTORY = (tuple(f"{prefix}:{what}" for prefix in _SCOPES.values()) for what in ("read", "history"))


def _open(asked: Asked) -> Json:
    world, args = asked.world, asked.args
    users = args.names("users")
    if args.text("channel"):
        channel, known = world.visible(args.text("channel")), True
    elif not users:
        raise SlackError("users_list_not_supplied")
    elif len(users) > 1:
        raise SlackError("method_not_supported_for_channel_type")  # group messages are not played here
    else:
        person = world.people.get(users[0])
        if person is None or person.is_stranger:
            raise SlackError("user_not_found")
        if person.deleted:
            raise SlackError("user_disabled")
        if person.id in {BOT, SLACKBOT}:
            raise SlackError("cannot_dm_bot")
        known = any(each.user == person.id for each in world.channels.values())
        channel = world.dm(person.id)
    said = channel_json(channel) if args.flag("return_im") else {"id": channel.id}
    return {"no_op": known, "already_open": known, "channel": said}


def _list(asked: Asked) -> Json:
    types = asked.args.names("types") or ["public_channel"]
    unknown = [each for each in types if each not in _SCOPES]
    if unknown:
        raise SlackError("invalid_types")
    for each in types:
        _need(asked, f"{_SCOPES[each]}:read")
    found = [
        channel
        for channel in asked.world.channels.values()
        if _type(channel) in types
        and (channel.type == "channel" or BOT in channel.members)
        and not (channel.is_archived and asked.args.flag("exclude_archived"))
    ]
    channels, more = page(asked, found, usual=USUAL)
    return {"channels": [channel_json(channel) for channel in channels], **more}


def _info(asked: Asked) -> Json:
    said = channel_json(_known(asked, "read"))
    if not asked.args.flag("include_num_members"):
        said.pop("num_members", None)
    return {"channel": said}


def _members(asked: Asked) -> Json:
    members, more = page(asked, _known(asked, "read").members, usual=USUAL)
    return {"members": members, **more}


def _history(asked: Asked) -> Json:
    channel, args = _known(asked, "history"), asked.args
    if BOT not in channel.members:
        raise SlackError("not_in_channel")
    oldest, latest = float(args.text("oldest") or 0), float(args.text("latest") or "inf")
    edge = args.flag("inclusive")
    found = [
        message
        for message in reversed(channel.messages)
        if not message.deleted and not message.ephemeral_to
        if oldest < float(message.ts) < latest or (edge and float(message.ts) in {oldest, latest})
    ]
    messages, more = page(asked, found, usual=USUAL)
    metadata = args.flag("include_all_metadata")
    return {
        "messages": [message_json(message, metadata=metadata) for message in messages],
        "has_more": bool(more["response_metadata"]["next_cursor"]),
        "pin_count": 0,
        **more,
    }


def _known(asked: Asked, what: str) -> Channel:
    channel = asked.world.visible(asked.args.required("channel"))
    _need(asked, f"{_SCOPES[_type(channel)]}:{what}")
    return channel


def _type(channel: Channel) -> str:
    return {"im": "im", "group": "private_channel", "channel": "public_channel"}[channel.type]


def _need(asked: Asked, scope: str) -> None:
    """Require a scope, when which one depends on the kind of conversation."""
    app = asked.world.app
    if not app.allows(scope):
        raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(app.scopes or ())))


METHODS = {
    "conversations.open": Method(_open, ("im:write", "mpim:write")),
    "conversations.list": Method(_list, _READ, TIER[2]),
    "conversations.info": Method(_info, _READ),
    "conversations.members": Method(_members, _READ, TIER[4]),
    "conversations.history": Method(_history, _HISTORY),
}
