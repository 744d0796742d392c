"""What can be wrong with Focus, Slack, the disk and the database; and the cases that are tried."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.sandbox.faults import Fault, FaultKind
from store.database import DatabaseUnusableError, Sql
from tests.office import Office

__all__ = ["LONG", "SHORT", "Case"]

Trouble = Callable[[Office], AbstractAsyncContextManager[None]]
HALF = '[{"working_hour_id": 90001, "weekday": 1, "working_ho'
HALF_JSON = {"body": '{"ok": tr', "content_type": "application/json"}
PROXY = {"body": "upstream connect error", "content_type": "text/plain"}
LOCKED_FOR = 7.0
"""Seconds; the bot waits for about five."""

LOCK = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
held.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@asynccontextmanager
async def _focus(
    office: Office, *, kind: FaultKind, match: str = "*workinghours*", **more: Any
) -> AsyncIterator[None]:
    fault = office.focus.faults.add(Fault(kind, match=match, **more))
    yield
    office.focus.faults.remove(fault)


@asynccontextmanager
async def _slack(office: Office, *, kind: FaultKind, match: str, **more: Any) -> AsyncIterator[None]:
    fault = office.slack.faults.add(Fault(kind, match=match, **more))
    yield
    office.slack.faults.remove(fault)


@asynccontextmanager
async def _disk_full(office: Office) -> AsyncIterator[None]:
    """Not one page more: SQLite says the same as where the disk has no room."""
    database = office.bot.desk.store.journal._database

    def no_more(sql: Sql) -> None:
        sql.execute("CREATE TABLE IF NOT EXISTS ballast (bytes BLOB)")
        [(pages,)] = sql.conn.execute("PRAGMA page_count").fetchall()
        sql.conn.execute(f"PRAGMA max_page_count = {pages}")

    def fill(sql: Sql) -> None:
        sql.execute("INSERT INTO ballast VALUES (zeroblob(300))")

    await database.write(no_more)
    with suppress(DatabaseUnusableError):
        while True:
            await database.write(fill)
    yield
    await database.read(lambda sql: sql.conn.execute("PRAGMA max_page_count = 1000000").fetchall())


@asynccontextmanager
async def _locked(office: Office, *, seconds: float) -> AsyncIterator[None]:
    """Another process writes and does not come to an end."""
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOCK, str(office.settings.database_path),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout
    await holder.stdout.readline()
    let_go = asyncio.get_running_loop().call_later(seconds, holder.terminate)
    yield
    await holder.wait()
    let_go.cancel()


@dataclass(frozen=True, slots=True)
class Case:
    """One trouble, and whom it cannot but leave without an answer."""

    name: str
    trouble: Trouble
    silences_looks: bool = False
    """Slack takes nothing at all: only what was written is told when it is back."""


def _of_focus(name: str, kind: FaultKind, **more: Any) -> Case:
    return Case(f"Focus {name}", partial(_focus, kind=kind, **more))


def _of_slack(name: str, match: str, kind: FaultKind, **more: Any) -> Case:
    trouble = partial(_slack, kind=kind, match=match, **more)
    return Case(f"Slack {name}", trouble, silences_looks=match == "*")


WRITES = "P* *workinghours*"
"""POST and PUT."""

SHORT = (
    _of_focus("cut after acting", FaultKind.CUT_AFTER),
    Case("database locked by another process", partial(_locked, seconds=1.0)),
    Case("disk full", _disk_full),
    _of_slack("cuts posts after taking them", "chat.postMessage", FaultKind.CUT_AFTER),
)
LONG = (
    _of_focus("at 8 s", FaultKind.SLOW, seconds=8),
    _of_focus("refuses the key (401)", FaultKind.REFUSE, status=401),
    _of_focus("forbids (403)", FaultKind.REFUSE, status=403),
    _of_focus("knows nobody (404)", FaultKind.REFUSE, status=404),
    _of_focus("out of quota (402)", FaultKind.OUT_OF_QUOTA),
    _of_focus("asks for a pause (429)", FaultKind.RATE_LIMITED, seconds=1),
    _of_focus("fails before acting (503)", FaultKind.FAIL_BEFORE),
    _of_focus("fails after acting (503)", FaultKind.FAIL_AFTER),
    _of_focus("fails after writing only", FaultKind.FAIL_AFTER, match=WRITES),
    _of_focus("cut before acting", FaultKind.CUT_BEFORE),
    _of_focus("cut after writing only", FaultKind.CUT_AFTER, match=WRITES),
    _of_focus("half an answer", FaultKind.REFUSE, status=200, body=HALF),
    _of_focus("half an answer to writes", FaultKind.REFUSE, status=200, body=HALF, match=WRITES),
    _of_slack("at 4 s", "*", FaultKind.SLOW, seconds=4),
    _of_slack("takes no answers", "response_url", FaultKind.FAIL_BEFORE),
    _of_slack("cuts answers", "response_url", FaultKind.CUT_BEFORE),
    _of_slack("takes no posts", "chat.postMessage", FaultKind.REFUSE, error="internal_error"),
    _of_slack("cuts posts before taking them", "chat.postMessage", FaultKind.CUT_BEFORE),
    _of_slack("asks for a pause", "chat.postMessage", FaultKind.RATE_LIMITED, seconds=1),
    _of_slack("half an answer to posts", "chat.postMessage", FaultKind.FAIL_AFTER, status=200, **HALF_JSON),
    _of_slack("answered for by a proxy", "*", FaultKind.FAIL_BEFORE, **PROXY),
    _of_slack("knows nobody", "users.*", FaultKind.FAIL_BEFORE),
    _of_slack("shows no views", "views.*", FaultKind.FAIL_BEFORE),
    _of_slack("cuts views after showing them", "views.*", FaultKind.CUT_AFTER),
    _of_slack("cuts answers after taking them", "response_url", FaultKind.CUT_AFTER),
    _of_slack("cuts edits after taking them", "chat.update", FaultKind.CUT_AFTER),
    _of_slack("fails after taking posts", "chat.postMessage", FaultKind.FAIL_AFTER),
    _of_slack("down altogether", "*", FaultKind.FAIL_BEFORE),
    _of_slack("cuts everything", "*", FaultKind.CUT_BEFORE),
    Case("database locked for good", partial(_locked, seconds=LOCKED_FOR)),
    *SHORT,
)
