"""The local Focus keeps to the API page, refuses everything else, and breaks when told to."""

from __future__ import annotations

import asyncio
import json
import math
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.sandbox.calls import CallLog
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind, Faults
from bot.sandbox.focus import Focus, Kind, Numbering

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loading certificates takes longer than a test
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
ANA = "/organizations/1001/workinghours/users/501"
LARS = "/organizations/1001/workinghours/users/508"  # nothing set
DESIGNER = "/organizations/1001/2002/workinghours/ghosts/701"
USERS = "/organizations/1001/users"
GHOSTS = "/organizations/1001/workspaces/2002/ghosts"


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of the local Focus with its key."""

    focus: Focus
    http: httpx.AsyncClient

    async def call(self, method: str, path: str, body: object = None, **extra: Any) -> httpx.Response:
        """One call; ``body`` is sent as JSON, or as it stands when it is text."""
        headers = {"Authorization": f"Bearer {self.focus.key}", "Content-Type": "application/json"}
        content = body if isinstance(body, str) else json.dumps(body)
        return await self.http.request(
            method,
            path,
            content=None if body is None else content,
            headers=headers | extra.pop("headers", {}),
            **extra,
        )

    async def refusal(self, method: str, path: str, body: object = None, **extra: Any) -> tuple[int, str]:
        """Status and description of a call that must be refused in Focus's words, changing nothing."""
        before = self.focus.summary()
        response = await self.call(method, path, body, **extra)
        error = response.json()
        assert set(error) == {"error", "error_description", "trace_id"}
        assert self.focus.summary() == before
        return response.status_code, error["error_description"]

    def fault(self, kind: FaultKind, **extra: Any) -> Fault:
        return self.focus.faults.add(Fault(kind, **extra))


@asynccontextmanager
async def serving(focus: Focus) -> AsyncIterator[Caller]:
    """Serve a Focus on a free port."""
    app = web.Application()
    focus.add_routes(app)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/focus/api"
        async with httpx.AsyncClient(base_url=address, trust_env=False, verify=NO_TLS) as http:
            yield Caller(focus, http)
    finally:
        await runner.cleanup()


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    clock = Clock(frozen_at=NOON)
    async with serving(Focus(clock=clock, log=CallLog(), faults=Faults())) as caller:
        yield caller


# ------------------------------------------------------------ the eight operations


async def test_a_week_is_read_with_every_field_of_the_page(caller: Caller) -> None:
    response = await caller.call("GET", ANA)
    assert response.status_code == 200
    rows = response.json()
    assert {row["weekday"]: row["working_hours"] for row in rows} == dict.fromkeys(range(1, 6), 8)
    assert rows[0] == {
        "created_at": "2026-01-05T12:00:00.000Z",
        "external_entity_id": 0,
        "external_entity_type": "",
        "organization_id": 1001,
        "starting_hours": 9,
        "updated_at": "2026-01-05T12:00:00.000Z",
        "user_id": 501,
        "weekday": 1,
        "working_hour_id": caller.focus.rows("user", 501)[0].id,
        "working_hours": 8,
    }


@pytest.mark.parametrize(("path", "kind", "number"), [(LARS, "user", 508), (DESIGNER, "ghost", 701)])
async def test_days_are_created_changed_and_removed(
    caller: Caller, path: str, kind: Kind, number: int
) -> None:
    focus, before = caller.focus, caller.focus.week(kind, number)
    created = await caller.call("POST", path, [{"weekday": 6, "working_hours": 4}])
    assert (created.status_code, [row["weekday"] for row in created.json()]) == (200, [6])
    row_id = created.json()[0]["working_hour_id"]

    focus.clock.move(seconds=60)
    item = {"weekday": 6, "working_hour_id": row_id, "working_hours": 2.5}
    changed = await caller.call("PUT", path, [item])
    assert changed.status_code == 200
    assert focus.week(kind, number) == before | {6: Decimal("2.5")}
    assert changed.json()[0]["created_at"] == "2026-01-05T12:00:00.000Z"
    assert changed.json()[0]["updated_at"] == "2026-01-05T12:01:00.000Z"

    removed = await caller.call("DELETE", path, [row_id])
    assert (removed.status_code, removed.content) == (204, b"")
    assert focus.week(kind, number) == before


async def test_ids_only_ever_grow(caller: Caller) -> None:
    first = (await caller.call("POST", LARS, [{"weekday": 1, "working_hours": 8}])).json()
    await caller.call("DELETE", LARS, [first[0]["working_hour_id"]])
    again = (await caller.call("POST", LARS, [{"weekday": 1, "working_hours": 8}])).json()
    assert again[0]["working_hour_id"] > first[0]["working_hour_id"]


@pytest.mark.parametrize("digits", ["7.3333333333333333333333", "8.50", "0", "0.1", "24", "24.0", "1e1"])
async def test_hours_stay_exactly_what_was_sent(caller: Caller, digits: str) -> None:
    await caller.call("POST", LARS, f'[{{"weekday": 1, "working_hours": {digits}}}]')
    text = (await caller.call("GET", LARS)).text
    assert json.loads(text, parse_float=str, parse_int=str)[0]["working_hours"] == str(Decimal(digits))


@pytest.mark.parametrize(
    ("numbering", "sunday", "monday", "impossible"),
    [("sunday0", 0, 1, 7), ("monday0", 6, 0, 7), ("iso", 7, 1, 0)],
)
async def test_the_wire_speaks_in_the_chosen_numbers(
    numbering: Numbering, sunday: int, monday: int, impossible: int
) -> None:
    async with serving(Focus(numbering=numbering)) as caller:
        caller.focus.put_rows("user", 508, {7: 3})
        rows = (await caller.call("GET", LARS)).json()
        assert [(row["weekday"], row["working_hours"]) for row in rows] == [(sunday, 3)]
        await caller.call("POST", LARS, [{"weekday": monday, "working_hours": 8}])
        assert caller.focus.week("user", 508) == {1: 8, 7: 3}
        status, told = await caller.refusal("POST", LARS, [{"weekday": impossible, "working_hours": 8}])
        assert (status, told) == (400, f"there is no weekday {impossible}")


async def test_what_the_page_leaves_open_can_be_the_other_way_round(caller: Caller) -> None:
    focus, options = caller.focus, caller.focus.options
    options.put_replaces, options.answers_with = True, "all"
    row = focus.rows("user", 501)[0]
    item = {"weekday": 1, "working_hour_id": row.id, "working_hours": 6}
    response = await caller.call("PUT", ANA, [item])
    assert focus.week("user", 501) == {1: 6}
    assert [each["working_hour_id"] for each in response.json()] == [row.id]
    created = await caller.call("POST", ANA, [{"weekday": 2, "working_hours": 7}])
    assert [each["weekday"] for each in created.json()] == [1, 2]


# ---------------------------------------------------------------------- refusals

NEW = {"weekday": 6, "working_hours": 4}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (NEW, "must be an array"),
        ([], "at least one"),
        ("", "not valid JSON"),
        ("[{", "not valid JSON"),
        ('[{"weekday": 6, "working_hours": NaN}]', "not valid JSON"),
        ([6], "must be an object"),
        ([{"weekday": 6}], "working_hours is required"),
        ([{"working_hours": 6}], "weekday is required"),
        ([NEW | {"starting_hours": 9}], "unknown field 'starting_hours'"),
        ([NEW | {"working_hours": "4"}], "must be a number"),
        ([NEW | {"working_hours": None}], "must be a number"),
        ([NEW | {"working_hours": True}], "must be a number"),
        ([NEW | {"working_hours": -0.5}], "between 0 and 24"),
        ([NEW | {"working_hours": 24.01}], "between 0 and 24"),
        ([NEW | {"weekday": 7}], "no weekday 7"),
        ([NEW | {"weekday": -1}], "no weekday -1"),
        ([NEW | {"weekday": 6.0}], "weekday must be an integer"),
        ([NEW | {"weekday": "6"}], "weekday must be an integer"),
        ([NEW, NEW], "same weekday"),
        ([NEW, NEW | {"weekday": 1}], "already exist"),
        ([NEW, NEW | {"weekday": 0, "working_hours": 25}], "between 0 and 24"),
    ],
)
async def test_a_post_off_the_page_is_refused_whole(caller: Caller, body: object, told: str) -> None:
    status, description = await caller.refusal("POST", ANA, body)
    assert status == 400
    assert told in description


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"working_hour_id": 1}, "unknown working_hour_id 1"),
        ({"working_hour_id": None}, "working_hour_id must be an integer"),
        ({"weekday": 2}, "for another weekday"),
        ({"weekday": 9}, "no weekday 9"),
        ({"working_hours": 25}, "between 0 and 24"),
        ({"created_at": "now"}, "unknown field"),
    ],
)
async def test_a_put_off_the_page_is_refused_whole(
    caller: Caller, change: dict[str, object], told: str
) -> None:
    monday, tuesday, *_ = caller.focus.rows("user", 501)
    good = {"weekday": 2, "working_hour_id": tuesday.id, "working_hours": 1}
    bad = {"weekday": 1, "working_hour_id": monday.id, "working_hours": 1} | change
    status, description = await caller.refusal("PUT", ANA, [good, bad])
    assert status == 400
    assert told in description


async def test_a_put_needs_each_id_once_and_of_the_same_person(caller: Caller) -> None:
    monday, theirs = caller.focus.rows("user", 501)[0], caller.focus.rows("user", 502)[0]
    item = {"weekday": 1, "working_hour_id": monday.id, "working_hours": 1}
    assert (await caller.refusal("PUT", ANA, [NEW]))[1] == "working_hour_id is required"
    assert (await caller.refusal("PUT", ANA, [item, item]))[0] == 400
    assert (await caller.refusal("PUT", ANA, [item | {"working_hour_id": theirs.id}]))[0] == 400


@pytest.mark.parametrize("body", [{"ids": [1]}, [], [1], ["1"], [True], [{"working_hour_id": 1}], [1.0]])
async def test_a_delete_off_the_page_is_refused(caller: Caller, body: object) -> None:
    assert (await caller.refusal("DELETE", ANA, body))[0] == 400


async def test_a_delete_is_refused_whole(caller: Caller) -> None:
    monday = caller.focus.rows("user", 501)[0].id
    theirs = caller.focus.rows("user", 502)[0].id
    assert (await caller.refusal("DELETE", ANA, [monday, theirs]))[0] == 400
    assert (await caller.refusal("DELETE", ANA, [monday, monday]))[0] == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/organizations/1001/workinghours/users/999", 404),
        (
            "GET",
            "/organizations/1001/workinghours/users/9501",
            404,
        ),  # the user list's id is not the account's
        ("GET", "/organizations/1001/workinghours/users/ana", 400),
        ("GET", "/organizations/7/workinghours/users/501", 403),
        ("GET", "/organizations/1001/2002/workinghours/ghosts/501", 404),
        ("GET", "/organizations/1001/7/workinghours/ghosts/701", 404),
        ("GET", "/organizations/1001/workspaces/2002/workinghours/ghosts/701", 404),
        ("GET", "/organizations/7/users", 403),
        ("GET", "/organizations/1001/workspaces/7/ghosts", 404),
        ("GET", "/organizations/1001/workinghours/users/501/", 404),
        ("GET", "/nothing", 404),
        ("PATCH", ANA, 405),
        ("POST", USERS, 405),
        ("GET", f"{USERS}?per_page=101", 400),
        ("GET", f"{USERS}?page=0", 400),
        ("GET", f"{USERS}?rows=10", 400),
        ("GET", f"{GHOSTS}?rows=101", 400),
        ("GET", f"{GHOSTS}?include_embodied=yes", 400),
    ],
)
async def test_a_path_off_the_page_is_refused(caller: Caller, method: str, path: str, status: int) -> None:
    assert (await caller.refusal(method, path))[0] == status


async def test_a_body_must_say_that_it_is_json(caller: Caller) -> None:
    form = {"Content-Type": "text/plain"}
    assert (await caller.refusal("POST", LARS, [NEW], headers=form))[0] == 400


# ------------------------------------------------------------------ people, ghosts, me


async def test_people_come_in_pages_and_by_filter(caller: Caller) -> None:
    pages = [
        (await caller.call("GET", USERS, params={"page": page, "per_page": 3})).json()
        for page in (1, 2, 3, 4)
    ]
    assert [len(page) for page in pages] == [3, 3, 2, 0]
    assert pages[0][0] == {
        "id": 9501,
        "user_account_id": 501,
        "name": "Ana Lindqvist",
        "email": "ana@example.com",
        "active": True,
        "owner": False,
        "workspaces": [{"id": 2002, "name": "Studio", "workspace_user_id": 70501}],
    }
    anas = (await caller.call("GET", USERS, params={"filter": "ana"})).json()
    assert [person["user_account_id"] for person in anas] == [501, 502, 504]  # Tanaka, too


async def test_ghosts_come_in_pages_and_by_search_without_the_embodied(caller: Caller) -> None:
    page = (await caller.call("GET", GHOSTS, params={"page": 2, "rows": 2})).json()
    assert [ghost["name"] for ghost in page.pop("data")] == ["Set Builder"]
    assert page == {"page": 2, "rows": 2, "total": 3}
    caller.focus.embody(702, user_id=508)
    found = (await caller.call("GET", GHOSTS, params={"search": "designer"})).json()
    assert [(ghost["id"], ghost["user_id"]) for ghost in found["data"]] == [(701, None)]
    everyone = (await caller.call("GET", GHOSTS, params={"include_embodied": "true"})).json()
    assert [ghost["user_id"] for ghost in everyone["data"]] == [None, 508, None]


async def test_the_keys_owner_can_be_asked_for(caller: Caller) -> None:
    settings = (await caller.call("GET", "/users/me/settings")).json()
    assert settings == {"start_week_on": 1, "timezone": "Europe/Stockholm", "current_workspace_id": 2002}
    assert (await caller.call("GET", "/accounts/me")).json() == {"id": 9505, "user_account_id": 505}


# -------------------------------------------------------------- the key, the quota


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer toggl_sk_old", "Basic ???", "Token x", "Bearer é"]
)
async def test_without_the_key_nothing_opens(caller: Caller, authorization: str) -> None:
    response = await caller.call("GET", ANA, headers={"Authorization": authorization.encode()})
    assert (response.status_code, response.json()["error"]) == (401, "invalid_session")


async def test_a_key_expires_with_the_clock_and_a_new_one_revokes_it(caller: Caller) -> None:
    old = caller.focus.key
    caller.focus.expire_key(after=timedelta(days=1))
    assert (await caller.call("GET", ANA)).status_code == 200
    caller.focus.clock.move(seconds=86_400)
    assert (await caller.refusal("GET", ANA))[0] == 401
    caller.focus.renew_key()
    assert (await caller.call("GET", ANA)).status_code == 200
    assert (await caller.refusal("GET", ANA, headers={"Authorization": f"Bearer {old}"}))[0] == 401


async def test_email_and_password_open_as_on_the_page(caller: Caller) -> None:
    keys, url = caller.focus.keys, str(caller.http.base_url.join("/focus/api" + ANA))
    assert (await caller.http.get(url, auth=(keys.email, keys.password))).status_code == 200
    assert (await caller.http.get(url, auth=(keys.email, "wrong"))).status_code == 401


async def test_a_members_key_opens_only_its_own_week(caller: Caller) -> None:
    caller.focus.options.key_role = "member"
    own = "/organizations/1001/workinghours/users/505"
    assert (await caller.call("POST", own, [NEW])).status_code == 200
    assert (await caller.refusal("GET", ANA))[0] == 403
    assert (await caller.refusal("POST", ANA, [NEW]))[0] == 403
    assert (await caller.refusal("GET", DESIGNER))[0] == 403
    assert (await caller.call("GET", USERS)).status_code == 200


async def test_the_quota_is_told_runs_out_and_comes_back_with_the_clock() -> None:
    async with serving(Focus(clock=Clock(frozen_at=NOON), quota=2)) as caller:
        first = await caller.call("GET", ANA)
        assert first.headers["X-Toggl-Quota-Remaining"] == "1"
        assert first.headers["X-Toggl-Quota-Resets-In"] == "3600"
        caller.focus.clock.move(seconds=1_000)
        await caller.call("POST", ANA, [NEW])
        refused = await caller.call("DELETE", ANA, [caller.focus.rows("user", 501)[0].id])
        assert (refused.status_code, refused.json()["error"]) == (402, "quota_exceeded")
        assert refused.headers["X-Toggl-Quota-Remaining"] == "0"
        assert refused.headers["X-Toggl-Quota-Resets-In"] == "2600"
        assert caller.focus.week("user", 501)[1] == 8
        assert (await caller.call("GET", "/users/me/settings")).status_code == 200
        caller.focus.clock.move(seconds=2_600)
        caller.focus.quota.in_headers = False
        assert "X-Toggl-Quota-Remaining" not in (await caller.call("GET", ANA)).headers


# ------------------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("kind", "status", "acted"),
    [
        (FaultKind.REFUSE, 401, False),
        (FaultKind.OUT_OF_QUOTA, 402, False),
        (FaultKind.RATE_LIMITED, 429, False),
        (FaultKind.FAIL_BEFORE, 503, False),
        (FaultKind.FAIL_AFTER, 503, True),
        (FaultKind.CUT_BEFORE, None, False),
        (FaultKind.CUT_AFTER, None, True),
    ],
)
async def test_each_fault_answers_and_acts_as_it_says(
    caller: Caller, *, kind: FaultKind, status: int | None, acted: bool
) -> None:
    caller.fault(kind, match="POST *workinghours*", times=1, seconds=7)
    assert (await caller.call("GET", ANA)).status_code == 200  # another name: untouched
    if status is None:
        with pytest.raises(httpx.TransportError):
            await caller.call("POST", LARS, [NEW])
    else:
        response = await caller.call("POST", LARS, [NEW])
        assert response.status_code == status
        assert set(response.json()) == {"error", "error_description", "trace_id"}
        assert response.headers.get("Retry-After") == ("7" if status == 429 else None)
        assert response.headers.get("X-Toggl-Quota-Remaining") == ("0" if status == 402 else None)
    assert (caller.focus.week("user", 508) == {6: 4}) is acted
    last = caller.focus.log.calls[-1]
    assert (last.name, last.status, last.fault) == (f"POST {LARS}", status, kind)
    assert not caller.focus.faults.active


async def test_an_answer_can_be_replaced(caller: Caller) -> None:
    caller.fault(FaultKind.FAIL_BEFORE, status=500, body="", times=1)
    empty = await caller.call("GET", ANA)
    assert (empty.status_code, empty.content) == (500, b"")
    caller.fault(FaultKind.FAIL_BEFORE, body="<h1>Bad gateway</h1>", status=502, times=1)
    page = await caller.call("GET", ANA)
    assert (page.headers["Content-Type"], page.text) == ("text/html; charset=utf-8", "<h1>Bad gateway</h1>")
    caller.fault(FaultKind.REFUSE, status=403, error="forbidden", times=1)
    assert (await caller.call("GET", ANA)).json()["error"] == "forbidden"


async def test_a_slow_post_still_lands_after_its_caller_has_gone(caller: Caller) -> None:
    fault = caller.fault(FaultKind.SLOW, match="POST *", seconds=math.inf)
    impatient = asyncio.create_task(caller.call("POST", LARS, [NEW]))
    await fault.reached.wait()
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert caller.focus.week("user", 508) == {}
    caller.focus.faults.remove(fault)
    await caller.focus.log.wait_for(lambda call: call.name == f"POST {LARS}")
    assert caller.focus.week("user", 508) == {6: 4}


async def test_slow_goes_together_with_another_fault(caller: Caller) -> None:
    caller.fault(FaultKind.SLOW, seconds=0.001, times=1)
    caller.fault(FaultKind.FAIL_AFTER, times=1)
    assert (await caller.call("POST", LARS, [NEW])).status_code == 503
    assert caller.focus.week("user", 508) == {6: 4}
    assert not caller.focus.faults.active


# ----------------------------------------------------- the web page, the journal, the clock


async def test_somebody_edits_on_the_web_page(caller: Caller) -> None:
    focus, before = caller.focus, caller.focus.rows("user", 501)
    focus.clock.move(seconds=5)
    focus.put_rows("user", 501, {1: "7.5", 5: None, 6: 2})
    assert focus.week("user", 501) == {1: Decimal("7.5"), 2: 8, 3: 8, 4: 8, 6: 2}
    assert focus.rows("user", 501)[0].id == before[0].id
    assert focus.rows("user", 501)[0].updated_at == NOON + timedelta(seconds=5)


async def test_a_doubled_day_is_there_twice(caller: Caller) -> None:
    row = caller.focus.double("user", 501, 1, hours=Decimal(3))
    rows = (await caller.call("GET", ANA)).json()
    assert [each["working_hours"] for each in rows if each["weekday"] == 1] == [8, 3]
    line = caller.focus.summary()[0]
    assert (line.days, line.total, line.doubled) == (("8", "8", "8", "8", "8", None, None), "40", (1,))
    assert (await caller.call("DELETE", ANA, [row.id])).status_code == 204
    assert caller.focus.summary()[0].doubled == ()


async def test_people_come_and_go(caller: Caller) -> None:
    new = caller.focus.add_person("Uma Rao", email="uma@example.com")
    path = f"/organizations/1001/workinghours/users/{new.user_account_id}"
    assert (await caller.call("GET", path)).json() == []
    caller.focus.change_person(new.user_account_id, email="uma.rao@example.com")
    assert len((await caller.call("GET", USERS, params={"filter": "uma.rao@"})).json()) == 1
    caller.focus.remove_person(new.user_account_id)
    assert (await caller.call("GET", path)).status_code == 404


async def test_reset_begins_again(caller: Caller) -> None:
    seeded = caller.focus.summary()
    caller.focus.put_rows("ghost", 701, {1: 1})
    caller.focus.options.key_role = "member"
    caller.focus.expire_key()
    caller.focus.quota.exhaust()
    caller.fault(FaultKind.REFUSE)
    caller.focus.reset()
    assert caller.focus.summary() == seeded
    assert (await caller.call("GET", ANA)).status_code == 200


async def test_the_journal_tells_each_call(caller: Caller) -> None:
    log = caller.focus.log
    await caller.call("POST", LARS, [NEW])
    await caller.call("POST", LARS, [NEW])
    made, refused = log.calls
    assert made.summary == "set new days of Lars Nyberg: Sat 4"
    assert (made.at, made.status, made.request) == (NOON, 200, [NEW])
    assert isinstance(made.response, list)
    assert refused.summary.startswith("refused with 400: working hours for this weekday already exist")
    assert log.count("focus", "POST ") == 2
    assert log.count("focus", after=log.total) == 0
    with pytest.raises(TimeoutError):
        await log.wait_for(lambda call: call.status == 404, timeout=0)


async def test_a_frozen_clock_moves_only_by_hand() -> None:
    clock = Clock(frozen_at=NOON)
    naps = [asyncio.create_task(clock.sleep(60)), asyncio.create_task(clock.sleep(3_600))]
    await clock.until_sleeping(2)
    clock.move(seconds=60)
    await naps[0]
    assert clock.now() == NOON + timedelta(minutes=1)
    assert not naps[1].done()
    naps[1].cancel()
    with pytest.raises(ValueError, match="forward"):
        clock.move(seconds=-1)


async def test_a_running_clock_wakes_by_itself_and_when_moved() -> None:
    clock = Clock()
    await clock.sleep(0.001)
    nap = asyncio.create_task(clock.sleep(86_400))
    await clock.until_sleeping()
    clock.move(seconds=86_400)
    await nap
    assert clock.offset == timedelta(days=1)
