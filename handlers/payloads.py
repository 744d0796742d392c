"""Read Slack's interaction payloads: where something was pressed, and which value it has. Pure.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.malformed import held
from store.act import Place
from store.week import Subject

__all__ = ["place_of", "subject_in", "value_of", "with_person"]


def place_of(body: Mapping[str, Any]) -> Place:
    """The place where the person pressed, which decides how they are answered.

    Raises:
        KeyError: it is a modal without the id by which it is answered.
    """
    view = body.get("view") or {}
    channel = str((body.get("channel") or {}).get("id") or "")
    if view.get("type") == "modal":
        if not view.get("id"):
            raise KeyError("view id")
        return Place("modal")
    if view.get("type") == "home" or not channel:
        return Place("home")
    is_dm = channel.startswith("D") and not (body.get("container") or {}).get("is_ephemeral")
    return Place("dm" if is_dm else "channel", channel)


def value_of(pressed: Mapping[str, Any]) -> str:
    """The value of a button, a select, a people picker or a date picker."""
    chosen = pressed.get("selected_option") or {}
    picked = pressed.get("selected_user") or pressed.get("selected_date")
    return str(pressed.get("value") or chosen.get("value") or picked or "")


def subject_in(value: str) -> Subject:
    """The subject encoded in the value of a button or an option.

    Raises:
        UnreadableError: the value is no subject.
    """
    with held():
        return Subject.parse(value)


def with_person(text: str, user_id: str) -> str:
    """The command kept by a people picker, with the picked person in place of ``<@>``."""
    return text.replace("<@>", f"<@{user_id}>", 1)
