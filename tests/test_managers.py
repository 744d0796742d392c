"""``/hours managers``: who may change whose week, given and taken back by admins only."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.sandbox.slack.blockkit import check_blocks
from handlers.views import managers as views
from store.access import Grant
from tests.office import STUDIO, Office


async def scopes(office: Office, manager: str = "U0MIA") -> list[str]:
    grants = await office.bot.desk.store.access.grants()
    return [grant.scope for grant in grants if grant.manager == manager]


async def olivia_types(office: Office, text: str, told: str) -> str:
    """Type as the admin; the answer that contains ``told``."""
    before = len(office.olivia.messages(STUDIO))
    await office.olivia.types(STUDIO, f"/hours managers {text}")
    return (await office.olivia.sees(told, channel=STUDIO, after=before)).plain


# ------------------------------------------------------------------ grant


@pytest.mark.parametrize(
    ("words", "granted", "weeks"),
    [
        ("<@U0ANA> <@U0BEN>", ["person:501", "person:503"], "Ana Lindqvist’s week and Ben Okafor’s week"),
        ("everyone", ["everyone"], "everybody’s week"),
        ("placeholders", ["placeholders"], "the placeholders’ weeks"),
    ],
)
async def test_an_admin_grants_and_the_manager_hears_of_it(
    office: Office, words: str, granted: list[str], weeks: str
) -> None:
    await olivia_types(office, f"grant <@U0MIA> {words}", "may now change")
    assert await scopes(office) == granted
    told = await office.mia.sees("lets you change", channel=office.mia.dm)
    assert weeks in told.plain
    assert told.plain.startswith("Olivia Grant lets you")


async def test_a_grant_is_what_makes_a_change_possible(office: Office) -> None:
    async with office.unchanged():
        await office.mia.types(STUDIO, "/hours set <@U0BEN> fri 4")
        refused = await office.mia.sees("You can’t change", channel=STUDIO)
    assert "U0OLIVIA" in refused.plain
    await olivia_types(office, "grant <@U0MIA> <@U0BEN>", "may now change")
    await office.mia.types(STUDIO, "/hours set <@U0BEN> fri 4")
    await office.mia.sees("Fri not set → 4 h", channel=STUDIO)
    assert office.focus_week(503) == "8.5 8.5 4 - 4 - -"
    async with office.unchanged():
        await office.mia.types(STUDIO, "/hours set <@U0ANA> fri 4")
        await office.mia.sees("You can’t change <@U0ANA>’s week", channel=STUDIO)


async def test_the_same_grant_twice_is_said_and_told_once(office: Office) -> None:
    await olivia_types(office, "grant <@U0MIA> everyone", "may now change")
    await olivia_types(office, "grant <@U0MIA> everyone", "may already change")
    await office.mia.sees("lets you change", channel=office.mia.dm)
    assert len([each for each in office.mia.messages(office.mia.dm) if "lets you" in each.plain]) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("<@U0MIA> <@U0MIA>", "A right never covers one’s own week"),
        ("<@U0MIA> <@U0ANA> <@U0MIA>", "A right never covers one’s own week"),
        ("<@U0GUEST> everyone", "is a guest"),
        ("<@U0GONE> everyone", "can’t be a manager"),
        ("<@U0HOURS> everyone", "can’t be a manager"),
        ("<@U0STRANGER> everyone", "can’t be a manager"),
        ("<@U0OLIVIA> everyone", "is a bot admin"),
        ("<@U0MIA> <@U0TOM>", "no Focus user has the same confirmed e-mail"),
    ],
)
async def test_what_cannot_be_granted(office: Office, words: str, told: str) -> None:
    await olivia_types(office, f"grant {words}", told)
    assert not await office.bot.desk.store.access.grants()


async def test_a_name_that_slack_did_not_resolve_is_picked(office: Office) -> None:
    await office.olivia.types(STUDIO, "/hours managers grant @somebody everyone")
    asked = await office.olivia.sees("Pick the person", channel=STUDIO)
    await office.olivia.click(asked, "person_picked", selected="U0MIA")
    await office.olivia.sees("may now change", channel=STUDIO)
    assert await scopes(office) == ["everyone"]


# ------------------------------------------------------------------ revoke


async def test_one_right_or_all_are_taken_back(office: Office) -> None:
    await olivia_types(office, "grant <@U0MIA> <@U0ANA> <@U0BEN>", "may now change")
    await olivia_types(office, "grant <@U0MIA> placeholders", "placeholders’ weeks")
    told = await olivia_types(office, "revoke <@U0MIA> <@U0ANA>", "may no longer change")
    assert "other rights stay" in told
    assert await scopes(office) == ["person:503", "placeholders"]
    await olivia_types(office, "revoke <@U0MIA>", "the placeholders’ weeks")
    assert await scopes(office) == []
    await olivia_types(office, "revoke <@U0MIA>", "had no such right")


async def test_revoke_in_the_list(office: Office) -> None:
    await olivia_types(office, "grant <@U0MIA> <@U0ANA>", "may now change")
    await olivia_types(office, "grant <@U0BEN> everyone", "may now change")
    await office.olivia.types(STUDIO, "/hours managers")
    page = await office.olivia.sees("granted by", channel=STUDIO)
    dialog = page.blocks[1]["accessory"]["confirm"]
    assert "<@U0MIA> may then no longer change <@U0ANA>’s week." in dialog["text"]["text"]
    assert dialog["confirm"]["text"] == "Revoke"
    await office.olivia.click(page, "managers_revoke:0", value="U0MIA person:501")
    page = await office.olivia.sees("may no longer change", channel=STUDIO)
    assert await scopes(office) == []
    assert await scopes(office, "U0BEN") == ["everyone"]
    assert "<@U0BEN> may change everybody’s week" in page.plain


async def test_who_revokes_a_right_hears_of_what_was_planned_with_it(office: Office) -> None:
    await olivia_types(office, "grant <@U0MIA> <@U0ANA> <@U0BEN>", "may now change")
    for line in ("<@U0ANA> fri off", "<@U0BEN> fri 4", "me fri 4"):
        before = len(office.mia.messages(STUDIO))
        await office.mia.types(STUDIO, f"/hours set {line} from 2026-04-01")
        await office.mia.sees("Planned from Wed 1 Apr 2026", channel=STUDIO, after=before)
        await office.bot.desk.work.idle()
    planned = await office.bot.desk.store.plans.by("U0MIA")
    assert len(planned) == 3
    await olivia_types(office, "revoke <@U0MIA> <@U0BEN>", "1 change they have planned needs an admin now")
    await olivia_types(office, "revoke <@U0MIA>", "2 changes they have planned need an admin now")
    assert await office.bot.desk.store.plans.by("U0MIA") == planned, (
        "until an admin decides, or their day comes"
    )


# ------------------------------------------------------------------ list


async def test_a_member_reads_what_they_may(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours managers")
    told = await office.ana.sees("You may change your own week", channel=STUDIO)
    assert "U0OLIVIA" in told.plain
    assert "Revoke" not in told.plain


async def test_a_manager_reads_what_they_may(office: Office) -> None:
    await olivia_types(office, "grant <@U0MIA> <@U0BEN>", "may now change")
    await office.mia.types(STUDIO, "/hours managers list")
    await office.mia.sees("You may change your own week and <@U0BEN>’s week", channel=STUDIO)
    await office.tom.types(STUDIO, "/hours managers")
    await office.tom.sees("change your own week (once you are linked: `/hours link`).", channel=STUDIO)


@pytest.mark.parametrize("words", ["grant <@U0MIA> everyone", "grant <@U0ANA> everyone", "revoke <@U0BEN>"])
async def test_only_admins_change_rights(office: Office, words: str) -> None:
    """Whether somebody has none, or one that is less."""
    for right in ("<@U0MIA> <@U0BEN>", "<@U0BEN> <@U0MIA>"):
        await olivia_types(office, f"grant {right}", "may now change")
    async with office.unchanged():
        for human in (office.mia, office.ana):
            await human.types(STUDIO, f"/hours managers {words}")
            await human.sees("Only a bot admin can do that", channel=STUDIO)
    assert (await scopes(office), await scopes(office, "U0BEN")) == (["person:503"], ["person:504"])


def test_many_grants_fit_one_message() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    some = [Grant("U1", "group:S0DESIGN", "U0OLIVIA", at, until=at.date())]
    said = views.grants(some, {}, admins=("U0OLIVIA",), command="/hours").text
    assert "the weeks of user group `S0DESIGN` until Mon 2 Mar 2026" in said
    many = [Grant(f"U{number}", f"person:{number}", "U0OLIVIA", at) for number in range(300)]
    reply = views.grants(many, {}, admins=("U0OLIVIA",), command="/hours")
    blocks = [block.to_dict() for block in reply.blocks]
    assert check_blocks(blocks, surface="message") is None
    assert "and 280 more" in str(blocks)
