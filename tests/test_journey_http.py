"""Slack's other way in: signed HTTP requests. The journeys are the same; forged requests are turned away."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.manifest import HTTP_PATH
from bot.sandbox.clock import Clock
from bot.sandbox.slack import Slack
from tests.conftest import OpenOffice, OpenStore
from tests.office import STUDIO, Office
from tests.ports import free_port


def by_http() -> dict[str, str]:
    """Settings of a bot that has no app token, so that Slack must call it."""
    return {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": Slack.signing_secret, "PORT": str(free_port())}


@pytest.fixture
async def over_http(an_office: OpenOffice) -> AsyncIterator[Office]:
    """An office whose bot Slack calls."""
    async with an_office(settings=by_http()) as office:
        yield office


async def test_a_week_is_looked_up_changed_edited_and_undone(over_http: Office) -> None:
    office, ana = over_http, over_http.ana
    await ana.types(STUDIO, "/hours")
    await ana.sees("Your week: Mon–Fri 8 h", channel=STUDIO)
    await ana.types(STUDIO, "/hours set fri 4")
    await ana.sees("You changed your week: Fri 8 h → 4 h", channel=STUDIO)
    await ana.types(STUDIO, "/hours edit")
    view = await ana.sees_modal("0 = day off")
    assert await ana.suggest(view, "copy_from", "ben")
    ana.fill(view, "Friday", "nonsense")
    await ana.submit()
    assert ana.errors
    ana.fill(view, "Friday", "5")
    await ana.submit()
    await ana.sees_modal("You changed your week: Fri 4 h → 5 h")
    await ana.types(ana.dm, "undo")
    await ana.sees("You put back your week: Fri 5 h → 4 h", channel=ana.dm)
    assert office.focus_week(501) == "8 8 8 8 4 - -"
    await ana.open_home()
    await ana.sees_home("Friday: *4 h*")


def recorded(office: Office, text: str = "set fri 1") -> str:
    """A command of Ana's, as somebody who listens has it."""
    return urlencode(
        {
            "command": "/hours",
            "text": text,
            "user_id": "U0ANA",
            "team_id": "T0SANDBOX",
            "channel_id": STUDIO,
            "response_url": f"{office.sandbox.url}/respond/x",
            "trigger_id": "1.2.3",
        }
    )


def signature(at: int, body: str, *, secret: str = Slack.signing_secret) -> str:
    """As whoever has this secret signs."""
    return "v0=" + hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()


async def send(office: Office, body: str, *signatures: str, at: int | str) -> int:
    """A request that does not come from Slack: how it is answered, once all that it led to is over."""
    headers = [("Content-Type", "application/x-www-form-urlencoded"), ("X-Slack-Request-Timestamp", str(at))]
    headers += [("X-Slack-Signature", each) for each in signatures]
    async with (
        aiohttp.ClientSession() as session,
        session.post(office.page(HTTP_PATH), data=body, headers=headers) as answer,
    ):
        await office.bot.desk.work.idle()
        return answer.status


def now() -> int:
    """Signatures are of this machine's time."""
    return int(time.time())


@pytest.mark.parametrize(
    ("off", "secret"),
    [(0, "of somebody else"), (-600, Slack.signing_secret), (600, Slack.signing_secret), (0, None)],
)
async def test_a_request_that_slack_did_not_sign_just_now_is_refused(
    over_http: Office, off: int, secret: str | None
) -> None:
    at, body = now() + off, recorded(over_http)
    signatures = [signature(at, body, secret=secret)] if secret else []
    assert await send(over_http, body, *signatures, at=at) == 401
    assert over_http.focus_calls() == []


async def test_a_request_that_somebody_recorded_acts_once(over_http: Office) -> None:
    at, body = now(), recorded(over_http)
    assert await send(over_http, body, signature(at, body), at=at) == 200
    assert await send(over_http, body, signature(at, body), at=at) == 401
    assert over_http.focus_calls().count("PUT") == 1


async def test_of_two_signatures_none_counts(over_http: Office) -> None:
    at, body = now(), recorded(over_http)
    genuine = signature(at, body)
    for signatures in (("v0=junk", genuine), (genuine, "v0=junk"), (genuine, genuine)):
        assert await send(over_http, body, *signatures, at=at) == 401
    assert await send(over_http, body, genuine, at=at) == 200
    for signatures in (("v0=junk", genuine), (genuine, "v0=junk")):
        assert await send(over_http, body, *signatures, at=at) == 401
    assert over_http.focus_calls().count("PUT") == 1


async def test_a_restart_is_no_new_chance_for_a_recorded_request(an_office: OpenOffice) -> None:
    settings, at = by_http(), now()
    async with an_office(settings=settings) as office:
        body = recorded(office)
        assert await send(office, body, signature(at, body), at=at) == 200
    async with an_office(settings=settings) as office:
        assert await send(office, body, signature(at, body), at=at) == 401
        assert office.focus_calls() == []


async def test_while_the_database_is_locked_requests_are_taken_and_each_once(over_http: Office) -> None:
    at, body = now(), recorded(over_http, "help")
    with closing(sqlite3.connect(over_http.settings.database_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await send(over_http, body, signature(at, body), at=at) == 200
        assert await send(over_http, body, signature(at, body), at=at) == 401
        other.execute("ROLLBACK")


async def test_nothing_is_kept_of_what_slack_did_not_sign(over_http: Office) -> None:
    def kept() -> list[str]:
        with closing(sqlite3.connect(over_http.settings.database_path)) as other:
            return [text for (text,) in other.execute("SELECT signature FROM signatures ORDER BY signature")]

    before, at, body = kept(), now(), recorded(over_http, "help")
    await send(over_http, body, signature(at, body, secret="of somebody else"), at=at)
    await send(over_http, body, "x" * 4000, at=at)
    await send(over_http, body, at=at)
    await send(over_http, "ssl_check=1", "y", at=at)
    assert kept() == before
    genuine = signature(at, body)
    await send(over_http, body, genuine, at=at)
    assert genuine in kept()  # and, perhaps already, that of Slack's event about the answer


async def test_a_signature_is_kept_until_it_is_valid_no_longer(open_store: OpenStore, clock: Clock) -> None:
    one, other, another_team = [await open_store(**each) for each in ({}, {}, {"team_id": "T0OTHER"})]
    at, until = clock.now(), clock.now() + timedelta(minutes=5)
    assert await one.signatures.take("v0=a", until=until, now=at)
    assert not await other.signatures.take("v0=a", until=until, now=until)
    assert await another_team.signatures.take("v0=a", until=until, now=at)
    await other.signatures.give_back("v0=a")
    assert await one.signatures.take("v0=a", until=until, now=at)
    assert await one.signatures.take("v0=a", until=until, now=until + timedelta(seconds=1))


async def test_a_look_at_the_certificate_is_answered_as_often_as_it_comes(over_http: Office) -> None:
    for _ in range(2):
        assert await send(over_http, "ssl_check=1&token=x", at=now()) == 200


@pytest.mark.parametrize("odd", ["", "soon", "9" * 5000, "-1", "１"])
async def test_a_time_that_is_none_is_refused(over_http: Office, odd: str) -> None:
    assert await send(over_http, recorded(over_http), "v0=ü", at=odd) == 401
