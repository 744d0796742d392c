"""The workspace's members, cached in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.local import ENGLISH, Local, local_of
from handlers.slack_errors import code_of
from handlers.slack_users import Standing, everybody, person_in, standing_of, zone_in
from store.clock import Clock
from store.links import SlackPerson

__all__ = ["Members"]

FRESH_FOR = timedelta(minutes=10)

ONE_BY_ONE = 20
"""Unknown users up to this number are looked up one by one; for more the whole workspace is listed."""


@dataclass(frozen=True, slots=True)
class _Known:
    user: Mapping[str, Any]
    as_of: datetime


class Members:
    """The Slack users of one workspace, whether they are in Focus or not."""

    def __init__(self, slack: AsyncWebClient, *, team_id: str, zone: str, clock: Clock) -> None:
        self._slack = slack
        self._team_id = team_id
        self._zone = zone
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._dms: dict[str, str] = {}

    def learn_dm(self, user_id: str, channel: str) -> None:
        """Remember the channel id of the bot's conversation with a person."""
        self._dms[user_id] = channel

    async def dm(self, user_id: str) -> str:
        """The channel id of the bot's conversation with a person, cached.

        Raises:
            SlackApiError: Slack cannot open one.
        """
        if user_id not in self._dms:
            answer = await self._slack.conversations_open(users=user_id)
            self.learn_dm(user_id, answer["channel"]["id"])
        return self._dms[user_id]

    def forget(self, user_id: str) -> None:
        """Remove a person whose data was erased from the caches."""
        self._known.pop(user_id, None)
        self._dms.pop(user_id, None)

    async def zone_of(self, user_id: str | None) -> str:
        """The IANA zone of a Slack user; the deployment's zone for ``None``.

        Raises:
            SlackApiError: Slack does not return the user.
        """
        known = (await self._user(user_id)).user if user_id else {}
        return zone_in(known, default=self._zone)

    def changed(self, user: Mapping[str, Any]) -> None:
        """Replace the cached profile of a user that Slack reports as changed (``user_change``)."""
        before = self._known.get(str(user["id"]))
        locale = before.user.get("locale") if before else None
        # Without a locale in the event, mark the entry as stale so that the next request reads it again.
        as_of = self._clock.now() if "locale" in user else datetime.min.replace(tzinfo=UTC)
        self._known[str(user["id"])] = _Known({"locale": locale, **user}, as_of)

    def local(self, user_id: str) -> Local:
        """The person's locale if it is cached, else English."""
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
                if code_of(error) not in {"user_not_found", "user_not_visible"}:
                    raise
                user = {"id": user_id, "deleted": True}
            known = self._known[user_id] = _Known(user, self._clock.now())
        return known

    async def slack_person(self, user_id: str) -> SlackPerson:
        """The facts about one Slack user that linking needs.

        Raises:
            SlackApiError: Slack does not return the user.
        """
        return person_in((await self._user(user_id)).user)

    def is_app(self, user_id: str) -> bool:
        """Whether the user is known to be an app; complete once the whole workspace was listed."""
        known = self._known.get(user_id)
        return known is not None and standing_of(known.user, team_id=self._team_id) is Standing.BOT

    async def standings(self, user_ids: Sequence[str]) -> dict[str, Standing]:
        """Each user's standing, from the cache of any age, since ``user_change`` events keep it up to date.

        Raises:
            SlackApiError: Slack does not return a user who is not cached.
        """
        if sum(user_id not in self._known for user_id in user_ids) > ONE_BY_ONE:
            await self.members()
        found = {}
        for user_id in user_ids:
            known = self._known.get(user_id) or await self._user(user_id)
            found[user_id] = standing_of(known.user, team_id=self._team_id)
        return found

    async def members(self) -> tuple[SlackPerson, ...]:
        """List the whole workspace, refresh the cache, and return the facts that linking needs."""
        now = self._clock.now()
        found = []
        async for user in everybody(self._slack):
            self._known[str(user["id"])] = _Known(user, now)
            found.append(person_in(user))
        return tuple(found)
