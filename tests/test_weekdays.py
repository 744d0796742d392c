"""Nothing is written until the weekday numbers are proven, and nothing any more once they are doubted."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from bot.sandbox.calls import Call
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from store import Store
from store.access import Action
from store.act import State
from store.focus import ImpossibleWeekdayError, Numbering
from store.weekdays import Lock, WritesLockedError
from tests.asking import ANA, BEN, FRI, MON, SAT, SUN, TUE, WED, Asker, calls, in_focus, pattern
from tests.conftest import OpenStore

WEEK = "8 8 8 8 8 - -"


@pytest.fixture
def olivia(store: Store, clock: Clock) -> Asker:
    return Asker(store, clock)


async def test_unproven_numbers_are_read_but_not_written(
    open_store: OpenStore, clock: Clock, focus: Focus
) -> None:
    """Until an admin has confirmed them; the confirmation is heard by every process, and outlives them."""
    store, other = await open_store(weekdays=None), await open_store(weekdays=None)
    olivia = Asker(store, clock)
    assert store.weekdays.lock == Lock("unproven")
    look = await store.hours.look(await olivia.permit(Action.SEE, ANA))
    assert look.snapshot.week[FRI] == 8
    with pytest.raises(WritesLockedError):
        await olivia.sets(ANA, {FRI: 4})
    assert (calls(focus), await olivia.rows("SELECT * FROM acts")) == ("GET", [])
    await other.weekdays.confirm(Numbering.SUNDAY0, by="U0OLIVIA", now=clock.now())
    assert (await olivia.sets(ANA, {FRI: 4})).state is State.APPLIED
    assert (await open_store(weekdays=None)).weekdays.lock is None


@pytest.mark.parametrize("numbering", Numbering)
async def test_each_numbering_writes_the_day_that_was_meant(
    open_store: OpenStore, clock: Clock, focus: Focus, numbering: Numbering
) -> None:
    focus.options.numbering = numbering.value
    olivia = Asker(await open_store(weekdays=numbering), clock)
    await olivia.sets(ANA, {SUN: 2, MON: 7, TUE: None})
    assert in_focus(focus) == "7 - 8 8 8 - 2"


async def test_a_guess_is_read_by_until_it_is_confirmed(
    open_store: OpenStore, clock: Clock, focus: Focus
) -> None:
    """Readings are kept with Focus's own numbers: what was read before the guess is right after it."""
    focus.options.numbering = "monday0"
    store = await open_store(weekdays=None)
    see = await Asker(store, clock).permit(Action.SEE, ANA)
    assert (await store.hours.look(see)).snapshot.week[MON] == 8, "read as Tuesday's"
    vote = await store.hours.vote()
    assert vote.best is Numbering.MONDAY0
    await store.weekdays.guess(vote.best, now=clock.now())
    assert (await store.hours.look(see)).snapshot.week.worked_days == (MON, TUE, WED, WED + 1, FRI)
    assert store.weekdays.lock == Lock("unproven")
    example = await store.hours.example(Numbering.MONDAY0)
    assert example is not None
    assert example[0] == ANA
    assert calls(focus) == "GET"


async def test_a_number_that_cannot_be_locks_all_writing(
    open_store: OpenStore, clock: Clock, focus: Focus
) -> None:
    """Nothing is written, every process stops, admins are told; until somebody has looked."""
    focus.options.numbering = "iso"
    focus.put_rows("user", 501, {7: Decimal(2)})
    store, other = await open_store(weekdays=Numbering.MONDAY0), await open_store(weekdays=Numbering.MONDAY0)
    olivia = Asker(store, clock)
    change = await olivia.sets(ANA, {FRI: 4})
    assert change.trouble is not None
    assert (change.state, change.trouble.code, calls(focus)) == (State.FAILED, "impossible", "GET")
    assert store.weekdays.lock == Lock("impossible", "7")
    assert ("alert", "U0OLIVIA") in await olivia.told()
    for process in (store, other):
        with pytest.raises(WritesLockedError):
            await Asker(process, clock).sets(BEN, {FRI: 4})
    with pytest.raises(ImpossibleWeekdayError):
        await store.hours.look(await olivia.permit(Action.SEE, ANA))
    await store.weekdays.unlock(by="U0OLIVIA", now=clock.now())
    assert (await Asker(other, clock).sets(BEN, {TUE: 4})).state is State.APPLIED


async def test_before_the_first_write_everybodys_weeks_are_weighed(
    open_store: OpenStore, clock: Clock, focus: Focus
) -> None:
    """The one just read among them: a deployment that has just started knows no other, and must not wait."""
    focus.options.numbering = "monday0"
    store = await open_store(weekdays=Numbering.SUNDAY0)
    olivia = Asker(store, clock)
    change = await olivia.sets(ANA, {FRI: 4})
    assert change.trouble is not None
    assert (change.state, change.trouble.code, calls(focus)) == (State.FAILED, "locked", "GET")
    assert store.weekdays.lock is not None
    assert store.weekdays.lock.code == "doubted"
    assert ("alert", "U0OLIVIA") in await olivia.told()
    await store.weekdays.unlock(by="U0OLIVIA", now=clock.now())
    assert (await olivia.again(change)).state is State.APPLIED, "it is the admin's to decide, and only once"


@pytest.mark.parametrize("setting", [Numbering.SUNDAY0, Numbering.MONDAY0])
@pytest.mark.parametrize("reader", ["look", "refresh", "board", "last_known", "vote", "set"])
async def test_whoever_meets_a_number_that_cannot_be_stops_all_writing(
    open_store: OpenStore, clock: Clock, focus: Focus, reader: str, setting: Numbering
) -> None:
    """What was read before the setting counts, too; so does a 7 in ``sunday0``, though it is read."""
    focus.options.numbering = "iso"
    focus.put_rows("user", 501, {7: Decimal(2)})
    unset, store = await open_store(weekdays=None), await open_store(weekdays=setting)
    olivia = Asker(store, clock)
    see = await olivia.permit(Action.SEE, ANA)
    if reader in {"board", "last_known", "vote"}:
        await unset.hours.refresh([see], at_most=1)
        assert unset.weekdays.lock == Lock("unproven")
    readers: dict[str, Callable[[], Awaitable[object]]] = {
        "look": lambda: store.hours.look(see),
        "refresh": lambda: store.hours.refresh([see], at_most=1),
        "board": lambda: store.hours.board([see]),
        "last_known": lambda: store.hours.last_known(see),
        "vote": store.hours.vote,
        "set": lambda: olivia.sets(ANA, {FRI: 4}),
    }
    twice = await asyncio.gather(readers[reader](), readers[reader](), return_exceptions=True)
    if setting is Numbering.SUNDAY0:
        assert not [each for each in twice if isinstance(each, ImpossibleWeekdayError)]
    assert store.weekdays.lock == Lock("impossible", "7")
    assert "PUT" not in calls(focus)
    assert len(await olivia.rows("SELECT * FROM outbox WHERE kind = 'alert'")) == 1
    with pytest.raises(WritesLockedError):
        await olivia.sets(BEN, {TUE: 4})


async def test_what_was_read_before_an_admin_has_looked_locks_no_more(
    open_store: OpenStore, clock: Clock, focus: Focus
) -> None:
    """The row is mended in Focus; if it is not, the next one who reads it locks again, and that is told."""
    focus.options.numbering = "iso"
    focus.put_rows("user", 501, {7: Decimal(2)})
    store = await open_store()
    olivia = Asker(store, clock)
    see = await olivia.permit(Action.SEE, ANA)
    await store.hours.look(see)
    clock.move(seconds=60)
    await store.weekdays.unlock(by="U0OLIVIA", now=clock.now())
    await store.hours.board([see])
    assert store.weekdays.lock is None
    clock.move(seconds=60)
    await store.hours.refresh([see], at_most=1)
    assert store.weekdays.lock == Lock("impossible", "7")
    assert len(await olivia.rows("SELECT * FROM outbox WHERE kind = 'alert'")) == 2


@pytest.mark.parametrize("days", [{FRI: 4}, {FRI: 4, SAT: 3}, {FRI: 4, SAT: 3, MON: None}])
@pytest.mark.parametrize("kind", [None, FaultKind.CUT_AFTER])
async def test_a_put_that_drops_other_days_is_put_back_at_once(
    olivia: Asker, focus: Focus, days: dict[object, object], kind: FaultKind | None
) -> None:
    """The first of its kind is read back: the week is as before, writing is locked, admins are told."""
    focus.options.put_replaces = True
    if kind:
        focus.faults.add(Fault(kind, "PUT *", times=1))
    change = await olivia.sets(ANA, days)  # type: ignore[arg-type]  # parametrize knows no types
    assert change.trouble is not None
    assert (change.state, change.trouble.code, in_focus(focus)) == (State.FAILED, "moved", WEEK)
    assert change.trouble.description.split()[-1] == ("Sat" if SAT in days else "Thu")
    assert change.written == ()
    lock = olivia.store.weekdays.lock
    assert lock is not None
    assert lock.code == "moved"
    assert {("alert", "U0OLIVIA"), ("receipt", "U0OLIVIA")} <= await olivia.told()
    assert await olivia.rows("SELECT * FROM claims") == []


async def test_what_cannot_be_put_back_is_said(olivia: Asker, focus: Focus) -> None:
    focus.options.put_replaces = True
    focus.faults.add(Fault(FaultKind.REFUSE, "POST *", status=403))
    change = await olivia.sets(ANA, {FRI: 4})
    assert change.trouble is not None
    assert (change.state, change.trouble.code) == (State.PARTIAL, "moved_stuck")
    assert in_focus(focus) == "- - - - 8 - -"


async def test_a_lock_stops_the_rest_of_the_act(olivia: Asker, focus: Focus) -> None:
    """Of several subjects only the first was touched, and put back."""
    focus.options.put_replaces = True
    wishes = [await olivia.wish(subject, pattern({TUE: 1})) for subject in (ANA, BEN)]
    act = await olivia.store.hours.change(olivia.request(), *wishes)
    troubles = [change.trouble.code for change in act.changes if change.trouble]
    assert troubles == ["moved", "locked"]
    assert (in_focus(focus), in_focus(focus, BEN)) == (WEEK, "8.5 8.5 4 - - - -")


async def test_a_lock_of_another_process_is_heard_before_the_next_subject(
    olivia: Asker, open_store: OpenStore, focus: Focus
) -> None:
    other = await open_store()
    slow = focus.faults.add(Fault(FaultKind.SLOW, "PUT *", seconds=math.inf))
    wishes = [await olivia.wish(subject, pattern({TUE: 1})) for subject in (ANA, BEN)]
    task = asyncio.create_task(olivia.store.hours.change(olivia.request(), *wishes))
    await slow.reached.wait()
    await other.weekdays.lock_writes(Lock("moved", "Thu"), now=olivia.clock.now())
    focus.faults.remove(slow)
    assert [change.state for change in (await task).changes] == [State.APPLIED, State.FAILED]
    assert in_focus(focus, BEN) == "8.5 8.5 4 - - - -"


async def test_waiting_changes_stay_while_writing_is_locked(olivia: Asker, focus: Focus) -> None:
    fault = focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "GET *"))
    waiting = await olivia.sets(ANA, {FRI: 4})
    focus.faults.remove(fault)
    await olivia.store.weekdays.lock_writes(Lock("moved", "Thu"), now=olivia.clock.now())
    with pytest.raises(WritesLockedError):
        await olivia.resume(waiting)
    await olivia.store.weekdays.unlock(by="U0OLIVIA", now=olivia.clock.now())
    assert (await olivia.resume(waiting)).state is State.APPLIED


async def test_a_proof_that_could_not_be_read_is_asked_for_again(olivia: Asker, focus: Focus) -> None:
    """The call is done all the same; the next of its kind is read back."""
    refusal = Fault(FaultKind.REFUSE, "GET *", status=403, times=1)

    def refuse_to_show(call: Call) -> None:
        if call.name.startswith("POST") and not refusal.reached.is_set():
            focus.faults.add(refusal)

    focus.log.subscribe(refuse_to_show)
    assert (await olivia.sets(ANA, {SAT: 4})).state is State.APPLIED
    assert not olivia.store.weekdays.proved("POST")
    await olivia.sets(BEN, {SAT: 4})
    assert olivia.store.weekdays.proved("POST")
    assert calls(focus) == "GET POST GET GET POST GET"
