"""Many weeks at once: the form, what it would do to whom, and what a press of *Apply* carries out."""

from __future__ import annotations

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human, View
from store.access import Action
from store.act import Kind, Place
from tests.conftest import OpenOffice
from tests.inside import abandon_acts
from tests.office import STUDIO, Office

DESIGNERS = "<!subteam^S0DESIGN|@designers>"


async def answered(office: Office, human: Human, line: str, text: str = "") -> str:
    """What the person reads after a typed line."""
    before = len(human.messages(STUDIO))
    await human.types(STUDIO, line)
    answer = await human.sees(text, channel=STUDIO, after=before)
    await office.bot.desk.work.idle()
    return answer.plain


async def form(human: Human) -> View:
    await human.types(STUDIO, "/hours bulk")
    return await human.sees_modal("User groups and placeholders")


async def choose(human: Human, *, people: list[str] = (), crowds: list[str] = ()) -> View:  # type: ignore[assignment]  # read only
    view = await form(human)
    human.fill(view, "people", list(people))
    if crowds:
        await human.suggest(view, "crowds", "")
        human.fill(view, "crowds", list(crowds))
    return view


async def test_the_form_leads_to_a_dry_run_and_one_press_to_everybodys_week(office: Office) -> None:
    view = await choose(office.olivia, people=["U0ANA"], crowds=["@designers", "Designer 1"])
    office.olivia.fill(view, "text", "fri 4")
    calls = office.focus_calls()
    await office.olivia.submit()
    dry = await office.olivia.sees_modal("Would change")
    assert "<@U0ANA>: Fri 8 h → 4 h; 40 h → 36 h in all" in dry.plain
    assert "3 of 3 weeks would change" in dry.plain
    assert "Nothing is written yet." in dry.plain
    assert len(office.focus_calls()) - len(calls) == 3  # a few that were never read
    await office.olivia.submit()
    await office.olivia.sees_modal("You changed <@U0ANA>’s week")
    assert [office.focus_week(number)[8] for number in (501, 503)] == ["4", "4"]
    await office.ana.sees("<@U0OLIVIA> changed your working hours", channel=office.ana.dm)


async def test_who_may_change_nobody_else_reads_so_at_once(office: Office) -> None:
    view = await form(office.ana)
    assert "the preview offers to ask somebody who may" in view.plain
    await office.ana.click(view, "bulk_way", selected="DAYS")
    view = await office.ana.sees_modal("+fri 8 adds a Friday")
    assert "You may not change anybody else’s week" in view.plain
    guest = office.joined("U0GUEST")
    assert "As a guest you can change your own week only" in (await form(guest)).plain
    await office.make_manager("<@U0BEN>")
    for human in (office.mia, office.olivia):
        assert "anybody else’s week" not in (await form(human)).plain


async def test_ways_to_change(office: Office) -> None:
    view = await choose(office.olivia, people=["U0ANA", "U0BEN"])
    await office.olivia.click(view, "bulk_way", selected="DAYS")
    view = await office.olivia.sees_modal("+fri 8 adds a Friday")
    office.olivia.fill(view, "text", "-wed, -sat")
    await office.olivia.submit()
    dry = await office.olivia.sees_modal("Would change")
    assert "<@U0ANA>: Wed 8 h → off; 40 h → 32 h in all" in dry.plain  # Saturday is not set: left alone
    await office.olivia.submit()
    await office.olivia.sees_modal("You changed <@U0BEN>’s week")
    assert [office.focus_week(number) for number in (501, 503)] == ["8 8 0 8 8 - -", "8.5 8.5 0 - - - -"]


async def test_copying_one_persons_week(office: Office) -> None:
    view = await choose(office.olivia, people=["U0ANA", "U0MIA"])
    await office.olivia.click(view, "bulk_way", selected="COPY")
    view = await office.olivia.sees_modal("Whose week")
    await office.olivia.suggest(view, "copy_from", "ben")
    office.olivia.fill(view, "copy_from", "Ben Okafor")
    await office.olivia.submit()
    await office.olivia.sees_modal("Would change")
    await office.olivia.submit()
    await office.olivia.sees_modal("You changed <@U0MIA>’s week")
    assert {office.focus_week(number) for number in (501, 503, 504)} == {"8.5 8.5 4 - - - -"}


@pytest.mark.parametrize(
    ("way", "text", "people", "error"),
    [
        ("SET", "fri four", ["U0ANA"], "Write “four” as a number."),
        ("SET", "", ["U0ANA"], "Please complete this required field."),
        ("SET", "fri 4", [], "Choose at least one person, group or placeholder."),
        ("DAYS", "fri 8", ["U0ANA"], "Begin each day with + or -"),
        ("DAYS", "+fri 8, -fri", ["U0ANA"], "Friday is named twice."),
        ("DAYS", "-fri 8", ["U0ANA"], "cleared without hours"),
        ("DAYS", "+fri", ["U0ANA"], "hours"),
    ],
)
async def test_what_is_wrong_stands_beside_the_field(
    office: Office, way: str, text: str, people: list[str], error: str
) -> None:
    view = await choose(office.olivia, people=people)
    if way != "SET":
        await office.olivia.click(view, "bulk_way", selected=way)
        view = await office.olivia.sees_modal("-fri makes it a day off")
    office.olivia.fill(view, "text", text)
    await office.olivia.submit()
    assert view.errors
    assert error in " ".join(view.errors.values())
    assert office.focus_calls() == []


async def test_a_form_that_focus_stops_comes_back_as_it_was_filled_in(office: Office) -> None:
    view = await choose(office.olivia, people=["U0ANA"], crowds=["Designer 1"])
    await office.olivia.click(view, "bulk_way", selected="COPY")
    view = await office.olivia.sees_modal("Whose week")
    await office.olivia.suggest(view, "copy_from", "ben")
    office.olivia.fill(view, "Whose week", "Ben Okafor")
    fault = office.focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "* *workinghours*"))
    await office.olivia.submit()
    await office.olivia.sees_modal("Nothing was changed.")
    office.focus.faults.remove(fault)
    await office.olivia.submit()
    dry = await office.olivia.sees_modal("2 of 2 weeks would change")
    assert "<@U0ANA>: Mon" in dry.plain


async def test_the_dry_run_names_everybody_to_whom_nothing_can_be_done(office: Office) -> None:
    await office.make_manager("<@U0ANA>")
    line = "/hours set <@U0ANA> <@U0BEN> <@U0TOM> <@U0GONE> <@U0STRANGER> <@U0HOURS> ghost:799 fri 4"
    said = await answered(office, office.mia, line)
    assert "<@U0ANA>: Fri 8 h → 4 h; 40 h → 36 h in all" in said
    assert "You can’t change these weeks; <@U0OLIVIA> can*\n• <@U0BEN>" in said
    assert "Not linked to anybody in Toggl Focus*\n• <@U0TOM>, <@U0HOURS>" in said
    assert "Deactivated*\n• <@U0GONE>" in said
    assert "Not of this workspace*\n• <@U0STRANGER>" in said
    assert "No placeholder is called “ghost:799”." in said
    await office.mia.click(office.answer_to(office.mia), "apply")
    await office.mia.sees("You changed <@U0ANA>’s week", channel=STUDIO)
    assert office.focus_week(503) == "8.5 8.5 4 - - - -"


async def test_a_group_of_slack_is_who_is_in_it(office: Office) -> None:
    said = await answered(office, office.olivia, f"/hours set {DESIGNERS} fri 4")
    assert "2 of 2 weeks would change" in said
    office.slack.world.paid = False
    office.clock.move(seconds=601)
    said = await answered(office, office.olivia, f"/hours set {DESIGNERS} fri 4")
    assert "@designers: User groups are a paid feature of Slack that this workspace does not have." in said
    assert "Apply" not in said
    said = await answered(office, office.olivia, "/hours set <!subteam^S0NOBODY|@nobody> <@U0ANA> fri 4")
    assert "Apply to 1" in said


async def test_a_grant_for_a_group_covers_who_is_in_it_now(office: Office) -> None:
    permit = await office.bot.desk.store.access.may(
        await office.bot.desk.people.actor("U0OLIVIA", team_id="T0SANDBOX"), Action.ADMINISTER
    )
    await office.bot.desk.store.access.grant(
        permit, manager="U0MIA", scope="group:S0DESIGN", now=office.clock.now()
    )
    office.clock.move(seconds=601)
    assert "You changed <@U0BEN>" in await answered(office, office.mia, "/hours set <@U0BEN> mon 4", "Mon")
    office.slack.world.groups["S0DESIGN"].users.remove("U0BEN")
    office.clock.move(seconds=601)
    assert "You can’t change" in await answered(office, office.mia, "/hours set <@U0BEN> mon 5")


async def test_apply_happens_once(office: Office) -> None:
    await answered(office, office.olivia, "/hours set <@U0ANA> <@U0BEN> mon 4", "Apply to 2")
    dry = office.answer_to(office.olivia)
    presses = [await office.olivia.click(dry, "apply") for _ in range(2)]
    assert all(sent.ok for sent in presses)
    await office.olivia.sees("already been decided, by you", channel=STUDIO)
    await office.bot.desk.work.idle()
    assert office.focus_calls().count("PUT") == 2


async def test_a_day_old_dry_run_does_nothing(office: Office) -> None:
    await answered(office, office.olivia, "/hours set <@U0ANA> <@U0BEN> mon 4", "Apply to 2")
    office.clock.move(seconds=86_401)
    await office.olivia.click(office.answer_to(office.olivia), "apply")
    await office.olivia.sees("This is too old, so I did nothing.", channel=STUDIO)
    assert "PUT" not in office.focus_calls()


async def test_who_was_changed_since_the_dry_run_is_skipped(office: Office) -> None:
    await answered(office, office.olivia, "/hours set <@U0ANA> <@U0BEN> mon 4", "Apply to 2")
    office.focus.put_rows("user", 501, {1: 6})
    await office.olivia.click(office.answer_to(office.olivia), "apply")
    await office.olivia.sees("Nothing was written to <@U0ANA>’s week: theirs, or yours?", channel=STUDIO)
    assert [office.focus_week(number)[:3] for number in (501, 503)] == ["6 8", "4 8"]


async def test_rights_lost_since_the_dry_run_give_nothing(office: Office) -> None:
    await office.make_manager()
    await answered(office, office.mia, "/hours set <@U0ANA> <@U0BEN> mon 4", "Apply to 2")
    dry = office.answer_to(office.mia)
    await answered(office, office.olivia, "/hours managers revoke <@U0MIA>", "no longer")
    await office.mia.click(dry, "apply")
    await office.mia.sees("You can’t change", channel=STUDIO)
    assert "PUT" not in office.focus_calls()


async def test_in_a_message_to_the_bot_a_button_opens_the_form(office: Office) -> None:
    await office.olivia.types(office.olivia.dm, "bulk")
    offer = await office.olivia.sees("Choose people, groups and placeholders", channel=office.olivia.dm)
    await office.olivia.click(offer, "bulk")
    await office.olivia.sees_modal("User groups and placeholders")


async def test_too_many_people_are_said_to_be(an_office: OpenOffice) -> None:
    async with an_office() as office:
        office.slack.world.groups["S0DESIGN"].users = [f"U0X{number}" for number in range(1000)]
        said = await answered(office, office.olivia, f"/hours set {DESIGNERS} fri 4")
        assert "That would be 1000 people; 300 at once is the most." in said
        assert "Apply" not in said
        assert office.focus_calls() == []


async def test_a_form_that_a_restart_came_between_is_worked_out_again(office: Office) -> None:
    store = office.bot.desk.store
    fields = {"way": "SET", "people": ["U0ANA", "U0BEN"], "crowds": [], "text": "fri 4", "source": None}
    await store.journal.receive(
        "lost", actor="U0OLIVIA", kind=Kind.SET, request={"bulk": fields}, place=Place("modal"),
        now=office.clock.now(),
    )  # fmt: skip
    await abandon_acts(store)
    office.clock.move(seconds=2)
    told = await office.olivia.sees("I was restarted", channel=office.olivia.dm)
    await office.olivia.click(told, "do_it_now")
    await office.olivia.sees("Apply to 2", channel=office.olivia.dm)
    assert set(office.focus_calls()) <= {"GET"}


async def test_many_are_begun_from_the_form_and_shown_in_the_direct_message(office: Office) -> None:
    ghosts = ["Designer 1", "Designer 2", "Set Builder"]
    view = await choose(office.olivia, people=["U0ANA", "U0BEN", "U0MIA"], crowds=ghosts)
    office.olivia.fill(view, "text", "fri 1.5")
    await office.olivia.submit()
    await office.olivia.sees_modal("Never read yet")
    await office.olivia.submit()
    await office.olivia.sees_modal("Changing 6 weeks now")
    result = await office.olivia.sees("You changed 6 of 6 weeks", channel=office.olivia.dm)
    assert "*Designer 2*: Fri " in result.plain
    assert "Undo" in result.plain
