"""Messages about problems of the deployment itself, with who can fix them and how."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from handlers.views.blocks import Reply, escape, when
from handlers.views.spans import in_full
from store.act import WAITS_AT_MOST
from store.alarms import KEY, KEY_END

__all__ = ["NEW_KEY", "alarm", "channel_fix", "mended"]

NEW_KEY = (
    "Its owner, an Organization Admin, creates a new one in Toggl Focus (which ends the old one at once)."
    " Whoever runs me puts it into `FOCUS_API_KEY`, its last day into `FOCUS_API_KEY_EXPIRES`, and"
    " restarts me."
)

_CHANGES_WAIT = f"changes wait, for {WAITS_AT_MOST.days} days at most"

_ARCHIVED = "It is archived: unarchive it, or have another channel set."

_CHANNEL_FIXES = {
    "is_archived": _ARCHIVED,  # of a post
    "is_inactive": _ARCHIVED,  # of an edit
    "is_public": "Everybody can read it: make it private, or have another channel set.",
    "is_shared": (
        "People from other organizations read it, or are invited to: have another private channel set."
    ),
    "not_in_channel": "I am not in it: `/invite` me there.",
    "channel_not_found": (
        "I can’t see it: if it is private, `/invite` me there; if it is gone, set another one."
    ),
}


def alarm(detail: Mapping[str, Any], *, command: str) -> Reply:
    """The message when a problem begins."""
    said = detail["detail"]
    if detail["what"] == KEY_END:
        return Reply.saying(
            f":hourglass: My Toggl Focus key expires on {in_full(date.fromisoformat(said['ends']))}."
            f" {NEW_KEY} Until the restart {_CHANGES_WAIT}."
        )
    if detail["what"] == KEY:
        trace = f" (Toggl’s trace id: `{escape(said['trace_id'])}`)" if said.get("trace_id") else ""
        return Reply.saying(
            f":rotating_light: Toggl Focus refuses my API key{trace}. {NEW_KEY}"
            f" Until then {_CHANGES_WAIT}, and weeks are shown as last read. `{command} status` shows the"
            " details."
        )
    return Reply.saying(
        f":rotating_light: I can’t post in <#{said['channel']}> (`{escape(said['reason'])}`)."
        f" {channel_fix(said['reason'])} What I could not post there stays in the history."
    )


def mended(detail: Mapping[str, Any]) -> Reply:
    """The message when a problem is over."""
    if detail["what"] == KEY_END:
        ends = in_full(date.fromisoformat(detail["detail"]["ends"]))
        return Reply.saying(f"My Toggl Focus key is renewed: it ends on {ends}.")
    since = when(datetime.fromisoformat(detail["since"]))
    if detail["what"] == KEY:
        return Reply.saying(f"Toggl Focus accepts my API key again. It had refused it since {since}.")
    return Reply.saying(f"I can post in <#{detail['detail']['channel']}> again. I could not since {since}.")


def channel_fix(reason: str) -> str:
    """The remedy for a channel the bot cannot post in, by Slack's error code."""
    return _CHANNEL_FIXES.get(reason, "Look at its settings: who may post there?")
