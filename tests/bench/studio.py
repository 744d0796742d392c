"""A sandbox with many people, and the start of one program to be measured in it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bot.manifest import manifest
from bot.sandbox import Sandbox
from bot.sandbox.calls import Call
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human
from bot.sandbox.slack.workspace import Person

ROOT = Path(__file__).parents[2]
DEPLOYED = Path(__file__).parent / "deployed"
CHANNEL = "C0STUDIO"
CROWD = 40
WORKING_HOURS = "*workinghours*"

BOT = ("bot", "run")
BARE = ("tests.bench.bare",)


@dataclass(frozen=True, slots=True)
class Studio:
    """A sandbox; its ``people`` have a week in Focus and a Slack account with the same e-mail."""

    sandbox: Sandbox
    people: Sequence[Human]

    def slow_focus(self, seconds: float) -> Fault:
        """Let every call about working hours take this long, until the fault is removed."""
        return self.sandbox.focus.faults.add(Fault(FaultKind.SLOW, match=WORKING_HOURS, seconds=seconds))

    async def quiet(self, *, seconds: float = 0.4) -> None:
        """Wait until there has been no call for this long, so that all work is done."""
        while True:
            before = self.sandbox.log.total
            await asyncio.sleep(seconds)
            if self.sandbox.log.total == before:
                return

    def focus_calls(self, *, after: int) -> list[str]:
        """Methods (``GET``, ``PUT`` …) of calls about working hours since the log's total was ``after``."""
        return [_verb(call) for call in self.sandbox.log.since(after) if "workinghours" in call.name]


def _verb(call: Call) -> str:
    return call.name.partition(" ")[0]


@asynccontextmanager
async def open_studio(*, people: int = 0) -> AsyncIterator[Studio]:
    """Open a sandbox without rate limits or quota, with 40 people to measure besides ``people`` others."""
    async with Sandbox(manifest=manifest("/hours", socket_mode=True), people=people) as sandbox:
        sandbox.slack.rate_limits = False
        sandbox.focus.quota.limit = 10**9
        crowd = []
        for number in range(CROWD):
            user, email = f"U0CROWD{number}", f"crowd{number}@example.com"
            person = sandbox.focus.add_person(f"Crowd {number}", email=email)
            sandbox.focus.put_rows("user", person.user_account_id, dict.fromkeys(range(1, 6), 8))
            sandbox.slack.people[user] = Person(
                id=user, handle=f"crowd{number}", real_name=f"Crowd {number}", email=email
            )
            sandbox.slack.channels[CHANNEL].members.append(user)
            crowd.append(sandbox.slack.human(user))
        yield Studio(sandbox, crowd)


@dataclass(frozen=True, slots=True)
class Program:
    """A running program that is connected to Slack."""

    pid: int
    ready_after: float
    """Seconds from its start to its Socket Mode connection."""

    def megabytes(self) -> float:
        """The resident memory at this moment."""
        status = Path(f"/proc/{self.pid}/status")
        if status.exists():
            [line] = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")]
            return int(line.split()[1]) / 1024
        said = subprocess.run(  # noqa: S603 - a number of our own
            ["/bin/ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, text=True, check=True
        )
        return int(said.stdout) / 1024


@asynccontextmanager
async def started(
    studio: Studio, module: Sequence[str], *, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Program]:
    """Start ``python -m <module>`` with this sandbox's settings and wait until it is connected.

    Raises:
        RuntimeError: the program ended; the text is the end of its log.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as log:
        # Without proxy variables: Slack's client would use them for this machine, too.
        given = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": os.pathsep.join([str(DEPLOYED), str(ROOT)]),
            "DATABASE_PATH": str(Path(folder) / "hours.db"),
            **studio.sandbox.environment(),
            **(settings or {}),
        }
        began = perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *module, env=given, cwd=folder, stdout=log, stderr=log
        )
        try:
            ended = asyncio.create_task(process.wait())
            connected = asyncio.create_task(studio.sandbox.slack.connected(seconds=60))
            await asyncio.wait({ended, connected}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                connected.cancel()
                log.seek(0)
                raise RuntimeError(log.read().decode()[-2000:])
            yield Program(process.pid, perf_counter() - began)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
