"""What a workspace holds: people, channels, messages, views, user groups. State only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.blockkit import flatten

__all__ = ["TEAM", "Blocks", "Channel", "File", "Group", "Json", "Message", "Person", "Values", "View"]

Json = dict[str, Any]
Blocks = list[Json]
Values = dict[str, dict[str, Json]]
"""``state.values``: block_id -> action_id -> ``{"type": …, "value": …}``."""

TEAM = "T0SANDBOX"

_RINGING = re.compile(r"<!(?:channel|here|everyone)(?:\|[^>]*)?>")


@dataclass(slots=True, kw_only=True)
class Person:
    """A user in ``users.list``; also bots and people of other organizations."""

    id: str
    handle: str
    """The name that is typed after ``@``, which is ``user_name`` in payloads."""
    real_name: str
    email: str | None = None
    tz: str = "Europe/Stockholm"
    locale: str = "en-GB"
    title: str = ""
    team_id: str = TEAM
    is_admin: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_email_confirmed: bool = True
    deleted: bool = False
    updated: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class File:
    """A file on its way to a message: announced, then uploaded, then shared."""

    id: str
    name: str
    size: int
    content: bytes | None = None
    shared: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """One message; an ephemeral one is on ``ephemeral_to``'s screen only, and in no history."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: Blocks = field(default_factory=list)
    ephemeral_to: str | None = None
    thread_ts: str | None = None
    edited: str | None = None
    """``ts`` of the last edit."""
    deleted: bool = False
    metadata: Json | None = None
    client_msg_id: str | None = None
    files: tuple[File, ...] = ()
    warning: str | None = None
    """The warning at a button whose click the app has not acknowledged."""
    values: dict[str, Values] = field(default_factory=dict)
    """The state of its menus for each person, by user id."""
    suggestions: dict[tuple[str, str], Blocks] = field(default_factory=dict)
    """The options that each external menu offered last, by block_id and action_id."""

    @property
    def plain(self) -> str:
        """All its text; first the part that screen readers get."""
        return "\n".join(part for part in (self.text, flatten(self.blocks)) if part)

    @property
    def latest(self) -> float:
        """When it was posted, or last edited."""
        return float(self.edited or self.ts)

    @property
    def rings(self) -> bool:
        """Whether it notifies everybody in the channel (by ``<!channel>`` and the like, in mrkdwn)."""
        written = _mrkdwn(self.blocks) if self.blocks else [self.text]
        return any(_RINGING.search(text) for text in written)


def _mrkdwn(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _mrkdwn(item)
    elif isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield str(value.get("text", ""))
        else:
            yield from _mrkdwn(list(value.values()))


@dataclass(slots=True, kw_only=True, eq=False)
class Channel:
    """A channel, or if ``user`` is set, the direct messages of this person and the bot."""

    id: str
    name: str = ""
    members: list[str] = field(default_factory=list)
    user: str | None = None
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    is_general: bool = False
    created: int = 0
    messages: list[Message] = field(default_factory=list)

    @property
    def is_im(self) -> bool:
        """Whether it is a direct message."""
        return self.user is not None

    @property
    def type(self) -> str:
        """The ``channel_type`` in events: im, group or channel."""
        return "im" if self.is_im else "group" if self.is_private else "channel"

    @property
    def public_name(self) -> str:
        """The ``channel_name`` in payloads, which hides the names of private places."""
        return {"im": "directmessage", "group": "privategroup"}.get(self.type, self.name)

    def message(self, ts: str) -> Message | None:
        """The message with this ``ts``, ephemeral ones too, deleted ones not."""
        return next((each for each in reversed(self.messages) if each.ts == ts and not each.deleted), None)


@dataclass(slots=True, kw_only=True)
class Group:
    """A user group (``<!subteam^S…>``)."""

    id: str
    handle: str
    name: str
    users: list[str]


@dataclass(slots=True, kw_only=True, eq=False)
class View:
    """A modal or somebody's Home tab, with what the person has typed into it."""

    id: str
    user: str
    definition: Json
    """As the app sent it, with the ids Slack adds where there are none."""
    hash: str
    values: Values
    root_view_id: str
    previous_view_id: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    """block_id -> the error shown at that field."""
    alert: str | None = None
    """Slack's own error across the modal, when the app did not acknowledge."""
    suggestions: dict[tuple[str, str], Blocks] = field(default_factory=dict)
    """The options that each external menu offered last, by block_id and action_id."""

    @property
    def type(self) -> str:
        """``modal`` or ``home``."""
        return str(self.definition["type"])

    @property
    def blocks(self) -> Blocks:
        """The blocks shown."""
        blocks: Blocks = self.definition["blocks"]
        return blocks

    @property
    def callback_id(self) -> str:
        """The app's ``callback_id``; empty if it gave none."""
        return str(self.definition.get("callback_id") or "")

    @property
    def external_id(self) -> str:
        """The app's ``external_id``; empty if it gave none."""
        return str(self.definition.get("external_id") or "")

    @property
    def private_metadata(self) -> str:
        """The app's ``private_metadata``; empty if it gave none."""
        return str(self.definition.get("private_metadata") or "")

    @property
    def title(self) -> str:
        """The text in the title bar."""
        return self._words("title") or ""

    @property
    def submit(self) -> str | None:
        """The text on the submit button; ``None`` if there is no button."""
        return self._words("submit")

    @property
    def close(self) -> str:
        """The text on the cancel button."""
        return self._words("close") or "Close"

    @property
    def plain(self) -> str:
        """All its text, errors included."""
        parts = (self.title, flatten(self.blocks), self.alert, *self.errors.values())
        return "\n".join(part for part in parts if part)

    def _words(self, key: str) -> str | None:
        words = self.definition.get(key)
        return str(words["text"]) if words else None
