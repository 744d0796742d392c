"""Load on a measured program, and the times it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter

from bot.sandbox.calls import Call
from bot.sandbox.slack import Human
from tests.bench.studio import CHANNEL, Studio

__all__ = ["LOOK", "Times", "acknowledged", "answered", "answers", "calls_for", "warm"]

LOOK = "/hours me"


@dataclass(frozen=True, slots=True)
class Times:
    """Percentiles of times, in milliseconds."""

    p50: float
    p99: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Times:
        """The percentiles of one sample."""
        return cls(median(samples), quantiles(samples, n=100, method="inclusive")[98])

    @classmethod
    def typical(cls, rounds: Iterable[Times]) -> Times:
        """The medians of the percentiles of several samples."""
        every = list(rounds)
        return cls(median(each.p50 for each in every), median(each.p99 for each in every))


async def warm(studio: Studio) -> None:
    """Send one command of each person, which fills links, caches and connections."""
    await acknowledged(studio, at_once=len(studio.people), times=1)
    await studio.quiet(seconds=0.5)


async def acknowledged(studio: Studio, *, at_once: int, times: int, text: str = LOOK) -> list[float]:
    """Send ``times`` bursts of ``at_once`` commands; return the milliseconds until each acknowledgement.

    Each burst begins when everything is quiet; answers that wait for a slow Focus are not awaited.

    Raises:
        RuntimeError: a command was not acknowledged within Slack's three seconds.
    """
    waited: list[float] = []

    def heard(call: Call) -> None:
        if call.name == "slash_command":
            waited.append(call.ms)

    people = [studio.people[number % len(studio.people)] for number in range(at_once)]
    unsubscribe = studio.sandbox.log.subscribe(heard)
    try:
        for _ in range(times):
            await studio.quiet(seconds=0.03 if at_once == 1 else 0.2)
            sent = await asyncio.gather(*(person.types(CHANNEL, text) for person in people))
            if refused := [each.error for each in sent if not each.ok]:
                raise RuntimeError(f"{len(refused)} of {at_once} were not acknowledged: {refused[0]}")
    finally:
        unsubscribe()
    return waited


async def answered(
    studio: Studio, people: Sequence[Human], *, seconds: float, text: str = LOOK
) -> list[float]:
    """Let each person repeat a command for ``seconds``; return the milliseconds from command to answer."""
    taken: list[float] = []
    until = perf_counter() + seconds
    with answers(studio) as waiting:

        async def look_on(person: Human) -> None:
            while (began := perf_counter()) < until:
                waiting[person.id] = asyncio.get_running_loop().create_future()
                await person.types(CHANNEL, text)
                taken.append((await asyncio.wait_for(waiting[person.id], 10) - began) * 1000)

        await asyncio.gather(*map(look_on, people))
    return taken


@contextmanager
def answers(studio: Studio) -> Iterator[dict[str, asyncio.Future[float]]]:
    """Futures by user id, each of which gets the time of the next ephemeral message to that person."""
    waiting: dict[str, asyncio.Future[float]] = {}

    def look() -> None:
        posted = studio.sandbox.slack.posts.get(CHANNEL)
        person = posted[-1].ephemeral_to if posted else None
        future = waiting.get(person or "")
        if future and not future.done():
            future.set_result(perf_counter())

    unsubscribe = studio.sandbox.slack.changed.subscribe(look)
    try:
        yield waiting
    finally:
        unsubscribe()


async def calls_for(studio: Studio, person: Human, text: str) -> list[str]:
    """The methods of the calls to Focus that one command costs (``GET``, ``PUT`` …), in order."""
    before = studio.sandbox.log.total
    with answers(studio) as waiting:
        answer = waiting[person.id] = asyncio.get_running_loop().create_future()
        await person.types(CHANNEL, text)
        await asyncio.wait_for(answer, 10)
    await studio.quiet()
    return studio.focus_calls(after=before)
