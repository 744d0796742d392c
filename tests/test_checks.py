"""A check in a channel: pressed, counted in place, closed when its day is over, and asked about once more."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human, Message
from bot.sandbox.slack.blockkit import flatten
from store.reminders import Answer, Reminder, ReminderKind, Run, RunState, Schedule, Weekly
from store.week import Weekday
from tests.conftest import Crowded, OpenOffice
from tests.office import STUDIO, Office, open_office
from tests.reminding import A_DAY, AN_HOUR, managing, posts, remind

ON_MONDAYS = Schedule(Weekly((Weekday.MONDAY,)), time(10), "UTC")


async def later(office: Office, *, seconds: float) -> None:
    """Time passes, and all that it started is over."""
    await office.at_rest()
    office.clock.move(seconds=seconds)
    await office.at_rest()


@pytest.fixture
async def check(office: Office) -> Reminder:
    """Posted on Monday at ten: Ana, Ana Petrova, Ben, Mia and Olivia are asked."""
    made = await remind(office.bot.desk.store, now=office.clock.now())
    await later(office, seconds=AN_HOUR)
    return made


def post(office: Office) -> Message:
    return posts(office)[-1]


async def run_of(office: Office, check: Reminder) -> Run:
    return (await office.bot.desk.store.runs.last())[check.id]


async def press(office: Office, human: Human, action: str, where: Message | None = None) -> Message:
    """What the person reads after a press on the check, once all that it started is over."""
    place = STUDIO
    before = len(human.messages(place))
    assert (await human.click(where or post(office), action)).ok
    await human.sees("", channel=place, after=before)
    await office.at_rest()
    return human.messages(place)[-1]


@pytest.mark.usefixtures("check")
async def test_it_names_those_concerned_and_counts(office: Office) -> None:
    assert "Are your working hours in Toggl Focus still right?" in post(office).plain
    assert "<@U0ANA> <@U0ANAP> <@U0BEN> <@U0MIA> <@U0OLIVIA>" in post(office).plain
    assert "0 of 5 answered" in post(office).plain
    assert "GET" not in office.focus_calls()


@pytest.mark.usefixtures("check")
async def test_still_right_shows_privately_what_is_confirmed(office: Office) -> None:
    said = await press(office, office.ana, "check_right")
    assert said.ephemeral_to == "U0ANA"
    assert "Confirmed: Mon–Fri 8 h, Sat–Sun not set; 40 h in all." in said.text
    assert office.focus_calls() == ["GET"]
    await later(office, seconds=5)
    assert "1 of 5 answered" in post(office).plain
    assert len(posts(office)) == 1


@pytest.mark.usefixtures("check")
async def test_what_was_read_a_moment_ago_is_not_read_again(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours")
    await office.ana.sees("40 h", channel=STUDIO)
    await press(office, office.ana, "check_right")
    assert office.focus_calls() == ["GET"]


@pytest.mark.usefixtures("check")
async def test_a_second_press_says_that_it_was_confirmed(office: Office) -> None:
    await press(office, office.ana, "check_right")
    said = await press(office, office.ana, "check_right")
    assert "You confirmed this already" in said.text
    await later(office, seconds=5)
    assert "1 of 5 answered" in post(office).plain


async def test_a_press_tells_that_a_post_has_arrived_and_it_is_counted(office: Office) -> None:
    """Slack took the check and did not say so; nobody knew its name until somebody pressed."""
    check = await remind(office.bot.desk.store, now=office.clock.now(), schedule=ON_MONDAYS)
    office.slack.faults.add(Fault(FaultKind.CUT_AFTER, "chat.postMessage", times=1))
    await later(office, seconds=AN_HOUR)
    await later(office, seconds=31)
    assert (await run_of(office, check)).state is RunState.UNCLEAR
    await press(office, office.ana, "check_right")
    run = await run_of(office, check)
    assert (run.state, run.ts) == (RunState.POSTED, post(office).ts)
    await later(office, seconds=5)
    assert "1 of 5 answered" in post(office).plain
    assert len(posts(office)) == 1


@pytest.mark.usefixtures("check")
async def test_answers_at_once_are_shown_in_few_edits(office: Office) -> None:
    before = office.sandbox.log.count("slack", "chat.update")
    for human in (office.ana, office.ben, office.mia):
        await press(office, human, "check_right")
    await later(office, seconds=5)
    await later(office, seconds=5)
    assert "3 of 5 answered" in post(office).plain
    assert office.sandbox.log.count("slack", "chat.update") - before <= 2


async def test_a_change_counts_as_an_answer(office: Office, check: Reminder) -> None:
    await office.ana.click(post(office), "check_change")
    view = await office.ana.sees_modal("Working days")
    office.ana.fill(view, "hours", "7")
    await office.ana.submit(view)
    await office.at_rest()
    assert office.focus_week(501) == "7 7 7 7 7 - -"
    await later(office, seconds=5)
    assert "1 of 5 answered" in post(office).plain
    answers = {each.slack_user_id: each.answer for each in (await run_of(office, check)).people}
    assert answers["U0ANA"] is Answer.CHANGED


@pytest.mark.usefixtures("check")
async def test_a_typed_change_counts_too_and_a_managers_does_not(office: Office) -> None:
    await office.olivia.types(STUDIO, "/hours set <@U0ANA> fri 4")
    await office.olivia.sees("8 h → 4 h", channel=STUDIO)
    await later(office, seconds=5)
    assert "0 of 5 answered" in post(office).plain
    await office.ben.types(STUDIO, "/hours set mon 8")
    await office.ben.sees("8:30 h → 8 h", channel=STUDIO)
    await later(office, seconds=5)
    assert "1 of 5 answered" in post(office).plain


@pytest.mark.usefixtures("check")
async def test_who_was_not_asked_may_answer_all_the_same(office: Office) -> None:
    said = await press(office, office.slack.human("U0ZOE"), "check_right")
    assert "You were not asked today, but it counts." in said.text
    await later(office, seconds=5)
    assert "0 of 5 answered" in post(office).plain


@pytest.mark.usefixtures("check")
async def test_who_is_not_linked_hears_what_to_do(office: Office) -> None:
    said = await press(office, office.tom, "check_right")
    assert said.ephemeral_to == "U0TOM"
    assert "Toggl Focus" in said.text
    assert "Confirmed" not in said.text


async def test_not_now_asks_until_when_and_keeps_to_it(office: Office, check: Reminder) -> None:
    choice = await press(office, office.ana, "check_later")
    assert choice.ephemeral_to == "U0ANA"
    await office.ana.click(choice, "check_snooze:2026-03-09")
    await office.ana.sees("before Mon 9 March 2026", channel=STUDIO)
    assert "0 of 5 answered" in post(office).plain
    await later(office, seconds=A_DAY)
    assert "<@U0ANA>" not in post(office).plain
    store = office.bot.desk.store
    assert await store.confirmations.snoozed(date(2026, 3, 8)) == {"U0ANA": date(2026, 3, 9)}
    assert check.owner == "U0OLIVIA"


@pytest.mark.usefixtures("check")
async def test_another_date_can_be_picked_if_it_is_ahead(office: Office) -> None:
    choice = await press(office, office.ana, "check_later")
    await office.ana.click(choice, "check_snooze_date", selected="2026-03-02")
    again = await office.ana.sees("not in the future", channel=STUDIO)
    await office.ana.click(again, "check_snooze_date", selected="2026-05-01")
    told = await office.ana.sees("before Fri 1 May 2026", channel=STUDIO)
    await office.ana.click(told, "check_wake")
    await office.ana.sees("ask you about your working hours again", channel=STUDIO)
    assert await office.bot.desk.store.confirmations.snoozed(date(2026, 3, 2)) == {}


@pytest.mark.usefixtures("check")
async def test_where_focus_does_not_answer_nothing_unread_is_confirmed(office: Office) -> None:
    """What was read some day is confirmed, and said to be old; a week never read is not."""
    await office.ana.types(STUDIO, "/hours")
    await office.ana.sees("40 h", channel=STUDIO)
    await later(office, seconds=AN_HOUR)
    office.focus.faults.add(Fault(FaultKind.REFUSE, "GET *workinghours*", status=403))
    said = await press(office, office.ana, "check_right")
    assert "Confirmed: Mon–Fri 8 h" in said.text
    assert "Read from Toggl Focus 1 h ago" in said.text
    assert "not fresh" in said.text
    said = await press(office, office.ben, "check_right")
    assert "Confirmed" not in said.text
    await later(office, seconds=5)
    assert "1 of 5 answered" in post(office).plain


async def test_who_may_not_change_their_own_week_hears_who_can(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_SELF_EDIT": "no"}) as office:
        await once(office)
        await office.ana.click(post(office), "check_change")
        await office.ana.sees_modal("<@U0OLIVIA> can")
        await press(office, office.ana, "check_right")
        await later(office, seconds=5)
        assert "1 of 5 answered" in post(office).plain


@pytest.mark.usefixtures("check")
async def test_when_all_have_answered_one_line_is_left(office: Office) -> None:
    for user in ("U0ANA", "U0ANAP", "U0BEN", "U0MIA", "U0OLIVIA"):
        await press(office, office.slack.human(user), "check_right")
    await later(office, seconds=5)
    assert post(office).text == "Working hours checked on Mon 2 March: all 5 answered."
    await later(office, seconds=15 * AN_HOUR)
    assert "checked" not in "".join(each.plain for each in office.olivia.messages(office.olivia.dm))


async def test_when_the_day_is_over_one_line_is_left_and_the_owner_hears_who_not(
    office: Office, check: Reminder
) -> None:
    await press(office, office.ana, "check_right")
    await later(office, seconds=15 * AN_HOUR)
    assert post(office).text == "Working hours checked on Mon 2 March: 1 of 5 answered."
    assert (await run_of(office, check)).state is RunState.CLOSED
    assert not [each for each in office.olivia.messages(office.olivia.dm) if "answered" in each.plain]
    await later(office, seconds=9 * AN_HOUR)  # nobody is told at night
    told = await office.olivia.sees("1 of 5 answered", channel=office.olivia.dm)
    assert "No answer: <@U0ANAP>, <@U0BEN>, <@U0MIA> and <@U0OLIVIA>." in told.plain
    assert "<@U0ANA>" not in told.plain.replace("<@U0ANAP>", "")


async def test_one_nudge_at_nine_on_the_persons_next_working_day(an_office: OpenOffice) -> None:
    """Ana's Tuesday begins at nine in New York, Ben's in Berlin; who answered hears nothing."""
    async with an_office() as office:
        await office.change_user("U0ANA", tz="America/New_York")
        await once(office)
        await press(office, office.mia, "check_right")
        await later(office, seconds=22 * AN_HOUR - 1)  # 7:59:59 UTC
        assert not nudges(office, office.ben)
        await later(office, seconds=1)
        (nudge,) = nudges(office, office.ben)
        assert "Is your week in Toggl Focus still right?" in nudge.plain
        assert not nudges(office, office.ana)
        await later(office, seconds=6 * AN_HOUR)  # 14:00 UTC
        assert len(nudges(office, office.ana)) == 1
        assert not nudges(office, office.mia)
        for _ in range(5):
            await later(office, seconds=A_DAY)
        assert len(nudges(office, office.ana)) == len(nudges(office, office.ben)) == 1


async def test_an_answer_below_the_nudge_counts_and_the_nudge_says_so(office: Office) -> None:
    check = await once(office)
    await later(office, seconds=A_DAY)
    (nudge,) = nudges(office, office.ben)
    await office.ben.click(nudge, "check_right")
    await office.ben.sees("Confirmed: Mon–Tue 8:30 h", channel=office.ben.dm)
    await later(office, seconds=5)
    assert "You confirmed your working hours" in nudges(office, office.ben, "You confirmed your")[0].plain
    assert "1 of 5 answered" in post(office).plain
    assert (await run_of(office, check)).state is RunState.CLOSED
    assert "No answer" in (told := office.olivia.messages(office.olivia.dm)[0].plain)
    assert "<@U0BEN>" not in told


async def test_who_answers_while_the_nudge_is_on_its_way_is_not_asked(office: Office) -> None:
    await once(office)
    office.slack.faults.add(Fault(FaultKind.FAIL_BEFORE, "chat.postMessage", times=5))
    await later(office, seconds=22 * AN_HOUR)
    await office.ben.types(STUDIO, "/hours set mon 8")
    await office.ben.sees("8:30 h → 8 h", channel=STUDIO)
    await later(office, seconds=2 * AN_HOUR)
    assert len(nudges(office, office.ana)) == 1
    assert not nudges(office, office.ben)
    assert not nudges(office, office.ben, "as asked in")


async def test_a_nudge_waits_while_somebody_is_away(office: Office) -> None:
    """Leave that was entered after the check: nobody is reminded in it."""
    await once(office)
    office.focus.add_time_off(503, date(2026, 3, 3), date(2026, 3, 3))
    await later(office, seconds=2 * AN_HOUR)  # the leave known until now is old
    await later(office, seconds=20 * AN_HOUR)
    assert not nudges(office, office.ben)
    await later(office, seconds=A_DAY)
    assert len(nudges(office, office.ben)) == 1


async def test_a_nudge_waits_until_focus_tells_who_is_away(office: Office) -> None:
    await once(office)
    await later(office, seconds=2 * AN_HOUR)  # the leave known until now is old
    fault = office.focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "*timeoff*"))
    office.focus.add_time_off(503, date(2026, 3, 3), date(2026, 3, 3))
    await later(office, seconds=21 * AN_HOUR)
    assert not nudges(office, office.ben)
    assert not nudges(office, office.ana)
    office.focus.faults.remove(fault)
    await later(office, seconds=900)
    assert not nudges(office, office.ben)
    assert len(nudges(office, office.ana)) == 1


async def test_no_nudge_for_who_left_asked_for_peace_or_whose_check_was_deleted(office: Office) -> None:
    store = office.bot.desk.store
    await once(office)
    await store.confirmations.snooze("U0BEN", until=date(2026, 3, 20))
    await office.change_user("U0ANAP", deleted=True)
    await later(office, seconds=2 * A_DAY)
    assert not nudges(office, office.ben)
    assert not nudges(office, office.slack.human("U0ANAP"))
    assert len(nudges(office, office.ana)) == 1


async def test_a_week_with_two_entries_for_a_day_is_not_confirmed(office: Office) -> None:
    office.focus.double("user", 501, 1)
    await once(office)
    said = await press(office, office.ana, "check_right")
    assert "two entries" in said.plain
    await later(office, seconds=5)
    assert "0 of 5 answered" in post(office).plain


async def test_a_board_is_posted_without_hours_and_rings_for_nobody(office: Office) -> None:
    await remind(office.bot.desk.store, now=office.clock.now(), kind=ReminderKind.BOARD)
    await later(office, seconds=AN_HOUR)
    board = post(office).plain
    assert "Who works on Monday, 2 March" in board
    assert "Weeks from Toggl Focus" in board
    assert "*Works (5):* Ana Lindqvist, Ana Petrova, Ben Okafor, Mia Tanaka, Olivia Grant" in board
    assert "*Does not (1):* Zoë &lt;!channel&gt;" in board
    assert "<@" not in board
    assert " h" not in board.replace(" hours", "")


async def test_a_board_says_how_old_it_is(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours")
    await office.ana.sees("40 h", channel=STUDIO)
    await remind(office.bot.desk.store, now=office.clock.now(), kind=ReminderKind.BOARD)
    await later(office, seconds=AN_HOUR)
    assert "Weeks from Toggl Focus, at most 60 min old" in post(office).plain


async def test_a_board_says_that_leave_is_not_known(office: Office) -> None:
    office.focus.faults.add(Fault(FaultKind.REFUSE, "*timeoff*", status=403))
    await remind(office.bot.desk.store, now=office.clock.now(), kind=ReminderKind.BOARD)
    await later(office, seconds=AN_HOUR)
    assert "who is on leave is not known" in post(office).plain
    assert not any("may name people" in each.plain for each in office.olivia.messages(office.olivia.dm))


async def test_a_weeks_board_says_who_works_on_which_days(office: Office) -> None:
    await remind(office.bot.desk.store, now=office.clock.now(), kind=ReminderKind.BOARD, span="week")
    await later(office, seconds=AN_HOUR)
    board = post(office).plain
    assert "Who works when, week of 2 March" in board
    assert "*Mon–Fri:* Ana Lindqvist, Mia Tanaka, Olivia Grant" in board
    assert "*Mon–Wed:* Ben Okafor" in board


async def test_a_posted_board_is_never_edited(office: Office) -> None:
    """Whoever answers a check is on the board of the same day, too."""
    await remind(office.bot.desk.store, now=office.clock.now(), kind=ReminderKind.BOARD)
    check = await once(office)
    asks = next(each for each in posts(office) if "still right" in each.plain)
    await press(office, office.ana, "check_right", asks)
    await later(office, seconds=5)
    edits = [call for call in office.sandbox.log.calls if call.name == "chat.update"]
    assert len(edits) == 1
    assert (await run_of(office, check)).people[0].answer is Answer.CONFIRMED


async def test_a_crowd_costs_a_call_for_a_hundred_and_fits_into_a_message(crowded: Crowded) -> None:
    """Into an edited one, too, whose text Slack takes only if it is shorter."""
    async with crowded(400) as office:
        await remind(office.bot.desk.store, now=office.clock.now(), schedule=ON_MONDAYS, channel="C0EVERYONE")
        before = office.sandbox.log.total
        await later(office, seconds=AN_HOUR)
        (check,) = posts(office, "C0EVERYONE")
        number = flatten(check.blocks).count("<@")
        assert f"0 of {number} answered" in check.plain
        assert office.focus_calls(after=before) == []
        asked = [call.name for call in office.sandbox.log.since(before) if call.service == "focus"]
        for what, most in (("timeoff", 5), ("capacities", 5), ("public-holidays", 1)):
            assert 1 <= sum(what in name for name in asked) <= most
        await office.ana.click(check, "check_right")
        await later(office, seconds=5)
        assert f"1 of {number} answered" in check.plain


async def test_a_check_that_was_deleted_is_closed_without_a_word(office: Office) -> None:
    check = await once(office)
    store = office.bot.desk.store
    await store.reminders.delete(await managing(store), check.id, now=office.clock.now())
    await later(office, seconds=2 * A_DAY)
    assert post(office).text == "Working hours checked on Mon 2 March: 0 of 5 answered."
    assert not [each for each in office.olivia.messages(office.olivia.dm) if "answered" in each.plain]
    assert not nudges(office, office.ben)


async def test_two_processes_tell_everybody_once(an_office: OpenOffice, tmp_path: Path) -> None:
    """Both see what is due before either has done it."""
    async with an_office() as office, open_office(tmp_path, sandbox=office.sandbox) as other:

        async def hours_later(number: int) -> None:
            for each in (office, other, office):
                await each.at_rest(bots=2)
            office.clock.move(seconds=number * AN_HOUR)
            for each in (office, other, office, other):
                await each.at_rest(bots=2)

        store = office.bot.desk.store
        check = await remind(store, now=office.clock.now(), schedule=ON_MONDAYS)
        for number in (1, 14, 8, 1, 1):  # due, closed, and mornings from Berlin to London
            await hours_later(number)
        assert len(posts(office)) == 1
        assert (await run_of(office, check)).state is RunState.CLOSED
        told = [each for each in office.olivia.messages(office.olivia.dm) if "No answer" in each.plain]
        assert len(told) == 1
        assert len(nudges(office, office.ben)) == 1


async def test_after_days_of_silence_a_nudge_still_comes_in_daytime(office: Office) -> None:
    """The bot was away on Tuesday morning and is back in Berlin's night: Ben hears on Wednesday at nine."""
    await once(office)
    await later(office, seconds=36 * AN_HOUR)  # Tuesday, 23:00 in Berlin
    assert not nudges(office, office.ben)
    await later(office, seconds=10 * AN_HOUR - 1)
    assert not nudges(office, office.ben)
    await later(office, seconds=1)
    assert len(nudges(office, office.ben)) == 1


async def test_a_check_is_closed_at_the_end_of_its_own_zones_day(office: Office) -> None:
    tokyo = Schedule(Weekly((Weekday.MONDAY,)), time(20), "Asia/Tokyo")  # 11:00 UTC
    check = await remind(office.bot.desk.store, now=office.clock.now(), schedule=tokyo)
    await later(office, seconds=2 * AN_HOUR)
    await later(office, seconds=4 * AN_HOUR - 1)
    assert (await run_of(office, check)).state is RunState.POSTED
    await later(office, seconds=1)
    assert (await run_of(office, check)).state is RunState.CLOSED


async def once(office: Office) -> Reminder:
    """A check on Mondays at ten, posted today."""
    made = await remind(office.bot.desk.store, now=office.clock.now(), schedule=ON_MONDAYS)
    await later(office, seconds=AN_HOUR)
    return made


def nudges(office: Office, human: Human, text: str = "I’ll remind you only once") -> list[Message]:
    del office
    return [each for each in human.messages(human.dm) if text in each.plain]
