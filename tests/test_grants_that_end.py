"""Grants for user groups, grants with a last day, and the form beside the typed line."""

from __future__ import annotations

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import View
from tests.office import STUDIO, Office

NEXT_YEAR = "2027-03-31"


async def types(office: Office, line: str, told: str) -> str:
    """Olivia's line, and the answer that contains ``told``."""
    before = len(office.olivia.messages(STUDIO))
    await office.olivia.types(STUDIO, f"/hours managers {line}")
    return (await office.olivia.sees(told, channel=STUDIO, after=before)).plain


async def ends(office: Office) -> dict[str, str]:
    """Scope -> last day, of Mia's grants."""
    grants = await office.bot.desk.store.access.grants()
    return {grant.scope: str(grant.until) for grant in grants if grant.manager == "U0MIA"}


async def mia_sets(office: Office, whom: str, told: str) -> None:
    before = len(office.mia.messages(STUDIO))
    await office.mia.types(STUDIO, f"/hours set <@{whom}> fri 4")
    await office.mia.sees(told, channel=STUDIO, after=before)


# ------------------------------------------------------------------ user groups


async def test_a_grant_for_a_group_covers_whoever_is_in_it(office: Office) -> None:
    told = await types(office, "grant <@U0MIA> <!subteam^S0DESIGN|@designers>", "may now change")
    assert "the weeks of user group @designers" in told
    assert await ends(office) == {"group:S0DESIGN": "None"}
    assert "@designers" in (await office.mia.sees("lets you change", channel=office.mia.dm)).plain
    await mia_sets(office, "U0BEN", "You changed <@U0BEN>’s week")
    await mia_sets(office, "U0ZOE", "You can’t change")
    office.slack.world.groups["S0DESIGN"].users[:] = ["U0ZOE"]
    office.clock.move(seconds=11 * 60)
    await mia_sets(office, "U0ZOE", "You changed <@U0ZOE>’s week")
    await mia_sets(office, "U0BEN", "You can’t change")
    assert "the weeks of user group @designers" in await types(office, "list", "granted by")
    await types(office, "revoke <@U0MIA> <!subteam^S0DESIGN|@designers>", "may no longer change")
    assert await ends(office) == {}


async def test_without_user_groups_a_sentence_says_what_to_do(office: Office) -> None:
    office.slack.paid = False
    told = await types(office, "grant <@U0MIA> <!subteam^S0DESIGN|@designers>", "part of its paid plans")
    assert "Name the people instead. I changed nothing." in told
    assert await ends(office) == {}
    await types(office, "grant <@U0MIA> <@U0BEN>", "may now change <@U0BEN>’s week")
    await types(office, "list", "<@U0MIA> may change <@U0BEN>’s week")
    await mia_sets(office, "U0BEN", "You changed <@U0BEN>’s week")


# ------------------------------------------------------------------ the last day


@pytest.mark.parametrize(
    ("typed", "kept", "day"),
    [
        ("until 2027-03-31", "2027-03-31", "Wed 31 Mar 2027"),
        ("until today", "2026-03-02", "Mon 2 Mar 2026"),
        ("till tomorrow", "2026-03-03", "Tue 3 Mar 2026"),
        ("until next mon", "2026-03-09", "Mon 9 Mar 2026"),
        ("until Friday.", "2026-03-06", "Fri 6 Mar 2026"),
    ],
)
async def test_a_last_day_is_repeated_in_full(office: Office, typed: str, kept: str, day: str) -> None:
    told = await types(office, f"grant <@U0MIA> everyone {typed}", "may now change")
    assert f"everybody’s week until {day}" in told
    assert await ends(office) == {"everyone": kept}
    await office.mia.sees(f"everybody’s week until {day}", channel=office.mia.dm)
    assert f"until {day}" in await types(office, "list", "granted by")
    await office.mia.types(STUDIO, "/hours managers")
    await office.mia.sees(f"and everybody’s week until {day}", channel=STUDIO)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("grant <@U0MIA> everyone until 2026-03-01", "Sun 1 Mar 2026 is in the past"),
        ("grant <@U0MIA> everyone until 2027-02-30", "Which day is “2027-02-30”?"),
        ("grant <@U0MIA> everyone until easter", "Write the last day as 2027-03-31"),
        ("revoke <@U0MIA> everyone until tomorrow", "takes no date"),
    ],
)
async def test_a_day_that_cannot_be_is_refused(office: Office, typed: str, told: str) -> None:
    await types(office, typed, told)
    assert await ends(office) == {}


async def test_granting_again_moves_the_last_day(office: Office) -> None:
    await types(office, "grant <@U0MIA> everyone until tomorrow", "may now change")
    await types(office, "grant <@U0MIA> everyone until tomorrow", "may already change")
    await types(office, f"grant <@U0MIA> everyone until {NEXT_YEAR}", "may now change")
    assert await ends(office) == {"everyone": NEXT_YEAR}


async def test_a_right_holds_through_its_last_day_and_gives_nothing_after(office: Office) -> None:
    await types(office, "grant <@U0MIA> everyone until today", "may now change")
    office.clock.move(seconds=14 * 3600)
    await mia_sets(office, "U0BEN", "You changed <@U0BEN>’s week")
    assert office.focus_week(503) == "8.5 8.5 4 - 4 - -"
    await office.bot.desk.work.idle()
    office.clock.move(seconds=3600)
    async with office.unchanged():
        await mia_sets(office, "U0BEN", "You can’t change <@U0BEN>’s week. <@U0OLIVIA> can.")
    assert "Nobody else may change" in await types(office, "list", "is an admin")


async def test_work_that_waits_is_not_done_after_the_right_has_ended(office: Office) -> None:
    await types(office, "grant <@U0MIA> everyone until today", "may now change")
    closed = office.focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, match="* *workinghours*"))
    await mia_sets(office, "U0BEN", "waits")
    before = office.focus_week(503)
    office.focus.faults.remove(closed)
    office.clock.move(seconds=15 * 3600)
    await office.mia.sees("may no longer change this week", channel=office.mia.dm)
    assert office.focus_week(503) == before


# ------------------------------------------------------------------ the form


async def form(office: Office) -> View:
    await office.olivia.types(STUDIO, "/hours managers")
    await office.olivia.click(await office.olivia.sees("is an admin", channel=STUDIO), "managers_grant")
    return await office.olivia.sees_modal("May change the weeks of")


async def test_people_are_granted_in_the_form(office: Office) -> None:
    view = await form(office)
    office.olivia.fill(view, "manager", "U0MIA")
    office.olivia.fill(view, "people", ["U0ANA", "U0BEN"])
    office.olivia.fill(view, "until", NEXT_YEAR)
    await office.olivia.submit()
    told = await office.olivia.sees_modal("<@U0MIA> may now change")
    assert "<@U0ANA>’s week and <@U0BEN>’s week until Wed 31 Mar 2027" in told.plain
    assert await ends(office) == {"person:501": NEXT_YEAR, "person:503": NEXT_YEAR}
    await office.mia.sees("lets you change", channel=office.mia.dm)


async def test_a_refused_form_comes_back_as_it_was_filled_in(office: Office) -> None:
    view = await form(office)
    office.olivia.fill(view, "manager", "U0MIA")
    office.olivia.fill(view, "people", ["U0ANA", "U0TOM"])
    office.olivia.fill(view, "until", NEXT_YEAR)
    for _ in range(2):
        await office.olivia.submit()
        view = await office.olivia.sees_modal("I don’t know yet who <@U0TOM> is")
        assert view.plain.count("I don’t know yet") == 1
    office.olivia.fill(view, "people", ["U0ANA"])
    await office.olivia.submit()
    await office.olivia.sees_modal("<@U0MIA> may now change <@U0ANA>’s week until Wed 31 Mar 2027")
    assert await ends(office) == {"person:501": NEXT_YEAR}


@pytest.mark.parametrize(("whose", "scope"), [("EVERYONE", "everyone"), ("PLACEHOLDERS", "placeholders")])
async def test_the_form_asks_only_for_what_is_needed(office: Office, whose: str, scope: str) -> None:
    view = await form(office)
    office.olivia.fill(view, "manager", "U0MIA")
    await office.olivia.click(view, "grant_whose", selected=whose)
    await office.bot.desk.work.idle()
    with pytest.raises(LookupError):
        office.olivia.fill(view, "people", ["U0ANA"])
    await office.olivia.submit()
    await office.olivia.sees_modal("may now change")
    assert await ends(office) == {scope: "None"}


async def test_a_group_is_granted_in_the_form(office: Office) -> None:
    view = await form(office)
    office.olivia.fill(view, "manager", "U0MIA")
    await office.olivia.click(view, "grant_whose", selected="GROUP")
    view = await office.olivia.sees_modal("User groups are part of Slack’s paid plans")
    (found,) = await office.olivia.suggest(view, "grant_group", "desi")
    office.olivia.fill(view, "group", found["value"])
    await office.olivia.submit()
    await office.olivia.sees_modal("may now change the weeks of user group @designers")
    assert await ends(office) == {"group:S0DESIGN": "None"}


async def test_without_user_groups_the_form_offers_none(office: Office) -> None:
    office.slack.paid = False
    view = await form(office)
    office.olivia.fill(view, "manager", "U0MIA")
    await office.olivia.click(view, "grant_whose", selected="GROUP")
    view = await office.olivia.sees_modal("Name people instead")
    assert await office.olivia.suggest(view, "grant_group", "") == []
    await office.olivia.submit()
    assert complaints(office) == {"group": "Choose a user group, or name people instead."}


@pytest.mark.parametrize(
    ("filled", "errors"),
    [
        ({}, {"people": "Choose at least one person."}),
        ({"people": ["U0MIA"]}, {"people": "Managers can’t be given their own week: leave the manager out."}),
        (
            {"people": ["U0ANA"], "until": "2026-03-01"},
            {"until": "This day is in the past. Choose today or a later day."},
        ),
    ],
)
async def test_errors_stand_beside_the_fields(
    office: Office, filled: dict[str, object], errors: dict[str, str]
) -> None:
    view = await form(office)
    for field, value in {"manager": "U0MIA", **filled}.items():
        office.olivia.fill(view, field, value)
    await office.olivia.submit()
    assert complaints(office) == errors
    assert await ends(office) == {}


async def test_what_slack_must_be_asked_for_is_answered_in_the_form(office: Office) -> None:
    view = await form(office)
    office.olivia.fill(view, "manager", "U0GUEST")
    office.olivia.fill(view, "people", ["U0ANA"])
    await office.olivia.submit()
    await office.olivia.sees_modal("is a guest")
    assert await office.bot.desk.store.access.grants() == ()


async def test_only_admins_have_the_form(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours managers")
    told = await office.ana.sees("You may change your own week", channel=STUDIO)
    assert "Grant…" not in told.plain


def complaints(office: Office) -> dict[str, str]:
    """What stands beside the fields of the form."""
    assert office.olivia.modal is not None
    return dict(office.olivia.modal.errors)
