"""Without ``FOCUS_WEEKDAYS`` nothing is written until an admin has compared one week."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.slack import Human, Message
from store.reminders import ReminderKind
from tests.conftest import OpenOffice
from tests.office import STUDIO, Office, app_with
from tests.reminding import AN_HOUR, remind

UNSET = {"FOCUS_WEEKDAYS": ""}
QUESTION = "Toggl Focus does not say which number means which weekday"
RETRY = 300
"""Seconds until the bot looks again for a week to ask about."""


@pytest.fixture
async def office(an_office: OpenOffice) -> AsyncIterator[Office]:
    async with an_office(settings=UNSET) as office:
        yield office


async def question(office: Office, numbering: str = "sunday0") -> Message:
    """The open question about this numbering, as Olivia reads it."""
    return await office.olivia.sees(f"Read as `{numbering}`", channel=office.olivia.dm)


def questions(office: Office) -> list[Message]:
    return [each for each in office.olivia.messages(office.olivia.dm) if QUESTION in each.plain]


@pytest.fixture
async def sparing(an_office: OpenOffice, clock: Clock) -> AsyncIterator[Office]:
    """An office whose bot starts with nothing left of the hour's quota but the reserve."""
    async with Sandbox(clock=clock, manifest=app_with()) as sandbox:
        sandbox.focus.quota.limit = 30
        for _ in range(24):
            sandbox.focus.quota.take()
        async with an_office(settings=UNSET, sandbox=sandbox) as office:
            assert not questions(office)
            yield office


async def press(office: Office, asked: Message, answer: str, *, human: Human | None = None) -> None:
    await (human or office.olivia).click(asked, f"weekdays:{answer}")
    await office.bot.desk.work.idle()


async def test_admins_are_asked_about_the_most_uneven_week(office: Office) -> None:
    asked = await question(office)
    assert QUESTION in asked.plain
    assert "Zoë" in asked.plain or "<@U0ZOE>" in asked.plain
    assert "numbers seen" in asked.plain
    assert 1 <= office.focus_calls().count("GET") <= 10


async def test_until_then_a_look_works_and_a_change_does_not(office: Office) -> None:
    asked = await question(office)
    await office.ana.types(STUDIO, "/hours")
    look = await office.ana.sees("40 h", channel=STUDIO)
    assert "which day is which is not confirmed yet" in look.plain
    await office.ana.types(STUDIO, "/hours set fri 4")
    told = await office.ana.sees("I don’t change anything in Toggl Focus yet", channel=STUDIO)
    assert "U0OLIVIA" in told.plain
    assert set(office.focus_calls()) == {"GET"}
    await press(office, asked, "yes")
    await office.ana.types(STUDIO, "/hours me")
    assert "not confirmed" not in (await office.ana.sees("40 h", channel=STUDIO)).plain


async def test_until_then_boards_forms_and_home_say_so_too(office: Office) -> None:
    unsure, asked = "hich day is which is not confirmed yet", await question(office)
    ana, now = office.ana, office.clock.now()
    await remind(office.bot.desk.store, now=now, kind=ReminderKind.BOARD)
    await ana.types(STUDIO, "/hours who")
    board = await ana.sees("Who works on", channel=STUDIO)
    assert unsure in board.text
    assert unsure in board.plain
    await ana.click(board, "who_share")
    assert unsure in (await office.ben.sees("Shared by", channel=STUDIO)).plain
    await ana.click(await _week_of(ana), "edit")
    assert f"Read from Toggl Focus just now. W{unsure}." in (await ana.sees_modal("Working days")).plain
    await ana.open_home()
    assert unsure in (await ana.sees_home("40 h")).plain
    await office.later(seconds=AN_HOUR)
    await office.ben.sees(f"w{unsure}.", channel=STUDIO)
    await press(office, asked, "yes")
    await ana.open_home()
    await office.bot.desk.work.idle()
    assert unsure not in (await ana.sees_home("40 h")).plain


async def _week_of(human: Human) -> Message:
    await human.types(STUDIO, "/hours me")
    return await human.sees("Your week", channel=STUDIO)


async def test_yes_allows_changes_and_tells_every_admin(an_office: OpenOffice) -> None:
    admins = {"HOURS_ADMINS": "U0OLIVIA,U0MIA"}
    async with an_office(settings=UNSET | admins) as office:
        asked = await question(office)
        seen_by_mia = await office.mia.sees("Read as `sunday0`", channel=office.mia.dm)
        await press(office, asked, "yes")
        for admin in (office.olivia, office.mia):
            await admin.sees("has compared the week: I read weekdays as sunday0", channel=admin.dm)
            await admin.sees("It is settled how I read", channel=admin.dm)
        assert "weekdays:yes" not in str(seen_by_mia.blocks)
        await office.ana.types(STUDIO, "/hours set fri 4")
        await office.ana.sees("Fri 8 h → 4 h", channel=STUDIO)
        assert office.focus.week("user", 501)[5] == Decimal(4)


async def test_no_leads_to_the_next_numbering_and_at_last_to_the_doctor(an_office: OpenOffice) -> None:
    async with an_office(settings=UNSET) as office:
        for numbering in ("sunday0", "monday0"):  # iso has no 0, which Focus has sent
            asked = await question(office, numbering)
            await press(office, asked, "no")
            await office.olivia.sees(f"read as `{numbering}`, the days don’t match", channel=office.olivia.dm)
        await office.olivia.sees("python -m bot doctor", channel=office.olivia.dm)
        lock = office.bot.desk.store.weekdays.lock
        assert lock
        assert lock.code == "unproven"


async def test_yes_to_a_numbering_that_focus_contradicts_since_does_not_count(
    an_office: OpenOffice, clock: Clock
) -> None:
    """Without a Sunday, ``sunday0`` and ``iso`` look the same: the comparison does not tell them apart."""
    async with Sandbox(clock=clock, manifest=app_with(), numbering="iso") as sandbox:
        for number in (504, 507):
            sandbox.focus.put_rows("user", number, {7: None})
        async with an_office(settings=UNSET, sandbox=sandbox) as office:
            asked = await question(office, "sunday0")
            office.focus.put_rows("user", 507, {7: 5.5})
            await office.later(seconds=901)
            await office.ana.types(STUDIO, "/hours <@U0ZOE>")
            await office.ana.sees("Sun 5:30 h", channel=STUDIO)
            await press(office, asked, "yes")
            await office.olivia.sees("read as `sunday0`, the days don’t match", channel=office.olivia.dm)
            await press(office, await question(office, "iso"), "yes")
            await office.olivia.sees("I read weekdays as iso", channel=office.olivia.dm)


@pytest.mark.parametrize("numbering", ["monday0", "iso"])
async def test_what_focus_uses_is_asked_first_where_rows_tell(an_office: OpenOffice, numbering: str) -> None:
    async with an_office(settings=UNSET, numbering=numbering) as office:
        await press(office, await question(office, numbering), "yes")
        await office.olivia.sees(f"I read weekdays as {numbering}", channel=office.olivia.dm)
        assert office.bot.desk.store.weekdays.numbering == numbering


async def test_a_restart_neither_repeats_nor_forgets_the_question(an_office: OpenOffice) -> None:
    async with an_office(settings=UNSET) as office:
        await press(office, await question(office), "no")
        await question(office, "monday0")
        async with an_office(settings=UNSET, sandbox=office.sandbox) as again:
            await again.bot.desk.people.link_everybody()
            await again.bot.desk.work.idle()
            assert len(questions(office)) == 1
            assert again.bot.desk.store.weekdays.numbering == "monday0"


async def test_without_quota_to_spare_the_first_week_that_is_read_is_asked_about(
    sparing: Office,
) -> None:
    await sparing.ana.types(STUDIO, "/hours")
    await sparing.ana.sees("40 h", channel=STUDIO)
    await sparing.later(seconds=RETRY)
    assert "U0ANA" in (await question(sparing)).plain
    assert sparing.focus_calls() == ["GET"]


@pytest.mark.parametrize("line", ["set fri 4", "status"])
async def test_an_admin_need_not_wait_for_the_question(sparing: Office, line: str) -> None:
    """The button is an admin's, and may use the quota's reserve until one week with hours is read."""
    await sparing.ana.types(STUDIO, "/hours set fri 4")
    refused = await sparing.ana.sees("somebody has to confirm", channel=STUDIO)
    assert "compare_week" not in str(refused.blocks)
    await sparing.olivia.types(STUDIO, f"/hours {line}")
    offered = await sparing.olivia.sees("confirm", channel=STUDIO)
    await sparing.olivia.click(offered, "compare_week")
    await sparing.olivia.sees("I sent you a direct message", channel=STUDIO)
    await press(sparing, await question(sparing), "yes")
    await sparing.olivia.sees("Changes are on", channel=sparing.olivia.dm)
    assert sparing.focus_calls() == ["GET"]


async def test_where_nobody_has_hours_admins_are_told_and_asked_once_somebody_has(
    an_office: OpenOffice, clock: Clock
) -> None:
    async with Sandbox(clock=clock, manifest=app_with()) as sandbox:
        for line in sandbox.focus.summary():
            sandbox.focus.put_rows(line.kind, line.id, dict.fromkeys(range(1, 8)))
        async with an_office(settings=UNSET, sandbox=sandbox) as office:
            for _ in range(3):
                await office.later(seconds=RETRY)
            told = await office.olivia.sees("no week that I have read", channel=office.olivia.dm)
            assert office.olivia.messages(office.olivia.dm) == [told]
            read = office.focus_calls()
            assert len(read) == 8, "each of them once"
            office.focus.put_rows("user", 501, {1: 8})
            await office.later(seconds=3600)
            await office.olivia.types(STUDIO, "/hours <@U0ANA>")
            await office.olivia.sees("8 h", channel=STUDIO)
            await office.later(seconds=RETRY)
            assert "U0ANA" in (await question(office)).plain


async def test_a_button_from_before_says_that_it_is_settled(office: Office) -> None:
    asked = await question(office)
    stale = str(asked.blocks)
    await press(office, asked, "yes")
    await office.olivia.sees("has compared the week", channel=office.olivia.dm)
    assert "weekdays:yes" in stale
    asked.blocks = [  # as another device still shows it
        {
            "type": "actions",
            "block_id": "old",
            "elements": [
                {
                    "type": "button",
                    "action_id": "weekdays:no",
                    "value": "no sunday0",
                    "text": {"type": "plain_text", "text": "No"},
                }
            ],
        }
    ]
    await press(office, asked, "no")
    await office.olivia.sees("It is settled how I read", channel=office.olivia.dm)
    assert office.bot.desk.store.weekdays.lock is None


async def test_with_the_setting_nobody_is_asked(an_office: OpenOffice) -> None:
    async with an_office() as office:
        await office.bot.desk.people.link_everybody()
        await office.ana.types(STUDIO, "/hours")
        await office.ana.sees("40 h", channel=STUDIO)
        assert not questions(office)


async def test_unlock_is_an_admins(an_office: OpenOffice) -> None:
    from store.weekdays import Lock

    async with an_office() as office:
        desk = office.bot.desk
        await desk.store.weekdays.lock_writes(Lock("moved", "Mon"), now=desk.clock.now())
        await desk.store.outbox.alert(
            "lock:test", recipients=("U0OLIVIA", "U0ANA"), detail={"code": "moved", "seen": "Mon"},
            now=desk.clock.now(),
        )  # fmt: skip
        await office.ana.click(
            await office.ana.sees("I stopped all changes", channel=office.ana.dm), "unlock"
        )
        await office.ana.sees("Only a bot admin", channel=office.ana.dm)
        assert desk.store.weekdays.lock
        alert = await office.olivia.sees("I stopped all changes", channel=office.olivia.dm)
        await office.olivia.click(alert, "unlock")
        await office.olivia.sees("Changes are allowed again", channel=office.olivia.dm)
        assert desk.store.weekdays.lock is None
        await office.olivia.click(alert, "unlock")
        await office.olivia.sees("allowed already", channel=office.olivia.dm)


async def test_a_setting_that_everybodys_weeks_contradict_stops_changes_until_an_admin_has_compared(
    an_office: OpenOffice,
) -> None:
    """Where people work from Sunday to Thursday the setting is right all the same: it is asked about once."""
    async with an_office(settings={"FOCUS_WEEKDAYS": "sunday0"}, numbering="monday0") as office:
        await office.ana.types(STUDIO, "/hours")
        await office.ana.sees("Mon–Thu 8 h", channel=STUDIO)
        await office.later(seconds=86_400)
        alert = await office.olivia.sees("This fits monday0", channel=office.olivia.dm)
        async with office.unchanged():
            await office.ana.types(STUDIO, "/hours set fri 4")
            await office.ana.sees("fit another numbering than `FOCUS_WEEKDAYS`", channel=STUDIO)
        await office.olivia.types(STUDIO, "/hours status")
        await office.olivia.sees("more people’s weeks fit another numbering", channel=STUDIO)
        await office.olivia.click(alert, "unlock")
        await office.olivia.sees("Changes are allowed again", channel=office.olivia.dm)
        await office.later(seconds=86_400)
        await office.at_rest()
        await office.ana.types(STUDIO, "/hours set mon 4")
        await office.ana.sees("Mon 8 h → 4 h", channel=STUDIO)
