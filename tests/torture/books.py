"""Focus's rows, the journal and what Slack shows, laid side by side: they have to tell one story."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeVar

from bot.sandbox import Sandbox
from bot.sandbox.calls import Call
from bot.sandbox.focus.book import Row
from bot.sandbox.slack import Message
from tests.torture.telling import differing, told_in

__all__ = ["Books", "Finding"]

TOLD = ("receipt", "notice", "restarted", "planned", "plan")
"""Kinds of messages that somebody waits for."""

WRITES = ("set", "clear", "undo", "apply")
"""Words and buttons with which the torture asks for a change."""

T = TypeVar("T")

_SUBJECT = re.compile(r"/workinghours/(user|ghost)s/(\d+)")
_KINDS = {"user": "person", "ghost": "placeholder"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing on which the three do not agree."""

    fault: Literal["lost", "doubled", "unexplained"]
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that would write: by whom, what, and Slack's own name for the time it was made."""

    user_id: str
    said: str
    once: str

    @classmethod
    def of(cls, payload: Any) -> Asked | None:
        """The request in what Slack sends; ``None`` where there is none, or it only looks."""
        match payload:
            case {"command": _, "text": str(text), "user_id": str(user_id), "trigger_id": once}:
                pass
            case {
                "event_id": once,
                "event": {"type": "message", "channel_type": "im", "text": str(text), **event},
            }:
                user_id = str(event.get("user"))
            case {
                "type": "block_actions",
                "trigger_id": once,
                "user": {"id": user_id},
                "actions": [action, *_],
            }:
                text = f"{str(action['action_id']).partition(':')[0]} {action.get('value')}"
            case _:
                return None
        only_shows = "<!subteam" in text or text.count("<@") > 1  # a preview for several
        writes = text.partition(" ")[0] in WRITES and not only_shows
        return cls(user_id, text, str(once)) if writes else None


def _said(request: dict[str, Any]) -> str:
    """The same of an act, as the journal keeps its request."""
    return str(request.get("text") or f"{request.get('press')} {request.get('value')}")


@dataclass(slots=True)
class Books:
    """Begun while nothing has been written yet."""

    sandbox: Sandbox
    database: Path
    _wrote: Counter[str] = field(default_factory=Counter)
    _weeks: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    _rows: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    acknowledged: list[Asked] = field(default_factory=list)
    """What Slack was told has arrived, and would have written; all of it."""
    _open: list[Asked] = field(default_factory=list)
    _acts: set[str] = field(default_factory=set)
    _records: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Acts whose acknowledgement has not been seen yet: Slack may bring again what is recorded already."""
    _told: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def open(self) -> None:
        """From now on every write to Focus is noted."""
        focus = self.sandbox.focus
        for kind, numbers in (("user", focus.book.people), ("ghost", focus.book.ghosts)):
            for number in numbers:
                self._weeks[f"{_KINDS[kind]}:{number}"] = self._week(kind, number)
                self._rows[f"{_KINDS[kind]}:{number}"] = self._rows_of(kind, number)
        self._told = {user_id: self._to(user_id) for user_id in self.sandbox.slack.people}
        self.sandbox.log.subscribe(self._note)

    def unsettled(self) -> bool:
        """Whether something has still to be found out, tried again or told."""
        with closing(self._read()) as sql:
            tried = sql.execute("SELECT 1 FROM outbox WHERE shown < version AND failure IS NOT NULL")
            return tried.fetchone() is not None or any(True for _ in self._left(sql))

    def audit(self) -> list[Finding]:
        """Everything that does not fit; nothing is under way."""
        with closing(self._read()) as sql:
            return [
                *(Finding("lost", text) for text in self._left(sql)),
                *self._acknowledged_are_kept(sql),
                *self._weeks_agree(sql),
                *self._writes_agree(sql),
                *self._messages_agree(sql),
                *self._runs_agree(sql),
                *self._plans_agree(sql),
            ]

    # ------------------------------------------------------------------ parts

    def _left(self, sql: sqlite3.Connection) -> Iterator[str]:
        """What somebody still waits for."""
        now = self.sandbox.clock.now().isoformat()
        for row in sql.execute(
            "SELECT act_id FROM acts WHERE state = 'received' AND NOT EXISTS"
            " (SELECT 1 FROM outbox WHERE kind = 'restarted' AND about = act_id)"
        ):
            yield f"request {row['act_id']} was received, and nobody was told"
        for row in sql.execute(
            "SELECT change_id, subject, state, trouble FROM changes"
            " WHERE state IN ('started', 'unclear', 'waiting')"
        ):
            yield f"change {row['change_id']} of {row['subject']} is {row['state']} ({row['trouble']})"
        for row in sql.execute("SELECT message_id FROM outbox WHERE shown < version AND due_at <= ?", (now,)):
            yield f"message {row['message_id']} was not sent"
        for row in sql.execute("SELECT run_id, state FROM runs WHERE state IN ('claimed', 'ready')"):
            yield f"run {row['run_id']} is {row['state']}"

    def _acknowledged_are_kept(self, sql: sqlite3.Connection) -> Iterator[Finding]:
        """What was acknowledged since the last look became an act, or its asker has an answer."""
        for row in sql.execute("SELECT act_id, actor, request FROM acts"):
            if row["act_id"] not in self._acts:
                self._acts.add(row["act_id"])
                self._records[row["actor"], _said(json.loads(row["request"]))] += 1
        told = {user_id: self._to(user_id) for user_id in self.sandbox.slack.people}
        answers = Counter({user_id: len(told[user_id] - self._told.get(user_id, set())) for user_id in told})
        for each in self._open:
            kept = _taken(self._records, (each.user_id, each.said))
            if not (kept or _taken(answers, each.user_id)):
                yield Finding("lost", f"{each.user_id}’s “{each.said}” was acknowledged and forgotten")
        self._open, self._told = [], told

    def _to(self, user_id: str) -> set[tuple[str, str]]:
        """What the bot has told somebody, as it stands now."""
        human = self.sandbox.slack.human(user_id)
        private = [each for each in human.messages(human.dm) if each.user != user_id]
        posted = [each for messages in self._all_posts() for each in messages if each.ephemeral_to == user_id]
        return {(each.ts, each.plain) for each in private + posted}

    def _weeks_agree(self, sql: sqlite3.Connection) -> Iterator[Finding]:
        expected = dict(self._weeks)
        for row in sql.execute(
            "SELECT subject, state, wanted, found FROM changes WHERE state IN ('applied', 'partial')"
            " ORDER BY at, rowid"
        ):
            week = row["wanted"] if row["state"] == "applied" else row["found"]
            expected[row["subject"]] = tuple(json.loads(week))
        focus = self.sandbox.focus
        for kind, numbers in (("user", focus.book.people), ("ghost", focus.book.ghosts)):
            for number in numbers:
                subject, there = f"{_KINDS[kind]}:{number}", self._week(kind, number)
                days = [row.weekday for row in self._rows_of(kind, number)]
                if len(days) != len(set(days)):
                    yield Finding("doubled", f"{subject} has two rows for a day")
                if _numbers(there) != _numbers(expected[subject]):
                    yield Finding("unexplained", f"{subject} is {there}, by the journal {expected[subject]}")

    def _writes_agree(self, sql: sqlite3.Connection) -> Iterator[Finding]:
        noted = Counter(
            {
                row["subject"]: row["n"]
                for row in sql.execute(
                    "SELECT subject, count(*) AS n FROM steps JOIN changes USING (change_id)"
                    " WHERE steps.state IN ('done', 'found') GROUP BY subject"
                )
            }
        )
        for subject in noted | self._wrote:
            if self._wrote[subject] > noted[subject]:
                yield Finding(
                    "doubled", f"{subject}: {self._wrote[subject]} writes for {noted[subject]} steps"
                )
            if self._wrote[subject] < noted[subject]:
                yield Finding("lost", f"{subject}: {self._wrote[subject]} writes for {noted[subject]} steps")

    def _messages_agree(self, sql: sqlite3.Connection) -> Iterator[Finding]:
        shown, times = self._posts(), Counter(self._ids())
        for name, n in times.items():
            if n > 1:
                yield Finding("doubled", f"message {name} was posted {n} times: {shown[name].text}")
        by_ts = {
            (channel, message.ts): message
            for channel, posted in self.sandbox.slack.posts.items()
            for message in posted
        }
        for row in sql.execute("SELECT * FROM outbox WHERE shown > 0 AND kind <> 'reminder'"):
            message = by_ts.get((row["channel"], row["ts"]))
            if row["kind"] in TOLD and message is None:
                yield Finding("lost", f"{row['message_id']} is not in Slack ({row['failure']})")
            if row["kind"] in {"receipt", "notice"} and message is not None:
                yield from self._message_agrees(sql, row, message)
        for row in sql.execute(
            "SELECT act_id FROM acts WHERE EXISTS (SELECT 1 FROM changes WHERE changes.act_id = acts.act_id"
            " AND changes.state IN ('applied', 'partial')) AND NOT EXISTS (SELECT 1 FROM outbox"
            " WHERE kind = 'receipt' AND about = act_id AND recipient = actor)"
        ):
            yield Finding("lost", f"act {row['act_id']} wrote and has no receipt")

    def _message_agrees(
        self, sql: sqlite3.Connection, row: sqlite3.Row, message: Message
    ) -> Iterator[Finding]:
        """A receipt tells of all that was written, a notice of its reader's week: as it was, and as it is."""
        query = "SELECT subject, state, before, wanted FROM changes WHERE ? IN (act_id, change_id)"
        changes = sql.execute(query, (row["about"],)).fetchall()
        states = {change["state"] for change in changes}
        says_nothing = "othing was changed" in message.plain
        if (states == {"applied"} and says_nothing) or (states == {"failed"} and not says_nothing):
            yield Finding("unexplained", f"act {row['about']} is {states}, its receipt: {message.plain}")
        if states - {"applied", "unchanged"}:
            return  # told day by day
        person = {
            f"person:{link['focus_user_id']}": link["slack_user_id"]
            for link in sql.execute("SELECT focus_user_id, slack_user_id FROM links")
        }
        wrote = {
            ("you" if whom == row["recipient"] else whom, frozenset(days))
            for change in changes
            if (days := set(differing(json.loads(change["before"]), json.loads(change["wanted"]))))
            for whom in [person.get(change["subject"], change["subject"])]
            if row["kind"] == "receipt" or whom == row["recipient"]
        }
        if told_in(message.text) != wrote or told_in(message.plain) - wrote:
            yield Finding("unexplained", f"act {row['about']} wrote {wrote}, told is: {message.plain}")

    def _runs_agree(self, sql: sqlite3.Connection) -> Iterator[Finding]:
        posted = Counter(
            message.metadata["event_payload"]["run"]
            for messages in self._all_posts()
            for message in messages
            if message.metadata and "run" in message.metadata["event_payload"]
        )
        for row in sql.execute("SELECT run_id, state FROM runs"):
            there = posted[row["run_id"]]
            if there > 1:
                yield Finding("doubled", f"run {row['run_id']} was posted {there} times")
            if row["state"] in {"posted", "closed"} and not there:
                yield Finding("lost", f"run {row['run_id']} is not in Slack")
            if row["state"] not in {"posted", "closed", "claimed", "ready"} and there:
                yield Finding("unexplained", f"run {row['run_id']} is {row['state']}, and in Slack")
            if row["state"] in {"skipped", "failed", "unclear"}:
                yield Finding("lost", f"run {row['run_id']} is {row['state']}")

    def _plans_agree(self, sql: sqlite3.Connection) -> Iterator[Finding]:
        for kind, column in (("plan", "begin_act"), ("put back", "back_act")):
            acts = {row["act_id"] for row in sql.execute("SELECT act_id FROM acts WHERE kind = ?", (kind,))}
            named = {row[column] for row in sql.execute(f"SELECT {column} FROM plans") if row[column]}  # noqa: S608 - one of two names
            for act in acts - named:
                yield Finding("doubled", f"act {act} belongs to no plan ({kind})")
        now = self.sandbox.clock.now().isoformat()
        for row in sql.execute("SELECT plan_id, state FROM plans WHERE due_at <= ?", (now,)):
            yield Finding("lost", f"plan {row['plan_id']} was due and is {row['state']}")

    # ----------------------------------------------------------------- inside

    def _note(self, call: Call) -> None:
        """A write counts where Focus has said so, or has acted and could not say so."""
        if call.service == "slack" and call.direction == "out" and call.status == 200:
            asked = Asked.of(call.request)
            if asked and asked not in self.acknowledged:  # an event comes again until it is acknowledged
                self.acknowledged.append(asked)
                self._open.append(asked)
        verb, _, path = call.name.partition(" ")
        subject = _SUBJECT.search(path)
        if call.service != "focus" or verb not in {"POST", "PUT", "DELETE"} or subject is None:
            return
        key = f"{_KINDS[subject[1]]}:{subject[2]}"
        before, self._rows[key] = self._rows[key], self._rows_of(subject[1], int(subject[2]))
        answered = call.status is not None and call.status < 300 and call.fault != "refuse"
        self._wrote[key] += answered or self._rows[key] != before

    def _rows_of(self, kind: str, number: int) -> tuple[Row, ...]:
        return self.sandbox.focus.rows("user" if kind == "user" else "ghost", number)

    def _week(self, kind: str, number: int) -> tuple[str | None, ...]:
        week = self.sandbox.focus.week("user" if kind == "user" else "ghost", number)
        return tuple(str(week[day]) if day in week else None for day in range(1, 8))

    def _read(self) -> sqlite3.Connection:
        sql = sqlite3.connect(self.database, isolation_level=None)
        sql.row_factory = sqlite3.Row
        return sql

    def _all_posts(self) -> list[list[Message]]:
        return list(self.sandbox.slack.posts.values())

    def _ids(self) -> Iterator[str]:
        for messages in self._all_posts():
            for message in messages:
                if message.metadata and not message.deleted and "id" in message.metadata["event_payload"]:
                    yield str(message.metadata["event_payload"]["id"])

    def _posts(self) -> dict[str, Message]:
        return {
            str(message.metadata["event_payload"].get("id")): message
            for messages in self._all_posts()
            for message in messages
            if message.metadata
        }


def _taken(counted: Counter[T], key: T) -> bool:
    """Take one of these away, if there is one: none counts for two requests."""
    there = counted[key] > 0
    counted[key] -= there
    return there


def _numbers(week: tuple[Any, ...]) -> list[Decimal | None]:
    return [None if hours is None else Decimal(hours) for hours in week]
