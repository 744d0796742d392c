"""What a handler has before it: one request, and everything of the process it may use.

An :class:`Ask` is made from whatever Slack sent (a command, a message, a press, a submitted view), so a
feature is written once for all entrances.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from handlers.asked import Asked, Me, Mention, SubjectRef, Verb
from handlers.local import reading
from handlers.open_homes import OpenHomes
from handlers.people import People
from handlers.views.blocks import Reply
from handlers.views.links import introduction
from handlers.views.modals import saying
from handlers.vitals import Vitals
from handlers.work import Work
from store import Store
from store.access import Action, Actor, Permit
from store.act import Place
from store.clock import Clock
from store.database import DatabaseUnusableError
from store.directory import Entry
from store.hours import Request
from store.week import Subject

__all__ = ["Ask", "Desk", "Handler", "ModalClosedError"]

log = logging.getLogger(__name__)

MESSAGE_BLOCKS = 50
"""As many as Slack takes in a message."""


class Handler(Protocol):
    """A feature's function: four moves, about ten lines."""

    async def __call__(self, ask: Ask, /) -> None:
        """Answer the request."""


class ModalClosedError(Exception):
    """The person has closed the modal that an answer was for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything of the process that handlers use."""

    store: Store
    slack: AsyncWebClient
    slack_once: AsyncWebClient
    """Without the library's own repeats: whether a post is repeated is decided here."""
    people: People
    work: Work
    clock: Clock
    command: str
    webhook: Callable[[str], AsyncWebhookClient]
    vitals: Callable[[], Vitals]
    """How this process is now."""
    bot_name: str = "hours"
    """As it is typed after ``/invite @``."""
    scopes: frozenset[str] = frozenset()
    """What the bot's token may do."""
    homes: OpenHomes = field(default_factory=OpenHomes)
    """Who has opened App Home in this process: it is kept true for them."""

    @property
    def reads_channels(self) -> bool:
        """Whether the bot has a scope to look for its own message in a channel."""
        return not self.scopes.isdisjoint({"channels:history", "groups:history"})

    def changed(self, *user_ids: str) -> None:
        """Something about these people is not as it was: open Homes follow with the next tick."""
        if self.homes.changed(*user_ids):
            self.store.outbox.stirred.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request of one person, and the ways to answer it."""

    desk: Desk
    user_id: str
    team_id: str
    place: Place
    act_id: str
    actor_team: str = ""
    asked: Asked = field(default_factory=lambda: Asked(Verb.HELP))
    said: Mapping[str, Any] = field(default_factory=dict)
    """What was asked, as far as it has to survive a restart."""
    typed_in: str = ""
    """The conversation that a line was typed in first, where it is done again from another."""
    again: bool = False
    """It was interrupted before, and is on disk already."""
    text: str = ""
    value: str = ""
    action: str = ""
    event_id: str = ""
    """Slack's id of the event this came with, which Slack may send again."""
    trigger_id: str = ""
    response_url: str = ""
    replaces: bool = False
    """Whether the answer takes the place of the message that was pressed."""
    message_ts: str = ""
    """Slack's name for the message that was pressed, where everybody there sees it."""
    view: Mapping[str, Any] = field(default_factory=dict)
    quiet: bool = False
    """Nobody is waiting: the clock asks."""

    @property
    def store(self) -> Store:
        """What is known, and where it is kept."""
        return self.desk.store

    @property
    def here(self) -> str:
        """The channel that *here* means."""
        return self.typed_in or self.place.channel

    async def actor(self) -> Actor:
        """Who asks, as Slack knows them.

        Raises:
            NotAllowedError: somebody who may nothing here, whatever they ask.
        """
        actor = await self.desk.people.actor(self.user_id, team_id=self.actor_team or self.team_id)
        if not self.quiet:
            reading(self.desk.people.local(self.user_id))  # which may only be known now
        await self.store.access.admit(actor)
        return actor

    async def may(self, action: Action, subject: Subject | None = None) -> Permit:
        """The right of whoever asks.

        Raises:
            NotAllowedError: they have none.
        """
        return await self.store.access.may(await self.actor(), action, subject)

    async def may_some(self, action: Action, subjects: Iterable[Subject]) -> dict[Subject, Permit]:
        """The right of whoever asks to each of many, as far as they have it.

        Raises:
            NotAllowedError: they have it to none of them.
        """
        actor, wanted = await self.actor(), tuple(subjects)
        permits = await self.store.access.allowed(actor, action, wanted)
        if wanted and not permits:
            await self.store.access.refuse(actor, action, wanted[0])
        return permits

    async def may_name(self, ref: SubjectRef) -> None:
        """Let name whom they like all but guests: who there is, and who is linked, is not theirs to read.

        Raises:
            NotAllowedError: a guest names anybody else, or as :meth:`actor`.
        """
        actor = await self.actor()
        if actor.guest and ref not in (Me(), Mention(self.user_id)):
            await self.store.access.refuse(actor, Action.SEE)

    async def subject(self, ref: SubjectRef, *, whole: bool = False) -> Entry:
        """Whose week is meant; what changes it at once takes a ``whole`` name only.

        Raises:
            NotAllowedError: as :meth:`may_name`.
            NotLinkedError, NoSuchSubjectError, SeveralSubjectsError, NeedsPickerError: it is not clear.
        """
        await self.may_name(ref)
        return await self.desk.people.subject(ref, asker=self.user_id, whole=whole)

    def request(self) -> Request:
        """The request as the journal keeps it."""
        return Request(self.act_id, self.user_id, self.place, self.said)

    # -------------------------------------------------------------- answering

    async def answer(self, reply: Reply) -> None:
        """Answer where the person asked: privately in a channel, in the modal, or as a message."""
        await self.say(await self.introduced(reply))

    async def introduced(self, reply: Reply) -> Reply:
        """The reply with :meth:`introduction`, where there is room for it."""
        if len(reply.blocks) >= MESSAGE_BLOCKS or not (told := await self.introduction()):
            return reply
        return reply.noting(told)

    async def introduction(self) -> str:
        """Whom somebody is taken for in Focus: told once, at their own first use; else empty."""
        if self.quiet:
            return ""
        try:
            link = await self.store.links.first_use(self.user_id, now=self.desk.clock.now())
        except DatabaseUnusableError:
            return ""  # then the next use is the first: what was asked for is done
        if link is None:
            return ""
        entry = await self.store.directory.entry_or_id(Subject("person", link.focus_user_id))
        return introduction(entry, link, command=self.desk.command)

    async def introduce(self) -> None:
        """Where nothing else is answered, for a receipt is on its way: the introduction by itself."""
        if told := await self.introduction():
            await self.message(Reply.saying(told))

    async def say(self, reply: Reply) -> None:
        """Answer with nothing but this: for what went wrong, or is not over yet."""
        if self.place.kind == "modal":
            await self._answer_in_modal(reply)
        elif self.response_url:
            await self._respond(reply)
        else:
            await self.message(reply)

    async def publish(self, reply: Reply) -> None:
        """Answer so that the whole channel sees it; the message that was pressed stays."""
        await self.desk.webhook(self.response_url).send(
            text=reply.text, blocks=reply.blocks, response_type="in_channel", replace_original=False
        )

    async def message(self, reply: Reply) -> None:
        """Send a direct message (in a conversation with the bot: there)."""
        channel = (self.place.kind == "dm" and self.place.channel) or self.user_id
        await self.desk.slack.chat_postMessage(channel=channel, text=reply.text, blocks=reply.blocks)

    async def update_modal(self, view: View) -> None:
        """Put another view in the place of the open one.

        Raises:
            ModalClosedError: the person has closed it.
        """
        await update_view(self.desk, view, **self._which_view())

    def of_view(self, view: Mapping[str, Any]) -> Ask:
        """The same request, answered in this modal from now on."""
        return replace(self, view=view, place=Place("modal"))

    def _which_view(self) -> dict[str, str]:
        if external_id := self.view.get("external_id"):
            return {"external_id": str(external_id)}
        return {"view_id": str(self.view["id"])}

    async def _answer_in_modal(self, reply: Reply) -> None:
        try:
            await self.update_modal(saying(reply, external_id=self.view.get("external_id")))
        except ModalClosedError:
            await self.message(reply)

    async def _respond(self, reply: Reply) -> None:
        try:
            answer = await self.desk.webhook(self.response_url).send(
                text=reply.text,
                blocks=reply.blocks,
                response_type="ephemeral",
                replace_original=True if self.replaces else None,
            )
        except (aiohttp.ClientError, TimeoutError) as error:
            status: object = type(error).__name__
        else:
            status = answer.status_code
        if status != 200:
            # Used up, too old or cut off: a direct message is never too late.
            log.info("response_url answered %s, sending a direct message", status)
            await self.message(reply)


async def update_view(desk: Desk, view: View, **which: str) -> None:
    """Update a view, which may not have reached Slack yet: our acknowledgement brings it, unordered.

    Raises:
        ModalClosedError: it is not there for two seconds.
    """
    for wait in (0.1, 0.2, 0.4, 0.6, 0.7, None):
        try:
            await desk.slack.views_update(view=view, **which)
        except SlackApiError as error:
            if error.response["error"] != "not_found":
                raise
            if wait is None:
                raise ModalClosedError from error
            await asyncio.sleep(wait)
        else:
            return
