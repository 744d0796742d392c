"""The local Focus's calendar, strict as the rest of it; and a studio of three hundred."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.crowd import crowd
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from bot.sandbox.page.snapshot import snapshot
from bot.sandbox.page.stage import Stage
from bot.sandbox.slack.composer import complete, written

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loading certificates takes longer than a test
MONDAY = datetime(2026, 1, 5, 12, tzinfo=UTC)
TIME_OFF = "/organizations/1001/timeoff"
HOLIDAYS = "/organizations/1001/public-holidays"
CAPACITIES = "/organizations/1001/workspaces/2002/capacities/user"
WEEK = {"start_date": "2026-01-05", "end_date": "2026-01-11"}
Query = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of the local Focus with its key."""

    focus: Focus
    http: httpx.AsyncClient

    async def get(self, path: str, query: Query | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.focus.key}"}
        return await self.http.get(path, params=query, headers=headers)

    async def json(self, path: str, query: Query | None = None) -> Any:
        answer = await self.get(path, query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    focus, app = Focus(clock=Clock(frozen_at=MONDAY)), web.Application()
    focus.add_routes(app)
    async with TestServer(app) as server:
        url = str(server.make_url("/focus/api"))
        async with httpx.AsyncClient(base_url=url, trust_env=False, verify=NO_TLS) as http:
            yield Caller(focus, http)


# ------------------------------------------------------------ time off


async def test_time_off_is_told_for_many_people_in_one_call(caller: Caller) -> None:
    caller.focus.calendar.clear()
    ana = caller.focus.add_time_off(501, date(2026, 1, 7), date(2026, 1, 8))
    caller.focus.add_time_off(502, date(2026, 1, 7), date(2026, 1, 8))

    told = await caller.json(TIME_OFF, {"user_id[]": [501, 503], **WEEK})

    assert told == [
        {
            "timeoff_id": ana.id,
            "user_id": 501,
            "ghost_id": 0,
            "start_time": "2026-01-07T00:00:00.000Z",
            "end_time": "2026-01-08T23:59:59.000Z",
        }
    ]
    assert caller.focus.log.calls[-1].request == {"user_id[]": ["501", "503"], **WEEK}
    assert caller.focus.log.calls[-1].summary.startswith("asked who is away (2 people")


@pytest.mark.parametrize(
    ("start", "end", "touches"),
    [
        (date(2026, 1, 1), date(2026, 1, 4), False),
        (date(2026, 1, 1), date(2026, 1, 5), True),
        (date(2026, 1, 1), date(2026, 3, 1), True),
        (date(2026, 1, 11), date(2026, 1, 20), True),
        (date(2026, 1, 12), date(2026, 1, 20), False),
    ],
)
async def test_time_off_is_told_when_it_touches_the_days(
    caller: Caller, start: date, end: date, *, touches: bool
) -> None:
    caller.focus.add_time_off(501, start, end)
    assert bool(await caller.json(TIME_OFF, {"user_id[]": 501, **WEEK})) is touches


async def test_somebody_is_on_leave_from_the_start_and_again_after_a_reset(caller: Caller) -> None:
    today = {"start_date": "2026-01-05", "end_date": "2026-01-05"}
    people = {"user_id[]": list(caller.focus.book.people), **today}
    assert [each["user_id"] for each in await caller.json(TIME_OFF, people)] == [507]

    caller.focus.add_time_off(501, date(2026, 1, 5), date(2026, 1, 5))
    caller.focus.reset()
    assert [each["user_id"] for each in await caller.json(TIME_OFF, people)] == [507]


def test_time_off_needs_a_person_and_an_end_after_its_start() -> None:
    focus = Focus(clock=Clock(frozen_at=MONDAY))
    with pytest.raises(LookupError):
        focus.add_time_off(999, date(2026, 1, 5), date(2026, 1, 6))
    with pytest.raises(ValueError, match="before it starts"):
        focus.add_time_off(501, date(2026, 1, 6), date(2026, 1, 5))


# ------------------------------------------------------------ public holidays


async def test_holidays_come_in_their_order(caller: Caller) -> None:
    caller.focus.calendar.clear()
    may = caller.focus.add_holiday(date(2026, 5, 1), "May Day")
    epiphany = caller.focus.add_holiday(date(2026, 1, 6), "Epiphany")

    assert await caller.json(HOLIDAYS) == [
        {"id": epiphany.id, "date": "2026-01-06", "name": "Epiphany"},
        {"id": may.id, "date": "2026-05-01", "name": "May Day"},
    ]


# ------------------------------------------------------------ capacities


async def test_capacities_are_the_week_laid_on_the_days(caller: Caller) -> None:
    mia, ben, lars = await caller.json(CAPACITIES, {"user_id[]": [504, 503, 508], **WEEK, "unit": "day"})

    assert (mia["id"], mia["type"]) == (504, "user")
    assert mia["computations"][0] == {
        "date": "2026-01-05",
        "working_minutes": 440,  # of 7.3333 hours
        "allocated_minutes": 0,
        "estimated_minutes": 0,
        "assigned_tasks_count": 0,
    }
    assert [each["working_minutes"] for each in ben["computations"]] == [510, 510, 240, 0, 0, 0, 0]
    assert {each["working_minutes"] for each in lars["computations"]} == {0}


async def test_an_edited_week_shows_in_the_capacities_and_a_doubled_day_counts_once(caller: Caller) -> None:
    caller.focus.put_rows("user", 501, {5: "2.5"})
    caller.focus.double("user", 501, 1)

    [ana] = await caller.json(CAPACITIES, {"user_id[]": 501, **WEEK})

    assert [each["working_minutes"] for each in ana["computations"]] == [480, 480, 480, 480, 150, 0, 0]


async def test_who_is_named_twice_comes_once_and_who_left_not_at_all(caller: Caller) -> None:
    caller.focus.remove_person(507)  # on leave, too
    people = {"user_id[]": [501, 507, 999, 501], **WEEK}

    assert [each["id"] for each in await caller.json(CAPACITIES, people)] == [501]
    assert await caller.json(TIME_OFF, people) == []


# ------------------------------------------------------------ refusals


@pytest.mark.parametrize("path", [TIME_OFF, CAPACITIES])
@pytest.mark.parametrize(
    ("query", "words"),
    [
        (WEEK, "user_id[] is required"),
        ({"user_id": 501, **WEEK}, "unknown query parameter 'user_id'"),
        ({"user_id[]": "ana", **WEEK}, "user_id[] must be an integer"),
        ({"user_id[]": 501, "end_date": "2026-01-11"}, "start_date is required"),
        ({"user_id[]": 501, "start_date": "2026-01-05"}, "end_date is required"),
        ({"user_id[]": 501, **WEEK, "end_date": "20260111"}, "end_date must be a date"),
        ({"user_id[]": 501, **WEEK, "end_date": "2026-02-30"}, "end_date must be a date"),
        ({"user_id[]": 501, **WEEK, "end_date": ["2026-01-11", "2026-01-12"]}, "end_date is given twice"),
        ({"user_id[]": 501, **WEEK, "end_date": "2026-01-04"}, "end_date is before start_date"),
        ({"user_id[]": 501, **WEEK, "page": 1}, "unknown query parameter 'page'"),
    ],
)
async def test_a_query_that_is_not_on_the_page_is_refused(
    caller: Caller, path: str, query: Query, words: str
) -> None:
    answer = await caller.get(path, query)
    assert answer.status_code == 400
    assert words in answer.json()["error_description"]


async def test_other_units_groups_organizations_and_methods_are_refused(caller: Caller) -> None:
    people = {"user_id[]": 501, **WEEK}
    elsewhere = TIME_OFF.replace("1001", "1002")
    headers = {"Authorization": f"Bearer {caller.focus.key}"}

    assert (await caller.get(CAPACITIES, people | {"unit": "week"})).status_code == 400
    assert (await caller.get(CAPACITIES.replace("user", "team"), people)).status_code == 400
    assert (await caller.get(CAPACITIES.replace("2002", "2003"), people)).status_code == 404
    assert (await caller.get(elsewhere, people)).status_code == 403
    assert (await caller.get(HOLIDAYS, {"year": 2026})).status_code == 400
    assert (await caller.http.get(HOLIDAYS)).status_code == 401
    assert (await caller.http.post(TIME_OFF, headers=headers)).status_code == 405


async def test_a_member_may_ask_for_himself_only(caller: Caller) -> None:
    caller.focus.options.key_role = "member"

    assert (await caller.get(TIME_OFF, {"user_id[]": 505, **WEEK})).status_code == 200
    assert (await caller.get(HOLIDAYS)).status_code == 200
    for path in (TIME_OFF, CAPACITIES):
        assert (await caller.get(path, {"user_id[]": [505, 501], **WEEK})).status_code == 403


async def test_each_call_costs_one_of_the_quota_and_meets_the_faults(caller: Caller) -> None:
    before = caller.focus.quota.remaining
    for path, query in ((TIME_OFF, {"user_id[]": 501, **WEEK}), (HOLIDAYS, {})):
        answer = await caller.get(path, query)
        before -= 1
        assert answer.headers["X-Toggl-Quota-Remaining"] == str(before)

    caller.focus.faults.add(Fault(FaultKind.FAIL_BEFORE, "GET *capacities*"))
    assert (await caller.get(CAPACITIES, {"user_id[]": 501, **WEEK})).status_code == 503
    caller.focus.quota.exhaust()
    assert (await caller.get(HOLIDAYS)).status_code == 402


# ------------------------------------------------------------ three hundred people


async def test_three_hundred_people_are_known_to_both_sides() -> None:
    async with Sandbox(clock=Clock(frozen_at=MONDAY), people=300) as sandbox:
        in_focus, in_slack = sandbox.focus.book.people.values(), sandbox.slack.people
        slack_mails = {each.email for each in in_slack.values()}
        everyone = set(sandbox.slack.channels["C0EVERYONE"].members)
        team = sandbox.slack.world.groups["S0EVERYONE"].users

        assert len(in_focus) == len({each.email for each in in_focus}) == 300
        assert [each.name for each in in_focus if each.email not in slack_mails] == ["Tom Weber"]
        assert len(everyone) == 300 + len({"U0HOURS"})
        assert {"U0ANA", "U0HOURS"} < everyone
        assert len(set(team)) == 200
        assert {in_slack[user].email for user in team} <= {each.email for each in in_focus}
        assert len({each.tz for each in in_slack.values()}) > 5
        assert len({line.days for line in sandbox.focus.summary()}) > 10

        first = list(in_slack)
        await sandbox.reset()
        assert list(sandbox.slack.people) == first
        assert len(sandbox.focus.book.people) == 300


async def test_without_being_asked_for_there_is_no_crowd() -> None:
    async with Sandbox(clock=Clock(frozen_at=MONDAY)) as sandbox:
        assert len(sandbox.focus.book.people) == 8
        assert {each.name for each in sandbox.slack.channels.values()}.isdisjoint({"everyone"})
        assert [each.handle for each in sandbox.slack.world.groups.values()] == ["designers"]


async def test_the_crowd_can_be_typed_and_seen() -> None:
    async with Sandbox(clock=Clock(frozen_at=MONDAY), people=300) as sandbox:
        world = sandbox.slack.world
        assert written(world, "@everyone-team #everyone") == (
            "<!subteam^S0EVERYONE|@everyone-team> <#C0EVERYONE|everyone>"
        )
        assert "@everyone-team" in {each.insert for each in complete(world, "U0ANA", "/hours who @every")}
        for place in ("C0EVERYONE", world.dm("U0CROWD0001").id):
            world.post(world.channels[place], user="U0HOURS", text="Good morning")

        shown = snapshot(Stage(sandbox), "U0CROWD0001")

        assert len(shown["weeks"]) == 303
        assert [(each["name"], each["unread"]) for each in shown["channels"]] == [
            ("everyone", 1),
            (world.app.name, 1),
        ]
        assert all(each["unread"] for each in shown["users"] if each["id"] in {"U0ANA", "U0CROWD0292"})
        assert not next(each["unread"] for each in shown["users"] if each["id"] == "U0GUEST")
        assert {each["note"] for each in shown["users"]} >= {"animator", "member", "app"}


def test_names_are_the_same_each_time_and_never_twice() -> None:
    everybody = crowd(1_400)
    assert len({each.name for each in everybody}) == len({each.email for each in everybody}) == 1_400
    assert crowd(300) == everybody[:300]
    assert all(each.email.isascii() for each in everybody)
    with pytest.raises(ValueError, match="1480"):
        crowd(2_000)
