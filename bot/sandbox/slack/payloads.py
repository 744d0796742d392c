"""Slack's JSON of users, channels, messages, views, interactions and events, made from the state."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.slack.seed import BOT, SLACKBOT
from bot.sandbox.slack.workspace import TEAM, Channel, File, Group, Json, Message, Person, View
from bot.sandbox.slack.world import World

__all__ = [
    "APP",
    "BOT_ID",
    "TOKEN",
    "channel_json",
    "event_json",
    "file_json",
    "group_json",
    "interaction",
    "message_json",
    "slash_json",
    "user_json",
    "view_json",
]

APP, BOT_ID, DOMAIN = "A0HOURS", "B0HOURS", "sandbox"
TOKEN = "sandbox-verification-token"  # noqa: S105 - the deprecated field every payload has; verifies nothing


def user_json(person: Person, *, now: datetime, email: bool, locale: bool = False) -> Json:
    """A user object; with ``email`` if the app has the scope, with ``locale`` if it was asked for."""
    first, _, last = person.real_name.partition(" ")
    profile: Json = {
        "title": person.title,
        "phone": "",
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": "" if person.is_bot else person.handle,
        "display_name_normalized": "" if person.is_bot else person.handle,
        "first_name": first,
        "last_name": last,
        "status_text": "",
        "status_emoji": "",
        "avatar_hash": "g00000000000",
        "team": person.team_id,
    }
    if email and person.email and not person.is_bot:
        profile["email"] = person.email
    common: Json = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.handle,
        "deleted": person.deleted,
        "profile": profile,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": person.updated,
    }
    if person.deleted:
        return common
    offset = now.astimezone(ZoneInfo(person.tz)).utcoffset()
    if locale:
        common["locale"] = person.locale
    return {
        **common,
        "color": "9f69e7",
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": now.astimezone(ZoneInfo(person.tz)).tzname(),
        "tz_offset": int(offset.total_seconds()) if offset is not None else 0,
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_email_confirmed": person.is_email_confirmed,
        "who_can_share_contact_card": "EVERYONE",
        **({"is_stranger": True} if person.is_stranger else {}),
    }


def channel_json(channel: Channel) -> Json:
    """A conversation object."""
    common: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.is_archived,
        "is_im": channel.is_im,
        "is_org_shared": False,
        "context_team_id": TEAM,
    }
    if channel.is_im:
        return {**common, "user": channel.user, "is_user_deleted": False, "priority": 0}
    return {
        **common,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_general": channel.is_general,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_pending_ext_shared": False,
        "is_member": BOT in channel.members,
        "creator": "U0OLIVIA",
        "num_members": len(channel.members),
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def group_json(group: Group, *, users: bool) -> Json:
    """A user group object."""
    return {
        "id": group.id,
        "team_id": TEAM,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "date_delete": 0,
        "user_count": len(group.users),
        **({"users": list(group.users)} if users else {}),
    }


def message_json(message: Message, *, metadata: bool = False) -> Json:
    """A message object, as in the answer of ``chat.postMessage``, in histories and in payloads."""
    said: Json = {
        "type": "message",
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "team": TEAM,
    }
    if message.user in {BOT, SLACKBOT}:
        said |= {"bot_id": BOT_ID if message.user == BOT else "B0SLACKBOT", "app_id": APP}
    optional = {
        "blocks": message.blocks,
        "thread_ts": message.thread_ts,
        "client_msg_id": message.client_msg_id,
        "metadata": message.metadata if metadata else None,
        "edited": {"user": message.user, "ts": message.edited} if message.edited else None,
        "files": [file_json(file) for file in message.files],
    }
    return said | {key: value for key, value in optional.items() if value}


def file_json(file: File) -> Json:
    """A file object, as in messages and in the answer of ``files.completeUploadExternal``."""
    return {"id": file.id, "name": file.name, "title": file.name, "size": file.size, "user": BOT}


def view_json(view: View) -> Json:
    """A view object with its state."""
    shown = view.definition
    return {
        "id": view.id,
        "team_id": TEAM,
        "type": view.type,
        "blocks": view.blocks,
        "private_metadata": view.private_metadata,
        "callback_id": view.callback_id,
        "external_id": view.external_id,
        "state": {"values": view.values},
        "hash": view.hash,
        "title": shown.get("title"),
        "submit": shown.get("submit"),
        "close": shown.get("close"),
        "clear_on_close": bool(shown.get("clear_on_close")),
        "notify_on_close": bool(shown.get("notify_on_close")),
        "previous_view_id": view.previous_view_id,
        "root_view_id": view.root_view_id,
        "app_id": APP,
        "app_installed_team_id": TEAM,
        "bot_id": BOT_ID,
    }


def slash_json(world: World, person: Person, channel: Channel, *, command: str, text: str) -> Json:
    """A slash command's payload, with a new trigger_id and response_url; all strings, as in a form."""
    return {
        "token": TOKEN,
        "team_id": person.team_id,
        "team_domain": DOMAIN if person.team_id == TEAM else "elsewhere",
        "channel_id": channel.id,
        "channel_name": channel.public_name,
        "user_id": person.id,
        "user_name": person.handle,
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": world.issue_response_url(person.id, channel.id),
        "trigger_id": world.issue_trigger(person.id),
    }


def interaction(person: Person, kind: str, **more: Any) -> Json:
    """An interactive payload: the fields that all have, and ``more``."""
    return {
        "type": kind,
        "team": {"id": TEAM, "domain": DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {
            "id": person.id,
            "username": person.handle,
            "name": person.handle,
            "team_id": person.team_id,
        },
        "api_app_id": APP,
        "token": TOKEN,
        **more,
    }


def event_json(world: World, event: Json) -> Json:
    """An event in its Events API envelope; its ``event_id`` stays the same when it is retried."""
    channel = world.channels.get(event["channel"]) if isinstance(event.get("channel"), str) else None
    author = world.people.get(event["user"]) if isinstance(event.get("user"), str) else None
    event_id = world.id("Ev")
    return {
        "token": TOKEN,
        "team_id": author.team_id if author else TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(world.clock.now().timestamp()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
        "event_context": f"4-{event_id}",
    }
