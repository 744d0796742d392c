"""Edits and deletions of messages, and the events about new, edited and deleted messages."""

from __future__ import annotations

import asyncio

from bot.sandbox.slack.delivery import Outcome
from bot.sandbox.slack.inputs import with_ids
from bot.sandbox.slack.payloads import message_json
from bot.sandbox.slack.seed import BOT
from bot.sandbox.slack.workspace import TEAM, Blocks, Json, Message
from bot.sandbox.slack.world import World

__all__ = ["announce", "delete", "edit"]


def announce(world: World, message: Message) -> list[asyncio.Task[Outcome]]:
    """Send the events of a new message that the app gets: ``message``, and ``app_mention`` if mentioned."""
    channel = world.channels[message.channel]
    event = {**message_json(message), "channel": channel.id, "event_ts": message.ts}
    team = world.people[message.user].team_id
    if team != TEAM:  # somebody of another organization, in a shared channel
        event |= {"team": team, "user_team": team, "source_team": team}
    tasks = [_tell(world, message, event)]
    mentioned = f"<@{BOT}>" in message.text and message.user != BOT and not channel.is_im
    if mentioned and BOT in channel.members and "app_mention" in world.app.events:
        tasks.append(world.emit({**event, "type": "app_mention"}))
    return [task for task in tasks if task]


def edit(world: World, message: Message, *, text: str, blocks: Blocks, metadata: Json | None = None) -> None:
    """Replace a message's text and blocks; its menus lose what was chosen in them."""
    before = message_json(message)
    message.text, message.blocks, message.metadata = text, with_ids(blocks), metadata
    message.edited, message.warning = world.ts(), None
    message.values.clear()
    world.changed.fire()
    _tell_change(world, message, "message_changed", {"message": message_json(message)}, before)


def delete(world: World, message: Message) -> None:
    """Delete a message."""
    message.deleted = True
    world.changed.fire()
    _tell_change(world, message, "message_deleted", {"deleted_ts": message.ts}, message_json(message))


def _tell_change(world: World, message: Message, subtype: str, what: Json, before: Json) -> None:
    if message.ephemeral_to is None:
        common = {"type": "message", "subtype": subtype, "hidden": True, "channel": message.channel}
        ts = world.ts()
        _tell(world, message, {**common, **what, "previous_message": before, "ts": ts, "event_ts": ts})


def _tell(world: World, message: Message, event: Json) -> asyncio.Task[Outcome] | None:
    channel = world.channels[message.channel]
    wanted = {"im": "message.im", "group": "message.groups", "channel": "message.channels"}[channel.type]
    if BOT not in channel.members or wanted not in world.app.events:
        return None
    return world.emit({**event, "channel_type": channel.type})
