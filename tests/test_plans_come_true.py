"""A plan's day comes: people hear of it in time, it begins once, is put back once, and asks where it must."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Message
from store.access import Action
from store.census import LastPlan
from store.plans import Plan, PlannedWish, PlanState
from store.week import Subject, Weekday
from tests.asking import ANA, BEN, FRI, LARS, MIA, MON, SAT, SUN, TUE, Asker, pattern
from tests.conftest import OpenOffice
from tests.office import STUDIO, Office, open_office

FRIDAY = date(2026, 3, 6)
"""The clock stands at Monday, 2 March 2026, 9:00 UTC."""

BEFORE, AFTER = "8 8 8 8 8 - -", "8 8 8 8 4 2 -"
DAYS: dict[Weekday, object] = {FRI: 4, SAT: 2}


def on(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


async def until(office: Office, when: datetime) -> None:
    """Let the time come, and everything that is due then be done."""
    await office.later(seconds=(when - office.clock.now()).total_seconds())
    await settled(office)


async def settled(office: Office) -> None:
    for _ in range(4):  # a plan opens an act, an act's change writes, a change tells
        await office.later(seconds=0.5)
        await office.later(seconds=0.6)


async def plan(
    office: Office,
    days: Mapping[Weekday, object],
    first: date,
    last: date | None = None,
    *,
    of: tuple[Subject, ...] = (ANA,),
    by: str = "U0OLIVIA",
    zone: str = "UTC",
) -> tuple[Plan, ...]:
    """As if ``by`` had typed it, with the week before their eyes."""
    store = office.bot.desk.store
    asker = Asker(store, office.clock, user_id=by)
    wishes = []
    for subject in of:
        look = await store.hours.look(await asker.permit(Action.SEE, subject), fresh=True)
        permit = await asker.permit(Action.CHANGE, subject)
        wishes.append(PlannedWish(permit, pattern(days), dict(look.snapshot.week), zone))
    return await store.plans.add(asker.request(), wishes, first=first, last=last, now=office.clock.now())


async def revoke(office: Office, scope: str) -> None:
    """Olivia takes Mia this right away."""
    await office.olivia.types(STUDIO, f"/hours managers revoke <@U0MIA> {scope}")
    await office.olivia.sees("may no longer change", channel=STUDIO)


async def state(office: Office, planned: Plan) -> PlanState:
    found = await office.bot.desk.store.plans.get(planned.id)
    assert found is not None
    return found.state


def buttons(message: Message) -> list[dict[str, Any]]:
    return [each for block in message.blocks for each in block.get("elements", ()) if "action_id" in each]


def writes(office: Office) -> list[str]:
    return [call for call in office.focus_calls() if call != "GET"]


async def test_a_plan_is_told_of_begins_and_is_put_back_each_once(office: Office) -> None:
    ana, olivia = office.ana, office.olivia
    (planned,) = await plan(office, DAYS, FRIDAY, date(2026, 3, 15))
    await until(office, on(5, 8, 59))
    assert ana.messages(ana.dm) == []
    assert [each.text.split(":")[0] for each in olivia.messages(olivia.dm)] == [
        "Planned from Fri 6 Mar 2026 until Sun 15 Mar 2026"
    ]
    await until(office, on(5, 9, 0))
    told = await ana.sees("Tomorrow, Fri 6 Mar 2026, I’ll change your week", channel=ana.dm)
    assert "as <@U0OLIVIA> planned: Fri 4 h, Sat 2 h, until Sun 15 Mar 2026" in told.text
    await olivia.sees("Tomorrow, Fri 6 Mar 2026, I’ll change <@U0ANA>’s week", channel=olivia.dm)
    await until(office, on(5, 23, 59))
    assert office.focus_week(501) == BEFORE
    await until(office, on(6))
    assert office.focus_week(501) == AFTER
    assert await state(office, planned) is PlanState.BEGUN
    told_before = len(ana.messages(ana.dm)), len(olivia.messages(olivia.dm))
    assert told_before == (1, 2), "nobody is woken up"
    await until(office, on(6, 9, 0))
    await ana.sees("changed your working hours in Toggl Focus, as planned: Fri 8 h → 4 h", channel=ana.dm)
    await olivia.sees("You changed <@U0ANA>’s week, as planned", channel=olivia.dm)
    await until(office, on(15, 9, 0))
    await ana.sees("Tomorrow, Mon 16 Mar 2026, I’ll put back your week", channel=ana.dm)
    await until(office, on(15, 23, 59))
    assert office.focus_week(501) == AFTER
    await until(office, on(16, 0, 1))
    assert office.focus_week(501) == BEFORE
    assert await state(office, planned) is PlanState.OVER
    await until(office, on(16, 9, 0))
    await ana.sees("put back your working hours in Toggl Focus, as planned", channel=ana.dm)
    await until(office, on(20))
    assert office.focus_week(501) == BEFORE
    assert (len(ana.messages(ana.dm)), len(olivia.messages(olivia.dm))) == (4, 5)
    assert sorted(writes(office)) == ["DELETE", "POST", "PUT", "PUT"]
    await ana.types(STUDIO, "/hours history")
    history = await ana.sees("The latest changes to your week", channel=STUDIO)
    assert history.text.count("planned by <@U0OLIVIA>") == 2


@pytest.mark.parametrize("typed", [False, True])
async def test_what_begins_at_night_is_told_when_the_person_works_again(
    office: Office, *, typed: bool
) -> None:
    """A Saturday's change on Monday; with Undo, though a day has passed since."""
    await plan(office, {MON: 6}, date(2026, 3, 7))
    await until(office, on(7))
    assert office.focus_week(501) == "6 8 8 8 8 - -"
    await until(office, on(9, 8, 59))
    notices = [each.plain for each in office.ana.messages(office.ana.dm)]
    assert not any("changed your working hours" in text for text in notices)
    await until(office, on(9, 9, 0))
    await office.ana.sees("changed your working hours", channel=office.ana.dm)
    receipt = await office.olivia.sees("You changed <@U0ANA>’s week, as planned", channel=office.olivia.dm)
    if typed:
        await office.olivia.types(office.olivia.dm, "undo")
    else:
        await office.olivia.click(receipt, "undo")
    await office.olivia.sees("You put back <@U0ANA>’s week", channel=office.olivia.dm)
    assert office.focus_week(501) == BEFORE


async def test_a_plan_for_today_begins_at_once_and_is_told_at_once(office: Office) -> None:
    (planned,) = await plan(office, DAYS, date(2026, 3, 2), date(2026, 3, 3), by="U0ANA")
    await office.ana.sees("You changed your week, as planned: Fri 8 h → 4 h", channel=office.ana.dm)
    assert await state(office, planned) is PlanState.BEGUN
    await until(office, on(4))
    assert office.focus_week(501) == BEFORE


async def test_a_plan_made_late_tells_the_person_at_once_and_not_the_planner(office: Office) -> None:
    await plan(office, DAYS, date(2026, 3, 3))
    await office.ana.sees("Tomorrow, Tue 3 Mar 2026", channel=office.ana.dm)
    await settled(office)
    assert not [each for each in office.olivia.messages(office.olivia.dm) if "Tomorrow" in each.text]


async def test_the_day_begins_where_the_person_is(office: Office) -> None:
    await plan(office, {FRI: 4}, date(2026, 3, 30), zone="Europe/Berlin")  # summer time began the day before
    await until(office, datetime(2026, 3, 29, 21, 59, tzinfo=UTC))
    assert office.focus_week(501) == BEFORE
    await until(office, datetime(2026, 3, 29, 22, 0, tzinfo=UTC))
    assert office.focus_week(501) == "8 8 8 8 4 - -"


async def test_a_week_edited_in_between_is_not_overwritten(office: Office) -> None:
    olivia = office.olivia
    await plan(office, DAYS, FRIDAY, date(2026, 3, 8))
    await office.ana.types(STUDIO, "/hours set fri 6")
    await office.ana.sees("Fri 8 h → 6 h", channel=STUDIO)
    await until(office, on(6, 0, 1))
    assert office.focus_week(501) == "8 8 8 8 6 - -"
    await until(office, on(6, 9, 0))
    asked = await olivia.sees("Nothing was written to", channel=olivia.dm)
    change = asked.blocks[-1]["elements"][0]["value"]
    await olivia.click(asked, f"overwrite:{change}")
    await olivia.sees("You changed <@U0ANA>’s week, as planned: Fri 6 h → 4 h", channel=olivia.dm)
    await settled(office)
    assert office.focus_week(501) == AFTER
    await until(office, on(9, 0, 1))
    assert office.focus_week(501) == "8 8 8 8 6 - -", "back to what it had found"


async def test_what_was_told_of_a_plan_does_not_say_that_it_has_begun_while_it_waits_for_a_word(
    office: Office,
) -> None:
    """Not even where one's own change is what came between."""
    ana = office.ana
    await ana.types(STUDIO, "/hours set fri off from 2026-03-06 until 2026-03-15")
    await ana.sees("Planned from Fri 6 Mar 2026", channel=ana.dm)
    await ana.types(STUDIO, "/hours set fri 4")
    await ana.sees("You changed your week", channel=ana.dm)
    await until(office, on(5, 9))
    await ana.sees("Tomorrow, Fri 6 Mar 2026", channel=ana.dm)
    await until(office, on(6, 9))
    asked = await ana.sees("Nothing was written to", channel=ana.dm)
    told = "The change to your week that you planned for Fri 6 Mar 2026 is not done: Fri off"
    await ana.sees(told, channel=ana.dm)
    made = await ana.sees("Its day came, but nothing was written", channel=ana.dm)
    assert made.text.startswith("Not done from Fri 6 Mar 2026")
    assert "it is put back" not in made.text
    assert not [each.text for each in ana.messages(ana.dm) if "has begun" in each.text]
    await ana.click(
        asked, next(each["action_id"] for each in buttons(asked) if "overwrite" in each["action_id"])
    )
    await ana.sees("On Fri 6 Mar 2026 the change to your week that you planned has begun", channel=ana.dm)
    await ana.sees("Begun from Fri 6 Mar 2026", channel=ana.dm)
    assert office.focus_week(501) == "8 8 8 8 0 - -"


async def test_a_conflict_that_nobody_decided_ends_with_the_plan(office: Office) -> None:
    olivia = office.olivia
    (planned,) = await plan(office, DAYS, FRIDAY, date(2026, 3, 8))
    await office.ana.types(STUDIO, "/hours set fri 6")
    await office.ana.sees("Fri 8 h → 6 h", channel=STUDIO)
    await until(office, on(6, 9, 0))
    asked = await olivia.sees("Nothing was written to", channel=olivia.dm)
    await until(office, on(9, 0, 1))
    assert await state(office, planned) is PlanState.OVER
    ended = await olivia.sees("The days it was planned for are over.", channel=olivia.dm)
    assert ended.ts == asked.ts
    assert "Fri had been changed in the meantime, and nobody decided which hours count." in ended.text
    assert not [block for block in ended.blocks if block["type"] == "actions"]
    assert office.focus_week(501) == "8 8 8 8 6 - -"


async def test_about_a_plan_for_a_weekend_one_is_asked_before_it_is_over(office: Office) -> None:
    olivia, saturday = office.olivia, date(2026, 3, 7)
    await plan(office, {Weekday.SATURDAY: 4}, saturday, saturday)
    await office.ana.types(STUDIO, "/hours set sat 6")
    await office.ana.sees("Sat not set → 6 h", channel=STUDIO)
    await until(office, on(7, 8, 59))
    await settled(office)
    assert not [each for each in olivia.messages(olivia.dm) if "Nothing was written" in each.plain]
    await until(office, on(7, 9, 0))
    await olivia.sees("Nothing was written to", channel=olivia.dm)


async def test_a_plan_that_waited_until_its_days_were_over_says_for_what(office: Office) -> None:
    olivia = office.olivia
    await plan(office, DAYS, FRIDAY, date(2026, 3, 8))
    await settled(office)
    office.focus.expire_key()
    await until(office, on(6, 9, 0))
    await olivia.sees("I’ll try again", channel=olivia.dm)
    await until(office, on(9, 9))
    told = await olivia.sees("The days it was planned for are over.", channel=olivia.dm)
    assert "Until then: Toggl Focus does not accept my API key" in told.text


async def test_a_plan_cancelled_in_conflict_can_not_be_overwritten_any_more(office: Office) -> None:
    olivia = office.olivia
    (planned,) = await plan(office, DAYS, FRIDAY, date(2026, 3, 8))
    await office.ana.types(STUDIO, "/hours set fri 6")
    await office.ana.sees("Fri 8 h → 6 h", channel=STUDIO)
    await until(office, on(6, 9, 0))
    asked = await olivia.sees("Nothing was written to", channel=olivia.dm)
    permit = await Asker(office.bot.desk.store, office.clock).permit(Action.CHANGE, ANA)
    await office.bot.desk.store.plans.cancel(permit, planned.id, by="U0OLIVIA", now=office.clock.now())
    ended = await olivia.sees("Cancelled: <@U0ANA>’s week stays as it is.", channel=olivia.dm)
    assert ended.ts == asked.ts
    assert not [block for block in ended.blocks if block["type"] == "actions"]
    await until(office, on(9, 0, 1))
    assert office.focus_week(501) == "8 8 8 8 6 - -"


async def test_what_was_changed_during_the_plan_is_not_put_back_unasked(office: Office) -> None:
    olivia = office.olivia
    await plan(office, DAYS, FRIDAY, date(2026, 3, 8))
    await until(office, on(6, 10, 0))
    await office.ana.types(STUDIO, "/hours set fri 5")
    await office.ana.sees("Fri 4 h → 5 h", channel=STUDIO)
    await until(office, on(9, 9, 0))
    asked = await olivia.sees("Nothing was written to", channel=olivia.dm)
    assert office.focus_week(501) == "8 8 8 8 5 2 -"
    await olivia.click(asked, f"keep:{asked.blocks[-1]['elements'][0]['value']}")
    await settled(office)
    assert office.focus_week(501) == "8 8 8 8 5 2 -"


async def test_an_undone_plan_is_not_put_back_again(office: Office) -> None:
    (planned,) = await plan(office, DAYS, FRIDAY, date(2026, 3, 8))
    await until(office, on(6, 0, 1))
    await office.olivia.types(STUDIO, "/hours undo")  # before the receipt has come
    await office.olivia.sees("You put back <@U0ANA>’s week", channel=STUDIO)
    await settled(office)
    assert office.focus_week(501) == BEFORE
    written = len(writes(office))
    await until(office, on(9, 0, 1))
    assert await state(office, planned) is PlanState.OVER
    assert len(writes(office)) == written
    await until(office, on(9, 9, 0))
    told = [each.text for each in office.olivia.messages(office.olivia.dm)]
    assert not [text for text in told if "theirs, or yours" in text]
    assert [text for text in told if text.startswith("Undone from Fri 6 Mar 2026 until Sun 8 Mar 2026")]


async def test_what_was_undone_is_not_done_again_after_its_last_day(office: Office) -> None:
    """It would stay for good: nobody would put it back any more."""
    olivia = office.olivia
    await plan(office, DAYS, FRIDAY, date(2026, 3, 6))
    await until(office, on(6, 23, 0))
    await olivia.types(STUDIO, "/hours undo")
    undone = await olivia.sees("You put back <@U0ANA>’s week", channel=olivia.dm)
    await until(office, on(7, 0, 1))
    await olivia.click(undone, "undo")
    told = await olivia.sees("and that is over", channel=olivia.dm)
    assert "This was planned from Fri 6 Mar 2026 until Fri 6 Mar 2026" in told.text
    assert office.focus_week(501) == BEFORE


async def test_what_was_undone_and_done_again_is_put_back_after_its_last_day(office: Office) -> None:
    olivia = office.olivia
    (planned,) = await plan(office, DAYS, FRIDAY, date(2026, 3, 6))
    await until(office, on(6, 22, 0))
    await olivia.types(STUDIO, "/hours undo")
    await olivia.click(await olivia.sees("You put back <@U0ANA>’s week", channel=olivia.dm), "undo")
    await olivia.sees("You redid the change to <@U0ANA>’s week", channel=olivia.dm)
    assert office.focus_week(501) == AFTER
    await until(office, on(7, 0, 1))
    assert (await state(office, planned), office.focus_week(501)) == (PlanState.OVER, BEFORE)


async def test_a_redo_that_waits_when_the_last_day_ends_is_put_back_after_it(office: Office) -> None:
    """Out of quota at 23:00: what was asked is done later, and then not for good."""
    olivia = office.olivia
    (planned,) = await plan(office, DAYS, FRIDAY, date(2026, 3, 6))
    await until(office, on(6, 23, 30))
    await olivia.types(STUDIO, "/hours undo")
    undone = await olivia.sees("You put back <@U0ANA>’s week", channel=olivia.dm)
    office.focus.quota.exhaust()
    await olivia.click(undone, "undo")
    await olivia.sees("waits", channel=olivia.dm)
    await until(office, on(7, 0, 1))
    assert await state(office, planned) is PlanState.BEGUN
    await until(office, on(7, 2, 0))
    await settled(office)
    assert (await state(office, planned), office.focus_week(501)) == (PlanState.OVER, BEFORE)
    assert writes(office).count("PUT") == 4, "begun, undone, done again, put back"


async def test_the_audit_channel_reads_in_the_morning_what_was_done_at_night(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_AUDIT_CHANNEL": "G0ADMIN"}) as office:
        await plan(office, {MON: 6}, FRIDAY)
        await until(office, on(6, 8, 59))
        assert not office.slack.posts.get("G0ADMIN")
        assert office.focus_week(501) == "6 8 8 8 8 - -"
        await until(office, on(6, 9, 0))
        await settled(office)
        (line,) = office.slack.posts["G0ADMIN"]
        assert "changed <@U0ANA>’s week, as planned: Mon 8 h → 6 h" in line.text


async def test_a_begun_plan_is_told_as_it_is_now_undone_and_redone(office: Office) -> None:
    ana = office.ana

    async def said(line: str) -> str:
        seen = len(ana.messages(STUDIO))
        await ana.types(STUDIO, f"/hours {line}")
        await ana.sees("", channel=STUDIO, after=seen)
        await settled(office)
        return ana.messages(STUDIO)[-1].text

    answer = await said("set fri off until 2026-03-20")
    assert "It begins at once · planned by you" in answer
    at_once = next(each for each in ana.messages(STUDIO) if each.text == answer)
    assert "Change…" not in at_once.plain, "it would come too late"
    planned = await ana.sees("Begun from Mon 2 Mar 2026 until Fri 20 Mar 2026", channel=ana.dm)
    assert "begins at once" not in planned.plain
    holds = "Until Fri 20 Mar 2026: Fri off, then again Fri 8 h."
    assert holds in await said("me")
    assert "begun · planned by you" in await said("plan")

    await said("undo")
    told = await ana.sees("Undone from Mon 2 Mar 2026", channel=ana.dm)
    assert "The change was undone, so nothing is put back." in told.plain
    assert "Leave as it is" not in told.plain
    assert "Fri off" not in await said("me")
    assert "Nothing is planned." in await said("plan")

    undo = await ana.sees("You put back your week", channel=ana.dm, after=0)
    await ana.click(undo, "undo")  # it says Redo
    await ana.sees("You redid the change to your week", channel=ana.dm)
    await ana.sees("Begun from Mon 2 Mar 2026", channel=ana.dm)
    assert holds in await said("me")
    await until(office, on(21, 0, 1))
    assert office.focus_week(501) == BEFORE


async def test_what_was_undone_is_in_the_way_of_nothing(office: Office) -> None:
    ana = office.ana
    await ana.types(STUDIO, "/hours set fri off until 2026-03-20")
    await ana.sees("Begun from Mon 2 Mar 2026", channel=ana.dm)
    await settled(office)
    await ana.types(STUDIO, "/hours undo")
    await ana.sees("You put back your week", channel=STUDIO)
    await settled(office)
    await ana.types(STUDIO, "/hours set fri 4 from 2026-03-09")
    await ana.sees("Planned from Mon 9 Mar 2026: your week, Fri 8 h → 4 h", channel=STUDIO)
    await until(office, on(21, 0, 1))
    assert office.focus_week(501) == "8 8 8 8 4 - -"


async def test_the_planner_cancels_in_the_message_of_the_day_before(office: Office) -> None:
    ana, olivia = office.ana, office.olivia
    (planned,) = await plan(office, DAYS, FRIDAY)
    await until(office, on(5, 9, 0))
    told = await olivia.sees("Tomorrow, Fri 6 Mar 2026", channel=olivia.dm)
    await asyncio.gather(olivia.click(told, "plan_drop"), olivia.click(told, "plan_drop"))
    await olivia.sees("You cancelled what was planned", channel=olivia.dm)
    await ana.sees("<@U0OLIVIA> cancelled what was planned for your week", channel=ana.dm)
    await olivia.sees("This has been settled in the meantime", channel=olivia.dm)
    await until(office, on(6, 9, 0))
    assert await state(office, planned) is PlanState.CANCELLED
    assert office.focus_week(501) == BEFORE


async def test_a_begun_plan_can_be_left_as_it_is(office: Office) -> None:
    olivia = office.olivia
    (planned,) = await plan(office, DAYS, FRIDAY, date(2026, 3, 15))
    await until(office, on(6, 9, 0))
    await until(office, on(15, 9, 0))
    told = await olivia.sees("Tomorrow, Mon 16 Mar 2026, I’ll put back <@U0ANA>’s week", channel=olivia.dm)
    await olivia.click(told, "plan_drop")
    await olivia.sees("You decided that nothing is put back in <@U0ANA>’s week", channel=olivia.dm)
    await until(office, on(16, 9, 0))
    assert (await state(office, planned), office.focus_week(501)) == (PlanState.CANCELLED, AFTER)


async def test_a_right_that_was_taken_away_begins_nothing_and_an_admin_takes_over(office: Office) -> None:
    mia, olivia = office.mia, office.olivia
    await office.make_manager()
    (planned,) = await plan(office, DAYS, FRIDAY, by="U0MIA")
    await revoke(office, "everyone")
    await until(office, on(6, 0, 1))
    assert (await state(office, planned), office.focus_week(501)) == (PlanState.ASKED, BEFORE)
    await until(office, on(6, 9, 0))
    refused = await mia.sees("you may no longer change this week", channel=mia.dm)
    assert "Take over" not in refused.plain
    asked = await olivia.sees("<@U0MIA>, who planned it, may no longer change this week", channel=olivia.dm)
    await olivia.click(asked, "plan_take")
    await olivia.sees("You changed <@U0ANA>’s week, as planned", channel=olivia.dm)
    await mia.sees("<@U0OLIVIA> took over the change", channel=mia.dm)
    assert office.focus_week(501) == AFTER


@pytest.mark.parametrize("when", ["planned", "told", "asked"])
async def test_who_lost_the_right_can_still_cancel_what_has_not_begun(office: Office, when: str) -> None:
    """In the list, in the message of the day before, and when it could not begin: it only takes away."""
    mia = office.mia
    await office.make_manager()
    (planned,) = await plan(office, DAYS, FRIDAY, by="U0MIA")
    await revoke(office, "everyone")
    if when == "planned":
        await mia.types(STUDIO, "/hours plan")
        shown = await mia.sees("Fri 4 h, Sat 2 h", channel=STUDIO)
        assert "Change…" not in shown.plain
        (press,) = [each for each in buttons(shown) if each["action_id"].startswith("plan_cancel")]
    else:
        await until(office, on(5, 9) if when == "told" else on(6, 9))
        text = "Tomorrow, Fri 6 Mar 2026" if when == "told" else "may no longer change this week"
        shown = await mia.sees(text, channel=mia.dm)
        (press,) = buttons(shown)
    await mia.click(shown, press["action_id"], value=press["value"])
    await mia.sees("Nothing is planned" if when == "planned" else "You cancelled", channel=shown.channel)
    await until(office, on(9, 9))
    assert (await state(office, planned), office.focus_week(501)) == (PlanState.CANCELLED, BEFORE)
    assert writes(office) == []


async def test_who_lost_the_right_cannot_cancel_what_others_planned_or_what_has_begun(office: Office) -> None:
    mia, store = office.mia, office.bot.desk.store
    await office.make_manager()
    (begun,) = await plan(office, DAYS, FRIDAY, date(2026, 3, 15), by="U0MIA")
    (others,) = await plan(office, {MON: 6}, date(2026, 4, 1), of=(BEN,))
    await until(office, on(6, 9))
    await mia.types(STUDIO, "/hours plan <@U0BEN>")
    listed = await mia.sees("Mon 6 h", channel=STUDIO)
    await revoke(office, "everyone")
    receipt = await mia.sees("Leave as it is", channel=mia.dm, after=0)
    for shown, each in ((receipt, begun), (listed, others)):
        (press,) = [one for one in buttons(shown) if one["action_id"] == f"plan_cancel:{each.id}"]
        await mia.click(shown, press["action_id"], value=press["value"])
        await mia.sees("You can’t change", channel=shown.channel)
    found = [await store.plans.get(each.id) for each in (begun, others)]
    assert not [each for each in found if each and each.state is PlanState.CANCELLED]


async def test_a_right_lost_during_the_plan_puts_nothing_back_and_an_admin_takes_over(office: Office) -> None:
    mia, olivia = office.mia, office.olivia
    await office.make_manager()
    (planned,) = await plan(office, DAYS, FRIDAY, date(2026, 3, 8), by="U0MIA")
    await until(office, on(6, 9, 0))
    await revoke(office, "everyone")
    await until(office, on(9, 9, 0))
    assert (await state(office, planned), office.focus_week(501)) == (PlanState.ASKED, AFTER)
    await mia.sees("Putting back <@U0ANA>’s week after Sun 8 Mar 2026 was not done: you", channel=mia.dm)
    asked = await olivia.sees("Putting back <@U0ANA>’s week after Sun 8 Mar 2026", channel=olivia.dm)
    await olivia.click(asked, "plan_take")
    await olivia.sees("You put back <@U0ANA>’s week, as planned", channel=olivia.dm)
    assert (await state(office, planned), office.focus_week(501)) == (PlanState.OVER, BEFORE)


async def test_of_a_batch_begins_what_the_planner_still_may(office: Office) -> None:
    await office.make_manager("<@U0ANA>")
    await office.make_manager("<@U0BEN>")
    ana, ben = await plan(office, {MON: 6}, FRIDAY, of=(ANA, BEN), by="U0MIA")
    await revoke(office, "<@U0BEN>")
    await until(office, on(6, 0, 1))
    assert (await state(office, ana), await state(office, ben)) == (PlanState.OVER, PlanState.ASKED)
    assert office.focus_week(501) == "6 8 8 8 8 - -"
    assert not office.focus_week(503).startswith("6")


async def test_a_leavers_plans_are_deleted(office: Office) -> None:
    await office.make_manager()
    (planned,) = await plan(office, DAYS, FRIDAY, by="U0MIA")
    await office.change_user("U0MIA", deleted=True)
    left = await office.olivia.sees("has left Slack", channel=office.olivia.dm)
    await office.olivia.click(left, "leaver_delete")
    await office.olivia.sees("has deleted", channel=office.olivia.dm)
    await until(office, on(6, 9, 0))
    assert (await state(office, planned), office.focus_week(501)) == (PlanState.CANCELLED, BEFORE)


async def test_a_planner_found_gone_at_midnight_leaves_the_plan_to_an_admin(office: Office) -> None:
    """Slack's event that tells of it may never have come."""
    await office.make_manager()
    (planned,) = await plan(office, DAYS, FRIDAY, by="U0MIA")
    await until(office, on(5, 23, 0))
    office.slack.world.people["U0MIA"].deleted = True
    await until(office, on(6, 0, 1))
    assert (await state(office, planned), office.focus_week(501)) == (PlanState.PLANNED, BEFORE)
    left = await office.olivia.sees("has left Slack", channel=office.olivia.dm)
    await office.olivia.click(left, "leaver_take")
    await settled(office)
    assert office.focus_week(501) == AFTER


async def test_a_leavers_plans_rest_until_an_admin_takes_them_over(office: Office) -> None:
    olivia = office.olivia
    await office.make_manager()
    (planned,) = await plan(office, DAYS, FRIDAY, by="U0MIA")
    await office.change_user("U0MIA", deleted=True)
    left = await olivia.sees("has left Slack", channel=olivia.dm)
    assert "what is planned for <@U0ANA>’s week" in left.text
    await until(office, on(6, 9, 0))
    assert (await state(office, planned), office.focus_week(501)) == (PlanState.PLANNED, BEFORE)
    await olivia.click(left, "leaver_take")
    await olivia.sees("You changed <@U0ANA>’s week, as planned", channel=olivia.dm)
    assert office.focus_week(501) == AFTER


async def test_out_of_quota_at_midnight_it_waits_and_is_told_once_it_is_done(office: Office) -> None:
    olivia = office.olivia
    await plan(office, {FRI: 4}, FRIDAY)
    await until(office, on(5, 12))
    fault = office.focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "*workinghours*"))
    await until(office, on(6, 0, 1))
    assert office.focus_week(501) == BEFORE
    office.focus.faults.remove(fault)
    await until(office, on(6, 2, 0))
    assert office.focus_week(501) == "8 8 8 8 4 - -"
    await until(office, on(6, 9, 0))
    await olivia.sees("You changed <@U0ANA>’s week, as planned: Fri 8 h → 4 h", channel=olivia.dm)
    assert writes(office) == ["PUT"]
    assert len([each for each in olivia.messages(olivia.dm) if "as planned" in each.plain]) == 1


@pytest.mark.parametrize("call", ["GET *workinghours*", "PUT *"])
async def test_a_focus_that_fails_at_midnight_is_tried_again(office: Office, call: str) -> None:
    await plan(office, {FRI: 4}, FRIDAY)
    await until(office, on(5, 12))
    fault = office.focus.faults.add(Fault(FaultKind.FAIL_BEFORE, call))
    await office.later(seconds=(on(6) - office.clock.now()).total_seconds())
    for _ in range(3 if call.startswith("GET") else 0):  # what is only read is asked for again
        await office.until_waiting(1)
        office.clock.move(seconds=4)
    await until(office, on(6, 0, 2))
    assert office.focus_week(501) == BEFORE
    office.focus.faults.remove(fault)
    for minute in range(4, 20, 2):
        await until(office, on(6, 0, minute))
    assert office.focus_week(501) == "8 8 8 8 4 - -"
    await until(office, on(6, 9, 0))
    await office.olivia.sees("You changed <@U0ANA>’s week, as planned", channel=office.olivia.dm)
    told = [each.plain for each in office.olivia.messages(office.olivia.dm)]
    assert len([text for text in told if "as planned" in text]) == 1


async def test_a_bot_that_was_not_there_begins_late_or_says_that_it_never_did(office: Office) -> None:
    olivia = office.olivia
    (late,) = await plan(office, {FRI: 4}, FRIDAY, of=(BEN,))
    (missed,) = await plan(office, DAYS, FRIDAY, date(2026, 3, 8))
    await office.later(seconds=(on(10, 12) - office.clock.now()).total_seconds())
    await olivia.sees("was never done: I was not running then. Nothing was changed.", channel=olivia.dm)
    await olivia.sees("You changed <@U0BEN>’s week, as planned", channel=olivia.dm)
    assert (await state(office, missed), await state(office, late)) == (PlanState.OVER, PlanState.OVER)
    assert office.focus_week(501) == BEFORE


async def test_many_begin_as_one_act_with_one_receipt(office: Office) -> None:
    """More than are changed while one waits: they take their turns, and one message tells."""
    olivia = office.olivia
    everybody = tuple(Subject("person", number) for number in (501, 503, 504, 505, 506, 508))
    plans = await plan(office, {SUN: 1}, FRIDAY, date(2026, 3, 6), of=everybody)
    await until(office, on(5, 9, 0))
    told = await olivia.sees("Tomorrow, Fri 6 Mar 2026", channel=olivia.dm)
    assert told.text.count("Tomorrow, Fri 6 Mar 2026") == 1, "the same is said once, for all of them"
    assert "the weeks of <@U0ANA>, <@U0BEN>" in told.text
    await office.ana.sees("Tomorrow, Fri 6 Mar 2026, I’ll change your week", channel=office.ana.dm)
    await until(office, on(6, 0, 1))
    await settled(office)
    assert {office.focus_week(each.id).split()[6] for each in everybody} == {"1"}
    await until(office, on(7, 0, 1))
    await settled(office)
    assert "1" not in {office.focus_week(each.id).split()[6] for each in everybody}
    assert {await state(office, each) for each in plans} == {PlanState.OVER}
    await until(office, on(9, 9, 1))
    receipts = [each for each in olivia.messages(olivia.dm) if "planned by you" not in each.plain]
    assert len(receipts) == 3


async def test_what_ends_is_put_back_before_what_begins_on_the_same_day(office: Office) -> None:
    first, then = await plan(office, {FRI: 4}, FRIDAY, FRIDAY), await plan(office, {FRI: 0}, date(2026, 3, 7))
    await until(office, on(6, 0, 1))
    assert office.focus_week(501) == "8 8 8 8 4 - -"
    await until(office, on(7, 0, 1))
    assert office.focus_week(501) == "8 8 8 8 0 - -"
    assert {await state(office, *first), await state(office, *then)} == {PlanState.OVER}
    texts = [each.plain for each in office.olivia.messages(office.olivia.dm)]
    assert not [text for text in texts if "theirs, or yours" in text]


@pytest.fixture
async def pair(an_office: OpenOffice, tmp_path: Path) -> AsyncIterator[tuple[Office, Office]]:
    """Two bots on one database."""
    async with an_office() as one, open_office(tmp_path, sandbox=one.sandbox) as two:
        await one.until_waiting(0, bots=2)
        yield one, two


async def test_two_processes_begin_and_put_back_once(pair: tuple[Office, Office]) -> None:
    one, _ = pair
    people = (ANA, BEN, MIA, LARS)
    await plan(one, {TUE: 3}, FRIDAY, FRIDAY, of=people)

    async def until_both(when: datetime) -> None:
        for seconds in ((when - one.clock.now()).total_seconds(), *[1] * 6):
            for office in pair:
                await office.bot.desk.work.idle()
            await one.until_waiting(0, bots=2)
            one.clock.move(seconds=seconds)
        for office in pair:
            await office.bot.desk.work.idle()

    before = [one.focus_week(each.id) for each in people]
    await until_both(on(5, 9, 0))
    await until_both(on(6, 0, 0))
    assert {one.focus_week(each.id).split()[1] for each in people} == {"3"}
    await until_both(on(7, 0, 0))
    await until_both(on(7, 0, 1))
    assert [one.focus_week(each.id) for each in people] == before
    assert len(writes(one)) == 2 * len(people)
    await until_both(on(9, 9, 0))
    for human in (one.ana, one.ben):
        told = [each.plain for each in human.messages(human.dm)]
        assert len([text for text in told if "changed your working hours" in text]) == 1
        assert len([text for text in told if "put back your working hours" in text]) == 1


async def last_plan(office: Office) -> LastPlan | None:
    """As the status page has it."""
    permit = await Asker(office.bot.desk.store, office.clock).permit(Action.ADMINISTER)
    return (await office.bot.desk.store.health.report(permit, now=office.clock.now())).held.last_plan


async def test_the_status_tells_what_was_last_done_about_plans(office: Office) -> None:
    await plan(office, DAYS, FRIDAY, date(2026, 3, 8), of=(ANA, BEN))
    assert await last_plan(office) is None
    await until(office, on(6))
    begun = await last_plan(office)
    assert begun
    assert (begun.what, begun.at.date(), begun.weeks, begun.unwritten) == ("begun", FRIDAY, 2, 0)
    await office.olivia.types(STUDIO, "/hours status")
    await office.olivia.sees("Planned changes: 2; the last one begun", channel=STUDIO)
    await office.ana.types(STUDIO, "/hours set sat 3")
    await office.ana.sees("Sat 2 h → 3 h", channel=STUDIO)
    await until(office, on(9))
    back = await last_plan(office)
    assert back
    assert (back.what, back.at.date(), back.weeks, back.unwritten) == ("put back", date(2026, 3, 9), 2, 1)


async def test_the_status_tells_of_a_plan_that_could_not_begin(office: Office) -> None:
    await office.make_manager("<@U0ANA>")
    await plan(office, DAYS, FRIDAY, by="U0MIA")
    await revoke(office, "<@U0ANA>")
    await until(office, on(6))
    assert await last_plan(office) == LastPlan(what="not allowed", at=on(6))
