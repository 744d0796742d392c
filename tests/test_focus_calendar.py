"""Time off, holidays and capacities as the client gives them: exact, and one call for many people."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.clock import Clock
from bot.sandbox.crowd import crowd
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from store.focus import (
    BearerAuth,
    FocusClient,
    FocusError,
    Holiday,
    KeyRefusedError,
    NotUnderstoodError,
    OutOfQuotaError,
    RejectedError,
    TimeOff,
    WorkspaceMissingError,
)
from store.focus.calendar import capacities_in, holidays_in, time_off_in
from store.focus.requests import Api
from store.focus.wire import decipher
from tests.office import PATIENCE

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loading certificates takes longer than a test
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
MONDAY, SUNDAY = date(2026, 1, 5), date(2026, 1, 11)
API = Api(organization=1001, workspace=2002)
TIME_OFF = API.time_off([501], MONDAY, SUNDAY)
HOLIDAYS = API.holidays()
CAPACITIES = API.capacities([501], MONDAY, SUNDAY)
READERS = ((TIME_OFF, time_off_in), (HOLIDAYS, holidays_in), (CAPACITIES, capacities_in))


def parsed(value: Any) -> Any:
    return decipher(200, {}, json.dumps(value).encode(), asked=TIME_OFF, now=NOW)


def away(**fields: Any) -> tuple[TimeOff, ...]:
    item = {"timeoff_id": 1, "user_id": 501, "ghost_id": 0} | fields
    return time_off_in(parsed([item]), asked=TIME_OFF)


# ------------------------------------------------------------ time off


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2026-01-07", "2026-01-08", 7, 8),
        ("2026-01-07T00:00:00Z", "2026-01-08T23:59:59Z", 7, 8),
        ("2026-01-07T00:00:00Z", "2026-01-09T00:00:00Z", 7, 8),  # until midnight sharp
        ("2026-01-07T00:00:00.000+09:00", "2026-01-08T23:59:59.999+09:00", 7, 8),  # as written
        ("2026-01-07T13:00:00Z", "2026-01-07T17:00:00Z", 7, 7),
        ("2026-01-07T00:00:00Z", "2026-01-07T00:00:00Z", 7, 7),
        ("2026-01-07T00:00:00Z", "0001-01-01T00:00:00Z", 7, 7),  # Go's way to say nothing
        ("2026-01-07", None, 7, 7),
    ],
)
def test_leave_touches_the_days_that_focus_wrote(start: str, end: str | None, first: int, last: int) -> None:
    [leave] = away(start_time=start, end_time=end)
    assert (leave.first, leave.last) == (date(2026, 1, first), date(2026, 1, last))


def test_leave_keeps_what_focus_wrote() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert away(start_time="2026-01-07T09:00:00+09:00", end_time="2026-01-08") == (
        TimeOff(501, datetime(2026, 1, 7, 9, tzinfo=tokyo), date(2026, 1, 8)),
    )


@pytest.mark.parametrize("user", [0, None])
def test_the_leave_of_placeholders_is_left_out(user: int | None) -> None:
    assert away(user_id=user, ghost_id=701) == ()


# ------------------------------------------------------------ holidays


@pytest.mark.parametrize(
    ("item", "holiday"),
    [
        ({"id": 1, "date": "2026-05-01", "name": "May Day"}, Holiday(date(2026, 5, 1), "May Day")),
        ({"start_date": "2026-05-01T00:00:00Z", "title": "May Day"}, Holiday(date(2026, 5, 1), "May Day")),
        ({"holiday_date": "2026-05-01", "name": None}, Holiday(date(2026, 5, 1), "Public holiday")),
    ],
)
def test_a_holiday_is_known_by_more_than_one_shape(item: Any, holiday: Holiday) -> None:
    assert holidays_in(parsed([item]), asked=HOLIDAYS) == (holiday,)
    assert holidays_in(parsed({"data": [item]}), asked=HOLIDAYS) == (holiday,)


# ------------------------------------------------------------ capacities


def test_minutes_become_hours_and_silence_stays_silence() -> None:
    days = [
        {"date": "2026-01-05", "working_minutes": 440, "allocated_minutes": 12.5},
        {"date": "2026-01-06T00:00:00Z", "working_minutes": 0},
        {"date": "2026-01-07", "working_minutes": None},
        {"date": "2026-01-08"},
    ]
    told = parsed([{"id": 501, "type": "user", "computations": days}, {"id": 502, "computations": None}])
    assert capacities_in(told, asked=CAPACITIES) == {
        501: {date(2026, 1, 5): Decimal(440) / 60, date(2026, 1, 6): Decimal(0)},
        502: {},
    }


# ------------------------------------------------------------ what is not understood


@pytest.mark.parametrize(
    ("reader", "answer", "words"),
    [
        (time_off_in, {"items": []}, "no array"),
        (time_off_in, ["leave"], "time off 1 is no object"),
        (time_off_in, [{"user_id": 501}], "time off 1: start_time is missing"),
        (time_off_in, [{"user_id": "Ana", "start_time": "2026-01-05"}], "user_id is no whole number"),
        (time_off_in, [{"user_id": 501, "start_time": 1767571200}], "start_time is no date"),
        (holidays_in, [{"name": "May Day"}], "holiday 1: date is missing"),
        (holidays_in, [{"date": "1 May"}], "holiday 1: date is no date"),
        (capacities_in, [{"computations": []}], "capacity 1: id is missing"),
        (capacities_in, [{"id": 501, "computations": {}}], "no array"),
        (
            capacities_in,
            [{"id": 501, "computations": [{"date": "2026-01-05", "working_minutes": 1441}]}],
            "capacity 1, day 1: working_minutes is no number of minutes of a day",
        ),
        (capacities_in, [{"id": 501, "computations": [{"working_minutes": 1}]}], "day 1: date is missing"),
    ],
)
def test_an_odd_answer_is_named(reader: Callable[..., object], answer: Any, words: str) -> None:
    with pytest.raises(NotUnderstoodError, match=words) as caught:
        reader(parsed(answer), asked=TIME_OFF)
    assert caught.value.asked == "GET /organizations/1001/timeoff"


NAMES = st.sampled_from(
    ["data", "id", "user_id", "start_time", "end_time", "date", "name", "computations", "working_minutes"]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.datetimes().map(datetime.isoformat)
    | st.dates().map(date.isoformat)
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(NAMES | st.text(), inner), max_leaves=4
)


@given(ANYTHING | st.lists(st.dictionaries(NAMES, ANYTHING, max_size=6), max_size=4))
def test_whatever_is_answered_becomes_values_or_an_error_of_ours(answer: Any) -> None:
    for asked, reader in READERS:
        try:
            found = reader(parsed(answer), asked=asked)
        except FocusError:
            continue
        for leave in found if reader is time_off_in else ():
            assert isinstance(leave, TimeOff)
            assert leave.first <= leave.last


# ------------------------------------------------------------ the client and the local Focus


@dataclass(frozen=True, slots=True)
class Scene:
    """A local Focus of 250 people and a client of it."""

    focus: Focus
    clock: Clock
    http: httpx.AsyncClient
    url: str

    def client(self, *, workspace_id: int | None = 2002, key: str | None = None) -> FocusClient:
        return FocusClient(
            self.http,
            url=self.url,
            organization_id=1001,
            workspace_id=workspace_id,
            auth=BearerAuth(key or self.focus.key),
            clock=self.clock,
            jitter=lambda: 0.0,
        )

    @property
    def people(self) -> list[int]:
        return list(self.focus.book.people)

    def asked(self, what: str) -> list[int]:
        """How many people each of these calls named."""
        calls = [call for call in self.focus.log.calls if what in call.name]
        return [len(call.request.get("user_id[]", ())) for call in calls if isinstance(call.request, dict)]


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    clock = Clock(frozen_at=NOW)
    focus, app = Focus(clock=clock, crowd=crowd(242)), web.Application()
    focus.add_routes(app)
    async with TestServer(app) as server, httpx.AsyncClient(trust_env=False, verify=NO_TLS) as http:
        yield Scene(focus, clock, http, str(server.make_url("/focus/api")))


async def test_leave_of_everybody_takes_a_call_per_hundred(scene: Scene) -> None:
    scene.focus.calendar.clear()
    for user in (501, 1501, 1742):
        scene.focus.add_time_off(user, MONDAY, date(2026, 1, 6))

    found = await scene.client().time_off([*scene.people, 501], MONDAY, SUNDAY)

    assert [(each.user_id, each.first, each.last) for each in found] == [
        (user, MONDAY, date(2026, 1, 6)) for user in (501, 1501, 1742)
    ]
    assert scene.asked("timeoff") == [100, 100, 50]


async def test_holidays_are_one_call(scene: Scene) -> None:
    scene.focus.calendar.clear()
    scene.focus.add_holiday(date(2026, 5, 1), "May Day")
    scene.focus.add_holiday(date(2026, 1, 6), "Epiphany")

    assert await scene.client().holidays() == (
        Holiday(date(2026, 1, 6), "Epiphany"),
        Holiday(date(2026, 5, 1), "May Day"),
    )
    assert scene.focus.log.count("focus", "GET") == 1


async def test_capacities_of_everybody_are_their_weeks_to_the_minute(scene: Scene) -> None:
    found = await scene.client().capacities(scene.people, MONDAY, SUNDAY)

    assert scene.asked("capacities") == [100, 100, 50]
    assert found.keys() == set(scene.people)
    days = [MONDAY + timedelta(days=number) for number in range(7)]
    for user, hours in found.items():
        week = scene.focus.week("user", user)
        expected = [round(week.get(day.isoweekday(), Decimal(0)) * 60) for day in days]
        assert [round(hours[day] * 60) for day in days] == expected


async def test_asking_about_nobody_asks_nothing(scene: Scene) -> None:
    client = scene.client()
    assert await client.time_off([], MONDAY, SUNDAY) == ()
    assert await client.capacities([], MONDAY, SUNDAY) == {}
    assert not scene.focus.log.calls


async def test_days_in_the_wrong_order_are_a_mistake_of_ours(scene: Scene) -> None:
    with pytest.raises(ValueError, match="is before"):
        await scene.client().time_off([501], SUNDAY, MONDAY)
    with pytest.raises(ValueError, match="at least one"):
        API.capacities([], MONDAY, SUNDAY)


VERBS: dict[str, Callable[[FocusClient], Awaitable[object]]] = {
    "timeoff": lambda client: client.time_off([501], MONDAY, SUNDAY),
    "public-holidays": lambda client: client.holidays(),
    "capacities": lambda client: client.capacities([501], MONDAY, SUNDAY),
}
each_verb = pytest.mark.parametrize("name", list(VERBS))


@each_verb
async def test_refusals_are_those_of_every_read(scene: Scene, name: str) -> None:
    ask = VERBS[name]
    with pytest.raises(KeyRefusedError):
        await ask(scene.client(key="toggl_sk_old"))
    rejected = scene.focus.faults.add(Fault(FaultKind.REFUSE, f"*{name}*", status=400, times=1))
    with pytest.raises(RejectedError):
        await ask(scene.client())
    assert rejected not in scene.focus.faults.active
    scene.focus.quota.exhaust()
    with pytest.raises(OutOfQuotaError) as caught:
        await ask(scene.client())
    assert caught.value.quota is not None
    assert caught.value.quota.resets_at is not None


@each_verb
async def test_a_cut_connection_is_asked_again(scene: Scene, name: str) -> None:
    scene.focus.faults.add(Fault(FaultKind.CUT_AFTER, f"*{name}*", times=1))
    client = scene.client()
    asking = VERBS[name](client)

    async def move() -> None:
        await scene.clock.until_sleeping()
        scene.clock.move(seconds=1)

    await both(asking, move())
    assert len(scene.asked(name)) == 2


async def both(first: Awaitable[object], second: Awaitable[object]) -> None:
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(first, second)


async def test_capacities_need_a_workspace_and_leave_does_not(scene: Scene) -> None:
    client = scene.client(workspace_id=None)
    with pytest.raises(WorkspaceMissingError):
        await client.capacities([501], MONDAY, SUNDAY)
    assert await client.time_off([501], MONDAY, SUNDAY) == ()


async def test_whoever_asks_for_the_same_people_shares_the_answer(scene: Scene) -> None:
    client = scene.client()
    first, second = await asyncio.gather(
        client.time_off([501, 507], MONDAY, SUNDAY), client.time_off({507, 501}, MONDAY, SUNDAY)
    )
    assert [each.user_id for each in first] == [507]
    assert first == second
    assert scene.asked("timeoff") == [2]
