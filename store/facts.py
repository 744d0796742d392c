"""Facts: small named JSON values that a deployment has learnt and must keep, such as a confirmed setting."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from store.database import Database, Sql, rows

__all__ = ["Facts"]


class Facts:
    """The facts of one team. They are read often and change rarely, so they are cached in memory."""

    def __init__(self, database: Database, *, team_id: str) -> None:
        self._database = database
        self._team_id = team_id
        self._values: dict[str, Any] = {}

    async def load(self) -> None:
        """Reload all facts from the database, as another process may have changed them."""
        found = await self._database.read(
            lambda sql: rows(sql, "SELECT name, value FROM facts WHERE team_id = ?", (self._team_id,))
        )
        self._values = {row["name"]: json.loads(row["value"]) for row in found}

    def get(self, name: str) -> Any:
        """The cached value of a fact, or ``None``."""
        return self._values.get(name)

    def beginning(self, prefix: str) -> dict[str, Any]:
        """Every cached fact whose name begins with ``prefix``: name -> value."""
        return {name: value for name, value in self._values.items() if name.startswith(prefix) and value}

    async def put(self, name: str, value: Any, *, now: datetime) -> None:
        """Store a JSON value under this name; ``None`` deletes the fact."""

        def write(sql: Sql) -> None:
            sql.execute("DELETE FROM facts WHERE team_id = ? AND name = ?", (self._team_id, name))
            if value is not None:
                sql.execute(
                    "INSERT INTO facts VALUES (?, ?, ?, ?)",
                    (self._team_id, name, json.dumps(value), now.isoformat()),
                )

        await self._database.write(write)
        self._values[name] = value
