"""``/hours link``, ``unlink``, ``links``: in Slack, from the first word to the row in the table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.sandbox.slack import Human, View
from bot.sandbox.slack.blockkit import check_blocks
from bot.sandbox.slack.workspace import Blocks
from handlers.likeness import likeliest
from handlers.links import tell_ambiguous
from handlers.views import links as views
from store.directory import Entry
from store.links import Overview, SlackPerson
from store.week import Subject
from tests.conftest import OpenOffice
from tests.office import STUDIO, Office


async def linked(office: Office, user_id: str) -> int | None:
    entry = await office.bot.desk.store.directory.linked(user_id)
    return entry.subject.id if entry else None


# ------------------------------------------------------------------ oneself


async def test_somebody_who_is_linked_reads_as_whom(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours link")
    told = await office.ana.sees("You are linked to", channel=STUDIO)
    assert "Ana Lindqvist" in told.plain
    assert "501" in told.plain


async def test_somebody_whose_e_mail_differs_reads_who_can_help(office: Office) -> None:
    await office.tom.types(STUDIO, "/hours link")
    told = await office.tom.sees("no Focus user has the same confirmed e-mail", channel=STUDIO)
    assert "U0OLIVIA" in told.plain
    assert await linked(office, "U0TOM") is None


async def test_an_unconfirmed_e_mail_links_nobody_until_it_is_confirmed(office: Office) -> None:
    uma = office.slack.human("U0UNCONF")
    await uma.types(STUDIO, "/hours link")
    await uma.sees("your e-mail address in Slack is not confirmed. Confirm it, then type", channel=STUDIO)
    assert await linked(office, "U0UNCONF") is None
    await office.change_user("U0UNCONF", is_email_confirmed=True)
    await uma.types(STUDIO, "/hours link")
    await uma.sees("Lars Nyberg", channel=STUDIO)
    assert await linked(office, "U0UNCONF") == 508


async def test_an_unconfirmed_e_mail_suggests_nobody_to_admins(office: Office) -> None:
    await office.olivia.types(STUDIO, "/hours links")
    page = await office.olivia.sees("people are linked to Toggl Focus", channel=STUDIO)
    assert "<@U0UNCONF>: the e-mail address in Slack is not confirmed" in page.plain
    assert "most likely *Lars Nyberg*" not in page.plain
    view = await open_picker(office, "U0UNCONF")
    assert "Be sure who this is: the e-mail address in Slack is not confirmed" in view.plain
    assert "Lars Nyberg" not in view.plain


async def test_somebody_from_elsewhere_is_refused(office: Office) -> None:
    stranger = office.slack.human("U0STRANGER")
    async with office.unchanged():
        await stranger.types("C0SHARED", "/hours link")
        await stranger.sees("Only members of this workspace", channel="C0SHARED")


# ------------------------------------------------------------------ by an admin


async def open_picker(office: Office, user_id: str) -> View:
    await office.olivia.types(STUDIO, f"/hours link <@{user_id}>")
    return await office.olivia.sees_modal("Focus user")


async def test_an_admin_links_in_the_picker_and_the_likeliest_is_chosen(office: Office) -> None:
    view = await open_picker(office, "U0TOM")
    assert "Tom Weber · tom.weber@focus-mail.example" in view.plain
    await office.olivia.submit()
    await office.olivia.sees_modal("is now linked to")
    assert await linked(office, "U0TOM") == 506
    await office.tom.types(STUDIO, "/hours me")
    await office.tom.sees("you are *Tom Weber*, linked by <@U0OLIVIA>", channel=STUDIO)


async def test_the_picker_finds_by_name_and_e_mail_those_not_linked_first(office: Office) -> None:
    view = await open_picker(office, "U0TOM")
    found = await office.olivia.suggest(view, "focus_user", "WEBER@")
    assert [each["value"] for each in found] == ["506"]
    found = await office.olivia.suggest(view, "focus_user", "an")
    names = [each["text"]["text"] for each in found]
    assert "Ana Lindqvist · ana@example.com · linked" in names
    everybody = [each["value"] for each in await office.olivia.suggest(view, "focus_user", "")]
    assert set(everybody[:2]) == {"506", "508"}, "those without a link come first"
    assert len(everybody) == 8
    office.olivia.fill(view, "focus_user", "508")
    await office.olivia.submit()
    await office.olivia.sees_modal("Lars Nyberg")
    assert await linked(office, "U0TOM") == 508


async def test_nobody_chosen_is_said_beside_the_field(office: Office) -> None:
    view = await open_picker(office, "U0GUEST")
    assert "Nobody there has a name like it" in view.plain
    await office.olivia.submit()
    assert office.olivia.errors
    assert await linked(office, "U0GUEST") is None


async def test_a_focus_user_of_somebody_else_is_not_taken(office: Office) -> None:
    view = await open_picker(office, "U0TOM")
    await office.olivia.suggest(view, "focus_user", "ben")
    office.olivia.fill(view, "focus_user", "503")
    await office.olivia.submit()
    await office.olivia.sees_modal("is already linked to Focus user 503")
    assert await linked(office, "U0TOM") is None


async def test_with_the_number_it_is_one_line(office: Office) -> None:
    await office.olivia.types(STUDIO, "/hours link <@U0TOM> 506")
    await office.olivia.sees("is now linked to", channel=STUDIO)
    assert await linked(office, "U0TOM") == 506


async def test_a_number_nobody_has_changes_nothing(office: Office) -> None:
    async with office.unchanged():
        await office.olivia.types(STUDIO, "/hours link <@U0TOM> 999")
        await office.olivia.sees("Toggl Focus lists no user 999", channel=STUDIO)
        await office.olivia.types(STUDIO, "/hours link <@U0ANA> 999")
        await office.olivia.sees("Toggl Focus lists no user 999", channel=STUDIO)


async def test_somebody_new_in_focus_is_found_by_number(office: Office) -> None:
    number = office.focus.add_person("Nina New", email="nina@focus-mail.example").user_account_id
    await office.olivia.types(STUDIO, f"/hours link <@U0TOM> {number}")
    await office.olivia.sees("Nina New", channel=STUDIO)
    assert await linked(office, "U0TOM") == number


async def test_in_a_direct_message_a_button_opens_the_picker(office: Office) -> None:
    await office.olivia.types(office.olivia.dm, "link <@U0TOM>")
    offer = await office.olivia.sees("Who is", channel=office.olivia.dm)
    await office.olivia.click(offer, "link_open")
    await office.olivia.sees_modal("Tom Weber")
    assert await linked(office, "U0TOM") is None
    await office.olivia.submit()
    await office.olivia.sees_modal("is now linked to")
    assert await linked(office, "U0TOM") == 506


async def test_an_admin_is_offered_the_picker_where_somebody_is_not_linked(office: Office) -> None:
    await office.olivia.types(STUDIO, "/hours <@U0TOM>")
    told = await office.olivia.sees("You can link them", channel=STUDIO)
    await office.olivia.click(told, "link_open")
    await office.olivia.sees_modal("Tom Weber")


async def test_the_picker_says_who_is_linked_already_or_never_can_be(office: Office) -> None:
    async with office.unchanged():
        for who, said in (("U0BEN", "is already linked to"), ("U0GONE", "can’t be linked")):
            await office.olivia.types(STUDIO, f"/hours link <@{who}>")
            view = await office.olivia.sees_modal(said)
            assert not view.submit
            await office.olivia.close()


@pytest.mark.parametrize("line", ["link <@U0TOM>", "link <@U0TOM> 506", "links", "unlink <@U0BEN>"])
async def test_members_are_told_who_can(office: Office, line: str) -> None:
    async with office.unchanged():
        await office.ana.types(STUDIO, f"/hours {line}")
        told = await office.ana.sees("Only a bot admin can do that", channel=STUDIO)
    assert "U0OLIVIA" in told.plain
    assert office.ana.modal is None
    assert await linked(office, "U0BEN") == 503


# ------------------------------------------------------------------ unlink


async def test_a_person_takes_the_own_link_apart_and_it_stays_apart(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours unlink")
    told = await office.ana.sees("not linked to", channel=STUDIO)
    assert "/hours link <@U0ANA> 501" in told.plain
    await office.bot.desk.people.link_everybody()
    assert await linked(office, "U0ANA") is None
    await office.ana.types(STUDIO, "/hours me")
    await office.ana.sees(
        "I don’t know any more who you are in Toggl Focus: the link was taken", channel=STUDIO
    )
    async with office.unchanged():
        await office.ana.types(STUDIO, "/hours unlink")
        await office.ana.sees("so I changed nothing", channel=STUDIO)


async def test_an_admin_takes_a_link_apart_and_makes_it_anew(office: Office) -> None:
    await office.olivia.types(STUDIO, "/hours unlink <@U0BEN>")
    await office.olivia.sees("is not linked to", channel=STUDIO)
    assert await linked(office, "U0BEN") is None
    await office.olivia.types(STUDIO, "/hours link <@U0BEN> 503")
    await office.olivia.sees("is now linked", channel=STUDIO)
    assert await linked(office, "U0BEN") == 503


# ------------------------------------------------------------------ everybody


async def test_the_overview_offers_the_likeliest_and_links_in_one_press(office: Office) -> None:
    await office.olivia.types(STUDIO, "/hours links")
    page = await office.olivia.sees("people are linked to Toggl Focus", channel=STUDIO)
    assert "6 people are linked" in page.plain
    assert "tom.weber@focus-mail.example" in page.plain
    assert "Lars Nyberg" in page.plain
    await office.olivia.click(page, _action(page.blocks, "U0TOM 506"))
    page = await office.olivia.sees("7 people are linked", channel=STUDIO)
    assert "is now linked to" in page.plain
    assert await linked(office, "U0TOM") == 506


async def test_a_guest_is_no_admin_of_links(office: Office) -> None:
    guest: Human = office.joined("U0GUEST")
    async with office.unchanged():
        for line in ("links", "link <@U0TOM> 506", "unlink <@U0BEN>"):
            before = len(guest.messages(STUDIO))
            await guest.types(STUDIO, f"/hours {line}")
            told = await guest.sees("own week only", channel=STUDIO, after=before)
            assert "Tom Weber" not in told.plain
    assert guest.modal is None


async def test_a_guest_whom_the_settings_name_is_told_of_an_admin_who_counts(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_ADMINS": "U0GUEST,U0OLIVIA"}) as office:
        guest: Human = office.joined("U0GUEST")
        await guest.types(STUDIO, "/hours")
        told = await guest.sees("I don’t know yet who you are in Toggl Focus", channel=STUDIO)
        assert "You can link them" not in told.plain
        assert "Ask Olivia" in told.plain


def _action(blocks: Blocks, value: str) -> str:
    """The action id of the button with this value."""
    buttons = [block["accessory"] for block in blocks if "accessory" in block]
    (press,) = [each for each in buttons if each["value"] == value]
    return str(press["action_id"])


def test_a_big_workspace_fits_one_message() -> None:
    slack = tuple(SlackPerson(f"U{number}", f"Person {number}") for number in range(500))
    focus = tuple(Entry(Subject("person", number), f"<b> & {number}", "x@y.z") for number in range(500))
    reply = views.overview(Overview((), slack, focus, focus), note="", command="/hours")
    blocks = [block.to_dict() for block in reply.blocks]
    assert check_blocks(blocks, surface="message") is None
    assert "and 480 more" in str(blocks)


def test_alike_names_are_offered_and_others_not() -> None:
    focus = [
        Entry(Subject("person", 1), "Weber, Tom", "x1@focus.example"),
        Entry(Subject("person", 2), "Lars Nyberg", "lars@focus.example"),
    ]
    tom = SlackPerson("U1", "Tom Weber", "tom@a.example")
    assert likeliest(tom, focus) == focus[0]
    lars = SlackPerson("U2", "Ulf", "lars@a.example", email_confirmed=True)
    assert likeliest(lars, focus) == focus[1]
    assert likeliest(replace(lars, email_confirmed=False), focus) is None
    assert likeliest(SlackPerson("U3", "Qi", "qq@a.example"), focus) is None


# ------------------------------------------------------------------ by itself


async def test_focus_users_with_one_e_mail_are_told_to_admins_once(office: Office) -> None:
    office.focus.add_person("Tom Twin", email="tom.weber@focus-mail.example")
    await office.bot.desk.people.link_everybody()
    await tell_ambiguous(office.bot.desk)
    await tell_ambiguous(office.bot.desk)
    told = await office.olivia.sees("share one e-mail address", channel=office.olivia.dm)
    assert "Tom Twin" in told.plain
    assert "by hand with `/hours link`." in told.plain
    alerts = [each for each in office.olivia.messages(office.olivia.dm) if "share one" in each.plain]
    assert len(alerts) == 1


async def test_a_changed_e_mail_links_by_itself(office: Office) -> None:
    await office.change_user("U0TOM", email="tom.weber@focus-mail.example")
    await office.tom.types(STUDIO, "/hours")
    await office.tom.sees("you are *Tom Weber*, linked by your e-mail address", channel=STUDIO)
    assert await linked(office, "U0TOM") == 506
