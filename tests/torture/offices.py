"""The office that is abused: its hours are nobody else's, and only managers may see them."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.sandbox.clock import Clock
from bot.sandbox.slack import Slack
from bot.sandbox.slack.inputs import placed
from handlers import ROUTES
from handlers.routes import Route
from tests.office import STUDIO, Office, open_office
from tests.ports import free_port

__all__ = ["abused", "over_http"]

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


@asynccontextmanager
async def abused(
    *, routes: Sequence[Route] = ROUTES, more: Mapping[str, str] | None = None
) -> AsyncIterator[Office]:
    """Olivia has confirmed the weekdays; nothing is refused for coming too often."""
    settings = {"HOURS_VIEW": "managers", "HOURS_CACHE_SECONDS": "1", "FOCUS_WEEKDAYS": ""} | dict(more or {})
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock(frozen_at=MONDAY)
        async with open_office(Path(folder), clock=clock, settings=settings, routes=routes) as office:
            office.slack.rate_limits = False
            office.focus.quota.limit = 10**9
            office.slack.channels[STUDIO].members += ["U0STRANGER", "U0GUEST"]
            question = await office.olivia.sees("Yes, the same", channel=office.olivia.dm)
            names = [str(each.element["action_id"]) for each in placed(question.blocks)]
            await office.olivia.click(question, next(name for name in names if name.startswith("weekdays")))
            await office.at_rest()
            yield office


def over_http() -> dict[str, str]:
    """The settings with which Slack calls over signed HTTP."""
    return {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": Slack.signing_secret, "PORT": str(free_port())}
