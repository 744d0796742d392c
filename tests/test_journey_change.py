"""Changing a week by one typed line: what is written, who is told, and what it reads like."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest

from bot.sandbox.slack import Human
from tests.conftest import OpenOffice
from tests.office import STUDIO, Office

AUDIT = "G0ADMIN"


async def done(office: Office, human: Human, text: str, *, channel: str = STUDIO) -> str:
    """What the person reads after a command, once the bot is done with it."""
    before = len(human.messages(channel))
    assert (await human.types(channel, text)).ok
    await human.sees("", channel=channel, after=before)
    await office.bot.desk.work.idle()
    return office.answer_to(human, channel).text


def labels(office: Office, human: Human) -> list[str]:
    """What the buttons of their latest answer say."""
    elements = [each for block in office.answer_to(human).blocks for each in block.get("elements", ())]
    return [each["text"]["text"] for each in elements if each["type"] == "button"]


@pytest.mark.parametrize(
    ("line", "week", "answer", "calls"),
    [
        ("set fri 4", "8 8 8 8 4 - -", "Fri 8 h → 4 h; 40 h → 36 h in all. Kept: Mon–Thu 8 h.", "PUT"),
        (
            "set mon-thu 7h20",
            "7.3333 7.3333 7.3333 7.3333 8 - -",
            "Mon–Thu 8 h → 7:20 h; 40 h → 37:20 h in all. Kept: Fri 8 h.",
            "PUT",
        ),
        ("set sat 3", "8 8 8 8 8 3 -", "Sat not set → 3 h; 40 h → 43 h in all. Kept: Mon–Fri 8 h.", "POST"),
        ("set only mon-wed 8", "8 8 8 0 0 - -", "Thu–Fri 8 h → off; 40 h → 24 h in all.", "PUT"),
        (
            "set only sat 5",
            "0 0 0 0 0 5 -",
            "Mon–Fri 8 h → off, Sat not set → 5 h; 40 h → 5 h in all.",
            "POST PUT",
        ),
        ("clear fri", "8 8 8 8 - - -", "Fri 8 h → not set; 40 h → 32 h in all. Kept: Mon–Thu 8 h.", "DELETE"),
        (
            "set me fri off, sun 1",
            "8 8 8 8 0 - 1",
            "Fri 8 h → off, Sun not set → 1 h; 40 h → 33 h in all.",
            "POST PUT",
        ),
    ],
)
async def test_named_days_change_and_the_others_are_said_to_be_kept(
    office: Office, line: str, week: str, answer: str, calls: str
) -> None:
    said = await done(office, office.ana, f"/hours {line}")
    assert said.startswith("You changed your week: ")
    assert answer in said
    assert office.focus_week(501) == week
    written = " ".join(call for call in office.focus_calls() if call != "GET")
    assert written == calls


async def test_in_a_channel_the_answer_is_private_and_the_receipt_is_a_direct_message(office: Office) -> None:
    await done(office, office.ana, "/hours set fri off")
    receipt = await office.ana.sees("You changed your week", channel=office.ana.dm)
    answer = office.answer_to(office.ana)
    assert answer.ephemeral_to == "U0ANA"
    for message in (answer, receipt):
        assert "Fri 8 h → off; 40 h → 32 h in all. Kept: Mon–Thu 8 h." in message.text
        assert "Changed Fri · by you · " in message.text
        assert "Toggl Focus" in message.text
        assert "Undo" in message.plain
    assert [message.user for message in office.ben.messages(STUDIO)] == []


async def test_in_a_direct_message_the_receipt_is_the_only_answer(office: Office) -> None:
    await done(office, office.ana, "me", channel=office.ana.dm)
    for text in ("set fri off", "/hours set fri 4"):
        before = len(office.ana.messages(office.ana.dm)) + (not text.startswith("/"))
        await office.ana.types(office.ana.dm, text)
        await office.ana.sees("You changed your week", channel=office.ana.dm, after=before)
        await office.bot.desk.work.idle()
        assert len(office.ana.messages(office.ana.dm)) == before + 1


async def test_what_is_so_already_writes_and_posts_nothing(office: Office) -> None:
    await done(office, office.ana, "/hours help")  # where one also hears whom one is taken for
    said = await done(office, office.ana, "/hours set fri 8")
    week = "Mon–Fri 8 h, Sat–Sun not set; 40 h in all"
    assert said == f"Your week is already like that, so nothing was changed. Now: {week}. Toggl Focus"
    assert office.focus_calls() == ["GET"]
    assert office.ana.messages(office.ana.dm) == []
    assert "nothing was changed" in await done(office, office.ana, "set fri 8", channel=office.ana.dm)


async def test_the_person_whose_week_it_is_hears_who_changed_it(office: Office) -> None:
    await office.make_manager()
    assert "You changed <@U0BEN>’s week: Mon 8:30 h → 4 h" in await done(
        office, office.mia, "/hours set @ben mon 4"
    )
    notice = await office.ben.sees("<@U0MIA> changed your working hours", channel=office.ben.dm)
    assert "Mon 8:30 h → 4 h; 21 h → 16:30 h in all. Now: Mon 4 h, Tue 8:30 h" in notice.text
    assert "Undo" not in notice.plain
    await office.ben.click(notice, "edit")
    await office.ben.sees_modal("Monday")


async def test_who_may_not_change_their_own_week_is_told_whom_to_ask(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_SELF_EDIT": "no"}) as office:
        await office.make_manager()
        assert "You can’t change your own week here. <@U0MIA> or <@U0OLIVIA> can." in await done(
            office, office.ben, "/hours set mon 4"
        )
        await done(office, office.mia, "/hours set @ben mon 4")
        notice = await office.ben.sees("<@U0MIA> changed your working hours", channel=office.ben.dm)
        assert "Ask" in notice.plain
        assert "Change\n" not in notice.plain
        (button,) = notice.blocks[-1]["elements"]
        assert button["url"] == "slack://user?team=T0SANDBOX&id=U0MIA"
        assert (await office.ben.click(notice, "ask")).ok


async def test_a_placeholder_changes_too_and_nobody_has_to_be_told(office: Office) -> None:
    await office.make_manager("placeholders")
    said = await done(office, office.mia, '/hours set "Designer 1" fri off')
    assert "You changed *Designer 1*’s week: Fri 8 h → off" in said
    assert "not told" not in said
    assert office.focus.week("ghost", 701)[5] == 0
    told = [each for channel, each in office.slack.posts.items() if channel not in {STUDIO, office.mia.dm}]
    assert told == []
    async with office.unchanged():
        assert "You can’t change <@U0BEN>’s week" in await done(office, office.mia, "/hours set @ben mon 4")


async def test_a_person_without_a_link_cannot_be_told_and_the_receipt_says_so(office: Office) -> None:
    await done(office, office.olivia, "/hours unlink @ben")
    said = await done(office, office.olivia, "/hours ben")
    assert "*Ben Okafor*’s week" in said
    await office.olivia.click(office.answer_to(office.olivia), "edit")
    view = await office.olivia.sees_modal("Monday")
    office.olivia.fill(view, "Monday", "4")
    await office.olivia.submit()
    await office.olivia.sees_modal("*Ben Okafor* not told: no Slack link")
    await office.bot.desk.work.idle()
    assert office.focus_week(503) == "4 8.5 4 - - - -"
    assert office.ben.messages(office.ben.dm) == []


async def test_a_bare_name_looks_and_never_writes(office: Office) -> None:
    for text in ("set ben mon 4", "set Designer 1 mon 4", "clear ben mon", "set lars mon-fri 8"):
        said = await done(office, office.olivia, f"/hours {text}")
        assert "You changed" not in said, said
    assert office.focus_calls() == []


@pytest.mark.parametrize(
    ("line", "chosen", "week"),
    [
        ('set "Designer" mon 7', "set ghost:702 mon 7", "7 4 4 4 4 - -"),
        ('set only "designer" mon-tue 7:30', "set only ghost:702 mon-tue 7:30", "7.5 7.5 0 0 0 - -"),
        ('clear "Designer" mon', "clear ghost:702 mon", "- 4 4 4 4 - -"),
    ],
)
async def test_of_several_with_a_name_the_chosen_one_is_changed(
    office: Office, line: str, chosen: str, week: str
) -> None:
    said = await done(office, office.olivia, f"/hours {line}")
    assert "2 are called something like" in said
    assert "Nothing is changed before you choose." in said
    assert office.focus_calls() == []
    await office.olivia.click(office.answer_to(office.olivia), "run", selected=chosen)
    await office.olivia.sees("You changed *Designer 2*’s week", channel=STUDIO)
    found = office.focus.week("ghost", 702)
    assert " ".join(str(found.get(day, "-")) for day in range(1, 8)) == week


@pytest.mark.parametrize(
    ("line", "buttons"),
    [
        ("set ben fri off", ["Set Ben Okafor’s Friday off"]),
        ("set mia tanaka fri off", ["Set Mia Tanaka’s Friday off"]),
        ("set ana fri off", ["Set Ana Lindqvist’s Friday off", "Set Ana Petrova’s Friday off"]),
        ("set designer fri 4", ["Set “Designer 1”’s Friday to 4 h", "Set “Designer 2”’s Friday to 4 h"]),
        ("set lars fri 4", ["Look up “Lars Nyberg”"]),
        ("set quux fri 4", ["Set @quux’s Friday to 4 h"]),
        ("clear ben fri", ["Clear Ben Okafor’s Friday"]),
        ("edit ben", ["Edit Ben Okafor’s week", "Look up “edit ben”"]),
        ("ben fri off", ["Set Ben Okafor’s Friday off"]),
        ("set frida 4", ["Set your Friday to 4 h"]),
    ],
)
async def test_a_name_without_quotes_or_mention_offers_whoever_has_it(
    office: Office, line: str, buttons: list[str]
) -> None:
    async with office.unchanged():
        await done(office, office.olivia, f"/hours {line}")
    assert labels(office, office.olivia) == buttons


async def test_whoever_is_offered_by_name_is_changed_by_a_press(office: Office) -> None:
    for line, week in (("set ben fri off", "8.5 8.5 4 - 0 - -"), ("ben fri 4", "8.5 8.5 4 - 4 - -")):
        await done(office, office.olivia, f"/hours {line}")
        await office.olivia.click(office.answer_to(office.olivia), "run:0")
        await office.bot.desk.work.idle()
        assert office.focus_week(503) == week
    await done(office, office.olivia, "/hours set builder fri 4")
    await office.olivia.click(office.answer_to(office.olivia), "run:0")
    await office.bot.desk.work.idle()
    assert office.focus.week("ghost", 703)[5] == 4


@pytest.mark.parametrize(
    ("line", "chosen"),
    [
        ('set "Set" mon 7', "set ghost:703 mon 7"),
        ('clear "set build" mon', "clear ghost:703 mon"),
        ('set "Builder" mon 7 from 2026-03-09', "set ghost:703 mon 7 from 2026-03-09"),
    ],
)
async def test_a_part_of_a_name_is_asked_back_even_where_only_one_has_it(
    office: Office, line: str, chosen: str
) -> None:
    """Whoever is meant may be deleted, and another whose name begins alike be there."""
    said = await done(office, office.olivia, f"/hours {line}")
    assert "Did you mean *Set Builder*? Nothing is changed before you choose." in said
    assert office.focus_calls() == []
    assert office.answer_to(office.olivia).blocks[-1]["elements"][0]["value"] == chosen
    await office.olivia.click(office.answer_to(office.olivia), "run")
    await office.olivia.sees("*Set Builder*’s week", channel=STUDIO)


async def test_of_many_a_part_of_a_name_is_left_out(office: Office) -> None:
    await done(office, office.olivia, '/hours set "Set" @ana mon 7')
    said = office.answer_to(office.olivia).plain
    assert "No placeholder is called “Set”. Did you mean “Set Builder”?" in said
    assert "1 of 1" in said


async def test_a_whole_name_is_recognised_without_its_accents(office: Office) -> None:
    ghost = office.focus.add_ghost("Zoë Builder")
    await office.bot.desk.people.link_everybody()
    assert "You changed *Zoë Builder*’s week" in await done(
        office, office.olivia, '/hours set "zoe builder" mon 7'
    )
    assert office.focus.week("ghost", ghost.id)[1] == 7


async def test_a_line_too_long_for_a_people_picker_is_not_cut(office: Office) -> None:
    """Cut, it would mean something else."""
    ghosts = "".join(f"ghost:{number} " for number in range(700, 730))
    said = await done(office, office.olivia, f"/hours set @nobody {ghosts}mon 8")
    assert "too long for me to keep" in said
    assert "users_select" not in str(office.answer_to(office.olivia).blocks)


async def test_several_at_once_are_shown_first_and_written_after_one_press(office: Office) -> None:
    await office.make_manager()
    said = await done(office, office.mia, '/hours set @ana @ben @mia "Designer 1" mon 4')
    assert "You can’t change" in said
    await office.make_manager("placeholders")
    said = await done(office, office.olivia, '/hours set @ana @ben "Designer 1" mon 4')
    assert said.startswith("Nothing is written yet.")
    assert "<@U0ANA>’s week: Mon 8 h → 4 h; 40 h → 36 h in all." in said
    assert office.focus_week(501) == "8 8 8 8 8 - -"
    await office.olivia.click(office.answer_to(office.olivia), "apply")
    await office.olivia.sees("You changed <@U0ANA>’s week", channel=STUDIO)
    await office.ana.sees("<@U0OLIVIA> changed your working hours", channel=office.ana.dm)
    await office.ben.sees("<@U0OLIVIA> changed your working hours", channel=office.ben.dm)
    receipt = await office.olivia.sees("*Designer 1*’s week: Mon 8 h → 4 h", channel=office.olivia.dm)
    assert "<@U0BEN>’s week" in receipt.text
    assert [office.focus.week("user", 501)[1], office.focus.week("ghost", 701)[1]] == [Decimal(4)] * 2


async def test_a_preview_can_be_thrown_away(office: Office) -> None:
    await done(office, office.olivia, "/hours set @ana @ben mon 4")
    preview = office.answer_to(office.olivia)
    await office.olivia.click(preview, "dismiss")
    await office.olivia.sees("Cancelled. Nothing was changed.", channel=STUDIO)
    assert office.answer_to(office.olivia) is preview
    assert "PUT" not in office.focus_calls()


async def test_each_change_is_one_line_in_the_audit_channel(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_AUDIT_CHANNEL": AUDIT}) as office:
        await done(office, office.ana, "/hours set fri off")
        line = await office.olivia.sees("Fri 8 h → off", channel=AUDIT)
        assert line.text.startswith("<@U0ANA> changed their own week: Fri 8 h → off; 40 h → 32 h in all.")
        await done(office, office.ana, "/hours undo")
        await office.olivia.sees("<@U0ANA> put back their own week", channel=AUDIT)
        await office.olivia.sees("Undone by <@U0ANA>", channel=AUDIT)
        assert len(office.slack.posts[AUDIT]) == 2


async def test_a_mention_that_slack_did_not_resolve_gets_a_picker_that_keeps_the_rest(office: Office) -> None:
    said = await done(office, office.olivia, "/hours set @nobody mon 4, fri off")
    assert "Slack did not tell me who `@nobody` is. Pick the person:" in said
    await office.olivia.click(office.answer_to(office.olivia), "person_picked", selected="U0BEN")
    await office.olivia.sees("You changed <@U0BEN>’s week: Mon 8:30 h → 4 h", channel=STUDIO)
    assert office.focus_week(503) == "4 8.5 4 - 0 - -"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("set @nobody okafor mon 4", "You changed <@U0BEN>’s week: Mon 8:30 h → 4 h"),
        ("set @o’nobody mon 4", "You changed <@U0BEN>’s week: Mon 8:30 h → 4 h"),
        ("set only @nobody mon 4 from 2026-03-09", "Planned from Mon 9 Mar 2026: <@U0BEN>’s week"),
        ('set "Team @home" @nobody mon 4', "<@U0BEN>’s week: Mon 8:30 h → 4 h"),
        ('set "Ben Okafor" mon 4', "You changed <@U0BEN>’s week: Mon 8:30 h → 4 h"),
        ("history @nobody", "I have not changed <@U0BEN>’s week yet"),
        ("who tomorrow @nobody", "<@U0BEN>"),
        ("link @nobody 503", "<@U0BEN> is now linked to *Ben Okafor*"),
    ],
)
async def test_whoever_is_picked_stands_in_the_place_of_the_whole_name(
    office: Office, line: str, answer: str
) -> None:
    await done(office, office.olivia, f"/hours {line}")
    await office.olivia.click(office.answer_to(office.olivia), "person_picked", selected="U0BEN")
    await office.bot.desk.work.idle()
    assert answer in office.answer_to(office.olivia).text


async def test_what_is_nearly_right_is_one_press_away(office: Office) -> None:
    await done(office, office.ana, "/hours fri 4")
    assert office.focus_week(501) == "8 8 8 8 8 - -"
    await office.ana.click(office.answer_to(office.ana), "run:0")
    await office.ana.sees("You changed your week: Fri 8 h → 4 h", channel=STUDIO)
    assert office.focus_week(501) == "8 8 8 8 4 - -"


async def test_clear_without_a_day_offers_all_seven(office: Office) -> None:
    assert "Which day?" in await done(office, office.ana, "/hours clear")
    offered = office.answer_to(office.ana).blocks[1]["elements"]
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    assert [each["text"]["text"] for each in offered] == [f"Clear your {day}" for day in days]


async def test_the_first_write_of_a_deployment_stops_everything_if_days_moved(office: Office) -> None:
    office.focus.options.put_replaces = True
    said = await done(office, office.ana, "/hours set fri 4")
    assert "Toggl Focus moved days that nobody asked for" in said
    assert office.focus_week(501) == "8 8 8 8 8 - -"
    alert = await office.olivia.sees("I stopped all changes", channel=office.olivia.dm)
    assert "I stopped all changes" in await done(office, office.ben, "/hours set mon 4")
    office.focus.options.put_replaces = False
    await office.olivia.click(alert, "unlock")
    await office.olivia.sees("Changes are allowed again", channel=office.olivia.dm)
    assert "You changed your week" in await done(office, office.ben, "/hours set mon 4")


async def test_nothing_is_written_before_an_admin_has_confirmed_the_weekdays(an_office: OpenOffice) -> None:
    async with an_office(settings={"FOCUS_WEEKDAYS": ""}) as office:
        async with office.unchanged():
            said = await done(office, office.ana, "/hours set fri 4")
        assert "I don’t change anything in Toggl Focus yet" in said
        assert "<@U0OLIVIA> can do that" in said
        question = await office.olivia.sees("Toggl Focus does not say", channel=office.olivia.dm)
        await office.olivia.click(question, "weekdays:yes")
        await office.olivia.sees("It is settled how I read", channel=office.olivia.dm)
        assert "You changed your week" in await done(office, office.ana, "/hours set fri 4")


async def test_whoever_has_no_slack_account_is_named_as_not_told(office: Office) -> None:
    await done(office, office.olivia, "/hours tom weber")
    await office.olivia.click(office.answer_to(office.olivia), "edit")
    view = await office.olivia.sees_modal("Working days")
    office.olivia.fill(view, "Working days", ["2", "3"])
    await office.olivia.submit()
    receipt = await office.olivia.sees("You changed *Tom Weber*’s week", channel=office.olivia.dm)
    assert re.search(r"\*Tom Weber\* not told: no Slack link · act \w+$", receipt.text)
    await office.bot.desk.work.idle()
    assert office.tom.messages(office.tom.dm) == []


async def test_a_disk_that_is_held_up_delays_an_acknowledgement_by_a_third_of_a_second(
    office: Office,
) -> None:
    """Slack would tell the person after three; the change is made when the disk is free again."""
    with closing(sqlite3.connect(office.settings.database_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert (await office.ana.types(STUDIO, "/hours set fri 4")).ok
        assert office.focus_calls() == []
        other.execute("ROLLBACK")
    await office.ana.sees("You changed your week: Fri 8 h → 4 h", channel=STUDIO)


async def test_workdays_are_named_where_they_are_known(office: Office) -> None:
    await done(office, office.ben, "/hours set 7")
    assert labels(office, office.ben) == ["Set your workdays to 7 h", "Set your Mon–Fri to 7 h"]
    for human, offered in ((office.ben, ["Mon–Wed", "Mon–Fri"]), (office.ana, ["Mon–Fri"])):
        await done(office, human, "/hours me")
        await done(office, human, "/hours set 7")
        assert labels(office, human) == [f"Set your {days} to 7 h" for days in offered]
