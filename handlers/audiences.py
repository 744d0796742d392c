"""A channel's facts and members, cached for a minute so that simultaneous reminders ask Slack once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from store.clock import Clock

__all__ = ["Audiences", "exposed"]

FRESH_FOR = timedelta(minutes=1)
PAGE = 200


def exposed(channel: Mapping[str, Any]) -> str:
    """Why hours may not be posted in a channel: ``is_public``, ``is_shared``, or empty if they may.

    Args:
        channel: the channel object of Slack's conversations.info.
    """
    if not channel.get("is_private"):
        return "is_public"
    shared = any(channel.get(flag) for flag in ("is_ext_shared", "is_org_shared", "is_pending_ext_shared"))
    return "is_shared" if shared else ""


@dataclass(frozen=True, slots=True)
class _Told:
    answer: asyncio.Task[Any]
    as_of: datetime

    def counts(self, now: datetime) -> bool:
        """Whether the entry may still be used: in flight or recent; failures are never cached."""
        failed = self.answer.done() and (self.answer.cancelled() or self.answer.exception() is not None)
        return not failed and now - self.as_of < FRESH_FOR


class Audiences:
    """Channel facts and members, at most a minute old; equal requests in flight are shared."""

    def __init__(self, slack: AsyncWebClient, *, clock: Clock) -> None:
        self._slack = slack
        self._clock = clock
        self._told: dict[tuple[str, str], _Told] = {}

    async def is_shared(self, channel: str) -> bool:
        """Whether the channel is shared with other organizations.

        Raises:
            SlackApiError: the bot may not see the channel, or it does not exist.
        """
        facts: Mapping[str, Any] = await self._once("facts", channel, self._ask_about)
        return bool(facts.get("is_ext_shared") or facts.get("is_org_shared"))

    async def exposed(self, channel: str) -> str:
        """Apply :func:`exposed` to the channel's current facts.

        Raises:
            SlackApiError: as :meth:`is_shared`.
        """
        return exposed(await self._once("facts", channel, self._ask_about))

    async def members(self, channel: str) -> tuple[str, ...]:
        """The ids of all users in the channel, apps included.

        Raises:
            SlackApiError: as :meth:`is_shared`.
        """
        members: tuple[str, ...] = await self._once("members", channel, self._list_members)
        return members

    async def _once(self, what: str, channel: str, ask: Callable[[str], Awaitable[Any]]) -> Any:
        now = self._clock.now()
        told = self._told.get((what, channel))
        if told is None or not told.counts(now):
            self._told = {key: each for key, each in self._told.items() if each.counts(now)}
            told = self._told[what, channel] = _Told(asyncio.ensure_future(ask(channel)), now)
        return await asyncio.shield(told.answer)  # a cancelled waiter must not cancel the others' request

    async def _ask_about(self, channel: str) -> Mapping[str, Any]:
        facts: Mapping[str, Any] = (await self._slack.conversations_info(channel=channel))["channel"]
        return facts

    async def _list_members(self, channel: str) -> tuple[str, ...]:
        found: list[str] = []
        cursor = ""
        while True:
            page = await self._slack.conversations_members(channel=channel, limit=PAGE, cursor=cursor)
            found.extend(page["members"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return tuple(found)
