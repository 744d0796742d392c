"""The clients of the two services, as the settings say: the bot and the doctor ask alike."""

from __future__ import annotations

from typing import Protocol

import aiohttp
import httpx
from pydantic import SecretStr
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings
from store.focus import BearerAuth

__all__ = [
    "RateLimits",
    "ReachesSlack",
    "focus_auth",
    "focus_http",
    "slack_client",
    "slack_client_once",
    "slack_session",
]

SLACK_TIMEOUT = aiohttp.ClientTimeout(total=10)


class ReachesSlack(Protocol):
    """Settings with which Slack can be called."""

    @property
    def slack_bot_token(self) -> SecretStr:
        """The bot's token."""

    @property
    def slack_api_url(self) -> str:
        """With a slash at its end."""


class RateLimits(AsyncRateLimitErrorRetryHandler):
    """Waits when Slack asks to, twice a call, and counts how often it did."""

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
        """Whether another try is due."""
        self.seen += error is None and response is not None and response.status_code == 429
        return await super().can_retry_async(state=state, request=request, response=response, error=error)


def slack_session() -> aiohttp.ClientSession:
    """The session all Slack clients share; made inside the running loop, closed by whoever asked."""
    return aiohttp.ClientSession(timeout=SLACK_TIMEOUT)


def slack_client(
    settings: ReachesSlack, session: aiohttp.ClientSession, *, limits: RateLimits | None = None
) -> AsyncWebClient:
    """Slack's Web API with the bot's token."""
    # Only rate limits are repeated: the default handler would repeat a post that had arrived.
    return AsyncWebClient(
        settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        session=session,
        retry_handlers=[limits or RateLimits()],
    )


def slack_client_once(
    settings: ReachesSlack, session: aiohttp.ClientSession, *, limits: RateLimits | None = None
) -> AsyncWebClient:
    """The same, where the caller decides about every repeat; ``limits`` only counts."""
    return AsyncWebClient(
        settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        session=session,
        retry_handlers=[limits] if limits else [],
    )


def focus_http() -> httpx.AsyncClient:
    """The connections to Focus; closed by whoever asked."""
    return httpx.AsyncClient()


def focus_auth(settings: Settings) -> httpx.Auth:
    """The key, or e-mail and password."""
    if settings.focus_api_key:
        return BearerAuth(settings.focus_api_key.get_secret_value())
    password = settings.focus_password.get_secret_value() if settings.focus_password else ""
    return httpx.BasicAuth(settings.focus_email or "", password)
