"""Real processes, killed at every step between claim and post, or racing: the channel sees a run once."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from store.reminders import RunState, Schedule, Weekly
from store.week import ALL_DAYS
from tests.conftest import OpenOffice
from tests.office import STUDIO, Office, app_with, open_office
from tests.process import BotProcess, running
from tests.reminding import AN_HOUR, posts, remind
from tests.test_runs import READS

DEAD_AFTER = 61
"""Seconds after which whatever a process was doing is anybody's."""

ROUNDS = int(os.environ.get("KILL_ROUNDS", "5"))
"""How many moments are tried, 5 ms apart; more of them with the variable set."""


@dataclass(frozen=True, slots=True)
class Doomed:
    """A place where bots run, one after the other; a reminder is due there before the first begins."""

    sandbox: Sandbox
    folder: Path
    run_id: str

    def holds(self, match: str) -> Fault:
        return self.sandbox.slack.faults.add(Fault(FaultKind.SLOW, match=match, seconds=math.inf))

    @asynccontextmanager
    async def successor(self) -> AsyncIterator[Office]:
        """The next process, when the first counts as dead and has done what it could."""
        self.sandbox.slack.faults.clear()
        self.sandbox.clock.move(seconds=DEAD_AFTER)
        async with open_office(self.folder, sandbox=self.sandbox) as office:
            await office.at_rest()
            yield office


@asynccontextmanager
async def doomed(folder: Path, *scopes: str) -> AsyncIterator[Doomed]:
    """Where the bot may read, Slack knows no repeat: nothing but looking keeps it from posting twice.

    Time is real here. Everybody works on every day, and it is noon where the reminder is at home: whenever
    this is run, there is somebody to name, and the check's day is not over soon.
    """
    async with Sandbox(clock=Clock(), manifest=app_with(*scopes)) as sandbox:
        sandbox.slack.knows_repeats = not scopes
        for number in range(501, 509):
            sandbox.focus.put_rows("user", number, dict.fromkeys(range(1, 8), 8))
        async with open_office(folder, sandbox=sandbox) as office:
            await office.at_rest()
            now = sandbox.clock.now()
            zone = f"Etc/GMT{now.hour - 12:+d}"  # its sign is the wrong way round: Etc/GMT+5 is behind
            daily = Schedule(Weekly(ALL_DAYS), time(12, now.minute), zone)
            store = office.bot.desk.store
            made = await remind(store, now=now - timedelta(minutes=1), schedule=daily)
            assert made.next_at
        yield Doomed(sandbox, folder, f"{made.id}:{made.next_at.astimezone(ZoneInfo(zone)):%Y-%m-%d}")


async def killed(bot: BotProcess) -> None:
    """As a power failure does: nothing is finished, nothing is said."""
    if bot.process.returncode is None:
        bot.process.kill()
    await bot.process.wait()


async def was_posted_once(office: Office, run_id: str) -> None:
    run = await office.bot.desk.store.runs.get(run_id)
    assert run
    assert (run.state, len(posts(office))) == (RunState.POSTED, 1)
    assert run.ts == posts(office)[0].ts


async def test_killed_while_it_finds_out_whom_to_name(tmp_path: Path) -> None:
    async with doomed(tmp_path, *READS) as place:
        asking = place.holds("conversations.members")
        async with running(place.sandbox, tmp_path) as bot:
            await asking.reached.wait()
            await killed(bot)
        async with place.successor() as office:
            await was_posted_once(office, place.run_id)


async def test_killed_when_the_post_was_sent_and_did_not_arrive(tmp_path: Path) -> None:
    async with doomed(tmp_path, *READS) as place:
        lost = place.sandbox.slack.faults.add(Fault(FaultKind.CUT_BEFORE, match="chat.postMessage"))
        async with running(place.sandbox, tmp_path) as bot:
            await lost.reached.wait()
            await killed(bot)
        assert place.sandbox.slack.posts.get(STUDIO, []) == []
        async with place.successor() as office:
            await was_posted_once(office, place.run_id)


async def test_killed_when_the_post_was_on_its_way_and_arrived_afterwards(tmp_path: Path) -> None:
    async with doomed(tmp_path, *READS) as place:
        slow = place.holds("chat.postMessage")
        async with running(place.sandbox, tmp_path) as bot:
            await slow.reached.wait()
            await killed(bot)
            place.sandbox.slack.faults.clear()
            await place.sandbox.log.wait_for(lambda call: call.name == "chat.postMessage")
        async with place.successor() as office:
            await was_posted_once(office, place.run_id)


async def kill_as_it_arrives(place: Doomed, bot: BotProcess) -> None:
    """The process is dead before Slack has answered that it took the post."""

    def look() -> None:
        if place.sandbox.slack.posts.get(STUDIO) and bot.process.returncode is None:
            bot.process.kill()

    unsubscribe = place.sandbox.slack.changed.subscribe(look)
    look()
    await bot.process.wait()
    unsubscribe()


async def test_killed_when_the_post_had_arrived(tmp_path: Path) -> None:
    async with doomed(tmp_path, *READS) as place:
        slow = place.holds("conversations.members")
        async with running(place.sandbox, tmp_path) as bot:
            await slow.reached.wait()
            place.sandbox.slack.faults.clear()
            await kill_as_it_arrives(place, bot)
        async with place.successor() as office:
            await was_posted_once(office, place.run_id)


async def test_killed_when_it_had_arrived_and_nobody_may_look_the_owner_is_asked(tmp_path: Path) -> None:
    async with doomed(tmp_path) as place:
        slow = place.holds("conversations.members")
        async with running(place.sandbox, tmp_path) as bot:
            await slow.reached.wait()
            place.sandbox.slack.faults.clear()
            await kill_as_it_arrives(place, bot)
        async with place.successor() as office:
            question = await office.olivia.sees("I won’t post it twice", channel=office.olivia.dm)
            await office.olivia.click(question, "run_post_again")  # a mistake
            await office.olivia.sees("is in the channel", channel=office.olivia.dm)
            await office.at_rest()
            assert len(posts(office)) == 1


async def killed_after(place: Doomed, *, milliseconds: int) -> None:
    """Dead so long after whom to name was known: the post is claimed, worded, sent or written down."""
    held = place.holds("conversations.members")
    async with running(place.sandbox, place.folder) as bot:
        await held.reached.wait()
        place.sandbox.slack.faults.clear()
        asyncio.get_running_loop().call_later(milliseconds / 1000, bot.process.kill)
        await bot.process.wait()


@pytest.mark.parametrize("milliseconds", [5 * number for number in range(ROUNDS)])
async def test_killed_at_any_moment(tmp_path: Path, milliseconds: int) -> None:
    async with doomed(tmp_path, *READS) as place:
        await killed_after(place, milliseconds=milliseconds)
        async with place.successor() as office:
            await was_posted_once(office, place.run_id)
            place.sandbox.clock.move(seconds=AN_HOUR)
            await office.at_rest()
            await was_posted_once(office, place.run_id)


async def test_two_processes_post_what_is_due_once_each(an_office: OpenOffice, tmp_path: Path) -> None:
    async with an_office() as one, open_office(tmp_path, sandbox=one.sandbox) as two:
        one.slack.rate_limits = False
        store = one.bot.desk.store
        times = [Schedule(Weekly(ALL_DAYS), time(9, minute), "UTC") for minute in range(30, 60)]
        made = [await remind(store, now=one.clock.now(), schedule=each) for each in times]
        await one.until_waiting(0, bots=2)
        one.clock.move(seconds=AN_HOUR)
        for _ in range(3):
            for office in (one, two):
                await office.at_rest(bots=2)
        assert len(posts(one)) == len(made)
        assert len({post.client_msg_id for post in posts(one)}) == len(made)
        runs = (await store.runs.last()).values()
        assert {run.state for run in runs} == {RunState.POSTED}
