"""The short form of ``make torture``: a little of each of its parts, and every goal reached."""

from __future__ import annotations

from tests.torture.crash import SCENARIOS, crash


async def test_killed_in_the_middle_of_each_thing_it_does() -> None:
    goals = await crash(seconds=60, rounds=len(SCENARIOS), first_step=9)
    assert [str(goal) for goal in goals if not goal.met] == []
