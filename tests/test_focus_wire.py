"""Focus's answers become exact values, or an error that says who must act."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.focus import wire
from store.focus.errors import (
    FocusError,
    ForbiddenError,
    ImpossibleWeekdayError,
    KeyRefusedError,
    NotFoundError,
    NotUnderstoodError,
    OperatorError,
    OutOfQuotaError,
    RejectedError,
    SlowDownError,
    UnavailableError,
    UnclearError,
    WaitError,
    WorkspaceMissingError,
)
from store.focus.numbering import Numbering, vote
from store.focus.quota import Quota, quota_in, wait_in
from store.focus.requests import Api, Request, create_body, delete_body, update_body
from store.focus.wire import FocusPerson, Placeholder, Reading, WireRow
from store.week import ALL_DAYS, Row, Subject, Weekday

NOW = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
ANA, DESIGNER = Subject("person", 501), Subject("placeholder", 701)
API = Api(organization=1001, workspace=2002)
READ, CREATE, UPDATE, DELETE = (API.hours(method, ANA) for method in ("GET", "POST", "PUT", "DELETE"))
WRITES = (CREATE, UPDATE, DELETE)

ROW = {"working_hour_id": 7001, "weekday": 1, "working_hours": 8}

day_hours = st.decimals(0, 24, allow_nan=False, allow_infinity=False).map(Decimal.copy_abs)  # no -0
weeks = st.dictionaries(st.sampled_from(ALL_DAYS), day_hours, min_size=1)


def decipher(status: int, body: bytes | str | list[Any] | dict[str, Any], asked: Request = READ) -> Any:
    raw = (
        body
        if isinstance(body, bytes)
        else body.encode()
        if isinstance(body, str)
        else json.dumps(body).encode()
    )
    return wire.decipher(status, {}, raw, asked=asked, now=NOW)


def rows(body: bytes | str | list[Any], asked: Request = READ) -> tuple[WireRow, ...]:
    return wire.rows_in(decipher(200, body, asked), asked=asked)


# ---------------------------------------------------------------- what is asked


def test_the_eight_operations_go_where_the_api_page_says() -> None:
    assert [str(API.hours(method, ANA)) for method in ("GET", "POST", "PUT", "DELETE")] == [
        "GET /organizations/1001/workinghours/users/501",
        "POST /organizations/1001/workinghours/users/501",
        "PUT /organizations/1001/workinghours/users/501",
        "DELETE /organizations/1001/workinghours/users/501",
    ]
    assert [str(API.hours(method, DESIGNER)) for method in ("GET", "POST", "PUT", "DELETE")] == [
        "GET /organizations/1001/2002/workinghours/ghosts/701",
        "POST /organizations/1001/2002/workinghours/ghosts/701",
        "PUT /organizations/1001/2002/workinghours/ghosts/701",
        "DELETE /organizations/1001/2002/workinghours/ghosts/701",
    ]


def test_placeholders_need_a_workspace_and_people_do_not() -> None:
    api = Api(organization=1001)
    assert api.hours("GET", ANA).path == "/organizations/1001/workinghours/users/501"
    with pytest.raises(WorkspaceMissingError):
        api.hours("GET", DESIGNER)
    with pytest.raises(WorkspaceMissingError):
        api.placeholders(1)


def test_bodies_are_arrays_with_every_digit() -> None:
    days = {Weekday.SUNDAY: Decimal(0), Weekday.MONDAY: Decimal("7.3333")}
    assert create_body(days, numbering=Numbering.SUNDAY0) == (
        '[{"weekday": 1, "working_hours": 7.3333}, {"weekday": 0, "working_hours": 0}]'
    )
    assert update_body([Row(7001, Weekday.SUNDAY, Decimal("8.50"))], numbering=Numbering.ISO) == (
        '[{"weekday": 7, "working_hour_id": 7001, "working_hours": 8.50}]'
    )
    assert delete_body([7001, 7002]) == "[7001, 7002]"


@pytest.mark.parametrize(
    "make",
    [
        lambda: create_body({}, numbering=Numbering.ISO),
        lambda: update_body([], numbering=Numbering.ISO),
        lambda: delete_body([]),
        lambda: create_body({Weekday.MONDAY: Decimal("24.01")}, numbering=Numbering.ISO),
        lambda: create_body({Weekday.MONDAY: Decimal("NaN")}, numbering=Numbering.ISO),
    ],
)
def test_empty_and_impossible_writes_are_never_made(make: Callable[[], str]) -> None:
    with pytest.raises(ValueError, match=r"at least one row|0 to 24"):
        make()


@given(days=weeks, numbering=st.sampled_from(Numbering))
def test_what_is_written_comes_back_digit_by_digit(
    days: dict[Weekday, Decimal], numbering: Numbering
) -> None:
    new = {row["weekday"]: row for row in json.loads(create_body(days, numbering=numbering), parse_float=str)}
    assert {numbering.read(number) for number in new} == set(days)

    sent = [Row(7000 + day, day, hours) for day, hours in days.items()]
    reading = Reading(rows=rows(update_body(sent, numbering=numbering)), as_of=NOW)
    kept = [WireRow.from_json(json.loads(json.dumps(row.to_json()))) for row in reading.rows]
    back = Reading(rows=tuple(kept), as_of=NOW).snapshot(numbering)
    assert {row.day: str(row.hours) for row in back.rows} == {day: str(h) for day, h in days.items()}
    assert {row.id for row in back.rows} == {row.id for row in sent}


# ---------------------------------------------------------------- good answers


def test_rows_keep_their_digits_come_by_id_and_leave_the_rest() -> None:
    body = b"""[{"working_hour_id": 7002, "weekday": 2, "working_hours": 7.30, "starting_hours": null},
                {"working_hour_id_2": 1, "working_hour_id": 7001, "weekday": 1, "working_hours": 8}]"""
    assert [(row.id, row.weekday, str(row.hours)) for row in rows(body)] == [
        (7001, 1, "8"),
        (7002, 2, "7.30"),
    ]


@pytest.mark.parametrize("body", ["[]", "null"])
def test_no_rows_is_an_empty_week_as_go_writes_it_too(body: str) -> None:
    assert rows(body) == ()


@pytest.mark.parametrize(("status", "body"), [(204, b""), (200, b""), (200, b"[]")])
def test_a_delete_is_content_with_little(status: int, body: bytes) -> None:
    assert not decipher(status, body, DELETE)


def test_users_go_by_their_account_and_lists_may_be_wrapped() -> None:
    user = {"id": 9501, "user_account_id": 501, "name": "Ana", "email": "ana@example.com", "active": False}
    items = [user, {"user_account_id": 502, "email": "b@example.com"}, {"id": 9503, "user_account_id": None}]
    bare = wire.page_in(decipher(200, items), asked=READ)
    wrapped = wire.page_in(decipher(200, {"data": items, "total": 3}), asked=READ)
    assert (bare.items, bare.total, wrapped.total) == (wrapped.items, None, 3)
    assert wire.people_in(bare.items, asked=READ) == (
        FocusPerson(id=501, name="Ana", email="ana@example.com", active=False),
        FocusPerson(id=502, name="b@example.com", email="b@example.com", active=True),
    )


def test_placeholders_tell_what_became_of_them() -> None:
    items = [
        {"id": 701, "name": "Designer 1", "user_id": None, "deleted_at": None},
        {"id": 702, "name": "Half \ud83d a name", "user_id": 509, "deleted_at": "2025-01-01T00:00:00Z"},
    ]
    assert wire.placeholders_in(decipher(200, items), asked=READ) == (
        Placeholder(id=701, name="Designer 1", embodied_as=None, deleted=False),
        Placeholder(id=702, name="Half ? a name", embodied_as=509, deleted=True),
    )


# ---------------------------------------------------------------- who must act


@pytest.mark.parametrize(
    ("status", "kind", "family"),
    [
        (400, RejectedError, RejectedError),
        (401, KeyRefusedError, OperatorError),
        (402, OutOfQuotaError, WaitError),
        (403, ForbiddenError, OperatorError),
        (404, NotFoundError, OperatorError),
        (405, RejectedError, RejectedError),
        (422, RejectedError, RejectedError),
        (429, SlowDownError, WaitError),
    ],
)
@pytest.mark.parametrize("asked", [READ, *WRITES])
def test_a_refusal_is_certain_for_reads_and_writes_alike(
    status: int, kind: type[FocusError], family: type[FocusError], asked: Request
) -> None:
    with pytest.raises(family) as caught:
        decipher(status, {"error": "validation"}, asked)
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.code, caught.value.asked) == (status, "validation", str(asked))


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 599])
def test_a_failing_service_leaves_a_write_unclear(status: int) -> None:
    with pytest.raises(UnavailableError):
        decipher(status, "")
    for asked in WRITES:
        with pytest.raises(UnclearError):
            decipher(status, "", asked)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<!doctype html><p>Please log in"),
        (200, b"[{"),
        (200, b"\xff\xfe\xff"),
        (200, b"[NaN]"),
        (200, b"[" * 200_000),
        (200, b"1" * 5_000),
        (200, b"[1e" + b"9" * 30 + b"]"),
        (202, b"[]"),
        (206, b"[]"),
        (204, b""),
        (302, b""),
        (101, b""),
    ],
)
def test_an_answer_nobody_promised_is_not_guessed_at(status: int, body: bytes) -> None:
    with pytest.raises(NotUnderstoodError):
        decipher(status, body)
    with pytest.raises(UnclearError):
        decipher(status, body, CREATE)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"working_hours": []}, "no array"),
        ([[]], "row 1 is no object"),
        ([ROW, {"weekday": 1, "working_hours": 8}], "row 2: working_hour_id is missing"),
        ([{**ROW, "working_hours": None}], "row 1: working_hours is null"),
        ([{**ROW, "weekday": None}], "row 1: weekday is null"),
        ([{**ROW, "weekday": "1"}], "weekday is no whole number"),
        ([{**ROW, "weekday": True}], "weekday is no whole number"),
        ([{**ROW, "working_hour_id": 2**63}], "working_hour_id is no whole number"),
        ([{**ROW, "working_hours": "8"}], "working_hours is no number of hours"),
        ([{**ROW, "working_hours": 24.5}], "working_hours is no number of hours"),
        ([{**ROW, "working_hours": -1}], "working_hours is no number of hours"),
    ],
)
def test_an_odd_row_is_named_and_leaves_a_write_unclear(body: list[Any], named: str) -> None:
    with pytest.raises(NotUnderstoodError, match=named):
        rows(body)
    with pytest.raises(UnclearError, match=named):
        rows(body, UPDATE)


def test_an_error_carries_what_a_sentence_and_toggls_support_need() -> None:
    headers = {
        "x-toggl-quota-remaining": "0",
        "X-Toggl-Quota-Resets-In": "1260",
        "Retry-After": "7",
    }
    body = b'{"error": "quota", "error_description": "No more\\n requests", "trace_id": "abc-1"}'
    with pytest.raises(OutOfQuotaError) as caught:
        wire.decipher(402, headers, body, asked=READ, now=NOW)
    error = caught.value
    assert str(error) == f"{READ}: out of quota: No more requests (trace abc-1)"
    assert error.quota == Quota(remaining=0, resets_at=NOW + timedelta(minutes=21), as_of=NOW)
    assert (error.retry_after, error.trace_id, error.description) == (7, "abc-1", "No more requests")


@pytest.mark.parametrize(
    ("body", "description"),
    [
        (b"", "an empty body"),
        (b"<html>Bad Gateway</html>", "an HTML page"),
        (b"upstream\n timed out", "upstream timed out"),
        (b'"Forbidden"', "Forbidden"),
        (b'{"message": "no"}', "no"),
        (b'{"error_description": 7}', ""),
    ],
)
def test_error_bodies_of_any_shape_are_described(body: bytes, description: str) -> None:
    with pytest.raises(ForbiddenError) as caught:
        decipher(403, body)
    assert caught.value.description == description


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.text() | st.sampled_from([*ROW, "error", "error_description", "trace_id", "data", "total"]),
            inner,
        )
    ),
    max_leaves=12,
)
json_bodies = json_values.map(lambda value: json.dumps(value).encode())
header_values = st.text() | st.floats().map(str) | st.integers().map(str) | st.datetimes().map(str)
any_headers = st.dictionaries(
    st.text() | st.sampled_from(["X-Toggl-Quota-Remaining", "x-toggl-quota-resets-in", "Retry-After"]),
    header_values,
)


@given(
    status=st.sampled_from([200, 201, 204, 400, 401, 402, 429, 500]) | st.integers(100, 999),
    headers=any_headers,
    body=st.binary() | json_bodies,
    asked=st.sampled_from([READ, *WRITES]),
)
def test_no_answer_whatever_raises_anything_outside_the_tree(
    status: int, headers: dict[str, str], body: bytes, asked: Request
) -> None:
    error = error_of(status, headers, body, asked)
    if error:
        assert error.asked == str(asked)
        assert len(error.description) <= 300
        assert str(error).encode()


@given(
    status=st.sampled_from([200, 201, 204, 400, 429, 500]) | st.integers(100, 999),
    body=st.binary() | json_bodies,
    asked=st.sampled_from(WRITES),
)
def test_of_a_write_whatever_is_not_certain_is_unclear(status: int, body: bytes, asked: Request) -> None:
    error = error_of(status, {}, body, asked)
    if 400 <= status < 500 and status != 408:
        assert error
        assert not isinstance(error, UnclearError)
    elif status in {200, 201, 204}:
        assert error is None or isinstance(error, UnclearError)
    else:
        assert isinstance(error, UnclearError)


def error_of(status: int, headers: dict[str, str], body: bytes, asked: Request) -> FocusError | None:
    try:
        answer = wire.decipher(status, headers, body, asked=asked, now=NOW)
        if asked is not DELETE:
            wire.rows_in(answer, asked=asked)
            wire.people_in(wire.page_in(answer, asked=asked).items, asked=asked)
            wire.placeholders_in(wire.page_in(answer, asked=asked).items, asked=asked)
    except FocusError as error:
        return error
    return None


# ---------------------------------------------------------------- headers


def test_a_large_quota_is_known_however_large() -> None:
    headers = {"X-Toggl-Quota-Remaining": "1000000000", "X-Toggl-Quota-Resets-In": "60"}
    quota = quota_in(headers, now=NOW)
    assert quota is not None
    assert quota.remaining == 10**9


@pytest.mark.parametrize("nonsense", ["", "soon", "-1", "nan", "inf", "1e99", "²", "9" * 5_000])
def test_nonsense_in_headers_is_silence(nonsense: str) -> None:
    headers = {
        "X-Toggl-Quota-Remaining": nonsense,
        "X-Toggl-Quota-Resets-In": nonsense,
        "Retry-After": nonsense,
    }
    assert quota_in(headers, now=NOW) is None
    assert wait_in(headers, now=NOW) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3", 3),
        ("Mon, 03 Mar 2025 09:00:30 GMT", 30),
        ("Mon, 03 Mar 2025 09:00:30 -0000", 30),
        ("Mon, 03 Mar 2025 08:00:00 GMT", 0),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float) -> None:
    assert wait_in({"retry-after": text}, now=NOW) == seconds


# ---------------------------------------------------------------- weekdays


def test_the_three_numberings() -> None:
    def written(numbering: Numbering) -> list[int]:
        return [numbering.write(day) for day in ALL_DAYS]

    assert written(Numbering.SUNDAY0) == [1, 2, 3, 4, 5, 6, 0]
    assert written(Numbering.MONDAY0) == [0, 1, 2, 3, 4, 5, 6]
    assert written(Numbering.ISO) == [1, 2, 3, 4, 5, 6, 7]
    for numbering in Numbering:
        assert [numbering.read(number) for number in written(numbering)] == list(ALL_DAYS)
    assert Numbering.SUNDAY0.read(7) is Numbering.ISO.read(0) is Weekday.SUNDAY


@pytest.mark.parametrize(
    ("numbering", "number"), [(Numbering.MONDAY0, 7), (Numbering.ISO, 8), (Numbering.SUNDAY0, -1)]
)
def test_an_impossible_number_is_the_operators_to_explain(numbering: Numbering, number: int) -> None:
    reading = Reading(rows=(WireRow(id=1, weekday=number, hours=Decimal(8)),), as_of=NOW)
    with pytest.raises(ImpossibleWeekdayError) as caught:
        reading.snapshot(numbering)
    assert (caught.value.number, caught.value.numbering) == (number, numbering)


def week(numbers: str, hours: int = 8) -> list[tuple[int, Decimal]]:
    return [(int(number), Decimal(hours)) for number in numbers]


@pytest.mark.parametrize(
    ("people", "best", "impossible", "says"),
    [
        ([], None, "", "Nobody has working hours"),
        ([[], week("12345")], None, "", "differ only on Sunday"),
        ([week("12345"), week("60")], Numbering.SUNDAY0, "iso", "fits sunday0"),
        ([week("12345") + week("06", 0)], Numbering.SUNDAY0, "iso", "fits sunday0"),
        ([week("12345"), week("7")], Numbering.ISO, "sunday0 monday0", "fits iso"),
        ([week("01234"), week("0123"), week("12345")], Numbering.MONDAY0, "iso", "Sunday-to-Thursday"),
        ([week("01234"), week("12345")], None, "iso", "does not tell"),
        ([week("234")], None, "", "does not tell"),
        ([week("07")], None, "sunday0 monday0 iso", "No known numbering"),
        ([week("189")], None, "sunday0 monday0 iso", "1, 8, 9"),
    ],
)
def test_everybodys_rows_vote(
    people: list[list[tuple[int, Decimal]]], best: Numbering | None, impossible: str, says: str
) -> None:
    result = vote(people)
    assert (result.best, result.proven_impossible) == (best, frozenset(map(Numbering, impossible.split())))
    assert result.people == sum(map(bool, people))
    assert says in result.sentence


def test_a_setting_is_allowed_until_rows_speak_against_it() -> None:
    assert [vote([week("12345")]).allows(each) for each in Numbering] == [True, False, True]
    assert [vote([week("12345"), week("60")]).allows(each) for each in Numbering] == [True, False, False]
