"""Others' buttons and forms, pressed by those who may not: nothing is changed, nothing is shown.

The same press by the admin has to act each time: else nothing would have been tried.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from store.database import Sql
from store.weekdays import Lock
from tests.office import STUDIO, Office
from tests.torture.baits import Bait
from tests.torture.payloads import Captured
from tests.torture.scores import Heard, Score, heard
from tests.torture.sending import send

__all__ = ["INTRUDERS", "Kept", "snapshot", "steal", "steal_everything"]

INTRUDERS = ("U0ANA", "U0ZOE", "U0GUEST", "U0STRANGER", "U0TOM")
"""A member, a manager of Ana alone, a guest, somebody of another organization, somebody without a link."""

HOURS = "5:33"
SECRETS = (HOURS, "ben@example.com", "mia@example.com")
"""What only managers see, with HOURS_VIEW=managers: Ben's hours, and people's addresses."""

KEPT = {
    "grants": "SELECT manager, scope, until FROM grants",
    "links": "SELECT slack_user_id, focus_user_id FROM links",
    "unlinked": "SELECT slack_user_id, focus_user_id FROM unlinked",
    "people": "SELECT focus_user_id, name, email FROM people",
    "leavers": "SELECT slack_user_id, decision FROM leavers",
    "reminders": "SELECT reminder_id, owner, state, schedule, kind FROM reminders WHERE owner IN ('U0OLIVIA',"
    " 'U0MIA')",
    "runs": "SELECT run_id, reminder_id, state FROM runs",
    "plans": "SELECT plan_id, planner, state, pattern, first FROM plans"
    " WHERE subject NOT IN ('person:501', 'person:507')",
    "changes": "SELECT change_id, changes.state FROM changes JOIN acts USING (act_id)"
    " LEFT JOIN links ON links.slack_user_id = actor AND subject = 'person:' || focus_user_id"
    " WHERE changes.state <> 'unchanged' AND subject NOT IN ('person:501', 'person:507')"
    " AND links.slack_user_id IS NULL",
    "drafts": "SELECT draft_id, state, decided_by FROM drafts WHERE owner IN ('U0OLIVIA', 'U0MIA')"
    " OR decided_by <> owner",
    "confirmations": "SELECT subject, week FROM confirmations"
    " WHERE subject NOT IN ('person:501', 'person:507')",
    "snoozes": "SELECT slack_user_id FROM snoozes WHERE slack_user_id IN ('U0BEN', 'U0MIA', 'U0OLIVIA')",
    "undone": "SELECT act_id FROM acts WHERE undone_by IS NOT NULL AND actor IN ('U0OLIVIA', 'U0MIA')",
    "facts": "SELECT name, value FROM facts WHERE name IN ('write_lock', 'weekdays', 'weekdays_confirmed_by',"
    " 'weekdays_guess', 'first_run_over')",
}
"""Whatever somebody without rights must not be able to change, beside the weeks.

Two of the intruders have rights as well: to their own week (507 is Zoe), and to Ana's (501). Tom (506) has
once an admin has linked him.
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """How all of it stands."""

    weeks: Mapping[str, str]
    rows: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, office: Office) -> Kept:
        weeks = {f"{line.kind}:{line.id}": " ".join(map(str, line.days)) for line in office.focus.summary()}
        with closing(sqlite3.connect(office.settings.database_path)) as sql:
            rows = {name: sorted(map(str, sql.execute(query))) for name, query in KEPT.items()}
        return cls(weeks, rows)

    def changed(
        self, now: Kept, *, own: Iterable[str] = ("user:501", "user:506", "user:507")
    ) -> Iterator[str]:
        """What is different, one's own weeks aside."""
        for subject, week in self.weeks.items():
            if subject not in set(own) and now.weeks[subject] != week:
                yield f"{subject}: {week} → {now.weeks[subject]}"
        for table, rows in self.rows.items():
            if now.rows[table] != rows:
                yield f"{table}: {sorted(set(rows) ^ set(now.rows[table]))}"


# ----------------------------------------------------------------------------- stealing


async def steal(office: Office, baits: Sequence[Bait], score: Score) -> None:
    """Each bait by all intruders, then by the admin; whatever came of it is put back."""
    there = await snapshot(office)
    for bait in baits:
        await _made_ready(office, bait)
        before = Kept.of(office)
        async with heard() as told:
            secrets = [_secrets(office, user_id) for user_id in INTRUDERS]
            await asyncio.gather(*(send(office, bait.sent, by=user_id) for user_id in INTRUDERS))
            await office.at_rest()
        score.tried += len(INTRUDERS)
        score.wrong += [f"{bait.name}: {each}" for each in before.changed(Kept.of(office))]
        score.wrong += [f"{bait.name}: {each}" for each in told.unhandled]
        for user_id, then in zip(INTRUDERS, secrets, strict=True):
            score.wrong += [f"{bait.name}: {each}" for each in _shown(office, bait, user_id, then, told)]
        await there.put_back(office)
        if not await _acts_for(office, bait):
            score.wrong.append(f"{bait.name}: the admin’s own press does nothing, so nothing was tried")
        await there.put_back(office)


async def steal_everything(
    office: Office,
    found: Sequence[Captured],
    baits: Sequence[Bait],
    score: Score,
    *,
    examples: int,
    until: float,
) -> None:
    """All that anybody has sent, by everybody else; and each bait's button with the value of another."""
    found = [_without_secrets(each) for each in found]
    once = {(each.kind, each.name, json.dumps(_said(each.payload))): each for each in found}
    sent = [_without_secrets(bait.sent) for bait in baits]
    values = sorted({str(_said(each.payload)) for each in sent})
    buttons = [each for each in sent if each.payload.get("actions")]
    mixed = [_holding(each, value) for each in buttons for value in values]
    dice = random.Random(0)
    dice.shuffle(mixed)
    before, secrets = Kept.of(office), [_secrets(office, user_id) for user_id in INTRUDERS]
    async with heard() as told:
        for each in [*once.values(), *mixed][:examples]:
            if perf_counter() > until:
                break
            score.tried += len(INTRUDERS)
            await asyncio.gather(*(send(office, each, by=user_id) for user_id in INTRUDERS))
        await office.at_rest()
    score.wrong += [*before.changed(Kept.of(office)), *told.unhandled]
    for user_id, then in zip(INTRUDERS, secrets, strict=True):
        now = _secrets(office, user_id)
        score.wrong += [f"{user_id} was told {secret}" for secret in SECRETS if now[secret] > then[secret]]


def _said(payload: Mapping[str, Any]) -> object:
    """What a payload is about: a button's value, a form's metadata, a line."""
    if actions := payload.get("actions"):
        return actions[0].get("value")
    return payload.get("text") or payload.get("view", {}).get("private_metadata") or payload.get("event")


def _without_secrets(each: Captured) -> Captured:
    """What is not understood or not done may be shown to whoever sent it, as if it were told."""
    return Captured(each.kind, json.loads(json.dumps(each.payload).replace(HOURS, "4:44")))


def _holding(each: Captured, value: str) -> Captured:
    payload = deepcopy(each.payload)
    payload["actions"][0]["value"] = value
    return Captured(each.kind, payload)


async def _acts_for(office: Office, bait: Bait) -> bool:
    """Whether the admin whose it is can do something with it."""
    olivia = office.olivia.id
    await _made_ready(office, bait)
    before, then = Kept.of(office), _secrets(office, olivia)
    async with heard() as told:
        await send(office, bait.sent, by=olivia)
        await office.at_rest()
    if bait.shows:
        return any(True for _ in _shown(office, bait, olivia, then, told))
    return any(True for _ in before.changed(Kept.of(office), own=()))


def _shown(office: Office, bait: Bait, user_id: str, then: Counter[str], told: Heard) -> Iterator[str]:
    """What this person was told or shown that is not for everybody."""
    now = _secrets(office, user_id)
    yield from (f"{user_id} was told {secret}" for secret in SECRETS if now[secret] > then[secret])
    if bait.shows == "form":
        outcomes = {outcome for who, outcome in told.outcomes if who == user_id}
        if outcomes == {"done"}:
            yield f"{user_id} was shown it"


def _secrets(office: Office, user_id: str) -> Counter[str]:
    """How often each secret stands in what the bot has told this person, in whichever way."""
    counted, human = Counter[str](), office.slack.human(user_id)
    for view in (human.modal, human.home):
        if view is not None:
            counted.update({secret: json.dumps(view.definition).count(secret) for secret in SECRETS})
    for message in human.messages(STUDIO) + human.messages(human.dm):
        if message.user != user_id:
            counted.update({secret: message.plain.count(secret) for secret in SECRETS})
    return counted


async def _made_ready(office: Office, bait: Bait) -> None:
    """Things stand as when it is offered; nobody has a form open."""
    office.sandbox.slack.world.stacks.clear()
    weekdays, now = office.bot.desk.store.weekdays, office.clock.now()
    if bait.lock == "unproven":
        await weekdays._facts.put("weekdays", None, now=now)
    elif bait.lock:
        await weekdays.lock_writes(Lock(bait.lock), now=now)

    def ready(sql: Sql) -> None:
        for statement, *values in bait.ready:
            sql.conn.execute(statement, values)

    await office.bot.desk.store.journal._database.write(ready)


# ------------------------------------------------------------------------- putting back


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything as it was, in the database and in Focus."""

    tables: Mapping[str, Sequence[tuple[object, ...]]]
    weeks: Mapping[tuple[str, int], Mapping[int, object]]

    async def put_back(self, office: Office) -> None:
        """As though nothing had happened since."""

        def back(sql: Sql) -> None:
            sql.conn.execute("PRAGMA defer_foreign_keys = ON")
            for table, found in self.tables.items():
                sql.conn.execute(f"DELETE FROM {table}")  # noqa: S608 - ours
                if found:
                    places = ", ".join("?" * len(found[0]))
                    sql.conn.executemany(f"INSERT INTO {table} VALUES ({places})", found)  # noqa: S608 - ours

        store = office.bot.desk.store
        await store.journal._database.write(back)
        await store.weekdays._facts.load()
        office.bot.desk.people.forget("U0BEN")
        for (kind, number), week in self.weeks.items():
            there = office.focus.week(kind, number)  # type: ignore[arg-type]  # one of the two kinds
            if there != week:
                days = {day: week.get(day) for day in range(1, 8)}
                office.focus.put_rows(kind, number, days)  # type: ignore[arg-type]  # the same


async def snapshot(office: Office) -> Snapshot:
    """How everything is now."""

    def read(sql: Sql) -> dict[str, list[tuple[object, ...]]]:
        names = [
            name
            for (name,) in sql.conn.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
                " AND name NOT LIKE '%migrations'"
            )
        ]
        return {name: [tuple(row) for row in sql.conn.execute(f"SELECT * FROM {name}")] for name in names}  # noqa: S608 - ours

    tables = await office.bot.desk.store.journal._database.read(read)
    subjects = [("user", number) for number in office.focus.book.people]
    subjects += [("ghost", number) for number in office.focus.book.ghosts]
    weeks = {each: office.focus.week(*each) for each in subjects}  # type: ignore[arg-type]  # as above
    return Snapshot(tables, weeks)
