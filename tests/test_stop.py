"""SIGTERM: nothing more is taken, what runs is finished, the next start goes on; over both transports."""

from __future__ import annotations

import asyncio
import math
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.manifest import manifest
from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human
from bot.sandbox.slack.delivery import Parcel
from tests.office import PATIENCE, STUDIO
from tests.ports import free_port
from tests.process import BotProcess, running


@dataclass(frozen=True, slots=True)
class Host:
    """Where the bot runs, one process after the other."""

    sandbox: Sandbox
    folder: Path
    port: int | None

    @property
    def ana(self) -> Human:
        return self.sandbox.slack.human("U0ANA")

    def start(self) -> AbstractAsyncContextManager[BotProcess]:
        return running(self.sandbox, self.folder, port=self.port)

    def holds(self, match: str) -> Fault:
        return self.sandbox.focus.faults.add(Fault(FaultKind.SLOW, match=match, seconds=math.inf))

    def count(self, name: str) -> int:
        return sum(name in call.name for call in self.sandbox.log.calls if call.service == "focus")


@pytest.fixture(params=["Socket Mode", "HTTP"])
async def host(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Host]:
    """A host on which nothing runs yet, in time that goes on."""
    port = free_port() if request.param == "HTTP" else None
    async with Sandbox(clock=Clock(), manifest=manifest("/hours", socket_mode=True)) as sandbox:
        yield Host(sandbox, tmp_path, port)


async def reached(fault: Fault) -> None:
    async with asyncio.timeout(PATIENCE):
        await fault.reached.wait()


async def test_what_runs_is_finished_and_told_and_nothing_more_is_taken(host: Host) -> None:
    async with host.start() as bot:
        slow = host.holds("PUT *")
        await host.ana.types(STUDIO, "/hours set fri 4")
        await reached(slow)
        bot.terminate()
        await bot.says("stopping")
        assert not (await host.ana.types(STUDIO, "/hours set thu 4")).ok
        host.sandbox.focus.faults.clear()
        assert await bot.ended() == 0
        await host.ana.sees("Fri 8 h → 4 h", channel=host.ana.dm)
        assert len(host.sandbox.slack.posts[host.ana.dm]) == 1
        assert host.count("PUT") == 1
        assert not [line for line in bot.lines if "unfinished" in line["event"]]


async def test_a_second_signal_does_not_wait_and_the_next_start_finds_out(host: Host) -> None:
    ana = host.ana
    async with host.start() as bot:
        slow = host.holds("PUT *")
        await ana.types(STUDIO, "/hours set fri 4")
        await reached(slow)
        bot.terminate()
        await bot.says("stopping")
        bot.terminate()
        assert await bot.ended() == 0
        await bot.says("1 piece of work unfinished")
    await host.sandbox.log.wait_for(lambda call: call.name.startswith("PUT"))  # it lands after all
    async with host.start():
        await ana.sees("Fri 8 h → 4 h", channel=ana.dm)
        assert host.count("PUT") == 1
        assert len(host.sandbox.slack.posts[ana.dm]) == 1


async def test_an_event_that_slack_sends_to_the_next_process_as_well_acts_once(host: Host) -> None:
    ana = host.ana
    async with host.start() as bot:
        await ana.types(ana.dm, "set fri 4")
        await ana.sees("Fri 8 h → 4 h", channel=ana.dm)
        bot.terminate()
        assert await bot.ended() == 0
    sent = [call for call in host.sandbox.log.calls if call.name == "message" and call.direction == "out"]
    first = sent[0]
    assert isinstance(first.request, dict)
    parcel = Parcel(kind="events_api", payload=first.request, name="message", summary="again", attempt=1)
    async with host.start() as bot:
        # In the same second it has the same signature, which is taken once; then Slack tries again.
        while (again := await host.sandbox.slack.deliver(parcel)).status == 401:
            pass
        assert again.error is None
        bot.terminate()
        assert await bot.ended() == 0
        assert host.count("PUT") == 1
        assert len([each for each in ana.messages(ana.dm) if "Fri 8 h → 4 h" in each.text]) == 1


@pytest.mark.parametrize("host", ["HTTP"], indirect=True)
async def test_what_is_taken_but_not_acknowledged_when_it_stops_is_finished(host: Host) -> None:
    """Another process locks the database, so that the acknowledgement takes its time."""
    ana, file = host.ana, host.folder / "hours.db"
    async with host.start() as bot:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            typing = asyncio.create_task(ana.types(STUDIO, "/hours set fri 4"))
            await bot.says("a signature is not on disk")  # and next it waits for the record
            bot.terminate()
            await bot.says("stopping")
            assert (await typing).ok
            other.execute("ROLLBACK")
        assert await bot.ended() == 0
        await ana.sees("Fri 8 h → 4 h", channel=STUDIO)
        assert not [line for line in bot.lines if line["level"] == "error"]
