"""Prometheus metrics; each bot has a registry of its own."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from time import perf_counter, time

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.clients import RateLimits
from bot.connection import Connection
from store import Store
from store.act import State
from store.database import DatabaseUnusableError

__all__ = ["Metrics", "TimedApp"]

ACK_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3)
ANSWER_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
WITHIN = 1.0
"""Seconds that the database may take: a scrape does not wait for ever."""


class TimedApp(AsyncApp):
    """Bolt's app, which also measures how long each acknowledgement takes."""

    @cached_property
    def acks(self) -> Histogram:
        """Histogram of acknowledgement times; :class:`Metrics` puts it into its registry."""
        return Histogram(
            "hours_ack_seconds",
            "From what Slack sent to its acknowledgement.",
            buckets=ACK_BUCKETS,
            registry=None,
        )

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Dispatch a request, and observe the seconds until its acknowledgement."""
        began = perf_counter()
        try:
            return await super().async_dispatch(req)
        finally:
            self.acks.observe(perf_counter() - began)


class Metrics(Collector):
    """One bot's metrics; values that are kept elsewhere are read there at each scrape."""

    def __init__(
        self, store: Store, connection: Connection, acks: Histogram, *, limits: Iterable[RateLimits]
    ) -> None:
        self._store = store
        self._connection = connection
        self._limits = tuple(limits)
        self._registry = CollectorRegistry()
        self._registry.register(acks)
        self._answers = Histogram(
            "hours_answer_seconds",
            "From the acknowledgement to the end of the work; what=deliver is a message from the outbox.",
            ["what", "outcome"],
            buckets=ANSWER_BUCKETS,
            registry=self._registry,
        )
        self._waiting: int | None = None
        self._unsettled: Counter[State] | None = None
        self._registry.register(self)

    def answered(self, what: str, seconds: float, incident: bool) -> None:  # noqa: FBT001 - as Work calls it
        """Observe that a piece of work has ended, with an incident or without."""
        self._answers.labels(what, "incident" if incident else "done").observe(seconds)

    async def page(self) -> bytes:
        """All metrics in Prometheus's text format, without the database's if it does not answer in time."""
        self._waiting = self._unsettled = None
        with suppress(DatabaseUnusableError, TimeoutError):  # the other metrics are needed all the more then
            async with asyncio.timeout(WITHIN):
                self._waiting = await self._store.outbox.waiting()
                self._unsettled = await self._store.journal.unsettled()
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Describe no metrics in advance; the registry needs none."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The metrics whose values are kept elsewhere: Focus, rate limits, database, connection."""
        calls = CounterMetricFamily("hours_focus_calls", "Requests to Focus.", labels=["method", "status"])
        for (method, status), number in self._store.focus_calls().items():
            calls.add_metric([method, status], number)
        yield calls
        budget = self._store.budget
        yield GaugeMetricFamily("hours_focus_quota", "Requests to Focus in an hour.", value=budget.hourly)
        yield GaugeMetricFamily(
            "hours_focus_quota_remaining", "Requests left in this hour.", value=budget.remaining
        )
        seen = sum(each.seen for each in self._limits)
        yield CounterMetricFamily("hours_slack_429", "Times Slack asked to wait.", value=seen)
        yield from self._of_the_database()
        yield from _of_the_connection(self._connection)

    def _of_the_database(self) -> Iterator[Metric]:
        if self._waiting is not None:
            yield GaugeMetricFamily("hours_outbox_waiting", "Messages not sent yet.", value=self._waiting)
        if self._unsettled is not None:
            changes = GaugeMetricFamily(
                "hours_changes_unsettled", "Changes not at their end.", labels=["state"]
            )
            for state in (State.WAITING, State.STARTED, State.UNCLEAR):
                changes.add_metric([state.value], self._unsettled[state])
            yield changes


def _of_the_connection(connection: Connection) -> Iterator[Metric]:
    connected = not connection.trouble
    yield GaugeMetricFamily("hours_connected", "Whether Slack reaches the bot.", value=int(connected))
    if connection.connected_at is not None:
        reconnects, age = connection.connections - 1, time() - connection.connected_at
        yield CounterMetricFamily("hours_socket_reconnects", "Connections replaced.", value=reconnects)
        if connected:
            yield GaugeMetricFamily("hours_socket_age_seconds", "How long this one has lasted.", value=age)
