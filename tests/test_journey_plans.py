"""A change planned for a date: typed, in both forms, listed, changed and cancelled."""

from __future__ import annotations

import asyncio

import pytest

from bot.sandbox.slack import Human, Message
from store.act import Kind, Place
from tests.inside import abandon_acts
from tests.office import STUDIO, Office, press
from tests.torture.payloads import Captured
from tests.torture.sending import send

SUMMER = "from 2026-04-01 until 2026-06-30"
IN_FULL = "from Wed 1 Apr 2026 until Tue 30 Jun 2026"


async def answer(office: Office, human: Human, text: str, *, channel: str = STUDIO) -> Message:
    """What the person sees after a command, once the bot is done with it."""
    before = len(human.messages(channel))
    assert (await human.types(channel, text)).ok
    await human.sees("", channel=channel, after=before)
    await office.bot.desk.work.idle()
    return office.answer_to(human, channel)


def labels(where: Message) -> list[str]:
    """What its buttons say."""
    elements = [element for block in where.blocks for element in block.get("elements", ())]
    return [each["text"]["text"] for each in elements if each["type"] == "button"]


async def test_a_dated_change_is_said_back_in_full_and_writes_nothing(office: Office) -> None:
    await answer(office, office.ana, "/hours help")  # where one also hears whom one is taken for
    said = await answer(office, office.ana, f"/hours set fri off {SUMMER}")
    assert said.ephemeral_to == "U0ANA"
    assert said.text == (
        f"Planned {IN_FULL}: your week, Fri 8 h → off; 40 h → 32 h in all. Kept: Mon–Thu 8 h."
        " On Wed 1 Jul 2026 it is put back: Fri 8 h."
        " Nothing changes before its first day · Days begin at 0:00, Europe/Stockholm · planned by you"
    )
    assert office.focus_week(501) == "8 8 8 8 8 - -"
    assert set(office.focus_calls()) <= {"GET"}
    receipt = await office.ana.sees(f"Planned {IN_FULL}", channel=office.ana.dm)
    assert receipt.text == said.text
    assert "Cancel" in receipt.plain


async def test_in_a_direct_message_the_receipt_is_the_only_answer(office: Office) -> None:
    await office.ana.types(office.ana.dm, f"set fri off {SUMMER}")
    await office.ana.sees("Planned from", channel=office.ana.dm)
    await office.bot.desk.work.idle()
    told = [each for each in office.ana.messages(office.ana.dm) if "Planned from" in each.text]
    assert len(told) == 1


async def test_a_plan_with_other_hours_each_day_is_told_listed_and_cancelled(office: Office) -> None:
    days = "mon 7:30, tue 7:15, wed 6:45, thu 7:10, fri 4:30, sat-sun off"
    await office.ana.types(STUDIO, f"/hours set {days} from 2026-04-01")
    await office.ana.sees("Planned from Wed 1 Apr 2026", channel=office.ana.dm)
    listed = await answer(office, office.ana, "/hours plan")
    await press(office.ana, listed, "Cancel")
    await office.ana.sees("Cancelled", channel=office.ana.dm)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("set fri 4 from next mon", "Planned from Mon 9 Mar 2026: your week, Fri 8 h → 4 h"),
        ("set fri 4 from tomorrow until fri", "Planned from Tue 3 Mar 2026 until Fri 6 Mar 2026: your week"),
        ("set fri 4 from mon until fri", "Planned from Mon 9 Mar 2026 until Fri 13 Mar 2026: your week"),
        ("set only mon-thu 8 from 1 Apr 2026", "Planned from Wed 1 Apr 2026: your week, Fri 8 h → off"),
        ("clear fri from 2026-04-01", "Planned from Wed 1 Apr 2026: your week, Fri 8 h → not set"),
        ("set fri 4 until 2026-03-13", "Planned from Mon 2 Mar 2026 until Fri 13 Mar 2026: your week"),
        ("set fri 4 from 2026-02-27", "Fri 27 Feb 2026 is in the past"),
        ("set fri 4 until 2026-02-27", "Fri 27 Feb 2026 is in the past"),
        ("set fri 4 from 2026-04-01 until 2026-03-31", "Tue 31 Mar 2026 comes before Wed 1 Apr 2026"),
        ("set fri 4 from 2126-04-01", "more than five years away"),
        (
            "set fri 8 from tomorrow",
            "Your week is already like that on Tue 3 Mar 2026, so nothing was planned.",
        ),
        ("set fri 4 from 1.4.2026", "I can’t tell which date “from 1.4.2026” means."),
    ],
)
async def test_dates_are_understood_or_refused_with_the_reason(office: Office, line: str, said: str) -> None:
    assert said in (await answer(office, office.ana, f"/hours {line}")).text
    planned = await office.bot.desk.store.plans.every()
    assert len(planned) == said.startswith("Planned")


async def test_from_today_is_an_ordinary_change(office: Office) -> None:
    assert (await answer(office, office.ana, "/hours set fri 4 from today")).text.startswith("You changed")
    assert office.focus_week(501) == "8 8 8 8 4 - -"


async def test_a_day_begins_where_the_person_is_and_is_named_by_whoever_asks(office: Office) -> None:
    """In Tokyo it is Tuesday already; Ben's days begin in Berlin."""
    office.clock.move(seconds=8 * 3600)
    await office.make_manager()
    said = await answer(office, office.mia, "/hours set <@U0BEN> fri off from tomorrow")
    assert "Planned from Wed 4 Mar 2026: <@U0BEN>’s week" in said.text
    assert "Days begin at 0:00, Europe/Berlin" in said.text


@pytest.mark.parametrize("way", ["typed", "for many", "in the form"])
async def test_a_day_that_is_over_where_the_person_is_is_not_planned_for(office: Office, way: str) -> None:
    """In London it is Monday still; it would be missed, and be put back as if it had begun."""
    office.clock.move(seconds=8 * 3600)
    olivia, planned = office.olivia, 0
    match way:
        case "typed":
            await olivia.types(STUDIO, "/hours set <@U0MIA> mon 4 until today")
        case "for many":
            shown = await answer(office, olivia, "/hours set <@U0MIA> <@U0ANA> mon 4 until today")
            await press(olivia, shown, "Apply to 2")
        case _:
            planned = 1
            await press(
                olivia, await answer(office, olivia, "/hours set <@U0MIA> mon 4 from 2026-04-06"), "Change…"
            )
            view = await olivia.sees_modal("Days and hours")
            olivia.fill(view, "From", "2026-03-02")
            olivia.fill(view, "Until", "2026-03-02")
            await olivia.submit()
    over = "goes by the time in Asia/Tokyo, where it is Tue 3 Mar 2026 already and Mon 2 Mar 2026 is over."
    if way == "in the form":
        await olivia.sees_modal(f"Mia Tanaka’s week {over}")
    else:
        await olivia.sees(f"Mia Tanaka’s week {over} Nothing was changed or planned.", channel=STUDIO)
    plans = await office.bot.desk.store.plans.every()
    assert [str(plan.first) for plan in plans] == ["2026-04-06"] * planned


async def test_who_may_not_change_a_week_may_not_plan_it(office: Office) -> None:
    said = await answer(office, office.ben, f"/hours set <@U0ANA> fri off {SUMMER}")
    assert "You can’t change <@U0ANA>’s week." in said.text
    assert await office.bot.desk.store.plans.every() == ()


async def test_a_suggestion_pressed_twice_makes_one_plan(office: Office) -> None:
    asked = await answer(office, office.ana, "/hours fri off from 2026-04-01")
    await asyncio.gather(*(press(office.ana, asked, "Set your Friday") for _ in range(2)))
    await office.ana.sees("Planned from Wed 1 Apr 2026", channel=STUDIO)
    await office.bot.desk.work.idle()
    assert "Planned from Wed 1 Apr 2026" in office.answer_to(office.ana).text  # the second press says it, too
    await office.ana.types(STUDIO, "/hours set fri off from 2026-04-01")
    await office.bot.desk.work.idle()
    assert "Planned from Wed 1 Apr 2026" in office.answer_to(office.ana).text
    assert len(await office.bot.desk.store.plans.every()) == 1


async def test_in_a_direct_message_a_plan_asked_for_twice_is_answered_twice(office: Office) -> None:
    await answer(office, office.ana, f"set fri off {SUMMER}", channel=office.ana.dm)
    await office.ana.sees("Planned from", channel=office.ana.dm)
    await office.ana.types(office.ana.dm, f"set fri off {SUMMER}")
    said = await office.ana.sees("Nothing new was planned.", channel=office.ana.dm)
    assert f"Your week has a planned change already {IN_FULL}: Fri off, planned by you." in said.text
    await press(office.ana, said, "Cancel")
    await office.ana.sees("Nothing is planned.", channel=office.ana.dm)
    assert await office.bot.desk.store.plans.every() == ()


async def test_an_overlap_is_refused_and_the_other_plan_named(office: Office) -> None:
    await answer(office, office.olivia, f"/hours set <@U0ANA> fri off {SUMMER}")
    said = await answer(office, office.ana, "/hours set fri 4 from 2026-05-01")
    assert f"Your week has a planned change already {IN_FULL}: Fri off, planned by <@U0OLIVIA>." in said.text
    assert "Nothing new was planned." in said.text
    (plan,) = await office.bot.desk.store.plans.every()
    assert plan.planner == "U0OLIVIA"


async def test_a_form_refused_for_an_overlap_comes_back_as_it_was_filled_in(office: Office) -> None:
    await answer(office, office.ana, f"/hours set fri off {SUMMER}")
    await office.ana.types(STUDIO, "/hours edit from 2026-05-01")
    view = await office.ana.sees_modal("Working days")
    office.ana.fill(view, "Working days", ["1", "2", "3"])
    await office.ana.submit()
    view = await office.ana.sees_modal("Nothing new was planned.")
    office.ana.fill(view, "From", "2026-11-01")
    await office.ana.submit()
    await office.ana.sees_modal("from Sun 1 Nov 2026: your week, Thu–Fri 8 h → off")


async def test_a_later_plan_is_shown_on_top_of_an_earlier_one(office: Office) -> None:
    await answer(office, office.ana, "/hours set fri off from 2026-04-01")
    said = await answer(office, office.ana, "/hours set fri 4 from 2026-05-01")
    assert "Fri off → 4 h; 32 h → 36 h in all" in said.text


async def test_the_list_cancels_and_the_receipt_follows(office: Office) -> None:
    await answer(office, office.ana, f"/hours set fri off {SUMMER}")
    receipt = await office.ana.sees("Planned from", channel=office.ana.dm)
    listed = await answer(office, office.ana, "/hours plan")
    assert f"Your week {IN_FULL}: Fri off." in listed.text
    await press(office.ana, listed, "Cancel")
    await office.ana.sees("Nothing is planned.", channel=STUDIO)
    await office.ana.sees("Cancelled by you: nothing will be changed.", channel=office.ana.dm)
    now = next(each for each in office.ana.messages(office.ana.dm) if each.ts == receipt.ts)
    assert now.text.startswith("Cancelled from")
    assert await office.bot.desk.store.plans.every() == ()


@pytest.mark.parametrize("label", ["Change", "Cancel"])
async def test_a_button_of_a_list_that_is_not_true_any_more_does_nothing(office: Office, label: str) -> None:
    await answer(office, office.ana, f"/hours set fri off {SUMMER}")
    listed = await answer(office, office.ana, "/hours plan")
    receipt = await office.ana.sees("Planned from", channel=office.ana.dm, after=0)
    await press(office.ana, receipt, "Cancel")
    await office.ana.sees("Cancelled by you: nothing will be changed.", channel=office.ana.dm)
    async with office.unchanged():
        await press(office.ana, listed, label)
        sees = office.ana.sees_modal if label == "Change" else office.ana.sees
        await sees("was cancelled by you in the meantime, so I did nothing")


async def test_the_list_is_of_oneself_of_what_one_planned_or_of_whom_one_names(office: Office) -> None:
    await answer(office, office.olivia, "/hours set <@U0ANA> fri off from 2026-04-01")
    for human, line in ((office.olivia, "plan"), (office.ana, "plan"), (office.ben, "plan <@U0ANA>")):
        listed = await answer(office, human, f"/hours {line}")
        assert "from Wed 1 Apr 2026: Fri off" in listed.text, line
        assert ("Change…" in listed.plain) == (human.id != "U0BEN"), line
    assert "Nothing is planned." in (await answer(office, office.ben, "/hours plan")).text


async def test_what_is_planned_shows_in_the_week(office: Office) -> None:
    await answer(office, office.ana, f"/hours set fri off {SUMMER}")
    assert f"Planned {IN_FULL}: Fri off." in (await answer(office, office.ana, "/hours me")).text


async def test_a_plan_is_changed_in_a_form(office: Office) -> None:
    await answer(office, office.ana, f"/hours clear fri {SUMMER}")
    listed = await answer(office, office.ana, "/hours plan")
    await press(office.ana, listed, "Change…")
    view = await office.ana.sees_modal("Days and hours")
    office.ana.fill(view, "Until", "2026-03-31")
    await office.ana.submit()
    assert office.ana.errors == {"last_day": "The last day can’t come before the first."}
    office.ana.fill(view, "Until", "2026-05-31")
    await office.ana.submit()
    await office.ana.sees_modal("from Wed 1 Apr 2026 until Sun 31 May 2026: your week")
    listed = await answer(office, office.ana, "/hours plan")
    assert "until Sun 31 May 2026: Fri not set" in listed.text, "what can’t be typed is kept"
    await press(office.ana, listed, "Change…")
    view = await office.ana.sees_modal("Days and hours")
    office.ana.fill(view, "Days and hours", "fri 4")
    office.ana.fill(view, "Until", None)
    await office.ana.submit()
    await office.ana.sees_modal("from Wed 1 Apr 2026: your week")
    (plan,) = await office.bot.desk.store.plans.every()
    assert (str(plan.first), plan.last) == ("2026-04-01", None)
    await office.ana.sees("Fri 8 h → 4 h", channel=office.ana.dm)


async def test_a_form_that_a_restart_came_between_is_saved_on_a_press(office: Office) -> None:
    await answer(office, office.ana, "/hours set fri 4 from 2026-04-01")
    store = office.bot.desk.store
    (plan,) = await store.plans.every()
    fields = {"plan": plan.id, "text": "fri 6", "first": "2026-04-02", "last": ""}
    await store.journal.receive(
        "lost",
        actor="U0ANA",
        kind=Kind.SET,
        request={"plan": fields},
        place=Place("modal"),
        now=office.clock.now(),
    )
    await abandon_acts(store)
    await office.later(seconds=2)
    told = await office.ana.sees("I was restarted", channel=office.ana.dm)
    await office.ana.click(told, "do_it_now")
    await office.ana.sees("from Thu 2 Apr 2026: your week, Fri 8 h → 6 h", channel=office.ana.dm)
    (saved,) = await store.plans.every()
    assert (saved.id, str(saved.first)) == (plan.id, "2026-04-02")


async def test_several_are_shown_with_the_dates_before_they_are_planned_once(office: Office) -> None:
    dry = await answer(office, office.olivia, f"/hours set <@U0ANA> <@U0BEN> fri off {SUMMER}")
    assert f"2 of 2 weeks would change {IN_FULL}." in dry.text
    for _ in range(2):
        await press(office.olivia, dry, "Apply to 2")
    await office.olivia.sees("Planned from Wed 1 Apr 2026", channel=STUDIO, after=0)
    await office.bot.desk.work.idle()
    plans = await office.bot.desk.store.plans.every()
    assert {plan.subject.id for plan in plans} == {501, 503}
    assert len(plans) == 2
    assert office.focus_week(501) == "8 8 8 8 8 - -"
    receipt = await office.olivia.sees("2 weeks", channel=office.olivia.dm)
    await press(office.olivia, receipt, "Cancel all 2")
    await office.olivia.sees("Cancelled by you: nothing will be changed.", channel=office.olivia.dm)
    assert await office.bot.desk.store.plans.every() == ()


async def test_another_ones_plans_are_not_shown_by_cancelling_them_once_they_are_over(office: Office) -> None:
    dry = await answer(office, office.olivia, f"/hours set <@U0BEN> <@U0ZOE> fri off {SUMMER}")
    await press(office.olivia, dry, "Apply to 2")
    receipt = await office.olivia.sees("2 weeks", channel=office.olivia.dm)
    sent = await office.olivia.click(receipt, "plan_cancel_all")
    await office.olivia.sees("Cancelled by you: nothing will be changed.", channel=office.olivia.dm)
    await send(office, Captured("interactive", sent.payload), by="U0ANA")
    told = office.answer_to(office.ana, STUDIO)
    assert "You can’t change <@U0BEN>’s week." in told.text
    assert "2 weeks" not in told.plain


async def test_who_has_a_plan_already_is_left_out_of_many(office: Office) -> None:
    await answer(office, office.ana, f"/hours set fri off {SUMMER}")
    dry = await answer(office, office.olivia, f"/hours set <@U0ANA> <@U0BEN> fri 4 {SUMMER}")
    assert "Ana Lindqvist has a planned change already" in dry.text
    assert "Apply to 1" in dry.plain


async def test_the_editor_takes_dates(office: Office) -> None:
    await answer(office, office.ana, "/hours set mon 4 from 2026-08-01")
    await office.ana.types(STUDIO, "/hours edit")
    view = await office.ana.sees_modal("Hours a day")
    assert "Planned from Sat 1 Aug 2026: Mon 4 h." in view.plain
    office.ana.fill(view, "Working days", ["1", "2", "3", "4"])
    office.ana.fill(view, "From", "2026-03-01")
    await office.ana.submit()
    assert office.ana.errors == {"first_day": "This day is in the past. Choose today or a later day."}
    office.ana.fill(view, "From", "2026-04-01")
    office.ana.fill(view, "Until", "2026-06-30")
    await office.ana.submit()
    await office.ana.sees_modal(f"{IN_FULL}: your week, Fri 8 h → off; 40 h → 32 h in all")
    await office.ana.sees(f"Planned {IN_FULL}", channel=office.ana.dm)
    assert office.focus_week(501) == "8 8 8 8 8 - -"


async def test_a_line_with_dates_opens_the_form_with_its_days_chosen(office: Office) -> None:
    """They stay chosen while other fields are filled in for one."""
    await office.olivia.types(STUDIO, f"/hours edit <@U0ANA> {SUMMER}")
    view = await office.olivia.sees_modal("Hours a day")
    await press(office.olivia, view, "Mon–Thu 8 h")
    await office.olivia.sees_modal("Nothing is saved before you press Save.")
    await office.olivia.submit()
    await office.olivia.sees_modal(f"{IN_FULL}: <@U0ANA>’s week, Fri 8 h → off; 40 h → 32 h in all")
    (plan,) = await office.bot.desk.store.plans.every()
    assert (str(plan.first), str(plan.last)) == ("2026-04-01", "2026-06-30")


async def test_in_a_direct_message_a_button_opens_the_form_with_its_days_chosen(office: Office) -> None:
    await office.ana.types(office.ana.dm, f"edit {SUMMER}")
    offered = await office.ana.sees("Open the form", channel=office.ana.dm)
    await press(office.ana, offered, "Open the form")
    view = await office.ana.sees_modal("Hours a day")
    office.ana.fill(view, "Working days", ["1", "2", "3", "4"])
    await office.ana.submit()
    await office.ana.sees_modal(f"{IN_FULL}: your week, Fri 8 h → off")
    (plan,) = await office.bot.desk.store.plans.every()
    assert (str(plan.first), str(plan.last)) == ("2026-04-01", "2026-06-30")


async def test_a_form_for_a_day_that_is_past_says_so(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours edit from 2026-02-27")
    await office.ana.sees_modal("Fri 27 Feb 2026 is in the past; a change can begin today or later.")


async def test_the_form_for_many_takes_dates(office: Office) -> None:
    await office.olivia.types(STUDIO, "/hours bulk")
    view = await office.olivia.sees_modal("User groups and placeholders")
    office.olivia.fill(view, "people", ["U0ANA", "U0BEN"])
    office.olivia.fill(view, "text", "fri off from 2026-04-01")
    await office.olivia.submit()
    assert (
        office.olivia.errors["text_set"]
        == "Only days and hours here: dates go into the fields From and Until."
    )
    office.olivia.fill(view, "text", "fri off")
    office.olivia.fill(view, "From", "2026-04-01")
    await office.olivia.submit()
    dry = await office.olivia.sees_modal("Would change")
    assert "from Wed 1 Apr 2026" in dry.plain
    await office.olivia.submit()
    await office.olivia.sees_modal("from Wed 1 Apr 2026: Fri off, 2 weeks")
    assert len(await office.bot.desk.store.plans.every()) == 2


@pytest.mark.parametrize(
    ("line", "buttons"),
    [
        ("set tomorrow off", ["Only Tue 3 Mar 2026: off", "Every Tuesday from 3 Mar 2026: off"]),
        ("set 4 today", ["Only Mon 2 Mar 2026: 4 h", "Every Monday from 2 Mar 2026: 4 h"]),
        ("next friday off", ["Only Fri 6 Mar 2026: off", "Every Friday from 6 Mar 2026: off"]),
        ("clear 2026-03-04", ["Only Wed 4 Mar 2026: not set", "Every Wednesday from 4 Mar 2026: not set"]),
        ("set only me tomorrow 4", ["Only Tue 3 Mar 2026: 4 h", "Every Tuesday from 3 Mar 2026: 4 h"]),
        (
            "set <@U0BEN|ben> off tomorrow",
            ["@ben’s week: only Tue 3 Mar 2026: off", "@ben’s week: every Tuesday from 3 Mar 2026: off"],
        ),
        ("set off on 2026-02-27", []),
    ],
)
async def test_a_date_in_the_place_of_a_day_is_that_day_or_each_such_weekday(
    office: Office, line: str, buttons: list[str]
) -> None:
    said = await answer(office, office.ana, f"/hours {line}")
    assert labels(said) == buttons
    assert ("is in the past" in said.text) == (not buttons)
    assert set(office.focus_calls()) <= {"GET"}


async def test_only_that_day_is_planned_for_it_alone(office: Office) -> None:
    said = await answer(office, office.ana, "/hours tomorrow off")
    assert said.text.startswith("Is that only Tue 3 Mar 2026, or every Tuesday from then on?")
    await press(office.ana, said, "Only Tue")
    await office.ana.sees("Planned from Tue 3 Mar 2026 until Tue 3 Mar 2026: your week, Tue 8 h → off")
    said = await answer(office, office.ana, "/hours fri 4 today")
    await press(office.ana, said, "Set your Friday to 4 h from today")
    await office.bot.desk.work.idle()
    assert office.focus_week(501) == "8 8 8 8 4 - -"


@pytest.mark.parametrize(
    ("line", "said", "buttons"),
    [
        (
            "set fri off from tomorrow until tomorrow",
            "Tue 3 Mar 2026 is not one of the days you named (Fri), so nothing was planned.",
            ["Only Tue 3 Mar 2026: off", "Only Fri 6 Mar 2026: off"],
        ),
        (
            "set workdays off from 2026-03-07 until 2026-03-07",
            "Sat 7 Mar 2026 is not one of the days you named (Mon–Fri), so nothing was planned.",
            ["Only Sat 7 Mar 2026: off"],
        ),
        (
            "clear mon, tue from 2026-03-04 until 2026-03-06",
            "None of the days you named (Mon–Tue) falls between Wed 4 Mar 2026 and Fri 6 Mar 2026",
            [],
        ),
        (
            "set <@U0ANA> <@U0BEN> fri off until tomorrow",
            "None of the days you named (Fri) falls between Mon 2 Mar 2026 and Tue 3 Mar 2026",
            ["2 people’s week: only Fri 6 Mar 2026: off"],
        ),
    ],
)
async def test_a_plan_for_days_that_do_not_come_in_it_is_refused(
    office: Office, line: str, said: str, buttons: list[str]
) -> None:
    told = await answer(office, office.ana, f"/hours {line}")
    assert said in told.text
    assert labels(told) == buttons
    assert await office.bot.desk.store.plans.every() == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("set weekdays off from next fri until next mon", "your week, Mon, Fri 8 h → off; 40 h → 24 h"),
        ("set workdays 4 until tomorrow", "your week, Mon–Tue 8 h → 4 h; 40 h → 32 h"),
        ("set only mon 8 from 2026-03-06 until 2026-03-07", "your week, Fri 8 h → off; 40 h → 32 h"),
        ("set off from tomorrow until tomorrow", "your week, Tue 8 h → off; 40 h → 32 h"),
    ],
)
async def test_a_short_plan_touches_only_days_that_come_in_it(office: Office, line: str, said: str) -> None:
    assert said in (await answer(office, office.ana, f"/hours {line}")).text
    (plan,) = await office.bot.desk.store.plans.every()
    assert plan.pattern.within


async def test_a_short_plan_writes_and_puts_back_only_its_days(office: Office) -> None:
    await answer(office, office.ana, "/hours set weekdays off from tomorrow until tomorrow")
    listed = await answer(office, office.ana, "/hours plan")
    assert "until Tue 3 Mar 2026: Tue off." in listed.text
    await press(office.ana, listed, "Change…")
    view = await office.ana.sees_modal("Days and hours")
    office.ana.fill(view, "Until", "2026-03-04")
    await office.ana.submit()
    await office.ana.sees_modal("Tue–Wed 8 h → off")
    await office.later(seconds=24 * 3600)
    await office.ana.sees("Tue–Wed 8 h → off", channel=office.ana.dm, after=0)
    await office.at_rest()
    assert office.focus_week(501) == "8 0 0 8 8 - -"


async def test_no_button_plans_for_a_day_that_does_not_come(office: Office) -> None:
    said = await answer(office, office.ana, "/hours set me mon off tomorrow")
    assert labels(said) == ["Set your Monday off from tomorrow"]
    said = await answer(office, office.ana, "/hours set mon-fri off next week")
    assert labels(said)[1] == "Set your Mon–Fri off from next monday until next sunday"


async def test_no_button_has_a_date_that_is_past(office: Office) -> None:
    said = await answer(office, office.ana, "/hours set fri off from 1/4/2026")
    assert labels(said) == ["Set your Friday off from 2026-04-01"]
