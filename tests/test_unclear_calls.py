"""Focus fails, refuses, or does not say: what is certain is said at once, what is not is looked for."""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from store import Store
from store.act import Change, State, StepState
from store.changing.decision import trouble_of
from store.focus import OutOfQuotaError, Quota, SlowDownError
from store.week import Weekday
from tests.asking import ANA, FRI, MON, SAT, Asker, calls, in_focus

CHANGES: dict[str, dict[Weekday, object]] = {"POST": {SAT: 4}, "PUT": {FRI: 4}, "DELETE": {FRI: None}}
BEFORE = "8 8 8 8 8 - -"
AFTER = {"POST": "8 8 8 8 8 4 -", "PUT": "8 8 8 8 4 - -", "DELETE": "8 8 8 8 - - -"}
FAILS = [FaultKind.FAIL_BEFORE, FaultKind.CUT_BEFORE]
LOST = [FaultKind.FAIL_AFTER, FaultKind.CUT_AFTER]


@pytest.fixture
async def olivia(store: Store, clock: Clock) -> Asker:
    """Somebody who may everything, in a deployment whose first calls are behind it."""
    for verb in ("POST", "PUT", "DELETE"):
        await store.weekdays.prove(verb, now=clock.now())
    return Asker(store, clock)


def code(change: Change) -> str | None:
    return change.trouble.code if change.trouble else None


async def later(olivia: Asker, change: Change, *, seconds: float = 30) -> Change:
    """The change when it was looked at again, by whoever asks what is due."""
    assert await olivia.due() == ()
    olivia.clock.move(seconds=seconds)
    assert [each.id for each in await olivia.due()] == [change.id]
    return await olivia.settle((await olivia.due())[0])


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("verb", CHANGES)
async def test_what_worked_without_saying_so_is_found_at_once(
    olivia: Asker, focus: Focus, verb: str, kind: FaultKind
) -> None:
    focus.faults.add(Fault(kind, f"{verb} *", times=1))
    change = await olivia.sets(ANA, CHANGES[verb])
    assert (change.state, in_focus(focus)) == (State.APPLIED, AFTER[verb])
    assert calls(focus) == f"GET {verb} GET"
    assert [step.state for step in change.steps] == [StepState.FOUND]


@pytest.mark.parametrize("kind", FAILS)
@pytest.mark.parametrize("verb", CHANGES)
async def test_what_did_not_work_is_believed_after_two_looks(
    olivia: Asker, focus: Focus, verb: str, kind: FaultKind
) -> None:
    """Half a minute apart, and the call is never repeated; trying again is somebody's decision."""
    focus.faults.add(Fault(kind, f"{verb} *", times=1))
    unclear = await olivia.sets(ANA, CHANGES[verb])
    assert (unclear.state, calls(focus)) == (State.UNCLEAR, f"GET {verb} GET")
    assert unclear.due_at == olivia.clock.now() + timedelta(seconds=30)
    too_early = await olivia.settle(unclear)
    assert too_early.state is State.UNCLEAR
    failed = await later(olivia, too_early)
    assert (failed.state, code(failed), in_focus(focus)) == (State.FAILED, "not_taken", BEFORE)
    assert calls(focus) == f"GET {verb} GET GET GET"
    assert (await olivia.again(failed)).state is State.APPLIED
    assert in_focus(focus) == AFTER[verb]


async def test_a_change_to_the_same_day_waits_until_the_unclear_one_is_certain(
    olivia: Asker, focus: Focus
) -> None:
    """Otherwise it would overwrite what Focus did after all, and the first would be told as not done."""
    focus.faults.add(Fault(FaultKind.CUT_BEFORE, "PUT *", times=1))
    unclear = await olivia.sets(ANA, {FRI: 4})
    focus.put_rows("user", 501, {5: 4})  # the call lands late
    second = await olivia.sets(ANA, {FRI: 6})
    assert (second.state, code(second), second.due_at) == (State.WAITING, "after_unclear", unclear.due_at)
    assert in_focus(focus) == "8 8 8 8 4 - -"
    other = await olivia.sets(ANA, {MON: 7})
    assert other.state is State.APPLIED, "another day does not wait"
    olivia.clock.move(seconds=30)
    assert (await olivia.settle(unclear)).state is State.APPLIED
    resumed = await olivia.resume(second)
    assert (resumed.state, in_focus(focus)) == (State.APPLIED, "7 8 8 8 6 - -")


async def test_a_late_post_is_found_at_the_second_look(olivia: Asker, focus: Focus) -> None:
    focus.faults.add(Fault(FaultKind.CUT_BEFORE, "POST *", times=1))
    unclear = await olivia.sets(ANA, {SAT: 4})
    focus.put_rows("user", 501, {6: Decimal(4)})
    assert (await later(olivia, unclear)).state is State.APPLIED
    assert len(focus.rows("user", 501)) == 6


async def test_looks_that_differ_are_followed_by_another(olivia: Asker, focus: Focus) -> None:
    focus.faults.add(Fault(FaultKind.CUT_BEFORE, "PUT *", times=1))
    change = await olivia.sets(ANA, {MON: 4, FRI: 4})
    for hours in (1, 2):
        focus.put_rows("user", 501, {1: Decimal(hours)})
        change = await later(olivia, change)
        assert change.state is State.UNCLEAR
    assert (await later(olivia, change)).state is State.FAILED


async def test_a_look_that_fails_is_no_look(olivia: Asker, focus: Focus) -> None:
    """Neither right after the call nor later: two must have seen the same."""
    cut = focus.faults.add(Fault(FaultKind.CUT_BEFORE, "POST *", times=1))
    held = focus.faults.add(Fault(FaultKind.SLOW, "POST *", seconds=math.inf, times=1))
    task = asyncio.create_task(olivia.sets(ANA, {SAT: 4}))
    await held.reached.wait()
    refusal = focus.faults.add(Fault(FaultKind.REFUSE, "GET *", status=403))
    focus.faults.remove(held)
    unclear = await task
    assert cut.reached.is_set()
    assert (unclear.state, unclear.found) == (State.UNCLEAR, None)
    blind = await later(olivia, unclear)
    assert blind.state is State.UNCLEAR
    focus.faults.remove(refusal)
    seen_once = await later(olivia, blind)
    assert seen_once.state is State.UNCLEAR
    assert (await later(olivia, seen_once)).state is State.FAILED


async def test_the_half_minute_begins_when_a_look_ends(olivia: Asker, focus: Focus) -> None:
    """However long it takes: otherwise two that agree might be only a moment apart."""
    focus.faults.add(Fault(FaultKind.CUT_BEFORE, "POST *", times=1))
    unclear = await olivia.sets(ANA, {SAT: 4})
    held = focus.faults.add(Fault(FaultKind.SLOW, "GET *", seconds=math.inf, times=1))
    task = asyncio.create_task(olivia.settle(unclear))
    await held.reached.wait()
    olivia.clock.move(seconds=10)
    focus.faults.remove(held)
    assert (await task).due_at == olivia.clock.now() + timedelta(seconds=30)


async def test_looks_that_keep_failing_leave_the_quota_to_others(olivia: Asker, focus: Focus) -> None:
    """As for somebody who is no longer in Focus: the longer it lasts, the more seldom they are made."""
    focus.faults.add(Fault(FaultKind.CUT_BEFORE, "PUT *", times=1))
    change = await olivia.sets(ANA, {FRI: 4})
    refusal = focus.faults.add(Fault(FaultKind.REFUSE, "GET *", status=404))
    began, looks = olivia.clock.now(), []
    while olivia.clock.now() < began + timedelta(days=1):
        assert change.due_at is not None
        change = await later(olivia, change, seconds=(change.due_at - olivia.clock.now()).total_seconds())
        assert change.state is State.UNCLEAR
        looks.append(olivia.clock.now() - began)
    assert sum(at <= timedelta(minutes=2) for at in looks) == 4, "half a minute apart at first"
    assert sum(at <= timedelta(hours=1) for at in looks) < 20
    assert looks[-1] - looks[-2] == timedelta(hours=1), "but never given up"
    focus.faults.remove(refusal)
    assert (await later(olivia, change, seconds=3600)).state is State.FAILED


async def test_a_look_out_of_quota_waits_for_the_quota(olivia: Asker, focus: Focus) -> None:
    focus.faults.add(Fault(FaultKind.CUT_BEFORE, "POST *", times=1))
    unclear = await olivia.sets(ANA, {SAT: 4})
    focus.quota.exhaust()
    blind = await later(olivia, unclear)
    assert blind.due_at == olivia.clock.now() + timedelta(seconds=focus.quota.resets_in)


async def test_an_earlier_look_does_not_count_for_a_later_call(olivia: Asker, focus: Focus) -> None:
    """The second try of a change that was found not to be taken is looked for twice again."""
    focus.faults.add(Fault(FaultKind.CUT_BEFORE, "POST *", times=2))
    failed = await later(olivia, await olivia.sets(ANA, {SAT: 4}))
    assert failed.state is State.FAILED
    slow = focus.faults.add(Fault(FaultKind.SLOW, "POST *", seconds=math.inf, times=1))
    task = asyncio.create_task(olivia.again(failed))
    await slow.reached.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    (left,) = await olivia.due()
    assert (left.state, left.found) == (State.STARTED, None)
    seen_once = await olivia.settle(left)
    assert seen_once.state is State.UNCLEAR
    focus.faults.remove(slow)
    assert (await later(olivia, seen_once)).state is State.FAILED


async def test_written_in_part_is_finished(olivia: Asker, focus: Focus) -> None:
    """Reading first: what is there is not sent again."""
    focus.faults.add(Fault(FaultKind.CUT_BEFORE, "PUT *", times=1))
    unclear = await olivia.sets(ANA, {SAT: 4, MON: 6, FRI: None})
    partial = await later(olivia, unclear)
    assert (partial.state, partial.written) == (State.PARTIAL, (SAT,))
    focus.log.clear()
    done = await olivia.again(partial)
    assert (done.state, calls(focus), in_focus(focus)) == (State.APPLIED, "GET PUT DELETE", "6 8 8 8 - 4 -")
    await olivia.undo(done.act_id)
    assert in_focus(focus) == BEFORE


async def test_finishing_stops_at_what_somebody_changed_meanwhile(olivia: Asker, focus: Focus) -> None:
    """…and what was written stays known: overwritten or kept, it can be put back."""
    focus.faults.add(Fault(FaultKind.REFUSE, "PUT *", status=400, times=1))
    partial = await olivia.sets(ANA, {SAT: 4, MON: 6})
    focus.put_rows("user", 501, {1: Decimal(1), 2: Decimal(2)})
    conflict = await olivia.again(partial)
    assert (conflict.state, conflict.written) == (State.CONFLICT, (SAT,))
    done = await olivia.overwrite(conflict)
    assert (done.state, done.days, in_focus(focus)) == (State.APPLIED, (MON, SAT), "6 2 8 8 8 4 -")
    await olivia.undo(done.act_id)
    assert in_focus(focus) == "1 2 8 8 8 - -"


@pytest.mark.parametrize(
    ("status", "trouble"), [(403, "forbidden"), (404, "not_found"), (400, "rejected"), (422, "rejected")]
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_a_refusal_ends_the_change(
    olivia: Asker, focus: Focus, method: str, status: int, trouble: str
) -> None:
    focus.faults.add(Fault(FaultKind.REFUSE, f"{method} *", status=status))
    change = await olivia.sets(ANA, {MON: 4})
    assert (change.state, code(change), in_focus(focus)) == (State.FAILED, trouble, BEFORE)
    assert change.trouble is not None
    assert change.trouble.description == "This went wrong on request."
    assert change.trouble.trace_id
    assert await olivia.rows("SELECT * FROM claims") == []


async def test_a_read_that_keeps_failing_ends_the_change(olivia: Asker, focus: Focus) -> None:
    focus.faults.add(Fault(FaultKind.FAIL_BEFORE, "GET *"))
    task = asyncio.create_task(olivia.sets(ANA, {MON: 4}))
    for _ in range(3):
        await olivia.clock.until_sleeping()
        olivia.clock.move(seconds=4)
    change = await task
    assert (change.state, code(change), calls(focus)) == (State.FAILED, "unavailable", "GET GET GET GET")


@pytest.mark.parametrize("at", ["GET", "POST", "PUT"])
async def test_out_of_quota_waits_and_goes_on(olivia: Asker, focus: Focus, at: str) -> None:
    """Wherever it stopped; what was written before the stop is not written again."""
    fault = focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, f"{at} *"))
    waiting = await olivia.sets(ANA, {SAT: 4, MON: 6})
    assert (waiting.state, code(waiting)) == (State.WAITING, "out_of_quota")
    assert waiting.due_at is not None
    focus.faults.remove(fault)
    assert await olivia.due() == ()
    olivia.clock.move(seconds=(waiting.due_at - olivia.clock.now()).total_seconds())
    assert [each.id for each in await olivia.due()] == [waiting.id]
    done = await olivia.resume(waiting)
    assert (done.state, in_focus(focus)) == (State.APPLIED, "6 8 8 8 8 4 -")
    assert focus.log.count("focus", "POST") == (2 if at == "POST" else 1)
    await olivia.undo(done.act_id)
    assert in_focus(focus) == BEFORE


def test_a_refusal_that_says_to_wait_for_nothing_is_not_repeated_at_once(clock: Clock) -> None:
    """Focus's whole seconds are 0 at the end of an hour; the change would be tried as fast as it answers."""
    now = clock.now()
    over = OutOfQuotaError("no", quota=Quota(remaining=0, resets_at=now, as_of=now))
    for error in (over, SlowDownError("no", retry_after=0.1)):
        assert trouble_of(error, now=now).until == now + timedelta(seconds=10)


async def test_a_change_that_waited_is_compared_again(olivia: Asker, focus: Focus) -> None:
    fault = focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "PUT *"))
    waiting = await olivia.sets(ANA, {MON: 6})
    focus.faults.remove(fault)
    focus.put_rows("user", 501, {1: Decimal(1)})
    conflict = await olivia.resume(waiting)
    assert (conflict.state, in_focus(focus)) == (State.CONFLICT, "1 8 8 8 8 - -")


async def test_a_refused_key_waits_for_a_new_one(olivia: Asker, focus: Focus) -> None:
    key = focus.key
    focus.expire_key()
    waiting = await olivia.sets(ANA, {MON: 4})
    assert (waiting.state, code(waiting)) == (State.WAITING, "key_refused")
    assert waiting.due_at == olivia.clock.now() + timedelta(minutes=10)
    focus.keys.expires_at = None
    assert focus.key == key
    assert (await olivia.resume(waiting)).state is State.APPLIED


async def test_a_part_that_is_written_stays_known_when_focus_falls_silent(
    olivia: Asker, focus: Focus
) -> None:
    """A waiting change that has written something is never said to have written nothing."""
    fault = focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "PUT *"))
    waiting = await olivia.sets(ANA, {SAT: 4, MON: 6})
    focus.faults.remove(fault)
    focus.faults.add(Fault(FaultKind.REFUSE, "GET *", status=403))
    stopped = await olivia.resume(waiting)
    assert (stopped.state, stopped.written) == (State.PARTIAL, (SAT,))
