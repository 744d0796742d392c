"""*Ask Mia* for a change on a date: the question says the days in full, and *Apply* plans it."""

from __future__ import annotations

import asyncio

import pytest

from tests.conftest import OpenOffice
from tests.office import STUDIO, Office
from tests.test_petitions import asks, question, read_week

SUMMER = "from 2026-04-01 until 2026-06-30"
IN_FULL = "from Wed 1 Apr 2026 until Tue 30 Jun 2026"
DAY = 24 * 3600


async def plans(office: Office) -> list[str]:
    """Everything that is planned: whose week, from when until when, by whom."""
    found = await office.bot.desk.store.plans.every()
    return [f"{plan.subject.id} {plan.first} {plan.last} {plan.planner}" for plan in found]


async def test_apply_plans_it_in_the_name_of_the_presser_and_the_asker_hears(office: Office) -> None:
    await office.make_manager()
    await read_week(office.ana)
    await asks(office.ana, f"/hours set <@U0BEN> wed 8 {SUMMER}")
    asked = await question(office.mia)
    assert f"to change <@U0BEN>’s week in Toggl Focus {IN_FULL}: Wed 4 h → 8 h" in asked.text
    await asyncio.gather(*(office.mia.click(asked, "petition_apply") for _ in range(2)))
    await office.mia.sees(f"Planned {IN_FULL}: <@U0BEN>’s week", channel=office.mia.dm)
    told = await office.ana.sees("<@U0MIA> said yes", channel=office.ana.dm)
    assert f"to change <@U0BEN>’s week {IN_FULL} (Wed 4 h → 8 h" in told.text
    await office.mia.sees("You said yes.", channel=office.mia.dm)
    await office.mia.sees("This has already been decided, by you", channel=office.mia.dm)
    assert await plans(office) == ["503 2026-04-01 2026-06-30 U0MIA"]
    assert office.focus_week(503) == "8.5 8.5 4 - - - -"
    assert set(office.focus_calls()) <= {"GET"}


async def test_a_refused_save_with_dates_is_taken_to_who_may(office: Office) -> None:
    await office.make_manager()
    await office.mia.types(STUDIO, "/hours edit <@U0BEN>")
    view = await office.mia.sees_modal("Friday")
    office.mia.fill(view, "Friday", "4")
    office.mia.fill(view, "From", "2026-04-01")
    await office.olivia.types(STUDIO, "/hours managers revoke <@U0MIA>")
    await office.olivia.sees("may no longer change", channel=STUDIO)
    await office.mia.submit()
    await office.mia.click(await office.mia.sees_modal("Ask Olivia Grant"), "petition")
    asked = await question(office.olivia)
    assert "<@U0BEN>’s week in Toggl Focus from Wed 1 Apr 2026: Fri not set → 4 h" in asked.text
    await office.olivia.click(asked, "petition_apply")
    await office.mia.sees("<@U0OLIVIA> said yes", channel=office.mia.dm)
    assert await plans(office) == ["503 2026-04-01 None U0OLIVIA"]


async def test_many_are_asked_for_with_their_dates(office: Office) -> None:
    await office.make_manager()
    await office.ana.types(STUDIO, f"/hours set <@U0BEN> <@U0ZOE> fri 4 {SUMMER}")
    shown = await office.ana.sees("Ask Mia Tanaka to change 2", channel=STUDIO)
    await office.ana.click(shown, "petition_weeks:U0MIA")
    asked = await question(office.mia)
    assert f"asks you to change 2 weeks in Toggl Focus {IN_FULL}: Fri 4 h" in asked.text
    await office.mia.click(asked, "petition_apply")
    told = await office.ana.sees("<@U0MIA> said yes", channel=office.ana.dm)
    assert f"to change 2 weeks {IN_FULL}" in told.text
    assert len(await plans(office)) == 2
    assert set(office.focus_calls()) <= {"GET"}


async def test_who_may_not_change_their_own_week_asks_for_a_day_to_come(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_SELF_EDIT": "no"}) as office:
        await asks(office.ana, "/hours set fri off from next mon", name="Olivia Grant")
        asked = await question(office.olivia)
        assert "to change their own week in Toggl Focus from Mon 9 Mar 2026" in asked.text
        await office.olivia.click(asked, "petition_decline")
        told = await office.ana.sees("<@U0OLIVIA> declined what you asked for", channel=office.ana.dm)
        assert "to change your week from Mon 9 Mar 2026" in told.text
        assert await plans(office) == []


@pytest.mark.parametrize(
    ("dates", "told", "week", "planned"),
    [
        ("from tomorrow", "You changed <@U0BEN>’s week: Wed 4 h → 8 h", "8.5 8.5 8 - - - -", []),
        (
            "from tomorrow until 2026-03-06",
            "You changed <@U0BEN>’s week, as planned: Wed 4 h → 8 h",
            "8.5 8.5 8 - - - -",
            ["503 2026-03-05 2026-03-06 U0MIA"],
        ),
        (
            "from tomorrow until wed",
            "Wed 4 Mar 2026 is in the past. Nothing was changed or planned.",
            "8.5 8.5 4 - - - -",
            [],
        ),
    ],
)
async def test_what_was_to_begin_before_anybody_decided_begins_at_once(
    office: Office, dates: str, told: str, week: str, planned: list[str]
) -> None:
    await office.make_manager()
    await asks(office.ana, f"/hours set <@U0BEN> wed 8 {dates}")
    asked = await question(office.mia)
    await office.later(seconds=3 * DAY)
    await office.mia.click(asked, "petition_apply")
    await office.bot.desk.work.idle()
    await office.later(seconds=1)
    await office.mia.sees(told, channel=office.mia.dm)
    await office.bot.desk.work.idle()
    assert (office.focus_week(503), await plans(office)) == (week, planned)


async def test_a_plan_in_the_way_is_named_and_the_question_stays_open(office: Office) -> None:
    await office.make_manager()
    await asks(office.ana, f"/hours set <@U0BEN> wed 8 {SUMMER}")
    asked = await question(office.mia)
    await office.mia.types(STUDIO, "/hours set <@U0BEN> wed 6 from 2026-05-01")
    await office.mia.sees("Planned from Fri 1 May 2026", channel=STUDIO)
    await office.mia.click(asked, "petition_apply")
    await office.mia.sees("has a planned change already from Fri 1 May 2026", channel=office.mia.dm)
    assert await plans(office) == ["503 2026-05-01 None U0MIA"]
    await office.mia.types(STUDIO, "/hours plan <@U0BEN>")
    listed = await office.mia.sees("Wed 6 h", channel=STUDIO)
    button = next(
        each
        for block in listed.blocks
        for each in block.get("elements", ())
        if str(each.get("action_id", "")).startswith("plan_cancel:")
    )
    await office.mia.click(listed, button["action_id"], value=button["value"])
    await office.mia.sees("Nothing is planned.", channel=STUDIO)
    await office.mia.click(asked, "petition_apply")
    await office.ana.sees("<@U0MIA> said yes", channel=office.ana.dm)
    assert await plans(office) == ["503 2026-04-01 2026-06-30 U0MIA"]
