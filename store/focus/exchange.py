"""One request to Focus and its answer: time-outs, what each failure means, the quota as last stated.

Whether a request is made again, or shared, is decided by :mod:`store.focus.client`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Generator
from datetime import datetime
from typing import Any

import httpx

from store.clock import Clock
from store.focus import wire
from store.focus.contact import Contact
from store.focus.errors import FocusError, KeyRefusedError, UnavailableError, UnclearError
from store.focus.quota import Quota, Spent, fewer_of, quota_of
from store.focus.requests import Request

__all__ = ["BearerAuth", "Exchange"]

TIMEOUT = httpx.Timeout(20, connect=5)
DEADLINE = 40.0
"""Seconds for one request with its answer; needed because httpx's time-outs restart with every packet."""

# Errors raised before any byte of the request was sent. After any other error Focus may have acted on it.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


class BearerAuth(httpx.Auth):
    """Sends ``Authorization: Bearer toggl_sk_…``; for e-mail and password use ``httpx.BasicAuth``."""

    def __init__(self, key: str) -> None:
        if not (key.isascii() and key.isprintable() and key == key.strip() and key):
            raise ValueError("a Focus key is printable ASCII without spaces around it")
        self._header = f"Bearer {key}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the key to the request."""
        request.headers["Authorization"] = self._header
        yield request


class Exchange:
    """Makes single requests with one key, and remembers what their answers say of Focus.

    Attributes:
        quota: the quota in the latest answer, good or bad, that stated one.
        spent: the requests of the last hour that may count against the quota.
        contact: when Focus last gave a good answer, and the latest failure.
        calls: the number of requests made, by method and status (``none``: no answer).
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        url: str,
        auth: httpx.Auth,
        clock: Clock,
        concurrency: int,
        on_quota: Callable[[Quota], None] | None,
        on_key: Callable[[KeyRefusedError | None], None] | None,
    ) -> None:
        self.quota = Quota(as_of=clock.now())
        self.spent = Spent()
        self.contact = Contact()
        self.calls: Counter[tuple[str, str]] = Counter()
        self._http = http
        self._url = str(httpx.URL(url)).rstrip("/")
        self._auth = auth
        self._clock = clock
        self._lanes = asyncio.Semaphore(concurrency)
        self._on_quota = on_quota
        self._on_key = on_key

    async def make(self, asked: Request) -> tuple[Any, datetime]:
        """Make one request; return its answer and the time it was sent.

        Raises:
            FocusError: it did not succeed; its kind tells whether it may have had an effect.
        """
        try:
            answer = await self._answer(asked)
        except FocusError as error:
            self.contact = self.contact.failed(error, self._clock.now())
            if self._on_key and isinstance(error, KeyRefusedError):
                self._on_key(error)
            raise
        self.contact = self.contact.answered(self._clock.now())
        if self._on_key:
            self._on_key(None)
        return answer

    async def _answer(self, asked: Request) -> tuple[Any, datetime]:
        async with self._lanes:
            sent_at, known = self._clock.now(), self.quota
            try:
                async with asyncio.timeout(DEADLINE):
                    answer = await self._http.request(
                        asked.method,
                        self._url + asked.path,
                        params=asked.query or None,
                        content=asked.body,
                        headers={"Content-Type": "application/json", "Accept": "application/json"},
                        auth=self._auth,
                        timeout=TIMEOUT,
                        follow_redirects=False,  # neither a write nor the key may go to another address
                    )
            except (httpx.RequestError, TimeoutError) as error:
                self.calls[asked.method, "none"] += 1
                if not isinstance(error, _NEVER_SENT):
                    self.spent.add(self._clock.now())
                raise _unanswered(asked, error) from error
        self.calls[asked.method, str(answer.status_code)] += 1
        now = self._clock.now()
        if answer.status_code != 402:
            self.spent.add(now)
        quota = quota_of(answer.status_code, answer.headers, now=now)
        if quota:
            if self.quota is not known:  # others were answered meanwhile
                quota = fewer_of(quota, self.quota)
            self.quota = quota
            if self._on_quota:
                self._on_quota(quota)
        value = wire.decipher(answer.status_code, answer.headers, answer.content, asked=asked, now=now)
        return value, sent_at


def _unanswered(asked: Request, error: Exception) -> FocusError:
    what = f"{type(error).__name__} {error}".strip()
    if isinstance(error, _NEVER_SENT):
        return UnavailableError(f"Focus was not reached ({what})", asked=str(asked))
    kind = UnclearError if asked.writes else UnavailableError
    return kind(f"no answer ({what})", asked=str(asked))
