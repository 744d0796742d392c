"""A process may die between any two transactions of a plan's day: another does what is left, once."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from store.access import Action
from store.act import Kind, State
from store.plans import OverlapError, Plan, PlannedWish, PlanState, projected
from store.week import ALL_DAYS, OFF, WORKWEEK, Hours, Pattern, Week, Weekday
from tests.asking import ANA, FRI, MON, SAT, Asker, in_focus, pattern
from tests.conftest import OpenStore
from tests.test_bulk_properties import olivia
from tests.test_recovery import Fate

BEFORE, AFTER = "8 8 8 8 8 - -", "6 8 8 8 - 4 -"
DAYS = pattern({SAT: 4, MON: 6, FRI: None})  # a POST, a PUT and a DELETE
EIGHT = Week.of(dict.fromkeys(WORKWEEK, Hours(8)))


async def plan_today(asker: Asker, days: Pattern = DAYS) -> Plan:
    """For this day only; it is due at once."""
    today = asker.clock.now().date()
    wish = PlannedWish(await asker.permit(Action.CHANGE, ANA), days, dict(EIGHT), "UTC")
    (plan,) = await asker.store.plans.add(
        asker.request(), [wish], first=today, last=today, now=asker.clock.now()
    )
    return plan


async def tick(asker: Asker) -> None:
    """What the clockwork of a living process does about plans and changes."""
    beginnings, now = asker.store.beginnings, asker.clock.now()
    await beginnings.tell(now)
    for plans in await beginnings.due(now):
        permits = {plan.subject: await asker.permit(Action.CHANGE, plan.subject) for plan in plans}
        begins = plans[0].state is PlanState.PLANNED
        await (beginnings.begin if begins else beginnings.put_back)(plans, permits, now=now)
    for change in await asker.due():
        await (asker.resume(change) if change.state is State.WAITING else asker.settle(change))


async def recover(asker: Asker) -> None:
    """Until nothing is under way, and what was to be tried again after ten minutes was."""
    for _ in range(8):
        await tick(asker)
        asker.clock.move(seconds=301)
        await asker.store.claims.heartbeat(asker.clock.now())


def to_midnight(clock: Clock) -> None:
    now = clock.now()
    tomorrow = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
    clock.move(seconds=(tomorrow - now).total_seconds())


def written(focus: Focus, *, after: int) -> list[str]:
    return sorted(call.name.split()[0] for call in focus.log.since(after) if not call.name.startswith("GET"))


@pytest.mark.parametrize("dies", ["when it begins", "when it is put back"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_killed_at_every_transaction(
    open_store: OpenStore, clock: Clock, focus: Focus, *, after: bool, dies: str
) -> None:
    """Another process begins it, and puts it back, as if nothing had happened; no call is made twice."""
    for at in range(1, 40):
        focus.reset()
        seen = focus.log.total
        doomed = Asker(await open_store(), clock)
        for verb in ("POST", "PUT", "DELETE"):
            await doomed.store.weekdays.prove(verb, now=clock.now())
        plan = await plan_today(doomed)
        if dies == "when it is put back":
            await recover(doomed)
            to_midnight(clock)
            await doomed.store.claims.heartbeat(clock.now())
        with Fate(doomed.store, at, after=after) as fate:
            for _ in range(2):
                await asyncio.gather(tick(doomed), return_exceptions=True)
        clock.move(seconds=31)
        heir = Asker(await open_store(), clock)
        await recover(heir)
        if dies == "when it begins":
            assert in_focus(focus) == AFTER, at
            to_midnight(clock)
            await heir.store.claims.heartbeat(clock.now())
            await recover(heir)
        assert in_focus(focus) == BEFORE, at
        assert len(focus.rows("user", 501)) == 5, "a day has two rows"
        over = await heir.store.plans.get(plan.id)
        assert over
        assert over.state is PlanState.OVER
        assert (await heir.get(over.begin_act or "")).kind is Kind.PLAN
        assert (await heir.get(over.back_act or "")).kind is Kind.PUT_BACK
        assert written(focus, after=seen) == ["DELETE", "DELETE", "POST", "POST", "PUT", "PUT"], at
        if not fate.met:
            break
        clock.move(seconds=86400)
    else:
        pytest.fail("a plan has fewer transactions")


async def test_what_can_not_go_on_yet_wakes_nobody(open_store: OpenStore, clock: Clock, focus: Focus) -> None:
    """A plan's end is due while its begin is not certain: it is looked at once a second, not without end."""
    asker = Asker(await open_store(), clock)
    focus.faults.add(Fault(FaultKind.CUT_BEFORE, "P*", times=2))
    plan = await plan_today(asker)
    clock.move(seconds=14 * 3600 + 59 * 60 + 55)
    await tick(asker)
    await tick(asker)
    to_midnight(clock)
    asker.store.outbox.stirred.clear()
    await asker.store.beginnings.tell(clock.now())
    (group,) = await asker.store.beginnings.due(clock.now())
    permits = {ANA: await asker.permit(Action.CHANGE, ANA)}
    await asker.store.beginnings.put_back(group, permits, now=clock.now())
    assert not asker.store.outbox.stirred.is_set()
    await recover(asker)
    over = await asker.store.plans.get(plan.id)
    assert over
    assert (over.state, in_focus(focus)) == (PlanState.OVER, BEFORE)


async def test_planned_and_killed(open_store: OpenStore, clock: Clock) -> None:
    """The plan is there whole, or the person hears that nothing came of what they asked."""
    for at in range(1, 5):
        doomed = Asker(await open_store(), clock)
        with Fate(doomed.store, (at + 1) // 2, after=at % 2 == 0) as fate:
            await asyncio.gather(plan_today(doomed), return_exceptions=True)
        heir = Asker(await open_store(), clock)
        plans = await heir.store.plans.of([ANA])
        assert len(plans) == (0 if fate.met and at == 1 else 1)
        for plan in plans:
            permit = await heir.permit(Action.CHANGE, ANA)
            await heir.store.plans.cancel(permit, plan.id, by="U0OLIVIA", now=clock.now())


async def test_two_processes_open_one_act(open_store: OpenStore, clock: Clock, focus: Focus) -> None:
    """Both have seen that it is due, and both have judged it."""
    askers = [Asker(await open_store(), clock) for _ in range(4)]
    await plan_today(askers[0])
    groups = [await asker.store.beginnings.due(clock.now()) for asker in askers]
    permits = {ANA: await askers[0].permit(Action.CHANGE, ANA)}
    await asyncio.gather(
        *(
            asker.store.beginnings.begin(group, permits, now=clock.now())
            for asker, groups_of in zip(askers, groups, strict=True)
            for group in groups_of
        )
    )
    assert len(await askers[0].rows("SELECT * FROM acts")) == 1
    await asyncio.gather(*(tick(asker) for asker in askers))
    await recover(askers[0])
    assert in_focus(focus) == AFTER


Link = tuple[dict[Weekday, Hours | None], int, int | None, bool]
"""A plan's days, the day it begins, for how long, and whether it is cancelled before anything begins."""

hours = st.one_of(st.none(), st.integers(0, 24).map(Hours))
chains = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(ALL_DAYS), hours, min_size=1, max_size=3),
        st.integers(1, 4),
        st.one_of(st.none(), st.integers(0, 3)),
        st.booleans(),
    ),
    min_size=2,
    max_size=5,
)


BETWEEN: list[Link] = [
    ({Weekday.SUNDAY: OFF}, 1, None, True),
    ({Weekday.SUNDAY: OFF}, 3, None, False),
    ({Weekday.SUNDAY: None}, 2, None, False),
]
"""The second counts on the first, which is cancelled; the third comes between and was made last."""


@settings(max_examples=20)
@given(chain=chains)
@example(chain=BETWEEN)
def test_a_chain_of_plans_gives_the_projected_weeks(chain: list[Link]) -> None:
    """However plans were made, and some of them cancelled, each day's week is the one that was foretold."""

    async def story() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with olivia(folder) as (asker, focus):
                await plan_all(asker, chain)
                plans = await asker.store.plans.of([ANA])
                for _ in range(10):
                    to_midnight(asker.clock)
                    for _ in range(2 * len(plans)):
                        await tick(asker)
                    today = projected(EIGHT, plans, asker.clock.now().date())
                    assert in_focus(focus) == " ".join(
                        "-" if each is None else str(each) for _, each in today
                    )
                ended = await asker.rows("SELECT state FROM changes UNION SELECT state FROM plans")
                assert {row["state"] for row in ended} <= {"applied", "unchanged", "over", "cancelled"}

    asyncio.run(story())


async def plan_all(asker: Asker, chain: list[Link]) -> None:
    """What overlaps is refused; some are cancelled when all are made."""
    today, made = asker.clock.now().date(), {}
    for number, (days, start, length, _) in enumerate(chain):
        first = today + timedelta(days=start)
        last = None if length is None else first + timedelta(days=length)
        expected = projected(EIGHT, await asker.store.plans.of([ANA]), first)
        permit = await asker.permit(Action.CHANGE, ANA)
        wish = PlannedWish(permit, Pattern.exactly(days), dict(expected), "UTC")
        with suppress(OverlapError):
            (made[number],) = await asker.store.plans.add(
                asker.request(), [wish], first=first, last=last, now=asker.clock.now()
            )
    for number, plan in made.items():
        if chain[number][3]:
            permit = await asker.permit(Action.CHANGE, ANA)
            await asker.store.plans.cancel(permit, plan.id, by="U0OLIVIA", now=asker.clock.now())
