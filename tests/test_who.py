"""Boards: who works when, from last-known weeks."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Message
from handlers.asked import Asked, Channel, Mention, Problem, Verb
from handlers.grammar import parse
from tests.conftest import Crowded, OpenOffice
from tests.office import STUDIO, Office, open_office

WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


async def _read_board(office: Office, text: str) -> Message:
    """A board whose weeks have been read: the first one asked for, and refreshed."""
    await office.olivia.types(STUDIO, text)
    board = await office.olivia.sees("Who works", channel=STUDIO)
    await office.olivia.click(board, "who_refresh")
    return await office.olivia.sees("just now", channel=STUDIO)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("who", Asked(Verb.WHO, rest="today")),
        ("who works friday?", Asked(Verb.WHO, rest="friday")),
        ("who week <#C1|studio>", Asked(Verb.WHO, (Channel("C1"),), rest="week")),
        ("who <@U1> <@U2> tomorrow", Asked(Verb.WHO, (Mention("U1"), Mention("U2")), rest="tomorrow")),
    ],
)
def test_a_board_is_asked_for_by_a_day_and_people(text: str, asked: Asked) -> None:
    assert parse(text) == asked


@pytest.mark.parametrize("text", ["who works mondayish", "who mon tue", "who from nine to five"])
def test_a_board_for_no_such_day_is_asked_back(text: str) -> None:
    with pytest.raises(Problem) as problem:
        parse(text)
    assert problem.value.sentence
    for suggestion in problem.value.suggestions:
        assert parse(suggestion.command).verb is Verb.WHO


SCARCE = {"FOCUS_QUOTA": "10", "FOCUS_QUOTA_RESERVE": "10"}
"""Half of it is less than reading everybody takes."""


async def _is_scarce(office: Office) -> None:
    await office.bot.desk.people.first_listing.wait()
    office.focus.quota.limit = 10
    office.focus.quota.reset()


async def test_what_a_board_does_not_know_is_counted_and_explained(an_office: OpenOffice) -> None:
    async with an_office(settings=SCARCE) as office:
        await _is_scarce(office)
        await office.ana.types(STUDIO, "/hours me")
        await office.ana.sees("Your week", channel=STUDIO)
        await office.ana.types(STUDIO, "/hours who")
        board = await office.ana.sees("Who works on", channel=STUDIO)
        assert "1 of 6 known to work, 8 h together. 4 not read yet: press Refresh." in board.text
        assert "*Not read yet* (4): <@U0ANAP>" in board.plain
        await office.ana.types(STUDIO, "/hours who week")
        board = await office.ana.sees("Who works when", channel=STUDIO)
        assert "? is a week not read yet: press Refresh" in board.plain
        await office.ana.click(board, "who_refresh")
        await office.bot.desk.work.idle()
        assert "? is a week" not in office.answer_to(office.ana, STUDIO).plain


async def test_a_board_reads_whom_nobody_has_read_yet_and_then_nothing(tmp_path: Path) -> None:
    async with open_office(tmp_path, clock=Clock(frozen_at=WEDNESDAY)) as office:
        await office.olivia.types(STUDIO, "/hours who")
        first = await office.olivia.sees("5 of 6 work, 35:20 h together.", channel=STUDIO)
        assert "not read yet" not in first.text
        read = office.focus_calls()
        assert read == ["GET"] * 6
        await office.olivia.types(STUDIO, "/hours who week")
        await office.olivia.sees("week of 23 November", channel=STUDIO)
        assert office.focus_calls() == read


async def test_a_day_says_who_works_who_is_off_and_who_is_away(tmp_path: Path) -> None:
    async with open_office(tmp_path, clock=Clock(frozen_at=WEDNESDAY)) as office:
        board = await _read_board(office, "/hours who friday")
        assert "Who works on Friday, 27 November" in board.text
        assert "*Works* (3): <@U0ANA> 8 h" in board.plain
        assert "*Off* (1): <@U0ANAP>" in board.plain
        assert "*Away* (1): <@U0ZOE>" in board.plain
        assert "*Not set* (1): <@U0BEN>" in board.plain


async def test_a_shared_board_has_no_hours_and_rings_for_nobody(tmp_path: Path) -> None:
    async with open_office(tmp_path, clock=Clock(frozen_at=WEDNESDAY)) as office:
        board = await _read_board(office, "/hours who friday")
        await office.olivia.click(board, "who_share")
        shared = await office.ben.sees("Shared by", channel=STUDIO)
        assert shared.ephemeral_to is None
        assert "8 h" not in shared.plain
        assert not shared.rings
        assert "<@U0ANA>" not in shared.plain
        assert "Ana Lindqvist" in shared.plain


async def test_a_board_is_not_shared_with_other_organizations(tmp_path: Path) -> None:
    async with open_office(tmp_path, clock=Clock(frozen_at=WEDNESDAY)) as office:
        await office.ana.types("C0SHARED", "/hours who <@U0ANA>")
        board = await office.ana.sees("Who works", channel="C0SHARED")
        await office.ana.click(board, "who_share")
        await office.ana.sees("other organizations", channel="C0SHARED")
        assert all(message.ephemeral_to for message in office.ana.messages("C0SHARED"))


async def test_a_board_is_not_shared_with_guests(office: Office) -> None:
    guest = office.joined("U0GUEST")
    await office.olivia.types(STUDIO, "/hours who")
    board = await office.olivia.sees("Who works", channel=STUDIO)
    await office.olivia.click(board, "who_share")
    await office.olivia.sees("guests may see only their own week", channel=STUDIO)
    assert guest.messages(STUDIO) == []


@pytest.mark.parametrize("kind", [FaultKind.FAIL_BEFORE, FaultKind.CUT_BEFORE])
async def test_a_board_that_slack_did_not_take_is_shared_by_another_press(
    office: Office, kind: FaultKind
) -> None:
    await office.olivia.types(STUDIO, "/hours who")
    board = await office.olivia.sees("Who works", channel=STUDIO)
    office.slack.faults.add(Fault(kind, "response_url", times=1))
    await office.olivia.click(board, "who_share")
    told = await office.olivia.sees("Slack did not confirm that it posted the board", channel=STUDIO)
    assert told.ephemeral_to
    await office.olivia.click(board, "who_share")
    await office.ben.sees("Shared by", channel=STUDIO)


async def test_a_board_shows_only_what_one_may_see(tmp_path: Path) -> None:
    """With HOURS_VIEW=managers a member sees themself, is told how many not, and shares nothing."""
    settings = {"HOURS_VIEW": "managers"}
    async with open_office(tmp_path, clock=Clock(frozen_at=WEDNESDAY), settings=settings) as office:
        await office.ana.types(STUDIO, "/hours who")
        board = await office.ana.sees("Who works", channel=STUDIO)
        assert "<@U0ANA>" in board.plain
        assert "<@U0BEN>" not in board.plain
        assert "whose weeks you can’t see" in board.plain
        await office.ana.click(board, "who_share")
        await office.ana.sees("Only managers", channel=STUDIO)
        assert all(message.ephemeral_to for message in office.slack.posts[STUDIO])


async def test_outside_a_channel_a_board_is_of_those_one_may_change(tmp_path: Path) -> None:
    async with open_office(tmp_path, clock=Clock(frozen_at=WEDNESDAY)) as office:
        await office.ana.types(office.ana.dm, "who")
        await office.ana.sees("you may change nobody’s week", channel=office.ana.dm)
        await office.make_manager("<@U0BEN>")
        await office.mia.types(office.mia.dm, "who")
        board = await office.mia.sees("Who works", channel=office.mia.dm)
        assert "<@U0BEN>" in board.plain
        assert "<@U0ANA>" not in board.plain


async def test_a_refresh_leaves_the_reserve(tmp_path: Path) -> None:
    """With a quota of 10 and a reserve of 80 % two weeks are read, and the board says so."""
    settings = {"FOCUS_QUOTA": "10", "FOCUS_QUOTA_RESERVE": "80"}
    async with open_office(tmp_path, clock=Clock(frozen_at=WEDNESDAY), settings=settings) as office:
        await _is_scarce(office)
        await office.olivia.types(STUDIO, "/hours who")
        board = await office.olivia.sees("Not read yet", channel=STUDIO)
        await office.olivia.click(board, "who_refresh")
        await office.olivia.sees("read again", channel=STUDIO)
        assert office.focus.quota.remaining >= 8


async def test_a_refresh_reads_everybody_but_those_who_cannot_be_read(office: Office) -> None:
    bens = office.focus.faults.add(Fault(FaultKind.REFUSE, "GET *workinghours/users/503", status=404))
    await office.olivia.types(STUDIO, "/hours who week <@U0ANA> <@U0BEN>")
    board = await office.olivia.sees("Who works", channel=STUDIO)
    await office.later(seconds=3600)
    await office.olivia.click(board, "who_refresh")
    board = await office.olivia.sees("Weeks from Toggl Focus, just now", channel=STUDIO)
    assert "Not read: <@U0BEN>. Toggl Focus does not know this person" in board.text
    office.focus.faults.remove(bens)
    office.focus.expire_key()
    await office.olivia.click(board, "who_refresh")
    await office.olivia.sees("an admin has to renew `FOCUS_API_KEY`", channel=STUDIO)


async def test_leave_is_asked_for_once_and_for_everybody(tmp_path: Path) -> None:
    async with open_office(tmp_path, clock=Clock(frozen_at=WEDNESDAY)) as office:
        office.focus.add_time_off(501, date(2026, 11, 25), date(2026, 11, 25))
        for _ in range(2):
            await office.olivia.types(STUDIO, "/hours who")
            board = await office.olivia.sees("Away", channel=STUDIO)
            assert "<@U0ANA>" in board.plain.split("*Away*")[1]
        assert office.sandbox.log.count("focus", "GET /organizations/1001/timeoff") == 1


async def test_the_bot_itself_is_nobody_who_works(office: Office) -> None:
    """It is in every channel that it shows."""
    await office.olivia.types(STUDIO, "/hours who #studio")
    board = await office.olivia.sees("Who works on Monday", channel=STUDIO)
    people = [each for each in office.slack.channels[STUDIO].members if each != "U0HOURS"]
    linked = [each for each in people if f"<@{each}>" in board.text]
    assert f"{len(people) - len(linked)} not linked to Toggl Focus" in board.text
    await office.olivia.types(STUDIO, "/hours set #studio fri 4")
    assert "U0HOURS" not in (await office.olivia.sees("Nothing is written yet", channel=STUDIO)).plain


async def test_a_slow_focus_does_not_hold_a_board_back(tmp_path: Path) -> None:
    """Who is away is said to be unknown; *Refresh* waits for it, for the whole week."""
    async with open_office(tmp_path, clock=Clock(frozen_at=WEDNESDAY)) as office:
        slow = office.focus.faults.add(Fault(FaultKind.SLOW, match="*timeoff*", seconds=math.inf))
        await office.olivia.types(STUDIO, "/hours who")
        board = await office.olivia.sees("who is away is not known at the moment", channel=STUDIO)
        office.focus.faults.remove(slow)
        await office.olivia.click(board, "who_refresh")
        await office.olivia.sees("*Away*", channel=STUDIO)
        asked = office.sandbox.log.count("focus", "GET /organizations/1001/timeoff")
        await office.olivia.types(STUDIO, "/hours who friday")
        await office.olivia.sees("Who works on Friday", channel=STUDIO)
        assert office.sandbox.log.count("focus", "GET /organizations/1001/timeoff") == asked


async def test_a_board_of_weeks_that_were_never_read_says_so_and_counts_nobody(office: Office) -> None:
    office.focus.faults.add(Fault(FaultKind.FAIL_BEFORE, match="*workinghours*"))
    await office.olivia.types(STUDIO, "/hours who")
    board = await office.olivia.sees("Who works on", channel=STUDIO)
    assert "5 not read yet." in board.text
    assert "0 of" not in board.text
    assert "No week has been read yet: press Refresh" in board.text


@pytest.mark.parametrize("whom", ["<@U0TOM>", "<@U0GONE>", "<@U0STRANGER>"])
async def test_a_board_of_nobody_who_is_linked_says_so(office: Office, whom: str) -> None:
    await office.olivia.types(STUDIO, f"/hours who {whom}")
    await office.olivia.sees("nobody you named is linked to Toggl Focus, or they have left", channel=STUDIO)
    assert office.focus_calls() == []


async def test_a_look_at_a_group_or_channel_offers_its_board(office: Office) -> None:
    office.slack.paid = True
    await office.olivia.types(STUDIO, "/hours me @designers")
    offer = await office.olivia.sees("I show a whole group or channel on a board", channel=STUDIO)
    await office.olivia.click(offer, "run:who")
    board = await office.olivia.sees("Who works when, week of 2 March", channel=STUDIO)
    assert all(name in board.text for name in ("Ana Lindqvist:", "Ben Okafor:", "Olivia Grant:"))
    await office.olivia.types(STUDIO, "/hours history #studio")
    await office.olivia.sees("for one person at a time, not for a whole group or channel", channel=STUDIO)


async def test_a_board_of_three_hundred_is_shared_with_both_lists(crowded: Crowded) -> None:
    async with crowded(300, quota=2000) as office:
        channel = "C0EVERYONE"
        await office.olivia.types(channel, "/hours who sunday")
        board = await office.olivia.sees("Who works", channel=channel)
        await office.olivia.click(board, "who_refresh")
        await office.bot.desk.work.idle()
        await office.olivia.click(board, "who_share")
        shared = await office.ana.sees("Shared by", channel=channel)
        assert "*Works* (" in shared.plain
        assert "*Does not* (" in shared.plain
        assert " more." in shared.plain
        assert "…" not in shared.plain
