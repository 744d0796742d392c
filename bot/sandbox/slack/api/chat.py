"""``chat.*``: https://docs.slack.dev/reference/methods/chat.postMessage and its neighbours."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.api.method import Args, Asked, Method
from bot.sandbox.slack.blockkit import check_blocks, length
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.limits import MESSAGES_A_MINUTE, TIER
from bot.sandbox.slack.messages import announce, delete, edit
from bot.sandbox.slack.payloads import message_json
from bot.sandbox.slack.seed import BOT, SLACKBOT
from bot.sandbox.slack.workspace import Blocks, Channel, Json, Message
from bot.sandbox.slack.world import World

__all__ = ["METHODS"]

LONGEST_TEXT = 40_000
"""Characters; https://api.slack.com/changelog/2018-04-truncating-really-long-messages"""

LONGEST_EDIT = 4_000
"""Bytes of the text of an edit. Slack gives no number, but answers ``msg_too_long`` to more."""

LONGEST_BLOCKS = 13_200
"""All the blocks together, as :func:`length` counts. https://github.com/slackapi/bolt-js/issues/2509"""


def _post_message(asked: Asked) -> Json:
    world, args = asked.world, asked.args
    channel = _destination(world, args.required("channel"))
    text, blocks = _content(args)
    metadata, client_msg_id = _metadata(args), args.text("client_msg_id") or None
    known = (each.client_msg_id for each in channel.messages)
    if world.knows_repeats and client_msg_id and client_msg_id in known:
        raise SlackError("duplicate_message")
    asked.limits.channel(channel.id)
    message = world.post(
        channel,
        user=BOT,
        text=text,
        blocks=blocks,
        thread_ts=args.text("thread_ts") or None,
        metadata=metadata,
        client_msg_id=client_msg_id,
    )
    announce(world, message)
    return {"channel": channel.id, "ts": message.ts, "message": message_json(message, metadata=True)}


def _post_ephemeral(asked: Asked) -> Json:
    world, args = asked.world, asked.args
    channel = _writable(world, world.visible(args.required("channel")))
    user = args.required("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks = _content(args)
    asked.limits.channel(channel.id)
    message = world.post(channel, user=BOT, text=text, blocks=blocks, ephemeral_to=user)
    return {"message_ts": message.ts}


def _update(asked: Asked) -> Json:
    channel, message = _own(asked, "cant_update_message")
    if channel.is_archived:
        raise SlackError("is_inactive")
    text, blocks = _content(asked.args, may_be_empty=message)
    if len(text.encode()) > LONGEST_EDIT:
        raise SlackError("msg_too_long")
    edit(
        asked.world,
        message,
        text=text,
        blocks=blocks or [],
        metadata=_metadata(asked.args) or message.metadata,
    )
    said = message_json(message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": said}


def _delete(asked: Asked) -> Json:
    channel, message = _own(asked, "cant_delete_message")
    delete(asked.world, message)
    return {"channel": channel.id, "ts": message.ts}


def _permalink(asked: Asked) -> Json:
    channel = asked.world.visible(asked.args.required("channel"))
    message = channel.message(asked.args.required("message_ts"))
    if message is None or message.ephemeral_to:
        raise SlackError("message_not_found")
    link = f"{asked.world.url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}


# ---------------------------------------------------------------- where
def _destination(world: World, name: str) -> Channel:
    """A channel the bot may write to; a person's id stands for their direct messages."""
    person = world.people.get(name)
    if person is None:
        return _writable(world, world.visible(name))
    if person.deleted or person.is_stranger or person.id in {BOT, SLACKBOT}:
        raise SlackError("channel_not_found")
    return world.dm(person.id)


def _writable(world: World, channel: Channel) -> Channel:
    if channel.is_archived:
        raise SlackError("is_archived")
    unjoined = world.app.scopes is not None and world.app.allows("chat:write.public")
    if BOT not in channel.members and not unjoined:
        raise SlackError("not_in_channel")
    return channel


def _own(asked: Asked, otherwise: str) -> tuple[Channel, Message]:
    """A message of the bot's own, to edit or delete; ephemeral ones can be neither."""
    channel = asked.world.visible(asked.args.required("channel"))
    message = channel.message(asked.args.required("ts"))
    if message is None or message.ephemeral_to:
        raise SlackError("message_not_found")
    if message.user != BOT:
        raise SlackError(otherwise)
    return channel, message


# ---------------------------------------------------------------- what
def _content(args: Args, *, may_be_empty: Message | None = None) -> tuple[str, Blocks | None]:
    """Check and return a message's text and blocks."""
    text, blocks = args.text("text"), args.json("blocks", otherwise="invalid_blocks_format")
    if len(text) > LONGEST_TEXT:
        raise SlackError("msg_too_long")
    if blocks is not None and not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    reason = check_blocks(blocks, surface="message") if blocks else None
    if reason:
        raise SlackError("invalid_blocks", reason=reason)
    if length(blocks or []) > LONGEST_BLOCKS:
        raise SlackError("msg_blocks_too_long")
    if not text and not blocks:
        raise SlackError("no_text")
    return text or (may_be_empty.text if may_be_empty else ""), blocks


def _metadata(args: Args) -> Json | None:
    metadata: Any = args.json("metadata", otherwise="invalid_metadata_format")
    if metadata is None:
        return None
    shaped = isinstance(metadata, dict) and isinstance(metadata.get("event_type"), str)
    if not shaped or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


_WRITE = ("chat:write",)
METHODS = {
    "chat.postMessage": Method(_post_message, _WRITE, MESSAGES_A_MINUTE),
    "chat.postEphemeral": Method(_post_ephemeral, _WRITE, TIER[4]),
    "chat.update": Method(_update, _WRITE),
    "chat.delete": Method(_delete, _WRITE),
    "chat.getPermalink": Method(_permalink, (), MESSAGES_A_MINUTE),
}
