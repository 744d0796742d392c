"""``python -m tests.torture``: the bot killed, cut off, lied to and overloaded; figures with their goals."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter

from tests.bench.report import Goal
from tests.torture.abuse import abuse
from tests.torture.crash import crash
from tests.torture.load import load
from tests.torture.outage import outage

PARTS: dict[str, tuple[float, Callable[[float], Awaitable[list[Goal]]]]] = {
    "crash": (0.40, lambda seconds: crash(seconds=seconds)),
    "outage": (0.42, lambda seconds: outage(seconds=seconds)),
    "abuse": (0.13, lambda seconds: abuse(seconds=seconds)),
    "load": (0.05, lambda seconds: load(seconds=min(60.0, seconds))),
}
"""Each part's share of the time, and how it is begun."""


async def main(minutes: float, *, only: str) -> bool:
    """Run the parts, print as soon as something is known; whether every goal was reached."""
    goals = []
    for name, (share, part) in PARTS.items():
        if only in {"", name}:
            print(f"… {name}", file=sys.stderr, flush=True)
            goals += await part(minutes * 60 * (1 if only else share))
    print("Goals", *map(str, goals), sep="\n  ")
    return all(goal.met for goal in goals)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=22, help="how long it may take, about (default: %(default)s)"
    )
    parser.add_argument("--only", choices=PARTS, default="", help="one part of it")
    given = parser.parse_args()
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)  # the sandbox's callers die while it answers
    began = perf_counter()
    reached = asyncio.run(main(given.minutes, only=given.only))
    print(f"\nTook {perf_counter() - began:.0f} s.")
    sys.exit(not reached)
