"""Who is who: a Slack user becomes an actor, a mention or a name becomes a subject."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.asked import Channel, Ghost, Group, Me, Mention, Quoted, SubjectRef, Unquoted
from handlers.audiences import Audiences
from handlers.groups import UserGroups
from handlers.local import ENGLISH, Local, local_of
from handlers.slack_users import (
    Standing,
    actor_in,
    everybody,
    person_in,
    standing_of,
    zone_in,
)
from store import Store
from store.access import Actor
from store.directory import Entry
from store.focus import Clock
from store.links import SlackPerson
from store.week import Subject

__all__ = [
    "NeedsPickerError",
    "NoSuchSubjectError",
    "NotLinkedError",
    "People",
    "SeveralSubjectsError",
    "slack_user",
]

FRESH_FOR = timedelta(minutes=10)
LIST_AGAIN_AFTER = 600.0
"""Seconds before an unknown person makes the bot list Focus's users anew."""

ONE_BY_ONE = 20
"""Of more people that nothing is known of, the whole workspace is listed instead."""


class NotLinkedError(Exception):
    """This Slack user is no Focus user, as far as is known; of members alone it can become known."""

    def __init__(self, user_id: str, *, is_asker: bool, standing: Standing = Standing.MEMBER) -> None:
        super().__init__(user_id)
        self.user_id = user_id
        self.is_asker = is_asker
        self.standing = standing


class NoSuchSubjectError(Exception):
    """Nobody and no placeholder has this name; ``near`` are names like it."""

    def __init__(self, name: str, *, near: tuple[Entry, ...] = ()) -> None:
        super().__init__(name)
        self.name = name
        self.near = near


class SeveralSubjectsError(Exception):
    """A name that more than one has: the person must choose."""

    def __init__(self, name: str, entries: tuple[Entry, ...]) -> None:
        super().__init__(name)
        self.name = name
        self.entries = entries


class NeedsPickerError(Exception):
    """``@here``, a group, a channel or an ``@name`` that Slack did not resolve: a person must be picked."""

    def __init__(self, ref: SubjectRef) -> None:
        super().__init__(repr(ref))
        self.ref = ref


@dataclass(frozen=True, slots=True)
class _Known:
    user: Mapping[str, Any]
    as_of: datetime


class People:
    """The workspace's members, as Slack tells of them, joined with Focus's by the links."""

    def __init__(self, store: Store, slack: AsyncWebClient, *, clock: Clock) -> None:
        self._store = store
        self._slack = slack
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._dms: dict[str, str] = {}
        self._groups = UserGroups(store, slack, clock=clock)
        self.audiences = Audiences(slack, clock=clock)
        self.first_listing = asyncio.Event()
        """Set when both sides have been listed once since the start, or could not be."""

    def learn_dm(self, user_id: str, channel: str) -> None:
        """This conversation is the bot's with that person."""
        self._dms[user_id] = channel

    async def dm(self, user_id: str) -> str:
        """The bot's conversation with a person; Slack is asked once.

        Raises:
            SlackApiError: there is none, and there can be none.
        """
        if user_id not in self._dms:
            answer = await self._slack.conversations_open(users=user_id)
            self.learn_dm(user_id, answer["channel"]["id"])
        return self._dms[user_id]

    def forget(self, user_id: str) -> None:
        """Keep nothing in memory of somebody who was deleted."""
        self._known.pop(user_id, None)
        self._dms.pop(user_id, None)

    @property
    def _zone(self) -> str:
        """For whoever Slack gives no zone of."""
        return str(self._store.access.zone)

    # -------------------------------------------------------------- actors

    async def actor(self, user_id: str, *, team_id: str) -> Actor:
        """The facts about a Slack user that decide what they may; at most ten minutes old.

        Args:
            user_id: of whoever asks.
            team_id: the team that Slack's payload says they belong to.

        Raises:
            SlackApiError: Slack does not tell.
        """
        await self._groups.keep_grants_true()
        known = await self._user(user_id)
        return actor_in(
            known.user, as_of=known.as_of, own_team=self._store.team_id, team_id=team_id, zone=self._zone
        )

    async def zone_of(self, user_id: str | None) -> str:
        """The IANA zone of a Slack user; for nobody in particular the deployment's.

        Raises:
            SlackApiError: Slack does not tell.
        """
        known = (await self._user(user_id)).user if user_id else {}
        return zone_in(known, default=self._zone)

    def changed(self, user: Mapping[str, Any]) -> None:
        """Slack says that a user changed (``user_change``): what was known of them is replaced."""
        before = self._known.get(str(user["id"]))
        locale = before.user.get("locale") if before else None
        # The event need not tell the language: at their next request the person is looked up anew.
        as_of = self._clock.now() if "locale" in user else datetime.min.replace(tzinfo=UTC)
        self._known[str(user["id"])] = _Known({"locale": locale, **user}, as_of)

    def local(self, user_id: str) -> Local:
        """How somebody writes days and numbers; as in English until Slack has told of them."""
        known = self._known.get(user_id)
        tag = known.user.get("locale") if known else None
        return local_of(str(tag)) if tag else ENGLISH

    async def _user(self, user_id: str) -> _Known:
        known = self._known.get(user_id)
        if known is None or self._clock.now() - known.as_of > FRESH_FOR:
            try:
                answer = await self._slack.users_info(user=user_id, include_locale=True)
                user: Mapping[str, Any] = answer["user"]
            except SlackApiError as error:
                if error.response["error"] not in {"user_not_found", "user_not_visible"}:
                    raise
                user = {"id": user_id, "deleted": True}
            known = self._known[user_id] = _Known(user, self._clock.now())
        return known

    # -------------------------------------------------------------- subjects

    async def subject(self, ref: SubjectRef, *, asker: str) -> Entry:
        """Whose week is meant.

        Raises:
            NotLinkedError, NoSuchSubjectError, SeveralSubjectsError, NeedsPickerError: it is not clear.
        """
        match ref:
            case Me():
                return await self.linked(asker, asker=asker)
            case Mention(user_id=user_id):
                return await self.linked(user_id, asker=asker)
            case Ghost(id=number):
                return await self._placeholder(number)
            case Quoted(name=name):
                return _one(name, await self._store.directory.placeholders(name))
            case Unquoted(name=name):
                return _one(name, await self._store.directory.named(name))
            case Group() | Channel() | _:
                raise NeedsPickerError(ref)

    async def linked(self, user_id: str, *, asker: str) -> Entry:
        """The Focus user that a Slack user is; an unknown one is looked for by e-mail first.

        Raises:
            NotLinkedError: there is none.
        """
        if entry := await self._store.directory.linked(user_id):
            return entry
        user = (await self._user(user_id)).user
        standing = standing_of(user, team_id=self._store.team_id)
        if standing is not Standing.MEMBER:
            raise NotLinkedError(user_id, is_asker=user_id == asker, standing=standing)
        person, now = person_in(user), self._clock.now()
        if not await self._store.links.match([person], now=now) and await self._may_list_again(now):
            await self._store.directory.refresh(now)
            await self._store.links.match([person], now=now)
        if entry := await self._store.directory.linked(user_id):
            return entry
        raise NotLinkedError(user_id, is_asker=user_id == asker)

    async def _may_list_again(self, now: datetime) -> bool:
        age = await self._store.directory.age(now)
        return (age is None or age > LIST_AGAIN_AFTER) and self._store.hours.can_spare()

    async def _placeholder(self, number: int) -> Entry:
        entry = await self._store.directory.entry(Subject("placeholder", number))
        if entry is None:
            raise NoSuchSubjectError(f"ghost:{number}")
        return entry

    async def slack_person(self, user_id: str) -> SlackPerson:
        """What linking needs to know of one Slack user.

        Raises:
            SlackApiError: Slack does not tell.
        """
        return person_in((await self._user(user_id)).user)

    # -------------------------------------------------------------- groups

    async def group(self, group_id: str) -> tuple[str, ...]:
        """The Slack users in a user group; at most ten minutes old, older only where Slack is silent.

        Raises:
            SlackApiError: it may not be read (a paid feature, a scope), or there is no such group.
        """
        return await self._groups.members(group_id)

    async def group_names(self) -> dict[str, str]:
        """Group id -> name; empty where the workspace has no groups, or they may not be read."""
        return await self._groups.names()

    # -------------------------------------------------------------- everybody

    def is_app(self, user_id: str) -> bool:
        """Whether that is known to be an app; all are, once the workspace was listed."""
        known = self._known.get(user_id)
        return known is not None and standing_of(known.user, team_id=self._store.team_id) is Standing.BOT

    async def standings(self, user_ids: Sequence[str]) -> dict[str, Standing]:
        """What many users are, as last told: Slack sends a message whenever that changes.

        Raises:
            SlackApiError: Slack does not tell of somebody new.
        """
        if sum(user_id not in self._known for user_id in user_ids) > ONE_BY_ONE:
            await self.members()
        found = {}
        for user_id in user_ids:
            known = self._known.get(user_id) or await self._user(user_id)
            found[user_id] = standing_of(known.user, team_id=self._store.team_id)
        return found

    async def actors(self, user_ids: Sequence[str]) -> dict[str, Actor]:
        """Those of many users who are people of this workspace, as :meth:`standings` has them."""
        own = self._store.team_id
        every = ((user_id, self._known[user_id]) for user_id in await self.standings(user_ids))
        found = {
            user_id: actor_in(known.user, as_of=known.as_of, own_team=own, team_id=own, zone=self._zone)
            for user_id, known in every
        }
        return {user_id: actor for user_id, actor in found.items() if not actor.outsider}

    async def members(self) -> tuple[SlackPerson, ...]:
        """The whole workspace, as far as linking needs it; what is known of each is renewed."""
        now = self._clock.now()
        found = []
        async for user in everybody(self._slack):
            self._known[str(user["id"])] = _Known(user, now)
            found.append(person_in(user))
        return tuple(found)

    async def link_everybody(self) -> tuple[SlackPerson, ...]:
        """List both sides anew and link whom the e-mail joins; the workspace as it is now.

        Raises:
            SlackApiError: Slack does not list its members.
            FocusError: Focus does not list its users.
        """
        now = self._clock.now()
        try:
            await self._store.directory.refresh(now)
            members = await self.members()
            await self._store.links.match(members, now=now)
        finally:
            self.first_listing.set()
        return members


def slack_user(ref: SubjectRef, *, asker: str) -> str:
    """The Slack user who is meant, linked or not.

    Raises:
        NeedsPickerError: that is not clear.
    """
    match ref:
        case Me():
            return asker
        case Mention(user_id=user_id):
            return user_id
        case _:
            raise NeedsPickerError(ref)


def _one(name: str, entries: tuple[Entry, ...]) -> Entry:
    """The only entry, or the only one with exactly this name."""
    exact = tuple(entry for entry in entries if entry.name.casefold() == name.casefold())
    match exact or entries:
        case (entry,):
            return entry
        case ():
            raise NoSuchSubjectError(name)
        case several:
            raise SeveralSubjectsError(name, several)
