"""Plans are kept whole, never overlap, are changed and cancelled while they can be, and project the weeks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.clock import Clock
from store import Store
from store.access import Action
from store.act import Kind, Place
from store.plans import OverlapError, Plan, PlannedWish, PlanOverError, PlanState, projected
from store.plans.mornings import morning_for
from store.week import ALL_DAYS, WORKWEEK, Clause, Hours, Pattern, Subject, Week, Weekday
from tests.asking import ANA, BEN, DESIGNER, FRI, MON, SAT, SUN, THU, Asker, pattern
from tests.inside import database

BERLIN = "Europe/Berlin"
EIGHT = Week.of(dict.fromkeys(WORKWEEK, Hours(8)))
APRIL = date(2026, 4, 1)
MAY = date(2026, 5, 1)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


async def planned(
    olivia: Asker,
    days: Mapping[Weekday, object] | Pattern,
    first: date,
    last: date | None = None,
    *,
    of: Subject = ANA,
    act_id: str = "",
) -> Plan:
    """One plan, as somebody types it."""
    wanted = days if isinstance(days, Pattern) else pattern(days)
    wish = PlannedWish(await olivia.permit(Action.CHANGE, of), wanted, dict(EIGHT), BERLIN)
    (plan,) = await olivia.store.plans.add(
        olivia.request(act_id), [wish], first=first, last=last, now=olivia.clock.now()
    )
    return plan


@pytest.fixture
def olivia(store: Store, clock: Clock) -> Asker:
    return Asker(store, clock)


async def test_a_plan_is_found_again_as_it_was_made(olivia: Asker) -> None:
    plan = await planned(olivia, {FRI: "7.3333", SAT: None}, APRIL, MAY)
    assert await olivia.store.plans.get(plan.id) == plan
    assert (plan.planner, plan.subject, plan.state) == ("U0OLIVIA", ANA, PlanState.PLANNED)
    assert plan.pattern.on(EIGHT)[FRI] == Decimal("7.3333")
    assert plan.expected == dict(EIGHT)
    assert (plan.first, plan.last) == (APRIL, MAY)
    assert plan.due_at == datetime(2026, 3, 31, 22, tzinfo=UTC), "midnight in Berlin"
    assert plan.tell_at == datetime(2026, 3, 31, 7, tzinfo=UTC), "nine o’clock the day before"


async def test_open_plans_are_listed_soonest_first(olivia: Asker) -> None:
    later = await planned(olivia, {FRI: 4}, MAY)
    sooner = await planned(olivia, {MON: 4}, APRIL)
    other = await planned(olivia, {MON: 4}, APRIL, of=DESIGNER)
    gone = await planned(olivia, {SAT: 4}, APRIL)
    permit = await olivia.permit(Action.CHANGE, ANA)
    await olivia.store.plans.cancel(permit, gone.id, by="U0OLIVIA", now=olivia.clock.now())
    plans = olivia.store.plans
    assert await plans.of([ANA]) == (sooner, later)
    assert await plans.of([ANA, DESIGNER]) == (sooner, other, later)
    assert await plans.of([]) == ()
    assert await plans.by("U0OLIVIA") == (sooner, other, later)
    assert await plans.by("U0ANA") == ()


async def test_a_request_plans_once_and_is_not_called_lost_afterwards(olivia: Asker) -> None:
    """The clock of another process tells of requests that came to nothing; this one came to a plan."""
    store, now = olivia.store, olivia.clock.now()
    asked = {"text": "set fri 4 from 2026-04-01"}
    await store.journal.receive(
        "one", actor="U0OLIVIA", kind=Kind.SET, request=asked, place=Place("dm"), now=now
    )
    assert await planned(olivia, {FRI: 4}, APRIL, act_id="one") == await planned(
        olivia, {FRI: 4}, APRIL, act_id="one"
    )
    assert len(await store.plans.batch("one")) == 1
    assert await store.journal.act("one") is None


async def test_a_batch_is_planned_whole_or_not_at_all(olivia: Asker) -> None:
    in_the_way = await planned(olivia, {FRI: 4}, APRIL, MAY, of=BEN)
    permits = [await olivia.permit(Action.CHANGE, subject) for subject in (ANA, BEN)]
    wishes = [PlannedWish(permit, pattern({FRI: 0}), None, BERLIN) for permit in permits]
    with pytest.raises(OverlapError) as refused:
        await olivia.store.plans.add(
            olivia.request(), wishes, first=day("04-10"), last=None, now=olivia.clock.now()
        )
    assert (refused.value.plan, refused.value.subject) == (in_the_way, BEN)
    assert await olivia.store.plans.of([ANA]) == ()


ONLY = Pattern((Clause((MON,), Hours(8)),), only=True)
WORKDAYS = Pattern((Clause(None, Hours(6)),))


@pytest.mark.parametrize(
    ("days", "first", "last", "overlaps"),
    [
        ({FRI: 0}, "04-01", "04-30", True),  # the same
        ({FRI: 0}, "04-30", "05-31", True),  # begins on its last day
        ({FRI: 0}, "05-01", "05-31", False),  # begins when it is put back
        ({FRI: 0}, "03-01", "04-01", True),  # ends on its first day
        ({FRI: 0}, "03-01", "03-31", False),  # is put back when it begins
        ({FRI: 0}, "04-15", None, True),  # for ever, from within
        ({FRI: 0}, "04-01", None, True),
        ({FRI: 0}, "03-15", None, False),  # for ever, from before: one moment
        ({MON: 0, FRI: 0}, "03-15", "06-01", True),  # around it
        ({MON: 0}, "04-01", "04-30", False),  # other days
        (ONLY, "04-15", None, True),
        (WORKDAYS, "04-15", None, True),
        (ONLY, "05-01", None, False),
    ],
)
async def test_overlapping_plans_are_refused(
    olivia: Asker, days: Mapping[Weekday, object] | Pattern, first: str, last: str | None, *, overlaps: bool
) -> None:
    held = await planned(olivia, {FRI: 4, THU: 4}, APRIL, day("04-30"))
    until = day(last) if last else None
    await planned(olivia, days, day(first), until, of=BEN)
    if not overlaps:
        await planned(olivia, days, day(first), until)
        return
    with pytest.raises(OverlapError) as refused:
        await planned(olivia, days, day(first), until)
    assert refused.value.plan == held


async def test_what_is_cancelled_is_in_nobodys_way(olivia: Asker) -> None:
    held = await planned(olivia, {FRI: 4}, APRIL, MAY)
    permit = await olivia.permit(Action.CHANGE, ANA)
    ended = await olivia.store.plans.cancel(permit, held.id, by="U0OLIVIA", now=olivia.clock.now())
    assert (ended.state, ended.due_at, ended.decided_by) == (PlanState.CANCELLED, None, "U0OLIVIA")
    await planned(olivia, {FRI: 4}, APRIL, MAY)
    with pytest.raises(PlanOverError) as late:
        await olivia.store.plans.cancel(permit, held.id, by="U0OLIVIA", now=olivia.clock.now())
    assert late.value.plan == ended
    with pytest.raises(PlanOverError):
        await olivia.store.plans.change(
            permit, held.id, pattern=ONLY, expected=None, first=APRIL, last=None, now=olivia.clock.now()
        )


async def test_a_changed_plan_is_due_at_its_new_time_and_stays_out_of_others_way(olivia: Asker) -> None:
    plan = await planned(olivia, {FRI: 4}, APRIL)
    other = await planned(olivia, {FRI: 6}, MAY, day("05-31"))
    permit, now = await olivia.permit(Action.CHANGE, ANA), olivia.clock.now()
    with pytest.raises(OverlapError) as refused:
        await olivia.store.plans.change(
            permit, plan.id, pattern=plan.pattern, expected=None, first=day("05-02"), last=None, now=now
        )
    assert refused.value.plan == other
    changed = await olivia.store.plans.change(
        permit, plan.id, pattern=pattern({MON: 4}), expected=None, first=day("04-02"), last=None, now=now
    )
    assert changed == await olivia.store.plans.get(plan.id)
    assert changed.due_at == datetime(2026, 4, 1, 22, tzinfo=UTC)
    assert changed.pattern.on(EIGHT)[MON] == 4


async def test_a_permit_for_one_is_none_for_anothers_plan(olivia: Asker) -> None:
    plan = await planned(olivia, {FRI: 4}, APRIL)
    permit, now = await olivia.permit(Action.CHANGE, BEN), olivia.clock.now()
    with pytest.raises(TypeError):
        await olivia.store.plans.cancel(permit, plan.id, by="U0OLIVIA", now=now)
    with pytest.raises(TypeError):
        await olivia.store.plans.change(
            permit, plan.id, pattern=ONLY, expected=None, first=APRIL, last=None, now=now
        )
    assert await olivia.store.plans.get(plan.id) == plan


@pytest.mark.parametrize(
    ("zone", "first", "begins"),
    [
        ("UTC", "2026-04-01", "2026-04-01T00:00"),
        ("Asia/Kolkata", "2026-04-01", "2026-03-31T18:30"),
        ("America/Los_Angeles", "2026-03-08", "2026-03-08T08:00"),  # clocks go forward two hours later
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00"),  # there is no midnight: it begins at one
        ("America/Havana", "2026-11-01", "2026-11-01T04:00"),  # midnight comes twice: the first
    ],
)
async def test_a_day_begins_with_its_first_moment(olivia: Asker, zone: str, first: str, begins: str) -> None:
    wish = PlannedWish(await olivia.permit(Action.CHANGE, ANA), ONLY, None, zone)
    (plan,) = await olivia.store.plans.add(
        olivia.request(), [wish], first=date.fromisoformat(first), last=None, now=olivia.clock.now()
    )
    assert plan.due_at == datetime.fromisoformat(begins).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2026-04-03T00:00", "2026-04-06T09:00"),  # Friday is off, then the weekend
        ("2026-04-06T00:00", "2026-04-06T09:00"),
        ("2026-04-06T09:00", "2026-04-06T09:00"),
        ("2026-04-06T17:59", "2026-04-06T17:59"),  # still at work: at once
        ("2026-04-06T18:00", "2026-04-07T09:00"),
    ],
)
def test_people_hear_of_it_when_they_work(now: str, morning: str) -> None:
    week = EIGHT.replace({FRI: Hours(0)})
    at, expected = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (now, morning))
    assert morning_for(week, "UTC", now=at) == expected
    assert morning_for(Week(), "UTC", now=at.replace(day=5, hour=3)).hour == 9, (
        "who works on no day hears too"
    )


# ------------------------------------------------------------------ projection


def a_plan(days: Mapping[Weekday, object], first: str, last: str | None = None) -> Plan:
    return Plan(
        f"{first}{last}{days}", "batch", "T", "U", ANA, pattern(days), None, day(first),
        day(last) if last else None, "UTC", datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip


def test_what_ends_is_put_back_before_what_begins() -> None:
    plans = [a_plan({FRI: 0}, "05-01"), a_plan({FRI: 4, SUN: 2}, "04-01", "04-30")]
    weeks = [projected(EIGHT, plans, day(when)) for when in ("03-31", "04-01", "04-30", "05-01")]
    assert [str(week[FRI]) + str(week[SUN]) for week in weeks] == ["8None", "42", "42", "0None"]


def test_a_plan_that_has_begun_is_put_back_to_what_it_has_found() -> None:
    begun = replace(a_plan({FRI: 4}, "04-01", "04-30"), state=PlanState.BEGUN, restores={FRI: Hours(6)})
    now = EIGHT.replace({FRI: Hours(4)})
    assert projected(now, [begun], day("04-30")) == now
    assert projected(now, [begun], day("05-01"))[FRI] == 6


hours = st.one_of(st.none(), st.integers(0, 24).map(Hours))
weeks = st.lists(hours, min_size=7, max_size=7).map(lambda days: Week(tuple(days)))


@st.composite
def chains(draw: st.DrawFn) -> list[Plan]:
    """Plans of one subject that do not overlap, in no order."""
    plans: list[Plan] = []
    for number in range(draw(st.integers(1, 6))):
        days = draw(st.dictionaries(st.sampled_from(ALL_DAYS), hours, min_size=1, max_size=3))
        first = draw(st.integers(0, 30))
        lasts = draw(st.one_of(st.none(), st.integers(0, 10)))
        start = date(2026, 4, 1) + timedelta(days=first)
        plan = replace(
            a_plan({}, "04-01"), id=str(number), pattern=Pattern.exactly(days), first=start,
            last=None if lasts is None else start + timedelta(days=lasts),
        )  # fmt: skip
        if not any(plan.overlaps(other) for other in plans):
            plans.append(plan)
    return draw(st.permutations(plans))


@given(weeks, chains())
def test_a_chain_of_plans_is_each_applied_and_put_back_in_its_turn(week: Week, plans: list[Plan]) -> None:
    """Day after day: what ends brings back what it had found, what begins finds what is there."""
    now, found = week, dict[str, dict[Weekday, Hours | None]]()
    for number in range(50):
        today = date(2026, 4, 1) + timedelta(days=number)
        for plan in plans:
            if plan.last and plan.last + timedelta(days=1) == today:
                now = now.replace(found[plan.id])
        for plan in plans:
            if plan.first == today:
                after = plan.pattern.on(now)
                found[plan.id] = now.only(now.differing(after))
                now = after
        assert projected(week, plans, today) == now
        assert projected(week, reversed(plans), today) == now
    temporary = [plan for plan in plans if plan.last]
    assert projected(week, temporary, date(2027, 1, 1)) == week


@given(chains(), chains())
def test_overlapping_is_mutual(some: list[Plan], others: list[Plan]) -> None:
    for one in some:
        assert one.overlaps(one)
        for other in others:
            assert one.overlaps(other) == other.overlaps(one)


# ------------------------------------------------------------------ cost


async def steps_of(store: Store, ask: Callable[[], Awaitable[object]]) -> int:
    """How much work SQLite had with it, in tens of its virtual machine's instructions."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    await database(store).read(lambda sql: sql.conn.set_progress_handler(count, 10))
    await ask()
    await database(store).read(lambda sql: sql.conn.set_progress_handler(None, 0))
    return counted


async def test_asking_what_is_due_costs_the_same_however_much_is_not(olivia: Asker) -> None:
    """It is asked once a second: the plans of years, and every message ever sent, must not be read for it."""
    store, now = olivia.store, olivia.clock.now()

    async def ask() -> None:
        assert not await store.beginnings.any_due(now)
        assert not await store.outbox.take(now)

    before = await steps_of(store, ask)
    everybody = [Subject("placeholder", number) for number in range(300)]
    permits = [await olivia.permit(Action.CHANGE, subject) for subject in everybody]
    wishes = [PlannedWish(permit, pattern({FRI: 4}), dict(EIGHT), BERLIN) for permit in permits]
    await store.plans.add(olivia.request(), wishes, first=APRIL, last=MAY, now=now)
    for message in await store.outbox.take(now):
        await store.outbox.sent(message, channel="D1", ts="1.0")
    await store.outbox.alert(
        "old", recipients=tuple(f"U{number}" for number in range(300)), detail={}, now=now
    )
    while messages := await store.outbox.take(now):
        for message in messages:
            await store.outbox.sent(message, channel="D1", ts="1.0")
    assert await steps_of(store, ask) <= before + 5
