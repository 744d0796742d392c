"""The local Slack, met as the bot meets it: by a small real Bolt app over Socket Mode."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Message, Slack

Json = dict[str, Any]


async def _authorize() -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=None,
        team_id="T0SANDBOX",
        bot_user_id="U0HOURS",
        bot_id="B0HOURS",
        bot_token="xoxb-sandbox",
    )


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def slack(sandbox: Sandbox) -> Slack:
    return sandbox.slack


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        yield session


@pytest.fixture
def client(slack: Slack, session: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])


@pytest.fixture
def app(client: AsyncWebClient) -> AsyncApp:
    return AsyncApp(client=client, authorize=_authorize, process_before_response=True)


@asynccontextmanager
async def connected(slack: Slack, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    """The app over Socket Mode, as the bot connects."""
    web = AsyncWebClient(base_url=slack.api_url)
    handler = AsyncSocketModeHandler(app, slack.app_token, web_client=web, ping_interval=0.2)
    await handler.connect_async()
    await slack.connected()
    try:
        yield handler
    finally:
        await handler.close_async()


def text_of(error: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(error.value.response["error"])


# ---------------------------------------------------------------- commands
async def test_a_command_reaches_the_app_and_its_answer_the_person(slack: Slack, app: AsyncApp) -> None:
    got: list[Json] = []

    @app.command("/hours")
    async def hours(ack: AsyncAck, command: Json, respond: AsyncRespond) -> None:
        await ack()
        got.append(command)
        await respond("Your week")

    async with connected(slack, app):
        ana = slack.human("U0ANA")
        sent = await ana.types("C0STUDIO", "/hours set @ben mon < 8 & #studio")
        seen = await ana.sees("Your week", channel="C0STUDIO")
    assert sent.ok
    assert got[0]["text"] == "set <@U0BEN|ben> mon &lt; 8 &amp; <#C0STUDIO|studio>"
    assert (got[0]["user_id"], got[0]["channel_name"]) == ("U0ANA", "studio")
    assert seen.ephemeral_to == "U0ANA"
    assert slack.human("U0BEN").messages("C0STUDIO") == []


async def test_an_acknowledgement_may_carry_the_answer(slack: Slack, app: AsyncApp) -> None:
    @app.command("/hours")
    async def hours(ack: AsyncAck) -> None:
        await ack({"response_type": "in_channel", "text": "for all"})

    async with connected(slack, app):
        await slack.human("U0ANA").types("C0STUDIO", "/hours")
    assert [each.text for each in slack.human("U0BEN").messages("C0STUDIO")] == ["for all"]


async def test_silence_is_told_to_the_person(slack: Slack, app: AsyncApp) -> None:
    @app.command("/hours")
    async def hours() -> None:
        """Never acknowledges."""

    async with connected(slack, app):
        sent = await slack.human("U0ANA").types("C0STUDIO", "/hours")
    assert sent.error == "operation_timeout"
    seen = slack.human("U0ANA").messages("C0STUDIO")[-1]
    assert (seen.user, seen.text) == ("USLACKBOT", '/hours failed with the error "operation_timeout"')


async def test_without_a_connection_a_command_fails_at_once(slack: Slack) -> None:
    assert (await slack.human("U0ANA").types("C0STUDIO", "/hours")).error == "dispatch_failed"


# ---------------------------------------------------------------- chat
async def test_messages_are_posted_edited_and_deleted(slack: Slack, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="U0ANA", text="one", client_msg_id="1")
    channel, ts = posted["channel"], posted["ts"]
    assert channel == slack.human("U0ANA").dm
    with pytest.raises(SlackApiError) as error:
        await client.chat_postMessage(channel=channel, text="one", client_msg_id="1")
    assert text_of(error) == "duplicate_message"
    with pytest.raises(SlackApiError) as error:
        await client.chat_update(channel="U0ANA", ts=ts, text="two")
    assert text_of(error) == "channel_not_found"
    await client.chat_update(channel=channel, ts=ts, text="two")
    message = slack.human("U0ANA").messages(channel)[0]
    assert (message.text, bool(message.edited)) == ("two", True)
    await client.chat_delete(channel=channel, ts=ts)
    assert slack.human("U0ANA").messages(channel) == []
    assert slack.posts[channel] == [message]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"channel": "C0GENERAL", "text": "x"}, "not_in_channel"),
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": "C0ARCHIVED", "text": "x"}, "is_archived"),
        ({"channel": "C0STUDIO"}, "no_text"),
        ({"channel": "C0STUDIO", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "C0STUDIO", "text": "x", "blocks": [{"type": "nothing"}]}, "invalid_blocks"),
        ({"channel": "U0GONE", "text": "x"}, "channel_not_found"),
        ({"channel": "C0STUDIO", "text": "x", "metadata": {"event_type": "y"}}, "invalid_metadata_schema"),
    ],
)
async def test_bad_messages_are_refused(client: AsyncWebClient, arguments: Json, code: str) -> None:
    with pytest.raises(SlackApiError) as error:
        await client.api_call("chat.postMessage", json=arguments)
    assert text_of(error) == code
