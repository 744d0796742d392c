"""Clients of Slack and Focus, made from the settings; the bot and the doctor use the same ones."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Protocol

import aiohttp
import httpx
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.file_upload_v2_result import FileUploadV2Result

from bot.settings import Settings
from store.focus import BearerAuth

__all__ = [
    "BrokenAnswerError",
    "RateLimits",
    "ReachesSlack",
    "SlackClient",
    "focus_auth",
    "focus_http",
    "slack_client",
    "slack_client_once",
    "slack_session",
]

SLACK_TIMEOUT = aiohttp.ClientTimeout(total=10)


class BrokenAnswerError(aiohttp.ClientError):
    """Something came that is not Slack's answer; as after a broken connection, Slack may have acted."""

    def __init__(self, url: str, status: int) -> None:
        name = url.rpartition("/")[2]
        super().__init__(f"{name}: HTTP {status}, and not an answer of Slack's")


class SlackClient(AsyncWebClient):
    """A Web API client that never takes anything for an answer of Slack's that is none.

    A proxy or load balancer on the way answers in HTML or plain text, or sends half of what came. The SDK
    makes something different of each, and for some of its errors asking for the error code fails.
    """

    async def _request(self, *, http_verb: str, api_url: str, req_args: dict[str, Any]) -> dict[str, Any]:
        """As in the SDK: the last step before it looks into the answer.

        Raises:
            BrokenAnswerError: the answer is not a JSON object of Slack's form.
        """
        try:
            answer = await super()._request(http_verb=http_verb, api_url=api_url, req_args=req_args)
        except SlackApiError as error:  # broken JSON: the error has aiohttp's response, not the SDK's
            raise BrokenAnswerError(api_url, error.response.status) from None
        if not _is_slacks(answer["data"]):
            if answer["status_code"] != 429:
                raise BrokenAnswerError(api_url, answer["status_code"])
            answer["data"] = {"ok": False, "error": "ratelimited"}
        return answer

    async def _upload_file(self, *, url: str, **how: Any) -> FileUploadV2Result:
        """As in the SDK, which sends files elsewhere and raises other errors for that.

        Raises:
            BrokenAnswerError: the file was not taken.
        """
        try:
            result = await super()._upload_file(url=url, **how)
        except SlackApiError as error:
            raise BrokenAnswerError("files.upload", error.response.status) from None
        if result.status != HTTPStatus.OK:
            raise BrokenAnswerError("files.upload", result.status)
        return result


def _is_slacks(data: object) -> bool:
    """Whether it is an object with ``ok``, and, where that is false, with an error code."""
    return isinstance(data, dict) and (data.get("ok") is True or isinstance(data.get("error"), str))


class ReachesSlack(Protocol):
    """The settings that a call to Slack needs."""

    @property
    def slack_bot_token(self) -> SecretStr:
        """The bot's token."""

    @property
    def slack_api_url(self) -> str:
        """The Web API's base address, with a slash at its end."""


class RateLimits(AsyncRateLimitErrorRetryHandler):
    """Retry handler for HTTP 429: waits as Slack asks, ``repeats`` times a call, and counts the 429s."""

    def __init__(self, *, repeats: int = 2) -> None:
        super().__init__(max_retry_count=repeats)
        self.seen = 0

    async def can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        """Count the answer if it is a 429, and decide whether to retry the call."""
        self.seen += error is None and response is not None and response.status_code == 429
        return await super().can_retry_async(state=state, request=request, response=response, error=error)


def slack_session() -> aiohttp.ClientSession:
    """Make the session that all Slack clients share; call this in the running loop, and close it."""
    return aiohttp.ClientSession(timeout=SLACK_TIMEOUT)


def slack_client(
    settings: ReachesSlack, session: aiohttp.ClientSession, *, limits: RateLimits | None = None
) -> SlackClient:
    """Make a Web API client with the bot's token that retries only rate-limited calls."""
    # Only rate limits: the SDK's default handler retries broken connections, and so posts that had arrived.
    return SlackClient(
        settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        session=session,
        retry_handlers=[limits or RateLimits()],
    )


def slack_client_once(
    settings: ReachesSlack, session: aiohttp.ClientSession, *, limits: RateLimits | None = None
) -> SlackClient:
    """Make a Web API client that never retries, because the caller decides about each retry.

    ``limits``, made with ``repeats=0``, only counts the 429s.
    """
    return SlackClient(
        settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        session=session,
        retry_handlers=[limits] if limits else [],
    )


def focus_http() -> httpx.AsyncClient:
    """Make the HTTP client for Focus; the caller closes it."""
    return httpx.AsyncClient()


def focus_auth(settings: Settings) -> httpx.Auth:
    """The authentication for Focus: the API key as Bearer, else e-mail and password as Basic."""
    if settings.focus_api_key:
        return BearerAuth(settings.focus_api_key.get_secret_value())
    password = settings.focus_password.get_secret_value() if settings.focus_password else ""
    return httpx.BasicAuth(settings.focus_email or "", password)
