"""``make demo``: a local Slack, a local Focus, and the real bot, unchanged, connected to both."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import re
import signal
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from bot.app import build
from bot.manifest import manifest
from bot.sandbox import Sandbox
from bot.sandbox.calls import Call
from bot.settings import Settings

__all__ = ["demo"]

log = logging.getLogger("demo")

_DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
"""A moment in Slack's markup, with the text for those who cannot format it."""

WELCOME = """
  Working Hours is running at  {url}{taken}

  Four things to try:
    1. Press Enter in #studio: /hours me is typed already. Edit the week, save, and undo it.
    2. Act as Mia, a manager, and type  /hours set @ben wed-thu 6  - then act as Ben and read what he got.
    3. Open the panel, switch on "Focus fails after writing", change a week, and see the bot find out.
    4. As Mia type  /hours remind weekdays 9:00  and  /hours set @ben fri off from tomorrow . Then press
       "What is due next" in the panel, again and again: what comes, to whom, and when? Answer "Still right".

  What Slack, the bot and Focus say to each other is logged below. Ctrl-C ends it.
"""


async def demo(port: int) -> None:
    """Serve until Ctrl-C; nothing leaves this machine, and nothing is kept."""
    _forget_proxies()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s  %(message)s", datefmt="%H:%M:%S")
    for name in ("httpx", "handlers", "store"):  # the call log shows the same, in the order of events
        logging.getLogger(name).setLevel(logging.WARNING)
    # A filter, because Bolt sets the levels of its loggers itself.
    logging.getLogger("slack_bolt.AsyncApp").addFilter(lambda record: record.levelno > logging.WARNING)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sandbox = Sandbox(manifest=manifest("/hours", socket_mode=True))
    taken = await _start(sandbox, port)
    bot = _Bot(sandbox)
    try:
        await bot.start()
        sandbox.bot = bot
        print(WELCOME.format(url=sandbox.url, taken=taken), flush=True)
        sandbox.log.subscribe(_say)
        await stop.wait()
        print("\nEnding the demo.")
    finally:
        sandbox.bot = None
        await bot.stop()
        await sandbox.stop()


class _Bot:
    """The real bot, which can be restarted; each start uses a new database, because the old data is gone."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._hurry = asyncio.Event()
        self._open = AsyncExitStack()

    async def start(self) -> None:
        """Start the bot, connect it to the sandbox, and make Mia a manager."""
        self._hurry = asyncio.Event()
        async with AsyncExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="working-hours-"))
            given = self._sandbox.environment() | {"DATABASE_PATH": str(Path(folder) / "hours.db")}
            settings = Settings.load(given, env_file=None)
            bot = await stack.enter_async_context(
                build(settings, clock=self._sandbox.clock, hurry=self._hurry)
            )
            await stack.enter_async_context(bot.running())
            # Mia becomes a manager as in real life: an admin types a command.
            await self._sandbox.slack.connected()
            olivia = self._sandbox.slack.human("U0OLIVIA")
            await olivia.types("C0STUDIO", "/hours managers grant @mia everyone")
            await olivia.sees("may now change", channel="C0STUDIO")
            self._sandbox.ahead = bot.desk.store.upcoming.first
            self._open = stack.pop_all()

    async def stop(self) -> None:
        """Stop the bot without waiting for running work."""
        self._sandbox.ahead = None
        self._hurry.set()
        await self._open.aclose()


def _say(call: Call) -> None:
    """Log a call between a service and the bot as one readable line."""
    way = {"in": "bot → {}", "out": "{} → bot"}[call.direction].format(call.service.title())
    summary = _DATE.sub(r"\1", call.summary)
    told = summary if call.name in summary else f"{call.name}  {summary}"
    fault = f"  [{call.fault}]" if call.fault else ""
    log.info("%-12s  %s  (%s, %.0f ms)%s", way, told, call.status or "no answer", call.ms, fault)


async def _start(sandbox: Sandbox, port: int) -> str:
    """Start the sandbox on this port, or on a free one if it is taken; returns what to say about that."""
    try:
        await sandbox.start(port=port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        await sandbox.start(port=0)
        return f"  (port {port} is taken)"
    return ""


def _forget_proxies() -> None:
    """Remove proxy variables: both services are on this machine, and Slack's client ignores NO_PROXY."""
    for name in list(os.environ):
        if name.lower() in {"http_proxy", "https_proxy", "all_proxy"}:
            del os.environ[name]
