"""A reminder's time comes: the channel sees it once, whatever Slack answers; failures are loud."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from store.reminders import Reminder, ReminderKind, ReminderState, Run, RunState
from tests.conftest import OpenOffice
from tests.inside import database
from tests.office import STUDIO, Office, open_office
from tests.reminding import A_DAY, AN_HOUR, TEN, managing, posts, remind

READS = ("channels:history", "groups:history")
"""Scopes with which the bot may look whether a post is there."""


async def later(office: Office, *, seconds: float) -> None:
    """Time passes, and all that it started is over."""
    await office.at_rest()
    office.clock.move(seconds=seconds)
    await office.at_rest()


async def last(office: Office, reminder: Reminder) -> Run:
    return (await office.bot.desk.store.runs.last())[reminder.id]


async def kept(office: Office, reminder: Reminder) -> Reminder:
    return await office.bot.desk.store.reminders.must(reminder.id)


def broken(office: Office, kind: FaultKind, match: str = "chat.postMessage", **more: object) -> Fault:
    return office.slack.faults.add(Fault(kind, match=match, times=1, **more))  # type: ignore[arg-type]  # checked there


@pytest.fixture
async def reminder(office: Office) -> Reminder:
    return await remind(office.bot.desk.store, now=office.clock.now())


@pytest.fixture
async def reading(an_office: OpenOffice) -> AsyncIterator[Office]:
    """An office whose bot may read the channels it is in; Slack knows no repeats."""
    async with an_office(scopes=READS) as office:
        office.slack.knows_repeats = False
        yield office


async def test_it_comes_at_its_time_and_once(office: Office, reminder: Reminder) -> None:
    await later(office, seconds=AN_HOUR - 1)
    assert posts(office) == []
    await later(office, seconds=1)
    (post,) = posts(office)
    run = await last(office, reminder)
    assert (run.state, run.ts) == (RunState.POSTED, post.ts)
    assert post.client_msg_id == run.client_msg_id
    assert post.metadata == {"event_type": "hours_run", "event_payload": {"run": run.id}}
    assert "due at" not in post.plain, "it is not late"
    await later(office, seconds=AN_HOUR)
    assert len(posts(office)) == 1
    await later(office, seconds=A_DAY)
    assert len(posts(office)) == 2


async def test_it_comes_late_and_says_so(office: Office, reminder: Reminder) -> None:
    await later(office, seconds=AN_HOUR + 20 * 60)
    (post,) = posts(office)
    assert "late: it was due at 10:00" in post.plain
    assert (await last(office, reminder)).state is RunState.POSTED


async def test_it_comes_not_at_all_after_the_grace_and_the_owner_hears(
    an_office: OpenOffice,
) -> None:
    async with an_office(settings={"HOURS_REMINDER_GRACE_MINUTES": "10"}) as office:
        reminder = await remind(office.bot.desk.store, now=office.clock.now())
        await later(office, seconds=AN_HOUR + 601)
        told = await office.olivia.sees("More than 10 minutes late", channel=office.olivia.dm)
        assert "It is due again" in told.plain
        assert posts(office) == []
        assert (await last(office, reminder)).state is RunState.SKIPPED


async def test_nobody_concerned_means_no_post(office: Office) -> None:
    office.slack.channels["C0GENERAL"].members.clear()
    office.slack.channels["C0GENERAL"].members.append("U0HOURS")
    reminder = await remind(office.bot.desk.store, now=office.clock.now(), channel="C0GENERAL")
    await later(office, seconds=AN_HOUR)
    assert posts(office, "C0GENERAL") == []
    assert (await last(office, reminder)).state is RunState.EMPTY


# ------------------------------------------------------------------ Slack does not answer clearly

LOST = [FaultKind.CUT_AFTER, FaultKind.FAIL_AFTER]
NOT_TAKEN = [FaultKind.CUT_BEFORE, FaultKind.FAIL_BEFORE]


@pytest.mark.parametrize("kind", LOST)
async def test_what_arrived_without_an_answer_is_found(reading: Office, kind: FaultKind) -> None:
    reminder = await remind(reading.bot.desk.store, now=reading.clock.now())
    broken(reading, kind)
    await later(reading, seconds=AN_HOUR)
    assert (await last(reading, reminder)).state is RunState.READY
    await later(reading, seconds=30)
    run = await last(reading, reminder)
    (post,) = posts(reading)
    assert (run.state, run.ts) == (RunState.POSTED, post.ts)


@pytest.mark.parametrize("kind", NOT_TAKEN)
async def test_what_did_not_arrive_is_posted_when_it_can_arrive_no_more(
    reading: Office, kind: FaultKind
) -> None:
    reminder = await remind(reading.bot.desk.store, now=reading.clock.now())
    broken(reading, kind)
    await later(reading, seconds=AN_HOUR)
    await later(reading, seconds=29)
    assert posts(reading) == []
    await later(reading, seconds=1)
    assert len(posts(reading)) == 1
    assert (await last(reading, reminder)).state is RunState.POSTED


@pytest.mark.parametrize("kind", LOST)
async def test_who_may_not_read_asks_the_owner_who_has_found_it(
    office: Office, reminder: Reminder, kind: FaultKind
) -> None:
    broken(office, kind)
    await later(office, seconds=AN_HOUR)
    await later(office, seconds=30)
    assert (await last(office, reminder)).state is RunState.UNCLEAR
    question = await office.olivia.sees("I won’t post it twice", channel=office.olivia.dm)
    await office.olivia.click(question, "run_is_there")
    await office.olivia.sees("is in the channel", channel=office.olivia.dm)
    assert len(posts(office)) == 1
    assert (await last(office, reminder)).state is RunState.POSTED


@pytest.mark.parametrize("kind", [*LOST, *NOT_TAKEN])
async def test_posted_again_at_the_owners_word_it_is_there_once(
    office: Office, reminder: Reminder, kind: FaultKind
) -> None:
    """Also where the owner has overlooked it: Slack knows the repeat by its id."""
    broken(office, kind)
    await later(office, seconds=AN_HOUR)
    await later(office, seconds=30)
    question = await office.olivia.sees("I won’t post it twice", channel=office.olivia.dm)
    await office.olivia.click(question, "run_post_again")
    await office.olivia.sees("is in the channel", channel=office.olivia.dm)
    await later(office, seconds=AN_HOUR)
    assert len(posts(office)) == 1
    assert (await last(office, reminder)).state is RunState.POSTED
    assert await office.bot.desk.store.repeats.are_recognized() is (kind in LOST)


async def test_both_answers_pressed_count_once(office: Office, reminder: Reminder) -> None:
    broken(office, FaultKind.CUT_AFTER)
    await later(office, seconds=AN_HOUR)
    await later(office, seconds=30)
    question = await office.olivia.sees("I won’t post it twice", channel=office.olivia.dm)
    stale, words = question.blocks, question.text
    await office.olivia.click(question, "run_is_there")
    await office.olivia.sees("is in the channel", channel=office.olivia.dm)
    question.blocks, question.text = stale, words
    await office.olivia.click(question, "run_post_again")
    await office.olivia.sees("This is settled", channel=office.olivia.dm)
    assert len(posts(office)) == 1
    assert (await last(office, reminder)).state is RunState.POSTED


async def test_nobody_else_settles_it(office: Office, reminder: Reminder) -> None:
    await office.make_manager()
    await office.at_rest()
    broken(office, FaultKind.CUT_AFTER)
    await later(office, seconds=AN_HOUR)
    await later(office, seconds=30)
    question = await office.olivia.sees("I won’t post it twice", channel=office.olivia.dm)
    office.slack.world.post(
        office.slack.world.dm("U0MIA"), user="U0HOURS", text=question.text, blocks=question.blocks
    )
    await office.mia.click(office.mia.messages(office.mia.dm)[-1], "run_post_again")
    await office.mia.sees("Only the reminder’s owner and admins", channel=office.mia.dm)
    assert (await last(office, reminder)).state is RunState.UNCLEAR
    assert len(posts(office)) == 1


@pytest.mark.parametrize("kind", [*LOST, *NOT_TAKEN])
async def test_where_slack_is_known_to_recognize_repeats_it_is_repeated(
    office: Office, reminder: Reminder, kind: FaultKind
) -> None:
    await office.bot.desk.store.repeats.learn(recognized=True, now=office.clock.now())
    broken(office, kind)
    await later(office, seconds=AN_HOUR)
    await later(office, seconds=30)
    assert len(posts(office)) == 1
    assert (await last(office, reminder)).state is RunState.POSTED


async def test_a_rate_limit_is_waited_for_and_no_reason_for_doubt(office: Office, reminder: Reminder) -> None:
    broken(office, FaultKind.RATE_LIMITED, seconds=20)
    await later(office, seconds=AN_HOUR)
    await later(office, seconds=19)
    assert posts(office) == []
    await later(office, seconds=1)
    assert len(posts(office)) == 1
    assert (await last(office, reminder)).state is RunState.POSTED


@pytest.mark.parametrize("match", ["conversations.members", "users.info"])
async def test_while_slack_does_not_tell_whom_to_name_it_waits(
    office: Office, reminder: Reminder, match: str
) -> None:
    office.slack.faults.add(Fault(FaultKind.FAIL_BEFORE, match=match))
    await later(office, seconds=AN_HOUR)
    assert posts(office) == []
    office.slack.faults.clear()
    await later(office, seconds=61)
    assert len(posts(office)) == 1
    assert (await last(office, reminder)).state is RunState.POSTED


@pytest.mark.parametrize("match", ["*timeoff*", "*public-holidays*"])
async def test_it_waits_some_minutes_for_focus_to_tell_who_is_away(
    office: Office, reminder: Reminder, match: str
) -> None:
    fault = office.focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, match=match))
    office.focus.add_time_off(501, date(2026, 3, 2), date(2026, 3, 2))
    await later(office, seconds=AN_HOUR)
    await later(office, seconds=60)
    assert posts(office) == []
    office.focus.faults.remove(fault)
    await later(office, seconds=60)
    (post,) = posts(office)
    assert "<@U0ANA>" not in post.plain
    assert "<@U0BEN>" in post.plain
    assert "late" not in post.plain
    assert (await last(office, reminder)).state is RunState.POSTED


@pytest.mark.parametrize(("kind", "minutes"), [(FaultKind.OUT_OF_QUOTA, 4), (FaultKind.REFUSE, 0)])
async def test_whoever_looks_after_it_hears_once_that_nobody_knew_who_is_away(
    office: Office, kind: FaultKind, minutes: int
) -> None:
    """What Focus refuses it will not tell in a while either, so nothing waits for that."""
    await remind(office.bot.desk.store, now=office.clock.now())
    office.focus.faults.add(Fault(kind, match="*timeoff*", status=403))
    await later(office, seconds=AN_HOUR)
    for _ in range(minutes):
        assert posts(office) == []
        await later(office, seconds=60)
    assert len(posts(office)) == 1
    await office.olivia.sees("did not tell me who is away", channel=office.olivia.dm)
    for _ in range(minutes + 1):
        await later(office, seconds=A_DAY if len(posts(office)) == 1 else 60)
    told = [each for each in office.olivia.messages(office.olivia.dm) if "who is away" in each.plain]
    assert len(told) == 1


async def test_a_token_that_is_mended_within_the_grace_posts_it(office: Office, reminder: Reminder) -> None:
    broken(office, FaultKind.REFUSE, error="token_revoked")
    await later(office, seconds=AN_HOUR)
    await later(office, seconds=60)
    assert len(posts(office)) == 1
    assert (await last(office, reminder)).state is RunState.POSTED


async def test_of_all_that_a_revoked_token_stopped_the_owner_hears_in_one_message(office: Office) -> None:
    await remind(office.bot.desk.store, now=office.clock.now())
    office.slack.faults.add(Fault(FaultKind.REFUSE, match="chat.postMessage", error="token_revoked"))
    await later(office, seconds=AN_HOUR)
    for _ in range(12):
        await later(office, seconds=A_DAY / 4)
    assert posts(office) == []
    office.slack.faults.clear()
    await later(office, seconds=AN_HOUR / 2)
    assert len(posts(office)) == 1, "today’s still comes"
    await later(office, seconds=2 * AN_HOUR)
    told = [each for each in office.olivia.messages(office.olivia.dm) if "was due" in each.plain]
    assert len(told) == 1
    assert "(and 2 times before that)" in told[0].plain


async def test_it_is_found_however_much_is_said_in_the_channel(reading: Office) -> None:
    reminder = await remind(reading.bot.desk.store, now=reading.clock.now())
    broken(reading, FaultKind.CUT_AFTER)
    await later(reading, seconds=AN_HOUR)
    for number in range(450):
        reading.slack.world.post(reading.slack.channels[STUDIO], user="U0ANA", text=f"lunch {number}?")
    await later(reading, seconds=30)
    assert len(posts(reading)) == 1
    assert (await last(reading, reminder)).state is RunState.POSTED


async def test_while_slack_does_not_let_it_look_nothing_is_posted(reading: Office) -> None:
    reminder = await remind(reading.bot.desk.store, now=reading.clock.now())
    broken(reading, FaultKind.CUT_AFTER)
    await later(reading, seconds=AN_HOUR)
    broken(reading, FaultKind.FAIL_BEFORE, "conversations.history")
    await later(reading, seconds=30)
    assert (await last(reading, reminder)).state is RunState.READY
    await later(reading, seconds=30)
    assert len(posts(reading)) == 1
    assert (await last(reading, reminder)).state is RunState.POSTED


async def test_a_scope_for_other_channels_does_not_help(tmp_path: Path, clock: Clock) -> None:
    """Not in :func:`an_office`: Slack's *missing_scope* is what is looked for."""
    async with open_office(tmp_path, clock=clock, scopes=["channels:history"]) as office:
        await office.at_rest()
        reminder = await remind(office.bot.desk.store, now=clock.now(), channel="G0ADMIN")
        office.slack.channels["G0ADMIN"].members.append("U0ANA")
        broken(office, FaultKind.CUT_AFTER)
        await later(office, seconds=AN_HOUR)
        await later(office, seconds=30)
        await office.olivia.sees("I won’t post it twice", channel=office.olivia.dm)
        assert (await last(office, reminder)).state is RunState.UNCLEAR
        assert len(posts(office, "G0ADMIN")) == 1


async def test_a_new_zone_database_counts_from_the_next_start(office: Office, tmp_path: Path) -> None:
    """As if clocks there would have shown ten o'clock an hour later when it was written down."""
    store = office.bot.desk.store
    reminder = await remind(store, now=office.clock.now())
    await database(store).write(
        lambda sql: sql.execute("UPDATE reminders SET next_at = '2026-03-02T11:00:00+00:00'")
    )
    async with open_office(tmp_path, sandbox=office.sandbox) as restarted:
        await restarted.at_rest(bots=2)
        assert (await kept(restarted, reminder)).next_at == TEN


# ------------------------------------------------------------------ failures are loud


async def test_a_channel_without_the_bot_is_told_with_the_invitation(office: Office) -> None:
    reminder = await remind(office.bot.desk.store, now=office.clock.now(), channel="C0GENERAL")
    await later(office, seconds=AN_HOUR)
    told = await office.olivia.sees("`/invite @hours`", channel=office.olivia.dm)
    assert "was not posted. I am not in" in told.plain
    office.slack.channels["C0GENERAL"].members.append("U0HOURS")
    await later(office, seconds=A_DAY)
    assert len(posts(office, "C0GENERAL")) == 1
    assert "works again" in told.plain
    assert (await kept(office, reminder)).failures == 0


async def test_three_failures_pause_it_with_one_message_and_resume_goes_on(office: Office) -> None:
    reminder = await remind(office.bot.desk.store, now=office.clock.now(), channel="C0ARCHIVED")
    await later(office, seconds=AN_HOUR)
    told = await office.olivia.sees("is archived", channel=office.olivia.dm)
    assert "I’ll try again" in told.plain
    await later(office, seconds=A_DAY)
    await later(office, seconds=A_DAY)
    assert (await kept(office, reminder)).state is ReminderState.PAUSED
    assert "3 times in a row" in told.plain
    assert "I have paused it" in told.plain
    assert len(posts(office, office.olivia.dm)) == 1
    await later(office, seconds=A_DAY)
    office.slack.channels["C0ARCHIVED"].is_archived = False
    await office.olivia.click(told, "run_resume")
    await office.olivia.sees("works again", channel=office.olivia.dm)
    await later(office, seconds=A_DAY)
    assert len(posts(office, "C0ARCHIVED")) == 1


async def test_what_was_paused_by_failures_goes_on_once_it_was_posted_now(office: Office) -> None:
    reminder = await remind(office.bot.desk.store, now=office.clock.now(), channel="C0ARCHIVED")
    for seconds in (AN_HOUR, A_DAY, A_DAY):
        await later(office, seconds=seconds)
    told = await office.olivia.sees("I have paused it", channel=office.olivia.dm)
    office.slack.channels["C0ARCHIVED"].is_archived = False
    await office.olivia.click(told, f"reminder_post:{reminder.id}")
    await office.at_rest()
    assert len(posts(office, "C0ARCHIVED")) == 1
    assert (await kept(office, reminder)).state is ReminderState.ACTIVE
    assert "works again" in told.plain


async def test_a_private_channel_that_cannot_be_seen_is_told(office: Office) -> None:
    office.slack.channels["G0ADMIN"].members.remove("U0HOURS")
    made = await remind(office.bot.desk.store, now=office.clock.now(), channel="G0ADMIN")
    await later(office, seconds=AN_HOUR)
    told = await office.olivia.sees("it is private and I am not in it", channel=office.olivia.dm)
    assert "choose another channel" in told.plain
    await office.olivia.click(told, f"reminder_change:{made.id}")
    await office.olivia.sees_modal("Change the reminder")


async def test_the_owner_and_the_admins_are_told(office: Office) -> None:
    await office.make_manager()
    await office.at_rest()
    await remind(office.bot.desk.store, now=office.clock.now(), channel="C0ARCHIVED", owner="U0MIA")
    await later(office, seconds=AN_HOUR)
    await office.olivia.sees("is archived", channel=office.olivia.dm)
    await office.mia.sees("is archived", channel=office.mia.dm)


async def test_who_may_not_remind_any_more_is_followed_by_an_admin(office: Office) -> None:
    await office.make_manager()
    await office.at_rest()
    reminder = await remind(office.bot.desk.store, now=office.clock.now(), owner="U0MIA")
    await office.olivia.types(STUDIO, "/hours managers revoke <@U0MIA>")
    await office.at_rest()
    await later(office, seconds=AN_HOUR)
    told = await office.olivia.sees("may not make reminders any more", channel=office.olivia.dm)
    assert posts(office) == []
    await office.olivia.click(told, "run_take_over")
    await office.olivia.sees("works again", channel=office.olivia.dm)
    assert (await kept(office, reminder)).owner == "U0OLIVIA"
    await later(office, seconds=A_DAY)
    assert len(posts(office)) == 1


@pytest.mark.parametrize(("press", "then"), [("leaver_take", 1), ("leaver_delete", 0)])
async def test_who_leaves_slack_leaves_reminders_to_an_admin(office: Office, press: str, then: int) -> None:
    await office.make_manager()
    await office.at_rest()
    await remind(office.bot.desk.store, now=office.clock.now(), owner="U0MIA")
    await office.change_user("U0MIA", deleted=True)
    told = await office.olivia.sees("has left Slack", channel=office.olivia.dm)
    assert "the reminder in" in told.plain
    await later(office, seconds=AN_HOUR)
    for _ in range(3):
        await later(office, seconds=A_DAY)
    assert posts(office) == []
    assert not [each for each in posts(office, office.olivia.dm) if "not posted" in each.plain]
    await office.olivia.click(told, press)
    await later(office, seconds=A_DAY)
    assert len(posts(office)) == then


async def test_who_comes_back_finds_it_as_it_was(office: Office) -> None:
    await office.make_manager()
    await office.at_rest()
    await remind(office.bot.desk.store, now=office.clock.now(), owner="U0MIA")
    await office.change_user("U0MIA", deleted=True)
    await later(office, seconds=AN_HOUR)
    for _ in range(3):
        await later(office, seconds=A_DAY)
    await office.change_user("U0MIA", deleted=False)
    await later(office, seconds=A_DAY)
    assert len(posts(office)) == 1


async def test_a_board_is_not_closed(office: Office) -> None:
    board = await remind(office.bot.desk.store, now=office.clock.now(), kind=ReminderKind.BOARD)
    await later(office, seconds=AN_HOUR)
    assert len(posts(office)) == 1
    assert await office.bot.desk.store.runs.to_close(office.clock.now().replace(day=9)) == ()
    assert (await last(office, board)).state is RunState.POSTED


async def test_a_paused_reminder_is_silent(office: Office, reminder: Reminder) -> None:
    store = office.bot.desk.store
    await store.reminders.pause(await managing(store), reminder.id, until=None, now=office.clock.now())
    await later(office, seconds=A_DAY)
    assert posts(office) == []
