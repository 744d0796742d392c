"""What the tests stand on: a local Focus over real HTTP, a clock that stands still, and a store on a file."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import store as stores
from bot.sandbox.clock import Clock
from bot.sandbox.focus import Focus
from store.access import Policy
from store.claims import new_owner
from store.focus import BearerAuth, Numbering

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loading certificates takes longer than a test
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

OpenStore = Callable[..., Awaitable[stores.Store]]


@pytest.fixture
def clock() -> Clock:
    """Monday, nine o'clock UTC, until it is moved."""
    return Clock(frozen_at=MONDAY)


@pytest.fixture
def focus(clock: Clock) -> Focus:
    """A local Focus; whoever needs it on a port takes ``focus_url`` too."""
    return Focus(clock=clock)


@pytest.fixture
async def focus_url(focus: Focus) -> AsyncIterator[str]:
    """Where the local Focus answers."""
    app = web.Application()
    focus.add_routes(app)
    async with TestServer(app) as server:
        yield str(server.make_url("/focus/api"))


@pytest.fixture
def config(focus: Focus, focus_url: str, tmp_path: Path) -> stores.Config:
    """A deployment against the local Focus, with Olivia as admin."""
    return stores.Config(
        team_id="T0SANDBOX",
        database=tmp_path / "hours.db",
        focus_url=focus_url,
        focus_auth=BearerAuth(focus.key),
        organization_id=focus.organization_id,
        workspace_id=focus.workspace_id,
        weekdays=Numbering.SUNDAY0,
        policy=Policy(admins=frozenset({"U0OLIVIA"})),
    )


@pytest.fixture
async def open_store(config: stores.Config, clock: Clock) -> AsyncIterator[OpenStore]:
    """Opens stores on one file: each is what another process of the deployment would have."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, verify=NO_TLS))

        async def another(**settings: Any) -> stores.Store:
            own = replace(config, **{"owner": new_owner(), **settings})
            opened = await stores.open(own, http=http, clock=clock)
            stack.push_async_callback(opened.close)
            return opened

        yield another


@pytest.fixture
async def store(open_store: OpenStore) -> stores.Store:
    """The store of a process that has just started."""
    return await open_store()
