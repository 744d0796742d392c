"""``make demo`` from the first line it prints to Ctrl-C: what it promises to try can be tried."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot import cli
from tests.office import PATIENCE
from tests.page_client import PageClient, until


@asynccontextmanager
async def running(
    port: int = 0,
) -> AsyncIterator[tuple[asyncio.subprocess.Process, asyncio.StreamReader, str]]:
    """The demo, what it prints after its welcome, and the welcome."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--port", str(port),
        env=keep | {"HTTPS_PROXY": "http://127.0.0.1:9"}, cwd=Path(__file__).parent.parent,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE):
            assert process.stdout
            said = (await process.stdout.readuntil(b"Ctrl-C ends it.")).decode()
            yield process, process.stdout, said
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_port_that_is_taken_is_said_beside_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        async with running(port) as (_, _, said):
            (line,) = [each for each in said.splitlines() if address_in(said) in each]
            assert line.endswith(f"(port {port} is taken)")
            assert address_in(said) != f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("wrong", ["99999", "-1", "http"])
def test_a_port_that_cannot_be_is_refused(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["demo", f"--port={wrong}"])
    assert ended.value.code == 2
    assert "--port: must be a number from 0 to 65535" in capsys.readouterr().err


def address_in(said: str) -> str:
    (url,) = re.findall(r"http://\S+", said)
    return str(url)


async def seen(page: PageClient, text: str) -> list[str]:
    """What somebody reads in #studio, once this is there."""
    async with page.listening() as events:
        while text not in str(messages := (await until(events, "state"))["messages"]["C0STUDIO"]):
            pass
    return [str(each) for each in messages]


async def test_the_demo_has_its_manager_logs_readably_and_ends_cleanly() -> None:
    async with running() as (process, output, said), ClientSession() as session:
        url = address_in(said)
        (message,) = (await PageClient(url, session, "U0OLIVIA").state())["messages"]["C0STUDIO"]
        assert "may now change everybody’s week" in str(message)
        mia = PageClient(url, session, "U0MIA")
        await mia.act("say", channel="C0STUDIO", text="/hours set @ben wed-thu 6")
        logged = (await output.readuntil(b"changed days of Ben")).decode()
        assert "Slack \N{RIGHTWARDS ARROW} bot   slash_command  Mia Tanaka: /hours set <@U0BEN" in logged
        assert "bot \N{RIGHTWARDS ARROW} Focus   PUT" in logged
        assert all(re.match(r"\d\d:\d\d:\d\d  \S+", line) for line in logged.split("\n")[2:])
        assert "answered" not in logged
        receipt = (await output.readuntil(b"act ")).decode()
        assert re.search(r"by you · \d{4}-\d\d-\d\d \d\d:\d\d UTC · Toggl Focus", receipt)
        process.send_signal(signal.SIGINT)
        assert (await output.read()).decode().rstrip().endswith("Ending the demo.")
        assert await process.wait() == 0


async def test_a_reset_gives_the_bot_a_memory_as_new_as_focus() -> None:
    """What it knew, and what it had still to say, is of weeks that are not there any more."""
    async with running() as (process, output, said), ClientSession() as session:
        url = address_in(said)
        ana = PageClient(url, session, "U0ANA")
        await ana.act("say", channel="C0STUDIO", text="/hours set fri 4")
        await seen(ana, "8 h → 4 h")
        for done in await asyncio.gather(ana.act("reset"), ana.act("reset")):
            assert done == {}
        olivia = PageClient(url, session, "U0OLIVIA")
        assert len(await seen(olivia, "may now change everybody’s week")) == 1
        state = await ana.state()
        assert not any(state["steps"])
        assert not any(any(messages) for messages in state["messages"].values())
        await ana.act("say", channel="C0STUDIO", text="/hours me")
        (told,) = await seen(ana, "Your week")
        assert "40 h" in told
        await ana.act("say", channel="C0STUDIO", text="/hours undo")
        await seen(ana, "You have changed nothing in the last 24 hours")
        process.send_signal(signal.SIGINT)
        assert (await output.read()).decode().rstrip().endswith("Ending the demo.")
        assert await process.wait() == 0
