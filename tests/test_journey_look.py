"""Looking a week up: one call to Focus at most, and nobody sees more than they may."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human, Message
from handlers.views.blocks import literal
from tests.conftest import Crowded, OpenOffice
from tests.office import STUDIO, Office

ONLY_MEMBERS = "Only members of this workspace can use me."


async def asked(office: Office, human: Human, text: str, *, channel: str = STUDIO) -> Message:
    """What the person reads after a command, once the bot is done with it."""
    before = len(human.messages(channel))
    assert (await human.types(channel, text)).ok
    await human.sees("", channel=channel, after=before)
    await office.bot.desk.work.idle()
    return office.answer_to(human, channel)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/hours", "Your week: Mon–Fri 8 h, Sat–Sun not set; 40 h in all. As of just now"),
        ("/hours me", "Your week: Mon–Fri 8 h"),
        ("/hours @ben", "<@U0BEN>’s week: Mon–Tue 8:30 h, Wed 4 h, Thu–Sun not set; 21 h in all."),
        ('/hours "Designer 1"', "*Designer 1*’s week: Mon–Fri 8 h"),
        ("/hours “designer 2”", "*Designer 2*’s week: Mon–Fri 4 h"),
        ("/hours ghost:703", "*Set Builder*’s week: Mon–Thu 10 h, Fri off, Sat–Sun not set; 40 h in all."),
        ("/hours lars", "*Lars Nyberg*’s week: Mon–Sun not set; 0 h in all."),
        ("/hours @mia", "Mon–Fri 7:20 h, Sat–Sun off; 36:40 h in all."),
        ("/hours @zoe", "Mon–Tue off, Wed–Fri 8 h, Sat 10 h, Sun 5:30 h; 39:30 h in all."),
    ],
)
async def test_a_look_shows_seven_days_the_total_and_how_old_it_is(
    office: Office, text: str, answer: str
) -> None:
    said = await asked(office, office.ana, text)
    assert answer in said.text
    assert said.ephemeral_to == "U0ANA"
    assert office.focus_calls() == ["GET"]


async def test_a_table_tells_what_its_dashes_mean(office: Office) -> None:
    for text in ("/hours", "/hours @ana @mia", "/hours who week @ana @mia"):
        assert "– = not set" in (await asked(office, office.olivia, text)).plain
    for text in ("/hours @mia", "/hours who week @mia"):
        assert "– = not set" not in (await asked(office, office.olivia, text)).plain


async def test_a_second_look_costs_no_call_and_one_after_a_quarter_of_an_hour_costs_one(
    office: Office,
) -> None:
    await asked(office, office.ana, "/hours @ben")
    assert "just now" in (await asked(office, office.mia, "/hours @ben")).text
    await office.later(seconds=300)
    assert "As of 5 min ago" in (await asked(office, office.mia, "/hours @ben")).text
    assert office.focus_calls() == ["GET"]
    await office.later(seconds=700)
    assert "just now" in (await asked(office, office.ben, "/hours")).text
    assert office.focus_calls() == ["GET", "GET"]


async def test_several_people_stand_in_one_table(office: Office) -> None:
    said = await asked(office, office.ana, "/hours @ana @ben")
    assert "Your week: Mon–Fri 8 h" in said.text
    assert "<@U0BEN>’s week: Mon–Tue 8:30 h" in said.text
    (table,) = [block for block in said.blocks if block["type"] == "table"]
    assert [row[0]["text"] for row in table["rows"]] == [" ", "Ana Lindqvist", "Ben Okafor"]


async def test_who_is_not_linked_keeps_nobody_else_out_of_the_table(office: Office) -> None:
    for several in ("@ana @tom @ben", "@ana @tom"):
        said = await asked(office, office.olivia, f"/hours {several}")
        assert "<@U0ANA>’s week: Mon–Fri 8 h" in said.text
        assert "I don’t know yet who <@U0TOM> is in Toggl Focus" in said.text
        await office.olivia.click(said, "link_open")
        await office.olivia.sees_modal("Tom Weber")
        await office.olivia.close()
    said = await asked(office, office.tom, "/hours @tom @ben")
    assert "<@U0BEN>’s week: Mon–Tue 8:30 h" in said.text
    assert "I don’t know yet who you are" in said.text
    assert "Ask Olivia Grant" in said.plain


async def test_where_nobody_is_linked_each_is_named(office: Office) -> None:
    said = await asked(office, office.olivia, "/hours @tom @uma")
    assert "who <@U0TOM> is" in said.text
    assert "who <@U0UNCONF> is" in said.text
    assert office.focus_calls() == []


async def test_a_look_at_many_leaves_the_reserve_and_is_as_last_read(crowded: Crowded) -> None:
    many = " ".join(f"<@U0CROWD{number:04}>" for number in range(1, 13))
    async with crowded(12, quota=10, FOCUS_QUOTA="10") as office:
        await office.later(seconds=3601)
        said = await asked(office, office.ana, f"/hours {many}")
        assert "Never read yet: <@U0CROWD00" in said.text
        assert "quota is kept for looks at a few weeks at a time" in said.text
        read = len(office.focus_calls())
        assert 0 < read <= 8
        assert len(said.blocks[0]["rows"]) == 1 + read
        assert "Your week: " in (await asked(office, office.ana, "/hours")).text
        await office.later(seconds=3601)
        said = await asked(office, office.ana, f"/hours {many}")
        assert "As last read, the oldest 1 h ago" in said.text
        assert len(office.focus_calls()) == 13
        seen = office.sandbox.log.total
        await office.later(seconds=3601)
        assert "the oldest 2 h ago" in (await asked(office, office.ana, f"/hours {many}")).text
        assert office.focus_calls(after=seen) == []


async def test_a_name_that_several_have_gets_a_picker_which_looks(office: Office) -> None:
    said = await asked(office, office.ana, "/hours designer")
    assert "2 are called something like “designer”" in said.text
    await office.ana.click(said, "look_picked", selected="placeholder:702")
    await office.ana.sees("*Designer 2*’s week: Mon–Fri 4 h", channel=STUDIO)


async def test_a_name_begins_with_what_was_typed_before_it_contains_it(office: Office) -> None:
    """Tanaka, too, has "ana" in it, but she is meant only where nobody’s name begins with it."""
    assert "2 are called something like “ana”" in (await asked(office, office.ana, "/hours ana")).text
    assert "<@U0MIA>’s week" in (await asked(office, office.ana, "/hours anak")).text


async def test_a_picker_carries_on_with_what_was_asked(office: Office) -> None:
    said = await asked(office, office.olivia, '/hours history "Designer"')
    await office.olivia.click(said, "history", selected="placeholder:702")
    await office.olivia.sees("I have not changed *Designer 2*’s week yet", channel=STUDIO)
    said = await asked(office, office.olivia, '/hours who tomorrow "Designer"')
    await office.olivia.click(said, "run", selected="who ghost:702 tomorrow")
    await office.olivia.sees("*Placeholders* (1): *Designer 2* 4 h", channel=STUDIO)


@pytest.mark.parametrize(
    ("mention", "why"),
    [
        ("<@U0HOURS>", "<@U0HOURS> is an app, and apps have no working hours."),
        ("<@USLACKBOT>", "<@USLACKBOT> is an app, and apps have no working hours."),
        ("<@U0STRANGER>", "<@U0STRANGER> belongs to another organization"),
        ("<@U0NOBODY>", "<@U0NOBODY> has left this workspace"),
    ],
)
async def test_nobody_is_sent_to_an_admin_for_a_link_that_cannot_be_made(
    office: Office, mention: str, why: str
) -> None:
    for line in (f"/hours {mention}", f"/hours set {mention} mon 8"):
        said = await asked(office, office.ana, line)
        assert why in said.text
        assert "link them" not in said.text


async def test_somebody_hears_once_who_they_are_taken_for(office: Office) -> None:
    first = await asked(office, office.ana, "/hours")
    assert "In Toggl Focus you are *Ana Lindqvist*, linked by your e-mail address." in first.plain
    assert "you are" not in (await asked(office, office.ana, "/hours")).plain


TOLD = "In Toggl Focus you are *Ana Lindqvist*, linked by your e-mail address. Wrong? `/hours unlink`"


@pytest.mark.parametrize(
    "text", ["set sat 1", "@ana @ben", "clear fri", "history", "who", "set fri 4 from 2026-04-01", "help"]
)
async def test_they_hear_it_whatever_they_begin_with(office: Office, text: str) -> None:
    assert TOLD in (await asked(office, office.ana, f"/hours {text}")).plain
    assert TOLD not in (await asked(office, office.ana, f"/hours {text}")).plain


@pytest.mark.parametrize("text", ["set sat 1", "set fri 4 from 2026-04-01", "undo"])
async def test_they_hear_it_where_the_receipt_is_the_answer(office: Office, text: str) -> None:
    await office.ana.types(office.ana.dm, text)
    await office.ana.sees(TOLD, channel=office.ana.dm)
    await asked(office, office.ana, text, channel=office.ana.dm)
    await office.at_rest()
    assert str([each.text for each in office.ana.messages(office.ana.dm)]).count(TOLD) == 1


async def test_what_goes_wrong_is_no_first_use(office: Office) -> None:
    assert "you are" not in (await asked(office, office.ana, "/hours set @ben mon 8")).plain
    assert TOLD in (await asked(office, office.ana, "/hours")).plain


async def test_buttons_are_offered_to_those_who_may_use_them(office: Office) -> None:
    own = await asked(office, office.ana, "/hours")
    assert "Edit" in own.plain
    assert "History" in own.plain
    assert "Edit" not in (await asked(office, office.ana, "/hours @ben")).plain
    await office.make_manager()
    assert "Edit" in (await asked(office, office.mia, "/hours @ben")).plain


async def test_somebody_without_a_link_reads_who_can_make_one(office: Office) -> None:
    own = await asked(office, office.tom, "/hours")
    assert "I don’t know yet who you are in Toggl Focus" in own.text
    assert "<@U0OLIVIA> can link you." in own.text
    of_tom = await asked(office, office.olivia, "/hours @tom")
    assert "You can link them." in of_tom.text
    assert "Link…" in of_tom.plain


async def test_nobody_is_linked_by_an_unconfirmed_address(office: Office) -> None:
    said = await asked(office, office.slack.human("U0UNCONF"), "/hours")
    assert "I don’t know yet who you are" in said.text
    assert await office.bot.desk.store.directory.linked("U0UNCONF") is None


async def test_a_guest_sees_their_own_week_only(office: Office) -> None:
    office.focus.add_person("Gus Guest", email="gus@example.com")
    gus = office.joined("U0GUEST")
    await office.later(seconds=700)  # the list of Focus's users may be read again
    assert "Your week: Mon–Sun not set" in (await asked(office, gus, "/hours")).text
    seen = office.sandbox.log.total
    for other in ("@ana", '"Designer 1"', "@ana @ben"):
        assert "own week only" in (await asked(office, gus, f"/hours {other}")).text
    assert office.focus_calls(after=seen) == []
    assert "History" in (await asked(office, gus, "/hours me")).plain


async def test_guests_see_nothing_where_the_setting_says_so(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_GUESTS": "nothing"}) as office:
        for text in (
            "/hours",
            "/hours @ana",
            "/hours help",
            "/hours placeholders",
            "/hours history",
            "/hours edit",
        ):
            gus = office.joined("U0GUEST")
            await gus.types(STUDIO, text)
            await office.bot.desk.work.idle()
            said = gus.modal.plain if gus.modal else office.answer_to(gus).text
            assert "Guests can’t use me here." in said
        assert office.focus_calls() == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        " me",
        " @ana",
        " designer",
        " placeholders",
        " help",
        " links",
        " history",
        " undo",
        " set mon 8",
        " link",
    ],
)
async def test_strangers_in_a_shared_channel_get_nothing(office: Office, text: str) -> None:
    said = await asked(office, office.slack.human("U0STRANGER"), f"/hours{text}", channel="C0SHARED")
    assert said.text.startswith(ONLY_MEMBERS)
    assert office.focus_calls() == []


async def test_somebody_deactivated_has_no_week_and_no_rights(office: Office) -> None:
    assert "<@U0GONE> has left this workspace" in (await asked(office, office.ana, "/hours <@U0GONE>")).text
    await office.change_user("U0BEN", deleted=True)
    async with office.unchanged():
        for line in ("/hours", "/hours set mon 4", "/hours @ana"):
            assert ONLY_MEMBERS in (await asked(office, office.ben, line)).text
    assert office.focus_calls() == []


async def test_only_managers_see_others_where_the_setting_says_so(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_VIEW": "managers"}) as office:
        assert "Your week" in (await asked(office, office.ana, "/hours")).text
        seen = office.sandbox.log.total
        for other in ("@ben", "ben", '"Designer 1"', "@ana @ben"):
            said = await asked(office, office.ana, f"/hours {other}")
            assert said.text.startswith("You can’t see"), said.text
            assert "<@U0OLIVIA> can." in said.text
        assert office.focus_calls(after=seen) == []
        await office.make_manager("<@U0BEN>")
        assert "<@U0BEN>’s week" in (await asked(office, office.mia, "/hours @ben")).text
        assert "You can’t see" in (await asked(office, office.mia, "/hours @ana")).text


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (8, "Fri 8 h and 4 h → 8 h; 40 h in all, as before"),
        (4, "Fri 8 h and 4 h → 4 h; 40 h → 36 h in all"),
    ],
)
async def test_two_entries_for_a_day_are_shown_and_repaired(
    an_office: OpenOffice, kept: int, told: str
) -> None:
    """Whichever is kept, everybody concerned reads which ones there were."""
    async with an_office(settings={"HOURS_AUDIT_CHANNEL": "G0ADMIN"}) as office:
        await office.make_manager()
        office.focus.double("user", 501, 5, hours=Decimal(4))
        said = await asked(office, office.mia, "/hours @ana")
        assert "Focus has two entries for one day: Fri has 8 h and 4 h" in said.plain
        await office.mia.click(said, f"repair:5:{kept}")
        for channel in (STUDIO, office.mia.dm):
            receipt = await office.mia.sees(f"You repaired <@U0ANA>’s week: {told}.", channel=channel)
            assert "Kept: Mon–Thu 8 h." in receipt.text
        assert [row.hours for row in office.focus.rows("user", 501) if row.weekday == 5] == [Decimal(kept)]
        await office.ana.sees(f"repaired your working hours in Toggl Focus: {told}.", channel=office.ana.dm)
        await office.olivia.sees(f"<@U0MIA> repaired <@U0ANA>’s week: {told}.", channel="G0ADMIN")
        assert f"<@U0MIA> (repair): {told}." in (await asked(office, office.ana, "/hours history")).text
        await office.ana.open_home()
        await office.ana.sees_home(f"{told} · by <@U0MIA>")


async def test_a_repair_in_part_says_that_there_are_still_two_entries(office: Office) -> None:
    office.focus.double("user", 501, 5, hours=Decimal(4))
    said = await asked(office, office.ana, "/hours")
    office.focus.faults.add(Fault(FaultKind.REFUSE, "DELETE *", status=403, times=1))
    await office.ana.click(said, "repair:5:4")
    partly = await office.ana.sees("Only a part of the change to your week is in", channel=STUDIO)
    assert "Fri done, but there are still two entries." in partly.text
    await office.ana.click(partly, f"finish:{partly.blocks[-1]['elements'][0]['value']}")
    await office.ana.sees("You repaired your week: Fri 8 h and 4 h → 4 h", channel=STUDIO)
    assert office.focus_week(501) == "8 8 8 8 4 - -"


async def test_of_two_entries_none_is_kept_that_is_not_there_any_more(office: Office) -> None:
    office.focus.double("user", 501, 5, hours=Decimal(4))
    said = await asked(office, office.ana, "/hours")
    office.focus.put_rows("user", 501, {5: None})
    office.focus.put_rows("user", 501, {5: 6})
    await office.ana.click(said, "repair:5:4")
    answer = await office.ana.sees("Nothing was changed in your week.", channel=STUDIO)
    assert "Fri has been changed in Focus since you looked" in answer.text
    assert "Try again" not in answer.plain
    assert office.focus_week(501) == "8 8 8 8 6 - -"


async def test_two_entries_for_a_day_are_said_beside_several_weeks(office: Office) -> None:
    office.focus.double("user", 503, 1, hours=Decimal(2))
    said = await asked(office, office.ana, "/hours @ana @ben @mia")
    warning = "<@U0BEN>’s week: Focus has two entries for one day: Mon has 8:30 h and 2 h."
    assert f":warning: {warning} Look at that week alone to choose which one to keep." in said.plain
    assert warning in said.text
    assert "two entries" not in (await asked(office, office.ana, "/hours @ana @mia")).plain


async def test_placeholders_are_listed_with_their_weeks_as_last_known(office: Office) -> None:
    assert "*Designer 1*: not read yet." in (await asked(office, office.ana, "/hours placeholders")).text
    await asked(office, office.ana, '/hours "Set Builder"')
    said = await asked(office, office.ana, "/hours placeholders set")
    assert "1 placeholder with “set” in the name" in said.text
    assert "*Set Builder*: Mon–Thu 10 h, Fri off, Sat–Sun not set; 40 h." in said.text
    assert "no placeholder with “chef”" in (await asked(office, office.ana, "/hours placeholders chef")).text
    assert (
        "has no placeholder with the number 999" in (await asked(office, office.ana, "/hours ghost:999")).text
    )


async def test_only_placeholders_that_one_may_change_have_an_edit_button(office: Office) -> None:
    for human, may in ((office.ana, False), (office.olivia, True)):
        said = await asked(office, human, "/hours placeholders")
        assert ("Edit Designer 1" in said.plain) is may
        assert ("change one" in said.plain) is may


async def test_markup_in_names_is_read_and_never_obeyed(office: Office) -> None:
    for text in ("/hours zoë", '/hours "<!channel>"', "/hours <!channel>", "/hours placeholders <!here> *x*"):
        assert not (await asked(office, office.ana, text)).rings
    await office.olivia.types(STUDIO, "/hours unlink @zoe")
    await office.olivia.sees("not linked to *Zoë &lt;!channel&gt; ∗Bold∗ &amp; Co*", channel=STUDIO)
    said = await asked(office, office.ana, "/hours zoë")
    assert "*Zoë &lt;!channel&gt; ∗Bold∗ &amp; Co*’s week" in said.text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("*a* _b_ ~c~ `d` :tada:", "∗a∗ ＿b＿ ∼c∼ ‘d‘ ∶tada:"),
        ("set_builder 2*3 9:30", "set_builder 2*3 9:30"),
        ("_x*", "＿x∗"),
        ("A\n> B", "A &gt; B"),
    ],
)
def test_what_slack_would_obey_in_a_name_is_replaced(name: str, shown: str) -> None:
    assert literal(name) == shown


MARKED = "*Zoë* _b_ ~c~ `d` :tada:"


@pytest.mark.parametrize(
    "line",
    [
        "me @zoe @lars",
        "lars",
        "placeholders",
        "ghost:704",
        "set ghost:704 mon 8",
        "set ghost:704 ghost:703 mon 8",
        "set ghost:704 mon 8 from 2027-01-01",
        "set ghost:704 @ben tue 8 from 2027-01-01",
        "plan ghost:704",
        "history ghost:704",
        "undo",
        "who week",
        "who ghost:704 @zoe",
        "managers grant @mia ghost:704",
        "managers",
        "links",
        "link @tom 508",
        "unlink @zoe",
        'set "Zoë" mon 8',
        "help *x*",
    ],
)
async def test_marks_in_a_name_reach_no_text_that_slack_formats(office: Office, line: str) -> None:
    office.focus.add_ghost(MARKED)
    for number in (507, 508):
        office.focus.change_person(number, name=MARKED)
    await office.bot.desk.people.link_everybody()
    for each in ("set ghost:704 fri 4", line):
        await asked(office, office.olivia, f"/hours {each}")
    places = ((office.olivia, STUDIO), (office.olivia, office.olivia.dm), (office.mia, office.mia.dm))
    seen = [each for human, place in places for each in human.messages(place)]
    written = "\n".join(text for each in seen for text in (each.text, *_formatted(each.blocks)))
    assert "Designer" in written or "∗Zoë∗" in written or "∗x∗" in written
    for mark in ("*Zoë*", "_b_", "~c~", "`d`", ":tada:"):
        assert mark not in written


def _formatted(value: Any) -> Iterator[str]:
    """All mrkdwn in blocks."""
    if isinstance(value, list):
        for each in value:
            yield from _formatted(each)
    elif isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value["text"]
        for each in value.values():
            yield from _formatted(each)


async def test_without_focus_the_last_known_week_is_shown_with_its_age(office: Office) -> None:
    await asked(office, office.ana, "/hours")
    await office.later(seconds=3600)
    office.focus.faults.add(Fault(FaultKind.FAIL_BEFORE))
    for text, answer in (
        ("/hours", "As of 1 h ago · Toggl Focus · not fresh: Toggl Focus does not answer at the moment"),
        ("/hours @ben", "Toggl Focus does not answer at the moment"),
    ):
        before = len(office.ana.messages(STUDIO))
        await office.ana.types(STUDIO, text)
        for sleepers in (2, 1, 1):  # read four times; beside the first pause the word "slow" waits too
            await office.until_waiting(sleepers)
            office.clock.move(seconds=4)
        await office.ana.sees(answer, channel=STUDIO, after=before)


async def test_whose_week_cannot_be_read_does_not_keep_others_from_being_shown(office: Office) -> None:
    await asked(office, office.olivia, "/hours @ana")
    office.focus.quota.exhaust()
    both = await asked(office, office.olivia, "/hours @ana @ben")
    assert "<@U0ANA>’s week: Mon–Fri 8 h" in both.text
    assert "Not read: <@U0BEN>. My hourly quota for Toggl Focus is used up" in both.text
    dry = await asked(office, office.olivia, "/hours set @ana @ben fri off")
    assert "<@U0ANA>’s week: Fri 8 h → off" in dry.text
    assert "<@U0BEN>’s week was never read yet" in dry.text
    alone = await asked(office, office.olivia, "/hours @ben")
    assert "My hourly quota for Toggl Focus is used up" in alone.text
    assert "Nothing was changed" not in both.text + alone.text


async def test_of_many_those_who_can_be_read_are(office: Office) -> None:
    office.focus.faults.add(Fault(FaultKind.REFUSE, match="GET *workinghours/users/503", status=404))
    many = await asked(office, office.olivia, "/hours @ana @ana.petrova @ben @mia @zoe me")
    assert "Not read: <@U0BEN>. Toggl Focus does not know this person or placeholder any more" in many.text
    assert all(f"<@U0{name}>’s week" in many.text for name in ("ANA", "ANAP", "MIA", "ZOE"))
    assert "Your week" in many.text


async def test_a_person_s_name_in_quotes_is_looked_up_like_one_without(office: Office) -> None:
    await office.ana.types(STUDIO, '/hours "Ben Okafor"')
    await office.ana.sees("<@U0BEN>’s week", channel=STUDIO)
