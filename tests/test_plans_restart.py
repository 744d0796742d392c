"""The bot's process is killed while a plan begins: the next one begins it once, and puts it back once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest

from bot.manifest import manifest
from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from tests.office import PATIENCE, STUDIO, Office
from tests.test_journey_restart import Doomed


@pytest.fixture
async def doomed(tmp_path: Path) -> AsyncIterator[Doomed]:
    """A bot that is not started yet, in time that goes on."""
    async with Sandbox(clock=Clock(), manifest=manifest("/hours", socket_mode=True)) as sandbox:
        doomed = Doomed(sandbox, tmp_path)
        yield doomed
        await doomed.kill()


async def becomes(office: Office, week: str) -> None:
    """Let time pass until Ana's week is this: an unclear call is looked at twice, a try repeated later."""
    async with asyncio.timeout(PATIENCE):
        while office.focus_week(501) != week:
            await office.later(seconds=10)


@pytest.mark.parametrize(
    ("service", "held"),
    [("focus", "GET *workinghours*"), ("focus", "PUT *"), ("slack", "chat.postMessage")],
    ids=["before it reads", "while it writes", "before it tells"],
)
async def test_killed_while_a_plan_begins(
    doomed: Doomed, service: Literal["focus", "slack"], held: str
) -> None:
    await doomed.start()
    # Whichever day this is run on, and whichever it is already where Ana is, a Friday is among these.
    ana, last = doomed.ana, doomed.sandbox.clock.now().date() + timedelta(days=7)
    await ana.types(STUDIO, "/hours")
    await ana.sees("Your week", channel=STUDIO)
    slow = doomed.holds(service, held)
    await ana.types(STUDIO, f"/hours set fri 4 until {last}")
    await slow.reached.wait()
    await doomed.kill()
    async with doomed.successor() as office:
        await becomes(office, "8 8 8 8 4 - -")
        await office.later(seconds=9 * 86400)
        await becomes(office, "8 8 8 8 8 - -")
        await office.bot.desk.work.idle()
        assert office.focus_calls().count("PUT") == 2
        await office.later(seconds=5 * 86400)  # a morning of a day that she works
        await ana.sees("You put back your week, as planned: Fri 4 h → 8 h", channel=ana.dm)
        told = [each.plain for each in ana.messages(ana.dm)]
        assert len([text for text in told if "You changed your week, as planned" in text]) == 1
