"""The state behind the page: both services, what each person has read, which faults are switched on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.sandbox.calls import CallLog
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.focus import Focus
from bot.sandbox.page.steps import Steps
from bot.sandbox.page.switches import SWITCHES, Switch
from bot.sandbox.slack import Slack
from bot.sandbox.slack.changes import Signal
from bot.sandbox.slack.seed import SLACKBOT
from bot.sandbox.slack.workspace import Channel, Message, Person

__all__ = ["Ahead", "Sandbox", "Stage"]

Ahead = Callable[[datetime | None], Awaitable[datetime | None]]
"""Asks the bot for the first moment, later than a given one, at which it has something to do."""

LOOKS, BETWEEN_LOOKS = 100, 0.03
"""How often at most the page checks whether the bot has done its due work, and the seconds in between."""


class Sandbox(Protocol):
    """What the page needs of the sandbox that serves it."""

    clock: Clock
    log: CallLog
    focus: Focus
    slack: Slack
    ahead: Ahead | None

    async def reset(self) -> None:
        """Seed everything again."""


class Stage:
    """Everything that the page shows and controls; ``changed`` fires when there is something new to draw."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.clock, self.log = sandbox.clock, sandbox.log
        self.focus, self.slack = sandbox.focus, sandbox.slack
        self.changed = Signal()
        self.steps = Steps()
        self._on: dict[str, Fault] = {}
        self._read: dict[tuple[str, str], float] = {}
        self._moving = asyncio.Lock()
        self.slack.changed.subscribe(self.changed.fire)
        self.log.subscribe(self.steps.take)

    async def reset(self) -> None:
        """Reset the sandbox, and what the page itself remembers."""
        await self._sandbox.reset()
        self._on.clear()
        self._read.clear()
        self.steps.reset()
        self.changed.fire()

    # ---------------------------------------------------------------- people and what they read
    def playable(self, person: Person) -> bool:
        """Whether somebody can act as this person."""
        return not (person.is_bot or person.deleted or person.id == SLACKBOT)

    def unread(self, user: str, channel: Channel) -> int:
        """Count the messages of others that came after this person last looked."""
        return sum(1 for _ in self._news(user, channel))

    def any_unread(self, user: str) -> bool:
        """Whether any channel has messages that this person has not read."""
        places = self.slack.human(user).channels()
        return any(True for channel in places for _ in self._news(user, channel))

    def _news(self, user: str, channel: Channel) -> Iterator[Message]:
        """Unread messages, newest first and one by one, because ``any_unread`` needs only the first."""
        since = self._read.get((user, channel.id), 0.0)
        for each in reversed(channel.messages):
            if float(each.ts) <= since:
                return
            if each.user != user and each.ephemeral_to in {None, user} and not each.deleted:
                yield each

    def read(self, user: str, channel: str) -> None:
        """Note that this person has seen all messages in a channel."""
        messages = self.slack.human(user).messages(channel)
        if messages:
            self._read[user, channel] = float(messages[-1].ts)
            self.changed.fire()

    # ---------------------------------------------------------------- switches and the clock
    def is_on(self, switch: Switch) -> bool:
        """Whether a fault is switched on."""
        return self._on.get(switch.key) in self._faults(switch).active

    def turn(self, key: str, *, on: bool) -> None:
        """Switch a fault on or off.

        Raises:
            LookupError: there is no such switch.
        """
        switch = next((each for each in SWITCHES if each.key == key), None)
        if switch is None:
            raise LookupError(f"there is no switch {key!r}")
        if on and not self.is_on(switch):
            self._on[key] = self._faults(switch).add(switch.fault())
        elif not on and key in self._on:
            self._faults(switch).remove(self._on.pop(key))
        self.changed.fire()

    async def move(self, where: Callable[[], datetime]) -> None:
        """Move the clock forward, and stop at every moment at which the bot has something to do.

        So work that becomes due on the way is done in time, and not found to be too late. ``where`` is asked
        when an earlier move is over: two presses of *+1 hour* are two hours, and of *Monday* two Mondays.
        """
        async with self._moving:
            to = where()
            while (stop := await self._next_due()) and stop < to:
                self._set(stop)
                await self._done()
            self._set(to)

    async def move_to_next_due(self) -> None:
        """Move the clock to the next moment at which the bot has something to do.

        Raises:
            LookupError: there is none.
        """
        async with self._moving:
            stop = await self._next_due()
            if stop is None:
                raise LookupError("Nothing is due: make a reminder, or plan a change, first.")
            self._set(stop)

    def next_monday(self, user: str) -> datetime:
        """The next Monday, 9:00 in this person's time zone."""
        now = self._local(user)
        monday = _nine(now + timedelta(days=-now.weekday() % 7))
        return monday if monday > now else _nine(monday + timedelta(days=7))

    def next_month(self, user: str) -> datetime:
        """The first of the next month, 9:00 in this person's time zone."""
        now = self._local(user)
        return _nine((now.replace(day=1) + timedelta(days=31)).replace(day=1))

    def _local(self, user: str) -> datetime:
        return self.clock.now().astimezone(ZoneInfo(self.slack.world.people[user].tz))

    def _set(self, to: datetime) -> None:
        now = self.clock.now()
        self.clock.move(seconds=max(0.0, (to.astimezone(now.tzinfo) - now).total_seconds()))
        self.changed.fire()

    async def _next_due(self) -> datetime | None:
        return await self._sandbox.ahead(self.clock.now()) if self._sandbox.ahead else None

    async def _done(self) -> None:
        """Wait until nothing is due any more, but not for ever: some work cannot be done."""
        for look in range(1, LOOKS + 1):
            first = await self._sandbox.ahead(None) if self._sandbox.ahead else None
            if first is None or first > self.clock.now():
                return
            await asyncio.sleep(BETWEEN_LOOKS)
            if look % 10 == 0:  # on a frozen clock, a bot that has just ticked would not tick again
                self.clock.move(seconds=1)

    def _faults(self, switch: Switch) -> Faults:
        return self.focus.faults if switch.service == "focus" else self.slack.faults


def _nine(day: datetime) -> datetime:
    return day.replace(hour=9, minute=0, second=0, microsecond=0)
