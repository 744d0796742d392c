"""Reminders as people make them and look after them: typed, in the form, by their buttons, and refused."""

from __future__ import annotations

import asyncio
import re

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human, Message, View
from bot.sandbox.slack.blockkit import check_blocks
from store.reminders import Reminder, ReminderKind
from tests.conftest import OpenOffice
from tests.office import PATIENCE, STUDIO, Office

DESIGNERS = "<!subteam^S0DESIGN|@designers>"
NEXT = "next: Mon 9 Mar 2026, 9:00 Europe/London"


async def answered(human: Human, line: str, text: str = "", channel: str = STUDIO) -> Message:
    """What the person reads after a typed line."""
    before = len(human.messages(channel))
    await human.types(channel, line)
    return await human.sees(text, channel=channel, after=before)


async def pressed(human: Human, message: Message, action: str, text: str) -> Message:
    """Press a button of a reminder; what takes the message's place."""
    (name,) = {
        each["action_id"]
        for block in message.blocks
        for each in block.get("elements", [])
        if str(each.get("action_id", "")).partition(":")[0] == action
    }
    await human.click(message, name)
    return await human.sees(text, channel=message.channel)


async def sees_refused(human: Human, text: str, *, in_modal: bool) -> None:
    """The refusal is in the modal that opened at once, for buttons that open a form."""
    if in_modal:
        await human.sees_modal(text)
    else:
        await human.sees(text, channel=STUDIO)


async def kept(office: Office) -> list[Reminder]:
    return list(await office.bot.desk.store.reminders.every())


def public(office: Office) -> list[Message]:
    """What the bot has posted for the whole channel."""
    posts = office.slack.posts.get(STUDIO, [])
    return [post for post in posts if post.user == "U0HOURS" and not post.ephemeral_to]


async def form(human: Human, line: str = "/hours remind") -> View:
    await human.types(STUDIO, line)
    return await human.sees_modal("Only for a user group")


# ------------------------------------------------------------------ typed


async def test_a_typed_reminder_says_back_when_and_where_in_full(office: Office) -> None:
    said = await answered(office.olivia, "/hours remind mon 9:00", "Created.")
    assert "Check: is your week still right?* in <#C0STUDIO>" in said.plain
    assert "every Monday, 9:00 Europe/London" in said.plain
    assert NEXT in said.plain  # today at nine is over: in London it is nine now
    assert said.ephemeral_to == "U0OLIVIA"
    (reminder,) = await kept(office)
    assert (reminder.owner, reminder.channel, reminder.kind) == ("U0OLIVIA", STUDIO, ReminderKind.CHECK)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("check", "the first working day (Mon–Fri) of each month, 9:00 Europe/London"),
        ("check", "next: Wed 1 Apr 2026, 9:00 Europe/London"),
        ("weekdays 8:45 Tokyo board", "Board: who works today* in <#C0STUDIO>"),
        ("weekdays 8:45 Tokyo board", "next: Tue 3 Mar 2026, 8:45 Asia/Tokyo"),
        ("board week mon 7:30 America/New_York", "Board: who works this week* in <#C0STUDIO>"),
        ("board week mon 7:30 America/New_York", "next: Mon 2 Mar 2026, 7:30 America/New_York"),
        (f"{DESIGNERS} last fri", "in <#C0STUDIO> for @designers"),
        ("<#G0ADMIN|hours-audit> 2nd tue", "in <#G0ADMIN>"),
    ],
)
async def test_what_can_be_typed(office: Office, line: str, told: str) -> None:
    said = await answered(office.olivia, f"/hours remind {line}", "Created.")
    assert told in said.plain


async def test_a_manager_makes_one_in_their_own_zone(office: Office) -> None:
    await office.make_manager("<@U0ANA>")
    said = await answered(office.mia, "/hours remind fri 16:00", "Created.")
    assert "next: Fri 6 Mar 2026, 16:00 Asia/Tokyo" in said.plain


async def test_the_same_line_twice_makes_one_reminder(office: Office) -> None:
    await answered(office.olivia, "/hours remind mon 9:00", "Created.")
    said = await answered(office.olivia, "/hours remind monday at 9", "This reminder exists")
    assert NEXT in said.plain
    assert len(await kept(office)) == 1


async def test_two_at_the_same_moment_make_one(office: Office) -> None:
    line = "/hours remind mon 9:00"
    await asyncio.gather(office.olivia.types(STUDIO, line), office.olivia.types(STUDIO, line))
    await office.olivia.sees("This reminder exists already", channel=STUDIO)
    await office.olivia.sees("Created.", channel=STUDIO)
    assert len(await kept(office)) == 1


async def test_what_is_unclear_is_asked_back_with_buttons_that_work(office: Office) -> None:
    asked = await answered(office.olivia, "/hours remind mon 9:00 Europe/Berln", "time zone")
    await office.olivia.click(asked, "run:0")
    said = await office.olivia.sees("Created.", channel=STUDIO)
    assert "9:00 Europe/Berlin" in said.plain


# ------------------------------------------------------------------ refused


async def test_a_member_hears_who_can(office: Office) -> None:
    refused = "Only managers and admins can make reminders. <@U0OLIVIA> can."
    await answered(office.ana, "/hours remind mon 9:00", refused)
    await office.ana.types(STUDIO, "/hours remind")
    await office.ana.sees_modal(refused)
    assert await kept(office) == []


async def test_a_guest_may_not_even_look(office: Office) -> None:
    guest = office.joined("U0GUEST")
    for line in ("/hours remind mon 9:00", "/hours reminders"):
        await answered(guest, line, "As a guest you can use me for your own week only")
    assert await kept(office) == []


async def test_a_stranger_makes_none(office: Office) -> None:
    stranger = office.slack.human("U0STRANGER")
    await answered(stranger, "/hours remind mon 9:00", "Only members of this workspace", channel="C0SHARED")
    assert await kept(office) == []


async def test_a_right_that_has_ended_makes_none(office: Office) -> None:
    await office.make_manager("<@U0ANA> until tomorrow")
    await answered(office.mia, "/hours remind mon 9:00", "Created.")
    office.clock.move(seconds=2 * 86_400)
    await answered(office.mia, "/hours remind tue 9:00", "Only managers and admins can make")
    assert len(await kept(office)) == 1


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (
            "<#C0GENERAL|general>",
            "I am not in <#C0GENERAL>, so I can’t post there. Type `/invite @hours`",
        ),
        ("<#C0SHARED|with-elsewhere>", "People from other organizations read this channel"),
        ("<#C0ARCHIVED|old-film>", "is archived"),
        ("<#C0NOWHERE|nowhere>", "Type `/invite @hours`"),
    ],
)
async def test_channels_that_cannot_have_one(office: Office, where: str, told: str) -> None:
    await answered(office.olivia, f"/hours remind {where} mon 9:00", told)
    assert await kept(office) == []


async def test_nobody_posts_into_a_private_channel_they_are_not_in(office: Office) -> None:
    await office.make_manager()
    await answered(office.mia, "/hours remind <#G0ADMIN|x> mon 9:00", "You are not in that channel")
    assert await kept(office) == []


async def test_where_members_may_not_see_weeks_no_board_is_posted(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_VIEW": "managers"}) as office:
        await answered(office.olivia, "/hours remind mon board", "Only managers may see other people’s weeks")
        assert await kept(office) == []
        await answered(office.olivia, "/hours remind mon check", "Created.")


async def test_where_guests_read_no_board_is_posted(office: Office) -> None:
    office.joined("U0GUEST")
    await answered(office.olivia, "/hours remind mon board", "guests may see only their own week")
    assert await kept(office) == []
    await answered(office.olivia, "/hours remind mon check", "Created.")


# ------------------------------------------------------------------ the form


async def test_the_form_makes_one(office: Office) -> None:
    view = await form(office.olivia)
    await office.olivia.suggest(view, "reminder_group", "des")
    office.olivia.fill(view, "group", "@designers")
    await office.olivia.suggest(view, "reminder_zone", "berl")
    office.olivia.fill(view, "zone", "Europe/Berlin")
    office.olivia.fill(view, "when", "Tue, Thu")
    office.olivia.fill(view, "time", "08:15")
    await office.olivia.submit()
    done = await office.olivia.sees_modal("Created.")
    assert "in <#C0STUDIO> for @designers" in done.plain
    assert "next: Tue 3 Mar 2026, 8:15 Europe/Berlin" in done.plain
    assert len(await kept(office)) == 1


async def test_the_form_begins_with_a_usual_check_here_in_ones_own_zone(office: Office) -> None:
    await form(office.olivia)
    await office.olivia.submit()
    done = await office.olivia.sees_modal("Created.")
    assert "in <#C0STUDIO>" in done.plain
    assert "next: Wed 1 Apr 2026, 9:00 Europe/London" in done.plain


async def test_what_was_typed_is_in_the_form(office: Office) -> None:
    await form(office.olivia, "/hours remind board week 17:30 Tokyo <#G0ADMIN|hours-audit>")
    await office.olivia.submit()
    done = await office.olivia.sees_modal("Created.")
    assert "who works this week* in <#G0ADMIN>" in done.plain
    assert "17:30 Asia/Tokyo" in done.plain


async def test_wrong_days_are_said_beside_their_field(office: Office) -> None:
    view = await form(office.olivia)
    office.olivia.fill(view, "when", "every second monday")
    await office.olivia.submit()
    assert "I can’t do “every second monday”" in view.errors["when"]
    office.olivia.fill(view, "when", "mon 9:00")
    await office.olivia.submit()
    assert view.errors == {"when": "Only the days go here: the rest has its own fields."}
    assert await kept(office) == []


async def test_a_channel_that_does_not_fit_brings_the_form_back_as_it_was_filled_in(office: Office) -> None:
    view = await form(office.olivia)
    office.olivia.fill(view, "channel", "C0GENERAL")
    office.olivia.fill(view, "when", "2nd tue")
    await office.olivia.submit()
    again = await office.olivia.sees_modal("I am not in <#C0GENERAL>")
    office.olivia.fill(again, "channel", STUDIO)
    await office.olivia.submit()
    done = await office.olivia.sees_modal("Created.")
    assert "the second Tuesday of each month" in done.plain
    assert "next: Tue 10 Mar 2026" in done.plain


async def test_in_a_message_to_the_bot_a_button_opens_the_form(office: Office) -> None:
    offer = await answered(office.olivia, "remind mon 8:00", "in a form", channel=office.olivia.dm)
    await office.olivia.click(offer, "remind_form")
    view = await office.olivia.sees_modal("Only for a user group")
    await office.olivia.submit()  # no channel yet
    assert view.errors
    office.olivia.fill(view, "channel", STUDIO)
    await office.olivia.submit()
    done = await office.olivia.sees_modal("Created.")
    assert "every Monday, 8:00 Europe/London" in done.plain


# ------------------------------------------------------------------ looking after them


async def test_the_list_shows_what_one_may_change_and_who_looks_after_the_rest(office: Office) -> None:
    await office.make_manager()
    await answered(office.mia, "/hours remind mon 9:00", "Created.")
    await answered(office.olivia, "/hours remind tue 9:00", "Created.")
    await answered(office.olivia, "/hours remind <#G0ADMIN|x> wed 9:00", "Created.")
    hers = (await answered(office.mia, "/hours reminders", "New reminder")).plain
    assert hers.rindex("every Monday") < hers.index("Others in this channel") < hers.rindex("every Tuesday")
    assert "<@U0OLIVIA> manages it" in hers
    assert "every Wednesday" not in hers
    all_of_them = await answered(office.olivia, "/hours reminders", "every Wednesday")
    assert "Others" not in all_of_them.plain
    only = await answered(office.olivia, "/hours reminders <#G0ADMIN|x>", "every Wednesday")
    assert "every Tuesday" not in only.plain


async def test_without_any_there_is_a_way_to_make_one(office: Office) -> None:
    empty = await answered(office.olivia, "/hours reminders", "You don’t manage any reminders yet")
    await office.olivia.click(empty, "remind_form")
    await office.olivia.sees_modal("Only for a user group")
    none = await answered(office.ana, "/hours reminders", "manage any reminders yet")
    assert "New reminder" not in none.plain
    assert "remind #channel" not in none.plain, "she may make none"


async def test_pausing_until_a_day_and_resuming(office: Office) -> None:
    said = await answered(office.olivia, "/hours remind mon 9:00", "Created.")
    (reminder,) = await kept(office)
    await office.olivia.click(said, f"reminder_pause:{reminder.id}")
    view = await office.olivia.sees_modal("Pause until")
    office.olivia.fill(view, "until", "2026-03-02")
    await office.olivia.submit()
    assert view.errors == {"until": "Choose tomorrow or a later day."}
    office.olivia.fill(view, "until", "2026-04-02")
    await office.olivia.submit()
    done = await office.olivia.sees_modal("posted again from Thu 2 Apr 2026 on")
    assert "paused · next: Mon 6 Apr 2026, 9:00 Europe/London" in done.plain
    await office.olivia.click(done, f"reminder_resume:{reminder.id}")
    done = await office.olivia.sees_modal("It goes on.")
    assert NEXT in done.plain


async def test_pausing_without_an_end(office: Office) -> None:
    said = await answered(office.olivia, "/hours remind mon 9:00", "Created.")
    (reminder,) = await kept(office)
    await office.olivia.click(said, f"reminder_pause:{reminder.id}")
    await office.olivia.sees_modal("Pause until")
    await office.olivia.submit()
    await office.olivia.sees_modal("paused until somebody presses Resume")
    (reminder,) = await kept(office)
    assert reminder.next_at is None


async def test_changing_it_in_the_form(office: Office) -> None:
    said = await answered(office.olivia, f"/hours remind {DESIGNERS} mon 9:00 board week", "Created.")
    (reminder,) = await kept(office)
    await office.olivia.click(said, f"reminder_change:{reminder.id}")
    view = await office.olivia.sees_modal("Only for a user group")
    assert view.title == "Change the reminder"
    office.olivia.fill(view, "when", "last workday")
    await office.olivia.submit()
    done = await office.olivia.sees_modal("Changed.")
    assert "who works this week* in <#C0STUDIO> for @designers" in done.plain
    assert "next: Tue 31 Mar 2026, 9:00 Europe/London" in done.plain
    assert [each.id for each in await kept(office)] == [reminder.id]


async def test_the_preview_says_whom_it_names_and_how_many_it_does_not(office: Office) -> None:
    await answered(office.ana, "/hours me", "40 h")
    await answered(office.ben, "/hours me", "21 h")
    said = await answered(office.olivia, "/hours remind fri 9:00", "Created.")
    shown = await pressed(office.olivia, said, "reminder_preview", "Preview:")
    assert "On Fri 6 Mar 2026 it would name" in shown.plain
    assert "Ana Lindqvist" in shown.plain
    assert "Ben Okafor" not in shown.plain  # his Fridays are not set
    assert "not linked to Toggl Focus" in shown.plain
    assert "Nothing was posted" in shown.plain
    assert public(office) == []


async def test_without_word_of_leave_preview_and_post_now_say_so(office: Office) -> None:
    office.focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "*timeoff*"))
    said = await answered(office.olivia, "/hours remind fri 9:00", "Created.")
    shown = await pressed(office.olivia, said, "reminder_preview", "Preview:")
    assert "does not tell me who is away" in shown.plain
    told = await pressed(office.olivia, said, "reminder_post", "I’ll post it")
    assert "in a few minutes" in told.plain
    assert public(office) == []


async def test_posting_now_happens_once_however_often_it_is_pressed(office: Office) -> None:
    said = await answered(office.olivia, "/hours remind fri 9:00", "Created.")
    (reminder,) = await kept(office)
    presses = [await office.olivia.click(said, f"reminder_post:{reminder.id}") for _ in range(2)]
    assert all(sent.ok for sent in presses)
    text = "I’ll post it in <#C0STUDIO> now. It names 5 people."
    told = await office.olivia.sees(text, channel=STUDIO, after=0)
    assert "next: Fri 6 Mar 2026" in told.plain
    await office.ana.sees("<@U0ANA>", channel=STUDIO)
    await office.bot.desk.work.idle()
    assert len([post for post in public(office) if "still right" in post.text]) == 1


async def test_posting_now_with_nobody_to_name_posts_nothing(office: Office) -> None:
    for user in ("U0ANA", "U0ANAP", "U0BEN", "U0MIA", "U0OLIVIA"):
        human = office.slack.human(user)
        await human.types(STUDIO, "/hours set fri 4")
        await human.sees("You changed", channel=STUDIO)
    said = await answered(office.olivia, "/hours remind fri 9:00", "Created.")
    await pressed(office.olivia, said, "reminder_post", "There is nobody to name today, so I posted nothing.")
    await office.bot.desk.work.idle()
    assert public(office) == []


async def test_deleting_happens_once(office: Office) -> None:
    said = await answered(office.olivia, "/hours remind mon 9:00", "Created.")
    (reminder,) = await kept(office)
    presses = [await office.olivia.click(said, f"reminder_delete:{reminder.id}") for _ in range(2)]
    assert all(sent.ok for sent in presses)
    await office.olivia.sees("This reminder was deleted, or somebody else", channel=STUDIO)
    assert await kept(office) == []


async def given_away(office: Office) -> Message:
    """Mia's buttons of a reminder that Olivia has taken over since."""
    await office.make_manager()
    said = await answered(office.mia, "/hours remind mon 9:00", "Created.")
    (reminder,) = await kept(office)
    store, people = office.bot.desk.store, office.bot.desk.people
    permit = await store.access.may_manage(
        await people.actor("U0OLIVIA", team_id="T0SANDBOX"), owner=reminder.owner
    )
    await store.reminders.take_over(permit, reminder.id, owner="U0OLIVIA", now=office.clock.now())
    return said


@pytest.mark.parametrize("action", ["preview", "post", "pause", "change", "delete"])
async def test_buttons_are_judged_again_when_they_are_pressed(office: Office, action: str) -> None:
    said = await given_away(office)
    (reminder,) = await kept(office)
    await office.mia.click(said, f"reminder_{action}:{reminder.id}")
    refused = "Only the reminder’s owner and admins can change it. <@U0OLIVIA> can."
    await sees_refused(office.mia, refused, in_modal=action in {"pause", "change"})
    (reminder,) = await kept(office)
    assert reminder.next_at
    assert public(office) == []


@pytest.mark.parametrize("action", ["preview", "post", "change"])
async def test_who_may_not_make_reminders_any_more_can_only_stop_their_own(
    office: Office, action: str
) -> None:
    await office.make_manager()
    said = await answered(office.mia, "/hours remind mon 9:00", "Created.")
    await answered(office.olivia, "/hours managers revoke <@U0MIA>", "may no longer change")
    refused = "Only managers and admins can make reminders."
    before = len(office.mia.messages(STUDIO))
    (reminder,) = await kept(office)
    await office.mia.click(said, f"reminder_{action}:{reminder.id}")
    await sees_refused(office.mia, refused, in_modal=action == "change")
    assert len(office.mia.messages(STUDIO)) == before  # in the place of the buttons
    shown = await answered(office.mia, "/hours reminders", "every Monday")
    await pressed(office.mia, shown, "reminder_delete", "Deleted:")
    assert await kept(office) == []


async def test_one_that_fails_says_in_the_list_what_mends_it(office: Office) -> None:
    await answered(office.olivia, "/hours remind mon 9:30", "Created.")
    office.slack.world.channels[STUDIO].members.remove("U0HOURS")
    await office.later(seconds=1_800)
    await office.olivia.sees("was not posted", channel=office.olivia.dm)
    shown = await answered(office.olivia, "/hours reminders", "New reminder")
    assert "Not posted the last time. I am not in <#C0STUDIO>. Type `/invite @hours` there." in shown.plain


async def test_many_reminders_are_paged(office: Office) -> None:
    for number in range(24):
        await answered(office.olivia, f"/hours remind mon {number}:30", "Created.")
    seen = []
    shown = await answered(office.olivia, "/hours reminders", "Page 1 of 3.")
    for number in (1, 2, 3):
        shown = await office.olivia.sees(f"Page {number} of 3.", channel=STUDIO)
        assert check_blocks(shown.blocks, surface="message") is None
        seen += re.findall(r"every Monday, (\d+):30", shown.text)
        if number < 3:
            await office.olivia.click(shown, "reminders_page:more")
    assert sorted(map(int, seen)) == list(range(24))
    await office.olivia.click(shown, "reminders_page:previous")
    await office.olivia.sees("Page 2 of 3.", channel=STUDIO)


async def test_others_reminders_of_a_channel_are_paged_too(office: Office) -> None:
    for number in range(24):
        await answered(office.olivia, f"/hours remind mon {number}:30", "Created.")
    shown = await answered(office.ana, "/hours reminders", "Page 1 of 2.")
    await office.ana.click(shown, "reminders_page:more")
    shown = await office.ana.sees("Page 2 of 2.", channel=STUDIO)
    assert shown.text.count("manages it") == 4


# ------------------------------------------------------------------ when Slack fails


async def test_what_was_filled_in_comes_back_when_slack_fails(office: Office) -> None:
    view = await form(office.olivia)
    office.olivia.fill(view, "when", "2nd tue")
    fault = office.slack.faults.add(Fault(FaultKind.FAIL_BEFORE, match="conversations.info"))
    await office.olivia.submit()
    again = await office.olivia.sees_modal("Slack did not answer me properly just now.")
    office.slack.faults.remove(fault)
    await office.olivia.submit(again)
    assert "the second Tuesday of each month" in (await office.olivia.sees_modal("Created.")).plain


@pytest.mark.parametrize("changes", [False, True])
async def test_where_the_form_cannot_be_shown_again_a_message_keeps_what_was_filled_in(
    office: Office, *, changes: bool
) -> None:
    """As when the connection to Slack is gone for a while."""
    if changes:
        made = await answered(office.olivia, "/hours remind mon 9:00", "Created.")
        await office.olivia.click(made, "reminder_change:" + made.blocks[-1]["elements"][0]["value"])
        view = await office.olivia.sees_modal("Only for a user group")
    else:
        view = await form(office.olivia)
    office.olivia.fill(view, "when", "2nd tue")
    for call in ("conversations.info", "views.update", "chat.postMessage"):
        office.slack.faults.add(Fault(FaultKind.FAIL_BEFORE, match=call))
    await office.olivia.submit()
    async with asyncio.timeout(PATIENCE):
        await office.bot.desk.work.idle()
    office.slack.faults.clear()
    for _ in range(3):
        await office.later(seconds=5)
    told = await office.olivia.sees("What you filled in is kept.", channel=office.olivia.dm)
    await office.olivia.click(told, "reminder_again")
    again = await office.olivia.sees_modal("Only for a user group")
    await office.olivia.submit(again)
    done = await office.olivia.sees_modal("Changed." if changes else "Created.")
    assert "the second Tuesday of each month" in done.plain
    assert len(await office.bot.desk.store.reminders.every()) == 1
