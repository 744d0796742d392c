"""A change costs what it must, touches what was named, and says truthfully what became of it."""

from __future__ import annotations

import asyncio
import math
from decimal import Decimal
from typing import Literal

import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from store import Store
from store.access import Action
from store.act import Kind, Place, State
from store.focus import Reading
from store.hours import NotCurrentError
from store.lastknown import LastKnown
from store.messages import MessageKind
from store.week import Week
from tests.asking import (
    ANA,
    BEN,
    DESIGNER,
    FRI,
    MON,
    SAT,
    THU,
    TUE,
    WED,
    Asker,
    calls,
    in_focus,
    pattern,
)
from tests.conftest import OpenStore
from tests.inside import database


@pytest.fixture
async def olivia(store: Store, clock: Clock) -> Asker:
    """Somebody who may everything, in a deployment whose first calls are behind it."""
    for verb in ("POST", "PUT", "DELETE"):
        await store.weekdays.prove(verb, now=clock.now())
    return Asker(store, clock)


@pytest.mark.parametrize(
    ("days", "cost", "left"),
    [
        ({SAT: 4}, "GET POST", "8 8 8 8 8 4 -"),
        ({FRI: 4, MON: 7.5}, "GET PUT", "7.5 8 8 8 4 - -"),
        ({FRI: None}, "GET DELETE", "8 8 8 8 - - -"),
        ({SAT: 4, FRI: 0, MON: None, TUE: "7.3333"}, "GET POST PUT DELETE", "- 7.3333 8 8 0 4 -"),
    ],
)
async def test_a_change_is_one_read_and_one_call_of_each_kind(
    olivia: Asker, focus: Focus, days: dict[object, object], cost: str, left: str
) -> None:
    change = await olivia.sets(ANA, days)  # type: ignore[arg-type]  # parametrize knows no types
    assert (change.state, calls(focus), in_focus(focus)) == (State.APPLIED, cost, left)
    assert [step.verb for step in change.steps] == cost.split()[1:]
    assert await olivia.rows("SELECT * FROM claims") == []


async def test_placeholders_have_weeks_too(olivia: Asker, focus: Focus) -> None:
    assert (await olivia.sets(DESIGNER, {FRI: 4})).state is State.APPLIED
    assert in_focus(focus, DESIGNER) == "8 8 8 8 4 - -"


async def test_the_first_call_of_each_kind_is_read_back_once(
    store: Store, clock: Clock, focus: Focus
) -> None:
    olivia = Asker(store, clock)
    await olivia.sets(ANA, {SAT: 4, FRI: 4, MON: None})
    assert calls(focus) == "GET POST GET PUT GET DELETE GET"
    focus.log.clear()
    await olivia.sets(ANA, {SAT: None, FRI: 8, MON: 8})
    assert calls(focus) == "GET POST PUT DELETE"


async def test_what_is_so_already_writes_and_posts_nothing(olivia: Asker, focus: Focus) -> None:
    told = await olivia.rows("SELECT * FROM outbox")
    change = await olivia.sets(ANA, {MON: 8, FRI: "8.0"})
    assert (change.state, calls(focus)) == (State.UNCHANGED, "GET")
    assert await olivia.rows("SELECT * FROM outbox") == told


async def test_a_look_costs_one_call_then_none_and_none_after_a_change(olivia: Asker, focus: Focus) -> None:
    permit = await olivia.permit(Action.SEE, BEN)
    for cost in ("GET", "GET"):
        look = await olivia.store.hours.look(permit)
        assert calls(focus) == cost
    await olivia.sets(BEN, {SAT: 3, MON: 8, WED: None})
    focus.log.clear()
    look = await olivia.store.hours.look(permit)
    assert (calls(focus), in_focus(focus, BEN)) == ("", "8 8.5 - - - 3 -")
    assert look.snapshot.week == Week.of({MON: Decimal(8), TUE: Decimal("8.5"), SAT: Decimal(3)})


@pytest.mark.parametrize("answers_with", ["written", "all"])
async def test_ids_learnt_from_answers_serve_the_next_change(
    olivia: Asker, focus: Focus, answers_with: Literal["written", "all"]
) -> None:
    focus.options.answers_with = answers_with
    await olivia.sets(ANA, {SAT: 4})
    permit = await olivia.permit(Action.SEE, ANA)
    known = await olivia.store.hours.last_known(permit)
    assert known is not None
    assert {row.id for row in known.rows} == {row.id for row in focus.rows("user", 501)}


async def test_an_answer_that_comes_late_is_not_taken_for_news(olivia: Asker, focus: Focus) -> None:
    """A look that was asked for before a change, and answered after it, does not hide the change."""
    slow = focus.faults.add(Fault(FaultKind.SLOW, "GET *", seconds=math.inf, times=1))
    permit = await olivia.permit(Action.SEE, ANA)
    early = asyncio.create_task(olivia.store.hours.look(permit))
    await slow.reached.wait()
    olivia.clock.move(seconds=1)
    await olivia.sets(ANA, {FRI: 4})
    focus.faults.remove(slow)
    await early
    known = await olivia.store.hours.last_known(permit)
    assert known is not None
    assert (known.as_of, known.week[FRI]) == (olivia.clock.now(), Decimal(4))


async def test_what_is_forgotten_stays_so_until_focus_is_asked_again(olivia: Asker) -> None:
    weeks, clock = LastKnown(database(olivia.store), team_id=olivia.store.team_id), olivia.clock
    asked_before = Reading(rows=(), as_of=clock.now())
    await weeks.put(ANA, asked_before)
    clock.move(seconds=1)
    await weeks.forget(ANA, now=clock.now())
    await weeks.put(ANA, asked_before)
    assert (await weeks.get(ANA), await weeks.all()) == (None, {})
    clock.move(seconds=1)
    await weeks.put(ANA, Reading(rows=(), as_of=clock.now()))
    assert await weeks.get(ANA) is not None


async def test_a_day_that_somebody_changed_meanwhile_is_a_conflict(olivia: Asker, focus: Focus) -> None:
    """Nothing is written; days that the change does not touch, or that are as wanted, do not matter."""
    focus.put_rows("user", 501, {1: Decimal(6), 2: Decimal(4), 3: Decimal(1)})
    seen = {MON: Decimal(8), TUE: Decimal(8), WED: Decimal(8)}
    change = await olivia.sets(ANA, {MON: 7, TUE: 4}, expected=seen)
    assert (change.state, calls(focus)) == (State.CONFLICT, "GET")
    assert change.trouble is not None
    assert change.trouble.description == "Mon"
    assert (change.found, change.wanted) == (
        Week.of({MON: Decimal(6), TUE: Decimal(4), WED: Decimal(1), THU: Decimal(8), FRI: Decimal(8)}),
        Week.of({MON: Decimal(7), TUE: Decimal(4), WED: Decimal(1), THU: Decimal(8), FRI: Decimal(8)}),
    )


async def test_a_conflict_is_written_over_as_it_was_shown(olivia: Asker, focus: Focus) -> None:
    focus.put_rows("user", 501, {1: Decimal(6)})
    change = await olivia.sets(ANA, {MON: 7, SAT: 2}, expected={MON: Decimal(8), SAT: None})
    done = await olivia.overwrite(change)
    assert (done.state, in_focus(focus)) == (State.APPLIED, "7 8 8 8 8 2 -")
    await olivia.undo(done.act_id)
    assert in_focus(focus) == "6 8 8 8 8 - -"


async def test_overwriting_stops_at_what_was_not_shown(olivia: Asker, focus: Focus) -> None:
    focus.put_rows("user", 501, {1: Decimal(6)})
    change = await olivia.sets(ANA, {MON: 7}, expected={MON: Decimal(8)})
    focus.put_rows("user", 501, {1: Decimal(5)})
    met_again = await olivia.overwrite(change)
    assert (met_again.state, in_focus(focus)) == (State.CONFLICT, "5 8 8 8 8 - -")
    assert (await olivia.overwrite(met_again)).state is State.APPLIED
    with pytest.raises(NotCurrentError):
        await olivia.overwrite(met_again)


async def test_keeping_theirs_ends_a_conflict(olivia: Asker, focus: Focus) -> None:
    """Shown in a modal it leaves no message anywhere, as nothing was changed."""
    told = await olivia.told()
    olivia.place = Place("modal")
    focus.put_rows("user", 501, {1: Decimal(6)})
    change = await olivia.sets(ANA, {MON: 7}, expected={MON: Decimal(8)})
    outbox, now = olivia.store.outbox, olivia.clock.now()
    assert await outbox.take(now) == (), "the modal is shown first"
    await outbox.drop_held(MessageKind.RECEIPT, change.act_id, recipient="U0OLIVIA", now=now)
    (kept,) = (await olivia.store.hours.give_up(change)).changes
    assert (kept.state, in_focus(focus)) == (State.CANCELLED, "6 8 8 8 8 - -")
    assert await olivia.told() == told
    with pytest.raises(NotCurrentError):
        await olivia.store.hours.give_up(change)


async def test_two_rows_for_a_day_are_refused_and_repaired(olivia: Asker, focus: Focus) -> None:
    focus.double("user", 501, 5, hours=Decimal(3))
    refused = await olivia.sets(ANA, {FRI: 4})
    assert refused.state is State.FAILED
    assert refused.trouble is not None
    assert (refused.trouble.code, refused.trouble.description) == ("doubled", "Fri")
    assert (await olivia.sets(ANA, {MON: 6})).state is State.APPLIED, "other days can be changed"
    focus.log.clear()
    (repaired,) = (await olivia.act(ANA, {FRI: 3}, kind=Kind.REPAIR)).changes
    assert (repaired.state, calls(focus)) == (State.APPLIED, "GET PUT DELETE")
    assert [(row.weekday, row.hours) for row in focus.rows("user", 501) if row.weekday == 5] == [
        (5, Decimal(3))
    ]


async def test_a_repair_that_keeps_the_first_row_only_deletes(olivia: Asker, focus: Focus) -> None:
    """…and is not believed to be done while both rows are there, though the day looks as wanted."""
    focus.double("user", 501, 5, hours=Decimal(3))
    fault = focus.faults.add(Fault(FaultKind.FAIL_BEFORE, "DELETE *"))
    (unclear,) = (await olivia.act(ANA, {FRI: 8}, kind=Kind.REPAIR)).changes
    assert unclear.state is State.UNCLEAR
    focus.faults.remove(fault)
    olivia.clock.move(seconds=31)
    failed = await olivia.settle(unclear)
    assert failed.state is State.FAILED
    focus.log.clear()
    assert (await olivia.again(failed)).state is State.APPLIED
    assert (calls(focus), len(focus.rows("user", 501))) == ("GET DELETE", 5)


async def test_a_repair_keeps_only_what_is_there(olivia: Asker, focus: Focus) -> None:
    """Not even when it is tried again: what somebody has mended meanwhile stays."""
    focus.double("user", 501, 5, hours=Decimal(3))
    (gone,) = (await olivia.act(ANA, {FRI: 5}, kind=Kind.REPAIR)).changes
    assert gone.trouble is not None
    assert (gone.state, gone.trouble.code, calls(focus)) == (State.FAILED, "entry_gone", "GET")
    focus.faults.add(Fault(FaultKind.REFUSE, "DELETE *", status=403, times=1))
    (refused,) = (await olivia.act(ANA, {FRI: 8}, kind=Kind.REPAIR)).changes
    focus.put_rows("user", 501, {5: None})
    focus.put_rows("user", 501, {5: 6})
    assert (await olivia.again(refused)).state is State.FAILED
    focus.put_rows("user", 501, {5: 8})
    (mended,) = (await olivia.act(ANA, {FRI: 8}, kind=Kind.REPAIR)).changes
    assert (mended.state, in_focus(focus)) == (State.UNCHANGED, "8 8 8 8 8 - -")
    assert "PUT" not in calls(focus)


async def test_two_at_once_wait_for_each_other(olivia: Asker, focus: Focus) -> None:
    """Both are carried out, each on what the other left, and no day gets two rows."""
    changes = await asyncio.gather(
        olivia.sets(ANA, {SAT: 4}), olivia.sets(ANA, {SAT: 5}), olivia.sets(ANA, {MON: 6})
    )
    assert {change.state for change in changes} == {State.APPLIED}
    assert (in_focus(focus), len(focus.rows("user", 501))) == ("6 8 8 8 8 5 -", 6)


async def test_several_subjects_make_one_act(olivia: Asker, focus: Focus) -> None:
    wishes = [await olivia.wish(subject, pattern({FRI: 0})) for subject in (ANA, BEN, DESIGNER)]
    act = await olivia.store.hours.change(olivia.request(), *wishes)
    assert [change.state for change in act.changes] == [State.APPLIED] * 3
    assert [in_focus(focus, each)[8] for each in (ANA, DESIGNER)] == ["0", "0"]
    messages = await olivia.rows("SELECT about FROM outbox")
    assert [message["about"] for message in messages].count(act.id) == 1, "one receipt for the act"


async def test_the_person_and_the_audit_channel_are_told_with_the_actor(
    open_store: OpenStore, clock: Clock
) -> None:
    store = await open_store(audit_channel="G0ADMIN")
    olivia = Asker(store, clock)
    admin = await olivia.permit(Action.ADMINISTER)
    await store.links.link(admin, slack_user_id="U0ANA", focus_user_id=501, now=clock.now())
    await olivia.sets(ANA, {FRI: 4})
    assert await olivia.told() == {("receipt", "U0OLIVIA"), ("notice", "U0ANA"), ("audit", "G0ADMIN")}
    await Asker(store, clock, "U0ANA").sets(ANA, {FRI: 5})
    assert await olivia.rows("SELECT count(*) AS n FROM outbox WHERE kind = 'notice'") == [{"n": 1}]
