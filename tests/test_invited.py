"""Whom a reminder names: by their own week, leave and holidays, and never by reading anybody's week."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError

from bot.sandbox.faults import Fault, FaultKind
from handlers.asked import Problem
from handlers.reminders.invited import LeftOut, Roll, call_roll
from handlers.reminders.nudges import next_nudge, now_or_next
from store.access import Action, Actor
from store.reminders import Reminder, ReminderKind, ReminderState, Schedule, Weekly
from store.week import WORKWEEK, Hours, Week, Weekday
from tests.asking import ANA, BEN
from tests.conftest import OpenOffice
from tests.office import STUDIO, Office

MONDAY, TUESDAY, FRIDAY, SATURDAY = (date(2026, 3, day) for day in (2, 3, 6, 7))
"""On Monday Ana, Ana Petrova, Ben, Mia and Olivia work; Zoë is off, and on leave. Tom is not linked."""

CHECK = Reminder(
    id="r1",
    team_id="T0SANDBOX",
    owner="U0OLIVIA",
    kind=ReminderKind.CHECK,
    channel=STUDIO,
    group=None,
    schedule=Schedule(Weekly(WORKWEEK), time(9), "Europe/Berlin"),
    span="day",
    state=ReminderState.ACTIVE,
    paused_until=None,
    failures=0,
    reason="",
    failing_since="",
    next_at=None,
    at=datetime(2026, 3, 1, tzinfo=UTC),
)
BOARD = replace(CHECK, kind=ReminderKind.BOARD)


async def roll(office: Office, day: date = MONDAY, reminder: Reminder = CHECK) -> Roll:
    """Whom it names; nobody's week was read to find that out."""
    before = office.sandbox.log.total
    at = datetime.combine(day, time(9), UTC)
    called = await call_roll(office.bot.desk, reminder, day=day, at=at)
    assert office.focus_calls(after=before) == []
    return called


def names(called: Roll) -> list[str]:
    return [each.slack_user_id.removeprefix("U0") for each in called.people]


async def test_who_works_that_day_is_asked(office: Office) -> None:
    """In the order of their names; who is not linked, off or away is not."""
    called = await roll(office)
    assert names(called) == ["ANA", "ANAP", "BEN", "MIA", "OLIVIA"]
    assert called.left_out[LeftOut.NOT_LINKED] == 2  # Tom and Uma
    assert called.left_out[LeftOut.OFF] == 1
    assert names(await roll(office, FRIDAY)) == ["ANA", "MIA", "OLIVIA"]


async def test_one_request_each_for_everybody(office: Office) -> None:
    before = office.sandbox.log.total
    for _ in range(3):
        await roll(office)
    for what in ("timeoff", "public-holidays"):
        assert office.sandbox.log.count("focus", f"GET /organizations/1001/{what}", after=before) == 1


async def test_of_weeks_never_read_focus_says_who_works(office: Office) -> None:
    before = office.sandbox.log.total
    for _ in range(3):  # as many reminders may be due together
        assert "BEN" not in names(await roll(office, FRIDAY))
    asked = [call.name for call in office.sandbox.log.since(before) if "capacities" in call.name]
    assert len(asked) == 1


async def test_where_focus_does_not_say_monday_to_friday_is_taken_for_granted(office: Office) -> None:
    office.focus.faults.add(Fault(FaultKind.REFUSE, "*capacities*", status=403))
    assert "BEN" in names(await roll(office, FRIDAY))
    assert names(await roll(office, SATURDAY)) == []


async def test_the_week_as_last_read_decides(office: Office) -> None:
    """Who looked once is asked by what was seen then, whatever Focus has now."""
    await office.ben.types(STUDIO, "/hours")
    await office.ben.sees("21 h", channel=STUDIO)
    office.focus.put_rows("user", BEN.id, {5: 8})
    assert "BEN" not in names(await roll(office, FRIDAY))


async def test_who_is_on_leave_is_not_asked(office: Office) -> None:
    office.focus.add_time_off(ANA.id, MONDAY, MONDAY)
    called = await roll(office)
    assert "ANA" not in names(called)
    assert called.left_out[LeftOut.AWAY] == 1
    assert "ANA" in names(await roll(office, TUESDAY))


async def test_where_leave_is_not_known_it_is_said_and_people_are_asked(office: Office) -> None:
    office.focus.faults.add(Fault(FaultKind.REFUSE, "*timeoff*", status=403))
    called = await roll(office)
    assert not called.leave.known
    assert "ANA" in names(called)


async def test_on_a_public_holiday_nobody_is_asked(office: Office) -> None:
    office.focus.add_holiday(MONDAY, "Founders’ Day")
    assert names(await roll(office)) == []
    assert names(await roll(office, TUESDAY)) != []


async def test_who_left_slack_is_not_asked(office: Office) -> None:
    await office.change_user("U0ANAP", deleted=True)
    assert "ANAP" not in names(await roll(office))


async def test_who_was_deactivated_in_focus_is_not_asked(office: Office) -> None:
    office.focus.change_person(ANA.id, active=False)
    await office.bot.desk.store.directory.refresh_people(office.clock.now())
    assert "ANA" not in names(await roll(office))


@pytest.mark.parametrize(("setting", "asked"), [("own", True), ("nothing", False)])
async def test_a_guest_is_asked_where_guests_have_their_own_week(
    an_office: OpenOffice, setting: str, *, asked: bool
) -> None:
    async with an_office(settings={"HOURS_GUESTS": setting}) as office:
        await office.change_user("U0ANA", is_restricted=True)
        assert ("ANA" in names(await roll(office))) is asked


async def test_who_confirmed_or_changed_within_25_days_is_left_in_peace(office: Office) -> None:
    desk = office.bot.desk
    actor = Actor(desk.store.team_id, "U0ANA", office.clock.now())
    own = await desk.store.access.may(actor, Action.SEE, ANA)
    week = (await desk.store.hours.look(own)).snapshot.week
    await desk.store.confirmations.confirm(own, week, now=office.clock.now())
    await office.ben.types(STUDIO, "/hours set mon 8")
    await office.ben.sees("Mon 8:30 h → 8 h", channel=STUDIO)
    called = await roll(office)
    assert names(called) == ["ANAP", "MIA", "OLIVIA"]
    assert called.left_out[LeftOut.ANSWERED] == 2
    assert names(await roll(office, MONDAY + timedelta(days=24)))[:2] == ["ANAP", "MIA"]
    assert names(await roll(office, MONDAY + timedelta(days=28)))[:3] == ["ANA", "ANAP", "BEN"]


async def test_a_week_that_changed_since_it_was_confirmed_is_asked_about(office: Office) -> None:
    desk = office.bot.desk
    actor = Actor(desk.store.team_id, "U0ANA", office.clock.now())
    own = await desk.store.access.may(actor, Action.SEE, ANA)
    await desk.store.hours.look(own)
    await desk.store.confirmations.confirm(own, Week(), now=office.clock.now())
    assert "ANA" in names(await roll(office))


async def test_who_wants_to_be_left_alone_is_until_that_day(office: Office) -> None:
    await office.bot.desk.store.confirmations.snooze("U0ANA", until=TUESDAY)
    called = await roll(office)
    assert "ANA" not in names(called)
    assert called.left_out[LeftOut.SNOOZED] == 1
    assert "ANA" in names(await roll(office, TUESDAY))


async def test_of_a_group_only_its_members_are_asked(office: Office) -> None:
    office.slack.paid = True
    assert names(await roll(office, reminder=replace(CHECK, group="S0DESIGN"))) == ["ANA", "BEN"]


async def test_a_channel_that_cannot_be_seen_is_said_to_be_so(office: Office) -> None:
    with pytest.raises((Problem, SlackApiError)):
        await roll(office, reminder=replace(CHECK, channel="C0NOWHERE"))


@pytest.mark.parametrize("reminder", [CHECK, BOARD])
async def test_nothing_is_posted_where_other_organizations_read(office: Office, reminder: Reminder) -> None:
    with pytest.raises(Problem, match="other organizations"):
        await roll(office, reminder=replace(reminder, channel="C0SHARED"))


async def test_a_board_has_everybody_who_is_linked_with_the_days_they_work(office: Office) -> None:
    office.focus.add_time_off(ANA.id, TUESDAY, TUESDAY)
    found = {each.slack_user_id: each.week for each in (await roll(office, reminder=BOARD)).people}
    assert set(found) == {"U0ANA", "U0ANAP", "U0BEN", "U0MIA", "U0OLIVIA", "U0ZOE"}
    assert found["U0ANA"].worked_days == (Weekday.MONDAY, *WORKWEEK[2:])
    assert found["U0ZOE"].worked_days == ()


async def test_a_board_is_not_posted_where_only_managers_may_see(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_VIEW": "managers"}) as office:
        with pytest.raises(Problem, match="Only managers"):
            await roll(office, reminder=BOARD)
        assert names(await roll(office)) != []


async def test_a_board_is_not_posted_where_guests_read_and_a_check_is(office: Office) -> None:
    office.joined("U0GUEST")
    with pytest.raises(Problem, match="guests may see only their own week"):
        await roll(office, reminder=BOARD)
    assert names(await roll(office)) != []


# ------------------------------------------------------------------ the nudge

DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "Asia/Tokyo", "America/St_Johns", "Pacific/Apia", "Asia/Gaza"]
)
WEEKS = st.lists(st.sampled_from([None, Hours(0), Hours(4)]), min_size=7, max_size=7).map(tuple).map(Week)


@given(week=WEEKS, zone=ZONES.map(ZoneInfo), after=DAYS, away=st.sets(st.integers(1, 14)))
def test_a_nudge_comes_at_nine_there_on_the_next_day_they_work(
    week: Week, zone: ZoneInfo, after: date, away: set[int]
) -> None:
    off = {after + timedelta(days=number) for number in away}
    works = [
        day
        for number in range(1, 15)
        if week[Weekday((day := after + timedelta(days=number)).isoweekday())] and day not in off
    ]
    at = next_nudge(week, zone, after=after, away=off)
    if not works:
        assert at is None
    else:
        assert at is not None
        assert (at.astimezone(zone).date(), at.astimezone(zone).time()) == (works[0], time(9))


@given(
    week=WEEKS,
    zone=ZONES.map(ZoneInfo),
    now=st.datetimes(datetime(2020, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - they get one
    away=st.sets(st.integers(0, 15)),
)
def test_a_nudge_that_is_late_comes_in_working_hours_or_waits_for_nine(
    week: Week, zone: ZoneInfo, now: datetime, away: set[int]
) -> None:
    today = now.astimezone(zone).date()
    off = {today + timedelta(days=number) for number in away}
    at = now_or_next(week, zone, now=now, away=off)
    if at is None:
        assert not any(
            week[Weekday((day := today + timedelta(days=number)).isoweekday())] and day not in off
            for number in range(1, 14)
        )
        return
    there = at.astimezone(zone)
    assert at >= now
    assert at == now or there.time() == time(9)
    assert time(9) <= there.time() < time(18)
    assert week[Weekday(there.isoweekday())]
    assert there.date() not in off


async def test_the_nudge_is_for_the_day_after_in_the_persons_own_zone(office: Office) -> None:
    """Due on Monday at 22:00 in Berlin it is Tuesday for Mia in Tokyo: her next working day is Wednesday."""
    at = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
    called = await call_roll(office.bot.desk, CHECK, day=MONDAY, at=at)
    nudges = {each.slack_user_id: each.nudge_at for each in called.people}
    assert nudges["U0MIA"] == datetime(2026, 3, 4, 0, 0, tzinfo=UTC)
    assert nudges["U0BEN"] == datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


async def test_who_works_no_day_soon_gets_no_nudge(office: Office) -> None:
    office.focus.add_time_off(BEN.id, TUESDAY, MONDAY + timedelta(days=20))
    assert {each.slack_user_id: each.nudge_at for each in (await roll(office)).people}["U0BEN"] is None
