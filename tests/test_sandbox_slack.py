"""The local Slack: commands, messages, response_url and events, met as the bot meets them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest
from slack_bolt.async_app import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.manifest import manifest
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack.manifest import App
from bot.sandbox.slack.world import World
from tests.small_app import STUDIO, Json, SmallApp, installed

PARAGRAPH = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2600}}
"""Four of them fit into a message."""


@pytest.fixture
async def small() -> AsyncIterator[SmallApp]:
    async with installed() as app:
        yield app


async def answer(url: str, body: Json) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
        return response.status, await response.text()


# ---------------------------------------------------------------- what people see
def test_no_two_messages_have_one_ts_however_many_there_are_at_a_time() -> None:
    moment = datetime(2026, 3, 2, 9, tzinfo=UTC)
    world = World(clock=Clock(frozen_at=moment), app=App.read(manifest("/hours", socket_mode=True)))
    drawn = [world.ts() for _ in range(100)]
    assert drawn[0] == "1772442000.000000"
    assert drawn == sorted(set(drawn))


async def test_what_was_there_before_somebody_acted_is_no_answer(small: SmallApp) -> None:
    """Unless it is edited since, or asked for."""

    @small.bolt.command("/hours")
    async def hours(ack: AsyncAck) -> None:
        await ack()

    async with small.connected():
        posted = await small.client.chat_postMessage(channel=STUDIO, text="Your week")
        await small.ana.sees("Your week", channel=STUDIO)
        await small.ana.types(STUDIO, "/hours")
        with pytest.raises(TimeoutError):
            await small.ana.sees("Your week", channel=STUDIO, timeout=0)
        await small.ana.sees("Your week", channel=STUDIO, after=0)
        await small.slack.human("U0BEN").sees("Your week", channel=STUDIO)
        await small.client.chat_update(channel=STUDIO, ts=posted["ts"], text="Your week, anew")
        await small.ana.sees("Your week", channel=STUDIO)


# ---------------------------------------------------------------- commands
async def test_a_command_reaches_the_app_and_its_answer_the_person(small: SmallApp) -> None:
    got: list[Json] = []

    @small.bolt.command("/hours")
    async def hours(ack: AsyncAck, command: Json, respond: AsyncRespond) -> None:
        await ack()
        got.append(command)
        await respond("Your week")

    async with small.connected():
        sent = await small.ana.types(STUDIO, "/hours set @ben mon < 8 & #studio")
        seen = await small.ana.sees("Your week", channel=STUDIO)
    assert sent.ok
    assert got[0]["text"] == "set <@U0BEN|ben> mon &lt; 8 &amp; <#C0STUDIO|studio>"
    assert (got[0]["user_id"], got[0]["channel_name"]) == ("U0ANA", "studio")
    assert seen.ephemeral_to == "U0ANA"
    assert small.slack.human("U0BEN").messages(STUDIO) == []


async def test_an_acknowledgement_may_carry_the_answer(small: SmallApp) -> None:
    @small.bolt.command("/hours")
    async def hours(ack: AsyncAck) -> None:
        await ack({"response_type": "in_channel", "text": "for all"})

    async with small.connected():
        await small.ana.types(STUDIO, "/hours")
    assert [each.text for each in small.slack.human("U0BEN").messages(STUDIO)] == ["for all"]


async def test_silence_is_told_to_the_person(small: SmallApp) -> None:
    @small.bolt.command("/hours")
    async def hours() -> None:
        """Never acknowledges."""

    async with small.connected():
        sent = await small.ana.types(STUDIO, "/hours")
    assert sent.error == "operation_timeout"
    seen = small.ana.messages(STUDIO)[-1]
    assert (seen.user, seen.text) == ("USLACKBOT", '/hours failed with the error "operation_timeout"')


async def test_without_a_connection_a_command_fails_at_once(small: SmallApp) -> None:
    assert (await small.ana.types(STUDIO, "/hours")).error == "dispatch_failed"


async def test_mentions_are_picked_as_the_composer_does(small: SmallApp) -> None:
    sent = await small.ana.types(STUDIO, "@Ana Petrova, @designers @here @nobody a@example.com <@U0MIA>.")
    assert sent.message
    assert sent.message.text == (
        "<@U0ANAP>, <!subteam^S0DESIGN|@designers> <!here> @nobody a@example.com <@U0MIA>."
    )
    assert sent.message.rings


# ---------------------------------------------------------------- chat
async def test_messages_are_posted_edited_and_deleted(small: SmallApp) -> None:
    posted = await small.client.chat_postMessage(channel="U0ANA", text="one", client_msg_id="1")
    channel, ts = posted["channel"], posted["ts"]
    assert channel == small.ana.dm
    again = {"channel": channel, "text": "one", "client_msg_id": "1"}
    assert await small.refused("chat.postMessage", again) == "duplicate_message"
    assert await small.refused("chat.update", {"channel": "U0ANA", "ts": ts}) == "channel_not_found"
    await small.client.chat_update(channel=channel, ts=ts, text="two")
    message = small.ana.messages(channel)[0]
    assert (message.text, bool(message.edited)) == ("two", True)
    await small.client.chat_delete(channel=channel, ts=ts)
    assert small.ana.messages(channel) == []
    assert small.slack.posts[channel] == [message]


async def test_text_without_blocks_removes_the_blocks(small: SmallApp) -> None:
    posted = await small.client.chat_postMessage(channel=STUDIO, text="one", blocks=[{"type": "divider"}])
    await small.client.chat_update(channel=STUDIO, ts=posted["ts"], text="two")
    assert small.ana.messages(STUDIO)[0].blocks == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"channel": "C0GENERAL", "text": "x"}, "not_in_channel"),
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": "C0ARCHIVED", "text": "x"}, "is_archived"),
        ({"channel": STUDIO}, "no_text"),
        ({"channel": STUDIO, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": STUDIO, "text": "x", "blocks": [{"type": "nothing"}]}, "invalid_blocks"),
        ({"channel": STUDIO, "text": "x", "blocks": [PARAGRAPH] * 5}, "msg_blocks_too_long"),
        ({"channel": "U0GONE", "text": "x"}, "channel_not_found"),
        ({"channel": STUDIO, "text": "x", "metadata": {"event_type": "y"}}, "invalid_metadata_schema"),
    ],
)
async def test_bad_messages_are_refused(small: SmallApp, arguments: Json, code: str) -> None:
    assert await small.refused("chat.postMessage", arguments) == code


async def test_all_blocks_together_have_a_length_too(small: SmallApp) -> None:
    posted = await small.client.chat_postMessage(channel=STUDIO, text="x", blocks=[PARAGRAPH] * 4)
    edited = {"channel": STUDIO, "ts": posted["ts"], "text": "x", "blocks": [PARAGRAPH] * 5}
    assert await small.refused("chat.update", edited) == "msg_blocks_too_long"


async def test_an_edit_takes_less_text_than_a_post(small: SmallApp) -> None:
    """Counted in bytes, not in characters."""
    long = "é" * 2001
    posted = await small.client.chat_postMessage(channel=STUDIO, text=long)
    edited = {"channel": STUDIO, "ts": posted["ts"], "text": long}
    assert await small.refused("chat.update", edited) == "msg_too_long"
    await small.client.api_call("chat.update", json={**edited, "text": long[1:]})


async def test_only_the_bot_s_own_lasting_messages_can_be_edited(small: SmallApp) -> None:
    alone = await small.client.chat_postEphemeral(channel=STUDIO, user="U0ANA", text="psst")
    ephemeral = {"channel": STUDIO, "ts": alone["message_ts"], "text": "x"}
    assert await small.refused("chat.update", ephemeral) == "message_not_found"
    hers = (await small.ana.types(STUDIO, "hello")).message
    assert hers
    foreign = {"channel": STUDIO, "ts": hers.ts, "text": "x"}
    assert await small.refused("chat.update", foreign) == "cant_update_message"
    own = await small.client.chat_postMessage(channel=STUDIO, text="one")
    small.slack.channels[STUDIO].is_archived = True
    assert await small.refused("chat.update", {**foreign, "ts": own["ts"]}) == "is_inactive"


# ---------------------------------------------------------------- response_url
async def test_a_response_url_is_good_five_times(small: SmallApp) -> None:
    url = (await small.ana.types(STUDIO, "/hours")).payload["response_url"]
    for number in range(5):
        assert await answer(url, {"text": f"answer {number}"}) == (200, "ok")
    status, text = await answer(url, {"text": "answer 6"})
    assert (status, "used_url" in text) == (404, True)


async def test_a_response_url_dies_after_half_an_hour(small: SmallApp) -> None:
    url = (await small.ana.types(STUDIO, "/hours")).payload["response_url"]
    small.sandbox.clock.move(seconds=30 * 60 + 1)
    status, text = await answer(url, {"text": "late"})
    assert (status, "expired_url" in text) == (404, True)


async def test_a_command_s_own_answer_cannot_be_replaced(small: SmallApp) -> None:
    url = (await small.ana.types(STUDIO, "/hours")).payload["response_url"]
    await answer(url, {"text": "one"})
    await answer(url, {"text": "two", "replace_original": True})
    assert [each.text for each in small.ana.messages(STUDIO)][-2:] == ["one", "two"]
    assert (await answer(url, {"delete_original": True}))[0] == 404


async def test_a_click_s_response_url_reaches_the_message_even_an_ephemeral_one(small: SmallApp) -> None:
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    blocks = [{"type": "actions", "elements": [button]}]
    await small.client.chat_postEphemeral(channel=STUDIO, user="U0ANA", text="press", blocks=blocks)
    clicks: list[Json] = []

    @small.bolt.action("go")
    async def go(ack: AsyncAck, body: Json) -> None:
        await ack()
        clicks.append(body)

    async with small.connected():
        await small.ana.click(await small.ana.sees("press"), "go")
    assert "message" not in clicks[0]
    assert clicks[0]["container"]["is_ephemeral"] is True
    await answer(clicks[0]["response_url"], {"text": "pressed", "replace_original": True})
    assert [each.text for each in small.ana.messages(STUDIO)] == ["pressed"]
    await answer(clicks[0]["response_url"], {"delete_original": True})
    assert small.ana.messages(STUDIO) == []


# ---------------------------------------------------------------- events
async def test_direct_messages_and_mentions_reach_the_app(small: SmallApp) -> None:
    got: list[Json] = []

    @small.bolt.event("message")
    @small.bolt.event("app_mention")
    async def heard(event: Json) -> None:
        got.append(event)

    async with small.connected():
        await small.ana.types(small.ana.dm, "me")
        await small.ana.types(STUDIO, "@hours help")
        await small.ana.types(STUDIO, "nothing for you")
    assert [(each["type"], each["text"], each.get("channel_type")) for each in got] == [
        ("message", "me", "im"),
        ("app_mention", "<@U0HOURS> help", None),
    ]


async def test_an_event_not_acknowledged_is_delivered_again(small: SmallApp) -> None:
    """At once, after a minute, after five; the clock may be moved there."""
    attempts: list[tuple[str, str | None]] = []
    third = asyncio.Event()

    @small.bolt.middleware
    async def deaf(req: Json, body: Json) -> None:
        del req
        attempts.append((body["event_id"], body.get("type")))
        if len(attempts) == 3:
            third.set()

    async with small.connected():
        sent = await small.ana.types(small.ana.dm, "me")
        assert sent.error == "operation_timeout"
        await small.sandbox.clock.until_sleeping()
        small.sandbox.clock.move(seconds=60)
        await third.wait()
    assert len({event_id for event_id, _ in attempts}) == 1
    delivered = [each.request for each in small.sandbox.log.calls if each.name == "message"]
    assert len(delivered) >= 2


async def test_a_changed_profile_is_told(small: SmallApp) -> None:
    zones: list[str] = []

    @small.bolt.event("user_change")
    async def changed(event: Json) -> None:
        zones.append(event["user"]["tz"])

    async with small.connected():
        await small.slack.change_user("U0BEN", tz="Asia/Tokyo")
    assert zones == ["Asia/Tokyo"]


# ---------------------------------------------------------------- connections and faults
async def test_a_connection_is_replaced_when_slack_asks(small: SmallApp) -> None:
    @small.bolt.command("/hours")
    async def hours(ack: AsyncAck) -> None:
        await ack("here")

    async with small.connected():
        await small.slack.sockets.disconnect()
        await small.slack.connected()
        assert (await small.ana.types(STUDIO, "/hours")).ok


async def test_each_envelope_goes_to_one_of_several_connections(small: SmallApp) -> None:
    sockets, heard = small.slack.sockets, []
    async with aiohttp.ClientSession() as session:
        connections = [
            await session.ws_connect(f"{small.sandbox.url}/socket/{sockets.issue_ticket()}") for _ in range(2)
        ]
        for connection in connections:
            await connection.receive_json()
        commands = [asyncio.create_task(small.ana.types(STUDIO, f"/hours {number}")) for number in "12"]
        for connection in connections:
            envelope = await connection.receive_json()
            heard.append(envelope["payload"]["text"])
            assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
            await connection.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "so"}})
        assert [sent.ok for sent in await asyncio.gather(*commands)] == [True, True]
    assert sorted(heard) == ["1", "2"]


async def test_somebody_of_another_organization_carries_his_own_team(small: SmallApp) -> None:
    payload = (await small.slack.human("U0STRANGER").types("C0SHARED", "/hours me")).payload
    assert (payload["team_id"], payload["user_id"]) == ("T0ELSEWHERE", "U0STRANGER")
    with pytest.raises(LookupError):
        await small.slack.human("U0STRANGER").types(STUDIO, "/hours me")


async def test_an_eleventh_connection_is_turned_away(small: SmallApp) -> None:
    sockets = small.slack.sockets
    async with aiohttp.ClientSession() as session:
        open_ones = [
            await session.ws_connect(f"{small.sandbox.url}/socket/{sockets.issue_ticket()}")
            for _ in range(11)
        ]
        numbers = [await socket.receive_json() for socket in open_ones]
    assert [each.get("num_connections") for each in numbers] == [*range(1, 11), None]
    assert numbers[-1] == {"type": "disconnect", "reason": "too_many_websockets"}


async def test_faults_are_played_in_slack_s_words(small: SmallApp) -> None:
    faults, hello = small.slack.faults, {"channel": STUDIO, "text": "hello"}
    faults.add(Fault(FaultKind.REFUSE, match="chat.*", times=1))
    assert await small.refused("chat.postMessage", hello) == "invalid_auth"
    faults.add(Fault(FaultKind.RATE_LIMITED, seconds=7, times=1))
    assert await small.refused("chat.postMessage", hello) == "ratelimited"
    assert small.ana.messages(STUDIO) == []
    faults.add(Fault(FaultKind.FAIL_AFTER, times=1))
    assert await small.refused("chat.postMessage", hello) == "internal_error"
    faults.add(Fault(FaultKind.CUT_AFTER, times=1))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await small.client.chat_postMessage(channel=STUDIO, text="hello")
    assert [each.text for each in small.ana.messages(STUDIO)] == ["hello", "hello"]
