"""What a handler gets: the request (:class:`Ask`) and the process's services (:class:`Desk`).

An :class:`Ask` is made from every kind of Slack payload (a command, a message, a press, a submitted
view), so that a feature is written once for all of them.
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
from handlers.slack_errors import BLOCKS_REFUSED, SLACK_TROUBLE, NotToldError, code_of
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
"""The most blocks Slack accepts in a message."""


class Handler(Protocol):
    """A feature's entry function: resolve, check the permission, call the store, answer."""

    async def __call__(self, ask: Ask, /) -> None:
        """Answer the request."""


class ModalClosedError(Exception):
    """The modal that an answer was meant for is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The process-wide services and settings that handlers use."""

    store: Store
    slack: AsyncWebClient
    slack_once: AsyncWebClient
    """A client without the library's retries, for posts whose retries are decided here."""
    people: People
    work: Work
    clock: Clock
    command: str
    webhook: Callable[[str], AsyncWebhookClient]
    vitals: Callable[[], Vitals]
    """Returns this process's current state, for the status report."""
    bot_name: str = "hours"
    """The bot's name as typed after ``/invite @``."""
    scopes: frozenset[str] = frozenset()
    """The OAuth scopes of the bot's token."""
    homes: OpenHomes = field(default_factory=OpenHomes)
    """The people who opened App Home in this process; their Homes are kept up to date."""

    @property
    def reads_channels(self) -> bool:
        """Whether the bot has a scope for reading channels, to find its own messages there."""
        return not self.scopes.isdisjoint({"channels:history", "groups:history"})

    def changed(self, *user_ids: str) -> None:
        """Note that something about these people changed; the next tick updates the Homes that show it."""
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
    """The request's payload as recorded, so that it can be carried out after a restart."""
    typed_in: str = ""
    """The conversation where it was asked originally, if it is repeated or answered elsewhere."""
    again: bool = False
    """Whether this repeats an interrupted request, which is recorded already."""
    text: str = ""
    value: str = ""
    action: str = ""
    event_id: str = ""
    """Slack's event id, used to deduplicate Slack's retries."""
    trigger_id: str = ""
    response_url: str = ""
    replaces: bool = False
    """Whether the answer replaces the message whose button was pressed."""
    message_ts: str = ""
    """The ``ts`` of the message whose button was pressed, unless it is ephemeral."""
    view: Mapping[str, Any] = field(default_factory=dict)
    quiet: bool = False
    """Whether nobody is waiting for an answer: the clock made this ask, or Slack tells of a changed user."""

    @property
    def store(self) -> Store:
        """The desk's store."""
        return self.desk.store

    @property
    def here(self) -> str:
        """The id of the channel that *here* means."""
        return self.typed_in or self.place.channel

    async def actor(self) -> Actor:
        """The asker, with the Slack facts that decide what they may do.

        Raises:
            NotAllowedError: the asker may not use the bot at all.
        """
        actor = await self.desk.people.actor(self.user_id, team_id=self.actor_team or self.team_id)
        if not self.quiet:
            reading(self.desk.people.local(self.user_id))  # the lookup above may have brought the locale
        await self.store.access.admit(actor)
        return actor

    async def may(self, action: Action, subject: Subject | None = None) -> Permit:
        """The asker's permit for an action.

        Raises:
            NotAllowedError: they may not do it.
        """
        return await self.store.access.may(await self.actor(), action, subject)

    async def may_some(self, action: Action, subjects: Iterable[Subject]) -> dict[Subject, Permit]:
        """The asker's permits for an action on many subjects; subjects they may not act on are left out.

        Raises:
            NotAllowedError: they may act on none of them.
        """
        actor, wanted = await self.actor(), tuple(subjects)
        permits = await self.store.access.allowed(actor, action, wanted)
        if wanted and not permits:
            await self.store.access.refuse(actor, action, wanted[0])
        return permits

    async def may_name(self, ref: SubjectRef) -> None:
        """Refuse a guest who names anybody but themselves: guests must not find out who exists or is linked.

        Raises:
            NotAllowedError: a guest names somebody else; or as :meth:`actor`.
        """
        actor = await self.actor()
        if actor.guest and ref not in (Me(), Mention(self.user_id)):
            await self.store.access.refuse(actor, Action.SEE)

    async def subject(self, ref: SubjectRef, *, whole: bool = False) -> Entry:
        """The entry that a reference names; callers that change it at once accept a ``whole`` name only.

        Raises:
            NotAllowedError: as :meth:`may_name`.
            NotLinkedError, NoSuchSubjectError, SeveralSubjectsError, NeedsPickerError: no subject, or not one
                    clear subject, is meant.
        """
        await self.may_name(ref)
        return await self.desk.people.subject(ref, asker=self.user_id, whole=whole)

    def request(self) -> Request:
        """The request in the journal's terms."""
        return Request(self.act_id, self.user_id, self.place, self.said)

    # -------------------------------------------------------------- answering

    async def answer(self, reply: Reply) -> None:
        """Answer where the person asked, with the one-time introduction.

        That is an ephemeral message in a channel, a view in a modal, else a direct message.
        """
        await self.say(await self.introduced(reply))

    async def introduced(self, reply: Reply) -> Reply:
        """The reply with :meth:`introduction` added, if there is room for it."""
        if len(reply.blocks) >= MESSAGE_BLOCKS or not (told := await self.introduction()):
            return reply
        return reply.noting(told)

    async def introduction(self) -> str:
        """A note about the Focus user the asker is linked to, at their first use only; else empty."""
        if self.quiet:
            return ""
        try:
            link = await self.store.links.first_use(self.user_id, now=self.desk.clock.now())
        except DatabaseUnusableError:
            return ""  # the request itself is done; the next use counts as the first
        if link is None:
            return ""
        entry = await self.store.directory.entry_or_id(Subject("person", link.focus_user_id))
        return introduction(entry, link, command=self.desk.command)

    async def introduce(self) -> None:
        """Send the introduction by itself, for requests whose only answer is a receipt from the outbox."""
        if told := await self.introduction():
            await self.say(Reply.saying(told))

    async def say(self, reply: Reply) -> None:
        """Answer without the introduction, for errors and for work still in progress.

        Raises:
            NotToldError: Slack does not take the answer.
        """
        try:
            if self.place.kind == "modal":
                await self._answer_in_modal(reply)
            elif self.response_url:
                await self._respond(reply)
            else:
                await self.message(reply)
        except SLACK_TROUBLE as error:
            raise NotToldError(str(error) or type(error).__name__) from error

    async def publish(self, reply: Reply) -> None:
        """Answer visibly to the whole channel, keeping the message whose button was pressed.

        Raises:
            NotToldError: Slack does not confirm that it takes the answer.
        """
        status = await self._send(reply, response_type="in_channel", replace_original=False)
        if status != 200:
            raise NotToldError(f"response_url answered {status}")

    async def message(self, reply: Reply) -> None:
        """Send a direct message to the asker, or post in the conversation with the bot where they asked.

        If Slack rejects the blocks, the text is sent alone.
        """
        channel = (self.place.kind == "dm" and self.place.channel) or self.user_id
        slack = self.desk.slack
        try:
            await slack.chat_postMessage(channel=channel, text=reply.text, blocks=reply.blocks)
        except SlackApiError as error:
            if code_of(error) not in BLOCKS_REFUSED:
                raise
            log.warning("an answer is sent without its blocks: %s", code_of(error))
            await slack.chat_postMessage(channel=channel, text=reply.text)

    async def update_modal(self, view: View) -> None:
        """Replace the open modal's view.

        Raises:
            ModalClosedError: the person has closed it.
        """
        await update_view(self.desk, view, **self._which_view())

    def of_view(self, view: Mapping[str, Any]) -> Ask:
        """A copy of this ask that is answered in the given modal."""
        return replace(self, view=view, place=Place("modal"), typed_in=self.here)

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
        replace_original = True if self.replaces else None
        status = await self._send(reply, response_type="ephemeral", replace_original=replace_original)
        if status != 200:
            # The response_url is used up, expired or unreachable; a direct message still works.
            log.info("response_url answered %s, sending a direct message", status)
            await self.message(reply)

    async def _send(self, reply: Reply, *, response_type: str, replace_original: bool | None) -> int | str:
        """Post to the ``response_url``; return the answer's status, or the name of the error without one."""
        try:
            answer = await self.desk.webhook(self.response_url).send(
                text=reply.text,
                blocks=reply.blocks,
                response_type=response_type,
                replace_original=replace_original,
            )
        except (aiohttp.ClientError, TimeoutError) as error:
            return type(error).__name__
        return int(answer.status_code)


async def update_view(desk: Desk, view: View, **which: str) -> None:
    """Update a view, with retries for two seconds, since Slack may not have it yet.

    The view arrives with our acknowledgement, which may be processed after this call.

    Raises:
        ModalClosedError: Slack does not find the view during that time.
    """
    for wait in (0.1, 0.2, 0.4, 0.6, 0.7, None):
        try:
            await desk.slack.views_update(view=view, **which)
        except SlackApiError as error:
            if code_of(error) != "not_found":
                raise
            if wait is None:
                raise ModalClosedError from error
            await asyncio.sleep(wait)
        else:
            return
