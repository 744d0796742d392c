"""Resolve Slack users to actors, and mentions and names to subjects."""

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
from handlers.work import Lane, change_to
from store import Store
from store.access import Actor
from store.clock import Clock
from store.directory import Entry
from store.links import SlackPerson
from store.week import Subject

__all__ = ["People"]

LIST_AGAIN_AFTER = 600.0
"""Minimum age, in seconds, of the list of Focus users before an unknown person makes the bot reread it."""


class People(Members):
    """The workspace's members and their links to Focus's people."""

    def __init__(self, store: Store, slack: AsyncWebClient, *, clock: Clock) -> None:
        super().__init__(slack, team_id=store.team_id, zone=str(store.access.zone), clock=clock)
        self._store = store
        self.groups = UserGroups(store, slack, clock=clock)
        self.audiences = Audiences(slack, clock=clock)
        self.first_listing = asyncio.Event()
        """Set once Slack's and Focus's users have been listed since the start, or that has failed."""

    async def listed(self) -> None:
        """Wait for ``first_listing``, which waits for Focus."""
        if not self.first_listing.is_set():
            change_to(Lane.FOCUS)
            await self.first_listing.wait()

    # -------------------------------------------------------------- actors

    async def actor(self, user_id: str, *, team_id: str) -> Actor:
        """The facts about a Slack user that decide their permissions, at most ten minutes old.

        Args:
            user_id: the Slack user.
            team_id: the team that Slack's payload says they belong to.

        Raises:
            SlackApiError: Slack does not return the user.
        """
        await self.groups.keep_grants_true()
        known = await self._user(user_id)
        return actor_in(
            known.user, as_of=known.as_of, own_team=self._team_id, team_id=team_id, zone=self._zone
        )

    # -------------------------------------------------------------- subjects

    async def subject(self, ref: SubjectRef, *, asker: str, whole: bool = False) -> Entry:
        """The entry that a reference names; by its ``whole`` name only, or also by an unambiguous part.

        Raises:
            NotLinkedError, NoSuchSubjectError, SeveralSubjectsError, NeedsPickerError: no subject, or not one
                clear subject, is named.
        """
        match ref:
            case Me():
                return await self.linked(asker, asker=asker)
            case Mention(user_id=user_id):
                return await self.linked(user_id, asker=asker)
            case Ghost(id=number):
                return await self._placeholder(number)
            case Quoted(name=name):
                return await self._quoted(ref, name, whole=whole)
            case Unquoted(name=name):
                return only_one(name, await self._store.directory.named(name), whole=whole)
            case Group() | Channel() | _:
                raise NeedsPickerError(ref)

    async def _quoted(self, ref: SubjectRef, name: str, *, whole: bool) -> Entry:
        """The placeholder with this name, or else the person; one to be changed has to be picked."""
        placeholders = await self._store.directory.placeholders(name)
        people = () if placeholders else await self._store.directory.named(name)
        if people and whole:
            raise NeedsPickerError(ref)
        return only_one(name, placeholders or people, whole=whole)

    async def linked(self, user_id: str, *, asker: str) -> Entry:
        """The Focus user that a Slack user is linked to; an unlinked one is matched by e-mail first.

        Raises:
            NotLinkedError: there is no link and no match.
        """
        if entry := await self._store.directory.linked(user_id):
            return entry
        user = (await self._user(user_id)).user
        standing = standing_of(user, team_id=self._team_id)
        if standing is not Standing.MEMBER:
            raise NotLinkedError(user_id, is_asker=user_id == asker, standing=standing)
        person, now = person_in(user), self._clock.now()
        if not await self._store.links.match([person], now=now) and await self._may_list_again(now):
            await self._store.directory.refresh_people(now)
            await self._store.links.match([person], now=now)
        if entry := await self._store.directory.linked(user_id):
            return entry
        parted = await self._store.links.was_parted(user_id)
        raise NotLinkedError(
            user_id, is_asker=user_id == asker, parted=parted, unconfirmed=person.unconfirmed
        )

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
        """The actors among these users who belong to this workspace, cached like :meth:`standings`."""
        own = self._team_id
        every = ((user_id, self._known[user_id]) for user_id in await self.standings(user_ids))
        found = {
            user_id: actor_in(known.user, as_of=known.as_of, own_team=own, team_id=own, zone=self._zone)
            for user_id, known in every
        }
        return {user_id: actor for user_id, actor in found.items() if not actor.outsider}

    async def link_everybody(self) -> tuple[SlackPerson, ...]:
        """List Focus's and Slack's users again, link those with equal e-mails, and return the members.

        Placeholders are listed last, so that everybody is linked although that fails, as with a wrong
        ``FOCUS_WORKSPACE_ID``.

        Raises:
            SlackApiError: Slack does not list its members.
            FocusError: Focus does not list its users or placeholders.
        """
        now = self._clock.now()
        try:
            await self._store.directory.refresh_people(now)
            members = await self.members()
            await self._store.links.match(members, now=now)
            await self._store.directory.refresh_placeholders(now)
        finally:
            self.first_listing.set()
        return members
