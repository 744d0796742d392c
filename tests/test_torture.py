"""The short form of ``make torture``: a little of each of its parts, and every goal reached."""

from __future__ import annotations

from tests.torture.abuse import abuse
from tests.torture.crash import SCENARIOS, crash
from tests.torture.load import load
from tests.torture.outage import SHORT, outage


async def test_killed_in_the_middle_of_each_thing_it_does() -> None:
    goals = await crash(seconds=60, rounds=len(SCENARIOS), first_step=9)
    assert [str(goal) for goal in goals if not goal.met] == []


async def test_what_is_asked_in_an_outage_is_answered_and_the_answer_is_true() -> None:
    goals = await outage(seconds=60, cases=SHORT)
    assert [str(goal) for goal in goals if not goal.met] == []


async def test_looks_are_answered_while_focus_is_slow_for_those_who_change() -> None:
    goals = await load(seconds=1, slow=0.5)
    assert [str(goal) for goal in goals if not goal.met] == []


async def test_what_is_broken_foreign_forged_or_stolen_breaks_nothing_and_gains_nothing() -> None:
    goals = await abuse(seconds=6, examples=120)
    assert [str(goal) for goal in goals if not goal.met] == []
