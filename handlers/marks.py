"""Post a message that carries a mark, and find it again by its mark.

Slack may accept a post without confirming it, and does not reliably deduplicate by ``client_msg_id``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from handlers.desk import Desk
from handlers.slack_errors import code_of
from handlers.views.blocks import Reply

__all__ = ["Mark", "UnsearchableError", "find", "post"]

CLOCKS_DIFFER = timedelta(minutes=5)
"""The largest assumed difference between Slack's clock and ours."""

PAGE, PAGES = 200, 5
"""Messages per page of a channel's history, and how many pages are searched at most."""

_UNREADABLE = {"channel_not_found", "is_archived", "missing_scope", "no_permission", "not_in_channel"}
"""Slack's error codes for a conversation whose history the bot may not read."""


class UnsearchableError(Exception):
    """It cannot be known whether the message is there: the history may not be read, or is too long."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What distinguishes one message from all others, invisibly."""

    client_msg_id: str
    """A UUID, equal in every attempt to post the message, so that Slack can deduplicate."""
    event_type: str
    """The type of the message's metadata; https://docs.slack.dev/messaging/message-metadata."""
    payload: Mapping[str, str]
    """The metadata itself, by which the message is found again."""


async def post(desk: Desk, channel: str, reply: Reply, mark: Mark) -> AsyncSlackResponse:
    """Post a message with its mark, once: the caller decides what a failure means.

    Raises:
        SlackApiError: Slack refuses, perhaps with ``duplicate_message``.
        aiohttp.ClientError, TimeoutError: no answer; the message may be there.
    """
    return await desk.slack_once.chat_postMessage(
        channel=channel,
        text=reply.text,
        blocks=reply.blocks,
        unfurl_links=False,
        client_msg_id=mark.client_msg_id,
        metadata={"event_type": mark.event_type, "event_payload": {**mark.payload}},
    )


async def find(
    desk: Desk, channel: str, mark: Mark, *, since: datetime, until: datetime | None = None
) -> str | None:
    """The ``ts`` of the message in a channel (``C…``) or direct message (``D…``); ``None``: it is not there.

    Raises:
        UnsearchableError: the bot lacks the scope, is not in the channel, or too much was posted since.
        SlackApiError: Slack refuses for another reason.
    """
    if not channel.startswith("D") and not desk.reads_channels:
        raise UnsearchableError
    try:
        async for posted in _history(desk, channel, since=since, until=until):
            metadata = posted.get("metadata") or {}
            if metadata.get("event_payload") == {**mark.payload}:
                return str(posted["ts"])
    except SlackApiError as error:
        if code_of(error) in _UNREADABLE:
            raise UnsearchableError from error
        raise
    return None


async def _history(
    desk: Desk, channel: str, *, since: datetime, until: datetime | None
) -> AsyncIterator[Mapping[str, Any]]:
    cursor = ""
    for _ in range(PAGES):
        page = await desk.slack_once.conversations_history(
            channel=channel,
            oldest=str((since - CLOCKS_DIFFER).timestamp()),
            latest=str((until + CLOCKS_DIFFER).timestamp()) if until else None,
            include_all_metadata=True,
            limit=PAGE,
            cursor=cursor or None,
        )
        for posted in page["messages"]:
            yield posted
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return
    raise UnsearchableError
