"""The page's server: what one person sees, what acts do, and that nothing holds the sandbox open."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.sandbox import Sandbox
from bot.sandbox.calls import Call, Direction, Service
from bot.sandbox.clock import Clock
from bot.sandbox.page.steps import Steps
from tests.page_client import PageClient, until

ROOT = Path(__file__).parents[1]
SUNDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Browser(PageClient):
    """The page's side of the wire, for one person."""

    def __init__(self, sandbox: Sandbox, session: ClientSession, me: str) -> None:
        super().__init__(sandbox.url, session, me)
        self.sandbox = sandbox


@pytest.fixture
async def ana() -> AsyncIterator[Browser]:
    async with Sandbox(clock=Clock(frozen_at=SUNDAY)) as sandbox, ClientSession() as session:
        yield Browser(sandbox, session, "U0ANA")


async def test_the_page_and_its_parts_are_served_from_here_alone(ana: Browser) -> None:
    async with ana.session.get(ana.sandbox.url) as answer:
        words = await answer.text()
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert 'src="page/app.js"' in words
    assert "://" not in words
    async with ana.session.get(f"{ana.sandbox.url}/page/app.js") as answer:
        assert answer.content_type in {"text/javascript", "application/javascript"}
    async with ana.session.get(f"{ana.sandbox.url}/page/..%2fserver.py") as answer:
        assert answer.status == 404


def test_every_icon_that_the_bot_writes_is_shown_as_one() -> None:
    known = (ROOT / "bot/sandbox/page/static/mrkdwn.js").read_text()
    sources = [path.read_text() for path in (ROOT / "handlers").rglob("*.py")]
    icons = {icon for source in sources for icon in re.findall(r"[\"' ]:([a-z_0-9]+):[ \"{]", source)}
    assert {"warning", "x"} <= icons
    assert {icon for icon in icons if not re.search(rf"\b{icon}:", known)} == set()


async def test_a_person_sees_channels_people_and_weeks(ana: Browser) -> None:
    state = await ana.state()

    assert [each["name"] for each in state["channels"]][:2] == ["studio", "general"]
    assert "hours-audit" not in {each["name"] for each in state["channels"]}
    assert state["channels"][-1]["bot"]
    assert {each["note"] for each in state["users"]} >= {"member", "manager", "admin", "guest"}
    assert state["weeks"][0]["days"] == ["8", "8", "8", "8", "8", None, None]
    assert state["steps"] == [False, False, False]


async def test_what_is_written_appears_without_asking_and_is_unread_for_others(ana: Browser) -> None:
    ben = Browser(ana.sandbox, ana.session, "U0BEN")
    async with ben.listening() as events:
        await until(events, "state")
        await ana.act("say", channel="C0STUDIO", text="lunch, <@U0BEN>?")
        state = await until(events, "state")

    assert [each["text"] for each in state["messages"]["C0STUDIO"]] == ["lunch, <@U0BEN>?"]
    assert state["channels"][0]["unread"] == 1
    assert (await ana.state())["channels"][0]["unread"] == 0
    await ben.act("read", channel="C0STUDIO")
    assert (await ben.state())["channels"][0]["unread"] == 0


async def test_slack_says_so_when_no_bot_answers(ana: Browser) -> None:
    await ana.act("say", channel="C0STUDIO", text="/hours me")

    state = await ana.state()
    said = state["messages"]["C0STUDIO"][-1]
    assert said["ephemeral"]
    assert "dispatch_failed" in said["text"]
    assert state["steps"] == [True, False, False]


async def test_a_message_with_a_button_can_be_clicked(ana: Browser) -> None:
    world = ana.sandbox.slack.world
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": "Undo"},
        "action_id": "undo",
        "value": "7",
    }
    message = world.post(
        world.channels["C0STUDIO"],
        user="U0HOURS",
        text="done",
        blocks=[{"type": "actions", "block_id": "b", "elements": [button]}],
    )
    where = {"channel": "C0STUDIO", "ts": message.ts}

    assert await ana.act("click", where=where, block_id="b", action_id="undo", value="7") == {}
    call = ana.sandbox.log.calls[-1]
    assert isinstance(call.request, dict)
    assert call.request["actions"][0]["value"] == "7"
    assert (await ana.state())["messages"]["C0STUDIO"][-1]["warning"]
    gone = await ana.act("click", where={**where, "ts": "1.0"}, block_id="b", action_id="undo", value="7")
    assert gone == {"error": "This message is gone."}


async def test_a_week_is_edited_behind_the_bot(ana: Browser) -> None:
    assert await ana.act("week", kind="user", id=501, day=5, hours="4.5") == {}
    assert ana.sandbox.focus.week("user", 501)[5] == Decimal("4.5")
    assert await ana.act("week", kind="user", id=501, day=5, hours=None) == {}
    assert 5 not in ana.sandbox.focus.week("user", 501)
    assert "not a number" in (await ana.act("week", kind="user", id=501, day=1, hours="lots"))["error"]
    assert "between 0 and 24" in (await ana.act("week", kind="user", id=501, day=1, hours="25"))["error"]


async def test_switches_the_clock_and_reset(ana: Browser) -> None:
    await ana.act("fault", key="focus-slow", on=True)
    await ana.act("fault", key="focus-slow", on=True)
    assert [fault.seconds for fault in ana.sandbox.focus.faults.active] == [8]
    assert [each["key"] for each in (await ana.state())["faults"] if each["on"]] == ["focus-slow"]
    await ana.act("fault", key="focus-slow", on=False)
    assert ana.sandbox.focus.faults.active == ()

    await ana.act("clock", to="monday")
    assert ana.sandbox.clock.now() == datetime(2026, 11, 23, 8, tzinfo=UTC), "nine in Stockholm"
    await ana.act("clock", to="monday")
    assert ana.sandbox.clock.now() == datetime(2026, 11, 30, 8, tzinfo=UTC)

    await ana.act("clock", to="month")
    assert ana.sandbox.clock.now() == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert "Nothing is due" in (await ana.act("clock", to="due"))["error"]

    await ana.act("say", channel="C0STUDIO", text="hello")
    await ana.act("fault", key="slack-rate", on=True)
    await ana.act("reset")
    state = await ana.state()
    assert state["messages"]["C0STUDIO"] == []
    assert not any(each["on"] for each in state["faults"])
    assert ana.sandbox.clock.now() == datetime(2026, 12, 1, 8, tzinfo=UTC), "the clock goes on"


async def test_calls_are_told_as_they_happen(ana: Browser) -> None:
    async with ana.listening() as events:
        assert await until(events, "calls") == []
        await ana.act("say", channel="C0STUDIO", text="/hours me")
        call = await until(events, "call")
    assert (call["name"], call["direction"]) == ("slash_command", "out")
    async with ana.listening() as events:
        assert [each["n"] for each in await until(events, "calls")] == [call["n"]]


async def test_other_sites_and_strangers_are_refused(ana: Browser) -> None:
    url = f"{ana.sandbox.url}/page/act"
    async with ana.session.post(url, data={"act": "reset"}) as answer:
        assert answer.status == 415
    async with ana.session.post(url, json={"as": "U0ANA", "act": "explode"}) as answer:
        assert answer.status == 400
    async with ana.session.get(f"{ana.sandbox.url}/page/events", params={"as": "U0NOBODY"}) as answer:
        assert answer.status == 404


async def test_an_open_page_does_not_hold_the_sandbox(ana: Browser) -> None:
    async with ana.listening() as events:
        await until(events, "state")
        async with asyncio.timeout(3):
            await ana.sandbox.stop()


def call(name: str, request: object = None, *, service: Service = "slack", status: int = 200) -> Call:
    direction: Direction = "out" if service == "slack" else "in"
    return Call(
        at=SUNDAY,
        service=service,
        direction=direction,
        name=name,
        status=status,
        ms=1,
        summary="",
        request=request,
    )


def test_steps_tick_themselves_in_their_order() -> None:
    steps, write = Steps(), call("PUT /organizations/1001/users/501/working_hours", service="focus")
    undo = call("block_actions", {"actions": [{"action_id": "receipt_undo"}]})

    steps.take(call("slash_command", {"text": "help"}))
    assert steps.done == [False, False, False]
    steps.take(call("slash_command", {"text": "me"}))
    steps.take(call("view_submission", {}))
    steps.take(call("PUT /x", service="focus", status=503))
    assert steps.done == [True, False, False]
    steps.take(write)
    assert steps.done == [True, True, False]
    steps.take(undo)
    steps.take(write)
    assert steps.done == [True, True, True]
