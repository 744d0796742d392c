"""Export links and weeks as tables, and import links, all or nothing. No call to Focus is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from store.act import WRITTEN_AT, WROTE
from store.confirmations import Confirmation, held
from store.database import Database, Row, Sql, rows
from store.facts import Facts
from store.focus import Numbering
from store.lastknown import LastKnown
from store.petitions import linked
from store.week import Snapshot, Subject
from store.weekdays import Weekdays

__all__ = ["Joined", "LinkRow", "Sheets", "TakenError", "WeekRow"]


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link, with the Focus user's name and e-mail as last listed."""

    slack_user_id: str
    focus_user_id: int
    focus_name: str
    focus_email: str
    linked_by: str
    method: str
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One subject's week as last read (``None``: never), its confirmation, and its last change by the bot."""

    subject: Subject
    name: str
    slack_user_id: str | None
    snapshot: Snapshot | None
    confirmed_at: datetime | None
    changed_at: datetime | None
    changed_by: str | None
    """The Slack user who made the last change."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The result of an import: how many links are new, moved to another partner, or the same as before."""

    new: int
    moved: int
    same: int


class TakenError(Exception):
    """Focus users in an import are linked to Slack users outside it; ``taken``: Focus id -> Slack id."""

    def __init__(self, taken: Mapping[int, str]) -> None:
        super().__init__(f"{len(taken)} Focus users have other partners")
        self.taken = taken


class Sheets:
    """The exports and imports of one team."""

    def __init__(self, database: Database, *, team_id: str) -> None:
        self._database = database
        self._team_id = team_id

    @staticmethod
    async def teams(database: Database) -> tuple[str, ...]:
        """The ids of the Slack teams that a database contains data of."""
        found = await database.read(
            lambda sql: rows(
                sql,
                "SELECT team_id FROM people UNION SELECT team_id FROM links UNION SELECT team_id FROM weeks"
                " ORDER BY team_id",
            )
        )
        return tuple(row["team_id"] for row in found)

    # -------------------------------------------------------------- links

    async def links(self) -> tuple[LinkRow, ...]:
        """Every link, ordered by the Focus user's name."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT links.*, coalesce(name, '') AS name, coalesce(email, '') AS email FROM links"
                " LEFT JOIN people USING (team_id, focus_user_id) WHERE team_id = ?"
                " ORDER BY name, focus_user_id",
                (self._team_id,),
            )
        )
        return tuple(
            LinkRow(
                row["slack_user_id"],
                row["focus_user_id"],
                row["name"],
                row["email"],
                row["linked_by"],
                row["method"],
                datetime.fromisoformat(row["linked_at"]),
            )
            for row in found
        )

    async def focus_users(self) -> frozenset[int]:
        """The ids of the Focus users in the last list."""
        found = await self._database.read(
            lambda sql: rows(sql, "SELECT focus_user_id FROM people WHERE team_id = ?", (self._team_id,))
        )
        return frozenset(row["focus_user_id"] for row in found)

    async def join(self, pairs: Mapping[str, int], *, now: datetime, apply: bool) -> Joined:
        """Create or move links according to ``pairs``, in one transaction; other people's links stay.

        Args:
            pairs: Slack user -> Focus user; each user occurs once.
            now: the current time.
            apply: ``False`` changes nothing and only returns what would happen.

        Raises:
            TakenError: a Focus user is linked to a Slack user who is not in ``pairs``, and who would lose the
                link without being named.
        """

        def join(sql: Sql) -> Joined:
            found = rows(
                sql,
                "SELECT slack_user_id, focus_user_id FROM links WHERE team_id = ?",
                (self._team_id,),
            )
            before = {row["slack_user_id"]: row["focus_user_id"] for row in found}
            partner = {focus: slack for slack, focus in before.items()}
            wanted = {slack: focus for slack, focus in pairs.items() if before.get(slack) != focus}
            taken = {
                focus: partner[focus]
                for focus in wanted.values()
                if focus in partner and partner[focus] not in pairs
            }
            if taken:
                raise TakenError(taken)
            if apply:
                self._write(sql, wanted, now=now)
            moved = len(wanted.keys() & before.keys())
            return Joined(new=len(wanted) - moved, moved=moved, same=len(pairs) - len(wanted))

        return await (self._database.write if apply else self._database.read)(join)

    def _write(self, sql: Sql, wanted: Mapping[str, int], *, now: datetime) -> None:
        for slack in wanted:
            sql.execute("DELETE FROM links WHERE team_id = ? AND slack_user_id = ?", (self._team_id, slack))
        for pair in wanted.items():
            sql.execute(
                "DELETE FROM unlinked WHERE team_id = ? AND slack_user_id = ? AND focus_user_id = ?",
                (self._team_id, *pair),
            )
            sql.execute(
                "INSERT INTO links (team_id, slack_user_id, focus_user_id, linked_by, method, linked_at)"
                " VALUES (?, ?, ?, 'file', 'file', ?)",
                (self._team_id, *pair, now.isoformat()),
            )
            linked(sql, team_id=self._team_id, slack_user_id=pair[0], by=None, now=now)

    # -------------------------------------------------------------- weeks

    async def weeks(self, setting: Numbering | None) -> tuple[WeekRow, ...]:
        """The weeks of all people listed in Focus, then of the placeholders, each group by name.

        Args:
            setting: ``FOCUS_WEEKDAYS``; without it, the numbering that an admin confirmed or the best guess.

        Raises:
            ImpossibleWeekdayError: a week has a number that this numbering lacks.
        """
        facts = Facts(self._database, team_id=self._team_id)
        await facts.load()
        weekdays = Weekdays(facts, setting=setting)
        readings = await LastKnown(self._database, team_id=self._team_id).all()
        listed, changes, confirmed = await self._database.read(
            lambda sql: (self._listed(sql), self._changes(sql), held(sql, team_id=self._team_id))
        )
        return tuple(
            WeekRow(
                subject,
                row["name"],
                row["slack_user_id"],
                found := weekdays.read(readings[subject]) if subject in readings else None,
                confirmed[subject].at if _holds(confirmed.get(subject), found) else None,
                datetime.fromisoformat(changes[subject]["at"]) if subject in changes else None,
                changes[subject]["actor"] if subject in changes else None,
            )
            for row in listed
            for subject in [Subject.parse(row["subject"])]
        )

    async def names(self) -> dict[str, str]:
        """Slack user -> the linked person's name in Focus."""
        return {link.slack_user_id: link.focus_name for link in await self.links() if link.focus_name}

    def _listed(self, sql: Sql) -> Sequence[Row]:
        return rows(
            sql,
            "SELECT 0 AS place, 'person:' || focus_user_id AS subject, name, slack_user_id FROM people"
            " LEFT JOIN links USING (team_id, focus_user_id) WHERE team_id = :team UNION ALL"
            " SELECT 1, 'placeholder:' || ghost_id, name, NULL FROM placeholders"
            " WHERE team_id = :team AND NOT deleted AND embodied_as IS NULL ORDER BY place, name, subject",
            {"team": self._team_id},
        )

    def _changes(self, sql: Sql) -> dict[Subject, Row]:
        """Each subject's last change that wrote to Focus; with ``max()`` SQLite takes that row's actor."""
        found = rows(
            sql,
            f"SELECT subject, actor, max(coalesce({WRITTEN_AT}, changes.at)) AS at"  # noqa: S608 - a constant
            " FROM changes JOIN acts USING (act_id)"
            f" WHERE changes.team_id = ? AND changes.state IN {WROTE} GROUP BY subject",
            (self._team_id,),
        )
        return {Subject.parse(row["subject"]): row for row in found}


def _holds(confirmation: Confirmation | None, found: Snapshot | None) -> bool:
    return bool(confirmation and found and confirmation.week == found.week)
