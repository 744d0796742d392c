"""What nobody means well with: broken, foreign, forged or stolen: nothing breaks, nothing is gained."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from copy import deepcopy
from time import perf_counter
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.sandbox.faults import Fault, FaultKind
from handlers import ROUTES
from handlers.asked import Problem
from handlers.grammar import command, parse
from handlers.routes import Button, Form
from tests.bench.report import Goal, table
from tests.office import STUDIO, Office
from tests.test_grammar_properties import TEXTS
from tests.torture.baits import OPEN_TO_ALL, Bait, laid_out
from tests.torture.forged import forge
from tests.torture.offices import abused, over_http
from tests.torture.payloads import Captured, gathered
from tests.torture.rights import rights
from tests.torture.scores import Score, heard
from tests.torture.sending import deliver, send
from tests.torture.stolen import steal, steal_everything

__all__ = ["abuse"]

Json = Any

FOREIGN: tuple[Json, ...] = (
    None, True, 0, -1, 10**20, 1.5, "", " ", "null", "[]", "{}", "U0BEN", "U0NOBODY", "C0ARCHIVED",
    "person:503", "person:999", "placeholder:701", "person:", "T0OTHER", "D0NOBODY", "2026-02-30", "%s%n",
    "'; DROP TABLE acts; --", "\x00", "\ud800", "x" * 4000, "<!channel>", [], {}, [None], [[]], {"id": None},
    {"value": 3},
)  # fmt: skip
"""Values of the wrong kind, of other people, of nobody."""


KINDS = ("slash_commands", "interactive", "events_api")


# ------------------------------------------------------------------------- broken


async def _given(
    strategy: st.SearchStrategy[Any], act: Callable[[Any], Coroutine[Any, Any, None]], *, examples: int
) -> None:
    """Hypothesis draws in a thread of its own, and what it draws happens here."""
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def each(drawn: Any) -> None:
        asyncio.run_coroutine_threadsafe(act(drawn), loop).result(60)

    await asyncio.to_thread(each)


def _places(value: Json, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in it."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(below, (*path, key))


@st.composite
def broken(draw: st.DrawFn, whole: Sequence[Json]) -> Json:
    """One of them with one to three fields missing, of another kind, or with somebody else's value."""
    mended = deepcopy(draw(st.sampled_from(whole)))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(mended))
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        spot = mended
        for key in way:
            spot = spot[key]
        if draw(st.booleans()):
            del spot[last]
        else:
            spot[last] = deepcopy(draw(st.one_of(st.sampled_from(FOREIGN), st.text(max_size=12))))
    return mended


async def _grammar(score: Score, examples: int) -> None:
    """Every text means something, or is refused with a sentence; what it means can be typed again."""

    async def read(text: str) -> None:
        score.tried += 1
        try:
            asked = parse(text)
            again = parse(command(asked))
        except Problem:
            return
        if again.verb != asked.verb:
            score.wrong.append(f"{text!r} is {asked.verb}, then {again.verb}")

    await _given(TEXTS, read, examples=examples)


async def _payloads(
    office: Office, found: Sequence[Captured], score: Score, examples: int, until: float
) -> None:
    """Whatever it is, no error comes of it that nobody caught."""
    whole = [{"kind": each.kind, "payload": each.payload} for each in found]

    async def try_it(drawn: Json) -> None:
        kind, payload = drawn.get("kind"), drawn.get("payload")
        if perf_counter() > until or not isinstance(payload, dict):
            return
        score.tried += 1
        outcome = await deliver(office, kind if kind in KINDS else "interactive", payload)
        if (outcome.status or 200) >= 500:
            score.wrong.append(f"answered {outcome.status}")

    async with heard() as told:
        await _given(broken(whole), try_it, examples=examples)
    score.wrong += told.unhandled


async def _genuine(office: Office, found: Sequence[Captured], score: Score) -> None:
    """What Slack really sends is never said to be unreadable: that would be an error of ours in disguise."""
    async with heard() as told:
        for each in _different(found):
            score.tried += 1
            outcome = await send(office, each, by=each.user_id)
            if outcome.error:
                score.wrong.append(f"{each.name}: {outcome.error}")
    score.wrong += told.unhandled + told.unread


def _different(found: Sequence[Captured]) -> list[Captured]:
    """One of each kind: button, form, command, event."""
    return list({(each.kind, each.payload.get("type"), each.name): each for each in found}.values())


async def _answers(office: Office, score: Score, examples: int, until: float) -> None:
    """Focus answers something else than it says it does, to a look, a change, a board and a list."""
    real: dict[str, Json] = {}
    for line in ("<@U0BEN>", "placeholders", "who week <@U0BEN> <@U0ANA>"):
        office.clock.move(seconds=1000)
        await office.olivia.types(STUDIO, f"/hours {line}")
        await office.bot.desk.work.idle()
    for call in office.sandbox.log.calls:
        if call.service == "focus" and call.name.startswith("GET") and call.status == 200:
            real[call.name] = call.response
    whole = [{"name": name, "body": body} for name, body in real.items() if body]
    lines = (
        "<@U0BEN>",
        "set <@U0BEN> fri 3",
        "clear <@U0BEN> fri",
        "who week",
        "placeholders",
        "edit",
        "links",
    )

    async def answer(drawn: tuple[Json, str]) -> None:
        lie, line = drawn
        if perf_counter() > until or not isinstance(lie.get("name"), str):
            return
        score.tried += 1
        body = json.dumps(lie.get("body"))
        fault = Fault(FaultKind.REFUSE, match=f"{lie['name']}*", status=200, body=body)
        office.focus.faults.add(fault)
        office.clock.move(seconds=1000)
        await office.olivia.types(STUDIO, f"/hours {line}")
        await office.at_rest()
        office.focus.faults.clear()
        office.sandbox.slack.world.stacks.pop("U0OLIVIA", None)

    async with heard() as told:
        await _given(st.tuples(broken(whole), st.sampled_from(lines)), answer, examples=examples)
    score.wrong += told.unhandled


# --------------------------------------------------------------------------- all


def unbaited(baits: Sequence[Bait]) -> set[str]:
    """Buttons and forms that nobody has thought about yet: neither worth stealing nor open to all."""
    tried = {bait.name for bait in baits}
    buttons = {each.name for each in ROUTES if isinstance(each, Button)}
    forms = {f"{each.callback_id} (form)" for each in ROUTES if isinstance(each, Form)}
    return (buttons | forms) - tried - OPEN_TO_ALL


async def abuse(*, seconds: float, examples: int = 3000) -> list[Goal]:
    """Each kind of it: forgeries all, broken things as many as there is time for; print what came of each."""
    scores = dict[str, Score]()

    def score(name: str) -> Score:
        scores[name] = Score()
        return scores[name]

    await _grammar(score("texts"), examples)
    async with abused() as office:
        baits = await laid_out(office)
        await steal(office, baits, score("an admin’s buttons and forms, without rights"))
        async with heard() as told:
            found = await gathered(office)
        genuine = score("genuine payloads, none of them called unreadable")
        genuine.wrong += told.unhandled + told.unread
        await _genuine(office, found, genuine)

        def in_time(share: float) -> float:
            return perf_counter() + share * seconds  # what must all be tried takes its own time

        forged = score("all of these by others, and buttons with values of others")
        await steal_everything(office, found, baits, forged, examples=examples, until=in_time(0.3))
        await _payloads(office, found, score("broken payloads over the socket"), examples, in_time(0.2))
        await _answers(office, score("broken answers from Focus"), examples // 3, in_time(0.25))
    async with abused(more=over_http()) as office:
        over = score("broken payloads over HTTP")
        await _payloads(office, found, over, examples, in_time(0.25))
    await rights(score("everybody at every entrance, and rights that are gone"))
    await forge(score("forged, stale, replayed requests"))
    print(
        table(
            f"Abuse ({len(baits)} buttons and forms about what is really there, each by five intruders)",
            ("sent", "tried", "wrong"),
            [(name, each.tried, len(each.wrong)) for name, each in scores.items()],
        )
    )
    for name, each in scores.items():
        for what, times in Counter(each.wrong).most_common(60):
            print(f"  ! {name}: {what} ({times} x)")
    wrong = sum(len(each.wrong) for each in scores.values())
    tried = sum(each.tried for each in scores.values())
    untried = [name for name, each in scores.items() if not each.tried] + sorted(unbaited(baits))
    return [
        Goal(f"of {tried:,} things sent, unhandled, gained or let in: {wrong}", not wrong),
        Goal(f"nothing left untried{': ' if untried else ''}{', '.join(untried)}", not untried),
    ]
