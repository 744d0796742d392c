"""An office: the sandbox and the real bot, connected by real HTTP and WebSocket, and a clock to move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from bot.app import Bot, build
from bot.manifest import HTTP_PATH, manifest
from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.focus import Focus, Numbering
from bot.sandbox.slack import Human, Message, Slack, View
from bot.settings import Settings
from handlers import ROUTES
from handlers.asked import Verb
from handlers.desk import Handler
from handlers.routes import Button, Command, Route
from tests.inside import decided

STUDIO = "C0STUDIO"
SLEEPERS = 3
"""Number of tasks that sleep in an idle bot: its tick, its heartbeat, its upkeep."""

PATIENCE = 60.0
"""Real seconds after which a wait has failed: many, for a busy machine; a wait that succeeds ends sooner."""


def routes_with(
    handler: Handler, *, verbs: Collection[Verb] = (), buttons: Collection[str] = (), **more: Any
) -> list[Route]:
    """The bot's routes, with another handler, and whatever else is given, for these verbs and buttons."""

    def exchanged(route: Route) -> Route:
        match route:
            case Command(verb=verb) if verb in verbs:
                return replace(route, handler=handler, **more)
            case Button(name=name) if name in buttons:
                return replace(route, handler=handler, **more)
        return route

    return [*map(exchanged, ROUTES)]


async def press(human: Human, where: Message | View, label: str) -> None:
    """Press the button that begins with this label."""
    elements = [element for block in where.blocks for element in block.get("elements", ())]
    buttons = [each for each in elements if each["type"] == "button"]
    button = next(each for each in buttons if each["text"]["text"].startswith(label))
    await human.click(where, button["action_id"], value=button["value"])


@dataclass(frozen=True, slots=True)
class Office:
    """The sandbox, the bot, and the people in it."""

    sandbox: Sandbox
    bot: Bot
    settings: Settings

    @property
    def slack(self) -> Slack:
        return self.sandbox.slack

    @property
    def focus(self) -> Focus:
        return self.sandbox.focus

    @property
    def clock(self) -> Clock:
        return self.sandbox.clock

    @property
    def ana(self) -> Human:
        """A member: Mon-Fri 8 h, the weekend not set."""
        return self.slack.human("U0ANA")

    @property
    def ben(self) -> Human:
        return self.slack.human("U0BEN")

    @property
    def mia(self) -> Human:
        """A manager, once :meth:`make_manager` has run."""
        return self.slack.human("U0MIA")

    @property
    def olivia(self) -> Human:
        """The bot's admin."""
        return self.slack.human("U0OLIVIA")

    @property
    def tom(self) -> Human:
        """A member who is not linked, because his e-mail in Focus is another one."""
        return self.slack.human("U0TOM")

    def page(self, path: str) -> str:
        """The address of a page that the bot itself serves."""
        assert self.bot.listener
        return self.bot.listener.url + path

    def joined(self, user_id: str) -> Human:
        """Somebody who has joined the studio's channel, as the guest and strangers have not by themselves."""
        members = self.slack.channels[STUDIO].members
        if user_id not in members:
            members.append(user_id)
        return self.slack.human(user_id)

    async def make_manager(self, what: str = "everyone") -> None:
        """Let Olivia grant Mia the right to change weeks."""
        before = len(self.olivia.messages(STUDIO))
        await self.olivia.types(STUDIO, f"/hours managers grant <@U0MIA> {what}")
        await self.olivia.sees("U0MIA", channel=STUDIO, after=before)

    async def change_user(self, user_id: str, **fields: Any) -> None:
        """Change somebody's profile in Slack, and wait until the bot has taken note of it."""
        await self.slack.change_user(user_id, **fields)
        async with asyncio.timeout(PATIENCE):
            await self.bot.desk.work.idle()

    async def until_waiting(self, n: int = 1, *, bots: int = 1) -> None:
        """Wait until ``n`` more tasks sleep on the clock than those of idle bots."""
        async with asyncio.timeout(PATIENCE):
            await self.clock.until_sleeping(n + bots * SLEEPERS)

    async def later(self, *, seconds: float) -> None:
        """Move the clock once the bot is idle, so that its next tick is certainly after the move."""
        async with asyncio.timeout(PATIENCE):
            await self.bot.desk.work.idle()
        await self.until_waiting(0)
        self.clock.move(seconds=seconds)

    async def at_rest(self, *, bots: int = 1) -> None:
        """Wait until nothing more will happen before the clock is moved."""
        async with asyncio.timeout(3 * PATIENCE):
            await at_rest(self.bot, self.clock, bots=bots)

    @asynccontextmanager
    async def unchanged(self) -> AsyncIterator[None]:
        """Assert that what happens inside changes nothing, neither in Focus nor in what the bot keeps."""
        before = await self._state()
        yield
        async with asyncio.timeout(PATIENCE):
            await self.bot.desk.work.idle()
        after = await self._state()
        assert not {what: after[what] for what in before if after[what] != before[what]}

    async def _state(self) -> dict[str, object]:
        return await decided(self.bot.desk.store) | {"Focus": self.focus.summary()}

    def focus_calls(self, *, after: int = 0) -> list[str]:
        """The methods of the calls about working hours (``GET``, ``PUT`` …), in order."""
        return [
            call.name.split(" ")[0]
            for call in self.sandbox.log.since(after)
            if call.service == "focus" and "workinghours" in call.name
        ]

    def focus_week(self, number: int) -> str:
        """A person's week in Focus, Monday first: ``8 8 8 8 0 - -``."""
        week = self.focus.week("user", number)
        return " ".join(str(week[day]) if day in week else "-" for day in range(1, 8))

    def answer_to(self, human: Human, channel: str = STUDIO) -> Message:
        """The latest message that a person sees in a channel."""
        return human.messages(channel)[-1]


async def at_rest(bot: Bot, clock: Clock, *, bots: int = 1) -> None:
    """Wait until nothing more happens before the clock is moved: all work in the bot has ended or sleeps."""
    work, stirred = bot.desk.work, bot.desk.store.outbox.stirred
    while True:
        tasks = work.under_way  # a task that ends may have started a tick that still runs
        asleep = asyncio.create_task(clock.until_sleeping(bots * SLEEPERS + len(tasks)))
        await asyncio.wait({asleep, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        if asleep.done() and work.under_way == tasks and not stirred.is_set():
            return
        asleep.cancel()
        await asyncio.sleep(0)


def app_with(*scopes: str) -> dict[str, Any]:
    """The manifest with these additional scopes."""
    app = manifest("/hours", socket_mode=True)
    app["oauth_config"]["scopes"]["bot"] += scopes
    return app


@asynccontextmanager
async def open_office(
    folder: Path,
    *,
    clock: Clock | None = None,
    settings: Mapping[str, str] | None = None,
    numbering: Numbering = "sunday0",
    sandbox: Sandbox | None = None,
    scopes: Iterable[str] = (),
    routes: Sequence[Route] = ROUTES,
) -> AsyncIterator[Office]:
    """Start the sandbox (or use a running one) and the bot, with these extra settings and scopes."""
    own = sandbox or Sandbox(clock=clock or Clock(), manifest=app_with(*scopes), numbering=numbering)
    if sandbox is None:
        await own.start()
    try:
        given = own.environment() | {"DATABASE_PATH": str(folder / "hours.db")} | dict(settings or {})
        loaded = Settings.load({name: text for name, text in given.items() if text}, env_file=None)
        async with (
            httpx.AsyncClient(trust_env=False) as http,
            build(loaded, clock=own.clock, http=http, routes=routes) as bot,
            bot.running(),
        ):
            office = Office(own, bot, loaded)
            own.ahead = bot.desk.store.upcoming.first
            if loaded.socket_mode:
                await own.slack.connected()
            else:
                await own.slack.deliver_to(office.page(HTTP_PATH))
            yield office
            own.ahead = None
    finally:
        if sandbox is None:
            await own.stop()
