"""When Focus is slow, broken or closed: nothing is lost, nothing is written twice, and it is said truly."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Message, View
from handlers.views.troubles import focus_trouble
from handlers.work import Lane
from store.focus import (
    ForbiddenError,
    KeyRefusedError,
    NotFoundError,
    NotUnderstoodError,
    OutOfQuotaError,
    RejectedError,
    SlowDownError,
    UnavailableError,
)
from tests.conftest import OpenOffice
from tests.office import STUDIO, Office

HALF_A_MINUTE, AN_HOUR = 31, 3601
WAITS = "The change to your week waits: "
UNCERTAIN = "The change to your week is not certain yet: "


async def practised(office: Office) -> None:
    """The first call of each kind is read back: have that behind."""
    for text in ("set sat 1", "set sat 2", "clear sat"):
        before = len(office.ana.messages(STUDIO))
        await office.ana.types(STUDIO, f"/hours {text}")
        await office.ana.sees("You changed your week", channel=STUDIO, after=before)
    await office.ana.sees("Sat 2 h → not set", channel=office.ana.dm)
    await office.bot.desk.work.idle()


async def asked(office: Office, text: str, says: str) -> Message:
    """The private answer to a command of Ana's."""
    before = len(office.ana.messages(STUDIO))
    await office.ana.types(STUDIO, f"/hours {text}")
    return await office.ana.sees(says, channel=STUDIO, after=before)


def broken(office: Office, kind: FaultKind, match: str = "* *workinghours*", **more: object) -> Fault:
    return office.focus.faults.add(Fault(kind, match=match, **more))  # type: ignore[arg-type]  # checked there


async def test_a_slow_focus_gets_a_word_after_three_seconds(office: Office) -> None:
    slow = broken(office, FaultKind.SLOW, "PUT *", seconds=math.inf)
    await office.ana.types(STUDIO, "/hours set fri 4")
    await slow.reached.wait()
    await office.until_waiting(1)
    office.clock.move(seconds=3)
    await office.ana.sees("Toggl Focus is slow right now; I’m still working on it.", channel=STUDIO)
    office.focus.faults.remove(slow)
    await office.ana.sees("You changed your week: Fri 8 h → 4 h", channel=STUDIO)
    assert office.focus_week(501) == "8 8 8 8 4 - -"
    assert office.focus_calls().count("PUT") == 1


async def test_a_slow_focus_does_not_delay_what_is_known(office: Office) -> None:
    await asked(office, "@ben", "<@U0BEN>’s week")
    slow = broken(office, FaultKind.SLOW, seconds=math.inf)
    for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
        await office.ana.types(STUDIO, f"/hours set {day} 4")
    await slow.reached.wait()
    await office.mia.types(STUDIO, "/hours @ben")
    await office.mia.sees("<@U0BEN>’s week", channel=STUDIO)
    office.focus.faults.remove(slow)
    await office.ana.sees("Sun not set → 4 h", channel=office.ana.dm)
    await office.bot.desk.work.idle()
    assert office.focus_week(501) == "4 4 4 4 4 4 4"


async def unlinked_looks(office: Office) -> Fault:
    """Tom, whom Focus has to be asked about again, asks for his week."""
    await office.later(seconds=700)  # a list of Focus's people holds for ten minutes
    slow = broken(office, FaultKind.SLOW, "*", seconds=math.inf)
    for _ in range(Lane.QUICK.value):
        await office.tom.types(STUDIO, "/hours")
    return slow


async def copies(office: Office) -> Fault:
    """Olivia fills her form with the hours of Mia, whose week was never read."""
    await office.olivia.types(STUDIO, "/hours edit @ana")
    view = await office.olivia.sees_modal("Working days")
    await office.olivia.suggest(view, "copy_from", "mia")
    slow = broken(office, FaultKind.SLOW, seconds=math.inf)
    for _ in range(Lane.QUICK.value):
        await office.olivia.click(view, "copy_from", selected="person:504")
    return slow


async def posts(office: Office) -> Fault:
    """A reminder is posted out of turn, for which Focus has to say who is away."""
    await office.olivia.types(STUDIO, "/hours remind mon 9:00 check")
    card = await office.olivia.sees("Check", channel=STUDIO)
    (reminder,) = await office.bot.desk.store.reminders.every()
    slow = broken(office, FaultKind.SLOW, "*timeoff*", seconds=math.inf)
    for _ in range(Lane.QUICK.value):
        await office.olivia.click(card, f"reminder_post:{reminder.id}")
    return slow


@pytest.mark.parametrize("wait_for_focus", [unlinked_looks, copies, posts])
async def test_requests_that_seldom_need_focus_do_not_delay_what_is_known_either(
    office: Office, wait_for_focus: Callable[[Office], Awaitable[Fault]]
) -> None:
    await asked(office, "@ben", "<@U0BEN>’s week")
    slow = await wait_for_focus(office)
    await slow.reached.wait()
    await asked(office, "help", "/hours set")
    office.focus.faults.remove(slow)


async def test_who_waits_for_focus_unexpectedly_gets_a_word_after_three_seconds_too(office: Office) -> None:
    await office.later(seconds=700)
    slow = broken(office, FaultKind.SLOW, "*", seconds=math.inf)
    await office.tom.types(STUDIO, "/hours")
    await slow.reached.wait()
    await office.until_waiting(1)
    office.clock.move(seconds=3)
    await office.tom.sees("Toggl Focus is slow right now; I’m still working on it.", channel=STUDIO)
    office.focus.faults.remove(slow)
    await office.tom.sees("I don’t know yet who you are", channel=STUDIO)


@pytest.mark.parametrize("kind", [FaultKind.CUT_AFTER, FaultKind.FAIL_AFTER])
@pytest.mark.parametrize(
    ("text", "verb", "week"),
    [
        ("set sat 3", "POST", "8 8 8 8 8 3 -"),
        ("set fri 4", "PUT", "8 8 8 8 4 - -"),
        ("clear fri", "DELETE", "8 8 8 8 - - -"),
    ],
)
async def test_what_focus_did_before_it_broke_off_is_found_out_at_once(
    office: Office, kind: FaultKind, text: str, verb: str, week: str
) -> None:
    await practised(office)
    seen = office.sandbox.log.total
    broken(office, kind, f"{verb} *", times=1)
    await asked(office, text, "You changed your week")
    assert office.focus_week(501) == week
    assert office.focus_calls(after=seen) == ["GET", verb, "GET"]


@pytest.mark.parametrize("kind", [FaultKind.CUT_BEFORE, FaultKind.FAIL_BEFORE])
async def test_what_focus_did_not_do_is_believed_after_two_looks_and_can_be_tried_again(
    office: Office, kind: FaultKind
) -> None:
    await practised(office)
    seen = office.sandbox.log.total
    broken(office, kind, "POST *", times=1)
    waiting = await asked(office, "set sat 3", UNCERTAIN)
    assert "Toggl Focus did not say whether it worked." in waiting.text
    assert "I’ll check again" in waiting.text
    receipt = await office.ana.sees(UNCERTAIN, channel=office.ana.dm)
    await office.later(seconds=HALF_A_MINUTE)
    await office.ana.sees("Nothing was changed in your week.", channel=office.ana.dm)
    assert "I looked twice, half a minute apart" in receipt.text
    assert office.focus_calls(after=seen).count("POST") == 1
    await office.ana.click(receipt, f"finish:{receipt.blocks[-1]['elements'][0]['value']}")
    await office.ana.sees("Sat not set → 3 h", channel=office.ana.dm)
    assert office.focus_week(501) == "8 8 8 8 8 3 -"


async def test_a_late_write_is_believed_when_it_shows(office: Office) -> None:
    await practised(office)
    broken(office, FaultKind.CUT_BEFORE, "POST *", times=1)
    await asked(office, "set sat 3", UNCERTAIN)
    await office.ana.sees(UNCERTAIN, channel=office.ana.dm)
    await office.bot.desk.work.idle()
    office.focus.put_rows("user", 501, {6: 3})
    await office.later(seconds=HALF_A_MINUTE)
    await office.ana.sees("Sat not set → 3 h", channel=office.ana.dm)
    assert len(office.focus.rows("user", 501)) == 6


@pytest.mark.parametrize("body", ["<html><h1>Bad gateway</h1></html>", ""])
async def test_an_answer_that_is_no_json_is_survived(office: Office, body: str) -> None:
    await practised(office)
    broken(office, FaultKind.FAIL_AFTER, "PUT *", times=1, status=502, body=body)
    await asked(office, "set fri 4", "You changed your week: Fri 8 h → 4 h")
    assert office.focus_week(501) == "8 8 8 8 4 - -"


async def half_done(office: Office) -> Message:
    """A change of which the new day was written and the changed one was not."""
    await practised(office)
    broken(office, FaultKind.REFUSE, "PUT *", times=1, status=400)
    answer = await asked(office, "set sat 3, fri 4", "Only a part of the change to your week")
    assert "Sat done, Fri not." in answer.text
    assert office.focus_week(501) == "8 8 8 8 8 3 -"
    await office.ana.sees("Only a part of the change", channel=office.ana.dm)
    return answer


async def test_what_is_half_done_can_be_finished(office: Office) -> None:
    answer = await half_done(office)
    await office.ana.click(answer, f"finish:{answer.blocks[-1]['elements'][0]['value']}")
    await office.ana.sees("You changed your week: Fri 8 h → 4 h, Sat not set → 3 h", channel=STUDIO)
    await office.ana.sees("You changed your week: Fri 8 h → 4 h, Sat not set → 3 h", channel=office.ana.dm)
    assert office.focus_week(501) == "8 8 8 8 4 3 -"


async def test_what_is_half_done_can_be_put_back(office: Office) -> None:
    answer = await half_done(office)
    assert "Put back" in answer.plain
    await office.ana.click(answer, "undo")
    await office.ana.sees("You put back your week: Sat 3 h → not set", channel=STUDIO)
    assert office.focus_week(501) == "8 8 8 8 8 - -"


async def test_what_focus_refuses_is_told_in_its_own_words(office: Office) -> None:
    broken(office, FaultKind.REFUSE, "PUT *", times=1, status=403)
    answer = await asked(office, "set fri 4", "Nothing was changed in your week.")
    assert "Toggl Focus does not let my key change this week" in answer.text
    assert "This went wrong on request" in answer.text
    assert office.focus_week(501) == "8 8 8 8 8 - -"
    assert office.focus_calls().count("PUT") == 1


async def test_out_of_quota_a_change_waits_until_the_quota_is_back(office: Office) -> None:
    office.focus.quota.exhaust()
    answer = await asked(office, "set fri 4", WAITS)
    assert "hourly quota for Toggl Focus is used up. I’ll try again" in answer.text
    await office.ana.sees(WAITS, channel=office.ana.dm)
    await office.bot.desk.work.idle()
    assert office.focus_week(501) == "8 8 8 8 8 - -"
    await office.later(seconds=AN_HOUR)
    await office.ana.sees("You changed your week: Fri 8 h → 4 h", channel=office.ana.dm)
    await office.ana.sees("The change to your week had to wait. My newer message", channel=office.ana.dm)
    earlier, receipt = office.ana.messages(office.ana.dm)
    assert ("had to wait" in earlier.text, "You changed your week" in receipt.text) == (True, True)


async def test_lists_that_keep_failing_leave_the_quota_to_people(an_office: OpenOffice) -> None:
    """As with a wrong id, until somebody corrects it: again after 5, 10, 20, 40 minutes, then every hour."""
    async with an_office(settings={"FOCUS_WORKSPACE_ID": "9"}) as office:
        for _ in range(24):
            await office.later(seconds=300)
        await office.at_rest()
        assert office.sandbox.log.count("focus", "GET /organizations/1001/users") == 5


async def test_people_are_linked_although_placeholders_cannot_be_listed(an_office: OpenOffice) -> None:
    async with an_office(settings={"FOCUS_WORKSPACE_ID": "9"}) as office:
        await office.olivia.types(STUDIO, "/hours status")
        await office.olivia.sees("6 of 8 people in Toggl Focus", channel=STUDIO)


async def test_a_list_that_is_not_found_is_for_whoever_runs_the_bot(office: Office) -> None:
    """Its path has only ids of the settings; a person who asks for their week is not gone."""
    await office.later(seconds=AN_HOUR)
    broken(office, FaultKind.REFUSE, "GET *organizations/1001/users", status=404)
    await office.tom.types(STUDIO, "/hours")
    await office.tom.sees("does not know its ids in my settings", channel=STUDIO)


async def test_what_waits_asks_before_it_passes_over_what_was_changed_meanwhile(office: Office) -> None:
    """Though the newer change is one's own, and though the day has come back to what it was."""
    await practised(office)
    office.focus.expire_key()
    await asked(office, "set fri 4", WAITS)
    await office.ana.sees(WAITS, channel=office.ana.dm)
    office.focus.keys.expires_at = None
    await asked(office, "set fri 6", "Fri 8 h → 6 h")
    await asked(office, "set fri 8", "Fri 6 h → 8 h")
    await office.later(seconds=601)
    asks = await office.ana.sees("Nothing was written to your week", channel=office.ana.dm)
    assert office.ana.messages(office.ana.dm)[-1].ts == asks.ts, "it is a new message"
    assert "Fri: changed to 8 h by you " in asks.text
    assert "; you wanted 4 h. Nothing was written to your week: the newer change, or this one?" in asks.text
    assert "Overwrite: Fri 4 h\nKeep: Fri 8 h" in asks.plain
    assert office.focus_week(501) == "8 8 8 8 8 - -"
    await office.ana.click(asks, f"overwrite:{asks.blocks[-1]['elements'][0]['value']}")
    await office.ana.sees("You changed your week: Fri 8 h → 4 h", channel=office.ana.dm)
    assert office.focus_week(501) == "8 8 8 8 4 - -"


async def test_overwrite_and_keep_name_only_days_of_the_change(office: Office) -> None:
    """Others of the week have changed, too, since it was first tried."""
    await practised(office)
    broken(office, FaultKind.REFUSE, "PUT *", status=402, times=1)
    await asked(office, "set fri 4", WAITS)
    office.focus.put_rows("user", 501, {1: 6, 5: 5})
    await office.later(seconds=AN_HOUR)
    asks = await office.ana.sees("Nothing was written to your week", channel=office.ana.dm)
    assert "Overwrite: Fri 4 h\nKeep: Fri 5 h" in asks.plain


async def test_what_waits_can_be_cancelled(office: Office) -> None:
    office.focus.quota.exhaust()
    answer = await asked(office, "set fri 4", WAITS)
    await office.ana.sees(WAITS, channel=office.ana.dm)
    await office.ana.click(answer, f"cancel:{answer.blocks[-1]['elements'][0]['value']}")
    await office.ana.sees("Cancelled: your week stays as it is.", channel=STUDIO)
    await office.ana.sees("Cancelled: your week stays as it is.", channel=office.ana.dm)
    await office.later(seconds=AN_HOUR)
    await asked(office, "", "Your week: Mon–Fri 8 h")
    assert office.focus_week(501) == "8 8 8 8 8 - -"
    assert "PUT" not in office.focus_calls()


async def test_what_waited_stands_in_the_history_where_it_was_written(office: Office) -> None:
    """Above what was asked later and written sooner, and so it is what Undo takes."""
    await practised(office)
    office.focus.expire_key()
    at = int(office.clock.now().timestamp())
    await asked(office, "set fri 4", WAITS)
    await office.ana.sees(WAITS, channel=office.ana.dm)
    office.focus.keys.expires_at = None
    await asked(office, "set mon 6", "Mon 8 h → 6 h")
    await office.later(seconds=601)
    late = await office.ana.sees("Fri 8 h → 4 h", channel=office.ana.dm)
    told = (await asked(office, "history", "The latest changes")).text
    assert told.index("Fri 8 h → 4 h; 38 h → 34 h") < told.index("Mon 8 h → 6 h; 40 h → 38 h")
    for text in (told, late.text):
        assert f"(asked <!date^{at}^" in text
    await asked(office, "undo", "You put back your week: Fri 4 h → 8 h")


async def test_what_waited_for_days_can_be_undone(office: Office) -> None:
    await practised(office)
    office.focus.expire_key()
    await asked(office, "set fri 4", WAITS)
    await office.ana.sees(WAITS, channel=office.ana.dm)
    office.focus.keys.expires_at = None
    await office.later(seconds=48 * AN_HOUR)
    assert "Undo" in (await office.ana.sees("Fri 8 h → 4 h", channel=office.ana.dm)).plain
    await asked(office, "undo", "You put back your week: Fri 4 h → 8 h")


async def test_what_is_tried_again_after_a_week_may_wait_as_long_as_the_first_time(office: Office) -> None:
    broken(office, FaultKind.REFUSE, "PUT *", times=1, status=403)
    await asked(office, "set fri 4", "Nothing was changed in your week.")
    failed = await office.ana.sees("Nothing was changed in your week.", channel=office.ana.dm)
    await office.later(seconds=8 * 24 * AN_HOUR)
    office.focus.quota.exhaust()
    await office.ana.click(failed, f"finish:{failed.blocks[-1]['elements'][0]['value']}")
    await office.ana.sees(WAITS, channel=office.ana.dm)
    await office.later(seconds=AN_HOUR)
    await office.ana.sees("You changed your week: Fri 8 h → 4 h", channel=office.ana.dm)


async def test_what_has_waited_for_a_week_is_given_up(office: Office) -> None:
    office.focus.expire_key()
    await asked(office, "set fri 4", WAITS)
    await office.ana.sees(WAITS, channel=office.ana.dm)
    await office.later(seconds=7 * 24 * AN_HOUR)
    await office.ana.sees("Nothing was changed in your week. It waited too long.", channel=office.ana.dm)
    assert office.focus_week(501) == "8 8 8 8 8 - -"


async def test_what_waits_is_seen_with_the_week_and_can_be_cancelled_there(office: Office) -> None:
    await practised(office)
    office.focus.expire_key()
    await asked(office, "set fri 4", WAITS)
    await office.ana.sees(WAITS, channel=office.ana.dm)
    waits = "Waiting: Fri 4 h, asked by you"
    look = await asked(office, "me", waits)
    assert "I’ll try again" in look.text
    assert waits in (await asked(office, "history", "The latest changes to your week")).text
    await office.ana.open_home()
    assert "Cancel" in (await office.ana.sees_home(waits)).plain
    await office.mia.types(STUDIO, "/hours @ana")
    seen = await office.mia.sees("Waiting: Fri 4 h, asked by <@U0ANA>", channel=STUDIO)
    assert "Cancel" not in seen.plain, "it is not hers"
    await office.ana.click(look, button(look, "cancel:"))
    await office.ana.sees("Cancelled: your week stays as it is.", channel=STUDIO)
    assert waits not in (await asked(office, "me", "Your week")).text
    await office.slack.world.changed.until(
        lambda: office.ana.home is not None and waits not in office.ana.home.plain, seconds=5
    )


async def test_what_waits_can_be_cancelled_in_the_form_which_keeps_what_was_typed(office: Office) -> None:
    await practised(office)
    office.focus.expire_key()
    await asked(office, "set fri 4", WAITS)
    office.focus.keys.expires_at = None
    await office.ana.types(STUDIO, "/hours edit")
    view = await office.ana.sees_modal("Waiting: Fri 4 h, asked by you")
    office.ana.fill(view, "Hours a day", "7")
    await office.ana.click(view, button(view, "cancel_waiting:"))
    await office.ana.sees_modal("Cancelled: Fri 4 h.")
    assert (await office.ana.submit()).ok
    await office.ana.sees_modal("You changed your week: Mon–Fri 8 h → 7 h")


def button(seen: Message | View, route: str) -> str:
    """The action of the one button of a route."""
    blocks = [*seen.blocks, *(each for block in seen.blocks for each in block.get("elements", ()))]
    pressed = [str(block.get("accessory", block).get("action_id", "")) for block in blocks]
    (action,) = (action for action in pressed if action.startswith(route))
    return action


async def test_whoever_lost_the_right_can_still_cancel_what_they_asked_for(office: Office) -> None:
    """It only takes away, as with what was planned."""
    await office.make_manager()
    office.focus.quota.exhaust()
    await office.mia.types(STUDIO, "/hours set @ben mon 4")
    waiting = await office.mia.sees("The change to <@U0BEN>’s week waits: ", channel=office.mia.dm)
    await office.olivia.types(STUDIO, "/hours managers revoke @mia")
    await office.olivia.sees("may no longer change", channel=STUDIO)
    await office.mia.click(waiting, waiting.blocks[-1]["elements"][0]["action_id"])
    await office.mia.sees("Cancelled: <@U0BEN>’s week stays as it is.", channel=office.mia.dm)
    async with office.unchanged():
        await office.later(seconds=AN_HOUR)
        await office.until_waiting(0)


async def test_what_waited_is_judged_again_when_its_turn_comes(office: Office) -> None:
    await office.make_manager()
    office.focus.quota.exhaust()
    await office.mia.types(STUDIO, "/hours set @ben mon 4")
    await office.mia.sees("The change to <@U0BEN>’s week waits: ", channel=office.mia.dm)
    await office.olivia.types(STUDIO, "/hours managers revoke @mia")
    await office.olivia.sees("may no longer change", channel=STUDIO)
    await office.later(seconds=AN_HOUR)
    await office.mia.sees("Nothing was changed in <@U0BEN>’s week.", channel=office.mia.dm)
    assert office.focus_week(503) == "8.5 8.5 4 - - - -"


async def test_with_a_refused_key_a_change_waits_for_a_good_one(office: Office) -> None:
    office.focus.expire_key()
    answer = await asked(office, "set fri 4", WAITS)
    assert "an admin has to renew `FOCUS_API_KEY`" in answer.text
    await office.ana.sees(WAITS, channel=office.ana.dm)
    await office.bot.desk.work.idle()
    office.focus.keys.expires_at = None
    assert office.focus_week(501) == "8 8 8 8 8 - -"
    await office.later(seconds=601)
    await office.ana.sees("You changed your week: Fri 8 h → 4 h", channel=office.ana.dm)
    assert office.focus_week(501) == "8 8 8 8 4 - -"


async def test_what_waited_overwrites_nothing_that_was_done_meanwhile(office: Office) -> None:
    await practised(office)
    broken(office, FaultKind.RATE_LIMITED, "PUT *", times=1, seconds=60)
    answer = await asked(office, "set fri 4", WAITS)
    assert "asked me to slow down" in answer.text
    await office.ana.sees(WAITS, channel=office.ana.dm)
    await office.bot.desk.work.idle()
    office.focus.put_rows("user", 501, {5: 2})
    await office.later(seconds=61)
    asks = await office.ana.sees("theirs, or yours?", channel=office.ana.dm)
    assert office.focus_week(501) == "8 8 8 8 2 - -"
    await office.ana.click(asks, f"keep:{asks.blocks[-1]['elements'][1]['value']}")
    await office.ana.sees("Cancelled: your week stays as it is.", channel=office.ana.dm)
    assert office.focus_week(501) == "8 8 8 8 2 - -"


def test_each_refusal_has_a_sentence_of_its_own_with_focuss_trace_id() -> None:
    """401, 402, 403, 404, 429, 5xx, an answer of another form, and anything else."""
    errors = (
        KeyRefusedError, OutOfQuotaError, ForbiddenError, NotFoundError, SlowDownError, UnavailableError,
        NotUnderstoodError, RejectedError,
    )  # fmt: skip
    told = [focus_trouble(error("no", trace_id="t-1")) for error in errors]
    assert all("Toggl’s trace id: `t-1`" in text for text in told)
    assert len(set(told)) == len(errors)
