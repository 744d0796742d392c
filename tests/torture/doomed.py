"""The bot in a process of its own that kills itself at a chosen step, as a power failure does.

A step is the moment before or after a transaction is written, and before or after a call to Focus or
to Slack. The process is forked from one that has imported everything, so that hundreds of them start
in no time. Its clock stands still until it is told to move.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest import mock

import aiohttp
import httpx

from bot.app import Bot, build
from bot.clients import SLACK_TIMEOUT
from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.settings import Settings
from store.database import Database, Sql
from tests.office import PATIENCE, SLEEPERS

__all__ = ["Doomed", "Doomsday", "doomed"]

T = TypeVar("T")
EARLY = "a request was acknowledged before it was on disk"
"""Said by a process on a machine too busy for it: what is lost then was lost as designed."""


@dataclass(frozen=True, slots=True)
class Doomsday:
    """At which step a process dies: the first is 1, and with 0 it lives.

    ``once_written``: steps count from the moment at which Focus has taken a write.
    """

    step: int = 0
    once_written: bool = False


@dataclass(frozen=True, slots=True)
class Rest:
    """What a process that is at rest has to say: steps counted, and errors nobody caught."""

    steps: int
    unhandled: tuple[str, ...]


# -------------------------------------------------------------------- inside the process


class _Steps(logging.Handler):
    """Counts the steps, and keeps what the process logs as errors."""

    def __init__(self, pipe: Connection, day: Doomsday) -> None:
        super().__init__(logging.WARNING)
        self.begin(day)
        self._errors: list[str] = []
        self._pipe = pipe
        self._one_at_a_time = threading.Lock()

    def begin(self, day: Doomsday) -> None:
        self._day, self._count, self._counts = day, 0, not day.once_written

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self._errors.append(record.getMessage())
        elif "acknowledged before it is on disk" in record.getMessage():
            self._pipe.send(EARLY)

    def rest(self) -> Rest:
        said, self._errors = tuple(self._errors), []
        return Rest(self._count, said)

    def take(self, name: str) -> None:
        """One more step is taken; it may be the last."""
        with self._one_at_a_time:  # the database has a thread of its own
            self._counts |= name.startswith(("after POST", "after PUT", "after DELETE"))
            self._count += self._counts
            if self._counts and self._count == self._day.step:
                self._pipe.send(name)
                os.kill(os.getpid(), signal.SIGKILL)

    def watching(self, write: Callable[..., Any]) -> Callable[..., Any]:
        """``Database.write`` that takes two steps."""

        async def watched(database: Database, change: Callable[[Sql], T]) -> T:
            def changed(sql: Sql) -> T:
                result = change(sql)
                self.take("before a commit")
                return result

            written: T = await write(database, changed)
            self.take("after a commit")
            return written

        return watched

    def slack(self) -> aiohttp.TraceConfig:
        """Tells of every call to Slack."""

        async def begins(_: object, context: SimpleNamespace, asked: aiohttp.TraceRequestStartParams) -> None:
            path = asked.url.path
            context.name = "response_url" if path.startswith("/respond") else path.rpartition("/")[2]
            self.take(f"before {context.name}")

        async def ends(_: object, context: SimpleNamespace, __: aiohttp.TraceRequestEndParams) -> None:
            self.take(f"after {context.name}")

        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(begins)
        trace.on_request_end.append(ends)
        return trace


class _Counted(httpx.AsyncHTTPTransport):
    """Tells of every call to Focus."""

    def __init__(self, steps: _Steps) -> None:
        super().__init__()
        self._steps = steps

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._steps.take(f"before {request.method} at Focus")
        answer = await super().handle_async_request(request)
        self._steps.take(f"after {request.method} at Focus")
        return answer


def _live(pipe: Connection, settings: Mapping[str, str], now: datetime, day: Doomsday) -> None:
    asyncio.run(_life(pipe, settings, now, day))


async def _life(pipe: Connection, settings: Mapping[str, str], now: datetime, day: Doomsday) -> None:
    steps, clock = _Steps(pipe, day), Clock(frozen_at=now)
    logging.getLogger().addHandler(steps)
    async with (
        aiohttp.ClientSession(timeout=SLACK_TIMEOUT, trace_configs=[steps.slack()]) as session,
        httpx.AsyncClient(transport=_Counted(steps), trust_env=False) as http,
    ):
        with mock.patch.object(Database, "write", steps.watching(Database.write)):
            loaded = Settings.load(dict(settings), env_file=None)
            async with build(loaded, clock=clock, http=http, session=session) as bot, bot.running():
                while True:
                    await _at_rest(bot, clock)
                    pipe.send(steps.rest())
                    match await asyncio.to_thread(pipe.recv):
                        case Doomsday() as day:
                            steps.begin(day)
                        case float() as seconds:
                            clock.move(seconds=seconds)
                            continue
                    # What it is to do until it dies comes from Slack, or from the clock.
                    while (told := await asyncio.to_thread(pipe.recv)) is not None:
                        clock.move(seconds=told)


async def _at_rest(bot: Bot, clock: Clock) -> None:
    """Wait until all work is over: here none of it waits for the clock, and so it ends by itself."""
    work, stirred = bot.desk.work, bot.desk.store.outbox.stirred
    while True:
        await work.idle()
        await clock.until_sleeping(SLEEPERS)
        if not work.under_way and not stirred.is_set():
            return
        await asyncio.sleep(0)


# ------------------------------------------------------------------- outside of it


@dataclass(slots=True)
class Doomed:
    """A process that runs the bot until it is killed, by itself or by us."""

    sandbox: Sandbox
    process: ForkServerProcess
    pipe: Connection
    unhandled: list[str] = field(default_factory=list)
    died: str = ""
    """Before or after which step."""
    early: int = 0
    """How many requests it acknowledged before they were on disk."""
    steps: int = 0
    """How many it had taken when it was last at rest."""

    async def rests(self) -> bool:
        """Wait until it has nothing to do; ``False``: it died before."""
        try:
            async with asyncio.timeout(PATIENCE):
                while isinstance(said := await asyncio.to_thread(self.pipe.recv), str):
                    if said == EARLY:
                        self.early += 1
                    else:
                        self.died = said
        except (EOFError, ConnectionResetError):
            return False
        self.steps = said.steps
        self.unhandled += said.unhandled
        return True

    async def later(self, seconds: float) -> bool:
        """Let time pass on both sides, and wait until it has done what that made due."""
        self.sandbox.clock.move(seconds=seconds)
        self.pipe.send(float(seconds))
        return await self.rests()

    def arm(self, day: Doomsday) -> None:
        """From now on steps count."""
        self.pipe.send(day)

    def move(self, seconds: float) -> None:
        """Let time pass while it is armed."""
        self.sandbox.clock.move(seconds=seconds)
        with suppress(BrokenPipeError):  # it has died meanwhile
            self.pipe.send(float(seconds))

    def disarm(self) -> None:
        """It has been given all that it has to do; :meth:`rests` is to be waited for."""
        with suppress(BrokenPipeError):
            self.pipe.send(None)

    async def kill(self) -> None:
        """From outside, wherever it is."""
        self.process.kill()
        await asyncio.to_thread(self.process.join)
        self.pipe.close()


@asynccontextmanager
async def doomed(
    sandbox: Sandbox, settings: Mapping[str, str], *, day: Doomsday = Doomsday()
) -> AsyncIterator[Doomed]:
    """Start one; it is gone at the end."""
    fork = multiprocessing.get_context("forkserver")
    fork.set_forkserver_preload([__name__])
    ours, theirs = fork.Pipe()
    process = fork.Process(target=_live, args=(theirs, {**settings}, sandbox.clock.now(), day), daemon=True)
    await asyncio.to_thread(process.start)
    theirs.close()
    one = Doomed(sandbox, process, ours)
    try:
        yield one
    finally:
        await one.kill()
