"""The short form of ``make torture``: a little of each of its parts, and every goal reached."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

from handlers import ROUTES
from handlers.desk import Ask
from handlers.routes import Button, Form, Route
from tests.torture.abuse import abuse
from tests.torture.baits import laid_out
from tests.torture.crash import SCENARIOS, crash
from tests.torture.load import load
from tests.torture.offices import abused
from tests.torture.outage import SHORT, outage
from tests.torture.scores import Score
from tests.torture.stolen import steal


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
    goals = await abuse(seconds=6, examples=60)
    assert [str(goal) for goal in goals if not goal.met] == []


@dataclass(slots=True)
class Guards:
    """Those of a bot that can be made to take whoever presses for Olivia."""

    asleep: bool = False

    def over(self, route: Route) -> Route:
        if not isinstance(route, Button | Form):
            return route
        handler = route.handler

        @functools.wraps(handler)
        async def guarded(ask: Ask) -> None:
            await handler(replace(ask, user_id="U0OLIVIA") if self.asleep else ask)

        return replace(route, handler=guarded)


async def test_a_bot_that_asks_nobody_who_they_are_is_found_out_at_each_button_and_form() -> None:
    guards, score = Guards(), Score()
    routes = [guards.over(route) for route in ROUTES]
    async with abused(routes=routes) as office:
        baits = await laid_out(office)
        guards.asleep = True
        await steal(office, baits, score)
    found_out = {each.partition(":")[0] for each in score.wrong}
    assert {bait.name for bait in baits} - found_out == {"run", "person_picked", "do_it_now"}  # no routes
