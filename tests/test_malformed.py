"""What Slack never sends, and what this version never wrote into a button, is left alone."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from bot.sandbox.slack.delivery import Outcome, Parcel
from tests.office import STUDIO, Office


async def send(office: Office, payload: dict[str, Any]) -> Outcome:
    parcel = Parcel(kind="interactive", payload=payload, name="block_actions", summary="forged")
    outcome = await office.slack._delivery.send(parcel)
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
    assert any("I cannot read what this button or form holds" in text for text in told)
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
