"""What is said of a request once something fails: never that nothing was changed where something was."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from bot.manifest import manifest
from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from handlers.asked import Verb
from handlers.desk import Ask
from tests.inside import database
from tests.office import STUDIO, Office, open_office, press, routes_with


async def refused(office: Office) -> None:
    """A change of Ana's that Focus did not take, with *Try again*."""
    fault = office.focus.faults.add(Fault(FaultKind.REFUSE, "PUT *workinghours*", status=403))
    await office.ana.types(STUDIO, "/hours set fri 4")
    await office.ana.sees("does not let my key change this week", channel=STUDIO)
    await office.bot.desk.work.idle()
    office.focus.faults.remove(fault)


async def planned(office: Office) -> None:
    """A plan of Ana's, open in its form."""
    await office.ana.types(STUDIO, "/hours set fri 4 from 2026-04-01")
    await office.ana.sees("Planned from", channel=STUDIO)
    await office.bot.desk.work.idle()
    await press(office.ana, office.answer_to(office.ana), "Change")
    view = await office.ana.sees_modal("From")
    office.ana.fill(view, "first_day", "2026-04-08")


def told(office: Office) -> str:
    return "\n".join(each.plain for each in office.ana.messages(office.ana.dm))


async def test_a_press_whose_answer_slack_refuses_is_not_said_to_have_changed_nothing(office: Office) -> None:
    await refused(office)
    for match in ("response_url", "chat.postMessage"):
        office.slack.faults.add(Fault(FaultKind.FAIL_BEFORE, match))
    await press(office.ana, office.answer_to(office.ana), "Try again")
    await office.bot.desk.work.idle()
    assert office.focus_week(501) == "8 8 8 8 4 - -"
    office.slack.faults.clear()
    await office.later(seconds=60)
    await office.ana.sees("You changed your week: Fri 8 h → 4 h", channel=office.ana.dm)
    await office.at_rest()
    assert "nothing was changed" not in told(office)


@pytest.mark.parametrize("what", ["finish", "plan"])
async def test_a_press_that_was_carried_out_before_a_crash_is_not_said_to_have_changed_nothing(
    tmp_path: Path, clock: Clock, what: str
) -> None:
    async with Sandbox(clock=clock, manifest=manifest("/hours", socket_mode=True)) as sandbox:
        async with open_office(tmp_path, sandbox=sandbox) as office:
            if what == "finish":
                await refused(office)
                answer = office.slack.faults.add(Fault(FaultKind.SLOW, "response_url", seconds=math.inf))
                await press(office.ana, office.answer_to(office.ana), "Try again")
            else:
                await planned(office)
                answer = office.slack.faults.add(Fault(FaultKind.SLOW, "views.update", seconds=math.inf))
                await office.ana.submit()
            await answer.reached.wait()
            office.bot.hurry.set()
        office.slack.faults.clear()
        clock.move(seconds=60)
        async with open_office(tmp_path, sandbox=sandbox) as office:
            await office.at_rest()
            if what == "finish":
                assert office.focus_week(501) == "8 8 8 8 4 - -"
                assert "You changed your week: Fri 8 h → 4 h" in told(office)
            else:
                (plan,) = await office.bot.desk.store.plans.every()
                assert str(plan.first) == "2026-04-08"
            assert "nothing was changed" not in told(office)


async def test_a_database_that_fails_once_focus_has_written_leaves_open_what_was_done(office: Office) -> None:
    kept_in = database(office.bot.desk.store)
    put = office.focus.faults.add(Fault(FaultKind.SLOW, "PUT *workinghours*", seconds=math.inf))
    await office.ana.types(STUDIO, "/hours set fri 4")
    await put.reached.wait()
    await kept_in.read(lambda sql: sql.conn.execute("PRAGMA query_only = ON"))
    office.focus.faults.clear()
    await office.ana.sees("I’ll tell you in a direct message what became of your change.", channel=STUDIO)
    await office.bot.desk.work.idle()
    await kept_in.read(lambda sql: sql.conn.execute("PRAGMA query_only = OFF"))
    for _ in range(3):
        await office.later(seconds=31)
    await office.ana.sees("You changed your week: Fri 8 h → 4 h", channel=office.ana.dm)


async def test_an_incident_is_told_once(tmp_path: Path, clock: Clock) -> None:
    async def breaks(_: Ask) -> None:
        raise ZeroDivisionError

    async with Sandbox(clock=clock, manifest=manifest("/hours", socket_mode=True)) as sandbox:
        routes = routes_with(breaks, verbs={Verb.SET})
        async with open_office(tmp_path, sandbox=sandbox, routes=routes) as office:
            await office.ana.types(STUDIO, "/hours set fri 4")
            await office.ana.sees("incident", channel=STUDIO)
        clock.move(seconds=60)
        async with open_office(tmp_path, sandbox=sandbox) as office:
            await office.at_rest()
            assert "restarted" not in told(office)
