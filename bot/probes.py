"""The host's HTTP probes: ``/healthz`` (liveness), ``/readyz`` (readiness), ``/metrics`` (Prometheus)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.connection import Connection
from bot.metrics import Metrics
from store import Store
from store.clock import Clock
from store.database import DatabaseUnusableError

__all__ = ["Probes"]

WITHIN = 1.0
"""Seconds that the database may take; hosts rarely wait longer for a probe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """The probes of one bot."""

    store: Store
    connection: Connection
    metrics: Metrics
    clock: Clock

    @property
    def routes(self) -> list[web.AbstractRouteDef]:
        """The routes of all three probes."""
        return [
            web.get("/healthz", self.alive),
            web.get("/readyz", self.ready),
            web.get("/metrics", self.measured),
        ]

    async def alive(self, _: web.Request) -> web.Response:
        """Liveness: answers as long as the event loop runs."""
        return web.Response(text="alive\n")

    async def ready(self, _: web.Request) -> web.Response:
        """Readiness: 200 if Slack reaches the bot and the database takes writes, else 503 and the reasons."""
        troubles = [trouble for trouble in (self.connection.trouble, await self._disk()) if trouble]
        text = "\n".join(troubles or ["ready"])
        return web.Response(text=f"{text}\n", status=503 if troubles else 200)

    async def measured(self, _: web.Request) -> web.Response:
        """All metrics, for Prometheus."""
        return web.Response(body=await self.metrics.page(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _disk(self) -> str:
        """Try a durable write of a value that nothing uses; return why it failed, or an empty string."""
        try:
            async with asyncio.timeout(WITHIN):
                await self.store.health.try_disk(self.clock.now())
        except TimeoutError:
            return f"the database takes no write within {WITHIN:.0f} s"
        except DatabaseUnusableError as error:
            return f"the database takes no write: {error}"
        return ""
