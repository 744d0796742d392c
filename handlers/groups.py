"""Slack's user groups: who is in one, read when it is needed and kept for ten minutes.

A paid feature of Slack's: where there are none, everything else works.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from store import Store
from store.access import GROUP, GROUPS_COUNT_FOR
from store.clock import Clock

__all__ = ["UserGroups"]

log = logging.getLogger(__name__)

FRESH_FOR = timedelta(minutes=10)

_REFUSALS = {
    "missing_scope",
    "no_such_subteam",
    "not_allowed_token_type",
    "plan_upgrade_required",
    "subteam_not_found",
}
"""What no repeat mends; anything else is Slack's trouble of the moment."""


class UserGroups:
    """The workspace's user groups, as Slack tells of them."""

    def __init__(self, store: Store, slack: AsyncWebClient, *, clock: Clock) -> None:
        self._store = store
        self._slack = slack
        self._clock = clock
        self._looked_at: datetime | None = None
        self._one_at_a_time = asyncio.Lock()

    async def members(self, group_id: str) -> tuple[str, ...]:
        """The Slack users in a group; where Slack does not answer now, as it last told within a day.

        Raises:
            SlackApiError: it may not be read, or there is no such group.
        """
        name, as_of = (await self._store.groups.known()).get(group_id, (group_id, None))
        now = self._clock.now()
        if as_of and now - as_of <= FRESH_FOR:
            return await self._store.groups.members(group_id)
        try:
            answer = await self._slack.usergroups_users_list(usergroup=group_id)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            if _is_refusal(error) or as_of is None or now - as_of > GROUPS_COUNT_FOR:
                raise
            log.info("user group %s as of %s: %s", group_id, as_of, error)
            return await self._store.groups.members(group_id)
        members = tuple(answer["users"])
        await self._store.groups.put(group_id, name=name, members=members, now=now)
        return members

    async def names(self) -> dict[str, str]:
        """Group id -> name, of all groups; none where there are none, or Slack does not list them."""
        async with self._one_at_a_time:
            await self._look_again()
        return {group_id: name for group_id, (name, _) in (await self._store.groups.known()).items()}

    async def named(self, part: str) -> list[tuple[str, str]]:
        """Those with this in their names: (id, ``@name``), in the order of the names."""
        typed = part.casefold().removeprefix("@")
        every = sorted((await self.names()).items(), key=lambda item: item[1])
        return [(group_id, f"@{name}") for group_id, name in every if typed in name.casefold()]

    async def keep_grants_true(self) -> None:
        """Before somebody is judged: read anew the groups that grants are for, at most every ten minutes."""
        if self._is_fresh():
            return
        async with self._one_at_a_time:
            if self._is_fresh():
                return
            granted = {grant.scope for grant in await self._store.access.grants()}
            if any(scope.startswith(GROUP) for scope in granted):
                await self._look_again()

    def _is_fresh(self) -> bool:
        return self._looked_at is not None and self._clock.now() - self._looked_at <= FRESH_FOR

    async def _look_again(self) -> None:
        """One call for all groups with their members; what cannot be read stays as it was, for a day."""
        if self._is_fresh():
            return
        now = self._looked_at = self._clock.now()
        try:
            answer = await self._slack.usergroups_list(include_users=True)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.info("user groups were not listed: %s", error)
            return
        listed = {str(group["id"]): group for group in answer["usergroups"]}
        for group_id, group in listed.items():
            name = str(group.get("handle") or group.get("name") or group_id)
            await self._store.groups.put(group_id, name=name, members=_users(group), now=now)
        for group_id in (await self._store.groups.known()).keys() - listed:
            await self._store.groups.forget(group_id)


def _users(group: dict[str, Iterable[str]]) -> tuple[str, ...]:
    return tuple(group.get("users") or ())


def _is_refusal(error: Exception) -> bool:
    return isinstance(error, SlackApiError) and error.response["error"] in _REFUSALS
