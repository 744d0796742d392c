"""What is wrong with the deployment itself: admins hear once when it begins, and once when it is mended.

A standing alarm is one fact; whoever inserts it tells the admins, so that several processes tell once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from store.database import Database, Sql, rows
from store.facts import Facts
from store.focus import KeyRefusedError
from store.outbox import MessageKind, put

__all__ = ["KEY", "KEY_END", "Alarm", "Alarms", "channel_alarm"]

KEY = "key"
"""Focus refuses the key."""

KEY_END = "key_end"
"""The key's last day is near."""

_PREFIX = "alarm:"


def channel_alarm(channel: str) -> str:
    """Slack does not take messages for this channel."""
    return f"channel:{channel}"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is wrong since a moment; ``detail`` is what a sentence about it needs."""

    what: str
    since: datetime
    detail: Mapping[str, str]


class Alarms:
    """The standing alarms of one team."""

    def __init__(self, database: Database, facts: Facts, *, team_id: str, admins: tuple[str, ...]) -> None:
        self._database = database
        self._facts = facts
        self._team_id = team_id
        self._admins = admins
        self._key_heard = False
        self._key_refusal: KeyRefusedError | None = None

    @property
    def standing(self) -> tuple[Alarm, ...]:
        """What is wrong now, as far as this process has read."""
        return tuple(
            Alarm(name.removeprefix(_PREFIX), datetime.fromisoformat(said["since"]), said["detail"])
            for name, said in self._facts.beginning(_PREFIX).items()
        )

    def heard_of_key(self, refusal: KeyRefusedError | None) -> None:
        """Focus has answered: with a refusal of the key, or as it does to a key that it accepts."""
        self._key_heard, self._key_refusal = True, refusal

    async def tell(self, now: datetime) -> None:
        """Make known what was heard since the last time."""
        if not self._key_heard:
            return
        self._key_heard = False
        if self._key_refusal:
            await self.began(KEY, now=now, trace_id=self._key_refusal.trace_id)
        else:
            await self.ended(KEY, now=now)

    async def began(self, what: str, *, now: datetime, **detail: str) -> None:
        """Something is wrong; admins are told unless they know."""
        await self._facts.load()  # another process may have told them, or told them that it is mended
        if self._facts.get(_PREFIX + what):
            return
        said = {"since": now.isoformat(), "detail": detail}

        def write(sql: Sql) -> None:
            new = sql.execute(
                "INSERT OR IGNORE INTO facts VALUES (?, ?, ?, ?)",
                (self._team_id, _PREFIX + what, json.dumps(said), now.isoformat()),
            )
            if new.rowcount:  # else another process was first
                self._alert(sql, "alarm", what, said, now)

        await self._write(write)

    async def ended(self, what: str, *, now: datetime) -> None:
        """It is right again; admins are told if they were told before."""
        await self._facts.load()
        if not self._facts.get(_PREFIX + what):
            return

        def write(sql: Sql) -> None:
            for row in rows(
                sql,
                "DELETE FROM facts WHERE team_id = ? AND name = ? RETURNING value",
                (self._team_id, _PREFIX + what),
            ):
                self._alert(sql, "mended", what, json.loads(row["value"]), now)

        await self._write(write)

    async def key_ends(self, on: date, *, within: int | None, now: datetime) -> None:
        """When the key ends: admins are told once for each ``within`` (days), and once when it is renewed.

        Args:
            on: its last day.
            within: the smallest of the days of warning that are reached; ``None`` if none is.
            now: this moment.
        """
        detail = {"ends": on.isoformat(), "within": within}

        def write(sql: Sql) -> None:
            name = _PREFIX + KEY_END
            found = rows(sql, "SELECT value FROM facts WHERE team_id = ? AND name = ?", (self._team_id, name))
            told = json.loads(found[0]["value"]) if found else None
            if within is None:
                if told:
                    sql.execute("DELETE FROM facts WHERE team_id = ? AND name = ?", (self._team_id, name))
                    self._alert(sql, "mended", KEY_END, {**told, "detail": detail}, now)
            elif told is None or told["detail"] != detail:
                said = {"since": now.isoformat(), "detail": detail}
                sql.execute(
                    "INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?)",
                    (self._team_id, name, json.dumps(said), now.isoformat()),
                )
                self._alert(sql, "alarm", KEY_END, said, now)

        await self._write(write)

    async def _write(self, write: Callable[[Sql], None]) -> None:
        await self._database.write(write)
        await self._facts.load()

    def _alert(
        self, sql: Sql, code: Literal["alarm", "mended"], what: str, said: Mapping[str, Any], now: datetime
    ) -> None:
        for admin in self._admins:
            put(
                sql, team_id=self._team_id, kind=MessageKind.ALERT, about=f"{code}:{what}:{said['since']}",
                recipient=admin, detail={"code": code, "what": what, **said}, now=now,
            )  # fmt: skip
