"""The page's clock: however far it is moved, whatever is due on the way happens in its time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import time, timedelta

import pytest
from aiohttp import ClientSession

from store.reminders import Schedule, Weekly
from store.week import Weekday
from tests.conftest import MONDAY
from tests.office import Office
from tests.page_client import PageClient
from tests.reminding import A_DAY, AN_HOUR, TEN, posts, remind


@pytest.fixture
async def page(office: Office) -> AsyncIterator[PageClient]:
    async with ClientSession() as session:
        yield PageClient(office.sandbox.url, session, "U0OLIVIA")


async def test_it_passes_over_no_reminder(office: Office, page: PageClient) -> None:
    await remind(office.bot.desk.store, now=office.clock.now())
    assert await page.act("clock", seconds=2 * A_DAY + 2 * AN_HOUR) == {}
    await office.at_rest()
    assert ["checked on" in each.text for each in posts(office)] == [True, True, False]
    assert not [each.text for each in posts(office) if "late" in each.text]


async def test_it_can_be_moved_to_what_is_due_next(office: Office, page: PageClient) -> None:
    await office.at_rest()
    assert "Nothing is due" in (await page.act("clock", to="due"))["error"]
    await remind(office.bot.desk.store, now=office.clock.now())
    await office.at_rest()
    assert await page.act("clock", to="due") == {}
    assert office.clock.now() == TEN
    await office.at_rest()
    assert len(posts(office)) == 1
    await page.act("clock", to="due")
    assert office.clock.now() == TEN + timedelta(hours=14), "the check is closed at midnight"


async def test_a_press_while_it_moves_counts_from_where_it_arrives(office: Office, page: PageClient) -> None:
    tuesdays = Schedule(Weekly((Weekday.TUESDAY,)), time(10), "UTC")
    await remind(office.bot.desk.store, now=office.clock.now(), schedule=tuesdays)
    await asyncio.gather(page.act("clock", to="monday"), page.act("clock", to="monday"))
    assert office.clock.now() == MONDAY + timedelta(days=14)


async def test_what_cannot_be_done_does_not_hold_it(office: Office, page: PageClient) -> None:
    await remind(office.bot.desk.store, now=office.clock.now(), channel="C0ARCHIVED")
    office.slack.channels["C0ARCHIVED"].members.clear()
    assert await page.act("clock", seconds=A_DAY) == {}
    assert office.clock.now() >= TEN + timedelta(hours=23)
