"""The HTTP client for Focus: it retries reads but never writes, and tells certain failures from unclear ones.

Requests are built in :mod:`store.focus.requests`; answers are parsed in :mod:`store.focus.wire` and
:mod:`store.focus.calendar`.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import random
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypeVar

import httpx

from store.clock import Clock
from store.focus import calendar, wire
from store.focus.calendar import Holiday, TimeOff
from store.focus.contact import Contact
from store.focus.errors import FocusError, KeyRefusedError, SlowDownError, UnavailableError, UnclearError
from store.focus.flights import Flights
from store.focus.numbering import Numbering
from store.focus.quota import Quota, Spent, quota_of
from store.focus.requests import (
    PAGE_SIZE,
    PEOPLE_AT_ONCE,
    Api,
    Request,
    create_body,
    delete_body,
    update_body,
)
from store.focus.wire import FocusPerson, Placeholder, Reading
from store.week import Hours, Row, Subject, Weekday

__all__ = ["BearerAuth", "FocusClient"]

TIMEOUT = httpx.Timeout(20, connect=5)
DEADLINE = 40.0
"""Seconds for one request with its answer; needed because httpx's time-outs restart with every packet."""

BACK_OFF = (0.5, 1.0, 2.0)
"""Seconds before each retry of a read, lengthened at random by up to half."""

PATIENCE = timedelta(seconds=30)
"""No retry begins later than this after the first attempt, whatever ``Retry-After`` asks for."""

# Errors raised before any byte of the request was sent. After any other error Focus may have acted on it.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

T = TypeVar("T", FocusPerson, Placeholder)


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


class FocusClient:
    """The client for one organization and one key.

    Every request method raises :class:`~store.focus.errors.FocusError` and nothing else. A write that is
    *cancelled* is as unclear as one that raises ``UnclearError``.

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
        organization_id: int,
        workspace_id: int | None,
        auth: httpx.Auth,
        clock: Clock,
        concurrency: int = 32,
        jitter: Callable[[], float] = random.random,
        on_quota: Callable[[Quota], None] | None = None,
        on_key: Callable[[KeyRefusedError | None], None] | None = None,
        on_wait: Callable[[], None] | None = None,
    ) -> None:
        """Store the connection and the settings.

        Args:
            http: created and closed by the caller, who decides about proxies.
            url: the address before ``/organizations/…``, such as ``https://focus.toggl.com/api``.
            organization_id: as in the address of Focus's web pages.
            workspace_id: as there; needed for placeholders and capacities.
            auth: :class:`BearerAuth`, or ``httpx.BasicAuth`` for e-mail and password.
            clock: for waits between attempts, and for every "as of".
            concurrency: how many requests may be in flight at once; the others wait.
            jitter: returns a random number from 0 to 1.
            on_quota: called with every quota that Focus states.
            on_key: called with every refusal of the key, and with ``None`` when the key was accepted.
            on_wait: called in the context of each caller who is about to wait for Focus.
        """
        self.quota = Quota(as_of=clock.now())
        self.contact = Contact()
        self.spent = Spent()
        self.calls: Counter[tuple[str, str]] = Counter()
        self._http = http
        self._url = str(httpx.URL(url)).rstrip("/")
        self._api = Api(organization=organization_id, workspace=workspace_id)
        self._auth = auth
        self._clock = clock
        self._lanes = asyncio.Semaphore(concurrency)
        self._jitter = jitter
        self._on_quota = on_quota
        self._on_key = on_key
        self._on_wait = on_wait
        self._reads: Flights[Request, tuple[Any, datetime]] = Flights()

    @property
    def has_workspace(self) -> bool:
        """Whether a workspace is configured, so that placeholders and capacities can be requested."""
        return self._api.workspace is not None

    async def read(self, subject: Subject, *, shared: bool = True) -> Reading:
        """Read the subject's rows: one GET, shared with callers who ask for the same while it is in flight.

        With ``shared=False`` a new request is made now: a writer must not compare with data older than its
        claim.
        """
        asked = self._api.hours("GET", subject)
        answer, as_of = await self._get(asked, shared=shared)
        return Reading(rows=wire.rows_in(answer, asked=asked), as_of=as_of)

    async def create(
        self, subject: Subject, days: Mapping[Weekday, Hours], *, numbering: Numbering
    ) -> Reading:
        """Create a row for each of these days, which must not have one yet: one POST.

        It is not documented whether Focus answers with the whole week or only with the new rows.
        """
        return await self._put(subject, "POST", create_body(days, numbering=numbering))

    async def update(self, subject: Subject, rows: Iterable[Row], *, numbering: Numbering) -> Reading:
        """Set the hours of existing rows, by their ids: one PUT; answered as :meth:`create`."""
        return await self._put(subject, "PUT", update_body(rows, numbering=numbering))

    async def delete(self, subject: Subject, ids: Iterable[int]) -> None:
        """Delete the rows with these ``working_hour_id``: one DELETE."""
        await self._write(subject, self._api.hours("DELETE", subject, body=delete_body(ids)))

    async def people(self) -> tuple[FocusPerson, ...]:
        """Read all users of the organization who have an account: one GET per hundred."""
        return await self._list(self._api.people, wire.people_in)

    async def placeholders(self, *, embodied: bool = False) -> tuple[Placeholder, ...]:
        """Read all placeholders of the workspace: one GET per hundred.

        Args:
            embodied: include those that have become users.
        """
        page_of = functools.partial(self._api.placeholders, embodied=embodied)
        return await self._list(page_of, wire.placeholders_in)

    async def time_off(self, user_ids: Iterable[int], start: date, end: date) -> tuple[TimeOff, ...]:
        """Read these users' time off from ``start`` to ``end``, both included: one GET per hundred people."""
        found: list[TimeOff] = []
        for people in _at_once(user_ids):
            asked = self._api.time_off(people, start, end)
            answer, _ = await self._get(asked)
            found += calendar.time_off_in(answer, asked=asked)
        return tuple(found)

    async def holidays(self) -> tuple[Holiday, ...]:
        """Read the organization's public holidays, sorted by date: one GET."""
        asked = self._api.holidays()
        answer, _ = await self._get(asked)
        return calendar.holidays_in(answer, asked=asked)

    async def capacities(
        self, user_ids: Iterable[int], start: date, end: date
    ) -> dict[int, Mapping[date, Hours]]:
        """Read each user's hours on each day from ``start`` to ``end``: one GET per hundred people.

        Focus gives whole minutes, and does not distinguish a day that is off from one that is not set. Users
        whom Focus does not name are missing in the result.
        """
        found: dict[int, Mapping[date, Hours]] = {}
        for people in _at_once(user_ids):
            asked = self._api.capacities(people, start, end)
            answer, _ = await self._get(asked)
            found |= calendar.capacities_in(answer, asked=asked)
        return found

    async def settings(self) -> Any:
        """Read the key owner's settings, as Focus's JSON: a test that Focus answers and accepts the key."""
        answer, _ = await self._get(self._api.settings())
        return answer

    async def _put(self, subject: Subject, method: Literal["POST", "PUT"], body: str) -> Reading:
        asked = self._api.hours(method, subject, body=body)
        answer, as_of = await self._write(subject, asked)
        return Reading(rows=wire.rows_in(answer, asked=asked), as_of=as_of)

    async def _list(
        self, page_of: Callable[[int], Request], items_in: Callable[..., tuple[T, ...]]
    ) -> tuple[T, ...]:
        """Read all pages, until one is short or empty, repeats the one before, or completes the total."""
        found: dict[int, T] = {}  # by id: a list that grows meanwhile contains some items twice
        seen, previous = 0, None
        for number in itertools.count(1):
            asked = page_of(number)
            answer, _ = await self._get(asked)
            page = wire.page_in(answer, asked=asked)
            found |= {item.id: item for item in items_in(page.items, asked=asked)}
            seen += len(page.items)
            ended = len(page.items) < PAGE_SIZE if page.total is None else seen >= page.total
            if ended or not page.items or page.items == previous:
                break
            previous = page.items
        return tuple(found.values())

    async def _get(self, asked: Request, *, shared: bool = True) -> tuple[Any, datetime]:
        self._about_to_wait()
        if not shared:
            return await self._insist(asked)
        return await self._reads.join(asked, lambda: self._insist(asked))

    async def _insist(self, asked: Request) -> tuple[Any, datetime]:
        """Make a read request, with retries after errors that may pass."""
        began, pauses = self._clock.now(), iter(BACK_OFF)
        while True:
            try:
                return await self._exchange(asked)
            except (SlowDownError, UnavailableError) as error:
                pause = next(pauses, None)
                if pause is None:
                    raise
                wait = max(pause * (1 + self._jitter() / 2), error.retry_after or 0.0)
                if self._clock.now() + timedelta(seconds=wait) > began + PATIENCE:
                    raise
            await self._clock.sleep(wait)

    async def _write(self, subject: Subject, asked: Request) -> tuple[Any, datetime]:
        """Make a write request once. Reads begun before its end are not shared with later callers."""
        self._about_to_wait()
        try:
            return await self._exchange(asked)
        finally:
            self._reads.forget(self._api.hours("GET", subject))

    def _about_to_wait(self) -> None:
        if self._on_wait:
            self._on_wait()

    async def _exchange(self, asked: Request) -> tuple[Any, datetime]:
        """Make one request; return its answer and the time it was sent."""
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
            sent_at = self._clock.now()
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
            self.quota = quota
            if self._on_quota:
                self._on_quota(quota)
        value = wire.decipher(answer.status_code, answer.headers, answer.content, asked=asked, now=now)
        return value, sent_at


def _at_once(user_ids: Iterable[int]) -> Iterator[list[int]]:
    """Split users into groups that one request may name, sorted, so that equal requests can be shared."""
    people = sorted(set(user_ids))
    return (people[start : start + PEOPLE_AT_ONCE] for start in range(0, len(people), PEOPLE_AT_ONCE))


def _unanswered(asked: Request, error: Exception) -> FocusError:
    what = f"{type(error).__name__} {error}".strip()
    if isinstance(error, _NEVER_SENT):
        return UnavailableError(f"Focus was not reached ({what})", asked=str(asked))
    kind = UnclearError if asked.writes else UnavailableError
    return kind(f"no answer ({what})", asked=str(asked))
