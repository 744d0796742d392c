"""Whatever the weeks and the pattern: undoing a batch restores every week to the last digit, and no other."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

import store as stores
from bot.sandbox.clock import Clock
from bot.sandbox.focus import Focus
from handlers.views.lists import Item, grouped, listed
from store.access import Policy
from store.act import Act, Kind, State
from store.focus import BearerAuth, Numbering
from store.hours import NotCurrentError
from store.week import ALL_DAYS, OFF, Clause, DayNamedTwiceError, Pattern, Subject, Week
from tests.asking import Asker, in_focus
from tests.conftest import NO_TLS

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PEOPLE = [Subject("person", number) for number in range(501, 509)]

amounts = st.just(OFF) | st.decimals(min_value=0, max_value=24, places=4) | st.integers(0, 24).map(Decimal)
hours = st.none() | amounts
weeks = st.builds(Week, st.tuples(*[hours] * 7))
some_days = st.lists(st.sampled_from(ALL_DAYS), unique=True, min_size=1).map(tuple)
clauses = st.builds(Clause, st.none() | some_days, hours, if_set=st.booleans())
patterns = st.builds(Pattern, st.lists(clauses, min_size=1, max_size=3).map(tuple), only=st.booleans())


@asynccontextmanager
async def olivia(folder: str) -> AsyncIterator[tuple[Asker, Focus]]:
    """Somebody who may everything, with a local Focus and a database of their own."""
    clock = Clock(frozen_at=NOW)
    focus = Focus(clock=clock, quota=100_000)
    app = web.Application()
    focus.add_routes(app, prefix="")
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    config = stores.Config(
        team_id="T0SANDBOX",
        database=Path(folder) / "hours.db",
        focus_url=f"http://127.0.0.1:{runner.addresses[0][1]}",
        focus_auth=BearerAuth(focus.key),
        organization_id=focus.organization_id,
        workspace_id=focus.workspace_id,
        weekdays=Numbering.SUNDAY0,
        policy=Policy(admins=frozenset({"U0OLIVIA"})),
    )
    async with httpx.AsyncClient(trust_env=False, verify=NO_TLS) as http:
        store = await stores.open(config, http=http, clock=clock)
        for verb in ("POST", "PUT", "DELETE"):
            await store.weekdays.prove(verb, now=NOW)
        try:
            yield Asker(store, clock), focus
        finally:
            await store.close()
            await runner.cleanup()


async def worked_off(asker: Asker, act: Act) -> Act:
    """What the clockwork does, until the queue is empty."""
    while due := await asker.due():
        for change in due:
            await asker.resume(change)
    return await asker.get(act.id)


@settings(max_examples=25)
@given(
    before=st.lists(weeks, min_size=len(PEOPLE), max_size=len(PEOPLE)),
    pattern=patterns,
    touched=st.dictionaries(st.sampled_from(PEOPLE), weeks, max_size=3),
)
def test_undo_of_a_batch_restores_every_week_but_those_changed_since(
    before: list[Week], pattern: Pattern, touched: dict[Subject, Week]
) -> None:
    async def story() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with olivia(folder) as (asker, focus):
                put(focus, dict(zip(PEOPLE, before, strict=True)))
                was = {each: in_focus(focus, each) for each in PEOPLE}
                wishes = [await asker.wish(each, pattern) for each in PEOPLE]
                act = await asker.store.hours.change(asker.request(), *wishes, kind=Kind.BULK)
                act = await worked_off(asker, act)
                check(act, dict(zip(PEOPLE, before, strict=True)), focus)
                put(focus, touched)
                left = {each: in_focus(focus, each) for each in PEOPLE}
                if not any(change.written for change in act.changes):
                    return
                undo = await asker.undo(act.id)
                for change in (await worked_off(asker, undo)).changes:
                    kept = change.state is State.CONFLICT
                    assert kept <= (change.subject in touched)
                    back = left if kept else was
                    if change.subject not in touched or kept:
                        assert in_focus(focus, change.subject) == back[change.subject]

    asyncio.run(story())


def put(focus: Focus, weeks_of: dict[Subject, Week]) -> None:
    """Somebody writes whole weeks on Focus's own page."""
    for subject, week in weeks_of.items():
        focus.put_rows("user", subject.id, {int(day): amount for day, amount in week})


def check(act: Act, before: dict[Subject, Week], focus: Focus) -> None:
    """Each change came to what the pattern makes of its week."""
    for change in act.changes:
        week = before[change.subject]
        try:
            wanted = change.pattern.on(week)
        except DayNamedTwiceError:
            assert change.state is State.FAILED
            wanted = week
        else:
            assert change.state is (State.UNCHANGED if wanted == week else State.APPLIED)
        assert focus.week("user", change.subject.id) == {
            int(day): amount for day, amount in wanted if amount is not None
        }


@given(st.lists(st.tuples(st.text(min_size=1, max_size=40), st.sampled_from(["a", "b" * 300])), max_size=400))
def test_long_lists_fit_slack_and_count_everybody(pairs: list[tuple[str, str]]) -> None:
    items = grouped(pairs)
    assert sum(item.people for item in items) == len(pairs)
    blocks = [block.to_dict() for block in listed("Names", items)]
    assert len(blocks) <= 7
    assert all(len(block["text"]["text"]) <= 3000 for block in blocks if block["type"] == "section")


def test_what_does_not_fit_is_counted() -> None:
    items = [Item("x" * 1000, people=3)] * 30
    blocks = [block.to_dict() for block in listed("Names", items, paragraphs=2)]
    shown = sum(block["text"]["text"].count("•") for block in blocks if block["type"] == "section")
    assert blocks[-1]["elements"][0]["text"] == f"and {3 * (30 - shown)} more"


async def test_nothing_written_is_nothing_to_undo() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with olivia(folder) as (asker, focus):
            del focus
            wishes = [await asker.wish(each, Pattern((Clause((), OFF),))) for each in PEOPLE]
            act = await worked_off(asker, await asker.store.hours.change(asker.request(), *wishes))
            with pytest.raises(NotCurrentError):
                await asker.undo(act.id)
