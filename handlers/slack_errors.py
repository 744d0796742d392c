"""What can go wrong between the bot and Slack."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
from slack_sdk.errors import SlackApiError

__all__ = [
    "BLOCKS_REFUSED",
    "SLACK_IS_UNWELL",
    "SLACK_TROUBLE",
    "UNCLEAR",
    "NotToldError",
    "code_of",
    "rest_of",
]

SLACK_TROUBLE = (SlackApiError, aiohttp.ClientError, TimeoutError)
"""The errors when Slack refuses a call, or its answer does not come."""

UNCLEAR = {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
"""Slack's error codes after which a post may or may not have been accepted."""

BLOCKS_REFUSED = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}
"""Slack's error codes for blocks that it rejects although it would accept the text alone."""

SLACK_IS_UNWELL = UNCLEAR | {"ratelimited", "team_added_to_org"}
"""Slack's error codes that say nothing about the request or its token."""


class NotToldError(aiohttp.ClientError):
    """Slack did not take the answer to a request; the request itself may have been carried out."""


def code_of(error: SlackApiError) -> str:
    """Slack's error code."""
    return str(error.response["error"])


def rest_of(error: SlackApiError) -> timedelta:
    """How long Slack wants to be left alone, after the code ``ratelimited``."""
    return timedelta(seconds=int(error.response.headers.get("Retry-After", 1)))
