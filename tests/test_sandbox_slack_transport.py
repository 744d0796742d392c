"""The local Slack: tokens, scopes, rate limits, paging, and signed HTTP delivery."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.http_delivery import UrlVerificationError
from tests.small_app import STUDIO, Json, SmallApp, installed

MANIFEST: Json = {
    "display_information": {"name": "Hours"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": False},
        "bot_user": {"display_name": "hours"},
        "slash_commands": [
            {"command": "/hours", "description": "Working hours", "usage_hint": "me · set · help"}
        ],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write", "users:read", "channels:read"]}},
    "settings": {
        "event_subscriptions": {"bot_events": ["app_home_opened"]},
        "interactivity": {"is_enabled": True},
    },
}


@pytest.fixture
async def small() -> AsyncIterator[SmallApp]:
    async with installed() as app:
        yield app


@pytest.fixture
async def declared() -> AsyncIterator[SmallApp]:
    async with installed(MANIFEST) as app:
        yield app


# ---------------------------------------------------------------- who may call
@pytest.mark.parametrize(
    ("token", "code"),
    [("", "not_authed"), ("xoxb-wrong", "invalid_auth"), ("xapp-sandbox", "not_allowed_token_type")],
)
async def test_a_call_needs_the_right_token(small: SmallApp, token: str, code: str) -> None:
    small.client.token = token
    assert await small.refused("users.list", {}) == code


async def test_forms_queries_and_json_are_read_alike(small: SmallApp) -> None:
    client = small.client
    for answer in (
        await client.api_call("users.info", params={"user": "U0ANA"}, http_verb="GET"),
        await client.api_call("users.info", data={"user": "U0ANA"}),
        await client.api_call("users.info", json={"user": "U0ANA"}),
    ):
        assert answer["user"]["tz"] == "Europe/Stockholm"
    assert await small.refused("no.such", {}) == "unknown_method"


async def test_the_manifest_s_scopes_are_what_the_token_has(declared: SmallApp) -> None:
    checked = await declared.client.auth_test()
    assert checked.headers["x-oauth-scopes"] == "channels:read,chat:write,commands,users:read"
    with pytest.raises(Exception, match="missing_scope") as error:
        await declared.client.usergroups_list()
    response = error.value.response  # type: ignore[attr-defined]  # SlackApiError, told apart by its text
    assert response["needed"] == "usergroups:read"
    assert "users:read" in response["provided"]
    private = {"types": "public_channel,private_channel"}
    assert await declared.refused("conversations.list", private) == "missing_scope"
    person = (await declared.client.users_info(user="U0ANA"))["user"]
    assert "email" not in person["profile"]


async def test_only_declared_commands_events_and_tabs_exist(declared: SmallApp) -> None:
    ana = declared.ana
    assert (await ana.types(STUDIO, "/weeks")).error == "client"
    assert "/weeks is not a valid command" in ana.messages(STUDIO)[-1].text
    assert (await ana.types(ana.dm, "me")).error == "client"
    sent = await ana.types(STUDIO, "/hours @ben")
    assert sent.payload["text"] == "@ben"  # the manifest does not ask for escaping
    assert [(each.label, each.detail) for each in ana.complete("/ho")] == [
        ("/hours me · set · help", "Working hours")
    ]
    assert ana.complete("/hours s") == []
    assert [each.insert for each in ana.complete("/hours @an")] == ["@ana", "@ana.petrova"]


# ---------------------------------------------------------------- lists
async def test_lists_come_in_pages(small: SmallApp) -> None:
    ids: list[str] = []
    cursor = ""
    while True:
        answer = await small.client.users_list(limit=5, cursor=cursor)
        ids += [each["id"] for each in answer["members"]]
        cursor = answer["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert (len(ids), len(set(ids))) == (13, 13)
    assert await small.refused("users.list", {"cursor": "nonsense"}) == "invalid_cursor"


async def test_a_channel_s_list_without_a_limit_is_a_page_of_a_hundred() -> None:
    async with installed(people=150) as small:
        answer = await small.client.conversations_members(channel="C0EVERYONE")
        assert len(answer["members"]) == 100
        cursor = answer["response_metadata"]["next_cursor"]
        more = await small.client.conversations_members(channel="C0EVERYONE", cursor=cursor)
        assert not set(more["members"]) & set(answer["members"])
        assert (
            await small.refused("conversations.members", {"channel": STUDIO, "limit": 1001})
            == "invalid_limit"
        )


async def test_people_are_found_by_e_mail_and_messages_in_histories(small: SmallApp) -> None:
    found = await small.client.users_lookupByEmail(email="ANA@example.com")
    assert found["user"]["id"] == "U0ANA"
    assert await small.refused("users.lookupByEmail", {"email": "dana@example.com"}) == "users_not_found"
    metadata = {"event_type": "receipt", "event_payload": {"act": 1}}
    await small.client.chat_postMessage(channel=STUDIO, text="one", metadata=metadata)
    await small.client.chat_postEphemeral(channel=STUDIO, user="U0ANA", text="hidden")
    history = await small.client.conversations_history(channel=STUDIO, include_all_metadata=True)
    assert [(each["text"], each["metadata"]) for each in history["messages"]] == [("one", metadata)]
    assert await small.refused("conversations.history", {"channel": "C0GENERAL"}) == "not_in_channel"


async def test_channels_show_what_the_bot_may_know(small: SmallApp) -> None:
    answer = await small.client.conversations_list(types="public_channel,private_channel,im")
    names = {each.get("name") for each in answer["channels"]}
    assert names == {"studio", "general", "hours-audit", "old-film", "with-elsewhere", "premiere"}
    members = await small.client.conversations_members(channel="G0ADMIN")
    assert members["members"] == ["U0OLIVIA", "U0HOURS"]
    assert (await small.client.conversations_info(channel="C0SHARED"))["channel"]["is_ext_shared"]
    opened = await small.client.conversations_open(users="U0ANA")
    assert opened["channel"]["id"] == small.ana.dm
    assert await small.refused("conversations.open", {"users": "U0GONE"}) == "user_disabled"


async def test_user_groups_need_a_paid_plan(small: SmallApp) -> None:
    users = await small.client.usergroups_users_list(usergroup="S0DESIGN")
    assert users["users"] == ["U0ANA", "U0BEN"]
    small.slack.paid = False
    assert await small.refused("usergroups.list", {}) == "plan_upgrade_required"


# ---------------------------------------------------------------- rate limits
async def test_a_channel_takes_a_burst_and_then_a_message_a_second(small: SmallApp) -> None:
    hello = {"channel": STUDIO, "text": "hello"}
    for _ in range(10):
        await small.client.api_call("chat.postMessage", json=hello)
    with pytest.raises(Exception, match="ratelimited") as error:
        await small.client.api_call("chat.postMessage", json=hello)
    response = error.value.response  # type: ignore[attr-defined]  # SlackApiError, told apart by its text
    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
    await small.client.chat_postMessage(channel="U0BEN", text="elsewhere")
    small.sandbox.clock.move(seconds=1)
    await small.client.api_call("chat.postMessage", json=hello)


async def test_a_method_has_a_budget_for_each_minute(small: SmallApp) -> None:
    for _ in range(20):
        await small.client.usergroups_list()
    assert await small.refused("usergroups.list", {}) == "ratelimited"
    await small.client.users_list()
    small.slack.rate_limits = False
    await small.client.usergroups_list()


# ---------------------------------------------------------------- HTTP
@asynccontextmanager
async def served(small: SmallApp, *, statuses: list[int]) -> AsyncIterator[str]:
    """The Bolt app behind a Request URL; ``statuses`` replace its answers one after the other."""

    async def events(request: web.Request) -> web.Response:
        bolt = await small.bolt.async_dispatch(await to_bolt_request(request))
        if statuses:
            return web.Response(status=statuses.pop(0))
        return await to_aiohttp_response(bolt)

    application = web.Application()
    application.router.add_post("/slack/events", events)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await small.slack.deliver_to(None)
        await runner.cleanup()


async def test_everything_is_delivered_signed_over_http_too(small: SmallApp) -> None:
    """Bolt itself checks the signature, answers the challenge and reads the forms."""
    retries: list[str] = []

    @small.bolt.command("/hours")
    async def hours(ack: AsyncAck, command: Json) -> None:
        await ack(f"heard {command['text']}")

    @small.bolt.event("message")
    async def message(request: AsyncBoltRequest) -> None:
        retries.extend(request.headers.get("x-slack-retry-num", ["first"]))

    @small.bolt.shortcut("open")
    async def shortcut(ack: AsyncAck, client: AsyncWebClient, body: Json) -> None:
        await ack()
        view = {"type": "modal", "title": {"type": "plain_text", "text": "Hello"}, "blocks": []}
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    async with served(small, statuses=[]) as url:
        await small.slack.deliver_to(url)
        await small.ana.types(STUDIO, "/hours me & you")
        await small.ana.sees("heard me &amp; you")
        await small.ana.shortcut("open")
        await small.ana.sees_modal("Hello")
    async with served(small, statuses=[]) as url:
        await small.slack.deliver_to(url)
        await small.ana.types(small.ana.dm, "once")
    assert retries == ["first"]


async def test_a_failed_delivery_is_told_or_repeated(small: SmallApp) -> None:
    retries: list[str] = []

    @small.bolt.middleware
    async def note(request: AsyncBoltRequest, next_: object) -> None:
        del next_
        retries.extend(request.headers.get("x-slack-retry-num", []))

    statuses: list[int] = []
    async with served(small, statuses=statuses) as url:
        await small.slack.deliver_to(url)
        statuses += [500]
        assert (await small.ana.types(STUDIO, "/hours")).error == "dispatch_failed"
        statuses += [500, 500, 200]
        await small.ana.types(small.ana.dm, "me")
        await small.sandbox.clock.until_sleeping()
        small.sandbox.clock.move(seconds=60)
        await small.sandbox.log.wait_for(lambda call: call.name == "message" and call.status == 200)
    assert retries == ["1", "2"]
    assert small.ana.messages(STUDIO)[-1].text == '/hours failed with the error "dispatch_failed"'


async def test_a_request_url_must_answer_the_challenge(small: SmallApp) -> None:
    with pytest.raises(UrlVerificationError):
        await small.slack.deliver_to("http://127.0.0.1:1/slack/events")
