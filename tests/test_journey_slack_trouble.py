"""When Slack is slow, broken or closed: what was written is told once, and nothing is written unasked."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import aiohttp
import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Message
from handlers import hours
from handlers.asked import Verb
from handlers.desk import Ask
from tests.conftest import OpenOffice
from tests.inside import database
from tests.office import STUDIO, Office, routes_with

CHANGED = "You changed your week: Fri 8 h → 4 h"


def broken(office: Office, kind: FaultKind, match: str, **more: object) -> Fault:
    return office.slack.faults.add(Fault(kind, match=match, **more))  # type: ignore[arg-type]  # checked there


def receipts(office: Office) -> list[Message]:
    return [each for each in office.ana.messages(office.ana.dm) if CHANGED in each.text]


@pytest.mark.parametrize("knows_repeats", [True, False])
@pytest.mark.parametrize("kind", [FaultKind.FAIL_BEFORE, FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER])
async def test_a_receipt_that_slack_did_not_take_comes_later_and_once(
    office: Office, kind: FaultKind, *, knows_repeats: bool
) -> None:
    """Slack promises nowhere that it recognizes a repeat."""
    office.slack.world.knows_repeats = knows_repeats
    fault = broken(office, kind, "chat.postMessage", times=1)
    await office.ana.types(STUDIO, "/hours set fri 4")
    await office.ana.sees(CHANGED, channel=STUDIO)
    await fault.reached.wait()
    seen = office.sandbox.log.total
    await office.later(seconds=6)
    await office.sandbox.log.wait_for(lambda call: call.name == "conversations.history", after=seen)
    await office.ana.sees(CHANGED, channel=office.ana.dm)
    await office.bot.desk.work.idle()
    assert len(receipts(office)) == 1


@pytest.mark.parametrize("seconds", [1, 45])
async def test_a_rate_limit_is_waited_for_and_nothing_is_told_twice(office: Office, seconds: int) -> None:
    """However long Slack wants to rest: longer than somebody may hold a message, too."""
    office.slack.world.knows_repeats = False
    tired = broken(office, FaultKind.RATE_LIMITED, "chat.postMessage", times=1, seconds=seconds)
    await office.ana.types(STUDIO, "/hours set fri 4")
    await office.ana.sees(CHANGED, channel=STUDIO)
    await tired.reached.wait()
    for _ in range(seconds - 1):
        await office.later(seconds=1)
    await office.at_rest()
    assert receipts(office) == []
    await office.later(seconds=1)
    await office.ana.sees(CHANGED, channel=office.ana.dm)
    await office.later(seconds=60)
    await office.at_rest()
    assert len(receipts(office)) == 1


async def test_what_took_so_long_to_word_that_another_hand_has_it_is_told_once(office: Office) -> None:
    """Slack was asked who Ben is by now, and answered after his notice was taken once more."""
    office.slack.world.knows_repeats = False
    await office.make_manager()
    await office.later(seconds=700)  # what is known of people holds for ten minutes
    await office.mia.types(STUDIO, "/hours")
    await office.mia.sees("Your week", channel=STUDIO)
    broken(office, FaultKind.REFUSE, "conversations.history", error="not_in_channel")
    slow = [broken(office, FaultKind.SLOW, "users.info", times=1, seconds=math.inf) for _ in range(2)]
    await office.mia.types(STUDIO, "/hours set @ben mon 4")
    for each in slow:
        await each.reached.wait()
        await office.until_waiting(0)
        office.clock.move(seconds=31)
    for each in slow:
        office.slack.faults.remove(each)
    await office.ben.sees("Mon 8:30 h → 4 h", channel=office.ben.dm)
    await office.at_rest()
    office.clock.move(seconds=60)
    await office.at_rest()
    assert len(office.ben.messages(office.ben.dm)) == 1


@pytest.mark.parametrize("kind", [FaultKind.FAIL_BEFORE, FaultKind.CUT_BEFORE])
async def test_an_answer_that_cannot_be_private_is_a_direct_message(office: Office, kind: FaultKind) -> None:
    broken(office, kind, "response_url")
    await office.ana.types(STUDIO, "/hours")
    await office.ana.sees("Your week: Mon–Fri 8 h", channel=office.ana.dm)
    assert office.ana.messages(STUDIO) == []


@pytest.mark.parametrize("kind", [FaultKind.FAIL_BEFORE, FaultKind.CUT_BEFORE, FaultKind.REFUSE])
async def test_while_slack_does_not_tell_who_somebody_is_nothing_is_written(
    office: Office, kind: FaultKind
) -> None:
    await office.later(seconds=700)  # what is known of people holds for ten minutes
    broken(office, kind, "users.info")
    for place, line in ((STUDIO, "/hours set fri 4"), (office.ana.dm, "set fri 4 from 2026-04-01")):
        await office.ana.types(place, line)
        await office.ana.sees("so nothing was changed. Try again in a moment.", channel=place)
    await office.ana.types(STUDIO, "/hours")
    await office.ana.sees("Slack did not answer me properly just now. Try again", channel=STUDIO)
    assert office.focus_calls() == []


async def test_a_form_that_slack_does_not_open_is_said(office: Office) -> None:
    broken(office, FaultKind.FAIL_BEFORE, "views.open")
    await office.ana.types(STUDIO, "/hours edit")
    await office.ana.sees("Slack did not answer me properly just now. Try again", channel=STUDIO)
    assert office.ana.modal is None


@pytest.mark.parametrize("line", ["set fri 4", "set fri 4 from 2026-04-01"])
async def test_once_a_change_has_begun_it_is_not_said_that_nothing_was_changed(
    an_office: OpenOffice, line: str
) -> None:
    async def and_then_slack_fails(ask: Ask) -> None:
        await hours.change(ask)
        raise aiohttp.ServerDisconnectedError

    async with an_office(routes=routes_with(and_then_slack_fails, verbs={Verb.SET})) as office:
        await office.ana.types(STUDIO, f"/hours {line}")
        told = "I’ll tell you in a direct message what became of your change."
        await office.ana.sees(told, channel=STUDIO)


async def test_an_answer_that_slack_does_not_take_leaves_open_what_was_done(office: Office) -> None:
    broken(office, FaultKind.FAIL_BEFORE, "response_url", times=1)
    broken(office, FaultKind.FAIL_BEFORE, "chat.postMessage", times=1)
    await office.olivia.types(STUDIO, "/hours managers grant <@U0MIA> everyone")
    await office.olivia.sees("If you were changing a week, I’ll tell you", channel=STUDIO)
    assert [grant.manager for grant in await office.bot.desk.store.access.grants()] == ["U0MIA"]


@pytest.mark.parametrize("kind", [FaultKind.FAIL_BEFORE, FaultKind.CUT_BEFORE, FaultKind.REFUSE])
async def test_while_slack_does_not_tell_who_has_asked_a_waiting_change_waits_on_without_a_word(
    office: Office, kind: FaultKind
) -> None:
    office.focus.quota.exhaust()
    await office.ana.types(STUDIO, "/hours set fri 4")
    await office.ana.sees("The change to your week waits: ", channel=office.ana.dm)
    await office.at_rest()
    fault = broken(office, kind, "users.info")
    office.clock.move(seconds=3601)  # what is known of people holds for ten minutes
    await fault.reached.wait()
    seen = office.sandbox.log.total
    for _ in range(5):
        await office.at_rest()
        office.clock.move(seconds=1.1)
    await office.at_rest()
    asked = [call for call in office.sandbox.log.since(seen) if call.name == "users.info"]
    assert len(asked) <= 1, "Slack is not asked at every tick either"
    assert len(office.ana.messages(office.ana.dm)) == 1
    office.slack.faults.remove(fault)
    office.clock.move(seconds=60)
    await office.ana.sees(CHANGED, channel=office.ana.dm)


FORMS = {
    "edit": "now 38 h a week",
    "edit <@U0BEN> from 2026-04-01": "<@U0BEN> · now 21 h a week",
    "bulk <@U0BEN>": "User groups and placeholders",
    "remind board": "Only for a user group",
    "link <@U0TOM>": "Focus user",
    "managers > managers_grant": "May change the weeks of",
    "plan > plan_edit": "Days and hours",
    "reminders > reminder_change": "Only for a user group",
    "reminders > reminder_pause": "Pause until",
}
"""A line, or a line and the button to press below its answer -> what is in the form that it opens."""


async def to_open(office: Office, way: str) -> Callable[[], Awaitable[object]]:
    """What opens the form for Olivia, who has a plan and a reminder."""
    for line, says in (("set fri off from 2026-04-01", "Planned"), ("remind mon 9:00", "Created.")):
        await office.olivia.types(STUDIO, f"/hours {line}")
        await office.olivia.sees(says, channel=STUDIO)
    line, _, action = way.partition(" > ")
    if not action:
        return lambda: office.olivia.types(STUDIO, f"/hours {line}")
    seen = len(office.olivia.messages(STUDIO))
    await office.olivia.types(STUDIO, f"/hours {line}")
    return partial(press, office, await office.olivia.sees("", channel=STUDIO, after=seen), action)


async def press(office: Office, shown: Message, action: str = "") -> None:
    """Olivia presses the first of the message's buttons whose name begins like this."""
    names = [each.get("action_id") for block in shown.blocks for each in block.get("elements", [])]
    await office.olivia.click(shown, next(name for name in names if name and name.startswith(action)))


@pytest.mark.parametrize("way", FORMS)
async def test_a_form_that_comes_too_late_is_one_press_away(office: Office, way: str) -> None:
    opens = await to_open(office, way)
    broken(office, FaultKind.REFUSE, "views.open", times=1, error="expired_trigger_id")
    seen = len(office.olivia.messages(STUDIO))
    await opens()
    offered = await office.olivia.sees("", channel=STUDIO, after=seen)
    assert office.olivia.modal is None
    await press(office, offered)
    await office.olivia.sees_modal(FORMS[way])


@pytest.mark.parametrize("way", FORMS)
async def test_a_form_opens_before_slack_has_said_who_asks(office: Office, way: str) -> None:
    opens = await to_open(office, way)
    await office.later(seconds=700)  # what is known of people holds for ten minutes
    slow = broken(office, FaultKind.SLOW, "users.info", seconds=math.inf)
    await opens()
    await office.olivia.sees_modal(" …")
    office.slack.faults.remove(slow)
    await office.olivia.sees_modal(FORMS[way])


async def test_a_result_that_the_modal_does_not_take_is_in_the_direct_message(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours edit")
    view = await office.ana.sees_modal("Working days")
    office.ana.fill(view, "Working days", ["1", "2", "3", "4"])
    broken(office, FaultKind.FAIL_BEFORE, "views.update")
    await office.ana.submit()
    await office.ana.sees("You changed your week: Fri 8 h → off", channel=office.ana.dm)
    assert office.focus_week(501) == "8 8 8 8 0 - -"


async def test_a_receipt_that_cannot_be_delivered_does_not_hold_up_the_others(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_AUDIT_CHANNEL": "G0ADMIN"}) as office:
        office.slack.channels["G0ADMIN"].is_archived = True
        await office.ana.types(STUDIO, "/hours set fri 4")
        await office.ana.sees(CHANGED, channel=office.ana.dm)
        await office.bot.desk.work.idle()
        seen = office.sandbox.log.total
        await office.later(seconds=60)
        await office.until_waiting(0)
        again = [call.request for call in office.sandbox.log.since(seen) if call.name == "chat.postMessage"]
        assert "G0ADMIN" not in {asked["channel"] for asked in again if isinstance(asked, dict)}


async def test_a_receipt_outlives_a_day_without_slack(office: Office) -> None:
    down = broken(office, FaultKind.FAIL_BEFORE, "chat.postMessage")
    await office.ana.types(STUDIO, "/hours set fri 4")
    await office.ana.sees(CHANGED, channel=STUDIO)
    began = office.clock.now()
    while office.clock.now() - began < timedelta(days=2):
        await office.at_rest()
        office.clock.move(seconds=7200)
    await office.at_rest()
    assert receipts(office) == []
    office.slack.faults.remove(down)
    office.clock.move(seconds=7200)
    await office.ana.sees(CHANGED, channel=office.ana.dm)
    assert len(receipts(office)) == 1


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
async def test_where_slack_refuses_the_blocks_the_text_is_sent_alone(office: Office, method: str) -> None:
    broken(office, FaultKind.REFUSE, method, times=1, error="invalid_blocks")
    await office.ana.types(STUDIO, "/hours set fri 4")
    await office.ana.sees(CHANGED, channel=office.ana.dm)
    await office.ana.types(office.ana.dm, "undo")
    await office.ana.sees("Undone by you", channel=office.ana.dm)
    await office.bot.desk.work.idle()
    (receipt,) = receipts(office)
    assert (receipt.blocks == []) is (method == "chat.update")
    assert "Undone by you" in receipt.text
    office.sandbox.log.clear()  # the refusal was ordered


@pytest.mark.parametrize("where", ["channel", "dm"])
async def test_an_answer_whose_blocks_slack_refuses_is_its_text(office: Office, where: str) -> None:
    broken(office, FaultKind.FAIL_BEFORE, "response_url", times=1, status=400, error="invalid_blocks")
    broken(office, FaultKind.REFUSE, "chat.postMessage", times=1, error="msg_blocks_too_long")
    place, line = (STUDIO, "/hours me") if where == "channel" else (office.ana.dm, "me")
    await office.ana.types(place, line)
    answer = await office.ana.sees("Your week: Mon–Fri 8 h", channel=office.ana.dm)
    assert answer.blocks == []
    office.sandbox.log.clear()  # the refusals were ordered


async def test_where_the_blocks_cannot_be_made_the_text_is_sent_alone(office: Office) -> None:
    """A button does not hold a line of 3,000 characters."""
    line, now = f"set {'<@U0BEN> ' * 333} fri 4", office.clock.now()
    await office.bot.desk.store.petitions.ask("p", asker="U0TOM", asked=("U0OLIVIA",), text=line, now=now)
    await office.olivia.types(STUDIO, "/hours link <@U0TOM> 506")
    told = await office.tom.sees("linked you to", channel=office.tom.dm)
    assert told.blocks == []


async def test_what_cannot_be_worded_is_tried_less_and_less_often(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    outbox, now = office.bot.desk.store.outbox, office.clock.now()
    await outbox.alert("odd", recipients=("U0OLIVIA",), detail={"code": "alarm"}, now=now)
    for _ in range(40):
        await office.at_rest()
        office.clock.move(seconds=30)
    await office.at_rest()
    incidents = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
    assert len(incidents) == 8, "after 5 s, 10 s, and so on, and not each time that its lease ends"
    caplog.clear()  # they were ordered


async def test_home_survives_a_slack_that_does_not_publish(office: Office) -> None:
    await office.ana.open_home()
    await office.ana.sees_home("Monday: *8 h*")
    broken(office, FaultKind.FAIL_BEFORE, "views.publish", times=1)
    await office.ana.types(STUDIO, "/hours set mon 4")
    await office.ana.sees("Mon 8 h → 4 h", channel=office.ana.dm)
    await office.bot.desk.work.idle()
    await office.ana.open_home()
    await office.ana.sees_home("Monday: *4 h*")


@pytest.mark.parametrize("trouble", ["Slack", "the database"])
async def test_who_did_nothing_hears_of_no_trouble(office: Office, trouble: str) -> None:
    """Slack tells of each new status of each person; opening Home asks for no message."""
    kept_in = database(office.bot.desk.store)
    if trouble == "Slack":
        broken(office, FaultKind.FAIL_BEFORE, "users.info")
    else:
        await kept_in.read(lambda sql: sql.conn.execute("PRAGMA query_only = ON"))
    await office.slack.change_user("U0BEN", tz="America/New_York")
    await office.ana.open_home()
    await office.bot.desk.work.idle()
    await kept_in.read(lambda sql: sql.conn.execute("PRAGMA query_only = OFF"))
    assert office.sandbox.log.count("slack", "chat.postMessage") == 0


@pytest.mark.parametrize("how", ["refresh_requested", "warning", "link_disabled", "cut"])
async def test_a_lost_connection_is_replaced(office: Office, how: str) -> None:
    if how == "cut":
        office.slack.sockets.cut()
    else:
        await office.slack.sockets.disconnect(how)
    await office.slack.connected()
    await office.ana.types(STUDIO, "/hours")
    await office.ana.sees("Your week: Mon–Fri 8 h", channel=STUDIO)


async def test_a_receipt_whose_arrival_slack_did_not_confirm_is_kept_true(office: Office) -> None:
    await lost_receipt(office)
    await office.ana.types(office.ana.dm, "undo")
    await office.ana.sees("Undone by you", channel=office.ana.dm)
    await office.bot.desk.work.idle()
    (first,) = receipts(office)
    assert "Undone by you" in first.plain
    assert office.sandbox.log.count("slack", "conversations.history") == 1


async def test_what_was_undone_before_slack_confirmed_the_receipt_is_said_in_it(office: Office) -> None:
    broken(office, FaultKind.CUT_AFTER, "chat.postMessage", times=1)
    await office.ana.types(STUDIO, "/hours set fri 4")
    told = await office.ana.sees(CHANGED, channel=STUDIO)
    await office.bot.desk.work.idle()
    await office.ana.click(told, "undo")
    await office.ana.sees("Undone by you", channel=office.ana.dm)
    await office.bot.desk.work.idle()
    assert len(receipts(office)) == 1


async def test_a_receipt_that_cannot_be_found_again_is_followed_by_its_news(office: Office) -> None:
    """Where the bot may not read, an old copy that still offers Undo must not be the last word."""
    broken(office, FaultKind.REFUSE, "conversations.history", error="not_in_channel")
    await lost_receipt(office)
    assert len(receipts(office)) == 1
    assert await office.bot.desk.store.repeats.are_recognized(), "so reminders need nobody to look for them"
    await office.ana.types(office.ana.dm, "undo")
    await office.ana.sees("Undone by you", channel=office.ana.dm)
    await office.bot.desk.work.idle()
    stale, news = receipts(office)
    assert "Undone by you" not in stale.plain
    assert "Undone by you" in news.plain


async def lost_receipt(office: Office) -> None:
    """A receipt that arrived, while Slack's answer did not."""
    broken(office, FaultKind.CUT_AFTER, "chat.postMessage", times=1)
    await office.ana.types(STUDIO, "/hours set fri 4")
    await office.ana.sees(CHANGED, channel=office.ana.dm)
    await office.bot.desk.work.idle()
    seen = office.sandbox.log.total
    await office.later(seconds=6)
    await office.sandbox.log.wait_for(lambda call: call.name == "conversations.history", after=seen)
    await office.bot.desk.work.idle()


async def unanswered(office: Office) -> Message:
    """What a person reads whose line came to nothing while Slack was down."""
    await office.later(seconds=700)  # what is known of people holds for ten minutes
    down = broken(office, FaultKind.FAIL_BEFORE, "*")
    await office.ana.types(STUDIO, "/hours set fri 4")
    await office.bot.desk.work.idle()
    office.slack.faults.remove(down)
    await office.later(seconds=10)
    return await office.ana.sees("Slack did not take my answer", channel=office.ana.dm)


async def test_whoever_got_no_answer_at_all_is_told_when_slack_is_back(office: Office) -> None:
    told = await unanswered(office)
    assert "`/hours set fri 4`" in told.text
    assert "nothing was changed" in told.text
    assert office.focus_calls() == []
    await office.ana.click(told, "do_it_now")
    await office.ana.sees(CHANGED, channel=office.ana.dm)
    assert office.focus_week(501) == "8 8 8 8 4 - -"


async def test_what_was_asked_a_day_ago_is_not_done_any_more(office: Office) -> None:
    """Somebody may have changed the day since; nobody has seen what it would overwrite."""
    told = await unanswered(office)
    await office.later(seconds=86_400)
    await office.ana.click(told, "do_it_now")
    await office.ana.sees("This is too old, so I did nothing. Ask again.", channel=office.ana.dm)
    await office.ana.sees("Ask again if you still want it.", channel=office.ana.dm)
    assert "Do it now" not in told.plain
    await office.bot.desk.work.idle()
    assert office.focus_calls() == []
