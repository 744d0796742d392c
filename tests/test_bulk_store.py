"""A queue in the store: who takes it over, what a draft is good for, how long it takes, who waits."""

from __future__ import annotations

import asyncio
import math
from datetime import datetime, timedelta

import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from store import Store
from store.access import Action
from store.act import Act, Kind, State
from store.changing import AlreadyUndoneError, NotCurrentError
from store.drafts import DraftKind, DraftOverError
from store.focus import Budget, OutOfQuotaError, Quota, Spent
from store.trouble import Trouble, TroubleCode
from store.week import Subject
from tests.asking import ANA, FRI, Asker, calls, in_focus, of, pattern
from tests.conftest import OpenStore

PEOPLE = [Subject("person", number) for number in range(501, 508)]


@pytest.fixture
async def olivia(store: Store, clock: Clock) -> Asker:
    for verb in ("POST", "PUT", "DELETE"):
        await store.weekdays.prove(verb, now=clock.now())
    return Asker(store, clock)


async def queue(asker: Asker, *, draft: str | None = None) -> Act:
    wishes = [await asker.wish(subject, pattern({FRI: 1})) for subject in PEOPLE]
    return await asker.store.hours.change(asker.request(), *wishes, kind=Kind.BULK, draft=draft)


async def work_off(asker: Asker) -> None:
    while due := await asker.due():
        for change in due:
            await asker.resume(change)


async def test_a_change_cut_off_before_its_first_call_takes_its_turn_again(
    olivia: Asker, open_store: OpenStore, clock: Clock, focus: Focus
) -> None:
    """Nobody waits for it, so nobody has to press anything; and no week is written twice."""
    act = await queue(olivia)
    first, *_ = await olivia.due()
    slow = focus.faults.add(Fault(FaultKind.SLOW, "GET *", seconds=math.inf, times=1))
    task = asyncio.create_task(olivia.resume(first))
    await slow.reached.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    focus.faults.clear()
    clock.move(seconds=31)
    heir = Asker(await open_store(), clock)
    left, *_ = await heir.due()
    assert (left.id, left.state) == (first.id, State.STARTED)
    await heir.store.hours.settle(left, in_queue=True)
    await work_off(heir)
    act = await heir.get(act.id)
    assert {change.state for change in act.changes} == {State.APPLIED}
    assert sum(call in {"POST", "PUT"} for call in calls(focus).split()) == len(PEOPLE)


async def test_another_attempt_waits_anew_though_the_act_has_not_ended(
    olivia: Asker, clock: Clock, focus: Focus
) -> None:
    """A week is the most that one attempt waits, not all of them together."""
    out = focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "GET *workinghours*"))
    wishes = [await olivia.wish(subject, pattern({FRI: 1})) for subject in PEOPLE[:2]]
    first, _ = (await olivia.store.hours.change(olivia.request(), *wishes)).changes
    focus.faults.remove(out)
    refused = focus.faults.add(Fault(FaultKind.REFUSE, "PUT *users/501", status=403))
    clock.move(seconds=7200)
    failed = await olivia.resume(first)
    assert (failed.state, failed.waits_since) == (State.FAILED, first.waits_since)
    focus.faults.remove(refused)
    focus.faults.add(out)
    waits = await olivia.again(failed)
    assert (waits.state, waits.waits_since) == (State.WAITING, clock.now())


async def test_a_draft_is_carried_out_once_and_with_its_act_or_not_at_all(
    olivia: Asker, clock: Clock
) -> None:
    draft = await olivia.store.drafts.add(
        DraftKind.BULK, owner="U0OLIVIA", body={}, now=clock.now(), lasts=timedelta(days=1)
    )
    act = await queue(olivia, draft=draft)
    kept = await olivia.store.drafts.get(draft)
    assert kept is not None
    assert (kept.state, kept.decided_by) == (f"applied {act.id}", "U0OLIVIA")
    with pytest.raises(DraftOverError):
        await queue(olivia, draft=draft)
    assert len(await olivia.rows("SELECT * FROM acts")) == 1
    with pytest.raises(DraftOverError):
        await queue(olivia, draft="unknown")


async def test_stopped_and_failed_changes_are_finished_others_are_not(olivia: Asker, focus: Focus) -> None:
    act = await queue(olivia)
    focus.faults.add(Fault(FaultKind.REFUSE, "* *users/501", status=403))
    focus.put_rows("user", 502, {5: 1})
    for change in (await olivia.due())[:3]:
        await olivia.resume(change)
    act = await olivia.store.hours.stop(act)
    states = [change.state for change in act.changes]
    assert states == [State.FAILED, State.UNCHANGED, State.APPLIED, *[State.CANCELLED] * 4]
    focus.faults.clear()
    permits = [await olivia.permit(Action.CHANGE, subject) for subject in PEOPLE[:-1]]
    again = await olivia.store.hours.finish(act, permits)
    assert [change.state for change in again.changes].count(State.WAITING) == 4
    await work_off(olivia)
    act = await olivia.get(act.id)
    assert act.changes[-1].state is State.CANCELLED, "who finishes may not change this one"
    assert [in_focus(focus, each).split()[4] for each in PEOPLE[:-1]] == ["1"] * 6
    with pytest.raises(NotCurrentError):
        await olivia.store.hours.finish(act, permits)
    await olivia.undo(act.id)
    permits = [await olivia.permit(Action.CHANGE, subject) for subject in PEOPLE]
    with pytest.raises(AlreadyUndoneError):
        await olivia.store.hours.finish(act, permits)


async def test_of_a_failed_undo_and_another_only_one_is_done(olivia: Asker, focus: Focus) -> None:
    """Whichever is pressed first: to finish the one is to undo, too."""
    act = await queue(olivia)
    await work_off(olivia)
    focus.faults.add(Fault(FaultKind.REFUSE, "* *users*", status=403))
    failed = await olivia.undo(act.id)
    await work_off(olivia)
    focus.faults.clear()
    failed = await olivia.get(failed.id)
    permits = [await olivia.permit(Action.CHANGE, subject) for subject in PEOPLE]
    await olivia.store.hours.finish(failed, permits)
    with pytest.raises(AlreadyUndoneError):
        await olivia.undo(act.id)
    await olivia.store.hours.stop(failed)
    await olivia.undo(act.id)
    with pytest.raises(AlreadyUndoneError) as caught:
        await olivia.store.hours.finish(failed, permits)
    assert caught.value.act.id == act.id
    assert {change.state for change in (await olivia.get(failed.id)).changes} == {State.CANCELLED}


async def test_an_undo_names_whom_its_actor_may_not_change(olivia: Asker, focus: Focus) -> None:
    act = await queue(olivia)
    await work_off(olivia)
    act = await olivia.get(act.id)
    permits = {each: await olivia.permit(Action.CHANGE, each) for each in PEOPLE[1:]}
    undo = await olivia.store.hours.undo(olivia.request(), act, permits)
    await work_off(olivia)
    undo = await olivia.get(undo.id)
    refused = next(change for change in undo.changes if change.subject == ANA)
    assert (refused.state, refused.trouble) == (State.FAILED, Trouble(TroubleCode.NOT_ALLOWED))
    assert not refused.can_finish
    assert in_focus(focus, ANA).split()[4] == "1"
    assert [change.state for change in undo.changes].count(State.APPLIED) == len(PEOPLE) - 1


async def test_a_queue_leaves_room_for_others(olivia: Asker, clock: Clock) -> None:
    """A change of somebody else is due though a long queue began before it."""
    wishes = [await olivia.wish(Subject("person", number), pattern({FRI: 1})) for number in range(1000, 1300)]
    await olivia.store.hours.change(olivia.request(), *wishes)
    clock.move(seconds=1)
    ben = await olivia.store.hours.change(
        olivia.request(), *[await olivia.wish(each, pattern({FRI: 2})) for each in PEOPLE]
    )
    due = await olivia.due()
    assert sum(change.act_id == ben.id for change in due) == len(PEOPLE)


async def test_one_change_of_a_long_act_knows_of_the_others(olivia: Asker) -> None:
    act = await queue(olivia)
    first, *_ = await olivia.due()
    seen = await olivia.store.hours.resume(await olivia.permit(Action.CHANGE, first.subject), first)
    assert len(seen.changes) == 1
    assert (seen.others, seen.others_unsettled) == (6, 6)
    assert seen.queued
    assert not seen.settled
    await work_off(olivia)
    of_last = await olivia.store.journal.act_of(act.changes[-1])
    assert of_last.settled
    assert of(of_last, act.changes[-1]).state is State.APPLIED


# ------------------------------------------------------------------ how long it takes


def budget(clock: Clock, told: Quota | None = None, *, hourly: int = 30) -> Budget:
    said = told or Quota(as_of=clock.now())
    return Budget(lambda: said, spent=Spent(), clock=clock, hourly=hourly, reserve=0.2)


def quota(clock: Clock, remaining: int, *, minutes: float = 30) -> Quota:
    now = clock.now()
    return Quota(remaining=remaining, resets_at=now + timedelta(minutes=minutes), as_of=now)


@pytest.mark.parametrize(
    ("remaining", "many", "minutes"),
    [
        (30, 20, 0),  # all of it now
        (30, 25, 30),  # the reserve of six is not touched: one more hour begins in 30 minutes
        (6, 1, 30),
        (30, 24 + 24, 30),
        (30, 24 + 25, 90),
        (30, 400, 30 + 15 * 60),
    ],
)
def test_the_time_counts_the_waits_for_the_quota(
    clock: Clock, remaining: int, many: int, minutes: int
) -> None:
    took = budget(clock, quota(clock, remaining)).time_for(many)
    assert timedelta(minutes=minutes) <= took <= timedelta(minutes=minutes + 2)


def test_where_focus_is_silent_the_setting_counts(clock: Clock) -> None:
    silent = budget(clock, hourly=240)
    assert (silent.remaining, silent.spare, silent.can_spare) == (240, 192, True)
    assert silent.time_for(192) < timedelta(minutes=1)
    assert timedelta(hours=1) <= silent.time_for(193) < timedelta(hours=1, minutes=2)
    assert silent.back_at > clock.now()


async def test_where_focus_is_silent_own_requests_are_counted(
    store: Store, focus: Focus, clock: Clock
) -> None:
    """The setting's 30 an hour: the reserve of 6 is kept, whatever Focus says or does not say."""
    focus.quota.in_headers = False
    for _ in range(23):
        await store.hours._focus.read(ANA)
        clock.move(seconds=60)
    assert (store.budget.remaining, store.hours.can_spare()) == (7, True)
    await store.hours._focus.read(ANA)
    assert (store.budget.remaining, store.hours.can_spare()) == (6, False)
    clock.move(seconds=37 * 60 + 1)  # the first of them was more than an hour ago
    assert (store.budget.remaining, store.hours.can_spare()) == (7, True)


async def test_a_refusal_without_headers_is_remembered(store: Store, focus: Focus, clock: Clock) -> None:
    focus.quota.in_headers = False
    focus.quota.exhaust()
    with pytest.raises(OutOfQuotaError):
        await store.hours._focus.read(ANA)
    assert (store.budget.remaining, store.hours.can_spare()) == (0, False)
    clock.move(seconds=5 * 60 - 1)
    assert not store.hours.can_spare()
    clock.move(seconds=1)
    assert store.hours.can_spare(), "nobody knows: it is tried again"


async def test_what_focus_told_once_is_less_by_what_was_asked_since(
    store: Store, focus: Focus, clock: Clock
) -> None:
    focus.quota.limit = 30
    await store.hours._focus.read(ANA)
    focus.quota.in_headers = False
    for _ in range(3):
        clock.move(seconds=60)
        await store.hours._focus.read(ANA)
    assert store.budget.remaining == 26
    clock.move(seconds=3600)
    assert store.budget.remaining == 30


def test_focus_has_more_calls_than_the_setting_knows(clock: Clock) -> None:
    """The most that were left in this hour; another plan counts from the next hour on."""
    one = budget(clock, quota(clock, 600))
    assert (one.hourly, one.spare) == (600, 480)
    quotas: list[Quota] = [quota(clock, 600)]
    changing = Budget(lambda: quotas[-1], spent=Spent(), clock=clock, hourly=30, reserve=0.2)
    assert changing.hourly == 600
    quotas.append(quota(clock, 20))
    assert (changing.hourly, changing.can_spare) == (600, False)
    quotas.append(quota(clock, 29, minutes=90))
    assert (changing.hourly, changing.can_spare) == (30, True)


def test_a_quota_that_is_over_counts_no_more(clock: Clock) -> None:
    over = budget(clock, quota(clock, 0, minutes=1))
    assert not over.can_spare
    assert over.back_at == clock.now() + timedelta(minutes=1)
    clock.move(seconds=61)
    assert over.can_spare
    assert isinstance(over.back_at, datetime)
