"""Payloads on their way to the bot as Slack brings them: in somebody's name, over either transport."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.sandbox.slack.delivery import Outcome, Parcel
from tests.office import PATIENCE, STUDIO, Office
from tests.torture.payloads import Captured

__all__ = ["deliver", "send"]


async def send(office: Office, each: Captured, *, by: str) -> Outcome:
    """The payload in somebody's name, with a trigger and an address to answer that are valid."""
    world, sent = office.sandbox.slack.world, each.by(office.slack.human(by))
    if "trigger_id" in sent.payload:
        sent.payload["trigger_id"] = world.issue_trigger(by)
    if "response_url" in sent.payload:
        sent.payload["response_url"] = world.issue_response_url(by, STUDIO)
    return await deliver(office, sent.kind, sent.payload)


async def deliver(office: Office, kind: Any, payload: dict[str, Any]) -> Outcome:
    """Bring it, and wait until all that it led to is over."""
    parcel = Parcel(kind=kind, payload=payload, name="abuse", summary="abuse")
    outcome = await office.slack._delivery.transport.deliver(parcel)
    async with asyncio.timeout(PATIENCE):
        await office.bot.desk.work.idle()
    return outcome
