"""The little that tests know of what is inside a store; whatever else they ask, they ask its face."""

from __future__ import annotations

from typing import Any

from store import Store
from store.database import Database
from store.database import rows as rows_of

__all__ = ["abandon_acts", "database", "decided", "rows"]


def database(store: Store) -> Database:
    """Where all of it is kept."""
    return store.journal._database


async def rows(store: Store, statement: str) -> list[dict[str, Any]]:
    """What a table holds, read past every face."""
    return await database(store).read(lambda sql: rows_of(sql, statement))


DECIDED = {
    "links": "SELECT slack_user_id, focus_user_id, method FROM links",  # not who has heard of theirs
    "rights": "SELECT * FROM grants",
    "plans": "SELECT * FROM plans",
    "reminders": "SELECT * FROM reminders",
    "changes": "SELECT * FROM changes",
}


async def decided(store: Store) -> dict[str, object]:
    """What people have had the bot do, or arranged with it, by what it is."""
    return {what: await rows(store, statement) for what, statement in DECIDED.items()}


async def abandon_acts(store: Store) -> None:
    """Leave whatever was asked so far behind, as a process does that dies."""
    await database(store).write(lambda sql: sql.execute("UPDATE acts SET owner = 'dead'"))
