"""The editor: a modal that opens at once, keeps what was typed, and says what came of it."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human, View
from tests.conftest import Crowded, OpenOffice
from tests.office import STUDIO, Office

SEVEN = "0 = day off"
"""Stands under the first of the seven fields."""


async def opened(human: Human, text: str = "/hours edit", *, shows: str = "Working days") -> View:
    """The editor, filled."""
    assert (await human.types(STUDIO, text)).ok
    return await human.sees_modal(shows)


def fields(view: View) -> dict[str, object]:
    """What stands in the text fields, by label."""
    return {
        block["label"]["text"]: view.values[block["block_id"]]["hours"]["value"]
        for block in view.blocks
        if block["type"] == "input" and "hours" in view.values[block["block_id"]]
    }


def typed(human: Human, **days: str) -> None:
    """Type into the day fields of the modal in sight."""
    assert human.modal is not None
    for day, hours in days.items():
        human.fill(human.modal, day, hours)


def error_beside(human: Human, label: str) -> str:
    assert human.modal is not None
    (block,) = (each for each in human.modal.blocks if each.get("label", {}).get("text") == label)
    return human.errors.get(block["block_id"], "")


async def test_the_modal_opens_at_once_and_is_filled_when_focus_has_answered(office: Office) -> None:
    slow = office.focus.faults.add(Fault(FaultKind.SLOW, match="GET *workinghours*", seconds=math.inf))
    await office.ana.types(STUDIO, "/hours edit")
    await office.ana.sees_modal("Reading the week …")
    office.focus.faults.remove(slow)
    view = await office.ana.sees_modal("Your week")
    assert fields(view) == {"Hours a day": "8"}
    assert "now 40 h a week in Toggl Focus" in view.plain
    assert "Read from Toggl Focus just now." in view.plain


async def test_who_begins_with_the_form_reads_there_whom_they_are_taken_for(office: Office) -> None:
    told = "In Toggl Focus you are *Ana Lindqvist*, linked by your e-mail address."
    await office.ana.shortcut("edit_my_hours")
    view = await office.ana.sees_modal("Working days")
    assert told in view.plain
    await office.ana.close(view)
    assert told not in (await opened(office.ana)).plain


async def test_a_saved_week_is_told_in_the_modal_and_by_a_receipt(office: Office) -> None:
    view = await opened(office.ana)
    office.ana.fill(view, "Hours a day", "7h30")
    office.ana.fill(view, "Working days", ["1", "2", "3", "4"])
    assert (await office.ana.submit()).ok
    result = await office.ana.sees_modal("You changed your week")
    assert "Mon–Thu 8 h → 7:30 h, Fri 8 h → off; 40 h → 30 h in all." in result.plain
    receipt = await office.ana.sees("You changed your week", channel=office.ana.dm)
    assert "Changed Mon–Fri · by you" in receipt.text
    assert office.focus_week(501) == "7.5 7.5 7.5 7.5 0 - -"
    await office.ana.click(result, "undo")
    await office.ana.sees_modal("You put back your week")
    await office.ana.sees("Undone by you", channel=office.ana.dm)
    assert office.focus_week(501) == "8 8 8 8 8 - -"


async def test_a_preset_fills_the_fields_and_saves_nothing_by_itself(office: Office) -> None:
    view = await opened(office.ben, shows=SEVEN)
    await office.ben.click(view, "preset:four")
    view = await office.ben.sees_modal("Nothing is saved before you press Save.")
    assert fields(view) == {"Hours a day": "8"}
    assert "now 21 h a week in Toggl Focus · filled in here: 32 h" in view.plain
    assert office.focus_week(503) == "8.5 8.5 4 - - - -"
    await office.ben.submit()
    await office.ben.sees_modal("You changed your week")
    assert office.focus_week(503) == "8 8 8 8 - - -"


async def test_of_two_presets_in_haste_the_fields_show_the_one_that_came_last(office: Office) -> None:
    view = await opened(office.ben, shows=SEVEN)
    before = office.sandbox.log.total
    slow = office.slack.faults.add(Fault(FaultKind.SLOW, match="views.update", seconds=math.inf))
    await office.ben.click(view, "preset:full")
    await office.ben.click(view, "preset:half")
    office.slack.faults.remove(slow)
    await office.bot.desk.work.idle()
    assert office.sandbox.log.count("slack", "views.update", after=before) == 2
    (field,) = (
        block["element"] for block in view.blocks if block.get("label", {}).get("text") == "Hours a day"
    )
    assert fields(view) == {"Hours a day": field["initial_value"]}


async def test_switching_the_form_keeps_what_was_typed(office: Office) -> None:
    view = await opened(office.ana)
    office.ana.fill(view, "Hours a day", "7,5")
    office.ana.fill(view, "Working days", ["1", "2"])
    await office.ana.click(view, "per_day")
    view = await office.ana.sees_modal(SEVEN)
    assert list(fields(view).values()) == ["7:30", "7:30", "0", "0", "0", None, None]
    typed(office.ana, Monday="6", Tuesday="6", Friday="nonsense")
    await office.ana.click(view, "same_hours")
    view = await office.ana.sees_modal("Working days")
    assert fields(view) == {"Hours a day": "6"}
    await office.ana.click(view, "per_day")
    view = await office.ana.sees_modal(SEVEN)
    assert list(fields(view).values())[:2] == ["6", "6"]


async def test_somebody_elses_week_can_be_copied_into_the_fields(office: Office) -> None:
    view = await opened(office.ana)
    offered = await office.ana.suggest(view, "copy_from", "design")
    assert [option["text"]["text"] for option in offered] == ["Designer 1", "Designer 2"]
    await office.ana.suggest(view, "copy_from", "ben")
    await office.ana.click(view, "copy_from", selected="person:503")
    view = await office.ana.sees_modal(SEVEN)
    assert list(fields(view).values()) == ["8:30", "8:30", "4", None, None, None, None]
    assert office.focus_week(501) == "8 8 8 8 8 - -"


async def test_a_copied_week_says_whose_it_is_and_how_old(office: Office) -> None:
    view = await opened(office.ana)
    assert "filled in here" not in view.plain
    office.focus.double("user", 503, 1, hours=Decimal(2))
    await office.ana.suggest(view, "copy_from", "ben")
    await office.ana.click(view, "copy_from", selected="person:503")
    view = await office.ana.sees_modal("Copied from <@U0BEN>’s week. Read from Toggl Focus just now.")
    assert "Mon has 8:30 h and 2 h. I copied the first." in view.plain
    assert "now 40 h a week in Toggl Focus · filled in here: 21 h" in view.plain
    assert view.plain.endswith("Nothing is saved before you press Save.")


async def test_out_of_quota_the_form_says_why_it_is_not_fresh(office: Office) -> None:
    for text in ("/hours", "/hours @ben"):
        before = len(office.ana.messages(STUDIO))
        await office.ana.types(STUDIO, text)
        await office.ana.sees("week", channel=STUDIO, after=before)
    await office.later(seconds=5 * 3600)
    office.focus.quota.exhaust()
    reason = "Read from Toggl Focus 5 h ago. Not fresh: My hourly quota for Toggl Focus is used up"
    view = await opened(office.ana)
    assert reason in view.plain
    assert "It resets <!date^" in view.plain
    await office.ana.suggest(view, "copy_from", "ben")
    await office.ana.click(view, "copy_from", selected="person:503")
    view = await office.ana.sees_modal(f"Copied from <@U0BEN>’s week. {reason}")
    assert "It resets <!date^" in view.plain


async def test_a_copy_that_cannot_be_read_leaves_the_fields_alone(office: Office) -> None:
    view = await opened(office.ana)
    office.ana.fill(view, "Hours a day", "6")
    office.focus.expire_key()
    await office.ana.suggest(view, "copy_from", "ben")
    await office.ana.click(view, "copy_from", selected="person:503")
    view = await office.ana.sees_modal("does not accept my API key")
    assert fields(view) == {"Hours a day": "6"}


@pytest.mark.parametrize("kind", [FaultKind.REFUSE, FaultKind.FAIL_BEFORE])
async def test_what_cannot_be_looked_up_leaves_the_form_as_it_is(office: Office, kind: FaultKind) -> None:
    """Slack is asked again who Ana is, since what it said of her is too old."""
    view = await opened(office.ana)
    office.ana.fill(view, "Hours a day", "6")
    await office.later(seconds=700)
    office.slack.faults.add(Fault(kind, "users.info", error="internal_error"))
    assert await office.ana.suggest(view, "copy_from", "be") == []
    assert office.ana.modal is not None
    assert fields(office.ana.modal) == {"Hours a day": "6"}


async def test_copying_offers_only_weeks_that_one_may_see(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_VIEW": "managers"}) as office:
        view = await opened(office.ana)
        offered = await office.ana.suggest(view, "copy_from", "")
        assert [option["value"] for option in offered] == ["person:501"]


async def test_copying_offers_them_however_many_others_come_first(crowded: Crowded) -> None:
    async with crowded(120, HOURS_VIEW="managers") as office:
        zoe = office.slack.human("U0ZOE")
        view = await opened(zoe, shows=SEVEN)
        offered = await zoe.suggest(view, "copy_from", "")
        assert [option["text"]["text"] for option in offered] == ["Zoë <!channel> *Bold* & Co"]


@pytest.mark.parametrize(
    ("hours", "error"),
    [
        ("abc", "is not the hours of one day"),
        ("25", "24"),
        ("-1", ""),
        ("9-17", "not start and end times"),
        ("7.30", "7 h 30"),
        ("", "Please complete this required field."),
        (" ", "This day has hours now. Type 0 for a day off; the command clear removes the day."),
    ],
)
async def test_what_cannot_be_hours_is_said_beside_the_field(office: Office, hours: str, error: str) -> None:
    await opened(office.ben, shows=SEVEN)
    typed(office.ben, Monday=hours, Tuesday="4")
    await office.ben.submit()
    said = error_beside(office.ben, "Monday")
    assert said
    assert error in said
    assert not error_beside(office.ben, "Tuesday")
    assert "PUT" not in office.focus_calls()


async def test_only_days_that_have_no_hours_may_be_left_empty(office: Office) -> None:
    view = await opened(office.ben, shows=SEVEN)
    days = [block for block in view.blocks if block.get("element", {}).get("action_id") == "hours"]
    assert [bool(block.get("optional")) for block in days] == [False, False, False, True, True, True, True]
    assert days[0]["hint"]["text"] == "0 = day off; /hours clear removes a day"
    emptied = [block["element"]["placeholder"]["text"] for block in days]
    assert emptied == ["0 = day off"] * 3 + ["not set"] * 4


async def test_a_week_without_a_difference_is_not_saved(office: Office) -> None:
    await opened(office.ana)
    await office.ana.submit()
    assert "Nothing has changed yet" in error_beside(office.ana, "Hours a day")


async def exactly(office: Office) -> None:
    """Ana has hours in Focus that no field shows in full."""
    office.focus.put_rows("user", 501, dict.fromkeys(range(1, 6), "7.33333333"))


async def test_hours_that_nobody_touched_stay_exactly_as_focus_has_them(office: Office) -> None:
    await exactly(office)
    view = await opened(office.ana)
    assert fields(view) == {"Hours a day": "7:20"}
    await office.ana.submit()
    assert "Nothing has changed yet" in error_beside(office.ana, "Hours a day")
    assert office.focus_calls() == ["GET"]


async def test_another_working_day_gets_exactly_the_hours_of_the_others(office: Office) -> None:
    await exactly(office)
    view = await opened(office.ana)
    office.ana.fill(view, "Working days", ["1", "2", "3", "4", "5", "6"])
    await office.ana.submit()
    await office.ana.sees_modal("Sat not set → 7:20 h")
    assert office.focus_week(501) == f"{'7.33333333 ' * 6}-"
    assert office.focus_calls() == ["GET", "GET", "POST", "GET"]


async def test_hours_stay_exact_through_both_forms(office: Office) -> None:
    await exactly(office)
    await office.ana.click(await opened(office.ana), "per_day")
    await office.ana.click(await office.ana.sees_modal(SEVEN), "same_hours")
    view = await office.ana.sees_modal("Working days")
    office.ana.fill(view, "Working days", ["1", "2", "3", "4"])
    await office.ana.submit()
    await office.ana.sees_modal("Fri 7:20 h → off")
    assert office.focus_week(501) == f"{'7.33333333 ' * 4}0 - -"


async def test_working_days_need_hours(office: Office) -> None:
    view = await opened(office.ana)
    office.ana.fill(view, "Hours a day", "0")
    await office.ana.submit()
    assert "How many hours on a working day?" in error_beside(office.ana, "Hours a day")


async def test_a_modal_closed_before_the_answer_is_told_in_the_direct_message(office: Office) -> None:
    view = await opened(office.ana)
    office.ana.fill(view, "Hours a day", "6")
    slow = office.focus.faults.add(Fault(FaultKind.SLOW, match="PUT *", seconds=math.inf))
    await office.ana.submit()
    await office.ana.close(await office.ana.sees_modal("Saving …"), all=True)
    office.focus.faults.remove(slow)
    await office.ana.sees("Mon–Fri 8 h → 6 h", channel=office.ana.dm)
    assert office.ana.modal is None
    assert office.focus_week(501) == "6 6 6 6 6 - -"


async def conflict(office: Office) -> View:
    """Ana saves a Friday that somebody has changed while she typed."""
    view = await opened(office.ana)
    office.ana.fill(view, "Working days", ["1", "2", "3", "4"])
    office.focus.put_rows("user", 501, {5: 6, 1: 4})
    await office.ana.submit()
    return await office.ana.sees_modal("Nothing was written to your week: theirs, or yours?")


async def test_a_day_changed_meanwhile_is_shown_and_mine_may_be_written(office: Office) -> None:
    view = await conflict(office)
    assert "Mon 4 h, Tue–Thu 8 h, Fri 6 h" in view.plain
    assert "Fri: 8 h before, changed to 6 h in Toggl Focus itself; you wanted off." in view.plain
    assert office.focus_week(501) == "4 8 8 8 6 - -"
    await office.ana.click(view, f"overwrite:{view.blocks[-1]['elements'][0]['value']}")
    await office.ana.sees_modal("You changed your week: Fri 6 h → off")
    assert office.focus_week(501) == "4 8 8 8 0 - -"
    await office.ana.sees("Fri 6 h → off", channel=office.ana.dm)


async def test_a_conflict_is_told_by_a_message_where_the_form_is_closed(office: Office) -> None:
    view = await opened(office.ana)
    office.ana.fill(view, "Working days", ["1", "2", "3", "4"])
    office.focus.put_rows("user", 501, {5: 6})
    slow = office.focus.faults.add(Fault(FaultKind.SLOW, match="GET *workinghours*", seconds=math.inf))
    await office.ana.submit()
    await office.ana.close(await office.ana.sees_modal("Saving …"), all=True)
    office.focus.faults.remove(slow)
    asked = await office.ana.sees("theirs, or yours?", channel=office.ana.dm)
    await office.ana.click(asked, f"keep:{asked.blocks[-1]['elements'][1]['value']}")
    await office.ana.sees("Cancelled: your week stays as it is.", channel=office.ana.dm)
    await office.bot.desk.work.idle()
    assert len(office.ana.messages(office.ana.dm)) == 1, "it is edited"


async def test_a_day_changed_meanwhile_may_stay_theirs(office: Office) -> None:
    view = await conflict(office)
    await office.ana.click(view, f"keep:{view.blocks[-1]['elements'][0]['value']}")
    await office.ana.sees_modal("Cancelled: your week stays as it is.")
    assert office.focus_week(501) == "4 8 8 8 6 - -"
    await office.later(seconds=60)
    await office.at_rest()
    assert office.ana.messages(office.ana.dm) == []


async def test_of_two_editors_the_second_sees_what_the_first_has_done(office: Office) -> None:
    await opened(office.ben, shows=SEVEN)
    await opened(office.olivia, "/hours edit @ben", shows=SEVEN)
    typed(office.ben, Monday="7")
    typed(office.olivia, Monday="6", Tuesday="8")
    await office.ben.submit()
    await office.ben.sees_modal("You changed your week")
    await office.olivia.submit()
    view = await office.olivia.sees_modal("theirs, or yours?")
    assert "Mon: 8:30 h before, changed to 7 h by <@U0BEN> " in view.plain
    assert "; you wanted 6 h. Nothing was written to <@U0BEN>’s week" in view.plain
    assert "Overwrite: Mon 6 h, Tue 8 h\nKeep: Mon 7 h, Tue 8:30 h" in view.plain, "Tuesday, too, is decided"
    assert office.focus_week(503) == "7 8.5 4 - - - -"
    await office.olivia.click(view, f"overwrite:{view.blocks[-1]['elements'][0]['value']}")
    await office.olivia.sees_modal("You changed <@U0BEN>’s week")
    assert office.focus_week(503) == "6 8 4 - - - -"


async def test_days_that_others_changed_stay_theirs_where_mine_are_other_days(office: Office) -> None:
    await opened(office.ben, shows=SEVEN)
    typed(office.ben, Monday="7")
    office.focus.put_rows("user", 503, {3: 6})
    await office.ben.submit()
    await office.ben.sees_modal("Kept: Tue 8:30 h, Wed 6 h.")
    assert office.focus_week(503) == "7 8.5 6 - - - -"


async def test_the_shortcut_home_and_a_look_lead_to_the_same_form(office: Office) -> None:
    await office.ana.shortcut("edit_my_hours")
    await office.ana.close(await office.ana.sees_modal("Working days"))
    home = await office.ana.open_home()
    home = await office.ana.sees_home("Monday: *8 h*")
    await office.ana.click(home, "edit")
    await office.ana.close(await office.ana.sees_modal("Working days"))
    await office.ana.types(STUDIO, "/hours")
    await office.ana.click(await office.ana.sees("Your week", channel=STUDIO), "edit")
    view = await office.ana.sees_modal("Working days")
    office.ana.fill(view, "Hours a day", "6")
    await office.ana.submit()
    await office.ana.sees_home("Monday: *6 h*")
    home = await office.ana.sees_home("· by you, ")
    await office.ana.click(home, "undo")
    await office.ana.sees_home("Monday: *8 h*")


async def test_a_message_cannot_open_a_form_so_it_gets_a_button(office: Office) -> None:
    await office.ana.types(office.ana.dm, "edit")
    said = await office.ana.sees("Here is the form for your week.", channel=office.ana.dm)
    await office.ana.click(said, "edit")
    await office.ana.sees_modal("Working days")
    await office.ana.types(office.ana.dm, "edit @ben")
    await office.ana.sees("You can’t change <@U0BEN>’s week.", channel=office.ana.dm)


async def test_who_may_not_change_a_week_reads_that_in_the_modal(office: Office) -> None:
    await opened(office.ana, "/hours edit @ben", shows="You can’t change <@U0BEN>’s week. <@U0OLIVIA> can.")
    assert office.focus_calls() == []


async def test_a_right_taken_away_meanwhile_saves_nothing(office: Office) -> None:
    await office.make_manager()
    await opened(office.mia, "/hours edit @ben", shows=SEVEN)
    typed(office.mia, Monday="4")
    await office.olivia.types(STUDIO, "/hours managers revoke @mia")
    await office.olivia.sees("may no longer change", channel=STUDIO)
    await office.mia.submit()
    await office.mia.sees_modal("You can’t change <@U0BEN>’s week.")
    assert office.focus_week(503) == "8.5 8.5 4 - - - -"


async def test_two_entries_for_a_day_are_said_above_the_fields(office: Office) -> None:
    office.focus.double("user", 503, 1, hours=Decimal(2))
    warning = ":warning: Focus has two entries for Mon, of which the first is shown here."
    view = await opened(office.ben, shows=warning)
    assert "Look at the week to choose which one to keep: until then Mon cannot be changed." in view.plain
    await office.ben.click(view, "preset:four")
    view = await office.ben.sees_modal("Nothing is saved before you press Save.")
    assert warning in view.plain
    await office.ben.submit()
    await office.ben.sees_modal("Focus has two entries for one day (Mon).")
    assert office.focus_calls() == ["GET", "GET"]


async def test_without_focus_the_modal_says_why_it_is_empty(office: Office) -> None:
    office.focus.expire_key()
    view = await opened(office.ana, shows="does not accept my API key any more")
    assert fields(view) == {}
    assert not view.submit


async def test_a_person_who_is_not_clear_can_be_picked_in_the_modal(office: Office) -> None:
    view = await opened(office.olivia, "/hours edit @nobody", shows="Pick the person:")
    await office.olivia.click(view, "person_picked", selected="U0BEN")
    view = await office.olivia.sees_modal(SEVEN)
    assert "<@U0BEN>" in view.plain
