"""A Focus that keeps hundredths of an hour: 7h20 goes out as 7.3333, and 7.33 is what comes back."""

from __future__ import annotations

import asyncio
import math
from decimal import Decimal

import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from store import Store
from store.access import Action
from store.act import State
from tests.asking import ANA, FRI, SAT, Asker, calls, in_focus

DAYS = {SAT: "3.6667", FRI: "7.3333"}
BEFORE, AFTER = "8 8 8 8 8 - -", "8 8 8 8 7.33 3.67 -"


@pytest.fixture
async def olivia(store: Store, clock: Clock, focus: Focus) -> Asker:
    """An admin of a deployment that has never written anything."""
    focus.options.decimals = 2
    return Asker(store, clock)


async def test_the_first_write_is_no_proof_of_anything_else(olivia: Asker, focus: Focus) -> None:
    """Nothing is locked, the cache has what Focus has, and Undo finds nobody else's change there."""
    change = await olivia.sets(ANA, DAYS)
    assert (change.state, in_focus(focus)) == (State.APPLIED, AFTER)
    assert olivia.store.weekdays.lock is None
    assert olivia.store.weekdays.checked == ("POST", "PUT")
    focus.log.clear()
    look = await olivia.store.hours.look(await olivia.permit(Action.SEE, ANA))
    assert (calls(focus), str(look.snapshot.week[FRI]), str(look.snapshot.week[SAT])) == ("", "7.33", "3.67")
    undo = await olivia.undo(change.act_id)
    assert (undo.changes[0].state, in_focus(focus)) == (State.APPLIED, BEFORE)


@pytest.mark.parametrize("kind", [FaultKind.FAIL_AFTER, FaultKind.CUT_AFTER])
async def test_what_worked_without_saying_so_is_recognized(
    olivia: Asker, focus: Focus, kind: FaultKind
) -> None:
    focus.faults.add(Fault(kind, "PUT *", times=1))
    change = await olivia.sets(ANA, DAYS)
    assert (change.state, in_focus(focus), olivia.store.weekdays.lock) == (State.APPLIED, AFTER, None)
    undo = await olivia.undo(change.act_id)
    assert (undo.changes[0].state, in_focus(focus)) == (State.APPLIED, BEFORE)


async def test_what_worked_unseen_is_recognized_later(olivia: Asker, focus: Focus) -> None:
    """Nothing could be read after the call: a look half a minute later is enough."""
    cut = focus.faults.add(Fault(FaultKind.CUT_AFTER, "PUT *", times=1))
    held = focus.faults.add(Fault(FaultKind.SLOW, "PUT *", seconds=math.inf, times=1))
    task = asyncio.create_task(olivia.sets(ANA, DAYS))
    await held.reached.wait()
    refusal = focus.faults.add(Fault(FaultKind.REFUSE, "GET *", status=403))
    focus.faults.remove(held)
    assert (await task).state is State.UNCLEAR
    assert cut.reached.is_set()
    focus.faults.remove(refusal)
    olivia.clock.move(seconds=30)
    (unclear,) = await olivia.due()
    settled = await olivia.settle(unclear)
    assert (settled.state, in_focus(focus), olivia.store.weekdays.lock) == (State.APPLIED, AFTER, None)


async def test_another_minute_is_another_change(olivia: Asker, focus: Focus) -> None:
    change = await olivia.sets(ANA, DAYS)
    focus.put_rows("user", ANA.id, {5: Decimal("7.35")})
    undo = await olivia.undo(change.act_id)
    assert (undo.changes[0].state, in_focus(focus)) == (State.CONFLICT, "8 8 8 8 7.35 3.67 -")
