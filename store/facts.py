"""What a deployment has learnt about its Focus and must not forget: small named JSON values."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from store.database import Database, Sql, rows

__all__ = ["Facts"]


class Facts:
    """Named values of one team: read often, changed rarely, so held in memory until :meth:`load`."""

    def __init__(self, database: Database, *, team_id: str) -> None:
        self._database = database
        self._team_id = team_id
        self._values: dict[str, Any] = {}

    async def load(self) -> None:
        """Read all facts anew: another process may have learnt something."""
        found = await self._database.read(
            lambda sql: rows(sql, "SELECT name, value FROM facts WHERE team_id = ?", (self._team_id,))
        )
        self._values = {row["name"]: json.loads(row["value"]) for row in found}

    def get(self, name: str) -> Any:
        """The value, or ``None``."""
        return self._values.get(name)

    def beginning(self, prefix: str) -> dict[str, Any]:
        """Every value whose name begins so."""
        return {name: value for name, value in self._values.items() if name.startswith(prefix) and value}

    async def put(self, name: str, value: Any, *, now: datetime) -> None:
        """Remember a JSON value under this name; ``None`` forgets it."""

        def write(sql: Sql) -> None:
            sql.execute("DELETE FROM facts WHERE team_id = ? AND name = ?", (self._team_id, name))
            if value is not None:
                sql.execute(
                    "INSERT INTO facts VALUES (?, ?, ?, ?)",
                    (self._team_id, name, json.dumps(value), now.isoformat()),
                )

        await self._database.write(write)
        self._values[name] = value
