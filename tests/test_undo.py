"""Undo puts back exactly what an act did, once, and never what somebody has changed since."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from store import Store
from store.act import Act, Kind, State
from store.changing import AlreadyUndoneError
from store.hours import NotCurrentError
from tests.asking import ANA, BEN, FRI, MIA, MON, SAT, SUN, TUE, WED, Asker, in_focus, pattern
from tests.conftest import OpenStore


@pytest.fixture
def olivia(store: Store, clock: Clock) -> Asker:
    return Asker(store, clock)


def only(act: Act) -> State:
    (change,) = act.changes
    return change.state


async def test_undo_and_redo_restore_every_digit(olivia: Asker, focus: Focus) -> None:
    """Days that were not set are not set again, hours are as Focus had written them."""
    focus.put_rows("user", 504, {2: Decimal("8.50"), 3: Decimal("7.30000000000000000001")})
    before, ids = in_focus(focus, MIA), {row.weekday: row.id for row in focus.rows("user", 504)}
    change = await olivia.sets(MIA, {MON: 8, TUE: 6, WED: 1, SAT: None, SUN: "0.01"})
    after = in_focus(focus, MIA)
    undo = await olivia.undo(change.act_id)
    assert (undo.kind, only(undo), in_focus(focus, MIA)) == (Kind.UNDO, State.APPLIED, before)
    assert "8.50" in before
    assert {row.weekday: row.id for row in focus.rows("user", 504)}.items() >= {(2, ids[2]), (3, ids[3])}
    redo = await olivia.undo(undo.id)
    assert (redo.kind, only(redo), in_focus(focus, MIA)) == (Kind.REDO, State.APPLIED, after)
    await olivia.undo(redo.id)
    assert in_focus(focus, MIA) == before


async def test_two_presses_at_once_are_one_undo(olivia: Asker, focus: Focus, open_store: OpenStore) -> None:
    """In one process or in two: the second presser reads who was faster."""
    other = Asker(await open_store(), olivia.clock, "U0OLIVIA")
    change = await olivia.sets(ANA, {SAT: 4})
    after = focus.log.total
    presses = await asyncio.gather(
        olivia.undo(change.act_id),
        olivia.undo(change.act_id),
        other.undo(change.act_id),
        return_exceptions=True,
    )
    (undo,) = (each for each in presses if isinstance(each, Act))
    late = [each for each in presses if isinstance(each, AlreadyUndoneError)]
    assert [(each.act.undone_by, each.act.undone_by_actor) for each in late] == [(undo.id, "U0OLIVIA")] * 2
    assert focus.log.count("focus", "DELETE", after=after) == 1
    assert in_focus(focus) == "8 8 8 8 8 - -"


async def test_what_somebody_changed_since_is_not_undone(olivia: Asker, focus: Focus) -> None:
    """Nothing is written; the act can be undone again, or theirs written over."""
    change = await olivia.sets(ANA, {MON: 4, TUE: 4})
    focus.put_rows("user", 501, {2: Decimal(5)})
    undo = await olivia.undo(change.act_id)
    assert (only(undo), in_focus(focus)) == (State.CONFLICT, "4 5 8 8 8 - -")
    assert (await olivia.get(change.act_id)).undone_by is None
    assert (await olivia.overwrite(undo.changes[0])).state is State.APPLIED
    assert in_focus(focus) == "8 8 8 8 8 - -"
    assert (await olivia.get(change.act_id)).undone_by == undo.id


async def test_overwriting_in_an_undo_that_another_undo_has_passed(olivia: Asker, focus: Focus) -> None:
    change = await olivia.sets(ANA, {MON: 4})
    focus.put_rows("user", 501, {1: Decimal(5)})
    stuck = await olivia.undo(change.act_id)
    focus.put_rows("user", 501, {1: Decimal(4)})
    await olivia.undo(change.act_id)
    with pytest.raises(AlreadyUndoneError):
        await olivia.overwrite(stuck.changes[0])
    assert in_focus(focus) == "8 8 8 8 8 - -"
    assert await olivia.rows("SELECT * FROM claims") == []


async def test_an_undo_that_fails_can_be_pressed_again(olivia: Asker, focus: Focus) -> None:
    change = await olivia.sets(ANA, {MON: 4})
    focus.faults.add(Fault(FaultKind.REFUSE, "PUT *", status=403, times=1))
    assert only(await olivia.undo(change.act_id)) is State.FAILED
    assert only(await olivia.undo(change.act_id)) is State.APPLIED
    assert in_focus(focus) == "8 8 8 8 8 - -"


async def test_what_is_back_already_counts_as_undone(olivia: Asker, focus: Focus) -> None:
    """Or ``/hours undo`` would offer the same act for ever and never reach the one before."""
    first = await olivia.sets(ANA, {TUE: 4})
    second = await olivia.sets(ANA, {MON: 4})
    focus.put_rows("user", 501, {1: Decimal(8)})
    assert only(await olivia.undo(second.act_id)) is State.UNCHANGED
    latest = await olivia.store.journal.latest_to_undo("U0OLIVIA", olivia.clock.now())
    assert latest is not None
    assert latest.id == first.act_id


async def test_undo_of_what_was_written_in_part_puts_only_that_back(olivia: Asker, focus: Focus) -> None:
    focus.faults.add(Fault(FaultKind.REFUSE, "PUT *", status=403, times=1))
    change = await olivia.sets(ANA, {SAT: 4, MON: 6})
    assert (change.state, change.written, in_focus(focus)) == (State.PARTIAL, (SAT,), "8 8 8 8 8 4 -")
    focus.put_rows("user", 501, {1: Decimal(1)})
    assert only(await olivia.undo(change.act_id)) is State.APPLIED
    assert in_focus(focus) == "1 8 8 8 8 - -"


async def test_what_a_cancelled_change_has_written_can_be_undone(olivia: Asker, focus: Focus) -> None:
    focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "PUT *", times=1))
    change = await olivia.sets(ANA, {SAT: 4, MON: 6})
    assert change.state is State.WAITING
    with pytest.raises(NotCurrentError):
        await olivia.undo(change.act_id)
    (ended,) = (await olivia.store.hours.give_up(change)).changes
    assert (ended.state, ended.written) == (State.PARTIAL, (SAT,))
    await olivia.undo(change.act_id)
    assert in_focus(focus) == "8 8 8 8 8 - -"


async def test_several_subjects_are_put_back_together(olivia: Asker, focus: Focus) -> None:
    wishes = [await olivia.wish(subject, pattern({FRI: 1})) for subject in (ANA, BEN)]
    act = await olivia.store.hours.change(olivia.request(), *wishes)
    assert [in_focus(focus, each) for each in (ANA, BEN)] == ["8 8 8 8 1 - -", "8.5 8.5 4 - 1 - -"]
    undo = await olivia.undo(act.id)
    assert [change.state for change in undo.changes] == [State.APPLIED] * 2
    assert [in_focus(focus, each) for each in (ANA, BEN)] == ["8 8 8 8 8 - -", "8.5 8.5 4 - - - -"]


async def test_latest_is_mine_within_a_day_and_no_undo(olivia: Asker) -> None:
    journal = olivia.store.journal
    first, second = await olivia.sets(ANA, {MON: 4}), await olivia.sets(ANA, {TUE: 4})
    for expected in (second, first):
        latest = await journal.latest_to_undo("U0OLIVIA", olivia.clock.now())
        assert latest is not None
        assert latest.id == expected.act_id
        await olivia.undo(latest.id)
    assert await journal.latest_to_undo("U0OLIVIA", olivia.clock.now()) is None
    third = await olivia.sets(ANA, {WED: 4})
    assert await journal.latest_to_undo("U0ANA", olivia.clock.now()) is None
    assert await journal.latest_to_undo("U0OLIVIA", olivia.clock.now()) is not None
    olivia.clock.move(seconds=24 * 3600)
    assert await journal.latest_to_undo("U0OLIVIA", olivia.clock.now()) is None
    assert not (await olivia.get(third.act_id)).undoable(olivia.clock.now())


async def test_latest_is_what_was_written_last_however_long_ago_it_was_asked_for(
    olivia: Asker, focus: Focus
) -> None:
    focus.faults.add(Fault(FaultKind.REFUSE, "PUT *", status=403, times=1))
    old = await olivia.sets(ANA, {SAT: 4, MON: 6})
    olivia.clock.move(seconds=30 * 24 * 3600)
    await olivia.sets(ANA, {WED: 4})
    olivia.clock.move(seconds=1)
    await olivia.again(old)
    latest = await olivia.store.journal.latest_to_undo("U0OLIVIA", olivia.clock.now())
    assert latest is not None
    assert latest.id == old.act_id


async def test_what_wrote_nothing_cannot_be_undone(olivia: Asker, focus: Focus) -> None:
    change = await olivia.sets(ANA, {MON: 8})
    with pytest.raises(NotCurrentError):
        await olivia.undo(change.act_id)
    assert focus.log.count("focus", "GET") == 1


async def test_receipts_follow_an_undo(olivia: Asker) -> None:
    """The undone act's messages are due again, so that they can say who undid it."""
    change = await olivia.sets(ANA, {MON: 4})
    outbox = olivia.store.outbox
    for message in await outbox.take(olivia.clock.now()):
        await outbox.sent(message, channel="D1", ts="1.0")
    undo = await olivia.undo(change.act_id)
    due = await outbox.take(olivia.clock.now())
    assert {(message.about, message.ts) for message in due} == {(change.act_id, "1.0"), (undo.id, None)}
