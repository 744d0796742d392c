"""The short form of ``make torture``: a little of each of its parts, and every goal reached."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace

from bot.sandbox.slack import Human
from bot.sandbox.slack.delivery import Parcel
from handlers import ROUTES
from handlers.asked import Verb
from handlers.desk import Ask
from handlers.effects import Effect
from handlers.routes import Button, Form, Route
from store.act import Kind, Place
from tests.conftest import OpenOffice
from tests.office import STUDIO, Office, routes_with
from tests.torture.abuse import abuse
from tests.torture.baits import laid_out
from tests.torture.books import Books
from tests.torture.crash import SCENARIOS, crash
from tests.torture.load import load
from tests.torture.offices import abused
from tests.torture.outage import Asker, outage
from tests.torture.scores import Score
from tests.torture.stolen import steal
from tests.torture.troubles import SHORT


async def test_killed_in_the_middle_of_each_thing_it_does() -> None:
    goals = await crash(seconds=math.inf, rounds=len(SCENARIOS), first_step=9)
    assert [str(goal) for goal in goals if not goal.met] == []


async def test_what_is_asked_in_an_outage_is_answered_and_the_answer_is_true() -> None:
    goals = await outage(seconds=math.inf, cases=SHORT)
    assert [str(goal) for goal in goals if not goal.met] == []


async def test_looks_are_answered_while_focus_is_slow_for_those_who_change() -> None:
    """All of them before the first change gets on; how fast is not for a test to say."""
    goals = await load(seconds=1, slow=math.inf)
    assert [str(goal) for goal in goals if not goal.met and not goal.of_speed] == []


async def test_what_is_broken_foreign_forged_or_stolen_breaks_nothing_and_gains_nothing() -> None:
    goals = await abuse(seconds=math.inf, examples=12)
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


async def test_a_receipt_that_lies_about_a_day_is_found_out(office: Office) -> None:
    books = Books(office.sandbox, office.settings.database_path)
    books.open()
    await office.ana.types(STUDIO, "/hours set fri 4")
    receipt = await office.ana.sees("Fri 8 h → 4 h", channel=office.ana.dm)
    await office.at_rest()
    assert books.audit() == []
    true = receipt.text
    receipt.text = true.replace("Fri 8 h → 4 h", "Thu 8 h → 4 h")
    assert [each.fault for each in books.audit()] == ["unexplained"]
    receipt.text = true


async def forgets(_: Ask) -> None:
    """Nothing becomes of it."""


async def test_a_request_that_is_acknowledged_and_forgotten_is_found_out(an_office: OpenOffice) -> None:
    async with an_office(routes=routes_with(forgets, verbs=set(Verb), effect=Effect.NONE)) as office:
        books = Books(office.sandbox, office.settings.database_path)
        books.open()
        await office.ana.types(STUDIO, "/hours set fri 4")
        await office.at_rest()
        assert [each.fault for each in books.audit()] == ["lost"]


async def test_what_slack_brings_again_is_not_lost_if_its_record_was_there_before(office: Office) -> None:
    """Nor if the same had been asked, and refused, before."""
    books = Books(office.sandbox, office.settings.database_path)
    books.open()
    ana, journal = office.ana, office.bot.desk.store.journal
    await ana.types(ana.dm, "undo")
    await ana.sees("You have changed nothing", channel=ana.dm)
    await office.bot.desk.work.idle()
    await office.at_rest()
    assert books.audit() == []
    said = next(call.request for call in office.sandbox.log.calls if call.name == "message")
    assert isinstance(said, dict)
    again = {**said, "event_id": "Ev0AGAIN"}
    await journal.receive(
        "act0again", actor=ana.id, kind=Kind.SET, request={"text": "undo"}, place=Place("dm", ana.dm),
        now=office.clock.now(), event_id="Ev0AGAIN",
    )  # fmt: skip
    books.audit()  # by a process that died before it had acknowledged it
    parcel = Parcel(kind="events_api", payload=again, name="message", summary="again", attempt=1)
    assert (await office.slack.deliver(parcel)).error is None
    await office.bot.desk.work.idle()
    await office.at_rest()
    assert not [each.text for each in books.audit() if "forgotten" in each.text]


async def test_a_word_that_it_takes_longer_is_no_answer_and_wrong_hours_are_no_truth(office: Office) -> None:
    change = Asker("change", office.ana, do=says_nothing, writes=True)
    look = Asker("look", office.ben, do=says_nothing)
    for asker, number in ((change, 501), (look, 503)):
        asker.look(office.focus.week("user", number))
        await office.bot.desk.slack.chat_postMessage(
            channel=asker.human.dm, text="Toggl Focus is slow right now; I’m still working on it."
        )
    assert not change.answered
    assert not look.answered
    await office.ana.types(STUDIO, "/hours set mon-tue 7:20, sat 4")
    await office.ana.sees("You changed your week", channel=STUDIO)
    await office.ben.types(STUDIO, "/hours me")
    await office.ben.sees("Your week", channel=STUDIO)
    await office.at_rest()
    assert change.answered
    assert look.answered
    assert [
        *change.untrue(office.focus.week("user", 501)),
        *look.untrue(office.focus.week("user", 503)),
    ] == []
    office.focus.put_rows("user", 501, {6: 5})
    office.focus.put_rows("user", 503, {1: 5})
    look.had = office.focus.week("user", 503)
    assert len(list(change.untrue(office.focus.week("user", 501)))) == 1
    assert len(list(look.untrue(office.focus.week("user", 503)))) == 1


async def says_nothing(_: Human, __: str) -> None:
    """What was asked was asked before."""
