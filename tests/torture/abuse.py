"""What nobody means well with: broken, foreign, forged or stolen: nothing breaks, nothing is gained."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import random
import socket
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any
from unittest import mock
from urllib.parse import urlencode

import aiohttp
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.manifest import HTTP_PATH
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human, Slack
from bot.socket_mode import SocketConnection
from handlers import ROUTES
from handlers.asked import Problem
from handlers.grammar import command, parse
from handlers.routes import Button
from tests.bench.report import Goal, table
from tests.office import STUDIO, Office, open_office
from tests.test_grammar_properties import TEXTS
from tests.torture.payloads import Captured, gathered, names

__all__ = ["abuse"]

Json = Any
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
INTRUDERS = ("U0ANA", "U0GUEST", "U0STRANGER", "U0TOM")
"""A member, a guest, somebody of another organization, somebody without a link: none may change others."""

SECRETS = ("5:33", "5.55", "ben@example.com", "mia@example.com")
"""What only managers see, with HOURS_VIEW=managers: Ben's hours, and people's addresses."""

FOREIGN: tuple[Json, ...] = (
    None, True, 0, -1, 10**20, 1.5, "", " ", "null", "[]", "{}", "U0BEN", "U0NOBODY", "C0ARCHIVED",
    "person:503", "person:999", "placeholder:701", "person:", "T0OTHER", "D0NOBODY", "2026-02-30", "%s%n",
    "'; DROP TABLE acts; --", "\x00", "\ud800", "x" * 4000, "<!channel>", [], {}, [None], [[]], {"id": None},
    {"value": 3},
)  # fmt: skip
"""Values of the wrong kind, of other people, of nobody."""


# ---------------------------------------------------------------------- measuring


@dataclass(slots=True)
class Score:
    """One kind of abuse."""

    tried: int = 0
    wrong: list[str] = field(default_factory=list)


class _Unhandled(logging.Handler):
    """Errors in the log are what nobody caught."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        told = f"{record.name}: {record.getMessage()[:200]}"
        if record.exc_info and record.exc_info[1]:
            error, trace = record.exc_info[1], record.exc_info[2]
            while trace and trace.tb_next:
                trace = trace.tb_next
            where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
            told = f"{type(error).__name__} in {where}: {str(error)[:80]}"
        self.seen.append(told)


@asynccontextmanager
async def _unhandled(score: Score) -> AsyncIterator[None]:
    handler = _Unhandled()
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        score.wrong += handler.seen


@asynccontextmanager
async def _office(**more: str) -> AsyncIterator[Office]:
    """Ben's hours are none that anybody else has."""
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock(frozen_at=MONDAY)
        async with open_office(Path(folder), clock=clock, settings=more) as office:
            office.slack.rate_limits = False
            office.focus.quota.limit = 10**9
            office.slack.channels[STUDIO].members.append("U0STRANGER")
            await office.until_waiting(0)
            yield office


def _send(office: Office, each: Captured) -> Coroutine[Any, Any, None]:
    """As it comes out of a socket; until all that it led to is over."""

    async def send() -> None:
        envelope = SocketModeRequest(type=each.kind, envelope_id="e", payload=each.payload)
        client = mock.AsyncMock(logger=logging.getLogger("slack_bolt"))
        assert isinstance(office.bot.connection, SocketConnection)
        await office.bot.connection._dispatch(client, envelope)
        async with asyncio.timeout(20):
            await office.bot.desk.work.idle()

    return send()


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


# ------------------------------------------------------------------------- broken


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
    kinds = {id(each.payload): each.kind for each in found}
    whole = [{"kind": kinds[id(each.payload)], "payload": each.payload} for each in found]

    async def send(drawn: Json) -> None:
        if perf_counter() > until:
            return
        score.tried += 1
        if isinstance(drawn.get("payload"), dict):
            await _send(office, Captured("interactive", drawn["payload"]))

    async with _unhandled(score):
        await _given(broken(whole), send, examples=examples)


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

    async with _unhandled(score):
        await _given(st.tuples(broken(whole), st.sampled_from(lines)), answer, examples=examples)


# ------------------------------------------------------------------------- forged


async def _signatures(score: Score) -> None:
    """Signed by somebody else, long ago, for the future, for another body, twice, or not at all."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    http = {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": Slack.signing_secret, "PORT": str(port)}
    async with _office(**http) as office, aiohttp.ClientSession() as session:
        body = urlencode(
            {
                "command": "/hours", "text": "set fri 1", "user_id": "U0OLIVIA", "team_id": "T0SANDBOX",
                "channel_id": STUDIO, "response_url": f"{office.sandbox.url}/respond/x", "trigger_id": "1.2",
            }
        )  # fmt: skip

        now = int(time.time())  # a replay has the time of what it repeats

        async def status(*, age: int = 0, secret: str = Slack.signing_secret, sent: str = body) -> int:
            at = str(now - age)
            signature = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Slack-Request-Timestamp": at,
                "X-Slack-Signature": f"v0={signature}",
            }
            async with session.post(office.page(HTTP_PATH), data=sent, headers=headers) as answer:
                return answer.status

        genuine = await status()
        await office.bot.desk.work.idle()
        before = office.sandbox.log.total
        tried = {
            "forged": await status(secret="of somebody else"),
            "stale": await status(age=600),
            "of the future": await status(age=-600),
            "another body": await status(sent=body.replace("fri+1", "fri+2")),
            "replayed": await status(),
        }
        await office.bot.desk.work.idle()
        score.tried = len(tried)
        score.wrong += [f"{name}: {code}" for name, code in tried.items() if code != 401]
        score.wrong += [f"a genuine one: {genuine}"] if genuine != 200 else []
        score.wrong += ["Focus was asked"] if office.focus_calls(after=before) else []


# ------------------------------------------------------------------------- stolen


@dataclass(frozen=True, slots=True)
class _Kept:
    """Whatever somebody without rights must not be able to change."""

    weeks: Mapping[str, str]
    rows: Mapping[str, Sequence[Any]]

    @classmethod
    def of(cls, office: Office) -> _Kept:
        weeks = {f"{line.kind}:{line.id}": " ".join(map(str, line.days)) for line in office.focus.summary()}
        tables = {
            "grants": "SELECT manager, scope, until FROM grants",
            "links": "SELECT slack_user_id, focus_user_id FROM links",
            "unlinked": "SELECT slack_user_id, focus_user_id FROM unlinked",
            "reminders": "SELECT reminder_id, owner, state, schedule, channel FROM reminders",
            "plans": "SELECT plan_id, state, first, last, pattern FROM plans",
            "writes": "SELECT value FROM facts WHERE name IN ('lock', 'numbering')",
            "runs": "SELECT run_id, state FROM runs",
            "undone": "SELECT act_id FROM acts WHERE undone_by IS NOT NULL",
        }
        with closing(sqlite3.connect(office.settings.database_path)) as sql:
            rows = {name: sorted(map(str, sql.execute(query))) for name, query in tables.items()}
        return cls(weeks, rows)

    def changed(self, now: _Kept, own: str | None) -> Iterator[str]:
        """What is different, one's own week aside."""
        for subject, week in self.weeks.items():
            if subject != own and now.weeks[subject] != week:
                yield f"{subject}: {week} → {now.weeks[subject]}"
        for table_, rows in self.rows.items():
            if now.rows[table_] != rows:
                yield f"{table_}: {set(rows) ^ set(now.rows[table_])}"


def _values(found: Sequence[Captured], office: Office) -> list[str]:
    """What buttons of others hold, and the ids of everything that there is."""
    held = {
        str(action.get("value"))
        for each in found
        for action in each.payload.get("actions", ())
        if action.get("value")
    }
    with closing(sqlite3.connect(office.settings.database_path)) as sql:
        for column, name in (
            ("act_id", "acts"), ("change_id", "changes"), ("plan_id", "plans"), ("batch_id", "plans"),
            ("reminder_id", "reminders"), ("draft_id", "drafts"),
        ):  # fmt: skip
            held |= {str(row[0]) for row in sql.execute(f"SELECT {column} FROM {name}")}  # noqa: S608 - ours
    subjects = {"person:503", "placeholder:701", "U0BEN", "U0MIA", "503", "U0MIA everyone", "everyone"}
    return sorted(held | subjects)


def _stolen(found: Sequence[Captured], values: Sequence[str]) -> Iterator[Captured]:
    """What others could send, and every button there is with everything that any of them holds."""
    yield from found
    template = next(
        each.payload for each in found if each.payload.get("actions") and "message" not in each.payload
    )
    for route in ROUTES:
        if isinstance(route, Button):
            for value in values:
                payload = deepcopy(template)
                payload["actions"] = [
                    {"type": "button", "block_id": "b", "action_id": name, "value": value, "action_ts": "1.2"}
                    for name in (route.name if "-" in value else f"{route.name}:{value}"[:255],)
                ]
                yield Captured("interactive", payload)
    for each in found:
        if each.payload.get("type") == "view_submission":
            for value in values:
                payload = deepcopy(each.payload)
                hidden = str(payload["view"]["private_metadata"])
                for own in ("person:501", "person:502", "U0ANA", "U0OLIVIA"):
                    hidden = hidden.replace(own, value)
                payload["view"]["private_metadata"] = hidden or value
                yield Captured("interactive", payload)


async def _tampering(
    office: Office, found: Sequence[Captured], score: Score, examples: int, until: float
) -> None:
    """All intruders at once, each with everything."""
    await office.at_rest()
    stolen = list(_stolen(found, _values(found, office)))
    random.Random(0).shuffle(stolen)
    intruders = [office.slack.human(user_id) for user_id in INTRUDERS]
    before, heard = _Kept.of(office), [_heard(office, human) for human in intruders]

    async def press(human: Human) -> None:
        world = office.sandbox.slack.world
        for each in stolen[: examples // len(INTRUDERS)]:
            if perf_counter() > until:
                return
            score.tried += 1
            sent = each.by(human)
            if "trigger_id" in sent.payload:
                sent.payload["trigger_id"] = world.issue_trigger(human.id)
            if "response_url" in sent.payload:
                sent.payload["response_url"] = world.issue_response_url(human.id, STUDIO)
            await _send(office, sent)

    async with _unhandled(score):
        await asyncio.gather(*map(press, intruders))
        await office.at_rest()
    score.wrong += before.changed(_Kept.of(office), own="user:501")  # a member's own week is theirs to change
    for human, then in zip(intruders, heard, strict=True):
        now = _heard(office, human)
        score.wrong += [f"{human.id} was told {secret}" for secret in SECRETS if now[secret] > then[secret]]


def _heard(office: Office, human: Human) -> Counter[str]:
    """How often each secret stands in what the bot has told this person, in whichever way."""
    counted = Counter[str]()
    for call in office.sandbox.log.calls:
        if call.direction == "in" and call.service == "slack":
            told = json.dumps(call.request)
            if human.id in told or human.dm in told or call.name == "response_url":
                counted.update({secret: told.count(secret) for secret in SECRETS})
    for message in human.messages(STUDIO) + human.messages(human.dm):
        if message.user != human.id:
            counted.update({secret: message.plain.count(secret) for secret in SECRETS})
    return counted


# --------------------------------------------------------------------------- all


async def abuse(*, seconds: float, examples: int = 3000) -> list[Goal]:
    """Each kind of it, with so many examples and so much time at most; print what came of each."""
    scores = dict[str, Score]()

    def score(name: str) -> Score:
        scores[name] = Score()
        return scores[name]

    await _grammar(score("texts"), examples)
    async with _office(HOURS_VIEW="managers", HOURS_CACHE_SECONDS="1") as office:
        found = await gathered(office)
        pressable = {each.name for each in ROUTES if isinstance(each, Button)}
        shown = len(pressable & names(found))
        began = perf_counter()  # not before: what is there to be stolen takes its own time to gather
        stolen, broken_, false = (began + share * seconds for share in (0.4, 0.75, 1))
        await _tampering(office, found, score("others’ buttons and forms, without rights"), examples, stolen)
        await _payloads(office, found, score("broken payloads from Slack"), examples, broken_)
        await _answers(office, score("broken answers from Focus"), examples // 3, false)
    await _signatures(score("forged, stale, replayed requests"))
    print(
        table(
            f"Abuse ({shown} of {len(pressable)} buttons gathered from screens, all of them forged)",
            ("sent", "tried", "wrong"),
            [(name, each.tried, len(each.wrong)) for name, each in scores.items()],
        )
    )
    for name, each in scores.items():
        for what, times in Counter(each.wrong).most_common(60):
            print(f"  ! {name}: {what} ({times} x)")
    wrong = sum(len(each.wrong) for each in scores.values())
    tried = sum(each.tried for each in scores.values())
    untried = [name for name, each in scores.items() if not each.tried]
    return [
        Goal(f"of {tried:,} things sent, unhandled, gained or let in: {wrong}", not wrong),
        Goal(f"nothing left untried{': ' if untried else ''}{', '.join(untried)}", not untried),
    ]
