"""Fixtures of the tests: a frozen clock, a local Focus or a whole office, a store on a file."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

import store as stores
from bot.manifest import manifest
from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.focus import Focus
from bot.sandbox.slack import Message
from bot.sandbox.slack.seed import BOT
from store.access import Policy
from store.claims import new_owner
from store.focus import BearerAuth, Numbering
from tests.aloud import unsaid
from tests.office import PATIENCE, Office, open_office

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loading certificates takes longer than a test
pytest_plugins = ["tests.hangs"]

# No deadline: how long an example takes depends on how busy the machine is.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

OpenStore = Callable[..., Awaitable[stores.Store]]
OpenOffice = Callable[..., AbstractAsyncContextManager[Office]]
Crowded = Callable[..., AbstractAsyncContextManager[Office]]


@pytest.fixture
def clock() -> Clock:
    """Monday, nine o'clock UTC, until it is moved."""
    return Clock(frozen_at=MONDAY)


@pytest.fixture
def focus(clock: Clock) -> Focus:
    """A local Focus, which answers over HTTP only with ``focus_url``."""
    return Focus(clock=clock)


@pytest.fixture
async def focus_url(focus: Focus) -> AsyncIterator[str]:
    """The address of the local Focus. Like a real one it completes calls whose caller has hung up."""
    app = web.Application()
    focus.add_routes(app, prefix="")
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    focus.faults.clear()
    await runner.cleanup()


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
    """Opens stores on one file, each like that of another process of the deployment."""
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


@pytest.fixture
def an_office(tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture) -> OpenOffice:
    """Opens an office with the given options; on closing, checks that nothing went wrong in it.

    That is: no message that notifies a whole channel, reports an incident or has a ``text`` that lacks
    what its blocks say; no call that Slack refused for its form; no error in the log.
    """

    @asynccontextmanager
    async def opened(**options: Any) -> AsyncIterator[Office]:
        async with open_office(tmp_path, **{"clock": clock, **options}) as office:
            await office.until_waiting(0)  # everybody is linked, and the first tick is over
            yield office
            async with asyncio.timeout(PATIENCE):
                await office.bot.desk.work.idle()
        posts = [message for posts in office.slack.posts.values() for message in posts]
        assert not [message.plain for message in posts if message.rings]
        assert not [message.plain for message in posts if "incident" in message.plain]
        said_by_us = [message for message in posts if message.user == BOT and not message.deleted]
        assert not [
            (each.text, missing)
            for each in said_by_us
            if (missing := unsaid(each.text, each.blocks, reader=_reader(office, each)))
        ]
        assert not [call.summary for call in office.sandbox.log.calls if _is_our_mistake(call.response)]
        ours = ("asyncio", "bot", "handlers", "store")
        odd = [each for each in caplog.records if each.levelname == "ERROR" or each.exc_info]
        assert not [each.getMessage() for each in odd if each.name.startswith(ours)]

    return opened


@pytest.fixture
async def office(an_office: OpenOffice) -> AsyncIterator[Office]:
    """The sandbox with the bot in it, as in ``make demo``."""
    async with an_office() as opened:
        yield opened


@pytest.fixture
def crowded(an_office: OpenOffice, clock: Clock) -> Crowded:
    """Opens an office with ``crowd`` people besides its eight; the first 200 are in @everyone-team."""

    @asynccontextmanager
    async def opened(crowd: int, *, quota: int = 600, **settings: str) -> AsyncIterator[Office]:
        scopes = manifest("/hours", socket_mode=True)
        async with Sandbox(clock=clock, manifest=scopes, people=8 + crowd) as sandbox:
            sandbox.focus.quota.limit = quota
            async with an_office(sandbox=sandbox, settings=settings) as office:
                await office.bot.desk.people.first_listing.wait()
                for verb in ("POST", "PUT", "DELETE"):  # else the first of each would be read back
                    await office.bot.desk.store.weekdays.prove(verb, now=clock.now())
                yield office

    return opened


def _reader(office: Office, message: Message) -> str:
    """The user whom a message addresses as "you"; empty if a whole channel reads it."""
    return message.ephemeral_to or office.slack.channels[message.channel].user or ""


def _is_our_mistake(response: object) -> bool:
    """Whether Slack refused a call because its arguments, blocks or scopes are wrong."""
    code = str(response.get("error", "")) if isinstance(response, dict) else ""
    return code.startswith(("invalid_arg", "invalid_blocks", "missing_scope", "no_text", "view_too", "msg_"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than cores: half the time of a run, a test waits for something that takes its time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest tests first, so that no worker is left alone with them at the end."""
    items.sort(key=lambda item: "test_torture" not in item.nodeid)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None, None, None]:
    """Warn, just before the closing line, if the browser tests were skipped."""
    yield
    skipped = [report for report in terminalreporter.getreports("skipped") if "browser" in report.keywords]
    if skipped:
        terminalreporter.section("NO BROWSER", sep="!", red=True, bold=True)
        terminalreporter.write_line(
            f"{len(skipped)} browser tests were skipped: no Chromium here. .ci/run installs one.", red=True
        )
