"""The Slack app manifest, from which api.slack.com/apps creates the app.

Reference: https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

__all__ = ["EDIT_SHORTCUT", "EVENTS", "HTTP_PATH", "SCOPES", "create_link", "manifest"]

HTTP_PATH = "/slack/events"
"""Path of the Request URL in HTTP mode, for everything that Slack sends."""

EDIT_SHORTCUT = "edit_my_hours"
"""``callback_id`` of the global shortcut."""

SCOPES: dict[str, str] = {
    "commands": "the slash command and the shortcut",
    "chat:write": "answers, receipts and reminders",
    "im:write": "opening the direct message that receipts go to",
    "im:history": (
        "reading what people write to the bot directly, and finding its own message again whose arrival"
        " Slack did not confirm"
    ),
    "app_mentions:read": "help when somebody mentions the bot",
    "users:read": "names, time zones, who is a guest and who has left",
    "users:read.email": "linking people to Toggl Focus by e-mail",
    "channels:read": "who works when in a public channel, and reminders there",
    "groups:read": "the audit channel (it must be private), boards and reminders in private channels",
    "usergroups:read": "user groups such as @designers",
    "files:write": "handing people what is stored about them, as a file",
}
"""Bot scope -> the features that stop without it."""

EVENTS: dict[str, str] = {
    "app_home_opened": "",
    "message.im": "im:history",
    "app_mention": "app_mentions:read",
    "user_change": "users:read",
}
"""Event -> the scope it needs; Home needs none of its own."""


def manifest(command: str, *, socket_mode: bool, url: str | None = None) -> dict[str, Any]:
    """The manifest of an app with this slash command.

    ``url`` is the public address of the bot, which HTTP needs and Socket Mode must not have.

    Raises:
        ValueError: ``url`` is missing for HTTP, or given for Socket Mode.
    """
    if socket_mode == bool(url):
        raise ValueError("Socket Mode has no address" if url else "HTTP needs the bot's public address")
    address = f"{url.rstrip('/')}{HTTP_PATH}" if url else None

    def at_address(*keys: str) -> dict[str, str]:
        return dict.fromkeys(keys, address) if address else {}

    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": "Working Hours",
            "description": "See and change weekly working hours, kept in Toggl Focus.",
            "long_description": (
                f"Type {command} me to see how many hours you work on each day of the week, and correct them "
                "in two clicks or one line. Managers change the weeks of team-mates and placeholders. Every "
                "change is kept in Toggl Focus, where capacity is planned from it, and is confirmed by a "
                "message that says who changed what, with Undo."
            ),
            "background_color": "#2c1338",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Working Hours", "always_online": True},
            "slash_commands": [
                {
                    "command": command,
                    "description": "See and change weekly working hours",
                    "usage_hint": "me · @ana · set mon-thu 8, fri off · edit · help",
                    # With this, mentions arrive as <@U…|ana>; without it, as text without an id.
                    "should_escape": True,
                    **at_address("url"),
                }
            ],
            "shortcuts": [
                {
                    "name": "Edit my working hours",
                    "type": "global",
                    "callback_id": EDIT_SHORTCUT,
                    "description": "Opens your week",
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS), **at_address("request_url")},
            "interactivity": {
                "is_enabled": True,
                **at_address("request_url", "message_menu_options_url"),
            },
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def create_link(wanted: Mapping[str, Any]) -> str:
    """A link to Slack's page for creating an app, with the manifest filled in."""
    text = json.dumps(wanted, separators=(",", ":"), ensure_ascii=False)
    return f"https://api.slack.com/apps?new_app=1&manifest_json={quote(text, safe='')}"
