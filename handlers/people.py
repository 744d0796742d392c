"""Who is who: a Slack user becomes an actor, a mention or a name becomes a subject."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from slack_sdk.web.async_client import AsyncWebClient

from handlers.asked import Channel, Ghost, Group, Me, Mention, Quoted, SubjectRef, Unquoted
from handlers.audiences import Audiences
from handlers.groups import UserGroups
from handlers.members import Members
from handlers.slack_users import Standing, actor_in, person_in, standing_of
from handlers.subjects import NeedsPickerError, NoSuchSubjectError, NotLinkedError, only_one
from store import Store
from store.access import Actor
from store.clock import Clock
from store.directory import Entry
from store.links import SlackPerson
from store.week import Subject

__all__ = ["People"]

LIST_AGAIN_AFTER = 600.0
"""Seconds before an unknown person makes the bot list Focus's users anew."""


class People(Members):
    """The workspace's members, joined with Focus's people by the links."""

    def __init__(self, store: Store, slack: AsyncWebClient, *, clock: Clock) -> None:
        super().__init__(slack, team_id=store.team_id, zone=str(store.access.zone), clock=clock)
        self._store = store
        self.groups = UserGroups(store, slack, clock=clock)
        self.audiences = Audiences(slack, clock=clock)
        self.first_listing = asyncio.Event()
        """Set when both sides have been listed once since the start, or could not be."""

    # -------------------------------------------------------------- actors

    async def actor(self, user_id: str, *, team_id: str) -> Actor:
        """The facts about a Slack user that decide what they may; at most ten minutes old.

        Args:
            user_id: of whoever asks.
            team_id: the team that Slack's payload says they belong to.

        Raises:
            SlackApiError: Slack does not tell.
        """
        await self.groups.keep_grants_true()
        known = await self._user(user_id)
        return actor_in(
            known.user, as_of=known.as_of, own_team=self._team_id, team_id=team_id, zone=self._zone
        )

    # -------------------------------------------------------------- subjects

    async def subject(self, ref: SubjectRef, *, asker: str, whole: bool = False) -> Entry:
        """Whose week is meant; by its ``whole`` name, or also by a part of it that only one has.

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
                return only_one(name, await self._store.directory.placeholders(name), whole=whole)
            case Unquoted(name=name):
                return only_one(name, await self._store.directory.named(name), whole=whole)
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
        standing = standing_of(user, team_id=self._team_id)
        if standing is not Standing.MEMBER:
            raise NotLinkedError(user_id, is_asker=user_id == asker, standing=standing)
        person, now = person_in(user), self._clock.now()
        if not await self._store.links.match([person], now=now) and await self._may_list_again(now):
            await self._store.directory.refresh(now)
            await self._store.links.match([person], now=now)
        if entry := await self._store.directory.linked(user_id):
            return entry
        parted = await self._store.links.was_parted(user_id)
        raise NotLinkedError(user_id, is_asker=user_id == asker, parted=parted)

    async def _may_list_again(self, now: datetime) -> bool:
        age = await self._store.directory.age(now)
        return (age is None or age > LIST_AGAIN_AFTER) and self._store.hours.can_spare()

    async def _placeholder(self, number: int) -> Entry:
        entry = await self._store.directory.entry(Subject("placeholder", number))
        if entry is None:
            raise NoSuchSubjectError(f"ghost:{number}")
        return entry

    # -------------------------------------------------------------- everybody

    async def actors(self, user_ids: Sequence[str]) -> dict[str, Actor]:
        """Those of many users who are people of this workspace, as :meth:`standings` has them."""
        own = self._team_id
        every = ((user_id, self._known[user_id]) for user_id in await self.standings(user_ids))
        found = {
            user_id: actor_in(known.user, as_of=known.as_of, own_team=own, team_id=own, zone=self._zone)
            for user_id, known in every
        }
        return {user_id: actor for user_id, actor in found.items() if not actor.outsider}

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
