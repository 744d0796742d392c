"""Benchmark of boards of 300 people and a bulk change of 200: our own time, calls to Focus, total time."""

from __future__ import annotations

from time import perf_counter

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human, Message
from handlers.clockwork import QUEUE_AT_ONCE
from tests.bench.load import Times, answered
from tests.bench.report import Goal, table
from tests.bench.studio import BOT, CHANNEL, Studio, open_studio, started

PEOPLE, GROUP = 300, 200
EVERYBODY = "<#C0EVERYONE|everyone>"
TEAM = "<!subteam^S0EVERYONE|@everyone-team>"
BOARDS = ("/hours who friday", "/hours who week")
LATENCY = 0.1
"""Seconds that Focus takes for each call during the bulk change."""


async def teams() -> list[Goal]:
    """Measure both in one sandbox with 300 people, and return the goals."""
    async with open_studio(people=PEOPLE) as studio, started(studio, BOT):
        olivia = studio.sandbox.slack.human("U0OLIVIA")
        await _read_all(studio, olivia)
        return [*await _boards(studio, olivia), *await _bulk(studio, olivia)]


async def _read_all(studio: Studio, olivia: Human) -> None:
    """Make the bot read every week once; each press of Refresh reads only some, so it takes several."""
    studio.sandbox.focus.faults.add(Fault(FaultKind.REFUSE, match="GET *capacities*", status=404))
    await olivia.types(CHANNEL, f"{BOARDS[0]} {EVERYBODY}")
    board = await olivia.sees("Who works", channel=CHANNEL)
    before = -1
    while (read := len(studio.focus_calls(after=0))) > before:
        before = read
        await olivia.click(board, "who_refresh")
        await studio.quiet()
        if read >= PEOPLE:
            break
    studio.sandbox.focus.faults.clear()


async def _boards(studio: Studio, olivia: Human) -> list[Goal]:
    rows, goals = [], []
    for line in BOARDS:
        await answered(studio, [olivia], seconds=0.2, text=f"{line} {EVERYBODY}")
        seen = studio.sandbox.log.total
        taken = await answered(studio, [olivia], seconds=5, text=f"{line} {EVERYBODY}")
        calls = [call for call in studio.sandbox.log.since(seen) if call.service == "focus"]
        slack = [call.ms for call in studio.sandbox.log.since(seen) if call.name.startswith("conversations")]
        times, theirs = Times.of(taken), sum(slack) / len(taken)
        ours = times.p50 - theirs
        rows.append((line, times.p50, times.p99, theirs, ours, len(calls)))
        goals.append(Goal(f"a board of {PEOPLE} ({line}): {ours:.0f} ms of our own, under 150", ours < 150))
        goals.append(Goal(f"and no call to Focus: {len(calls)}", not calls))
    heads = ("typed", "p50 ms", "p99 ms", "Slack's", "ours", "calls to Focus")
    print(table(f"Boards of {PEOPLE} from weeks as last read", heads, rows))
    return goals


async def _bulk(studio: Studio, olivia: Human) -> list[Goal]:
    for text in ("set sat 1", "set sat 2", "clear sat"):  # the first of each in a deployment is read back
        await olivia.types(CHANNEL, f"/hours {text}")
        await studio.quiet()
    await olivia.types(CHANNEL, f"/hours set {TEAM} fri 3.5")
    dry_run = await olivia.sees("would change", channel=CHANNEL)
    studio.slow_focus(LATENCY)
    seen, began = studio.sandbox.log.total, perf_counter()
    await olivia.click(dry_run, "apply")
    result = await _result(olivia)
    took = perf_counter() - began
    calls = studio.focus_calls(after=seen)
    reads, writes = calls.count("GET"), len(calls) - calls.count("GET")
    ideal = len(calls) * LATENCY / QUEUE_AT_ONCE
    print(
        table(
            f"{GROUP} weeks changed, {QUEUE_AT_ONCE} at once, Focus at {LATENCY * 1000:.0f} ms a call",
            ("", "reads", "writes", "took s", "ideal s", "took/ideal"),
            [(result.text.partition(".")[0], reads, writes, took, ideal, f"{took / ideal:.2f}")],
        )
    )
    return [
        Goal(f"a bulk of {GROUP}: {reads} reads and {writes} writes", (reads, writes) == (GROUP, GROUP)),
        Goal(f"its time within 1.3 x of the ideal: {took / ideal:.2f} x", took < 1.3 * ideal),
    ]


async def _result(olivia: Human) -> Message:
    return await olivia.sees(f"of {GROUP} weeks (", channel=olivia.dm, timeout=120)
