"""The sandbox: a local Focus and a local Slack on one port, with a web page to use them.

It imports nothing of the product, which talks to it over HTTP and WebSocket only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Protocol, Self

from aiohttp import web

from bot.sandbox.calls import CallLog
from bot.sandbox.clock import Clock
from bot.sandbox.crowd import crowd
from bot.sandbox.faults import Faults
from bot.sandbox.focus import Focus, Numbering
from bot.sandbox.page import Ahead, add_page
from bot.sandbox.slack import Slack

__all__ = ["Sandbox"]

SEEDED = 8
"""Number of people of the small studio in Focus."""


class Forgetful(Protocol):
    """A bot that can be restarted with an empty memory."""

    async def start(self) -> None:
        """Start and connect the bot with an empty memory."""

    async def stop(self) -> None:
        """Stop the bot if it runs, without waiting for its work."""


class Sandbox:
    """Focus, Slack and the page; ``async with`` serves them on a free port."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        manifest: Mapping[str, Any] | None = None,
        numbering: Numbering = "sunday0",
        people: int = SEEDED,
    ) -> None:
        """Seed both services.

        Args:
            clock: real time unless another is given.
            manifest: of the app; without it, all commands and scopes are allowed.
            numbering: which numbers Focus gives to weekdays.
            people: how many people Focus has. Those beyond the eight of the small studio are in Slack,
                too, in #everyone, and the first two hundred of them in @everyone-team.
        """
        self.clock = clock or Clock()
        extra = crowd(people - SEEDED)
        self.log = CallLog()
        self.focus = Focus(clock=self.clock, log=self.log, faults=Faults(), numbering=numbering, crowd=extra)
        self.slack = Slack(clock=self.clock, log=self.log, faults=Faults(), manifest=manifest, crowd=extra)
        self.url = ""
        self.ahead: Ahead | None = None
        """Set by a bot that tells when it next has work; the page's clock then stops at each such moment."""
        self.bot: Forgetful | None = None
        """The bot that :meth:`reset` restarts; any other bot stays connected and keeps its state."""
        self._resetting = asyncio.Lock()
        self._runner: web.AppRunner | None = None

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Start serving; port 0 takes a free one, which ``url`` then contains."""
        app = web.Application(client_max_size=4 * 1024**2)
        self.slack.add_routes(app)
        self.focus.add_routes(app)
        add_page(app, self)
        # A stop waits for handlers no longer than this: a held fault may last for ever.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        address: tuple[str, int] = self._runner.addresses[0]
        self.url = f"http://{address[0]}:{address[1]}"
        self.slack.url = self.url

    async def stop(self) -> None:
        """Stop serving, and end all deliveries and connections."""
        self.slack.faults.clear()
        self.focus.faults.clear()
        await self.slack.stop()
        if self._runner:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def environment(self) -> dict[str, str]:
        """The settings that connect a bot to this sandbox, by the names of a real deployment."""
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_URL": self.slack.api_url,
            "FOCUS_API_URL": f"{self.url}/focus/api",
            "FOCUS_API_KEY": self.focus.key,
            "FOCUS_ORGANIZATION_ID": str(self.focus.organization_id),
            "FOCUS_WORKSPACE_ID": str(self.focus.workspace_id),
            "FOCUS_WEEKDAYS": self.focus.options.numbering,
            "HOURS_ADMINS": "U0OLIVIA",
        }

    async def reset(self) -> None:
        """Seed both services again, clear the call log, and restart the bot."""
        async with self._resetting:
            if self.bot:
                self.slack.faults.clear()  # else stopping the bot may wait for a service that hangs
                self.focus.faults.clear()
                await self.bot.stop()
            self.focus.reset()
            self.slack.reset()
            self.log.clear()
            if self.bot:
                await self.bot.start()
