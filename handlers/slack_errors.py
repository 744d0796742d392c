"""What can go wrong between the bot and Slack."""

from __future__ import annotations

import aiohttp
from slack_sdk.errors import SlackApiError

__all__ = ["SLACK_TROUBLE", "NotToldError", "code_of"]

SLACK_TROUBLE = (SlackApiError, aiohttp.ClientError, TimeoutError)
"""The errors when Slack refuses a call, or its answer does not come."""


class NotToldError(aiohttp.ClientError):
    """Slack did not take the answer to a request; the request itself may have been carried out."""


def code_of(error: SlackApiError) -> str:
    """Slack's error code."""
    return str(error.response["error"])
