"""*Ask Mia*: who may not, asks who may; the question, the answer, and what becomes of both."""

from __future__ import annotations

import asyncio

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human, Message
from tests.conftest import OpenOffice
from tests.office import STUDIO, Office

DAY = 24 * 3600
BENS_WEEK = "8.5 8.5 4 - - - -"
NO_SELF_EDIT = {"HOURS_SELF_EDIT": "no"}


async def asks(human: Human, line: str, *, name: str = "Mia Tanaka", press: str = "petition") -> None:
    """Type what one may not, and press *Ask Mia*."""
    await human.types(STUDIO, line)
    refused = await human.sees(f"Ask {name}", channel=STUDIO)
    await human.click(refused, press)
    await human.sees("will tell you the answer", channel=STUDIO)


async def question(human: Human, text: str = "asks you to change") -> Message:
    return await human.sees(text, channel=human.dm)


async def test_apply_is_done_by_the_presser_and_told_to_everybody(office: Office) -> None:
    await office.make_manager()
    await asks(office.ana, "/hours set <@U0BEN> fri 4")
    asked = await question(office.mia)
    assert "<@U0ANA> asks you to change <@U0BEN>’s week in Toggl Focus" in asked.plain
    await office.mia.click(asked, "petition_apply")
    receipt = await office.mia.sees("You changed <@U0BEN>’s week", channel=office.mia.dm)
    assert "by you" in receipt.plain
    assert "asked by <@U0ANA>" in receipt.plain
    told = await office.ana.sees("<@U0MIA> said yes to what you asked for", channel=office.ana.dm)
    assert "<@U0MIA> changed <@U0BEN>’s week" in told.plain
    assert "asked by you" in told.plain
    assert "Undo" not in told.plain
    notice = await office.ben.sees("<@U0MIA> changed your working hours", channel=office.ben.dm)
    assert "as you asked" not in notice.plain
    assert office.focus.week("user", 503)[5] == 4
    assert "You said yes" in (await office.mia.sees("You said yes", channel=office.mia.dm)).plain


async def test_a_week_that_was_never_read_is_read_for_the_question(office: Office) -> None:
    await office.make_manager()
    await asks(office.ana, "/hours set <@U0BEN> fri 4")
    assert "Fri not set → 4 h; 21 h → 25 h in all" in (await question(office.mia)).plain
    assert office.focus_calls() == ["GET"]


async def test_a_week_that_cannot_be_read_is_asked_about_all_the_same(office: Office) -> None:
    await office.make_manager()
    office.focus.faults.add(Fault(FaultKind.REFUSE))
    await asks(office.ana, "/hours set <@U0BEN> fri 4")
    asked = await question(office.mia)
    assert "Fri 4 h" in asked.plain
    assert "the week has not been read yet" in asked.plain


async def test_the_question_shows_before_and_after_from_the_week_as_last_read(office: Office) -> None:
    await office.make_manager()
    await read_week(office.ana)
    seen = office.sandbox.log.total
    await asks(office.ana, "/hours set <@U0BEN> fri 4")
    asked = await question(office.mia)
    assert "Fri not set → 4 h; 21 h → 25 h in all" in asked.plain
    assert "week as read just now" in asked.plain
    assert office.focus_calls(after=seen) == []


async def test_decline_changes_nothing_and_the_asker_hears(office: Office) -> None:
    await office.make_manager()
    await asks(office.ana, "/hours clear <@U0BEN> mon")
    asked = await question(office.mia)
    await office.mia.click(asked, "petition_decline")
    await office.mia.sees("You said no", channel=office.mia.dm)
    told = await office.ana.sees("<@U0MIA> declined what you asked for", channel=office.ana.dm)
    assert "to change <@U0BEN>’s week (Mon 8:30 h → not set; 21 h → 12:30 h in all)" in told.plain
    assert office.focus_week(503) == BENS_WEEK
    assert "Apply" not in office.mia.messages(office.mia.dm)[-1].plain


@pytest.mark.parametrize("press", ["apply", "decline"])
@pytest.mark.parametrize("whom", ["<@U0BEN>", "<@U0BEN> <@U0ZOE>"])
async def test_asking_shows_nobody_a_week_that_they_may_not_see(
    an_office: OpenOffice, whom: str, press: str
) -> None:
    """The decider is shown it; the asker reads what they asked for, and what became of it."""
    async with an_office(settings={"HOURS_VIEW": "managers"}) as office:
        await office.make_manager()
        await office.mia.types(STUDIO, "/hours <@U0BEN> <@U0ZOE>")
        await office.mia.sees("8:30", channel=STUDIO)
        many = " to change 2" if "ZOE" in whom else ""
        asking = "petition_weeks:U0MIA" if many else "petition"
        await asks(office.ana, f"/hours set {whom} fri 3", name=f"Mia Tanaka{many}", press=asking)
        asked = await question(office.mia)
        assert "21 h → 24 h in all" in asked.text
        await office.mia.click(asked, f"petition_{press}")
        told = await office.ana.sees("what you asked for", channel=office.ana.dm)
        await office.bot.desk.work.idle()
        assert ("Fri 3 h" in told.plain) is not bool(many)
        assert not [word for word in ("8:30", "in all", "not set", "4 h", "Before") if word in told.plain]


@pytest.mark.parametrize("press", ["apply", "decline"])
async def test_asking_for_an_undo_shows_no_week_either(an_office: OpenOffice, press: str) -> None:
    """Mia's right is taken from her, and she asks Olivia to undo what she did."""
    async with an_office(settings={"HOURS_VIEW": "managers"}) as office:
        await office.make_manager()
        await office.mia.types(STUDIO, "/hours set <@U0BEN> wed 3")
        await office.mia.sees("Wed 4 h → 3 h", channel=STUDIO)
        await office.olivia.types(STUDIO, "/hours managers revoke <@U0MIA>")
        await office.olivia.sees("may no longer change", channel=STUDIO)
        await asks(office.mia, "/hours undo", name="Olivia Grant", press="petition_undo")
        await office.olivia.click(await question(office.olivia, "asks you to undo"), f"petition_{press}")
        told = await office.mia.sees("what you asked for", channel=office.mia.dm)
        await office.bot.desk.work.idle()
        assert ("is undone" in told.plain) is (press == "apply")
        assert "4 h" not in told.plain


async def test_who_may_not_change_their_own_week_asks(an_office: OpenOffice) -> None:
    async with an_office(settings=NO_SELF_EDIT) as office:
        await asks(office.ana, "/hours set fri 4", name="Olivia Grant")
        asked = await question(office.olivia)
        assert "asks you to change their own week in Toggl Focus" in asked.plain
        await office.olivia.click(asked, "petition_apply")
        await office.ana.sees("your working hours in Toggl Focus, as you asked", channel=office.ana.dm)
        await office.olivia.sees("asked by <@U0ANA>", channel=office.olivia.dm)
        await office.bot.desk.work.idle()
        assert len(office.ana.messages(office.ana.dm)) == 1
        assert office.focus_week(501) == "8 8 8 8 4 - -"


async def test_a_refused_save_is_taken_to_who_may(office: Office) -> None:
    await office.make_manager()
    await office.mia.types(STUDIO, "/hours edit <@U0BEN>")
    view = await office.mia.sees_modal("Friday")
    office.mia.fill(view, "Friday", "4")
    await office.olivia.types(STUDIO, "/hours managers revoke <@U0MIA>")
    await office.olivia.sees("may no longer change", channel=STUDIO)
    await office.mia.submit()
    view = await office.mia.sees_modal("Ask Olivia Grant")
    await office.mia.click(view, "petition")
    await office.mia.sees_modal("will tell you the answer")
    asked = await question(office.olivia)
    assert "<@U0MIA> asks you to change <@U0BEN>’s week" in asked.plain
    assert "Fri not set → 4 h" in asked.plain
    await office.olivia.click(asked, "petition_apply")
    await office.mia.sees("<@U0OLIVIA> changed <@U0BEN>’s week: Fri not set → 4 h", channel=office.mia.dm)
    assert office.focus_week(503) == "8.5 8.5 4 - 4 - -"


async def test_what_changed_since_it_was_shown_is_not_passed_over(office: Office) -> None:
    await office.make_manager()
    await read_week(office.ana)
    await asks(office.ana, "/hours set <@U0BEN> fri 4")
    asked = await question(office.mia)
    office.focus.put_rows("user", 503, {5: 2})
    await office.mia.click(asked, "petition_apply")
    conflict = await office.mia.sees("theirs, or yours?", channel=office.mia.dm)
    await office.ana.sees("<@U0MIA> decides which hours to keep", channel=office.ana.dm)
    assert office.focus_week(503) == "8.5 8.5 4 - 2 - -"
    await office.mia.click(conflict, "overwrite:" + button_of(conflict, "overwrite"))
    await office.ana.sees("<@U0MIA> changed <@U0BEN>’s week: Fri 2 h → 4 h", channel=office.ana.dm)
    assert len([each for each in office.ana.messages(office.ana.dm) if "said yes" in each.plain]) == 1


async def test_whoever_is_second_reads_who_decided(office: Office) -> None:
    await office.make_manager()
    await asks(office.ana, "/hours set <@U0BEN> fri 4")
    asked = await question(office.mia)
    await asyncio.gather(office.mia.click(asked, "petition_apply"), office.mia.click(asked, "petition_apply"))
    await office.mia.sees(
        "This has already been decided, by you. Nothing was done twice.", channel=office.mia.dm
    )
    await office.mia.sees("You changed <@U0BEN>’s week", channel=office.mia.dm)
    await office.bot.desk.work.idle()
    assert office.focus_calls().count("POST") == 1


async def test_who_lost_the_right_meanwhile_cannot_apply(office: Office) -> None:
    await office.make_manager()
    await asks(office.ana, "/hours set <@U0BEN> fri 4")
    asked = await question(office.mia)
    await office.olivia.types(STUDIO, "/hours managers revoke <@U0MIA>")
    await office.olivia.sees("may no longer change", channel=STUDIO)
    async with office.unchanged():
        await office.mia.click(asked, "petition_apply")
        await office.mia.sees("You can’t change <@U0BEN>’s week", channel=office.mia.dm)
    await office.mia.click(asked, "petition_decline")
    await office.ana.sees("<@U0MIA> declined", channel=office.ana.dm)


async def test_after_seven_days_the_asker_is_told_once(office: Office) -> None:
    await office.make_manager()
    await asks(office.ana, "/hours set <@U0BEN> fri 4")
    asked = await question(office.mia)
    office.clock.move(seconds=7 * DAY - 60)
    await office.until_waiting(0)
    assert "Nobody decided" not in asked.plain
    office.clock.move(seconds=60)
    await office.ana.sees("Nobody decided, so nothing was changed", channel=office.ana.dm)
    over = await office.mia.sees("Nobody decided within seven days", channel=office.mia.dm)
    assert "Apply" not in over.plain
    office.clock.move(seconds=DAY)
    await office.until_waiting(0)
    assert len([each for each in office.ana.messages(office.ana.dm) if "Nobody decided" in each.plain]) == 1


async def test_a_change_that_waits_is_told_and_kept_true(office: Office) -> None:
    await office.make_manager()
    await asks(office.ana, "/hours set <@U0BEN> fri 4")
    closed = office.focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, match="* *workinghours*"))
    await office.mia.click(await question(office.mia), "petition_apply")
    told = await office.ana.sees("The change to <@U0BEN>’s week waits", channel=office.ana.dm)
    assert "Cancel" not in told.plain
    office.focus.faults.remove(closed)
    office.clock.move(seconds=3601)
    await office.ana.sees("<@U0MIA> changed <@U0BEN>’s week", channel=office.ana.dm)
    assert len([each for each in office.ana.messages(office.ana.dm) if "said yes" in each.plain]) == 1


async def test_the_audit_channel_reads_who_asked(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_AUDIT_CHANNEL": "G0ADMIN"}) as office:
        await office.make_manager()
        await asks(office.ana, "/hours set <@U0BEN> fri 4")
        await office.mia.click(await question(office.mia), "petition_apply")
        await office.olivia.sees("asked by <@U0ANA>", channel="G0ADMIN")


async def test_asked_twice_goes_out_once(office: Office) -> None:
    await office.ana.types(office.ana.dm, "set <@U0BEN> fri 4")
    refused = await office.ana.sees("Ask Olivia Grant", channel=office.ana.dm)
    await office.ana.click(refused, "petition")
    await office.ana.sees("will tell you the answer", channel=office.ana.dm)
    await office.ana.click(refused, "petition")
    await office.ana.sees("I’ve already asked for this", channel=office.ana.dm)
    await question(office.olivia)
    await office.bot.desk.work.idle()
    assert len([each for each in office.olivia.messages(office.olivia.dm) if "asks you" in each.plain]) == 1


@pytest.mark.parametrize("line", ["/hours edit <@U0BEN>", "/hours history <@U0BEN>", "/hours links"])
async def test_only_a_change_can_be_asked_for(office: Office, line: str) -> None:
    await office.ana.types(STUDIO, line)
    where = office.ana.sees_modal if "edit" in line else office.ana.sees
    refused = await where("<@U0OLIVIA>")
    assert "Ask Olivia" not in refused.plain
    assert office.olivia.messages(office.olivia.dm) == []


async def test_guests_are_not_offered_to_ask_for_others(office: Office) -> None:
    guest = office.joined("U0GUEST")
    async with office.unchanged():
        await guest.types(STUDIO, "/hours set <@U0BEN> fri 4")
        refused = await guest.sees("As a guest", channel=STUDIO)
    assert "Ask Olivia" not in refused.plain


# ------------------------------------------------------------------ not linked


async def test_who_is_not_linked_asks_and_the_likely_match_is_one_tap(office: Office) -> None:
    await asks(office.tom, "/hours set fri 4", name="Olivia Grant", press="petition_link")
    asked = await question(office.olivia, "<@U0TOM> asks to be linked")
    assert "Perhaps *Tom Weber*" in asked.plain
    await office.olivia.click(asked, "petition_take:0")
    await office.olivia.sees("They are linked to *Tom Weber*", channel=office.olivia.dm)
    told = await office.tom.sees("<@U0OLIVIA> linked you to *Tom Weber*", channel=office.tom.dm)
    assert "You had typed /hours set fri 4" in told.plain.replace("`", "")
    await office.tom.click(told, "run:again")
    await office.tom.sees("You changed your week", channel=office.tom.dm)


async def test_of_an_unconfirmed_e_mail_admins_are_warned_and_nobody_is_suggested(office: Office) -> None:
    await asks(office.slack.human("U0UNCONF"), "/hours", name="Olivia Grant", press="petition_link")
    asked = await question(office.olivia, "<@U0UNCONF> asks to be linked")
    assert "Their e-mail address in Slack is not confirmed, so be sure who they are" in asked.plain
    assert "Lars Nyberg" not in asked.plain
    assert "petition_take" not in str(asked.blocks)


async def test_a_link_made_in_another_way_answers_too(office: Office) -> None:
    await asks(office.tom, "/hours", name="Olivia Grant", press="petition_link")
    await question(office.olivia, "asks to be linked")
    await office.olivia.types(STUDIO, "/hours link <@U0TOM> 506")
    await office.tom.sees("linked you to *Tom Weber*", channel=office.tom.dm)
    answered = await office.olivia.sees("They are linked to *Tom Weber*", channel=office.olivia.dm)
    assert not buttons(answered)


async def test_a_link_may_be_declined(office: Office) -> None:
    await asks(office.tom, "/hours", name="Olivia Grant", press="petition_link")
    asked = await question(office.olivia, "asks to be linked")
    async with office.unchanged():
        await office.olivia.click(asked, "petition_decline")
        await office.tom.sees("<@U0OLIVIA> declined what you asked for: to be linked", channel=office.tom.dm)
    declined = await office.olivia.sees("You said no", channel=office.olivia.dm)
    assert not buttons(declined)
    assert await office.bot.desk.store.directory.linked("U0TOM") is None


async def test_of_two_admins_the_second_reads_who_decided(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_ADMINS": "U0MIA,U0OLIVIA"}) as office:
        await asks(office.tom, "/hours", name="Mia Tanaka", press="petition_link")
        first = await question(office.mia, "asks to be linked")
        second = await question(office.olivia, "asks to be linked")
        await asyncio.gather(
            office.mia.click(first, "petition_take:0"), office.olivia.click(second, "petition_decline")
        )
        await office.tom.sees("you", channel=office.tom.dm)
        await office.bot.desk.work.idle()
        decided = [office.mia.messages(office.mia.dm), office.olivia.messages(office.olivia.dm)]
        assert sum("This has already been decided" in each.plain for dm in decided for each in dm) == 1
        assert len(office.tom.messages(office.tom.dm)) == 1


# ------------------------------------------------------------------ inside


async def read_week(human: Human, whom: str = "U0BEN") -> None:
    """Have a week read, so that it is known."""
    await human.types(STUDIO, f"/hours <@{whom}>")
    await human.sees(f"<@{whom}>’s week", channel=STUDIO)


def buttons(message: Message) -> list[str]:
    """The action ids of all that can be pressed in it."""
    elements = [element for block in message.blocks for element in block.get("elements", ())]
    return [str(each["action_id"]) for each in elements if "action_id" in each]


def button_of(message: Message, action: str) -> str:
    """What follows the action's name on a button of the message."""
    return next(each for each in buttons(message) if each.startswith(f"{action}:")).partition(":")[2]


# ------------------------------------------------------------------ many weeks, and an undo


async def test_those_whom_a_dry_run_refuses_can_be_asked_for_in_one_press(office: Office) -> None:
    """Ana may change nobody: Mia is asked for all of it, and her *Apply* changes both."""
    await office.make_manager()
    await office.ana.types(STUDIO, "/hours set <@U0BEN> <@U0ZOE> fri 4")
    shown = await office.ana.sees("Ask Mia Tanaka to change 2", channel=STUDIO)
    await office.ana.click(shown, "petition_weeks:U0MIA")
    await office.ana.sees("I’ve asked <@U0MIA> and will tell you the answer", channel=STUDIO)
    asked = await question(office.mia)
    assert "<@U0ANA> asks you to change 2 weeks in Toggl Focus: Fri 4 h" in asked.plain
    await office.mia.click(asked, "petition_apply")
    await office.mia.sees("You said yes", channel=office.mia.dm)
    told = await office.ana.sees("<@U0MIA> said yes to what you asked for", channel=office.ana.dm)
    await office.bot.desk.work.idle()
    assert office.focus.week("user", 503)[5] == 4
    assert "Undo" not in told.plain
    await office.ben.sees("<@U0MIA> changed your working hours", channel=office.ben.dm)


async def test_who_may_change_some_applies_those_and_asks_for_the_rest(office: Office) -> None:
    await office.make_manager("<@U0BEN>")
    await office.mia.types(STUDIO, "/hours set <@U0BEN> <@U0ANA> fri 4")
    shown = await office.mia.sees("Ask Olivia Grant to change 1", channel=STUDIO)
    assert "Apply to 1" in shown.plain
    await office.mia.click(shown, "petition_weeks:U0OLIVIA")
    await office.mia.sees("I’ve asked <@U0OLIVIA>", channel=STUDIO)
    await office.mia.click(shown, "petition_weeks:U0OLIVIA")
    await office.mia.sees("I’ve already asked for this", channel=STUDIO)
    assert office.focus_week(503) == BENS_WEEK
    await office.mia.click(shown, "apply")  # the dry run is still there
    await office.ben.sees("<@U0MIA> changed your working hours", channel=office.ben.dm)
    asked = await question(office.olivia)
    assert "to change <@U0ANA>’s week" in asked.plain
    assert len(office.olivia.messages(office.olivia.dm)) == 1
    await office.bot.desk.work.idle()
    assert (office.focus_week(503), office.focus_week(501)) == ("8.5 8.5 4 - 4 - -", "8 8 8 8 8 - -")
    await office.olivia.click(asked, "petition_apply")
    await office.ana.sees("<@U0OLIVIA> changed your working hours", channel=office.ana.dm)
    assert office.focus_week(501) == "8 8 8 8 4 - -"


async def test_in_the_form_the_dry_run_stays_where_it_is(office: Office) -> None:
    await office.make_manager("<@U0BEN>")
    await office.mia.types(STUDIO, "/hours bulk <@U0BEN> <@U0ANA>")
    view = await office.mia.sees_modal("Days and hours")
    office.mia.fill(view, "Days and hours", "fri 4")
    await office.mia.submit()
    view = await office.mia.sees_modal("Ask Olivia Grant to change 1")
    await office.mia.click(view, "petition_weeks:U0OLIVIA")
    view = await office.mia.sees_modal("I’ve asked <@U0OLIVIA>")
    assert "Ask Olivia Grant" not in view.plain
    await office.mia.submit(view)
    await office.ben.sees("<@U0MIA> changed your working hours", channel=office.ben.dm)
    await question(office.olivia)
    await office.bot.desk.work.idle()
    assert (office.focus_week(503), office.focus_week(501)) == ("8.5 8.5 4 - 4 - -", "8 8 8 8 8 - -")


@pytest.mark.parametrize(
    ("line", "way"),
    [
        ('edit "Set Builder"', '/hours set "Set Builder" fri 4'),
        ("edit <@U0BEN>", "/hours set @name fri 4"),
    ],
)
async def test_a_refused_form_tells_how_to_ask(office: Office, line: str, way: str) -> None:
    await office.ana.types(STUDIO, f"/hours {line}")
    told = await office.ana.sees_modal("You can’t change")
    assert f"Type the change you want, and I offer to ask: {way}" in told.plain.replace("`", "")
    await office.ana.close()
    await office.ana.types(STUDIO, way.replace("@name", "<@U0BEN>"))
    await office.ana.sees("Ask Olivia Grant", channel=STUDIO)


async def test_a_refused_undo_is_taken_to_who_may_and_undoes(office: Office) -> None:
    await office.make_manager()
    await office.mia.types(STUDIO, "/hours set <@U0BEN> fri 4")
    await office.mia.sees("You changed <@U0BEN>’s week", channel=STUDIO)
    undo = office.answer_to(office.mia)
    await office.olivia.types(STUDIO, "/hours managers revoke <@U0MIA>")
    await office.olivia.sees("may no longer change", channel=STUDIO)
    await office.mia.click(undo, "undo")
    refused = await office.mia.sees("Ask Olivia Grant", channel=STUDIO)
    await office.mia.click(refused, "petition_undo")
    await office.mia.sees("I’ve asked <@U0OLIVIA>", channel=STUDIO)
    asked = await question(office.olivia, "asks you to undo a change")
    assert "<@U0BEN>’s week in Toggl Focus: Fri 4 h → not set" in asked.plain
    await office.olivia.click(asked, "petition_apply")
    await office.mia.sees("<@U0OLIVIA> said yes to what you asked for", channel=office.mia.dm)
    await office.bot.desk.work.idle()
    assert office.focus_week(503) == BENS_WEEK
    await office.mia.sees("Undone by <@U0OLIVIA>", channel=office.mia.dm)


async def test_an_undo_that_somebody_else_has_done_is_not_done_again(office: Office) -> None:
    await office.make_manager()
    await office.mia.types(STUDIO, "/hours set <@U0BEN> fri 4")
    await office.mia.sees("You changed <@U0BEN>’s week", channel=STUDIO)
    undo = office.answer_to(office.mia)
    await office.olivia.types(STUDIO, "/hours managers revoke <@U0MIA>")
    await office.olivia.sees("may no longer change", channel=STUDIO)
    await office.mia.types(STUDIO, "/hours undo")
    refused = await office.mia.sees("Ask Olivia Grant", channel=STUDIO)
    await office.mia.click(refused, "petition_undo")
    asked = await question(office.olivia, "asks you to undo a change")
    await office.make_manager()
    await office.mia.click(undo, "undo")
    await office.mia.sees("Undone by you", channel=office.mia.dm)
    await office.bot.desk.work.idle()
    seen = office.sandbox.log.total
    await office.olivia.click(asked, "petition_apply")
    await office.olivia.sees("Already undone by <@U0MIA>", channel=office.olivia.dm)
    assert office.focus_calls(after=seen) == []


# ------------------------------------------------------------------ people who leave


async def test_when_the_one_who_was_asked_leaves_the_next_is_asked(office: Office) -> None:
    await office.make_manager()
    await asks(office.ana, "/hours set <@U0BEN> fri 4")
    await question(office.mia)
    await office.change_user("U0MIA", deleted=True)
    hers = await question(office.olivia, "<@U0ANA> asks you to change")
    told = await office.ana.sees("has left Slack, so I’m now asking <@U0OLIVIA>", channel=office.ana.dm)
    assert "to change <@U0BEN>’s week" in told.plain
    await office.mia.sees("<@U0OLIVIA> was asked instead", channel=office.mia.dm)
    assert "Apply" not in office.answer_to(office.mia, office.mia.dm).plain
    await office.olivia.click(hers, "petition_apply")
    await office.ana.sees("<@U0OLIVIA> said yes to what you asked for", channel=office.ana.dm)
    await office.bot.desk.work.idle()
    assert office.focus.week("user", 503)[5] == 4


@pytest.mark.parametrize("press", ["leaver_take", "leaver_delete"])
async def test_what_a_leaver_asked_for_is_taken_over_or_deleted(office: Office, press: str) -> None:
    await office.make_manager()
    await asks(office.ana, "/hours set <@U0BEN> fri 4")
    asked = await question(office.mia)
    await office.change_user("U0ANA", deleted=True)
    told = await office.olivia.sees("has left Slack. Until one of you decides", channel=office.olivia.dm)
    assert "what they have asked somebody to change in <@U0BEN>’s week" in told.plain
    await office.olivia.click(told, press)
    if press == "leaver_delete":
        await office.mia.sees("<@U0ANA> has left Slack, so there is nothing to decide", channel=office.mia.dm)
        await office.bot.desk.work.idle()
        assert office.focus_week(503) == BENS_WEEK
    else:
        asked = await question(office.mia, "<@U0OLIVIA> asks you to change")
        await office.mia.click(asked, "petition_apply")
        await office.olivia.sees("<@U0MIA> said yes to what you asked for", channel=office.olivia.dm)
        assert office.focus_week(503) == "8.5 8.5 4 - 4 - -"


async def test_a_leavers_wish_to_be_linked_ends_by_itself(office: Office) -> None:
    await asks(office.tom, "/hours set fri 4", name="Olivia Grant", press="petition_link")
    await question(office.olivia, "asks to be linked")
    await office.change_user("U0TOM", deleted=True)
    over = await office.olivia.sees("<@U0TOM> has left Slack, so there is nothing", channel=office.olivia.dm)
    assert not buttons(over)
    await office.bot.desk.work.idle()
    assert len(office.olivia.messages(office.olivia.dm)) == 1, "nobody has to decide what becomes of it"
    assert await office.bot.desk.store.directory.linked("U0TOM") is None
