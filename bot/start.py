"""What Slack has to confirm before the bot starts: who it is, and that its audit channel is private."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from handlers.audiences import exposed
from handlers.slack_errors import SLACK_IS_UNWELL, code_of

__all__ = ["StartError", "require_unexposed", "who_am_i"]


class StartError(Exception):
    """The bot cannot start; the text says what to do."""


async def who_am_i(slack: AsyncWebClient) -> AsyncSlackResponse:
    """Call ``auth.test`` once at start; Bolt would call it for each of the first requests.

    Raises:
        StartError: Slack refuses the token, or cannot be reached.
    """
    with _asking(slack, refused="Slack does not accept SLACK_BOT_TOKEN ({code}): copy it again."):
        return await slack.auth_test()


async def require_unexposed(channel: str | None, slack: AsyncWebClient) -> None:
    """Require that the audit channel is private and not shared, because it receives everybody's hours.

    Raises:
        StartError: it is public or shared, or Slack does not say.
    """
    if channel is None:
        return
    refused = "HOURS_AUDIT_CHANNEL cannot be looked at ({code}): invite the bot to it, or correct the id."
    with _asking(slack, refused=refused):
        answer = await slack.conversations_info(channel=channel)
    match exposed(answer["channel"]):
        case "is_public":
            raise StartError("HOURS_AUDIT_CHANNEL is a public channel. Choose a private one.")
        case "is_shared":
            raise StartError(
                "HOURS_AUDIT_CHANNEL is shared with another organization, or about to be. Choose another"
                " private channel."
            )


@contextmanager
def _asking(slack: AsyncWebClient, *, refused: str) -> Iterator[None]:
    try:
        yield
    except SlackApiError as error:
        code = code_of(error)
        if code in SLACK_IS_UNWELL:
            raise StartError(f"Slack cannot answer now ({code}): start again in a minute.") from error
        raise StartError(refused.format(code=code)) from error
    except (aiohttp.ClientError, TimeoutError) as error:
        said = str(error) or type(error).__name__
        raise StartError(f"Slack cannot be reached at {slack.base_url}: {said}") from error
