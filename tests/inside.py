"""The little that tests know of what is inside a store; whatever else they ask, they ask its face."""

from __future__ import annotations

from typing import Any

from store import Store
from store.database import Database
from store.database import rows as rows_of

__all__ = ["abandon_acts", "database", "rows"]


def database(store: Store) -> Database:
    """Where all of it is kept."""
    return store.journal._database


async def rows(store: Store, statement: str) -> list[dict[str, Any]]:
    """What a table holds, read past every face."""
    return await database(store).read(lambda sql: rows_of(sql, statement))


async def abandon_acts(store: Store) -> None:
    """Leave whatever was asked so far behind, as a process does that dies."""
    await database(store).write(lambda sql: sql.execute("UPDATE acts SET owner = 'dead'"))
