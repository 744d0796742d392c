"""``python -m tests.bench``: compares the bot with a bare Bolt listener, in figures with goals."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from bot.sandbox.slack import Human
from tests.bench.load import Times, acknowledged, answered, calls_for, warm
from tests.bench.reminders import reminders
from tests.bench.report import Goal, table
from tests.bench.studio import BARE, BOT, CHANNEL, Program, Studio, open_studio, started
from tests.bench.teams import teams

FOCUS = {"10 ms": 0.01, "8 s": 8.0}
BURSTS = {1: (3, 100), 100: (4, 1), 1000: (2, 1)}
"""Commands at once -> the samples in a round, and the bursts in each sample.

A sample has at least a hundred commands; with fewer, the p99 is only the slowest of them.
"""

STALE_AFTER = {"HOURS_CACHE_SECONDS": "1"}
"""Settings that make cached weeks stale in every round, so that looks need Focus."""

CHANGES, LOOKERS = 20, 10
CHANGE = "/hours set mon 7"
LOOK_FOR = 5.0
ACTIONS = (
    ("look, nothing known", "/hours me", 1),
    ("look again", "/hours me", 0),
    ("change two days", "/hours set mon 7, tue 7", 2),
    ("set a day that was not set", "/hours set sat 4", 2),
    ("change one, set another", "/hours set mon 6, sun 2", 3),
    ("clear a day", "/hours clear sun", 2),
    ("undo that", "/hours undo", 2),
    ("change nothing", "/hours set mon 6", 1),
)
"""Description, command, and the calls to Focus it may cost: 1 GET and 1 for each kind of step."""


@dataclass(frozen=True, slots=True)
class Side:
    """The bot or the bare listener, in a sandbox of its own."""

    studio: Studio
    program: Program


@asynccontextmanager
async def _sides() -> AsyncIterator[dict[str, Side]]:
    async with (
        open_studio() as here,
        open_studio() as there,
        started(here, BOT, settings=STALE_AFTER) as bot,
        started(there, BARE) as bare,
    ):
        yield {"bot": Side(here, bot), "bare": Side(there, bare)}


async def main(rounds: int, *, only: str = "") -> None:
    """Run the benchmarks (or ``only`` one part); print each table when it is known, and finally the goals."""
    if busy := _busy():
        print(f"{busy}\n")
    goals = []
    if only in {"", "bot"}:
        goals += [*await _acknowledgements(rounds), *await _answers()]
        await _starts(rounds)
    if only in {"", "teams"}:
        _say("boards and bulk")
        goals += await teams()
    if only in {"", "reminders"}:
        _say("reminders")
        goals += await reminders()
    print("Goals", *map(str, goals), sep="\n  ")


async def _acknowledgements(rounds: int) -> list[Goal]:
    found: dict[tuple[int, str, str], list[Times]] = defaultdict(list)
    async with _sides() as sides:
        for side in sides.values():
            await warm(side.studio)
        fresh = {name: side.program.megabytes() for name, side in sides.items()}
        for number in range(rounds):
            _say(f"acknowledgements, round {number + 1} of {rounds}")
            for at_once, speed, times in _samples():
                for name, side in sides.items():
                    slow = side.studio.slow_focus(FOCUS[speed])
                    waited = await acknowledged(side.studio, at_once=at_once, times=times)
                    found[at_once, speed, name].append(Times.of(waited))
                    side.studio.sandbox.focus.faults.remove(slow)
                    await side.studio.quiet()
        loaded = {name: side.program.megabytes() for name, side in sides.items()}
    typical = {key: Times.typical(every) for key, every in found.items()}
    return [*_judged(typical), _weighed(fresh, loaded)]


def _samples() -> Iterator[tuple[int, str, int]]:
    """The samples of one round: commands at once, speed of Focus, number of bursts."""
    for at_once, (samples, times) in BURSTS.items():
        for _ in range(samples):
            for speed in FOCUS:
                yield at_once, speed, times


def _judged(typical: Mapping[tuple[int, str, str], Times]) -> list[Goal]:
    rows = []
    for at_once in BURSTS:
        for speed in FOCUS:
            bot, bare = typical[at_once, speed, "bot"], typical[at_once, speed, "bare"]
            ratio = f"{bot.p99 / bare.p99:.2f}"
            rows.append((f"{at_once:>5,}", speed, bot.p50, bot.p99, bare.p50, bare.p99, ratio))
    heads = ("commands", "Focus", "bot p50", "p99", "bare p50", "p99", "bot/bare p99")
    print(table("Acknowledgements of /hours me at once, in ms", heads, rows))
    ratios = [typical[n, s, "bot"].p99 / typical[n, s, "bare"].p99 for n in BURSTS for s in FOCUS]
    moved = [typical[n, "8 s", "bot"].p99 / typical[n, "10 ms", "bot"].p99 for n in BURSTS]
    return [
        Goal(f"ack p99 within 1.5 x of the bare listener: {max(ratios):.2f} x at most", max(ratios) <= 1.5),
        Goal(f"ack p99 not moved by a slow Focus: {max(moved):.2f} x at most", max(moved) <= 1.25),
    ]


def _weighed(fresh: Mapping[str, float], loaded: Mapping[str, float]) -> Goal:
    rows = [
        (when, every["bot"], every["bare"], f"{every['bot'] / every['bare']:.2f}")
        for when, every in (("first answers", fresh), ("after the load", loaded))
    ]
    print(table("Memory, in MB", ("", "bot", "bare", "bot/bare"), rows))
    ratio = loaded["bot"] / loaded["bare"]
    return Goal(f"memory within 1.5 x of the bare listener: {ratio:.2f} x", ratio <= 1.5)


async def _answers() -> list[Goal]:
    """Measure cached answers and calls to Focus, with the cache settings of a deployment."""
    _say("answers")
    async with open_studio() as studio, started(studio, BOT):
        actor = studio.sandbox.slack.human("U0OLIVIA")
        # The first POST, PUT and DELETE of a deployment are each read back; make them here, unmeasured.
        for text in ("set sat 1", "set sat 2", "clear sat"):
            await calls_for(studio, actor, f"/hours {text}")
        costs = [(*action, await calls_for(studio, studio.people[0], action[1])) for action in ACTIONS]
        await warm(studio)
        lookers, changers = studio.people[:LOOKERS], studio.people[-CHANGES:]
        alone = await answered(studio, lookers, seconds=LOOK_FOR)
        slow = studio.slow_focus(8)
        changes = asyncio.gather(*(person.types(CHANNEL, CHANGE) for person in changers))
        await slow.reached.wait()
        beside = await answered(studio, lookers, seconds=LOOK_FOR)
        studio.sandbox.focus.faults.remove(slow)
        await changes
        await studio.quiet()
        if left := [person.id for person in changers if not _changed(studio, person)]:
            raise RuntimeError(f"not changed in Focus: {', '.join(left)}")
    rows = [
        (what, len(taken) / LOOK_FOR, Times.of(taken).p50, Times.of(taken).p99)
        for what, taken in ((f"{LOOKERS} people look", alone), (f"beside {CHANGES} slow changes", beside))
    ]
    print(table("Cached answers", ("", "a second", "p50 ms", "p99 ms"), rows))
    print(
        table(
            "Calls to Focus",
            ("", "typed", "calls", ""),
            [(what, text, len(calls), " ".join(calls)) for what, text, _, calls in costs],
        )
    )
    p99 = Times.of(beside).p99
    over = [what for what, _, most, calls in costs if len(calls) > most]
    return [
        Goal(f"a cached answer's p99 under 300 ms beside slow changes: {p99:.0f} ms", p99 < 300),
        Goal(f"calls to Focus as designed{': but ' + ', '.join(over) if over else ''}", not over),
    ]


def _changed(studio: Studio, person: Human) -> bool:
    number = next(
        each.user_account_id
        for each in studio.sandbox.focus.book.people.values()
        if each.email == studio.sandbox.slack.people[person.id].email
    )
    return studio.sandbox.focus.week("user", number)[1] == 7


async def _starts(rounds: int) -> None:
    ready: dict[str, list[float]] = defaultdict(list)
    async with open_studio() as studio:
        for number in range(rounds):
            _say(f"starts, round {number + 1} of {rounds}")
            for name, module in (("bot", BOT), ("bare", BARE)):
                async with started(studio, module) as program:
                    ready[name].append(program.ready_after)
    rows = [("connected", *(f"{median(ready[name]):.2f}" for name in ("bot", "bare")))]
    print(table("From start to ready, in s", ("", "bot", "bare"), rows))


def _busy() -> str:
    """A warning if other programs use the processors and so distort the figures, else empty."""
    running, processors = os.getloadavg()[0], os.cpu_count() or 1
    if running < processors / 4:
        return ""
    return (
        f"NOTE: {running:.1f} other programs are running on {processors} processors, so figures are too high."
    )


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=3, help="how often each is measured (default: %(default)s)"
    )
    parser.add_argument("--only", choices=("bot", "teams", "reminders"), default="", help="one part of it")
    given = parser.parse_args()
    began = perf_counter()
    asyncio.run(main(given.rounds, only=given.only))
    print(f"\nTook {perf_counter() - began:.0f} s.")
