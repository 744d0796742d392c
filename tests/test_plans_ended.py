"""A begun plan has ended, left as it is or after its last day: nothing more is written, which would stay."""

from __future__ import annotations

from datetime import date

import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from bot.sandbox.slack import Message
from store import Store
from store.access import Action
from store.hours import DaysOverError
from store.plans import Plan, PlanState
from store.week import Subject, Weekday
from tests.asking import ANA, FRI, SUN, Asker, in_focus
from tests.conftest import OpenOffice
from tests.office import STUDIO, Office
from tests.test_plans_come_true import BEFORE, DAYS, FRIDAY, buttons, on, plan, settled, state, until
from tests.test_plans_killed import plan_today, tick, to_midnight

SUNDAY = date(2026, 3, 8)
AN_HOUR = 3600


async def leave(office: Office, planned: Plan) -> Message:
    """Olivia lists Ana's plans, and presses *Leave as it is* below this one; the list."""
    await office.olivia.types(STUDIO, "/hours plan <@U0ANA>")
    listed = await office.olivia.sees("planned by you", channel=STUDIO)
    (press,) = [each for each in buttons(listed) if each["text"]["text"] == "Leave as it is"]
    await office.olivia.click(listed, press["action_id"], value=press["value"])
    await settled(office)
    assert press["action_id"] == f"plan_cancel:{planned.id}"
    return listed


@pytest.mark.parametrize(
    ("days", "left", "told"),
    [
        ({FRI: 4}, BEFORE, "Cancelled: <@U0ANA>’s week stays as it is."),
        (DAYS, "8 8 8 8 8 2 -", "Sat done, Fri not. The planned change was cancelled."),
    ],
    ids=["nothing written", "written in part"],
)
async def test_what_focus_has_refused_so_far_is_not_written_later(
    an_office: OpenOffice, days: dict[Weekday, object], left: str, told: str
) -> None:
    async with an_office(settings={"HOURS_AUDIT_CHANNEL": "G0ADMIN"}) as office:
        olivia = office.olivia
        (planned,) = await plan(office, days, FRIDAY, SUNDAY)
        await settled(office)
        fault = office.focus.faults.add(Fault(FaultKind.RATE_LIMITED, "PUT *", seconds=12 * AN_HOUR))
        await until(office, on(6, 9))
        await olivia.sees("I’ll try again", channel=olivia.dm)
        await leave(office, planned)
        assert await state(office, planned) is PlanState.CANCELLED
        ended = await olivia.sees(told, channel=olivia.dm)
        assert not [each for each in buttons(ended) if each["text"]["text"] in {"Cancel", "Finish"}]
        notices = [each.text for each in office.ana.messages(office.ana.dm) if "Sat" in each.text]
        audited = [each.text for each in office.slack.posts.get("G0ADMIN", [])]
        assert len(notices) == len(audited) == (left != BEFORE), "who has other hours now is told"
        office.focus.faults.remove(fault)
        await until(office, on(7))
        await until(office, on(20))
        assert office.focus_week(501) == left


@pytest.mark.parametrize(
    ("days", "told", "lines"),
    [({FRI: 4}, "Nothing was changed in <@U0ANA>’s week.", 0), (DAYS, "Sat done, Fri not.", 2)],
    ids=["nothing written", "written in part"],
)
async def test_what_waited_until_its_days_were_over_is_told_in_the_morning_after(
    an_office: OpenOffice, days: dict[Weekday, object], told: str, lines: int
) -> None:
    async with an_office(settings={"HOURS_AUDIT_CHANNEL": "G0ADMIN"}) as office:
        ana, olivia = office.ana, office.olivia
        await plan(office, days, FRIDAY, SUNDAY)
        await settled(office)
        office.focus.faults.add(Fault(FaultKind.RATE_LIMITED, "PUT *", seconds=12 * AN_HOUR))
        await until(office, on(6, 9))
        waits = await olivia.sees("I’ll try again", channel=olivia.dm)
        before = len(ana.messages(ana.dm)), len(olivia.messages(olivia.dm))
        await until(office, on(9, 8, 59))
        assert (len(ana.messages(ana.dm)), len(olivia.messages(olivia.dm))) == before, "nobody is woken up"
        await until(office, on(9, 9))
        over = await olivia.sees("The days it was planned for are over.", channel=olivia.dm)
        assert over.ts != waits.ts
        assert told in over.plain
        notices = [each.text for each in ana.messages(ana.dm)[before[0] :]]
        audited = [each.text for each in office.slack.posts.get("G0ADMIN", [])]
        assert len(notices) == len(audited) == lines, "that it was changed, and that it was put back"
        assert office.focus_week(501) == BEFORE


async def test_what_failed_is_not_tried_again(office: Office) -> None:
    olivia = office.olivia
    (planned,) = await plan(office, DAYS, FRIDAY, SUNDAY)
    await settled(office)
    fault = office.focus.faults.add(Fault(FaultKind.REFUSE, "P*", status=403))
    await until(office, on(6, 9))
    failed = await olivia.sees("Nothing was changed in <@U0ANA>’s week", channel=olivia.dm)
    assert "Try again" in failed.plain
    await leave(office, planned)
    office.focus.faults.remove(fault)
    ended = await olivia.sees("Cancelled: <@U0ANA>’s week stays as it is.", channel=olivia.dm)
    assert (ended.ts, buttons(ended)) == (failed.ts, [])


async def test_what_is_not_certain_yet_can_be_left_once_it_is(office: Office) -> None:
    olivia = office.olivia
    (planned,) = await plan(office, {FRI: 4}, FRIDAY, SUNDAY)
    await settled(office)
    office.focus.faults.add(Fault(FaultKind.FAIL_BEFORE, "PUT *", times=1))
    await until(office, on(6))
    await leave(office, planned)
    await olivia.sees("is being written to Toggl Focus right now", channel=STUDIO)
    assert await state(office, planned) is PlanState.BEGUN
    for minute in range(3, 21, 3):
        await until(office, on(6, 0, minute))
    assert office.focus_week(501) == "8 8 8 8 4 - -", "it was tried once more"
    await leave(office, planned)
    await until(office, on(20))
    assert (await state(office, planned), office.focus_week(501)) == (PlanState.CANCELLED, "8 8 8 8 4 - -")


async def test_what_a_redo_did_not_write_is_not_finished_after_the_last_day(office: Office) -> None:
    olivia, six = office.olivia, [Subject("person", number) for number in (501, 503, 504, 505, 506, 508)]
    before = [office.focus_week(each.id) for each in six]
    await plan(office, {SUN: 1}, FRIDAY, FRIDAY, of=tuple(six))
    await until(office, on(5, 12))
    await until(office, on(6, 9))
    await settled(office)
    await olivia.click(await olivia.sees("You changed 6 of 6 weeks", channel=olivia.dm), "undo")
    undone = await olivia.sees("You put back 6 of 6 weeks", channel=olivia.dm)
    office.focus.faults.add(Fault(FaultKind.REFUSE, "POST *users/501", status=403))
    await olivia.click(undone, "undo")
    redone = await olivia.sees("You redid the change to 5 of 6 weeks", channel=olivia.dm)
    office.focus.faults.clear()
    await until(office, on(7, 0, 1))
    await settled(office)
    await olivia.click(redone, "finish_all")
    await olivia.sees("and that is over", channel=olivia.dm)
    await settled(office)
    assert [office.focus_week(each.id) for each in six] == before


async def test_what_was_stopped_before_its_turn_is_not_finished_after_the_last_day(
    store: Store, clock: Clock, focus: Focus
) -> None:
    olivia = Asker(store, clock)
    planned, permit = await plan_today(olivia), await olivia.permit(Action.CHANGE, ANA)
    await store.beginnings.begin([planned], {ANA: permit}, now=clock.now())
    begun = await store.plans.get(planned.id)
    assert begun
    stopped = await store.hours.stop(await olivia.get(begun.begin_act or ""))
    to_midnight(clock)
    await tick(olivia)
    with pytest.raises(DaysOverError):
        await store.hours.finish(stopped, [permit])
    await tick(olivia)
    assert in_focus(focus) == BEFORE
