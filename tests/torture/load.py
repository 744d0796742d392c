"""Many people look while twenty changes wait for a Focus that takes its time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter

from bot.sandbox.calls import Call
from bot.sandbox.slack import Human
from tests.bench.load import Times, answers, warm
from tests.bench.report import Goal, table
from tests.bench.studio import BOT, CHANNEL, Program, Studio, open_studio, started

__all__ = ["load"]

A_SECOND = 50
CHANGES = 20
LOOKERS = 20
ANSWERED_WITHIN = 60
"""Seconds after which a look counts as unanswered."""

GROWTH = 1.1
"""Of the memory between the first third and the end: what is kept for ever would show."""


async def load(*, seconds: float = 60, slow: float = 8) -> list[Goal]:
    """So many looks a second for so long, changes beside them all the while; print what it was like.

    With ``slow=math.inf`` no change gets on before the last look is answered.
    """
    async with open_studio() as studio, started(studio, BOT) as program:
        for text in ("set sat 1", "set sat 2", "clear sat"):  # the first of each kind is read back
            await studio.sandbox.slack.human("U0OLIVIA").types(CHANNEL, f"/hours {text}")
            await studio.quiet()
        await warm(studio)
        for person in studio.people[:LOOKERS]:  # whatever warming has left undone on a slow machine
            await person.types(CHANNEL, "/hours me")
            await person.sees("Your week", channel=CHANNEL)
        focus = studio.slow_focus(slow)
        acks: list[Call] = []
        end = studio.sandbox.log.subscribe(
            lambda call: acks.append(call) if call.name == "slash_command" else None
        )
        changing = asyncio.create_task(_change(studio, seconds=seconds))
        taken, unanswered, memory = await _look(studio, program, seconds=seconds)
        studio.sandbox.focus.faults.remove(focus)
        rounds = await changing
        await studio.quiet(seconds=1)
        end()
    left = sum(_hours(studio, number) != _wanted(rounds - 1) for number in range(-CHANGES, 0))
    return _told(taken, unanswered, acks, memory, changed=rounds * CHANGES, left=left)


async def _change(studio: Studio, *, seconds: float) -> int:
    """Everybody of the last twenty changes their week, again as soon as all are through; how often."""
    until, rounds = perf_counter() + seconds, 0
    people = studio.people[-CHANGES:]
    while perf_counter() < until:
        before = [len(person.messages(person.dm)) for person in people]
        await asyncio.gather(
            *(person.types(CHANNEL, f"/hours set mon {_wanted(rounds)}") for person in people)
        )
        await asyncio.gather(
            *(
                person.sees("You changed your week", channel=person.dm, after=seen, timeout=60)
                for person, seen in zip(people, before, strict=True)
            )
        )
        rounds += 1
    return rounds


async def _look(studio: Studio, program: Program, *, seconds: float) -> tuple[list[float], int, list[float]]:
    """Each look begins when its time has come, however long the others take."""
    taken, memory = list[float](), list[float]()
    free: asyncio.Queue[Human] = asyncio.Queue()
    for person in studio.people[:LOOKERS]:
        free.put_nowait(person)
    unanswered, began = 0, perf_counter()
    with answers(studio) as waiting:

        async def look() -> None:
            nonlocal unanswered
            asked = perf_counter()
            person = await free.get()
            waiting[person.id] = asyncio.get_running_loop().create_future()
            await person.types(CHANNEL, "/hours me")
            try:
                taken.append((await asyncio.wait_for(waiting[person.id], ANSWERED_WITHIN) - asked) * 1000)
            except TimeoutError:
                unanswered += 1
            free.put_nowait(person)

        looking = []
        for number in range(int(seconds * A_SECOND)):
            await asyncio.sleep(max(0.0, began + number / A_SECOND - perf_counter()))
            looking.append(asyncio.create_task(look()))
            if number % A_SECOND == 0:
                memory.append(program.megabytes())
        await asyncio.gather(*looking)
    memory.append(program.megabytes())
    return taken, unanswered, memory


def _wanted(round_number: int) -> int:
    return 5 + round_number % 3


def _hours(studio: Studio, number: int) -> object:
    email = studio.sandbox.slack.people[studio.people[number].id].email
    people = studio.sandbox.focus.book.people.values()
    user_id = next(each.user_account_id for each in people if each.email == email)
    return studio.sandbox.focus.week("user", user_id)[1]


def _told(
    taken: Sequence[float],
    unanswered: int,
    acks: Sequence[Call],
    memory: Sequence[float],
    *,
    changed: int,
    left: int,
) -> list[Goal]:
    looks, ack = Times.of(taken), Times.of([call.ms for call in acks])
    slowest, grown = max(call.ms for call in acks), memory[-1] / memory[len(memory) // 3]
    refused = sum(call.status != 200 for call in acks)
    print(
        table(
            f"Load: {A_SECOND} looks a second beside {CHANGES} changes at a time, in ms",
            ("", "number", "p50", "p99", "slowest"),
            [
                ("acknowledgements", len(acks), ack.p50, ack.p99, slowest),
                ("looks answered", len(taken), looks.p50, looks.p99, max(taken)),
            ],
        )
    )
    print(f"  {changed} changes made; memory {memory[0]:.0f} MB, at the end {memory[-1]:.0f} MB\n")
    return [
        Goal(f"no acknowledgement over 3 s: {slowest:.0f} ms at most, {refused} missing", slowest < 3000),
        Goal(f"looks’ p99 under 1 s: {looks.p99:.0f} ms", looks.p99 < 1000, of_speed=True),
        Goal(f"memory flat: {grown:.2f} x from the first third to the end", grown < GROWTH),
        Goal(
            f"everything answered: {unanswered} looks and {left} changes are not",
            not unanswered and not left and not refused,
        ),
    ]
