"""The client against the local Focus over real HTTP: what is repeated, shared, certain."""

import asyncio
import math
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from store.focus import (
    BearerAuth,
    FocusClient,
    FocusError,
    ForbiddenError,
    KeyRefusedError,
    NotFoundError,
    NotUnderstoodError,
    Numbering,
    OutOfQuotaError,
    Quota,
    RejectedError,
    SlowDownError,
    UnavailableError,
    UnclearError,
    WorkspaceMissingError,
)
from store.week import OFF, Row, Subject, Week, Weekday
from tests.office import PATIENCE
from tests.ports import free_port

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loading certificates takes longer than a test
NOW = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
ANA, DESIGNER = Subject("person", 501), Subject("placeholder", 701)
FRI, SAT, SUN = Weekday.FRIDAY, Weekday.SATURDAY, Weekday.SUNDAY
SUNDAY0 = Numbering.SUNDAY0
EIGHT, HALF = Decimal(8), Decimal("7.3333")

WRITES: dict[str, Callable[[FocusClient], Awaitable[object]]] = {
    "POST": lambda client: client.create(ANA, {SAT: EIGHT}, numbering=SUNDAY0),
    "PUT": lambda client: client.update(ANA, [Row(1, FRI, OFF)], numbering=SUNDAY0),
    "DELETE": lambda client: client.delete(ANA, [1]),
}


@dataclass(slots=True)
class Scene:
    """A local Focus, its frozen clock, and a client of it."""

    focus: Focus
    clock: Clock
    http: httpx.AsyncClient
    url: str

    client: FocusClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.another()

    def another(
        self,
        *,
        url: str | None = None,
        workspace_id: int | None = 2002,
        auth: httpx.Auth | None = None,
        on_quota: Callable[[Quota], None] | None = None,
    ) -> FocusClient:
        return FocusClient(
            self.http,
            url=url or self.url,
            organization_id=1001,
            workspace_id=workspace_id,
            auth=auth or BearerAuth(self.focus.key),
            clock=self.clock,
            jitter=lambda: 0.0,
            on_quota=on_quota,
        )

    def fault(
        self, kind: FaultKind, match: str = "*", *, seconds: float = 0, times: int | None = None
    ) -> Fault:
        return self.focus.faults.add(Fault(kind, match, seconds=seconds, times=times))

    def asked(self, method: str) -> int:
        return self.focus.log.count("focus", method)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    clock = Clock(frozen_at=NOW)
    focus, app = Focus(clock=clock), web.Application()
    focus.add_routes(app)
    async with TestServer(app) as server, httpx.AsyncClient(trust_env=False, verify=NO_TLS) as http:
        yield Scene(focus, clock, http, str(server.make_url("/focus/api")))


@asynccontextmanager
async def answering(answer: Callable[[httpx.Request], Any]) -> AsyncIterator[tuple[FocusClient, Clock]]:
    """A client whose network is a function: for failures that no local server can produce in time."""
    clock = Clock(frozen_at=NOW)
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), verify=NO_TLS) as http:
        yield (
            FocusClient(
                http,
                url="http://focus.test",
                organization_id=1001,
                workspace_id=None,
                auth=BearerAuth("key"),
                clock=clock,
                concurrency=2,
                jitter=lambda: 1.0,
            ),
            clock,
        )


async def tick(clock: Clock, *pauses: float) -> None:
    """Let each pause pass as soon as somebody sleeps: exactly so long, and not a moment less."""
    for pause in pauses:
        async with asyncio.timeout(PATIENCE):
            await clock.until_sleeping()
            clock.move(seconds=pause - 0.001)
            await clock.until_sleeping()
            clock.move(seconds=0.001)


# ---------------------------------------------------------------- the verbs


@pytest.mark.parametrize(("subject", "kind"), [(ANA, "user"), (DESIGNER, "ghost")])
@pytest.mark.parametrize("numbering", Numbering)
async def test_all_operations_reach_people_and_placeholders(
    scene: Scene, subject: Subject, kind: Literal["user", "ghost"], numbering: Numbering
) -> None:
    scene.focus.options.numbering = numbering.value
    client = scene.client
    week = Week((EIGHT,) * 5 + (None, None))

    before = (await client.read(subject)).snapshot(numbering)
    assert (before.week, before.as_of) == (week, NOW)

    made = await client.create(subject, {SAT: HALF, SUN: OFF}, numbering=numbering)
    assert made.snapshot(numbering).week == Week.of({SAT: HALF, SUN: OFF})

    friday = next(row for row in before.rows if row.day is FRI)
    changed = await client.update(subject, [Row(friday.id, FRI, Decimal("4.25"))], numbering=numbering)
    assert changed.snapshot(numbering).rows == (Row(friday.id, FRI, Decimal("4.25")),)

    await client.delete(subject, [row.id for row in made.rows if row.hours])
    after = (await client.read(subject)).snapshot(numbering)
    assert after.week == week.replace({FRI: Decimal("4.25"), SUN: OFF})
    assert scene.focus.week(kind, subject.id) == {int(day): after.week[day] for day in after.week.set_days}


async def test_email_and_password_open_the_door_too(scene: Scene) -> None:
    keys = scene.focus.keys
    client = scene.another(auth=httpx.BasicAuth(keys.email, keys.password))
    assert (await client.read(ANA)).rows


async def test_a_bad_key_is_never_made_nor_shown() -> None:
    for key in ("", " key", "key\n", "clé"):
        with pytest.raises(ValueError, match="printable ASCII"):
            BearerAuth(key)
    assert "secret" not in repr(BearerAuth("secret"))


@pytest.mark.parametrize(("more", "pages"), [(0, 1), (92, 2), (95, 2)])
@pytest.mark.parametrize("wrapped", [False, True])
async def test_everybody_is_listed_page_by_page(
    scene: Scene, more: int, pages: int, *, wrapped: bool
) -> None:
    scene.focus.options.wraps_users = wrapped
    for number in range(more):
        scene.focus.add_person(f"Extra {number}", email=f"extra{number}@example.com", active=False)
    people = await scene.client.people()
    assert len(people) == len({person.id for person in people}) == 8 + more
    assert (people[0].id, people[0].email, people[0].active) == (501, "ana@example.com", True)
    assert scene.asked("GET") in {pages, pages - wrapped}  # a stated total saves asking for an empty page


async def test_a_list_that_ignores_the_page_is_read_to_an_end() -> None:
    users = [{"user_account_id": number} for number in range(100)]
    async with answering(lambda _: httpx.Response(200, json=users)) as (client, _):
        assert len(await client.people()) == 100


async def test_placeholders_are_listed_without_those_that_became_users(scene: Scene) -> None:
    scene.focus.embody(702, user_id=508)
    assert [each.name for each in await scene.client.placeholders()] == ["Designer 1", "Set Builder"]


async def test_placeholders_without_a_workspace_are_refused_before_asking(scene: Scene) -> None:
    client = scene.another(workspace_id=None)
    for ask in (client.placeholders(), client.read(DESIGNER), client.delete(DESIGNER, [1])):
        with pytest.raises(WorkspaceMissingError):
            await ask
    assert scene.asked("") == 0
    assert (await client.read(ANA)).rows


async def test_settings_prove_the_key(scene: Scene) -> None:
    assert "timezone" in await scene.client.settings()
    scene.focus.expire_key()
    with pytest.raises(KeyRefusedError) as caught:
        await scene.client.settings()
    assert caught.value.code == "invalid_session"
    assert caught.value.description
    assert caught.value.trace_id


# ---------------------------------------------------------------- refusals and quota


async def test_focus_own_refusals_keep_their_words(scene: Scene) -> None:
    with pytest.raises(NotFoundError) as missing:
        await scene.client.read(Subject("person", 999))
    assert missing.value.description
    with pytest.raises(RejectedError) as twice:
        await scene.client.create(ANA, {FRI: EIGHT}, numbering=SUNDAY0)
    assert twice.value.status == 400
    scene.focus.options.key_role = "member"
    with pytest.raises(ForbiddenError):
        await scene.client.delete(ANA, [1])


async def test_quota_is_remembered_from_good_and_bad_answers(scene: Scene) -> None:
    heard: list[Quota] = []
    client = scene.another(on_quota=heard.append)
    assert client.quota == Quota(as_of=NOW)
    await client.read(ANA)
    assert client.quota == Quota(remaining=599, resets_at=NOW + timedelta(hours=1), as_of=NOW)

    scene.focus.quota.exhaust()
    with pytest.raises(OutOfQuotaError) as caught:
        await client.read(ANA)
    assert client.quota.remaining == 0
    assert heard[-1] == caught.value.quota == client.quota
    assert scene.asked("GET") == 2  # asking again would not help

    scene.clock.move(seconds=3600)
    scene.focus.quota.in_headers = False
    await client.read(ANA)
    assert len(heard) == 2  # silence is no news


@pytest.mark.parametrize(("later", "left"), [("3600", 4), ("7200", 5)], ids=["one hour", "a new hour"])
async def test_an_answer_that_was_overtaken_gives_no_requests_back(
    clock: Clock, later: str, left: int
) -> None:
    waits, overtaken = asyncio.Event(), asyncio.Event()
    answers = iter([("5", later), ("4", "3600")])

    async def answer(_: httpx.Request) -> httpx.Response:
        remaining, resets_in = next(answers)
        if remaining == "5":
            waits.set()
            await overtaken.wait()
        told = {"X-Toggl-Quota-Remaining": remaining, "X-Toggl-Quota-Resets-In": resets_in}
        return httpx.Response(200, json=[], headers=told)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        client = FocusClient(
            http, url="http://focus", organization_id=1, workspace_id=2, auth=BearerAuth("key"), clock=clock
        )
        first = asyncio.create_task(client.read(ANA))
        await waits.wait()
        await client.read(DESIGNER)
        overtaken.set()
        await first
        assert client.quota.remaining == left


# ---------------------------------------------------------------- reads are repeated


@pytest.mark.parametrize("kind", [FaultKind.FAIL_BEFORE, FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER])
async def test_a_read_is_repeated_with_back_off_until_it_succeeds(scene: Scene, kind: FaultKind) -> None:
    scene.fault(kind, times=3)
    read = asyncio.create_task(scene.client.read(ANA))
    await tick(scene.clock, 0.5, 1.0, 2.0)
    reading = await read
    assert len(reading.rows) == 5
    assert reading.as_of == NOW + timedelta(seconds=3.5)
    assert scene.asked("GET") == 4


async def test_a_read_gives_up_after_four_attempts(scene: Scene) -> None:
    scene.fault(FaultKind.FAIL_BEFORE)
    read = asyncio.create_task(scene.client.read(ANA))
    await tick(scene.clock, 0.5, 1.0, 2.0)
    with pytest.raises(UnavailableError) as caught:
        await read
    assert (caught.value.status, scene.asked("GET")) == (503, 4)


async def test_retry_after_is_honoured_while_patience_lasts(scene: Scene) -> None:
    scene.fault(FaultKind.RATE_LIMITED, seconds=12, times=1)
    read = asyncio.create_task(scene.client.read(ANA))
    await tick(scene.clock, 12)
    assert (await read).rows

    scene.fault(FaultKind.RATE_LIMITED, seconds=31, times=1)
    with pytest.raises(SlowDownError) as caught:
        await scene.client.read(ANA)
    assert caught.value.retry_after == 31
    assert scene.asked("GET") == 3


async def test_html_on_a_read_is_for_the_developers_and_not_repeated(scene: Scene) -> None:
    fault = scene.fault(FaultKind.FAIL_BEFORE)
    fault.status, fault.body = 200, "<html>Scheduled maintenance</html>"
    with pytest.raises(NotUnderstoodError, match="an HTML page"):
        await scene.client.read(ANA)
    assert scene.asked("GET") == 1


# ---------------------------------------------------------------- writes are certain or unclear


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind.name.startswith(("FAIL", "CUT"))])
async def test_a_write_without_a_clear_answer_is_unclear_and_asked_once(
    scene: Scene, write: str, kind: FaultKind
) -> None:
    scene.fault(kind)
    with pytest.raises(UnclearError, match=f"{write} /organizations/1001/workinghours/users/501"):
        await WRITES[write](scene.client)
    assert scene.asked(write) == 1


async def test_a_late_failure_has_changed_the_week(scene: Scene) -> None:
    scene.fault(FaultKind.CUT_AFTER)
    with pytest.raises(UnclearError):
        await WRITES["POST"](scene.client)
    assert scene.focus.week("user", 501)[SAT] == EIGHT


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.REFUSE, KeyRefusedError),
        (FaultKind.OUT_OF_QUOTA, OutOfQuotaError),
        (FaultKind.RATE_LIMITED, SlowDownError),
    ],
)
async def test_a_refused_write_is_certainly_not_done_and_asked_once(
    scene: Scene, write: str, kind: FaultKind, error: type[FocusError]
) -> None:
    before = scene.focus.rows("user", 501)
    scene.fault(kind)
    with pytest.raises(error):
        await WRITES[write](scene.client)
    assert scene.focus.rows("user", 501) == before
    assert scene.asked(write) == 1


@pytest.mark.parametrize("write", WRITES)
async def test_a_write_to_nobody_was_certainly_not_sent(scene: Scene, write: str) -> None:
    client = scene.another(url=f"http://127.0.0.1:{free_port()}/api")
    with pytest.raises(UnavailableError, match="not reached"):
        await WRITES[write](client)


CERTAIN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
DOUBTFUL = (
    httpx.ReadTimeout,
    httpx.WriteTimeout,
    httpx.ReadError,
    httpx.WriteError,
    httpx.CloseError,
    httpx.RemoteProtocolError,
    httpx.LocalProtocolError,
    httpx.DecodingError,
    TimeoutError,
)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("failure", CERTAIN + DOUBTFUL)
async def test_each_way_a_connection_fails_is_certain_or_unclear(
    write: str, failure: type[httpx.RequestError | TimeoutError]
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise failure("on request")

    async with answering(fail) as (client, clock):
        with pytest.raises(UnavailableError if failure in CERTAIN else UnclearError):
            await WRITES[write](client)
        read = asyncio.create_task(client.read(ANA))
        await tick(clock, 0.75, 1.5, 3.0)
        with pytest.raises(UnavailableError):
            await read


async def test_a_redirect_takes_neither_the_write_nor_the_key_along() -> None:
    hosts: list[str] = []

    def redirect(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(307, headers={"Location": "http://elsewhere.test/"})

    async with answering(redirect) as (client, _):
        with pytest.raises(UnclearError):
            await WRITES["PUT"](client)
    assert hosts == ["focus.test"]


# ---------------------------------------------------------------- reads are shared


async def test_equal_reads_are_one_request_and_one_who_leaves_disturbs_nobody(scene: Scene) -> None:
    slow = scene.fault(FaultKind.SLOW, seconds=math.inf)
    first, second, third = (asyncio.create_task(scene.client.read(ANA)) for _ in range(3))
    await slow.reached.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    scene.focus.faults.remove(slow)
    assert await second == await third
    assert scene.asked("GET") == 1

    await scene.client.read(ANA)
    assert scene.asked("GET") == 2


async def test_different_reads_are_not_shared(scene: Scene) -> None:
    await asyncio.gather(scene.client.read(ANA), scene.client.read(DESIGNER), scene.client.people())
    assert scene.asked("GET") == 3


async def test_a_failure_is_shared_as_well(scene: Scene) -> None:
    scene.focus.expire_key()
    results = await asyncio.gather(*(scene.client.read(ANA) for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [KeyRefusedError] * 3
    assert scene.asked("GET") == 1


async def test_who_asks_after_a_write_is_not_told_what_was_before(scene: Scene) -> None:
    slow = scene.fault(FaultKind.SLOW, "GET *", seconds=math.inf, times=1)
    early = asyncio.create_task(scene.client.read(ANA))
    await slow.reached.wait()
    await scene.client.create(ANA, {SAT: EIGHT}, numbering=SUNDAY0)
    assert (await scene.client.read(ANA)).snapshot(SUNDAY0).week[SAT] == EIGHT
    early.cancel()
    slow.removed.set()
    with pytest.raises(asyncio.CancelledError):
        await early


async def test_a_read_that_nobody_waits_for_ends() -> None:
    ended = asyncio.Event()
    begun = asyncio.Event()

    async def never(_: httpx.Request) -> httpx.Response:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    async with answering(never) as (client, _):
        read = asyncio.create_task(client.read(ANA))
        await begun.wait()
        read.cancel()
        with pytest.raises(asyncio.CancelledError):
            await read
        async with asyncio.timeout(PATIENCE):
            await ended.wait()


async def test_no_more_requests_at_once_than_allowed() -> None:
    here, most = 0, 0

    async def count(_: httpx.Request) -> httpx.Response:
        nonlocal here, most
        here += 1
        most = max(most, here)
        await asyncio.sleep(0)
        here -= 1
        return httpx.Response(200, json=[])

    async with answering(count) as (client, _):
        await asyncio.gather(*(client.read(Subject("person", number)) for number in range(9)))
    assert most == 2


async def test_who_compares_before_writing_asks_for_oneself(scene: Scene) -> None:
    slow = scene.fault(FaultKind.SLOW, "GET *", seconds=math.inf, times=1)
    early = asyncio.create_task(scene.client.read(ANA))
    await slow.reached.wait()
    assert (await scene.client.read(ANA, shared=False)).rows
    slow.removed.set()
    assert (await early).rows
    assert scene.asked("GET") == 2
