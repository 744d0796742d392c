"""Grants (who may change whose week, until when): stored here, applied in :mod:`store.access.deciding`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from store.access.permits import Action, Actor, Permit
from store.clock import Clock
from store.database import Database, Sql, rows
from store.week import Subject

__all__ = ["EVERYONE", "GROUP", "GROUPS_COUNT_FOR", "PLACEHOLDERS", "Grant", "Grants"]

EVERYONE = "everyone"
PLACEHOLDERS = "placeholders"
GROUP = "group:"
"""The prefix of a scope that names a Slack user group by its id: the grant covers the group's members."""

GROUPS_COUNT_FOR = timedelta(hours=24)
"""How long the members of a group count after the last read; older groups give no rights."""


@dataclass(frozen=True, slots=True)
class Grant:
    """The right of ``manager`` to change weeks.

    ``scope`` is a subject's key, a user group, ``everyone`` or ``placeholders``.
    """

    manager: str
    scope: str
    granted_by: str
    granted_at: datetime
    until: date | None = None
    """The last day on which the grant is valid; ``None``: no end."""


class Grants:
    """The grants of one team."""

    def __init__(self, database: Database, *, team_id: str, clock: Clock, zone: tzinfo = UTC) -> None:
        self._database = database
        self._team_id = team_id
        self._clock = clock
        self._zone = zone

    @property
    def zone(self) -> tzinfo:
        """The time zone used where a person's own zone is not known."""
        return self._zone

    @property
    def today(self) -> date:
        """The current date in :attr:`zone`, which decides whether a grant has ended."""
        return self._clock.now().astimezone(self._zone).date()

    async def managed_by(self, actor: Actor) -> tuple[Grant, ...]:
        """The grants of this actor that have not ended."""
        return tuple(grant for grant in await self.grants() if grant.manager == actor.user_id)

    async def grants(self) -> tuple[Grant, ...]:
        """All grants that have not ended, oldest first."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT manager, scope, granted_by, granted_at, until FROM grants"
                " WHERE team_id = ? AND (until IS NULL OR until >= ?) ORDER BY rowid",
                (self._team_id, self.today.isoformat()),
            )
        )
        return tuple(
            Grant(
                row["manager"],
                row["scope"],
                row["granted_by"],
                datetime.fromisoformat(row["granted_at"]),
                date.fromisoformat(row["until"]) if row["until"] else None,
            )
            for row in found
        )

    async def grant(
        self, permit: Permit, *, manager: str, scope: str, now: datetime, until: date | None = None
    ) -> bool:
        """Let ``manager`` change ``scope`` until the end of ``until``; ``False`` if the same grant exists."""
        last_day = until.isoformat() if until else None
        return await self._administer(
            permit,
            "INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET until = excluded.until,"
            " granted_by = excluded.granted_by, granted_at = excluded.granted_at"
            " WHERE grants.until IS NOT excluded.until",
            (self._team_id, manager, scope, permit.actor.user_id, now.isoformat(), last_day),
        )

    async def revoke(self, permit: Permit, *, manager: str, scope: str | None) -> bool:
        """Revoke one grant of a manager, or all of them (``scope=None``); ``False`` if there was none."""
        return await self._administer(
            permit,
            "DELETE FROM grants WHERE team_id = ? AND manager = ? AND scope = coalesce(?, scope)",
            (self._team_id, manager, scope),
        )

    async def _administer(self, permit: Permit, statement: str, values: tuple[object, ...]) -> bool:
        if permit.action is not Action.ADMINISTER:
            raise TypeError("grants are changed with a permit to administer")
        return await self._database.write(lambda sql: sql.execute(statement, values).rowcount > 0)

    def _manages_somebody(self, sql: Sql, user_id: str) -> bool:
        """Whether any grant of this user is valid today."""
        found = rows(
            sql,
            "SELECT 1 FROM grants WHERE team_id = :team AND manager = :user"
            " AND (until IS NULL OR until >= :today) AND manager NOT IN"
            " (SELECT slack_user_id FROM leavers WHERE team_id = :team AND decision IS NULL) LIMIT 1",
            {"team": self._team_id, "user": user_id, "today": self.today.isoformat()},
        )
        return bool(found)

    def _managers(self, sql: Sql, subject: Subject) -> tuple[str, ...]:
        wide = EVERYONE if subject.kind == "person" else PLACEHOLDERS
        found = rows(
            sql,
            """
            WITH person AS (SELECT slack_user_id FROM links
                            WHERE team_id = :team AND 'person:' || focus_user_id = :subject),
                 groups AS (SELECT :group || group_id AS scope FROM user_group_members
                            JOIN user_groups USING (team_id, group_id) JOIN person USING (slack_user_id)
                            WHERE team_id = :team AND as_of > :counts)
            SELECT DISTINCT manager FROM grants
            WHERE team_id = :team AND (until IS NULL OR until >= :today)
              AND (scope IN (:subject, :wide) OR scope IN (SELECT scope FROM groups))
              AND manager NOT IN (SELECT slack_user_id FROM person)
              AND manager NOT IN (SELECT slack_user_id FROM leavers WHERE team_id = :team
                                  AND decision IS NULL)
            ORDER BY manager
            """,
            {
                "team": self._team_id,
                "subject": subject.key,
                "wide": wide,
                "group": GROUP,
                "today": self.today.isoformat(),
                "counts": (self._clock.now() - GROUPS_COUNT_FOR).isoformat(),
            },
        )
        return tuple(row["manager"] for row in found)
