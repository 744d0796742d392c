"""What a host and Prometheus read, over both transports."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.manifest import manifest
from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Slack
from tests.conftest import OpenOffice
from tests.office import PATIENCE, STUDIO, Office
from tests.ports import free_port
from tests.process import ROOT


@pytest.fixture(params=["Socket Mode", "HTTP"])
async def served(an_office: OpenOffice, request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    """An office with a port, over each transport in turn."""
    over_http = {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": Slack.signing_secret}
    extra = over_http if request.param == "HTTP" else {}
    async with an_office(settings={"PORT": str(free_port()), **extra}) as office:
        yield office


async def page(office: Office, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(office.page(path)) as answer:
        return answer.status, await answer.text()


async def figures(office: Office) -> dict[str, float]:
    """Each sample as ``name{value}{value}``, labels by name."""
    status, text = await page(office, "/metrics")
    assert status == 200
    return {
        sample.name + "".join(f"{{{value}}}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_it_is_alive_and_ready(served: Office) -> None:
    assert await page(served, "/healthz") == (200, "alive\n")
    assert await page(served, "/readyz") == (200, "ready\n")


async def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    async with Sandbox(clock=Clock(), manifest=manifest("/hours", socket_mode=True)) as sandbox:
        with socket.socket() as other:
            other.bind(("0.0.0.0", port := free_port()))  # noqa: S104 - where the bot would listen
            other.listen()
            given = {"DATABASE_PATH": str(tmp_path / "hours.db"), "PORT": str(port)}
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run",
                env=sandbox.environment() | given, cwd=ROOT, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            async with asyncio.timeout(PATIENCE):
                _, told = await process.communicate()
    assert process.returncode == 2
    *log, line = told.decode().splitlines()
    assert line == (
        f"The bot cannot start: PORT: another program listens on {port} already."
        " Stop it (is it this bot?), or choose another port."
    )
    assert all(json.loads(each)["level"] != "error" for each in log)


async def test_with_a_locked_database_it_is_alive_and_not_ready(served: Office) -> None:
    with closing(sqlite3.connect(served.settings.database_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        status, text = await page(served, "/readyz")
        assert (status, text) == (503, "the database takes no write within 1 s\n")
        assert (await page(served, "/healthz"))[0] == 200
        other.execute("ROLLBACK")
    assert await page(served, "/readyz") == (200, "ready\n")


async def test_a_host_that_looks_gives_no_sign_of_life_for_the_bot(served: Office) -> None:
    await served.bot.desk.store.claims.farewell()
    assert await page(served, "/readyz") == (200, "ready\n")
    with closing(sqlite3.connect(served.settings.database_path)) as other:
        assert other.execute("SELECT * FROM workers").fetchall() == []


async def test_a_bot_that_stops_is_not_ready(served: Office) -> None:
    await served.bot.connection.close()
    assert await page(served, "/readyz") == (503, "stopping\n")


async def test_a_change_is_counted_and_timed(served: Office) -> None:
    before = await figures(served)
    await served.ana.types(STUDIO, "/hours set fri 4")
    await served.ana.sees("Fri 8 h → 4 h", channel=served.ana.dm)
    await served.bot.desk.work.idle()
    after = await figures(served)

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grown("hours_ack_seconds_count") >= 1
    assert grown("hours_answer_seconds_count{done}{hours.change}") == 1
    assert grown("hours_answer_seconds_count{done}{deliver}") >= 1
    assert grown("hours_focus_calls_total{PUT}{200}") == 1
    assert after["hours_focus_quota_remaining"] == served.focus.quota.remaining
    assert after["hours_outbox_waiting"] == 0
    assert after["hours_changes_unsettled{waiting}"] == 0


async def test_what_waits_is_counted(served: Office) -> None:
    served.focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, match="GET *workinghours*"))
    await served.ana.types(STUDIO, "/hours set fri 4")
    await served.ana.sees("waits", channel=served.ana.dm)
    assert (await figures(served))["hours_changes_unsettled{waiting}"] == 1


async def test_slack_s_requests_to_wait_are_counted(served: Office) -> None:
    tired = served.slack.faults.add(Fault(FaultKind.RATE_LIMITED, match="chat.postMessage", times=1))
    await served.ana.types(STUDIO, "/hours set fri 4")
    await tired.reached.wait()
    await served.later(seconds=1)
    await served.ana.sees("Fri 8 h → 4 h", channel=served.ana.dm)
    assert (await figures(served))["hours_slack_429_total"] == 1


async def test_it_says_whether_it_is_connected(served: Office) -> None:
    assert (await figures(served))["hours_connected"] == 1
    await served.bot.connection.close()
    after = await figures(served)
    assert after["hours_connected"] == 0
    assert "hours_socket_age_seconds" not in after


@contextmanager
def unreadable(database: Path) -> Iterator[None]:
    """What the file says is none of it; at the end it is as before."""

    def changed_by_another() -> None:  # whoever has the file open looks into it again
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("INSERT OR REPLACE INTO workers VALUES ('worker-other', '')")
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    changed_by_another()
    whole = database.read_bytes()
    database.write_bytes(os.urandom(len(whole)))
    try:
        yield
    finally:
        database.write_bytes(whole)
        changed_by_another()


async def test_without_the_database_the_other_figures_stay(served: Office) -> None:
    of_the_database = {"hours_outbox_waiting", "hours_changes_unsettled"}
    before = {name.split("{")[0] for name in await figures(served)}
    with unreadable(served.settings.database_path):
        assert {name.split("{")[0] for name in await figures(served)} == before - of_the_database
    assert {name.split("{")[0] for name in await figures(served)} == before


async def test_reconnects_and_the_age_of_the_socket_are_told(an_office: OpenOffice) -> None:
    async with an_office(settings={"PORT": str(free_port())}) as office:
        assert (await figures(office))["hours_socket_reconnects_total"] == 0
        await office.slack.sockets.disconnect()
        await office.slack.connected()
        await office.ana.types(STUDIO, "/hours")
        after = await figures(office)
        assert after["hours_socket_reconnects_total"] == 1
        assert 0 <= after["hours_socket_age_seconds"] < 60
