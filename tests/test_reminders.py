"""Reminders are kept, found when they are due and claimed once, whatever clocks and processes do."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

import store as stores
from bot.sandbox.clock import Clock
from store.access import Access, Action, Actor, NotAllowedError, Refusal
from store.reminders import (
    Answer,
    Invited,
    Reminder,
    ReminderGoneError,
    ReminderKind,
    ReminderState,
    RunState,
    Schedule,
    Weekly,
    answers,
)
from store.week import ALL_DAYS, Subject, Week, Weekday
from tests.conftest import MONDAY, OpenStore
from tests.inside import database

OLIVIA = Actor("T0SANDBOX", "U0OLIVIA", as_of=MONDAY)
MIA = Actor("T0SANDBOX", "U0MIA", as_of=MONDAY)
AT_TEN = Schedule(Weekly(ALL_DAYS), time(10), "UTC")
TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
ANA = Invited("U0ANA", Subject("person", 501), Week())


async def made(store: stores.Store, clock: Clock, **fields: Any) -> Reminder:
    """A check every day at ten, made on Monday at nine."""
    wanted: dict[str, Any] = {
        "kind": ReminderKind.CHECK, "channel": "C0STUDIO", "group": None, "schedule": AT_TEN, "span": "day",
    }  # fmt: skip
    permit = await store.access.may(OLIVIA, Action.REMIND)
    return await store.reminders.add(permit, **wanted | fields, now=clock.now())


async def to_grant(access: Access, manager: str, *, until: date | None = None) -> None:
    permit = await access.may(OLIVIA, Action.ADMINISTER)
    await access.grant(permit, manager=manager, scope="everyone", now=MONDAY, until=until)


@pytest.fixture
async def reminder(store: stores.Store, clock: Clock) -> Reminder:
    return await made(store, clock)


async def test_it_is_kept_as_it_was_made(store: stores.Store, reminder: Reminder) -> None:
    assert await store.reminders.get(reminder.id) == reminder
    assert await store.reminders.every() == (reminder,)
    assert reminder.next_at == TEN


async def test_a_manager_may_make_one_and_only_its_owner_and_admins_change_it(
    store: stores.Store,
) -> None:
    with pytest.raises(NotAllowedError) as refused:
        await store.access.may(MIA, Action.REMIND)
    assert refused.value.refusal is Refusal.NOT_MANAGER
    await to_grant(store.access, "U0MIA")
    assert (await store.access.may(MIA, Action.REMIND)).actor is MIA
    assert (await store.access.may_manage(MIA, owner="U0MIA")).own
    assert not (await store.access.may_manage(OLIVIA, owner="U0MIA")).own
    with pytest.raises(NotAllowedError) as refused:
        await store.access.may_manage(MIA, owner="U0OLIVIA")
    assert (refused.value.refusal, refused.value.who_can) == (Refusal.NOT_OWNER, ("U0OLIVIA",))


async def test_a_permit_for_one_owner_moves_nobody_elses(
    store: stores.Store, reminder: Reminder, clock: Clock
) -> None:
    await to_grant(store.access, "U0MIA")
    permit = await store.access.may_manage(MIA, owner="U0MIA")
    with pytest.raises(ReminderGoneError):
        await store.reminders.delete(permit, reminder.id, now=clock.now())
    wrong = await store.access.may(OLIVIA, Action.REMIND)
    with pytest.raises(TypeError):
        await store.reminders.delete(wrong, reminder.id, now=clock.now())
    assert await store.reminders.get(reminder.id) == reminder


async def test_a_run_is_claimed_at_its_time_and_once(
    store: stores.Store, open_store: OpenStore, reminder: Reminder, clock: Clock
) -> None:
    other = await open_store()
    assert await store.runs.claim_due(clock.now()) == ()
    clock.move(seconds=3600)
    claims = await asyncio.gather(
        *(each.runs.claim_due(clock.now()) for each in (store, other, store, other))
    )
    (run,) = (run for runs in claims for run in runs)
    assert (run.id, run.due_at, run.state) == (f"{reminder.id}:2026-03-02", TEN, RunState.CLAIMED)
    kept = await store.reminders.get(reminder.id)
    assert kept
    assert kept.next_at == TEN + timedelta(days=1)


@pytest.mark.usefixtures("reminder")
async def test_who_falls_silent_while_composing_is_followed_by_another(
    store: stores.Store, open_store: OpenStore, clock: Clock
) -> None:
    clock.move(seconds=3600)
    (lost,) = await store.runs.claim_due(clock.now())
    other = await open_store()
    clock.move(seconds=59)
    assert await other.runs.claim_due(clock.now()) == ()
    clock.move(seconds=1)
    (found,) = await other.runs.claim_due(clock.now())
    assert found == lost
    assert await other.runs.ready(found.id, [ANA], now=clock.now())
    assert not await store.runs.ready(found.id, [], now=clock.now()), "the slow one comes too late"
    kept = await store.runs.get(found.id)
    assert kept
    assert (kept.state, kept.people) == (RunState.READY, (ANA,))
    assert len(await store.outbox.take(clock.now())) == 1


@pytest.mark.usefixtures("reminder")
@pytest.mark.parametrize("minutes", [0, 1, 59, 60])
async def test_within_the_grace_it_is_late_and_posted(
    store: stores.Store, clock: Clock, minutes: int
) -> None:
    clock.move(seconds=3600 + 60 * minutes)
    (run,) = await store.runs.claim_due(clock.now())
    assert run.due_at == TEN


async def test_after_the_grace_it_is_skipped_and_the_owner_told(
    store: stores.Store, reminder: Reminder, clock: Clock
) -> None:
    clock.move(seconds=2 * 3600 + 1)
    assert await store.runs.claim_due(clock.now()) == ()
    last = (await store.runs.last())[reminder.id]
    assert (last.state, last.reason) == (RunState.SKIPPED, "late")
    (told,) = await store.outbox.take(clock.now())
    assert (told.recipient, told.detail["code"]) == ("U0OLIVIA", "run_late")


@pytest.mark.usefixtures("reminder")
async def test_after_days_of_standstill_only_the_latest_is_posted(store: stores.Store, clock: Clock) -> None:
    clock.move(seconds=3 * 86400 + 3600 + 60)
    (run,) = await store.runs.claim_due(clock.now())
    assert run.day == date(2026, 3, 5)
    (told,) = await store.outbox.take(clock.now())
    first = await store.runs.get(str(told.detail["run"]))
    assert first
    missed = await store.runs.missed_since(first)
    assert [each.day.day for each in missed] == [2, 3, 4], "told once"


@pytest.mark.usefixtures("reminder")
async def test_after_days_of_standstill_and_too_late_today_the_owner_hears_once(
    store: stores.Store, clock: Clock
) -> None:
    clock.move(seconds=3 * 86400 + 3 * 3600)
    assert await store.runs.claim_due(clock.now()) == ()
    assert len(await store.outbox.take(clock.now())) == 1


async def test_a_clock_moved_backwards_repeats_nothing(
    store: stores.Store, reminder: Reminder, clock: Clock
) -> None:
    later = clock.now() + timedelta(days=2, hours=1)
    (run,) = await store.runs.claim_due(later)
    await store.runs.empty(run.id, now=later)
    permit = await store.access.may_manage(OLIVIA, owner="U0OLIVIA")
    for back in (TEN, TEN + timedelta(days=1), TEN + timedelta(days=2, minutes=5)):
        assert await store.runs.claim_due(back) == ()
    await store.reminders.resume(permit, reminder.id, now=clock.now())  # computed from the time gone back to
    for again in (TEN, TEN + timedelta(days=1), TEN + timedelta(days=2)):
        assert await store.runs.claim_due(again) == ()
    assert [run.day for run in await store.runs.claim_due(TEN + timedelta(days=3))] == [date(2026, 3, 5)]


async def test_paused_until_a_day_it_goes_on_then(
    store: stores.Store, reminder: Reminder, clock: Clock
) -> None:
    permit = await store.access.may_manage(OLIVIA, owner="U0OLIVIA")
    paused = await store.reminders.pause(permit, reminder.id, until=date(2026, 3, 5), now=clock.now())
    assert (paused.state, paused.next_at) == (ReminderState.PAUSED, TEN + timedelta(days=3))
    assert await store.runs.claim_due(TEN + timedelta(days=2)) == ()
    (run,) = await store.runs.claim_due(TEN + timedelta(days=3))
    assert run.day == date(2026, 3, 5)
    kept = await store.reminders.get(reminder.id)
    assert kept
    assert (kept.state, kept.paused_until) == (ReminderState.ACTIVE, None)


async def test_paused_without_a_day_it_rests_until_it_is_resumed(
    store: stores.Store, reminder: Reminder, clock: Clock
) -> None:
    permit = await store.access.may_manage(OLIVIA, owner="U0OLIVIA")
    await store.reminders.pause(permit, reminder.id, until=None, now=clock.now())
    assert await store.runs.claim_due(TEN + timedelta(days=400)) == ()
    resumed = await store.reminders.resume(permit, reminder.id, now=TEN + timedelta(days=400))
    assert resumed.next_at == TEN + timedelta(days=401)


async def test_what_is_deleted_is_due_no_more_and_shown_no_more(
    store: stores.Store, reminder: Reminder, clock: Clock
) -> None:
    permit = await store.access.may_manage(OLIVIA, owner="U0OLIVIA")
    await store.reminders.delete(permit, reminder.id, now=clock.now())
    assert await store.reminders.get(reminder.id) is None
    assert await store.reminders.every() == ()
    assert await store.runs.claim_due(TEN) == ()
    with pytest.raises(ReminderGoneError):
        await store.reminders.resume(permit, reminder.id, now=clock.now())


async def test_what_is_deleted_before_it_is_posted_is_not_posted(
    store: stores.Store, reminder: Reminder
) -> None:
    (run,) = await store.runs.claim_due(TEN)
    await store.runs.ready(run.id, [ANA], now=TEN)
    permit = await store.access.may_manage(OLIVIA, owner="U0OLIVIA")
    await store.reminders.delete(permit, reminder.id, now=TEN)
    assert await store.posting.begin(run.id, now=TEN) is None
    kept = await store.runs.get(run.id)
    assert kept
    assert (kept.state, kept.reason) == (RunState.SKIPPED, "deleted")


async def test_a_change_moves_the_next_time(store: stores.Store, reminder: Reminder, clock: Clock) -> None:
    permit = await store.access.may_manage(OLIVIA, owner="U0OLIVIA")
    tokyo = Schedule(Weekly((Weekday.TUESDAY,)), time(9), "Asia/Tokyo")
    changed = await store.reminders.change(
        permit, reminder.id, kind=ReminderKind.BOARD, channel="C0GENERAL", group="S0DESIGN",
        schedule=tokyo, span="week", now=clock.now(),
    )  # fmt: skip
    assert (changed.kind, changed.channel, changed.group, changed.span) == (
        ReminderKind.BOARD, "C0GENERAL", "S0DESIGN", "week",
    )  # fmt: skip
    assert changed.next_at == datetime(2026, 3, 3, 0, tzinfo=UTC)


async def to_eleven(store: stores.Store, reminder: Reminder, *, now: datetime) -> Reminder:
    permit = await store.access.may_manage(OLIVIA, owner="U0OLIVIA")
    return await store.reminders.change(
        permit, reminder.id, kind=reminder.kind, channel=reminder.channel, group=None, span="day",
        schedule=Schedule(Weekly(ALL_DAYS), time(11), "UTC"), now=now,
    )  # fmt: skip


async def test_moved_to_later_on_a_day_on_which_it_was_posted_it_is_due_the_next(
    store: stores.Store, reminder: Reminder
) -> None:
    (run,) = await store.runs.claim_due(TEN)
    await store.runs.ready(run.id, [ANA], now=TEN)
    changed = await to_eleven(store, reminder, now=TEN)
    assert changed.next_at == TEN + timedelta(hours=25)
    assert await store.runs.claim_due(TEN + timedelta(hours=2)) == ()


async def test_moved_to_later_on_a_day_on_which_it_failed_it_is_posted_then(
    store: stores.Store, reminder: Reminder
) -> None:
    (run,) = await store.runs.claim_due(TEN)
    await store.posting.fail(run.id, reason="not_in_channel", tell=True, now=TEN)
    changed = await to_eleven(store, reminder, now=TEN)
    assert changed.next_at == TEN + timedelta(hours=1)
    (again,) = await store.runs.claim_due(TEN + timedelta(hours=1))
    assert (again.day, again.client_msg_id == run.client_msg_id) == (run.day, False)
    await store.runs.ready(again.id, [ANA], now=TEN + timedelta(hours=1))
    assert await store.runs.claim_due(TEN + timedelta(hours=2)) == ()


async def test_posted_now_is_beside_its_times_and_once_a_minute(
    store: stores.Store, reminder: Reminder, clock: Clock
) -> None:
    permit = await store.access.may_manage(OLIVIA, owner="U0OLIVIA")
    now = clock.now()
    pressed = [await store.reminders.post_now(permit, reminder.id, now=now) for _ in range(2)]
    assert len(set(pressed)) == 1
    (run,) = await store.runs.claim_due(now)
    assert (run.id, run.due_at) == (pressed[0], now)
    await store.runs.empty(run.id, now=now)
    assert len(await store.runs.claim_due(TEN)) == 1, "and its own time comes, too"


@pytest.mark.usefixtures("reminder")
async def test_a_zone_that_changes_its_rules_moves_what_is_due(store: stores.Store) -> None:
    """As if the zone database had had Monday's ten o'clock an hour later when it was stored."""
    await database(store).write(
        lambda sql: sql.execute("UPDATE reminders SET next_at = '2026-03-02T11:00:00+00:00'")
    )
    assert await store.reminders.recompute() == 1
    assert await store.reminders.recompute() == 0
    assert len(await store.runs.claim_due(TEN)) == 1


async def answered(store: stores.Store, user_id: str, answer: Answer, *, now: datetime) -> None:
    """In whichever way: all of them end here."""
    await database(store).write(
        lambda sql: answers.count(sql, team_id=store.team_id, slack_user_id=user_id, answer=answer, now=now)
    )


@pytest.mark.usefixtures("reminder")
async def test_answers_are_counted_and_edit_the_message(store: stores.Store) -> None:
    (run,) = await store.runs.claim_due(TEN)
    await store.runs.ready(run.id, [ANA], now=TEN)
    (message,) = await store.outbox.take(TEN)
    assert await store.posting.begin(run.id, now=TEN)
    await store.posting.posted(message, channel="C0STUDIO", ts="1772445600.0", now=TEN)
    await answered(store, "U0ANA", Answer.CONFIRMED, now=TEN)
    after = await store.runs.get(run.id)
    assert after
    assert [each.answer for each in after.people] == [Answer.CONFIRMED]
    later = TEN + timedelta(seconds=3)
    (edit,) = await store.outbox.take(later)
    assert (edit.ts, edit.about) == ("1772445600.0", run.id)
    await store.outbox.sent(edit, channel=edit.channel, ts=edit.ts)
    await answered(store, "U0ANA", Answer.CONFIRMED, now=later)
    await answered(store, "U0BEN", Answer.CONFIRMED, now=later)
    assert await store.outbox.take(later + timedelta(minutes=1)) == (), "nothing new to show"


async def test_a_check_is_closed_once_when_its_local_day_ends(store: stores.Store, clock: Clock) -> None:
    tokyo = Schedule(Weekly(ALL_DAYS), time(20), "Asia/Tokyo")
    check = await made(store, clock, schedule=tokyo)
    eleven, midnight = datetime(2026, 3, 2, 11, tzinfo=UTC), datetime(2026, 3, 2, 15, tzinfo=UTC)
    (run,) = await store.runs.claim_due(eleven)
    await store.runs.ready(run.id, [ANA], now=eleven)
    (message,) = await store.outbox.take(eleven)
    await store.posting.begin(run.id, now=eleven)
    await store.posting.posted(message, channel="C0STUDIO", ts="1772445600.0", now=eleven)
    assert await store.runs.to_close(midnight - timedelta(seconds=1)) == ()
    (open_run,) = await store.runs.to_close(midnight)
    assert open_run.reminder_id == check.id
    closed = [await store.runs.close(run.id, report=midnight, now=midnight) for _ in range(2)]
    assert closed == [True, False]
    assert await store.runs.to_close(midnight) == ()


@pytest.mark.usefixtures("reminder")
async def test_one_nudge_for_who_has_not_answered(store: stores.Store) -> None:
    tomorrow = TEN + timedelta(days=1)
    ben = Invited("U0BEN", Subject("person", 502), Week(), nudge_at=tomorrow)
    ana = Invited("U0ANA", Subject("person", 501), Week(), nudge_at=tomorrow)
    (run,) = await store.runs.claim_due(TEN)
    await store.runs.ready(run.id, [ana, ben], now=TEN)
    await answered(store, "U0ANA", Answer.CHANGED, now=TEN)
    assert await store.runs.nudges_due(tomorrow - timedelta(seconds=1)) == ()
    ((found, person),) = await store.runs.nudges_due(tomorrow)
    assert (found.id, person) == (run.id, ben)
    nudged = [await store.runs.nudged(run.id, "U0BEN", tell=True, now=tomorrow) for _ in range(2)]
    assert nudged == [True, False]
    assert await store.runs.nudges_due(tomorrow) == ()
