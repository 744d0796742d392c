"""Whoever may not change a week cannot, at whichever entrance, and not with a right they once had."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human
from store.access import Action
from store.week import Subject
from tests.conftest import OpenOffice
from tests.office import STUDIO, Office

PEOPLE = {
    "member": "U0ANA",
    "manager": "U0MIA",
    "admin": "U0OLIVIA",
    "guest": "U0GUEST",
    "stranger": "U0STRANGER",
    "unlinked": "U0TOM",
    "gone": "U0ANAP",
}
SUBJECTS = {"myself": "me", "a person": "<@U0BEN>", "a placeholder": '"Designer 1"'}
MAY = {
    ("member", "myself"),
    ("manager", "myself"),
    ("manager", "a person"),
    ("admin", "myself"),
    ("admin", "a person"),
    ("admin", "a placeholder"),
    ("guest", "myself"),
}


async def peopled(office: Office) -> None:
    """A guest with a week, a manager of everyone, and somebody who has been deactivated."""
    office.focus.add_person("Gus Guest", email="gus@example.com")
    await office.later(seconds=700)  # the list of Focus's users may be read again
    await office.make_manager()
    guest = office.joined("U0GUEST")
    await guest.types(STUDIO, "/hours")
    await guest.sees("Your week", channel=STUDIO)
    await office.change_user("U0ANAP", deleted=True)


async def read_anew(office: Office) -> None:
    """Let the bot know what Focus has: a dry run from before it would be passed over."""
    store = office.bot.desk.store
    subjects = [Subject("person", 503), Subject("placeholder", 701), Subject("placeholder", 702)]
    olivia = await office.bot.desk.people.actor("U0OLIVIA", team_id=store.team_id)
    permits = await store.access.allowed(olivia, Action.SEE, subjects)
    assert (await store.hours.refresh(permits.values(), at_most=3)).read == 3


async def typed(_: Office, human: Human, whom: str) -> None:
    channel = "C0SHARED" if human.id == "U0STRANGER" else STUDIO
    await human.types(channel, f"/hours set {whom} sun 1")


async def said(_: Office, human: Human, whom: str) -> None:
    await human.types(human.dm, f"set {whom} sun 1")


async def saved(office: Office, human: Human, whom: str) -> None:
    channel = "C0SHARED" if human.id == "U0STRANGER" else STUDIO
    await human.types(channel, f"/hours edit {whom}")
    await office.bot.desk.work.idle()
    view = await human.sees_modal("")
    if "Working days" in view.plain:
        await human.click(view, "per_day")
        view = await human.sees_modal("0 = day off")
    human.fill(view, "Sunday", "1")
    await human.submit()


async def suggested(_: Office, human: Human, whom: str) -> None:
    channel = "C0SHARED" if human.id == "U0STRANGER" else STUDIO
    before = len(human.messages(channel))
    await human.types(channel, f"/hours {whom} sun 1")
    answer = await human.sees("", channel=channel, after=before)
    await human.click(answer, "run:0")


async def with_others(_: Office, human: Human, whom: str) -> None:
    """A dry run for two, with *Apply* for those whom one may change."""
    channel = "C0SHARED" if human.id == "U0STRANGER" else STUDIO
    before = len(human.messages(channel))
    other = "<@U0ZOE>" if human.id == "U0GUEST" else '"Designer 2"'  # whom only an admin may change
    await human.types(channel, f"/hours set {whom} {other} sun 1")
    await human.click(await human.sees("", channel=channel, after=before), "apply")


async def in_bulk(office: Office, human: Human, whom: str) -> None:
    """The form for many, its preview, and *Apply* there."""
    await human.types("C0SHARED" if human.id == "U0STRANGER" else STUDIO, "/hours bulk")
    view = await human.sees_modal("Days and hours")
    if whom.startswith('"'):
        await human.suggest(view, "crowds", "")
        human.fill(view, "crowds", [whom.strip('"')])
    else:
        human.fill(view, "people", [human.id if whom == "me" else "U0BEN"])
    human.fill(view, "text", "sun 1")
    await human.submit()
    await office.bot.desk.work.idle()
    await human.submit()


@pytest.mark.parametrize("enter", [typed, said, saved, suggested, with_others, in_bulk])
async def test_only_those_who_may_can_write(
    office: Office, enter: Callable[[Office, Human, str], Awaitable[None]]
) -> None:
    await peopled(office)
    wrote = set()
    for who, user_id in PEOPLE.items():
        for subject, whom in SUBJECTS.items():
            human, seen = office.slack.human(user_id), office.sandbox.log.total
            try:
                await enter(office, human, whom)
            except LookupError:  # nothing to press, or no form
                assert (who, subject) not in MAY
            await office.bot.desk.work.idle()
            if human.modal:
                await human.close(all=True)
            if {"POST", "PUT", "DELETE"}.intersection(office.focus_calls(after=seen)):
                wrote.add((who, subject))
                await office.olivia.types(STUDIO, "/hours set @ben sun 0")
                await office.bot.desk.work.idle()
                office.focus.put_rows("user", 503, {7: None})
                for ghost in (701, 702):
                    office.focus.put_rows("ghost", ghost, {7: None})
                await read_anew(office)
    assert wrote == MAY


async def revoked(office: Office) -> None:
    await office.olivia.types(STUDIO, "/hours managers revoke @mia")
    await office.olivia.sees("may no longer change", channel=STUDIO)


async def made_guest(office: Office) -> None:
    await office.change_user("U0MIA", is_restricted=True)


async def deactivated(office: Office) -> None:
    await office.change_user("U0MIA", deleted=True)


@pytest.mark.parametrize("loses", [revoked, made_guest, deactivated])
async def test_what_lies_around_from_better_days_writes_nothing(
    office: Office, loses: Callable[[Office], Awaitable[None]]
) -> None:
    """An Undo, a preview, an open form, a change half done, one asked for, one waiting: all of before."""
    await office.make_manager()
    mia = office.mia
    await office.ana.types(STUDIO, "/hours set @ben sat 1")
    await office.ana.click(await office.ana.sees("Ask Mia Tanaka", channel=STUDIO), "petition")
    asked = await mia.sees("asks you to change", channel=mia.dm)
    await mia.types(STUDIO, "/hours set @ben thu 4, fri 4")
    undo = await mia.sees("Thu–Fri not set → 4 h", channel=STUDIO)
    await mia.types(STUDIO, "/hours set @ben mon 4")  # the first PUT is read back
    await mia.sees("Mon 8:30 h → 4 h", channel=mia.dm)
    office.focus.faults.add(Fault(FaultKind.REFUSE, match="PUT *", times=1, status=400))
    await mia.types(STUDIO, "/hours set @ben mon 5, sun 1")
    part = await mia.sees("Only a part of the change", channel=STUDIO)
    await mia.types(STUDIO, "/hours set @ben @ana tue 1")
    preview = await mia.sees("Nothing is written yet.", channel=STUDIO)
    await mia.types(STUDIO, "/hours edit @ben")
    view = await mia.sees_modal("0 = day off")
    mia.fill(view, "Wednesday", "1")
    await office.bot.desk.work.idle()
    office.focus.quota.exhaust()
    await mia.types(STUDIO, "/hours set @ben wed 2")
    await mia.sees("The change to <@U0BEN>’s week waits: ", channel=mia.dm)
    await loses(office)
    await office.bot.desk.work.idle()
    week, seen = office.focus_week(503), office.sandbox.log.total
    await mia.click(undo, "undo")
    await mia.click(part, f"finish:{part.blocks[-1]['elements'][0]['value']}")
    await mia.click(preview, "apply")
    with suppress(LookupError):  # of whoever has left Slack somebody else is asked
        await mia.click(asked, "petition_apply")
    await mia.submit(view)
    await office.later(seconds=3601)
    await office.until_waiting(0)
    await office.bot.desk.work.idle()
    assert {"POST", "PUT", "DELETE"}.isdisjoint(office.focus_calls(after=seen))
    assert office.focus_week(503) == week
    assert office.focus_week(501) == "8 8 8 8 8 - -"


async def test_a_stranger_sees_nothing_behind_a_button_either(office: Office) -> None:
    """Views and messages of somebody whom Slack Connect brought in, pressed with forged values."""
    sam = office.slack.human("U0STRANGER")
    await sam.types("C0SHARED", "/hours help")
    answer = await sam.sees("Only members of this workspace can use me.", channel="C0SHARED")
    assert not [block for block in answer.blocks if block["type"] == "actions"]
    await sam.open_home()
    home = await sam.sees_home("Only members of this workspace can use me.")
    assert "/hours" not in home.plain
    assert office.focus_calls() == []


@pytest.mark.parametrize(("teams", "belongs"), [(["T0SANDBOX", "T0OTHER"], True), (["T0OTHER"], False)])
async def test_on_enterprise_grid_the_workspaces_of_a_person_decide(
    office: Office, teams: list[str], *, belongs: bool
) -> None:
    """Their home is another workspace of the same company."""
    ana = {"id": "U0ANA", "team_id": "T0OTHER", "enterprise_user": {"teams": teams}, "locale": "en-GB"}
    office.bot.desk.people.changed(ana)
    await office.ana.types(STUDIO, "/hours set fri 4")
    said = "You changed your week" if belongs else "Only members of this workspace can use me."
    await office.ana.sees(said, channel=STUDIO)
    assert office.focus_week(501) == ("8 8 8 8 4 - -" if belongs else "8 8 8 8 8 - -")


@pytest.mark.parametrize(
    "line",
    [
        '"Designer"', "ana", 'set "Designer" mon 8', 'clear "Designer" mon', 'edit "Designer"',
        'history "Designer"', "history ana", 'who "Designer"', 'plan "Designer"', "placeholders",
        "set ghost:701 ghost:702 mon 8", "placeholders des", "placeholders zzz",
        "<@U0ANA>", "<@U0TOM>", "set <@U0TOM> mon 8", "history <@U0TOM>", "who <@U0TOM>", "who #studio",
        "who @designers", "set <@U0ANA> <@U0TOM> mon 8",
    ],
)  # fmt: skip
async def test_a_guest_cannot_find_out_who_there_is(office: Office, line: str) -> None:
    await peopled(office)
    guest = office.joined("U0GUEST")
    await guest.types(STUDIO, f"/hours {line}")
    await office.bot.desk.work.idle()
    said = guest.modal.plain if guest.modal else office.answer_to(guest).plain
    assert "As a guest you can use me for your own week only" in said
    assert not any(name in said for name in ("Designer 1", "Lindqvist", "example"))


@pytest.mark.parametrize("line", ["who", "who week", "managers", "reminders", "<@U0ANA>"])
async def test_a_guest_without_a_week_is_told_at_once_what_is_for_guests(office: Office, line: str) -> None:
    guest = office.joined("U0GUEST")
    await guest.types(STUDIO, f"/hours {line}")
    said = await guest.sees("As a guest you can use me for your own week only", channel=STUDIO)
    assert said.text.endswith("own week only: `/hours me` shows it.")
    assert guest.modal is None


async def test_a_guest_beside_others_reads_nothing_of_them(office: Office) -> None:
    await peopled(office)
    guest = office.joined("U0GUEST")
    said = []
    for other in ("<@U0ANA>", "<@U0TOM>", "<@U0GONE>", "ghost:701", "ghost:799", '"Nobody"'):
        await guest.types(STUDIO, f"/hours set me {other} sun 1")
        await office.bot.desk.work.idle()
        said.append(office.answer_to(guest).text)
    assert "Everybody else: as a guest you can use me for your own week only." in said[0]
    assert "Your week: Sun not set → 1 h" in said[0]
    assert len(set(said)) == 1


async def test_a_board_in_a_channel_shows_a_guest_their_own_line(office: Office) -> None:
    await peopled(office)
    guest = office.joined("U0GUEST")
    await guest.types(STUDIO, "/hours who")
    board = await guest.sees("<@U0GUEST>", channel=STUDIO)
    assert "<@U0ANA>" not in board.plain
    assert "not linked" not in board.plain


BOARD = "/hours who @ana @ben"
"""Ana's own week, and Ben's."""


async def test_a_board_shows_nobody_more_than_they_may_see(an_office: OpenOffice) -> None:
    """With HOURS_VIEW=managers: typed, in a message, paged, refreshed or shared."""
    async with an_office(settings={"HOURS_VIEW": "managers"}) as office:
        await peopled(office)
        seen = set()
        for who, user_id in PEOPLE.items():
            human = office.slack.human(user_id)
            for channel in ("C0SHARED" if who == "stranger" else STUDIO, human.dm):
                before = len(human.messages(channel))
                await human.types(channel, BOARD if channel != human.dm else BOARD.removeprefix("/hours "))
                shown = await human.sees("", channel=channel, after=before)
                await office.bot.desk.work.idle()
                for press in ("who_refresh", "who_share"):
                    try:
                        await human.click(shown, press)
                    except LookupError:  # no board
                        continue
                    await office.bot.desk.work.idle()
                told = " ".join(each.plain for each in human.messages(channel)[before:])
                seen |= {(who, name) for name in ("U0ANA", "U0BEN") if re.search(rf"<@{name}> \d", told)}
        assert seen == {
            ("member", "U0ANA"),
            ("manager", "U0ANA"),
            ("manager", "U0BEN"),
            ("admin", "U0ANA"),
            ("admin", "U0BEN"),
        }
        everybodys = [message for message in office.slack.posts[STUDIO] if not message.ephemeral_to]
        assert not [message.plain for message in everybodys if message.user == "U0HOURS"]


async def test_a_board_from_better_days_shows_nothing_more(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_VIEW": "managers"}) as office:
        await office.make_manager()
        await office.mia.types(STUDIO, BOARD)
        board = await office.mia.sees("Who works", channel=STUDIO)
        await office.mia.click(board, "who_refresh")
        board = await office.mia.sees("just now", channel=STUDIO)
        assert "<@U0BEN> 8:30 h" in board.plain
        await revoked(office)
        seen = office.sandbox.log.total
        await office.mia.click(board, "who_refresh")
        await office.bot.desk.work.idle()
        assert "<@U0BEN>" not in office.answer_to(office.mia).plain
        assert office.focus_calls(after=seen) == []
