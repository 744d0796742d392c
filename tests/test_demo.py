"""``make demo`` from the first line it prints to Ctrl-C: what it promises to try can be tried."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

from aiohttp import ClientSession

from tests.office import PATIENCE
from tests.page_client import PageClient


async def test_the_demo_has_its_manager_logs_readably_and_ends_cleanly() -> None:
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--port", "0",
        env=keep | {"HTTPS_PROXY": "http://127.0.0.1:9"}, cwd=Path(__file__).parent.parent,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE), ClientSession() as session:
            assert process.stdout
            said = (await process.stdout.readuntil(b"Ctrl-C ends it.")).decode()
            url = re.findall(r"http://\S+", said)[0]
            (message,) = (await PageClient(url, session, "U0OLIVIA").state())["messages"]["C0STUDIO"]
            assert "may now change everybody’s week" in str(message)
            mia = PageClient(url, session, "U0MIA")
            await mia.act("say", channel="C0STUDIO", text="/hours set @ben wed-thu 6")
            logged = (await process.stdout.readuntil(b"changed days of Ben")).decode()
            assert "Slack \N{RIGHTWARDS ARROW} bot   slash_command  Mia Tanaka: /hours set <@U0BEN" in logged
            assert "bot \N{RIGHTWARDS ARROW} Focus   PUT" in logged
            assert all(re.match(r"\d\d:\d\d:\d\d  \S+", line) for line in logged.split("\n")[2:])
            assert "answered" not in logged
            process.send_signal(signal.SIGINT)
            assert (await process.stdout.read()).decode().rstrip().endswith("Ending the demo.")
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
