"""A workspace with one app in it: the state, and the rules that everything around it shares."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from time import monotonic

from bot.sandbox.clock import Clock
from bot.sandbox.crowd import Member
from bot.sandbox.slack import seed
from bot.sandbox.slack.changes import Signal
from bot.sandbox.slack.delivery import Outcome
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.inputs import with_ids
from bot.sandbox.slack.manifest import App
from bot.sandbox.slack.workspace import Blocks, Channel, File, Group, Json, Message, Person, View

__all__ = ["TRIGGER_SECONDS", "Moment", "ResponseUrl", "Trigger", "World"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS, RESPONSE_USES = 30 * 60.0, 5


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in seconds, in real time and by the sandbox's clock."""

    real: float
    clock: float


@dataclass(slots=True, kw_only=True)
class Trigger:
    """A ``trigger_id`` that was issued; the app may open a modal with it, once and for three seconds."""

    user: str
    issued: Moment
    view: View | None
    """The modal in which it was issued."""
    used: bool = False


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """A ``response_url`` that was issued; the app may use it five times within half an hour."""

    user: str
    channel: str
    issued: Moment
    origin: Message | None
    """The message that was clicked; a slash command has none."""
    uses: int = 0


class World:
    """The state, which changes in one event loop only; :meth:`reset` seeds it again in place."""

    def __init__(self, *, clock: Clock, app: App, crowd: Sequence[Member] = ()) -> None:
        self.clock = clock
        self.app = app
        self._crowd = crowd
        self.url = ""
        """The sandbox's base address, without a slash at the end."""
        self.changed = Signal()
        self.emit: Callable[[Json], asyncio.Task[Outcome] | None] = lambda _: None
        """Sends an event to the app; :class:`Slack` sets it."""
        self.reset()

    def reset(self) -> None:
        """Seed the workspace again."""
        self._numbers = count(1)
        self._last_ts = 0
        """In microseconds; a float of seconds is too coarse to be counted up by one."""
        self.people: dict[str, Person] = {each.id: each for each in seed.people(self.app.name, self._crowd)}
        self.channels: dict[str, Channel] = {each.id: each for each in seed.channels(self._crowd)}
        self.groups: dict[str, Group] = {each.id: each for each in seed.groups(self._crowd)}
        self.paid = True
        """Whether the plan has user groups."""
        self.knows_repeats = True
        """Whether messages are deduplicated by ``client_msg_id``; Slack does not promise it."""
        self.posts: dict[str, list[Message]] = {}
        """Every message the bot ever posted, ephemeral and deleted ones too, by channel."""
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        """Views that are open, and Home tabs, by id."""
        self.stacks: dict[str, list[View]] = {}
        """The open modals of each person, the one in sight last."""
        self.homes: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.changed.fire()

    # ---------------------------------------------------------------- time and ids
    def moment(self) -> Moment:
        """The present moment, by both clocks."""
        return Moment(monotonic(), self.clock.now().timestamp())

    def age(self, moment: Moment) -> float:
        """Seconds since a moment, by the clock that has advanced further."""
        now = self.moment()
        return max(now.real - moment.real, now.clock - moment.clock)

    def ts(self) -> str:
        """A new ``ts``, which is a message's time and id and later than all before."""
        now = (self.clock.now() - EPOCH) // timedelta(microseconds=1)
        self._last_ts = max(now, self._last_ts + 1)
        return f"{self._last_ts / 1e6:.6f}"

    @property
    def last_ts(self) -> float:
        """The latest of them: whatever is posted or edited from now on comes after it."""
        return self._last_ts / 1e6

    def id(self, kind: str) -> str:
        """A new id, such as ``V00000017`` or ``D00000018``."""
        return f"{kind}{next(self._numbers):08d}"

    # ---------------------------------------------------------------- people and places
    def dm(self, user: str) -> Channel:
        """The direct message channel of a person and the bot; made if there is none."""
        for channel in self.channels.values():
            if channel.user == user:
                return channel
        opened = Channel(id=self.id("D"), user=user, members=[user, seed.BOT])
        self.channels[opened.id] = opened
        return opened

    def visible(self, channel_id: str, user: str = seed.BOT) -> Channel:
        """A channel that a user may know of: it is public, or the user is a member.

        Raises:
            SlackError: channel_not_found.
        """
        channel = self.channels.get(channel_id)
        if channel is None or (channel.type != "channel" and user not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    # ---------------------------------------------------------------- messages
    def post(
        self,
        channel: Channel,
        *,
        user: str,
        text: str,
        blocks: Blocks | None = None,
        ephemeral_to: str | None = None,
        thread_ts: str | None = None,
        metadata: Json | None = None,
        client_msg_id: str | None = None,
        files: tuple[File, ...] = (),
    ) -> Message:
        """Put a message into a channel, or on one person's screen."""
        message = Message(
            ts=self.ts(),
            channel=channel.id,
            user=user,
            text=text,
            blocks=with_ids(blocks or []),
            ephemeral_to=ephemeral_to,
            thread_ts=thread_ts,
            metadata=metadata,
            client_msg_id=client_msg_id,
            files=files,
        )
        channel.messages.append(message)
        if user == seed.BOT:
            self.posts.setdefault(channel.id, []).append(message)
        self.changed.fire()
        return message

    def tell(self, channel: str, user: str, text: str) -> Message:
        """Post a message of Slack's own that only one person sees."""
        return self.post(self.channels[channel], user=seed.SLACKBOT, text=text, ephemeral_to=user)

    # ---------------------------------------------------------------- what lets an app answer
    def issue_trigger(self, user: str, view: View | None = None) -> str:
        """Issue a ``trigger_id`` for something a person has just done."""
        trigger_id = f"{next(self._numbers)}.{monotonic():.3f}.{secrets.token_hex(8)}"
        self.triggers[trigger_id] = Trigger(user=user, issued=self.moment(), view=view)
        return trigger_id

    def redeem_trigger(self, trigger_id: str) -> Trigger:
        """Use a ``trigger_id`` up.

        Raises:
            SlackError: it is unknown, three seconds old, or was used before.
        """
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.age(trigger.issued) > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def issue_response_url(self, user: str, channel: str, origin: Message | None = None) -> str:
        """Issue a ``response_url`` for something done in a channel."""
        token = secrets.token_urlsafe(16)
        self.response_urls[token] = ResponseUrl(
            user=user, channel=channel, issued=self.moment(), origin=origin
        )
        return f"{self.url}/respond/{token}"

    def redeem_response_url(self, token: str) -> ResponseUrl:
        """Use a ``response_url`` once.

        Raises:
            SlackError: it is unknown, half an hour old, or used up.
        """
        url = self.response_urls.get(token)
        if url is None or self.age(url.issued) > RESPONSE_SECONDS:
            raise SlackError("expired_url")
        if url.uses >= RESPONSE_USES:
            raise SlackError("used_url")
        url.uses += 1
        return url
