"""The client for Focus: what can be asked of it; equal reads are shared, reads are retried, writes never.

Requests are built in :mod:`store.focus.requests` and made in :mod:`store.focus.exchange`; answers are parsed
in :mod:`store.focus.wire` and :mod:`store.focus.calendar`.
"""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypeVar

import httpx

from store.clock import Clock
from store.focus import calendar, wire
from store.focus.calendar import Holiday, TimeOff
from store.focus.contact import Contact
from store.focus.errors import KeyRefusedError, SlowDownError, UnavailableError
from store.focus.exchange import Exchange
from store.focus.flights import Flights
from store.focus.numbering import Numbering
from store.focus.quota import Quota
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

__all__ = ["FocusClient"]

BACK_OFF = (0.5, 1.0, 2.0)
"""Seconds before each retry of a read, lengthened at random by up to half."""

PATIENCE = timedelta(seconds=30)
"""No retry begins later than this after the first attempt, whatever ``Retry-After`` asks for."""

T = TypeVar("T", FocusPerson, Placeholder)


class FocusClient:
    """The client for one organization and one key.

    Every request method raises :class:`~store.focus.errors.FocusError` and nothing else. A write that is
    *cancelled* is as unclear as one that raises ``UnclearError``. ``quota``, ``spent``, ``contact`` and
    ``calls`` are those of its :class:`~store.focus.exchange.Exchange`.
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
            auth: :class:`~store.focus.exchange.BearerAuth`, or ``httpx.BasicAuth`` for e-mail and password.
            clock: for waits between attempts, and for every "as of".
            concurrency: how many requests may be in flight at once; the others wait.
            jitter: returns a random number from 0 to 1.
            on_quota: called with every quota that Focus states.
            on_key: called with every refusal of the key, and with ``None`` when the key was accepted.
            on_wait: called in the context of each caller who is about to wait for Focus.
        """
        self._exchange = Exchange(
            http, url=url, auth=auth, clock=clock, concurrency=concurrency, on_quota=on_quota, on_key=on_key
        )
        self.spent, self.calls = self._exchange.spent, self._exchange.calls
        self._api = Api(organization=organization_id, workspace=workspace_id)
        self._clock = clock
        self._jitter = jitter
        self._on_wait = on_wait
        self._reads: Flights[Request, tuple[Any, datetime]] = Flights()

    @property
    def quota(self) -> Quota:
        """The quota in the latest answer, good or bad, that stated one."""
        return self._exchange.quota

    @property
    def contact(self) -> Contact:
        """When Focus last gave a good answer, and the latest failure."""
        return self._exchange.contact

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
                return await self._exchange.make(asked)
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
            return await self._exchange.make(asked)
        finally:
            self._reads.forget(self._api.hours("GET", subject))

    def _about_to_wait(self) -> None:
        if self._on_wait:
            self._on_wait()


def _at_once(user_ids: Iterable[int]) -> Iterator[list[int]]:
    """Split users into groups that one request may name, sorted, so that equal requests can be shared."""
    people = sorted(set(user_ids))
    return (people[start : start + PEOPLE_AT_ONCE] for start in range(0, len(people), PEOPLE_AT_ONCE))
