"""A dead key and a channel that takes nothing: admins hear once, and once when it is mended."""

from __future__ import annotations

from contextlib import suppress

import pytest

from bot.app import StartError
from bot.manifest import manifest
from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from bot.sandbox.slack import Human
from store.access import Action
from store.alarms import KEY
from store.focus import KeyRefusedError
from tests.asking import ANA, BEN, TUE, Asker
from tests.conftest import OpenOffice, OpenStore
from tests.office import STUDIO, Office


def _told(human: Human, text: str) -> int:
    return sum(text in message.plain for message in human.messages(human.dm))


async def test_a_dead_key_is_told_once_and_its_return_once(office: Office) -> None:
    refused = office.focus.faults.add(Fault(FaultKind.REFUSE, "* *workinghours*", status=401))
    for _ in range(2):
        before = len(office.ana.messages(STUDIO))
        await office.ana.types(STUDIO, "/hours @ben")
        await office.ana.sees("does not accept my API key", channel=STUDIO, after=before)
        await office.later(seconds=1)
    told = await office.olivia.sees("Toggl Focus refuses my API key", channel=office.olivia.dm)
    assert "FOCUS_API_KEY" in told.plain
    assert "Until then changes wait, for 7 days at most, and weeks are shown as last read." in told.plain
    office.focus.faults.remove(refused)
    await office.ana.types(STUDIO, "/hours @ben")
    await office.ana.sees("21 h", channel=STUDIO)
    await office.later(seconds=1)
    await office.olivia.sees("accepts my API key again", channel=office.olivia.dm)
    await office.later(seconds=1)
    await office.until_waiting(0)
    assert _told(office.olivia, "refuses my API key") == 1
    assert _told(office.olivia, "accepts my API key again") == 1


async def test_an_audit_channel_that_takes_nothing_is_told_with_the_fix(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_AUDIT_CHANNEL": "G0ADMIN"}) as office:
        office.slack.channels["G0ADMIN"].is_archived = True
        await office.ana.types(STUDIO, "/hours set fri 4")
        told = await office.olivia.sees("I can’t post in <#G0ADMIN>", channel=office.olivia.dm)
        assert "unarchive it" in told.plain
        office.slack.channels["G0ADMIN"].is_archived = False
        await office.ana.types(STUDIO, "/hours set fri 5")
        await office.olivia.sees("I can post in <#G0ADMIN> again", channel=office.olivia.dm)


async def test_a_line_in_a_channel_that_was_archived_is_not_edited_again_and_again(
    an_office: OpenOffice,
) -> None:
    async with an_office(settings={"HOURS_AUDIT_CHANNEL": "G0ADMIN"}) as office:
        await office.ana.types(STUDIO, "/hours set fri 4")
        await office.olivia.sees("Fri 8 h → 4 h", channel="G0ADMIN")
        await office.at_rest()
        office.slack.channels["G0ADMIN"].is_archived = True
        await office.ana.types(STUDIO, "/hours undo")
        told = await office.olivia.sees("I can’t post in <#G0ADMIN>", channel=office.olivia.dm)
        assert "unarchive it" in told.plain
        await office.at_rest()
        seen = office.sandbox.log.total
        office.clock.move(seconds=600)
        await office.at_rest()
        assert not [call for call in office.sandbox.log.since(seen) if call.name == "chat.update"]


async def test_an_audit_channel_that_others_come_to_read_gets_no_more_lines(an_office: OpenOffice) -> None:
    """Another organization joins it, or it is made public, while the bot runs."""
    async with an_office(settings={"HOURS_AUDIT_CHANNEL": "G0ADMIN"}) as office:
        channel = office.slack.channels["G0ADMIN"]
        await office.ana.types(STUDIO, "/hours set fri 4")
        await office.olivia.sees("Fri 8 h → 4 h", channel="G0ADMIN")
        for changed, why in (
            ("is_ext_shared", "other organizations"),
            ("is_private", "Everybody can read it"),
        ):
            lines = len(channel.messages)
            dm = len(office.olivia.messages(office.olivia.dm))
            was = getattr(channel, changed)
            setattr(channel, changed, not was)
            await office.later(seconds=60)  # so long is believed what Slack told of it
            await office.ana.types(STUDIO, "/hours set mon 5")
            told = await office.olivia.sees("I can’t post in <#G0ADMIN>", channel=office.olivia.dm, after=dm)
            assert why in told.plain
            await office.ana.types(STUDIO, "/hours undo")
            await office.ana.sees("Mon 5 h → 8 h", channel=office.ana.dm)
            await office.bot.desk.work.idle()
            assert len(channel.messages) == lines
            setattr(channel, changed, was)
            await office.later(seconds=60)
            await office.ana.types(STUDIO, f"/hours set thu {lines + 1}")
            await office.olivia.sees("I can post in <#G0ADMIN> again", channel=office.olivia.dm, after=dm)
            await office.bot.desk.work.idle()


@pytest.mark.parametrize(
    ("changed", "says"),
    [("is_ext_shared", "is shared with another organization"), ("is_private", "is a public channel")],
)
async def test_with_an_audit_channel_that_others_read_the_bot_does_not_start(
    an_office: OpenOffice, clock: Clock, changed: str, says: str
) -> None:
    async with Sandbox(clock=clock, manifest=manifest("/hours", socket_mode=True)) as sandbox:
        channel = sandbox.slack.channels["G0ADMIN"]
        setattr(channel, changed, not getattr(channel, changed))
        with pytest.raises(StartError, match=f"HOURS_AUDIT_CHANNEL {says}"):
            async with an_office(sandbox=sandbox, settings={"HOURS_AUDIT_CHANNEL": "G0ADMIN"}):
                pass


async def test_two_processes_tell_it_once_and_both_know(
    open_store: OpenStore, focus: Focus, clock: Clock
) -> None:
    one, two = Asker(await open_store(), clock), Asker(await open_store(), clock)
    refused = focus.faults.add(Fault(FaultKind.REFUSE, status=401))
    for asker in (one, two):
        await asker.sets(ANA, {TUE: 4})
        await asker.store.alarms.tell(clock.now())
    assert [alarm.what for alarm in one.store.alarms.standing] == [KEY]
    assert [alarm.what for alarm in two.store.alarms.standing] == [KEY]
    alerts = await one.rows("SELECT * FROM outbox WHERE kind = 'alert'")
    assert [row["recipient"] for row in alerts] == ["U0OLIVIA"]
    focus.faults.remove(refused)
    await two.store.hours.look(await two.permit(Action.SEE, ANA), fresh=True)
    await two.store.alarms.tell(clock.now())
    assert two.store.alarms.standing == ()
    assert len(await one.rows("SELECT * FROM outbox WHERE kind = 'alert'")) == 2


async def test_what_one_process_knows_the_other_ends(
    open_store: OpenStore, focus: Focus, clock: Clock
) -> None:
    one, two = Asker(await open_store(), clock), Asker(await open_store(), clock)
    refused = focus.faults.add(Fault(FaultKind.REFUSE, status=401))
    await one.sets(ANA, {TUE: 4})
    await one.store.alarms.tell(clock.now())
    report = await two.store.health.report(await two.permit(Action.ADMINISTER), now=clock.now())
    assert [alarm.what for alarm in report.alarms] == [KEY]
    focus.faults.remove(refused)
    await two.store.hours.look(await two.permit(Action.SEE, ANA), fresh=True)
    await two.store.alarms.tell(clock.now())
    assert len(await one.rows("SELECT * FROM outbox WHERE kind = 'alert'")) == 2
    focus.faults.add(Fault(FaultKind.REFUSE, status=401))
    clock.move(seconds=60)
    with suppress(KeyRefusedError):
        await one.store.hours.look(await one.permit(Action.SEE, BEN), fresh=True)
    await one.store.alarms.tell(clock.now())
    assert len(await one.rows("SELECT * FROM outbox WHERE kind = 'alert'")) == 3


async def test_a_key_that_ends_is_told_on_three_days_and_its_renewal_once(an_office: OpenOffice) -> None:
    async with an_office(settings={"FOCUS_API_KEY_EXPIRES": "2026-03-17"}) as office:
        for told in (1, 2, 3):
            days = {1: 1, 2: 11, 3: 2}[told]
            for _ in range(days):
                assert _told(office.olivia, "My Toggl Focus key expires on") == told - 1
                await office.later(seconds=86400)
                await office.at_rest()
            assert _told(office.olivia, "My Toggl Focus key expires on Tue 17 Mar 2026") == told
            assert _told(office.olivia, "Until the restart changes wait, for 7 days at most.") == told
        assert not _told(office.ana, "My Toggl Focus key")
    for told in (1, 0):  # the next start with the same day has nothing more to tell
        async with an_office(settings={"FOCUS_API_KEY_EXPIRES": "2027-03-17"}) as office:
            await office.at_rest()
            assert _told(office.olivia, "key is renewed: it ends on Wed 17 Mar 2027") == told


async def test_what_nobody_foresaw_at_the_daily_look_ends_neither_that_nor_the_warnings(
    an_office: OpenOffice, caplog: pytest.LogCaptureFixture
) -> None:
    async with an_office(settings={"FOCUS_API_KEY_EXPIRES": "2026-03-17"}) as office:
        await office.at_rest()
        office.slack.people["U0TOM"].email = 5  # type: ignore[assignment]  # as Slack never sends it
        for told in (1, 1, 2):
            await office.later(seconds={1: 86400, 2: 10 * 86400}[told])
            await office.at_rest()
            assert _told(office.olivia, "My Toggl Focus key expires on") == told
        failed = [each.exc_info for each in caplog.records if "trying again in an hour" in each.getMessage()]
        assert len(failed) == 3
        assert all(failed)
        office.slack.people["U0TOM"].email = "tom.weber@focus-mail.example"
        await office.later(seconds=3600)
        await office.at_rest()
        await office.tom.types(STUDIO, "/hours")
        await office.tom.sees("Tue–Thu 6 h", channel=STUDIO)
        caplog.clear()  # the errors were there, as they should be
