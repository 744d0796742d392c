"""A process may die between any two steps of a change: another finds out what became of it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from store import Store
from store.act import Act, Change, Kind, Place, State, StepState
from store.changing import NotCurrentError, SubjectBusyError
from store.database import DatabaseBusyError
from store.journal import ActOverError
from store.weekdays import Lock
from tests.asking import ANA, BEN, FRI, MON, SAT, Asker, calls, in_focus, of, pattern
from tests.conftest import OpenStore
from tests.inside import database

BEFORE, AFTER = "8 8 8 8 8 - -", "6 8 8 8 - 4 -"
DAYS: dict[Any, object] = {SAT: 4, MON: 6, FRI: None}  # a POST, a PUT and a DELETE


@dataclass(slots=True)
class Fate:
    """Ends a store's process at one of its transactions: just before it, or just after."""

    store: Store
    at: int
    after: bool
    ends_with: Callable[[], BaseException] = asyncio.CancelledError
    met: bool = False

    def __enter__(self) -> Self:
        kept_in = database(self.store)
        write, left = kept_in.write, self.at

        async def fateful(job: Callable[..., Any]) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                self.met = True
                if self.after:
                    await write(job)
                raise self.ends_with()
            return await write(job)

        vars(kept_in)["write"] = fateful
        return self

    def __exit__(self, *_: object) -> None:
        del vars(database(self.store))["write"]


async def recover(asker: Asker) -> None:
    """What the clockwork of a living process does, until nothing is under way any more."""
    for _ in range(5):
        for change in await asker.due():
            waits = change.state is State.WAITING
            await (asker.resume(change) if waits else asker.settle(change))
        asker.clock.move(seconds=31)
        await asker.store.claims.heartbeat(asker.clock.now())


async def check(asker: Asker, focus: Focus) -> Change | None:
    """The journal agrees with Focus, no day has two rows, nothing is claimed, and somebody was told."""
    week = in_focus(focus)
    assert len(focus.rows("user", 501)) == len(focus.week("user", 501)), "a day has two rows"
    assert await asker.rows("SELECT * FROM claims") == []
    newest = await asker.rows("SELECT act_id, state FROM acts ORDER BY rowid DESC LIMIT 1")
    if not newest or newest[0]["state"] != "open":
        assert week == BEFORE
        return None
    act = await asker.get(newest[0]["act_id"])
    (change,) = act.changes
    assert change.state in {State.APPLIED, State.PARTIAL, State.FAILED}
    assert (change.state is State.APPLIED) == (week == AFTER)
    if change.state is State.FAILED:
        assert week == BEFORE
    there = dict(zip(DAYS, parts(week), strict=True))
    if change.state is State.PARTIAL:
        assert set(change.written) == {day for day, now in there.items() if now}
    for step in change.steps:  # a call that worked is known to have worked, though others did not
        assert (step.state in {StepState.DONE, StepState.FOUND}) == all(there[day] for day in step.days)
    messages = await asker.rows("SELECT * FROM outbox")
    assert act.id in {message["about"] for message in messages}
    return change


def parts(week: str) -> list[bool]:
    """Whether Saturday, Monday and Friday are as wanted."""
    now, wanted = week.split(), AFTER.split()
    return [now[day] == wanted[day] for day in (5, 0, 4)]


@pytest.mark.parametrize("proven", [True, False], ids=["steady", "first calls"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_killed_at_every_transaction(
    open_store: OpenStore, clock: Clock, focus: Focus, *, after: bool, proven: bool
) -> None:
    """Each time another process leaves journal and Focus agreeing, and *Finish* ends where it should."""
    endings = set()
    for at in range(1, 30):
        focus.reset()
        doomed = Asker(await open_store(), clock)
        for verb in ("POST", "PUT", "DELETE") if proven else ():
            await doomed.store.weekdays.prove(verb, now=clock.now())
        with Fate(doomed.store, at, after=after) as fate:
            act = await asyncio.gather(doomed.act(ANA, DAYS), return_exceptions=True)
        if not fate.met:
            assert isinstance(act[0], Act)
            break
        clock.move(seconds=31)
        heir = Asker(await open_store(), clock)
        await recover(heir)
        if change := await check(heir, focus):
            endings.add(change.state)
            if change.state is not State.APPLIED:
                assert (await heir.again(change)).state is State.APPLIED
            await heir.undo(change.act_id)
            assert in_focus(focus) == BEFORE
        await heir.store.weekdays.unlock(by="U0OLIVIA", now=clock.now())
    else:
        pytest.fail("a change has fewer transactions")
    assert endings == {State.APPLIED, State.PARTIAL, State.FAILED}


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("lands", ["never", "at once", "between the looks"])
async def test_killed_while_a_call_is_with_focus(
    open_store: OpenStore, clock: Clock, focus: Focus, verb: str, lands: str
) -> None:
    """A call that lands late is found, and one that is lost is not repeated."""
    olivia = Asker(await open_store(), clock)
    slow = focus.faults.add(Fault(FaultKind.SLOW, f"{verb} *", seconds=math.inf, times=1))
    if lands == "never":
        focus.faults.add(Fault(FaultKind.CUT_BEFORE, f"{verb} *", times=1))
    task = asyncio.create_task(olivia.act(ANA, DAYS))
    await slow.reached.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    async def let_go() -> None:
        focus.faults.remove(slow)
        await focus.log.wait_for(lambda call: call.name.startswith(verb) and bool(call.fault))

    if lands != "between the looks":
        await let_go()
    clock.move(seconds=31)
    heir = Asker(await open_store(), clock)
    (left,) = await heir.due()
    assert left.state is State.STARTED
    found = await heir.settle(left)
    if lands == "between the looks":
        await let_go()
    await recover(heir)
    change = await check(heir, focus)
    assert change is not None
    if verb == "GET":
        assert found.state is State.FAILED, "nothing had been sent"
    elif lands == "never" and verb != "POST":
        assert change.state is State.PARTIAL
    assert (await heir.again(change)).state is State.APPLIED if change.state is not State.APPLIED else True
    assert in_focus(focus) == AFTER
    assert focus.log.count("focus", "POST") <= 2


@pytest.mark.parametrize("days", [{MON: 6}, {MON: 6, SAT: 4}, {MON: 6, FRI: None}])
async def test_killed_inside_the_first_put_of_a_focus_that_drops_other_days(
    store: Store, open_store: OpenStore, clock: Clock, focus: Focus, days: dict[Any, object]
) -> None:
    """The crash came before the week was read back: the next process puts it back, and locks."""
    focus.options.put_replaces = True
    doomed = Asker(store, clock)
    slow = focus.faults.add(Fault(FaultKind.SLOW, "PUT *", seconds=math.inf))
    task = asyncio.create_task(doomed.sets(ANA, days))
    await slow.reached.wait()
    task.cancel()
    focus.faults.remove(slow)
    await focus.log.wait_for(lambda call: call.name.startswith("PUT"))
    clock.move(seconds=31)
    heir = Asker(await open_store(), clock)
    (left,) = await heir.due()
    await recover(heir)
    change = of(await heir.get(left.act_id), left)
    assert change.trouble is not None
    assert (change.state, change.trouble.code, in_focus(focus)) == (State.FAILED, "moved", BEFORE)
    assert heir.store.weekdays.lock == Lock("moved", change.trouble.description)
    assert {("alert", "U0OLIVIA"), ("receipt", "U0OLIVIA")} <= await heir.told()


async def test_what_others_changed_since_a_crash_is_theirs_once_the_calls_are_proven(
    store: Store, open_store: OpenStore, clock: Clock, focus: Focus
) -> None:
    doomed = Asker(store, clock)
    slow = focus.faults.add(Fault(FaultKind.SLOW, "PUT *", seconds=math.inf))
    heir = Asker(await open_store(), clock)
    task = asyncio.create_task(doomed.sets(ANA, {MON: 6}))
    await slow.reached.wait()
    task.cancel()
    focus.faults.remove(slow)
    await focus.log.wait_for(lambda call: call.name.startswith("PUT"))
    await (third := await open_store()).weekdays.prove("PUT", now=clock.now())
    assert not heir.store.weekdays.proved("PUT"), "another process has found it out"
    focus.put_rows("user", 501, {3: 5})
    clock.move(seconds=31)
    await recover(heir)
    assert in_focus(focus) == "6 8 5 8 8 - -"
    assert third.weekdays.lock is heir.store.weekdays.lock is None


async def test_what_an_error_leaves_behind_is_looked_after(store: Store, clock: Clock, focus: Focus) -> None:
    """Without a restart: the process that met the error finds out itself."""
    olivia = Asker(store, clock)
    for at in range(1, 30):
        focus.reset()
        busy = Fate(store, at, after=False, ends_with=lambda: DatabaseBusyError("locked"))
        with busy:
            (answer,) = await asyncio.gather(olivia.act(ANA, DAYS), return_exceptions=True)
        if not busy.met:
            break
        assert isinstance(answer, DatabaseBusyError)
        await recover(olivia)
        await check(olivia, focus)


async def test_killed_while_it_looks_again(
    store: Store, open_store: OpenStore, clock: Clock, focus: Focus
) -> None:
    """Between claiming an unclear change and saying what became of it: the next one looks twice."""
    focus.faults.add(Fault(FaultKind.CUT_BEFORE, "POST *", times=1))
    unclear = await Asker(store, clock).sets(ANA, {SAT: 4})
    clock.move(seconds=31)
    doomed = Asker(await open_store(), clock)
    with Fate(doomed.store, 1, after=True):
        await asyncio.gather(doomed.settle(unclear), return_exceptions=True)
    clock.move(seconds=31)
    heir = Asker(await open_store(), clock)
    (left,) = await heir.due()
    assert (await heir.settle(left)).state is State.UNCLEAR
    await recover(heir)
    (ended,) = (await heir.get(unclear.act_id)).changes
    assert ended.state is State.FAILED


async def test_nobody_takes_what_is_being_worked_on(
    store: Store, open_store: OpenStore, clock: Clock, focus: Focus
) -> None:
    """Not the same process, nor another while the first is alive; the act's later changes neither."""
    olivia, other = Asker(store, clock), Asker(await open_store(), clock)
    slow = focus.faults.add(Fault(FaultKind.SLOW, "POST *", seconds=math.inf))
    wishes = [await olivia.wish(subject, pattern({SAT: 4})) for subject in (ANA, BEN)]
    task = asyncio.create_task(store.hours.change(olivia.request(), *wishes))
    await slow.reached.wait()
    under_way = [
        await other.store.journal.change(row["change_id"])
        for row in await olivia.rows("SELECT change_id FROM changes ORDER BY rowid")
    ]
    assert [change and change.state for change in under_way] == [State.STARTED, State.WAITING]
    assert [await asker.due() for asker in (olivia, other)] == [(), ()]
    for asker in (olivia, other):
        with pytest.raises(SubjectBusyError):
            await asker.settle(under_way[0])  # type: ignore[arg-type]  # it is there
    focus.faults.remove(slow)
    assert [change.state for change in (await task).changes] == [State.APPLIED] * 2


async def test_two_processes_do_not_double_a_day(
    store: Store, open_store: OpenStore, clock: Clock, focus: Focus
) -> None:
    """Focus takes a second POST for a day, or not: there is none. The later one waits for its turn."""
    first, second = Asker(store, clock), Asker(await open_store(), clock)
    slow = focus.faults.add(Fault(FaultKind.SLOW, "POST *", seconds=math.inf))
    task = asyncio.create_task(first.sets(ANA, {SAT: 4}))
    await slow.reached.wait()
    waiting = await second.sets(ANA, {SAT: 4})
    assert waiting.trouble is not None
    assert (waiting.state, waiting.trouble.code) == (State.WAITING, "busy")
    with pytest.raises(SubjectBusyError):
        await second.resume(waiting)
    focus.faults.remove(slow)
    assert (await task).state is State.APPLIED
    clock.move(seconds=3)
    assert [change.id for change in await second.due()] == [waiting.id]
    assert (await second.resume(waiting)).state is State.UNCHANGED
    assert focus.log.count("focus", "POST") == 1


async def test_a_process_that_slept_too_long_writes_nothing(
    store: Store, open_store: OpenStore, clock: Clock, focus: Focus
) -> None:
    """Its claim was taken over meanwhile: what the other has found out stands."""
    sleeper = Asker(store, clock)
    slow = focus.faults.add(Fault(FaultKind.SLOW, "GET *", seconds=math.inf, times=1))
    task = asyncio.create_task(sleeper.sets(ANA, {SAT: 4}))
    await slow.reached.wait()
    clock.move(seconds=31)
    heir = Asker(await open_store(), clock)
    (left,) = await heir.due()
    assert (await heir.settle(left)).state is State.FAILED
    focus.faults.remove(slow)
    assert (await task).state is State.FAILED
    assert in_focus(focus) == BEFORE
    assert calls(focus) == "GET"


async def test_any_process_goes_on_with_what_is_settled(
    store: Store, open_store: OpenStore, clock: Clock, focus: Focus
) -> None:
    """A button may arrive anywhere, though the process that made the message lives."""
    focus.faults.add(Fault(FaultKind.REFUSE, "PUT *", status=403, times=1))
    partial = await Asker(store, clock).sets(ANA, {SAT: 4, MON: 6})
    other = Asker(await open_store(), clock)
    both = await asyncio.gather(other.again(partial), other.again(partial), return_exceptions=True)
    (done,) = [each for each in both if isinstance(each, Change)]
    assert done.state is State.APPLIED
    (late,) = [each for each in both if each is not done]
    assert isinstance(late, SubjectBusyError | NotCurrentError)


async def test_a_machine_that_slept_goes_on_with_what_it_had_received(store: Store, clock: Clock) -> None:
    """Its own sign of life is late, and yet it lives: nobody hears that nothing was done."""
    await store.journal.receive(
        "mine", actor="U0OLIVIA", kind=Kind.SET, request={}, place=Place("dm"), now=clock.now()
    )
    clock.move(seconds=300)
    assert await store.journal.tell_interrupted(clock.now()) == ()
    asker = Asker(store, clock)
    act = await store.hours.change(asker.request("mine"), await asker.wish(ANA, pattern({FRI: 4})))
    assert [change.state for change in act.changes] == [State.APPLIED]


async def test_interrupted_requests_are_told_of_once(
    store: Store, open_store: OpenStore, clock: Clock
) -> None:
    """Received, and no change begun: the actor hears that nothing was changed, from one process only."""
    asked, now = {"text": "set fri 4"}, clock.now()
    for act_id in ("lost", "answered", "done"):
        await store.journal.receive(
            act_id, actor="U0ANA", kind=Kind.SET, request=asked, place=Place("dm"), now=now
        )
    await store.journal.drop("answered")
    asker = Asker(store, clock)
    wish = await asker.wish(ANA, pattern({FRI: 4}))
    await store.hours.change(asker.request("done"), wish)
    heirs = [await open_store(), await open_store()]
    assert await heirs[0].journal.tell_interrupted(clock.now()) == ()
    clock.move(seconds=31)
    told = [
        *await heirs[0].journal.tell_interrupted(clock.now()),
        *await heirs[1].journal.tell_interrupted(clock.now()),
    ]
    assert [(act.id, act.request) for act in told] == [("lost", asked)]
    assert ("restarted", "U0ANA") in await asker.told()
    with pytest.raises(ActOverError):
        await store.hours.change(asker.request("lost"), wish)
    with pytest.raises(ActOverError):
        await store.hours.change(asker.request("done"), wish)


async def test_an_interrupted_request_is_taken_up_once_and_not_lost_again(
    store: Store, open_store: OpenStore, clock: Clock
) -> None:
    place, asked = Place("dm"), {"text": "set fri 4"}
    await store.journal.receive(
        "lost", actor="U0ANA", kind=Kind.SET, request=asked, place=place, now=clock.now()
    )
    heirs = [await open_store(), await open_store()]
    clock.move(seconds=31)
    (lost,) = await heirs[0].journal.tell_interrupted(clock.now())
    taken = await asyncio.gather(
        *(
            heir.journal.take_up(lost, again=name, place=place, now=clock.now())
            for heir, name in zip(heirs, ("first", "second"), strict=True)
        )
    )
    assert sorted(taken) == [False, True]
    clock.move(seconds=31)  # whoever took it up has died, too
    (again,) = await (await open_store()).journal.tell_interrupted(clock.now())
    assert again.id == ("first" if taken[0] else "second")
    assert again.request == asked
