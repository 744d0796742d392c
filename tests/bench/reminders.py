"""Benchmark of reminders: the cost of a tick with nothing due, and how fast many due at once are posted."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from time import perf_counter

from bot.sandbox import Sandbox
from bot.sandbox.slack import Channel
from bot.sandbox.slack.limits import MESSAGES_A_MINUTE
from handlers.clockwork import Clockwork
from store.database import Sql
from store.reminders import Due, Reminder, ReminderKind, ReminderState, Schedule, Weekly, reminder
from store.week import ALL_DAYS
from tests.bench.load import Times
from tests.bench.report import Goal, table
from tests.inside import database
from tests.office import Office, app_with, open_office

__all__ = ["reminders"]

STORED, TICKS = 10_000, 500
AT_ONCE, CHANNELS = 500, 50
PACE = MESSAGES_A_MINUTE / 60
"""Posts a second that Slack allows, after an initial burst of a minute's posts."""


async def reminders() -> list[Goal]:
    """Measure both, and return the goals."""
    return [await _idle_ticks(), await _many_at_once()]


async def _idle_ticks() -> Goal:
    async with _an_office() as office:
        store, now = office.bot.desk.store, office.clock.now()
        tomorrow = now + timedelta(days=1)
        await _store(office, [_reminder(number, "C0STUDIO", now) for number in range(STORED)], tomorrow)
        asked = [await _timed(store.runs.claim_due(office.clock.now())) for _ in range(TICKS)]
        clockwork = Clockwork(office.bot.desk)
        await clockwork.tick()  # unmeasured: the first tick computes all times again
        ticks = [await _timed(clockwork.tick()) for _ in range(TICKS)]
    due, tick = Times.of(asked), Times.of(ticks)
    rows = [("which are due?", due.p50, due.p99), ("a whole tick", tick.p50, tick.p99)]
    print(table(f"{STORED:,} reminders stored, none due, in ms", ("", "p50", "p99"), rows))
    return Goal(
        f"a tick with nothing due under 2 ms: {tick.p50:.2f} ms, of it {due.p50:.2f} for reminders",
        tick.p50 < 2,
    )


async def _many_at_once() -> Goal:
    async with _an_office() as office:
        slack, now = office.slack, office.clock.now()
        names = [f"C0BENCH{number:03}" for number in range(CHANNELS)]
        studio = slack.channels["C0STUDIO"]
        for name in names:
            slack.channels[name] = Channel(id=name, name=name.lower(), members=[*studio.members])
        made = [_reminder(number, names[number % CHANNELS], now) for number in range(AT_ONCE)]
        slack.limits.reset()
        await _store(office, made, now)
        began = perf_counter()
        office.bot.desk.store.outbox.stirred.set()
        await slack.changed.until(
            lambda: sum(len(slack.posts.get(name, ())) for name in names) == AT_ONCE or None, seconds=300
        )
        took = perf_counter() - began
        asked = [call for call in office.sandbox.log.calls if call.name == "chat.postMessage"]
    least = (AT_ONCE - MESSAGES_A_MINUTE) / PACE
    over = took / least - 1
    refused = sum(call.status == 429 for call in asked)
    rows = [(f"{AT_ONCE} in {CHANNELS} channels", f"{least:.1f}", f"{took:.1f}", f"{over:.1%}", refused)]
    print(table("Reminders due at once, in s", ("", "Slack's pace", "took", "over", "refused posts"), rows))
    return Goal(f"{AT_ONCE} due at once within 5 % of Slack's pace: {over:.1%} over", over < 0.05)


@asynccontextmanager
async def _an_office() -> AsyncIterator[Office]:
    with tempfile.TemporaryDirectory() as folder:
        async with (
            Sandbox(manifest=app_with()) as sandbox,
            open_office(Path(folder), sandbox=sandbox) as office,
        ):
            await office.at_rest()
            yield office


def _reminder(number: int, channel: str, now: datetime) -> Reminder:
    this_minute = time(now.hour, now.minute)
    return Reminder(
        id=f"bench{number:05}",
        team_id="T0SANDBOX",
        owner="U0OLIVIA",
        kind=ReminderKind.BOARD,
        channel=channel,
        group=None,
        schedule=Schedule(Weekly(ALL_DAYS), this_minute, "UTC"),
        span="day",
        state=ReminderState.ACTIVE,
        paused_until=None,
        failures=0,
        reason="",
        failing_since="",
        next_at=None,
        at=now,
    )


async def _store(office: Office, made: Sequence[Reminder], day: datetime) -> None:
    """Insert all reminders in one transaction, next due on this day."""

    def write(sql: Sql) -> None:
        for each in made:
            due = next(each.schedule.from_day(day.date()))
            reminder.insert(sql, replace(each, next_at=due.at))
            reminder.put_next(sql, each.id, Due(due.day, due.at))

    await database(office.bot.desk.store).write(write)


async def _timed(work: object) -> float:
    began = perf_counter()
    await work  # type: ignore[misc]  # a coroutine
    return (perf_counter() - began) * 1000


if __name__ == "__main__":
    print("Goals", *map(str, asyncio.run(reminders())), sep="\n  ")
