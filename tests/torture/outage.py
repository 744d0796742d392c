"""Everybody asks for something at once while a service, the disk or the database is in trouble.

Afterwards the trouble is over and time passes: then everybody has an answer, and it is what Focus has.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human, Message
from store.database import DatabaseUnusableError, Sql
from tests.bench.report import Goal, table
from tests.office import STUDIO, Office, app_with, open_office
from tests.torture.books import Books

__all__ = ["SHORT", "outage"]

ACK_MS = 3000
ANSWER_WITHIN = 45.0
"""Seconds after which nobody waits any more: a read is repeated for half a minute."""

Trouble = Callable[[Office], AbstractAsyncContextManager[None]]
Task = Coroutine[Any, Any, object]

HALF = '[{"working_hour_id": 90001, "weekday": 1, "working_ho'
LOCKED_FOR = 7.0
"""Seconds; the bot waits for about five."""

LOCK = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
held.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


# ----------------------------------------------------------------------- trouble


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
    _of_slack("half an answer to posts", "chat.postMessage", FaultKind.FAIL_BEFORE, body='{"ok": tr'),
    _of_slack("knows nobody", "users.*", FaultKind.FAIL_BEFORE),
    _of_slack("shows no views", "views.*", FaultKind.FAIL_BEFORE),
    _of_slack("down altogether", "*", FaultKind.FAIL_BEFORE),
    _of_slack("cuts everything", "*", FaultKind.CUT_BEFORE),
    Case("database locked for good", partial(_locked, seconds=LOCKED_FOR)),
    *SHORT,
)


# ----------------------------------------------------------------------- everybody


@dataclass(slots=True)
class Asker:
    """Somebody who does one thing in each case."""

    what: str
    human: Human
    do: Callable[[Human, str], Task]
    ready: Callable[[Human, str], Task] | None = None
    writes: bool = False
    before: frozenset[tuple[str, str]] = frozenset()
    shown: str = ""

    def look(self) -> None:
        """Remember what there is to see already."""
        self.before = frozenset((each.ts, each.plain) for each in self._messages())
        self.shown = self._view()

    @property
    def new(self) -> list[Message]:
        """What has come since, or says something else now."""
        return [each for each in self._messages() if (each.ts, each.plain) not in self.before]

    @property
    def answered(self) -> bool:
        """Whether there is anything new to see; a form that only says that it is busy is no answer."""
        return bool(self.new) or (self._view() != self.shown and "…" not in self._view())

    def _messages(self) -> list[Message]:
        asked = self.human.messages(STUDIO) + self.human.messages(self.human.dm)
        return [each for each in asked if each.user != self.human.id]

    def _view(self) -> str:
        return self.human.modal.plain if self.human.modal else ""


async def _types(human: Human, hours: str, *, line: str) -> None:
    await human.types(STUDIO, f"/hours {line.format(hours=hours)}")


async def _says(human: Human, hours: str) -> None:
    await human.types(human.dm, f"set sat {hours}")


async def _opens_editor(human: Human, _: str) -> None:
    if human.modal:
        await human.close(all=True)
    await human.types(STUDIO, "/hours edit")
    view = await human.sees_modal("Read from Toggl Focus")
    if "Working days" in view.plain:
        await human.click(view, "per_day")
        await human.sees_modal("0 = day off")


async def _saves(human: Human, hours: str) -> None:
    assert human.modal
    human.fill(human.modal, "Wednesday", hours)
    await human.submit()


async def _previews(human: Human, hours: str) -> None:
    before = len(human.messages(STUDIO))
    await human.types(STUDIO, f"/hours set <@U0CROWD0006> <@U0CROWD0007> tue {hours}")
    await human.sees("Nothing is written yet.", channel=STUDIO, after=before)


async def _applies(human: Human, _: str) -> None:
    await human.click(human.messages(STUDIO)[-1], "apply")


def _everybody(office: Office) -> list[Asker]:
    people = iter([office.slack.human(f"U0CROWD{number:04d}") for number in range(1, 6)])
    typed = {
        "look": ("me", False), "board": ("who week", False), "history": ("history", False),
        "change": ("set fri {hours}", True), "plan": ("set thu {hours} from tomorrow", True),
    }  # fmt: skip
    return [
        *(
            Asker(what, next(people), partial(_types, line=line), writes=writes)
            for what, (line, writes) in typed.items()
        ),
        Asker("message", office.slack.human("U0CROWD0008"), _says, writes=True),
        Asker(
            "undo", office.slack.human("U0CROWD0009"), partial(_types, line="undo"),
            partial(_types, line="set mon {hours}"), writes=True,
        ),
        Asker("editor", office.slack.human("U0CROWD0010"), _saves, _opens_editor, writes=True),
        Asker("several", office.olivia, _applies, _previews, writes=True),
    ]  # fmt: skip


# ------------------------------------------------------------------------- rounds


@dataclass(slots=True)
class Score:
    """What came of one case."""

    asked: int = 0
    answered: int = 0
    slowest_ack: float = 0
    faults: list[str] = field(default_factory=list)


class _Errors(logging.Handler):
    """What nobody caught."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"{record.name}: {record.getMessage()}")


async def outage(*, seconds: float, cases: Sequence[Case] = LONG) -> list[Goal]:
    """Go through as many cases as there is time for; print what came of each."""
    errors, scores = _Errors(), dict[str, Score]()
    logging.getLogger().addHandler(errors)
    until = perf_counter() + seconds
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with _an_office(Path(folder)) as (office, books):
                for number, case in enumerate(cases):
                    if perf_counter() < until:
                        seen = len(errors.seen)
                        scores[case.name] = score = await _case(office, books, case, number)
                        score.faults += [f"not caught: {text}" for text in errors.seen[seen:]]
    finally:
        logging.getLogger().removeHandler(errors)
    return _told(scores, left_out=len(cases) - len(scores))


@asynccontextmanager
async def _an_office(folder: Path) -> AsyncIterator[tuple[Office, Books]]:
    settings: Mapping[str, str] = {"HOURS_CACHE_SECONDS": "1", "HOURS_RETENTION_DAYS": "10000"}
    async with Sandbox(
        clock=Clock(), manifest=app_with("channels:history", "groups:history"), people=18
    ) as sandbox:
        sandbox.slack.rate_limits = False
        sandbox.focus.quota.limit = 10**6
        studio = sandbox.slack.channels[STUDIO]
        studio.members += [f"U0CROWD{number:04d}" for number in range(1, 11)]
        async with open_office(folder, sandbox=sandbox, settings=settings) as office:
            books = Books(sandbox, folder / "hours.db")
            books.open()
            for line in ("set sat 1", "set sat 2", "clear sat"):  # the first of each kind is read back
                await office.olivia.types(STUDIO, f"/hours {line}")
                await office.bot.desk.work.idle()
            await office.at_rest()
            yield office, books


async def _case(office: Office, books: Books, case: Case, number: int) -> Score:
    hours, score = f"{2 + number % 40 * 0.25:g}", Score()
    everybody = _everybody(office)
    for asker in everybody:
        if asker.ready:
            await asker.ready(asker.human, hours)
    await _quiet(office)
    known = {finding.text for finding in books.audit()}
    for asker in everybody:
        asker.look()
    seen = office.sandbox.log.total
    async with case.trouble(office):
        sent = [asyncio.create_task(asker.do(asker.human, hours)) for asker in everybody]
        await asyncio.gather(*sent)
        await _answered(office, everybody, seconds=2 if case.silences_looks else ANSWER_WITHIN)
    await _settled(office, books)
    score.asked, score.answered = len(everybody), sum(asker.answered for asker in everybody)
    for asker in everybody:
        if not asker.answered and not (case.silences_looks and not asker.writes):
            score.faults.append(f"no answer to {asker.what}")
        if any("incident" in message.plain for message in asker.new):
            score.faults.append(f"an incident in {asker.what}")
    score.faults += [f"{each.fault}: {each.text}" for each in books.audit() if each.text not in known]
    acks = [
        call for call in office.sandbox.log.since(seen) if call.service == "slack" and call.direction == "out"
    ]
    score.slowest_ack = max(call.ms for call in acks)
    score.faults += [f"{call.summary}: not acknowledged" for call in acks if call.status != 200]
    return score


async def _answered(office: Office, everybody: Sequence[Asker], *, seconds: float) -> None:
    """Until all have an answer; who has none by then is found out later."""
    try:
        await office.slack.changed.until(
            lambda: all(asker.answered for asker in everybody) or None, seconds=seconds
        )
    except TimeoutError:
        return


async def _quiet(office: Office) -> None:
    """The clock goes on here, so there is no rest; but work ends."""
    async with asyncio.timeout(120):
        await office.bot.desk.work.idle()


async def _settled(office: Office, books: Books) -> None:
    """Half a minute passes, then an hour, until nothing has to be found out, tried again or told."""
    for pause in (0.0, 31.0, 31.0, 31.0, 60.0, 60.0, 600.0, 3600.0, 3600.0, 7200.0):
        office.clock.move(seconds=pause)
        office.bot.desk.store.outbox.stirred.set()
        await asyncio.sleep(0.1)  # a tick begins
        await _quiet(office)
        if not books.unsettled():
            return


def _told(scores: Mapping[str, Score], *, left_out: int) -> list[Goal]:
    rows = [
        (name, score.asked, score.answered, len(score.faults), score.slowest_ack)
        for name, score in scores.items()
    ]
    heads = ("while", "asked", "answered", "untrue or lost", "slowest ack ms")
    print(table("Outage: what becomes of what is asked", heads, rows))
    for name, score in scores.items():
        for fault in score.faults[:5]:
            print(f"  ! {name}: {fault}")
    faults, slowest = sum(len(s.faults) for s in scores.values()), max(s.slowest_ack for s in scores.values())
    skipped = f" ({left_out} left out: no time)" if left_out else ""
    return [
        Goal(f"untrue, lost or not caught in {len(scores)} outages{skipped}: {faults}", not faults),
        Goal(f"no acknowledgement over 3 s: {slowest:.0f} ms at most", slowest < ACK_MS),
    ]
