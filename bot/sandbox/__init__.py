"""The two services on this machine: a local Focus and a local Slack, on one port with their page.

They import nothing of the product, which meets them over HTTP and WebSocket only.
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
"""People of the small studio in Focus."""


class Forgetful(Protocol):
    """A bot that knows nothing of what was before its start."""

    async def start(self) -> None:
        """Connect it, with an empty memory."""

    async def stop(self) -> None:
        """End it, if it runs, whatever it is doing."""


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
            manifest: of the app; its scopes and commands are those that count.
            numbering: which numbers Focus gives to weekdays.
            people: how many there are in Focus. All beyond the eight of the small studio are in Slack
                too, in #everyone; the first two hundred of them are @everyone-team.
        """
        self.clock = clock or Clock()
        extra = crowd(people - SEEDED)
        self.log = CallLog()
        self.focus = Focus(clock=self.clock, log=self.log, faults=Faults(), numbering=numbering, crowd=extra)
        self.slack = Slack(clock=self.clock, log=self.log, faults=Faults(), manifest=manifest, crowd=extra)
        self.url = ""
        self.ahead: Ahead | None = None
        """Known once a bot has told: the page's clock then stops wherever the bot has something to do."""
        self.bot: Forgetful | None = None
        """Begins again with the sandbox; any other bot stays connected, and as it is."""
        self._resetting = asyncio.Lock()
        self._runner: web.AppRunner | None = None

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Serve; with port 0 on a free one, which ``url`` tells."""
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
        """End it; nothing may be running after that."""
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
        """The settings which join the bot to this sandbox, those of a real deployment."""
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
        """Seed both services again and forget the calls; the bot forgets, too."""
        async with self._resetting:
            if self.bot:
                self.slack.faults.clear()  # whoever ends a connection must not wait for a service that hangs
                self.focus.faults.clear()
                await self.bot.stop()
            self.focus.reset()
            self.slack.reset()
            self.log.clear()
            if self.bot:
                await self.bot.start()
