"""Boards of many from Focus's capacities: believed only while they agree, and never taken for a week."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Message
from store.access import Action
from store.capacities import Dated
from store.week import Subject
from tests.conftest import Crowded
from tests.office import STUDIO, Office, open_office
from tests.test_bulk_queue import EVERYONE, FIRST

CAPACITIES = "GET /organizations/1001/workspaces/2002/capacities/user"
THIS_WEEK = f"/hours who week {EVERYONE}"
TODAY = f"/hours who {EVERYONE}"


async def refreshed(office: Office, line: str = THIS_WEEK) -> Message:
    """A board, its *Refresh* pressed, and everything at rest."""
    before = len(office.olivia.messages(STUDIO))
    await office.olivia.types(STUDIO, line)
    board = await office.olivia.sees("Who works", channel=STUDIO, after=before)
    await office.olivia.click(board, "who_refresh")
    await office.bot.desk.work.idle()
    return office.answer_to(office.olivia)


async def dated_hours(office: Office) -> dict[Subject, Dated]:
    """What is known of this week by dates alone, as the admin may see it."""
    store = office.bot.desk.store
    actor = await office.bot.desk.people.actor("U0OLIVIA", team_id=store.team_id)
    people = [entry.subject for entry in await store.directory.people()]
    permits = await store.access.allowed(actor, Action.SEE, people)
    return await store.capacities.week_of(permits.values(), office.clock.now().date())


def capacity_calls(office: Office) -> int:
    return office.sandbox.log.count("focus", CAPACITIES)


def reads(office: Office) -> int:
    return office.focus_calls().count("GET")


async def test_the_first_refresh_compares_a_few_and_the_next_reads_nobody_singly(crowded: Crowded) -> None:
    async with crowded(30) as office:
        board = await refreshed(office)
        assert (capacity_calls(office), reads(office)) == (1, 3)
        assert "These dates’ hours from Toggl Focus, just now" in board.plain
        assert "?" not in board.text
        await refreshed(office)
        assert (capacity_calls(office), reads(office)) == (2, 3)


async def test_a_refresh_of_many_says_beforehand_how_long_it_takes(crowded: Crowded) -> None:
    async with crowded(30) as office:
        slow = office.focus.faults.add(Fault(FaultKind.SLOW, "*workinghours*", seconds=math.inf))
        await office.olivia.types(STUDIO, THIS_WEEK)
        board = await office.olivia.sees("Who works", channel=STUDIO)
        await office.olivia.click(board, "who_refresh")
        await office.olivia.sees("reading 30 weeks again, under a minute", channel=STUDIO)
        await slow.reached.wait()
        office.clock.move(seconds=4)
        office.focus.faults.remove(slow)
        board = await office.olivia.sees("just now", channel=STUDIO)
        assert "reading" not in board.plain
        assert not any("Toggl Focus is slow" in str(call.request) for call in office.sandbox.log.calls)
        await office.olivia.click(board, "who_refresh")  # by one call for all, from now on
        await office.bot.desk.work.idle()
        assert not any("30 weeks" in each.plain for each in office.olivia.messages(STUDIO))


async def test_a_board_from_capacities_shows_what_focus_has(crowded: Crowded) -> None:
    async with crowded(30) as office:
        await refreshed(office)
        dated = await dated_hours(office)
        assert len(dated) == 27
        for subject, known in dated.items():
            week = office.focus.week("user", subject.id)
            for day, hours in known.hours.items():
                assert abs(hours - week.get(day.isoweekday(), 0)) < Decimal(1) / 60
        assert "36:40 h" in office.answer_to(office.olivia).text


async def test_capacities_that_differ_are_not_believed(crowded: Crowded) -> None:
    """Here because the rows are read under another numbering than Focus's."""
    async with crowded(12, FOCUS_WEEKDAYS="monday0") as office:
        board = await refreshed(office)
        assert "These dates’" not in board.plain
        assert reads(office) == 12 + 3
        await refreshed(office)
        assert capacity_calls(office) == 1


@pytest.mark.parametrize("status", [404, 403, 422])
async def test_without_capacities_weeks_are_read_one_by_one(crowded: Crowded, status: int) -> None:
    async with crowded(12) as office:
        office.focus.faults.add(Fault(FaultKind.REFUSE, match="GET *capacities*", status=status))
        board = await refreshed(office)
        assert "Weeks from Toggl Focus, just now" in board.plain
        assert (capacity_calls(office), reads(office)) == (1, 12)
        await refreshed(office)
        assert capacity_calls(office) == 1


async def test_capacities_that_are_not_believed_are_not_asked_whom_to_name(crowded: Crowded) -> None:
    async with crowded(12) as office:
        refusing = office.focus.faults.add(Fault(FaultKind.REFUSE, match="GET *capacities*", status=404))
        await refreshed(office)
        office.focus.faults.remove(refusing)
        store = office.bot.desk.store
        actor = await office.bot.desk.people.actor("U0OLIVIA", team_id=store.team_id)
        ana = await store.access.may(actor, Action.SEE, Subject("person", 501))
        assert await store.capacities.worked([ana], date(2026, 3, 2)) == {}
        assert capacity_calls(office) == 1


async def test_a_week_later_they_are_compared_anew(crowded: Crowded) -> None:
    async with crowded(12) as office:
        await refreshed(office)
        await office.later(seconds=7 * 24 * 3600 + 1)
        await office.bot.desk.work.idle()
        await refreshed(office)
        assert (capacity_calls(office), reads(office)) == (2, 6)


async def test_nothing_is_spent_from_the_reserve(crowded: Crowded) -> None:
    async with crowded(12) as office:
        office.focus.quota.limit = 50
        office.focus.quota.reset()
        await office.bot.desk.store.hours._focus.settings()  # Focus says how much is left
        board = await refreshed(office)
        assert "0 of 12 read again" in board.plain
        assert (capacity_calls(office), reads(office)) == (0, 0)


async def test_whoever_is_away_is_not_taken_for_the_comparison(crowded: Crowded, clock: Clock) -> None:
    async with crowded(12) as office:
        today = clock.now().date()
        for number in range(FIRST, FIRST + 11):
            office.focus.add_time_off(number, today, today)
        await refreshed(office)
        assert reads(office) == 1


async def test_few_people_are_read_one_by_one(crowded: Crowded) -> None:
    async with crowded(9) as office:
        await refreshed(office)
        assert (capacity_calls(office), reads(office)) == (0, 9 + 9)  # at first, and refreshed


async def test_no_week_is_made_from_capacities(crowded: Crowded) -> None:
    """A dry run knows only the weeks that were read."""
    async with crowded(12) as office:
        await refreshed(office)
        await office.olivia.types(STUDIO, f"/hours set {EVERYONE} fri 4")
        shown = await office.olivia.sees("would change", channel=STUDIO)
        assert "Never read yet, so they are read before they are changed" in shown.plain
        unread = shown.text.count("was never read yet")
        assert unread == 12 - reads(office)


async def test_a_week_that_was_read_or_changed_since_is_what_counts(crowded: Crowded) -> None:
    async with crowded(12) as office:
        await refreshed(office)
        await office.later(seconds=60)
        await office.olivia.types(STUDIO, "/hours set <@U0CROWD0007> mon 1")
        await office.olivia.sees("Mon", channel=office.olivia.dm)
        before = len(office.olivia.messages(STUDIO))
        await office.olivia.types(STUDIO, f"/hours who monday {EVERYONE}")
        board = await office.olivia.sees("Who works", channel=STUDIO, after=before)
        assert "<@U0CROWD0007> 1 h" in board.plain


async def test_a_day_without_hours_is_neither_called_off_nor_not_set(crowded: Crowded) -> None:
    async with crowded(13) as office:
        board = await refreshed(office, f"/hours who sunday {EVERYONE}")
        assert "*No hours*" in board.plain


async def test_the_hours_of_dates_outlast_a_restart(crowded: Crowded, tmp_path: Path) -> None:
    async with crowded(12) as office:
        await refreshed(office)
        before = await dated_hours(office)
        async with open_office(tmp_path, sandbox=office.sandbox) as next_one:
            assert await dated_hours(next_one) == before
            assert len(before) == 9
