"""The WebSocket to Slack: however it falls silent, another one takes its place; a stop loses nothing."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck

from bot.clients import SlackClient
from bot.sandbox.faults import Fault, FaultKind
from bot.socket_mode import REPLACED_WITHIN, SocketConnection, SocketRefusedError
from tests.small_app import STUDIO, SmallApp, installed


@pytest.fixture
async def small() -> AsyncIterator[SmallApp]:
    async with installed() as app:

        @app.bolt.command("/hours")
        async def hours(ack: AsyncAck) -> None:
            await ack("here")

        yield app


def connection_of(small: SmallApp, *, token: str = "", ping_seconds: float = 0.1) -> SocketConnection:
    """As the bot's, in a hurry."""
    return SocketConnection(
        small.bolt,
        app_token=token or small.slack.app_token,
        web_client=SlackClient(base_url=small.slack.api_url),
        ping_seconds=ping_seconds,
        look_seconds=0.1,
        silent_seconds=1.0,
    )


@asynccontextmanager
async def connected(small: SmallApp) -> AsyncIterator[SocketConnection]:
    connection = connection_of(small)
    await connection.open()
    try:
        await small.slack.connected()
        yield connection
    finally:
        await connection.close()


async def works(small: SmallApp) -> bool:
    """Whether a command gets through, by a later line where a busy machine was late with a pong."""
    for _ in range(10):
        await small.slack.connected()
        if (await small.ana.types(STUDIO, "/hours")).ok:
            return True
    return False


async def test_a_line_that_goes_mute_is_replaced(small: SmallApp) -> None:
    async with connected(small) as connection:
        assert await works(small)
        small.slack.sockets.fall_silent()
        assert not small.slack.sockets.connected.is_set()
        await small.slack.connected()
        assert await works(small)
        assert connection.connections >= 2


@pytest.mark.parametrize("silent", ["handshake", "address"])
async def test_waiting_for_somebody_who_does_not_answer_comes_to_an_end(
    small: SmallApp, silent: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(small) as connection:
        if silent == "address":
            never = Fault(FaultKind.SLOW, match="apps.connections.open", seconds=math.inf, times=1)
            small.slack.faults.add(never)
        with caplog.at_level(logging.WARNING):
            small.slack.sockets.fall_silent(handshakes=int(silent == "handshake"))
            await small.slack.connected()
        assert await works(small)
        assert connection.trouble == ""
        assert "nothing heard from Slack for" in caplog.text
    small.slack.faults.clear()


async def test_a_silence_is_noticed_between_two_pings(small: SmallApp) -> None:
    """The README promises a new connection within fifteen seconds."""
    assert REPLACED_WITHIN == 15
    nobody_answers = small.slack.sockets.fall_silent(handshakes=1)
    connection = connection_of(small, ping_seconds=3600)
    await connection.open()
    await nobody_answers.wait()
    await small.slack.connected()
    await connection.close()


async def test_while_it_is_silent_it_says_so(small: SmallApp) -> None:
    connection = connection_of(small)
    assert connection.trouble == "not connected to Slack"
    await connection.open()
    await small.slack.connected()
    assert await works(small)
    assert connection.trouble == ""
    nobody_answers = small.slack.sockets.fall_silent(handshakes=1)
    await nobody_answers.wait()
    assert connection.trouble == "not connected to Slack"
    await connection.close()
    assert connection.trouble == "stopping"


async def test_a_stop_acknowledges_what_it_has_taken_and_takes_nothing_more(small: SmallApp) -> None:
    taken, go_on = asyncio.Event(), asyncio.Event()

    @small.bolt.command("/slow")
    async def slow(ack: AsyncAck) -> None:
        taken.set()
        await go_on.wait()
        await ack()

    connection = connection_of(small)
    await connection.open()
    await small.slack.connected()
    typed = asyncio.create_task(small.ana.types(STUDIO, "/slow"))
    await taken.wait()
    stopping = asyncio.create_task(connection.close())
    await asyncio.sleep(0)
    late = asyncio.create_task(small.ana.types(STUDIO, "/hours"))
    await small.slack.sockets.has_read(2)
    go_on.set()
    assert (await typed).ok
    await stopping
    assert not (await late).ok


async def test_a_token_that_slack_refuses_is_said_at_once(small: SmallApp) -> None:
    connection = connection_of(small, token="xapp-of-another-app")
    with pytest.raises(SocketRefusedError, match="invalid_auth"):
        await connection.open()
    await connection.close()


@pytest.mark.parametrize(
    "down",
    [
        {"kind": FaultKind.CUT_BEFORE},
        {"kind": FaultKind.FAIL_BEFORE, "body": "upstream connect error", "content_type": "text/plain"},
        {"kind": FaultKind.REFUSE, "error": "internal_error"},
    ],
)
async def test_a_slack_that_is_down_at_the_start_is_waited_for(small: SmallApp, down: Any) -> None:
    small.slack.faults.add(Fault(match="apps.connections.open", times=2, **down))
    async with connected(small):
        assert await works(small)
