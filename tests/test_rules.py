"""When reminders are due: right in every zone, through clock changes and leap days, once a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from store.reminders import Due, MonthlyWeekday, MonthlyWorkday, Rule, Schedule, Weekly
from store.week import ALL_DAYS, WORKWEEK, Weekday

ZONES = sorted(available_timezones() - {"localtime"})
CHANGING = [
    "Europe/Berlin", "America/New_York", "America/Nuuk", "Africa/Cairo", "Africa/Casablanca",
    "America/Santiago", "Asia/Beirut", "Asia/Gaza", "Australia/Lord_Howe", "Pacific/Apia",
    "Pacific/Chatham", "Atlantic/Azores", "Europe/Dublin", "America/Asuncion", "America/Havana",
    "Africa/Juba", "Asia/Pyongyang", "Antarctica/Troll",
]  # fmt: skip
"""Zones that have moved their clocks, some at midnight, by half an hour, or by a day."""
MONDAY, TUESDAY, FRIDAY, SUNDAY = (ALL_DAYS[number] for number in (0, 1, 4, 6))

zones = st.sampled_from(ZONES) | st.sampled_from(CHANGING)
times = st.builds(time, st.integers(0, 23), st.integers(0, 59)) | st.sampled_from(
    [time(0), time(0, 30), time(1, 30), time(2), time(2, 30), time(3), time(23, 30), time(23, 59)]
)
rules: st.SearchStrategy[Rule] = (
    st.builds(Weekly, st.lists(st.sampled_from(ALL_DAYS), min_size=1).map(tuple))
    | st.builds(MonthlyWorkday, st.booleans())
    | st.builds(MonthlyWeekday, st.sampled_from([1, 2, 3, 4, 5, -1]), st.sampled_from(ALL_DAYS))
)
schedules = st.builds(Schedule, rules, times, zones)
ten_years = st.datetimes(
    datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001 - made aware there
)  # fmt: skip
fifteen_before = st.datetimes(
    datetime(2011, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001 - likewise
)  # fmt: skip
moments = ten_years | fifteen_before


def shown(moment: datetime, zone: str) -> datetime:
    """What clocks there show."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def holds(rule: Rule, day: date) -> bool:
    """The rules in other words than the program's."""
    match rule:
        case Weekly(days=days):
            return Weekday(day.isoweekday()) in days
        case MonthlyWorkday(last=last):
            way = timedelta(days=1 if last else -1)
            beyond = (day + way * number for number in range(1, 5))
            on_that_side = [each for each in beyond if each.month == day.month]
            return day.isoweekday() in WORKWEEK and all(each.isoweekday() > 5 for each in on_that_side)
        case MonthlyWeekday(nth=-1, weekday=weekday):
            return day.isoweekday() == weekday and (day + timedelta(days=7)).month != day.month
        case MonthlyWeekday(nth=nth, weekday=weekday):
            return day.isoweekday() == weekday and (day.day - 1) // 7 + 1 == nth


@given(schedules, moments)
def test_the_next_time_is_later_and_for_a_day_of_the_rule(schedule: Schedule, moment: datetime) -> None:
    due = schedule.next_after(moment)
    assert due.at > moment
    assert due.at.tzinfo is UTC
    assert holds(schedule.rule, due.day)


@given(schedules, moments)
def test_clocks_show_the_time_or_have_just_gone_over_it(schedule: Schedule, moment: datetime) -> None:
    due = schedule.next_after(moment)
    wanted = datetime.combine(due.day, schedule.at)
    if shown(due.at, schedule.zone) == wanted:
        an_hour = [shown(due.at - timedelta(minutes=minutes), schedule.zone) for minutes in range(1, 181)]
        assert wanted not in an_hour, "of two, the first"
    else:
        just_before = shown(due.at - timedelta(seconds=1), schedule.zone)
        assert just_before < wanted < shown(due.at, schedule.zone), "the first moment after the gap"


@given(schedules, moments)
def test_none_is_left_out_and_each_day_comes_once(schedule: Schedule, moment: datetime) -> None:
    first = schedule.next_after(moment)
    dues = list(islice(schedule.from_day(first.day), 8))
    assert dues[0] == first
    for due, after in pairwise(dues):
        assert due.day < after.day
        assert due.at < after.at
        assert schedule.next_after(due.at) == after
        assert schedule.next_after(after.at - timedelta(microseconds=1)) == after
        between = (due.day + timedelta(days=number) for number in range(1, (after.day - due.day).days))
        skipped = [day for day in between if holds(schedule.rule, day)]
        assert all(not _was_there(day, schedule.zone) for day in skipped)


def _was_there(day: date, zone: str) -> bool:
    midnight = datetime.combine(day, time(), UTC)
    hours = (midnight + timedelta(hours=number) for number in range(-16, 40))
    return any(shown(hour, zone).date() == day for hour in hours)


@given(schedules, moments)
def test_what_is_kept_is_read_back(schedule: Schedule, moment: datetime) -> None:
    again = Schedule.from_json(schedule.to_json())
    assert again == schedule
    assert again.next_after(moment) == schedule.next_after(moment)


@given(schedules, moments)
def test_a_day_is_over_when_the_next_begins(schedule: Schedule, moment: datetime) -> None:
    day = shown(moment, schedule.zone).date()
    end = schedule.end_of(day)
    assert end > moment
    assert shown(end, schedule.zone).date() > day
    last = shown(end - timedelta(seconds=1), schedule.zone)
    assume(_was_there(day, schedule.zone))
    assert last.date() <= day


def due(rule: Rule, at: str, zone: str, after: str) -> str:
    found = Schedule(rule, time.fromisoformat(at), zone).next_after(datetime.fromisoformat(after))
    return f"{found.day} {found.at:%Y-%m-%dT%H:%MZ}"


DAILY, WEEKLY = Weekly(ALL_DAYS), Weekly((MONDAY,))


@pytest.mark.parametrize(
    ("rule", "at", "zone", "after", "expected"),
    [
        # Berlin goes from 2:00 to 3:00 on 29 March 2026, and from 3:00 back to 2:00 on 25 October.
        (DAILY, "02:30", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-29 2026-03-29T01:00Z"),
        (DAILY, "02:30", "Europe/Berlin", "2026-03-29T01:00Z", "2026-03-30 2026-03-30T00:30Z"),
        (DAILY, "02:30", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25 2026-10-25T00:30Z"),
        (DAILY, "02:30", "Europe/Berlin", "2026-10-25T00:30Z", "2026-10-26 2026-10-26T01:30Z"),
        # Nuuk goes from 23:00 to midnight: what was due on Saturday comes as Sunday begins.
        (DAILY, "23:30", "America/Nuuk", "2026-03-28T12:00Z", "2026-03-28 2026-03-29T01:00Z"),
        (DAILY, "23:30", "America/Nuuk", "2026-03-29T01:00Z", "2026-03-29 2026-03-30T00:30Z"),
        # Cairo goes from midnight to 1:00.
        (DAILY, "00:00", "Africa/Cairo", "2026-04-23T12:00Z", "2026-04-24 2026-04-23T22:00Z"),
        # Lord Howe moves by half an hour.
        (DAILY, "02:15", "Australia/Lord_Howe", "2026-10-03T12:00Z", "2026-10-04 2026-10-03T15:30Z"),
        # Samoa had no 30 December 2011.
        (DAILY, "09:00", "Pacific/Apia", "2011-12-29T19:00Z", "2011-12-31 2011-12-30T19:00Z"),
        (WEEKLY, "09:00", "Europe/Stockholm", "2026-03-02T07:59Z", "2026-03-02 2026-03-02T08:00Z"),
        (WEEKLY, "09:00", "Europe/Stockholm", "2026-03-02T08:00Z", "2026-03-09 2026-03-09T08:00Z"),
        (MonthlyWorkday(), "09:00", "UTC", "2026-07-31T09:00Z", "2026-08-03 2026-08-03T09:00Z"),
        (MonthlyWorkday(last=True), "09:00", "UTC", "2026-01-01T09:00Z", "2026-01-30 2026-01-30T09:00Z"),
        (MonthlyWorkday(last=True), "09:00", "UTC", "2028-02-01T09:00Z", "2028-02-29 2028-02-29T09:00Z"),
        (MonthlyWeekday(2, TUESDAY), "09:00", "UTC", "2026-01-31T09:00Z", "2026-02-10 2026-02-10T09:00Z"),
        (MonthlyWeekday(5, SUNDAY), "09:00", "UTC", "2026-02-01T09:00Z", "2026-03-29 2026-03-29T09:00Z"),
        (MonthlyWeekday(-1, FRIDAY), "09:00", "UTC", "2026-12-26T09:00Z", "2027-01-29 2027-01-29T09:00Z"),
        # Days begin first in the east: Monday's 9:00 in Kiritimati is Sunday in UTC.
        (WEEKLY, "09:00", "Pacific/Kiritimati", "2026-03-01T00:00Z", "2026-03-02 2026-03-01T19:00Z"),
    ],
)  # fmt: skip
def test_known_days(rule: Rule, at: str, zone: str, after: str, expected: str) -> None:
    assert due(rule, at, zone, after) == expected


def test_a_year_of_days_has_a_run_for_each_of_them_in_every_zone() -> None:
    for zone in ZONES:
        schedule = Schedule(DAILY, time(2, 30), zone)
        found = list(islice(schedule.from_day(date(2026, 1, 1)), 365))
        assert [each.day for each in found] == [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
        assert all(due.at < after.at for due, after in pairwise(found)), zone


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Weekly(()),
        lambda: MonthlyWeekday(0, MONDAY),
        lambda: MonthlyWeekday(6, MONDAY),
        lambda: Schedule(DAILY, time(9, 0, 1), "UTC"),
        lambda: Schedule(DAILY, time(9, tzinfo=UTC), "UTC"),
    ],
)
def test_what_is_no_rule_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"a weekly rule|no month|hours and minutes"):
        wrong()  # type: ignore[operator]  # each is a lambda


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        Schedule(DAILY, time(9), "Europe/Nowhere")


def test_equal_rules_are_equal_however_they_are_written() -> None:
    assert Weekly((FRIDAY, MONDAY, MONDAY)) == Weekly((MONDAY, FRIDAY))
    assert Due(date(2026, 3, 2), datetime(2026, 3, 2, tzinfo=UTC)).day == date(2026, 3, 2)
