"""What a host asks: ``/healthz`` (is it alive), ``/readyz`` (can it work), ``/metrics`` (for Prometheus)."""

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
"""Seconds; hosts rarely wait longer for a probe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """Three pages about one bot."""

    store: Store
    connection: Connection
    metrics: Metrics
    clock: Clock

    @property
    def routes(self) -> list[web.AbstractRouteDef]:
        """Where they are."""
        return [
            web.get("/healthz", self.alive),
            web.get("/readyz", self.ready),
            web.get("/metrics", self.measured),
        ]

    async def alive(self, _: web.Request) -> web.Response:
        """Whoever can say so is."""
        return web.Response(text="alive\n")

    async def ready(self, _: web.Request) -> web.Response:
        """Whether Slack reaches it, and what it does can be written down; if not, why, a line each."""
        troubles = [trouble for trouble in (self.connection.trouble, await self._disk()) if trouble]
        text = "\n".join(troubles or ["ready"])
        return web.Response(text=f"{text}\n", status=503 if troubles else 200)

    async def measured(self, _: web.Request) -> web.Response:
        """All figures."""
        return web.Response(body=await self.metrics.page(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _disk(self) -> str:
        """A real, durable write, of nothing that anybody goes by."""
        try:
            async with asyncio.timeout(WITHIN):
                await self.store.health.try_disk(self.clock.now())
        except TimeoutError:
            return f"the database takes no write within {WITHIN:.0f} s"
        except DatabaseUnusableError as error:
            return f"the database takes no write: {error}"
        return ""
