"""Alarms: problems of the deployment itself. Admins are told once when one begins and once when it ends.

Each standing alarm is a row in the table ``facts``. The process that inserts the row enqueues the message
in the same transaction, so several processes that notice the same problem send one message.
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
from store.messages import MessageKind, put

__all__ = ["KEY", "KEY_END", "Alarm", "Alarms", "channel_alarm"]

KEY = "key"
"""The alarm that Focus refuses the key."""

KEY_END = "key_end"
"""The alarm that the key expires soon."""

_PREFIX = "alarm:"


def channel_alarm(channel: str) -> str:
    """The name of the alarm that Slack does not accept messages for this channel."""
    return f"channel:{channel}"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A standing problem and when it began; ``detail`` holds the values that the message about it shows."""

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
        """The alarms that stand now, according to the facts that this process last loaded."""
        return tuple(
            Alarm(name.removeprefix(_PREFIX), datetime.fromisoformat(said["since"]), said["detail"])
            for name, said in self._facts.beginning(_PREFIX).items()
        )

    def heard_of_key(self, refusal: KeyRefusedError | None) -> None:
        """Note that Focus refused the key, or accepted it (``None``); :meth:`tell` acts on the last note."""
        self._key_heard, self._key_refusal = True, refusal

    async def tell(self, now: datetime) -> None:
        """Raise or clear the key alarm according to the last note of :meth:`heard_of_key`."""
        if not self._key_heard:
            return
        self._key_heard = False
        if self._key_refusal:
            await self.began(KEY, now=now, trace_id=self._key_refusal.trace_id)
        else:
            await self.ended(KEY, now=now)

    async def began(self, what: str, *, now: datetime, **detail: str) -> None:
        """Raise the alarm ``what`` and tell the admins, unless it stands already."""
        await self._facts.load()  # another process may have raised or cleared it
        if self._facts.get(_PREFIX + what):
            return
        said = {"since": now.isoformat(), "detail": detail}

        def write(sql: Sql) -> None:
            new = sql.execute(
                "INSERT OR IGNORE INTO facts VALUES (?, ?, ?, ?)",
                (self._team_id, _PREFIX + what, json.dumps(said), now.isoformat()),
            )
            if new.rowcount:  # otherwise another process was first and has told the admins
                self._alert(sql, "alarm", what, said, now)

        await self._write(write)

    async def ended(self, what: str, *, now: datetime) -> None:
        """Clear the alarm ``what`` and tell the admins, if it stands."""
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
        """Warn the admins before the key expires: once for each ``within``, and once when it was renewed.

        Args:
            on: the key's last day.
            within: the smallest warning threshold, in days, that is reached; ``None`` if none is.
            now: the current time.
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
