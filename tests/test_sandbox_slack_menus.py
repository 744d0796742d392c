"""The local Slack: menus, fields that act at once, and the Home tab."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from tests.small_app import (
    BUTTON,
    STUDIO,
    Json,
    SmallApp,
    field,
    installed,
    modal,
    opened,
    option,
    typed,
    words,
)


@pytest.fixture
async def small() -> AsyncIterator[SmallApp]:
    async with installed() as app:
        yield app


# ---------------------------------------------------------------- menus and fields that act
async def test_an_external_menu_asks_the_app(small: SmallApp) -> None:
    @small.bolt.options("it")
    async def people(ack: AsyncAck, payload: Json) -> None:
        await ack(options=[option("ana"), option("ben")] if payload["value"] == "an" else [])

    view = await opened(small, modal(field("who", {"type": "external_select", "min_query_length": 2})))
    async with small.connected():
        assert await small.ana.suggest(view, "it", "a") == []
        offered = await small.ana.suggest(view, "it", "an")
    assert [each["value"] for each in offered] == ["ana", "ben"]
    small.ana.fill(view, "who", "ben")
    assert view.values["who"]["it"]["selected_option"] == option("ben")


@pytest.mark.parametrize(
    "answer",
    [
        {"options": [option("ana"), option("b" * 151)]},
        {"options": [{**option("ana"), "text": words("A" * 76)}]},
        {"options": [option(str(number)) for number in range(101)]},
        {"option_groups": [{"label": words("A" * 76), "options": [option("ana")]}]},
        {"option_groups": [{"label": words("A"), "options": [{"text": words("Ana")}]}]},
        {},
    ],
)
async def test_of_options_that_slack_does_not_take_none_is_offered(small: SmallApp, answer: Json) -> None:
    @small.bolt.options("it")
    async def people(ack: AsyncAck) -> None:
        await ack(**answer)

    view = await opened(small, modal(field("who", {"type": "external_select", "min_query_length": 0})))
    async with small.connected():
        assert await small.ana.suggest(view, "it", "") == []


async def test_a_dispatching_field_is_sent_by_enter(small: SmallApp) -> None:
    got: list[Json] = []

    @small.bolt.action("it")
    async def entered(ack: AsyncAck, body: Json) -> None:
        await ack()
        got.append(body)

    view = await opened(small, modal(typed("mon", dispatch_action=True), typed("tue")))
    async with small.connected():
        await small.ana.enter(view, "mon", "8")
        with pytest.raises(LookupError):
            await small.ana.click(view, "it", block_id="tue")
    assert got[0]["actions"][0]["value"] == "8"
    assert got[0]["view"]["state"]["values"]["mon"]["it"]["value"] == "8"
    assert got[0]["container"] == {"type": "view", "view_id": view.id}


async def test_a_menu_in_a_message_sends_its_state(small: SmallApp) -> None:
    got: list[Json] = []

    @small.bolt.action("pick")
    @small.bolt.action("more")
    async def picked(ack: AsyncAck, body: Json) -> None:
        await ack()
        got.append(body)

    options = [option("a"), option("b")]
    menus = [
        {"type": "static_select", "action_id": "pick", "options": options},
        {"type": "overflow", "action_id": "more", "options": options},
    ]
    blocks = [{"type": "actions", "block_id": "bar", "elements": menus}]
    await small.client.chat_postMessage(channel=STUDIO, text="choose", blocks=blocks)
    message = await small.ana.sees("choose")
    async with small.connected():
        await small.ana.click(message, "pick", selected="b")
        await small.ana.click(message, "more", selected="A")
    assert got[0]["state"]["values"]["bar"]["pick"]["selected_option"]["value"] == "b"
    assert got[0]["message"]["ts"] == got[0]["container"]["message_ts"] == message.ts
    assert got[1]["actions"][0]["selected_option"]["value"] == "a"
    with pytest.raises(LookupError):
        await small.ana.click(message, "elsewhere")


# ---------------------------------------------------------------- Home
async def test_the_home_tab_is_published_when_it_is_opened(small: SmallApp) -> None:
    @small.bolt.event("app_home_opened")
    async def opened_home(event: Json, client: AsyncWebClient) -> None:
        blocks = [{"type": "section", "text": words(f"Hello {event['tab']}")}, BUTTON]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @small.bolt.action("go")
    async def go(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        done = {"type": "home", "blocks": [{"type": "section", "text": words("Done")}]}
        await client.views_publish(user_id=body["user"]["id"], view=done, hash=body["view"]["hash"])

    async with small.connected():
        home = await small.ana.open_home()
        assert "Hello home" in home.plain
        await small.ana.click(home, "go")
        assert await small.ana.sees_home("Done") is home
