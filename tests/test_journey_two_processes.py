"""Two bots on one database: either takes what comes, and together they do everything once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from store.claims import LEASE
from tests.conftest import OpenOffice
from tests.inside import database, rows
from tests.office import STUDIO, Office, open_office


@dataclass(frozen=True, slots=True)
class Pair:
    """One office as the first bot's, and the second bot's."""

    one: Office
    two: Office

    async def idle(self) -> None:
        await asyncio.gather(self.one.bot.desk.work.idle(), self.two.bot.desk.work.idle())

    async def later(self, *, seconds: float) -> None:
        await self.idle()
        await self.one.until_waiting(0, bots=2)
        self.one.clock.move(seconds=seconds)


@pytest.fixture
async def pair(an_office: OpenOffice, tmp_path: Path) -> AsyncIterator[Pair]:
    """Two connected bots; Slack gives each envelope to one of them in turn."""
    async with an_office() as one, open_office(tmp_path, sandbox=one.sandbox) as two:
        await one.until_waiting(0, bots=2)
        assert len(one.slack.sockets) == 2
        yield Pair(one, two)


async def test_commands_go_to_either_and_each_is_answered_once(pair: Pair) -> None:
    ana, office = pair.one.ana, pair.one
    for number, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat"), start=1):
        await ana.types(STUDIO, f"/hours set {day} {number}")
        await ana.sees(f"→ {number} h", channel=STUDIO)
        await ana.sees(f"→ {number} h", channel=ana.dm)
    await pair.idle()
    await pair.later(seconds=40)
    await pair.idle()
    assert office.focus_week(501) == "1 2 3 4 5 6 -"
    assert len(office.slack.posts[ana.dm]) == 6
    assert len(office.slack.posts[STUDIO]) == 6


async def test_what_one_wrote_the_other_shows_without_a_call(pair: Pair) -> None:
    office = pair.one
    await office.ana.types(STUDIO, "/hours set fri 4")
    await office.ana.sees("Fri 8 h → 4 h", channel=STUDIO)
    seen = office.sandbox.log.total
    for _ in range(2):
        before = len(office.ben.messages(STUDIO))
        await office.ben.types(STUDIO, "/hours @ana")
        assert "Fri 4 h" in (await office.ben.sees("", channel=STUDIO, after=before)).text
    assert office.focus_calls(after=seen) == []


async def test_undo_pressed_in_two_places_is_done_once(pair: Pair) -> None:
    ana, office = pair.one.ana, pair.one
    await ana.types(STUDIO, "/hours set fri 4")
    answer = await ana.sees("Fri 8 h → 4 h", channel=STUDIO)
    receipt = await ana.sees("Fri 8 h → 4 h", channel=ana.dm)
    await pair.idle()
    await asyncio.gather(ana.click(answer, "undo"), ana.click(receipt, "undo"))
    await ana.sees("Already undone by you.")
    await ana.sees("You put back your week", channel=ana.dm)
    await pair.idle()
    assert office.focus_calls().count("PUT") == 2
    assert office.focus_week(501) == "8 8 8 8 8 - -"


async def test_two_writers_to_one_week_take_turns_and_double_no_day(pair: Pair) -> None:
    office = pair.one
    await asyncio.gather(
        *(office.olivia.types(STUDIO, f"/hours set @ana {day} 3") for day in ("sat", "sun", "mon", "tue")),
        office.ana.types(STUDIO, "/hours set sat 2, wed 2"),
    )
    for _ in range(6):  # whoever found the week taken tries again after three seconds
        await pair.idle()
        await pair.later(seconds=4)
    await pair.idle()
    days = [row.weekday for row in office.focus.rows("user", 501)]
    assert sorted(days) == [1, 2, 3, 4, 5, 6, 7]
    week = office.focus.week("user", 501)
    assert [week[day] for day in (1, 2, 3, 7)] == [3, 3, 2, 3]


async def test_when_one_stops_the_other_goes_on(pair: Pair) -> None:
    office = pair.one
    await pair.two.bot.connection.close()
    for _ in range(3):
        before = len(office.ana.messages(STUDIO))
        assert (await office.ana.types(STUDIO, "/hours")).ok
        await office.ana.sees("Your week", channel=STUDIO, after=before)


async def test_after_trouble_with_its_database_a_bot_is_heard_of_again(office: Office) -> None:
    """Who is silent for 30 s counts as dead, and others would take over what it is doing."""
    kept_in = database(office.bot.desk.store)
    await office.at_rest()
    await kept_in.read(lambda sql: sql.conn.execute("PRAGMA query_only = ON"))
    office.clock.move(seconds=40)
    await office.until_waiting(0)  # its sign of life was due, and could not be written
    await kept_in.read(lambda sql: sql.conn.execute("PRAGMA query_only = OFF"))
    office.clock.move(seconds=2)
    await office.until_waiting(0)
    (worker,) = await rows(office.bot.desk.store, "SELECT alive_until FROM workers")
    assert worker["alive_until"] == (office.clock.now() + LEASE).isoformat()
