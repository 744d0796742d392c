"""What Slack never sends, and what this version never wrote into a button, is left alone."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.sandbox.clock import Clock
from bot.sandbox.slack.delivery import Outcome, Parcel
from handlers.desk import Ask
from tests.office import STUDIO, Office, open_office, routes_with


async def send(office: Office, payload: dict[str, Any]) -> Outcome:
    parcel = Parcel(kind="interactive", payload=payload, name="block_actions", summary="forged")
    outcome = await office.slack.deliver(parcel)
    await office.bot.desk.work.idle()
    return outcome


async def pressed(office: Office) -> dict[str, Any]:
    """The payload of a press on *History*."""
    await office.ana.types(STUDIO, "/hours")
    week = await office.ana.sees("Your week", channel=STUDIO)
    sent = await office.ana.click(week, "history")
    await office.bot.desk.work.idle()
    return deepcopy(sent.payload)


async def test_a_button_of_another_version_is_said_to_be_unreadable(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    payload = await pressed(office)
    payload["actions"][0] |= {"action_id": "finish:full", "value": "full"}
    assert (await send(office, payload)).error is None
    told = [message.plain for message in office.ana.messages(STUDIO)]
    assert any("I can’t read what this button or form contains" in text for text in told)
    assert not any("incident" in text for text in told)
    caplog.clear()  # that it could not be read stands in the log


@pytest.mark.parametrize("missing", ["user", "actions", "team"])
async def test_a_payload_without_what_every_payload_has_is_acknowledged(
    office: Office, missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    payload = await pressed(office)
    seen = len(office.ana.messages(STUDIO))
    payload[missing] = [] if missing == "actions" else "nobody"
    assert (await send(office, payload)).error is None
    assert len(office.ana.messages(STUDIO)) == seen
    await office.ana.types(STUDIO, "/hours")  # and it goes on
    await office.ana.sees("Your week", channel=STUDIO, after=seen)
    caplog.clear()


async def test_a_press_in_a_form_without_the_id_of_its_view_is_acknowledged(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.ana.types(STUDIO, "/hours edit")
    view = await office.ana.sees_modal("Read from Toggl Focus")
    payload = deepcopy((await office.ana.click(view, "per_day")).payload)
    await office.bot.desk.work.idle()
    del payload["view"]["id"]
    assert (await send(office, payload)).error is None
    assert "incident" not in caplog.text
    caplog.clear()


async def broken_by_us(_: Ask) -> None:
    raise KeyError("an error of ours")


async def test_an_error_of_ours_behind_a_genuine_button_is_an_incident(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    routes = routes_with(broken_by_us, buttons={"history"})
    async with open_office(tmp_path, clock=clock, routes=routes) as office:
        await office.ana.types(STUDIO, "/hours")
        week = await office.ana.sees("Your week", channel=STUDIO)
        await office.ana.click(week, "history")
        told = await office.ana.sees("incident", channel=STUDIO)
    assert "can’t read" not in told.plain
    assert "KeyError: 'an error of ours'" in caplog.text
    caplog.clear()  # that is how it should be


@pytest.mark.parametrize(
    "payload",
    [
        {"command": "/lunch", "user_id": "U0ANA", "channel_id": STUDIO},
        {"type": "event_callback", "event": {"type": "reaction_added", "user": "U0ANA"}},
        {"type": "dialog_submission", "user": {"id": "U0ANA"}},
        {},
    ],
)
async def test_what_the_app_has_not_asked_for_is_reported_as_unhandled(
    office: Office, payload: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    request = AsyncBoltRequest(body={"team_id": "T0SANDBOX", **payload}, mode="socket_mode")
    assert (await office.bot.app.async_dispatch(request)).status == 404
    assert "Unhandled request" in caplog.text
    caplog.clear()


@pytest.mark.parametrize("event", [{}, {"type": ["message"]}, "message"])
async def test_an_event_that_cannot_be_read_is_acknowledged(
    office: Office, event: object, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"team_id": "T0SANDBOX", "type": "event_callback", "event": event}
    answer = await office.bot.app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
    assert answer.status == 200
    caplog.clear()
