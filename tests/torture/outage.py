"""Everybody asks for something at once while a service, the disk or the database is in trouble.

Afterwards the trouble is over and time passes: then everybody has an answer, and it is what Focus has.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.slack import Human, Message
from tests.bench.report import Goal, table
from tests.office import STUDIO, Office, app_with, open_office
from tests.torture.books import Books
from tests.torture.telling import minutes, told_in, week_in
from tests.torture.troubles import LONG, Case

__all__ = ["Asker", "outage"]

ACK_MS = 3000
ANSWER_WITHIN = 45.0
"""Seconds after which nobody waits any more: a read is repeated for half a minute."""

Task = Coroutine[Any, Any, object]


# ----------------------------------------------------------------------- everybody


PENDING = re.compile(r"still working on it|One moment|Loading|…$", re.MULTILINE)
"""What is said while there is no answer yet."""

FINAL = re.compile(
    r"→|othing (?:new )?was (?:changed|planned)|^Planned from|Changes are locked", re.MULTILINE
)
"""What a request to write ends with: what became of it, or that nothing did."""


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
    had: Mapping[int, Decimal] = field(default_factory=dict)
    """Their week in Focus before."""

    def look(self, week: Mapping[int, Decimal]) -> None:
        """Remember what there is to see already, and the week in Focus."""
        self.had = week
        self.before = frozenset((each.ts, each.plain) for each in self._messages())
        self.shown = self._view()

    @property
    def new(self) -> list[Message]:
        """What has come since, or says something else now."""
        return [each for each in self._messages() if (each.ts, each.plain) not in self.before]

    @property
    def answers(self) -> list[str]:
        """The texts of what is new, oldest first; that somebody is still busy is no answer."""
        texts = [each.text for each in sorted(self.new, key=lambda each: each.ts)]
        if self._view() != self.shown:
            texts.append(self._view())
        return [text for text in texts if not PENDING.search(text)]

    @property
    def answered(self) -> bool:
        """Whether it is known what became of it."""
        return any(FINAL.search(text) for text in self.answers) if self.writes else bool(self.answers)

    def untrue(self, week: Mapping[int, Decimal]) -> Iterator[str]:
        """What the answers say and Focus does not: the week as it is by now."""
        there = {day: minutes(week[day]) if day in week else None for day in range(1, 8)}
        before = {day: minutes(self.had[day]) if day in self.had else None for day in range(1, 8)}
        told = dict[int, Decimal | None]()
        for text in self.answers:
            if "Undone by" not in text:
                told |= {day: now for whose, days in told_in(text) if whose == "you" for day, _, now in days}
            if (shown := week_in(text)) and shown not in (there, before):
                yield f"{self.what} was shown {text[:120]}, Focus has {there}"
        for day, hours in told.items():
            if there[day] != hours:
                yield f"{self.what} was told day {day} is {hours} min now, Focus has {there[day]}"
        if self.writes and not told and there != before:
            yield f"{self.what} was not told: Focus had {before} and has {there}: {self.answers}"

    def _messages(self) -> list[Message]:
        asked = self.human.messages(STUDIO) + self.human.messages(self.human.dm)
        return [each for each in asked if each.user != self.human.id]

    def _view(self) -> str:
        return self.human.modal.plain if self.human.modal else ""


async def _types(human: Human, hours: str, *, line: str) -> None:
    # A day of its own for each plan: two on the same day would get into each other's way.
    day = date(2030, 1, 1) + timedelta(days=int(Decimal(hours) * 4))
    await human.types(STUDIO, f"/hours {line.format(hours=hours, day=day)}")


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
        "change": ("set fri {hours}", True), "plan": ("set {day:%a} {hours} from {day} until {day}", True),
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
        asker.look(_week(office, asker))
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
        score.faults += asker.untrue(_week(office, asker))
    score.faults += _plan_agrees(office, next(asker for asker in everybody if asker.what == "plan"), hours)
    if not await _heartbeat(office):
        score.faults.append("the process counts as dead afterwards")
    score.faults += [f"{each.fault}: {each.text}" for each in books.audit() if each.text not in known]
    acks = [
        call for call in office.sandbox.log.since(seen) if call.service == "slack" and call.direction == "out"
    ]
    score.slowest_ack = max(call.ms for call in acks)
    score.faults += [f"{call.summary}: not acknowledged" for call in acks if call.status != 200]
    return score


def _week(office: Office, asker: Asker) -> Mapping[int, Decimal]:
    """What Focus has for somebody."""
    email = office.slack.people[asker.human.id].email
    people = office.focus.book.people.values()
    return office.focus.week("user", next(each.user_account_id for each in people if each.email == email))


def _plan_agrees(office: Office, asker: Asker, hours: str) -> Iterator[str]:
    """Whoever reads that it is planned has a plan; whoever does not has none."""
    said = any(text.startswith("Planned from") for text in asker.answers)
    day = date(2030, 1, 1) + timedelta(days=int(Decimal(hours) * 4))
    with closing(sqlite3.connect(office.settings.database_path)) as sql:
        query = "SELECT 1 FROM plans WHERE planner = ? AND first = ? AND state = 'planned'"
        there = sql.execute(query, (asker.human.id, str(day))).fetchone() is not None
    if said != there:
        yield f"the plan is {'' if there else 'not '}there, and its planner reads: {asker.answers}"


async def _heartbeat(office: Office) -> bool:
    """Whether the process says again that it is alive, once the trouble is over."""
    for _ in range(20):
        office.clock.move(seconds=10)
        await asyncio.sleep(0.05)
        with closing(sqlite3.connect(office.settings.database_path)) as sql:
            (until,) = sql.execute("SELECT max(alive_until) FROM workers").fetchone()
        if datetime.fromisoformat(until) > office.clock.now():
            return True
    return False


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
    return [
        Goal(f"untrue, lost or not caught in {len(scores)} outages: {faults}", not faults),
        Goal(f"outages left out for want of time: {left_out}", not left_out),
        Goal(f"no acknowledgement over 3 s: {slowest:.0f} ms at most", slowest < ACK_MS),
    ]
