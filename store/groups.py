"""The members of Slack's user groups as last read, for grants and boards that name a group.

User groups are a paid feature of Slack; everything else works without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from store.database import Database, Sql, rows

__all__ = ["Groups"]


class Groups:
    """The user groups of one team and their members."""

    def __init__(self, database: Database, *, team_id: str) -> None:
        self._database = database
        self._team_id = team_id

    async def put(self, group_id: str, *, name: str, members: tuple[str, ...], now: datetime) -> None:
        """Store a group's name and members as they are now."""

        def write(sql: Sql) -> None:
            sql.execute(
                "INSERT INTO user_groups VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET name = excluded.name, as_of = excluded.as_of",
                (self._team_id, group_id, name, now.isoformat()),
            )
            sql.execute(
                "DELETE FROM user_group_members WHERE team_id = ? AND group_id = ?", (self._team_id, group_id)
            )
            for member in members:
                sql.execute(
                    "INSERT INTO user_group_members VALUES (?, ?, ?)", (self._team_id, group_id, member)
                )

        await self._database.write(write)

    async def forget(self, group_id: str) -> None:
        """Delete a group that Slack no longer has, with its members."""

        def write(sql: Sql) -> None:
            for table in ("user_group_members", "user_groups"):
                sql.execute(
                    f"DELETE FROM {table} WHERE team_id = ? AND group_id = ?",  # noqa: S608 - constants
                    (self._team_id, group_id),
                )

        await self._database.write(write)

    async def known(self) -> Mapping[str, tuple[str, datetime]]:
        """The stored groups: id -> (name, time of the last read)."""
        found = await self._database.read(
            lambda sql: rows(
                sql, "SELECT group_id, name, as_of FROM user_groups WHERE team_id = ?", (self._team_id,)
            )
        )
        return {row["group_id"]: (row["name"], datetime.fromisoformat(row["as_of"])) for row in found}

    async def members(self, group_id: str) -> tuple[str, ...]:
        """The ids of the Slack users in a group, as last read."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT slack_user_id FROM user_group_members WHERE team_id = ? AND group_id = ?"
                " ORDER BY slack_user_id",
                (self._team_id, group_id),
            )
        )
        return tuple(row["slack_user_id"] for row in found)
