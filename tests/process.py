"""The bot as a process of its own, over either transport, and what it logs."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.manifest import HTTP_PATH
from bot.sandbox import Sandbox
from bot.sandbox.slack import Slack
from tests.office import PATIENCE

ROOT = Path(__file__).parent.parent


@dataclass(slots=True)
class BotProcess:
    """``python -m bot run`` on a sandbox, until it has said that it is running."""

    process: asyncio.subprocess.Process
    lines: list[dict[str, Any]] = field(default_factory=list)
    _grown: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def says(self, event: str) -> dict[str, Any]:
        """The first line of the log with this event."""
        async with asyncio.timeout(PATIENCE), self._grown:
            await self._grown.wait_for(lambda: any(event in line["event"] for line in self.lines))
        return next(line for line in self.lines if event in line["event"])

    def terminate(self) -> None:
        """As a host stops it."""
        self.process.terminate()

    async def ended(self) -> int:
        """Its exit status."""
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()

    async def _read(self) -> None:
        assert self.process.stderr
        async for line in self.process.stderr:
            async with self._grown:
                self.lines.append(json.loads(line))
                self._grown.notify_all()


async def read_log(process: asyncio.subprocess.Process, *, until: str) -> None:
    """Read its log until a line has this event; with none, until its end."""
    assert process.stderr
    async with asyncio.timeout(PATIENCE):
        async for line in process.stderr:
            if until and until in json.loads(line)["event"]:
                return


@asynccontextmanager
async def running(sandbox: Sandbox, folder: Path, *, port: int | None = None) -> AsyncIterator[BotProcess]:
    """Over HTTP where there is a port, else over Socket Mode."""
    settings = sandbox.environment() | {"DATABASE_PATH": str(folder / "hours.db")}
    if port:
        del settings["SLACK_APP_TOKEN"]
        settings |= {"SLACK_SIGNING_SECRET": Slack.signing_secret, "PORT": str(port)}
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run",
        env=keep | settings, cwd=ROOT, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    bot = BotProcess(process)
    reading = asyncio.create_task(bot._read())
    try:
        await bot.says("running")
        await sandbox.log.wait_for(lambda call: call.name.endswith("/ghosts"))
        if port:
            await sandbox.slack.deliver_to(f"http://127.0.0.1:{port}{HTTP_PATH}")
        else:
            await sandbox.slack.connected()
        yield bot
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await reading
        sandbox.slack.faults.clear()
        sandbox.focus.faults.clear()
