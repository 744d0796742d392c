"""Slack's user groups and their members, read on demand and cached for ten minutes.

User groups are a paid feature of Slack; without them everything else still works.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack_errors import SLACK_TROUBLE, code_of
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
"""Slack's error codes that a retry cannot fix; all other errors are treated as temporary."""


class UserGroups:
    """The workspace's user groups, cached in the database."""

    def __init__(self, store: Store, slack: AsyncWebClient, *, clock: Clock) -> None:
        self._store = store
        self._slack = slack
        self._clock = clock
        self._looked_at: datetime | None = None
        self._one_at_a_time = asyncio.Lock()

    async def members(self, group_id: str) -> tuple[str, ...]:
        """The Slack users in a group; while Slack does not answer, a cached list up to a day old.

        Raises:
            SlackApiError: the bot may not read the group, or there is no such group.
        """
        name, as_of = (await self._store.groups.known()).get(group_id, (group_id, None))
        now = self._clock.now()
        if as_of and now - as_of <= FRESH_FOR:
            return await self._store.groups.members(group_id)
        try:
            answer = await self._slack.usergroups_users_list(usergroup=group_id)
        except SLACK_TROUBLE as error:
            if _is_refusal(error) or as_of is None or now - as_of > GROUPS_COUNT_FOR:
                raise
            log.info("user group %s as of %s: %s", group_id, as_of, error)
            return await self._store.groups.members(group_id)
        members = tuple(answer["users"])
        await self._store.groups.put(group_id, name=name, members=members, now=now)
        return members

    async def names(self) -> dict[str, str]:
        """Group id -> name of all cached groups, refreshed first; empty if Slack never listed any."""
        async with self._one_at_a_time:
            await self._look_again()
        return {group_id: name for group_id, (name, _) in (await self._store.groups.known()).items()}

    async def named(self, part: str) -> list[tuple[str, str]]:
        """The groups whose names contain ``part``: (id, ``@name``), sorted by name."""
        typed = part.casefold().removeprefix("@")
        every = sorted((await self.names()).items(), key=lambda item: item[1])
        return [(group_id, f"@{name}") for group_id, name in every if typed in name.casefold()]

    async def keep_grants_true(self) -> None:
        """Refresh the groups if any grant is for one, at most every ten minutes.

        Called before a permission is checked, since it may depend on a group's members.
        """
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
        """List all groups with their members in one call; after an error the cache stays, for up to a day."""
        if self._is_fresh():
            return
        now = self._looked_at = self._clock.now()
        try:
            answer = await self._slack.usergroups_list(include_users=True)
        except SLACK_TROUBLE as error:
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
    return isinstance(error, SlackApiError) and code_of(error) in _REFUSALS
