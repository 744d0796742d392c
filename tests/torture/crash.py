"""Processes killed at every step of what they do, hundreds of times, in one sandbox that lives on."""

from __future__ import annotations

import asyncio
import itertools
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from tests.bench.report import Goal, table
from tests.office import STUDIO, app_with
from tests.torture.books import Books
from tests.torture.doomed import EARLY, Doomed, Doomsday, doomed

__all__ = ["crash"]

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
READS = ("channels:history", "groups:history")
"""So that the bot may look whether a post has arrived: the sandbox's Slack knows no repeats here."""

TEAM = "<!subteam^S0EVERYONE|@everyone-team>"
CROWD = 7
DEAD_AFTER = 31.0
"""Seconds without a word after which a process counts as dead; a second look at Focus is as late."""

PATIENT = {"HOURS_RETENTION_DAYS": "10000", "HOURS_REMINDER_GRACE_MINUTES": "14400"}
"""Whole days pass at once, and no reminder may be left out for it."""

PAUSES = (*[DEAD_AFTER] * 5, 300.0, 1800.0, 3600.0)
"""Seconds that may pass until everything is settled."""

ENOUGH = 200
"""Rounds, hundreds of which were promised."""

KILLED_TWICE = 0.2
"""How often the process that settles is killed as well."""


@dataclass(slots=True)
class Stage:
    """What lives on while one process follows the other."""

    sandbox: Sandbox
    books: Books
    settings: dict[str, str]
    process: Doomed | None = None
    number: int = 0
    """Of the round."""
    turn: int = 0
    """Of the rounds of this scenario."""
    unhandled: list[str] = field(default_factory=list)
    early: int = 0
    """Requests acknowledged before they were on disk."""

    def remember(self, process: Doomed) -> None:
        """What a process had to say that is over now."""
        self.unhandled += process.unhandled
        self.early += process.early

    @property
    def doomed(self) -> Doomed:
        """The process that runs now."""
        assert self.process
        return self.process

    @property
    def hours(self) -> str:
        """What nobody had in the round before."""
        return f"{3 + self.number // 60 % 20}:{self.number % 60:02}"


Do = Callable[[Stage], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is done in a round: made ready in peace, and then done while death is near."""

    name: str
    ready: Do
    act: Do
    once_written: bool = False
    ways: int = 1
    """In how many ways it is done, one after the other: they take more steps, or fewer."""


@dataclass(slots=True)
class Score:
    """What came of a scenario."""

    rounds: int = 0
    killed: int = 0
    survived: int = 0
    """How often in a row there was no such step any more."""
    whole: bool = False
    """All steps have been reached: in none of its ways was there one more."""
    last_step: int = 0
    step: int = 1
    """At which the next one is killed."""
    steps: set[tuple[int, str]] = field(default_factory=set)
    faults: Counter[str] = field(default_factory=Counter)

    def count(self, scenario: Scenario, *, died: bool, at: Doomed) -> None:
        """One more round; the next one dies a step later, or there are no later steps."""
        self.rounds += 1
        self.killed += died
        self.last_step = max(self.last_step, self.step)
        self.survived = 0 if died else self.survived + 1
        if at.died:
            self.steps.add((self.step, at.died))
        if died:
            self.step += 1
        elif self.survived == scenario.ways:
            self.whole, self.survived, self.step = True, 0, 1


# --------------------------------------------------------------------- what is done


async def _nothing(_: Stage) -> None:
    """All is there."""


async def _change(stage: Stage, *, who: str) -> None:
    """A day set anew, one that was not set, and none of it again; typed in a channel, or to the bot."""
    lines = (f"set fri {stage.hours}, sat {stage.hours}", f"set mon {stage.hours}", "clear sat", "undo")
    line, human = lines[stage.turn % len(lines)], stage.sandbox.slack.human(who)
    if stage.turn % 3:
        await human.types(STUDIO, f"/hours {line}")
    else:
        await human.types(human.dm, line)


async def _dry_run(stage: Stage) -> None:
    olivia = stage.sandbox.slack.human("U0OLIVIA")
    before = len(olivia.messages(STUDIO))
    await olivia.types(STUDIO, f"/hours set {TEAM} mon {stage.hours}")
    await olivia.sees("would change", channel=STUDIO, after=before)


async def _apply(stage: Stage) -> None:
    olivia = stage.sandbox.slack.human("U0OLIVIA")
    await olivia.click(olivia.messages(STUDIO)[-1], "apply")


async def _plan(stage: Stage) -> None:
    """For tomorrow, by the clock of the person; the day after it is put back."""
    day = (stage.sandbox.clock.now() + timedelta(hours=3)).date() + timedelta(days=1)
    ben = stage.sandbox.slack.human("U0BEN")
    await ben.types(ben.dm, f"set {day:%a} {stage.hours} from {day} until {day}")


async def _planned(stage: Stage) -> None:
    """Every other time there is one that has begun, to be put back."""
    if stage.turn % 2:
        await _plan(stage)


async def _a_day_later(stage: Stage) -> None:
    stage.doomed.move(timedelta(days=1).total_seconds())


async def _reminders(stage: Stage) -> None:
    olivia = stage.sandbox.slack.human("U0OLIVIA")
    if not any("Created." in each.plain for each in olivia.messages(STUDIO)):
        for what in ("check", "board"):
            before = len(olivia.messages(STUDIO))
            await olivia.types(STUDIO, f"/hours remind weekdays 10:00 UTC {what}")
            await olivia.sees("Created.", channel=STUDIO, after=before)


async def _ten_oclock(stage: Stage) -> None:
    """Of the next working day."""
    now = stage.sandbox.clock.now()
    day = now.date() + timedelta(days=now.time() >= time(10))
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    stage.doomed.move((datetime.combine(day, time(10), UTC) - now).total_seconds())


SCENARIOS = (
    Scenario("change", _nothing, partial(_change, who="U0ANA"), ways=12),
    # By somebody else: what Slack brings again must not come between another's change and its recovery.
    Scenario("receipt", _nothing, partial(_change, who="U0ZOE"), once_written=True, ways=12),
    Scenario("bulk", _dry_run, _apply),
    Scenario("plan: made", _nothing, _plan),
    Scenario("plan: its day", _planned, _a_day_later, ways=2),
    Scenario("reminder", _reminders, _ten_oclock),
)


# ------------------------------------------------------------------------- rounds


async def crash(*, seconds: float, rounds: int | None = None, first_step: int = 1) -> list[Goal]:
    """Kill as often as there is time for, at later and later steps until none is left; print what came of it.

    With ``rounds`` so often at most, and nobody expects that to reach every step.
    """
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock(frozen_at=MONDAY)
        async with Sandbox(clock=clock, manifest=app_with(*READS), people=8 + CROWD) as sandbox:
            sandbox.slack.knows_repeats = False
            sandbox.slack.rate_limits = False
            sandbox.focus.quota.limit = 10**9
            database = Path(folder) / "hours.db"
            settings = {"DATABASE_PATH": str(database), **PATIENT}
            books = Books(sandbox, database)
            books.open()
            stage = Stage(sandbox, books, sandbox.environment() | settings)
            return await _rounds(stage, seconds=seconds, rounds=rounds, first_step=first_step)


async def _rounds(stage: Stage, *, seconds: float, rounds: int | None, first_step: int) -> list[Goal]:
    dice = random.Random(0)
    scores = {each.name: Score(step=first_step) for each in SCENARIOS}
    until, seen, stories = perf_counter() + seconds, set[str](), list[str]()

    def note(score: Score) -> None:
        for finding in stage.books.audit():
            if finding.text not in seen:
                seen.add(finding.text)
                score.faults[finding.fault] += 1
                stories.append(f"{finding.fault}: {finding.text}")

    score = Score()
    for stage.number in itertools.count() if rounds is None else range(rounds):
        if perf_counter() > until:
            break
        if dice.random() < KILLED_TWICE:
            async with doomed(stage.sandbox, stage.settings, day=Doomsday(dice.randint(1, 25))) as helpless:
                await helpless.rests()
        async with doomed(stage.sandbox, stage.settings) as stage.process:
            await stage.doomed.rests()
            await _settled(stage)
            note(score)
            scenario = _next(scores)
            score = scores[scenario.name]
            stage.turn = score.rounds
            score.count(scenario, died=not await _round(stage, scenario, score.step), at=stage.process)
            stage.remember(stage.process)
    async with doomed(stage.sandbox, stage.settings) as stage.process:
        await stage.doomed.rests()
        await _settled(stage)
        for _ in range(4):  # what was held back until the morning of a working day
            await stage.doomed.later(timedelta(days=1).total_seconds())
        await _settled(stage)
        note(score)
        stage.remember(stage.process)
    if stage.early:
        stories.insert(0, f"{stage.early} times {EARLY}: this machine was busy with something else")
    return _told(scores, stories, stage.unhandled, every_step=rounds is None)


def _next(scores: dict[str, Score]) -> Scenario:
    """One with steps that were never reached, while there is any; of these the one with fewest rounds."""
    return min(SCENARIOS, key=lambda each: (scores[each.name].whole, scores[each.name].rounds))


async def _settled(stage: Stage) -> None:
    """A new process does what is due; whoever is dead counts as dead after a while."""
    for pause in PAUSES:
        if not await stage.doomed.later(pause):
            raise RuntimeError(f"a process that nobody killed has died: {stage.doomed.died}")
        if not stage.books.unsettled():
            return


async def _round(stage: Stage, scenario: Scenario, step: int) -> bool:
    """Whether the process came through."""
    await scenario.ready(stage)
    await stage.doomed.later(1)
    stage.doomed.arm(Doomsday(step, once_written=scenario.once_written))
    acting = asyncio.create_task(scenario.act(stage))
    resting = asyncio.create_task(stage.doomed.rests())
    await asyncio.wait({acting, resting}, return_when=asyncio.FIRST_COMPLETED)
    if resting.done():
        # Slack waits a little for an acknowledgement that does not come, and says so.
        await asyncio.gather(acting, return_exceptions=True)
        return resting.result()
    await acting
    stage.doomed.disarm()
    return await resting


def _told(
    scores: dict[str, Score], stories: Sequence[str], unhandled: Sequence[str], *, every_step: bool
) -> list[Goal]:
    total = Counter[str]()
    rows: list[tuple[object, ...]] = []
    kinds = ("lost", "doubled", "unexplained")
    for name, score in scores.items():
        total += score.faults
        rows.append(
            (
                name, score.rounds, score.killed, len(score.steps), score.last_step,
                "yes" if score.whole else "no", *(score.faults[kind] for kind in kinds),
            )
        )  # fmt: skip
    heads = ("killed while", "rounds", "killed", "at steps", "up to", "all", *kinds)
    print(table("Crash: processes killed, and what the next one found", heads, rows))
    for story in [*stories, *unhandled][:20]:
        print(f"  ! {story}")
    rounds, killed = (
        sum(each.rounds for each in scores.values()),
        sum(each.killed for each in scores.values()),
    )
    return [
        Goal(
            f"{killed} processes killed in {rounds} rounds: {total['lost']} lost, {total['doubled']} doubled,"
            f" {total['unexplained']} unexplained",
            not total,
        ),
        Goal(f"errors that nobody caught: {len(unhandled)}", not unhandled),
        Goal(
            f"killed while: {', '.join(name for name, each in scores.items() if each.killed)}",
            all(each.killed for each in scores.values()),
        ),
        *(_reached(scores, rounds) if every_step else ()),
    ]


def _reached(scores: dict[str, Score], rounds: int) -> Iterator[Goal]:
    left = [f"{name} (beyond {each.last_step})" for name, each in scores.items() if not each.whole]
    yield Goal(f"every step reached{': all but ' if left else ''}{', '.join(left)}", not left)
    yield Goal(f"rounds, {ENOUGH} at least: {rounds}", rounds >= ENOUGH)
