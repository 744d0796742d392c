"""The directory: Focus's people and placeholders as last listed, and the Slack users linked to the people."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from store.database import Database, Row, Sql, rows
from store.focus import FocusClient
from store.week import Subject

__all__ = ["Directory", "Entry", "focus_user_of", "slack_user_of"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A subject with its name in Focus; ``slack_user_id`` is set if it is a person with a link."""

    subject: Subject
    name: str
    email: str = ""
    active: bool = True
    slack_user_id: str | None = None

    def is_called(self, name: str) -> bool:
        """Whether ``name`` is the whole name, ignoring case, accents and repeated spaces."""
        return _folded(self.name) == _folded(name)

    def has_word(self, name: str) -> bool:
        """Whether this is in the name from the beginning of a word on."""
        return f" {_folded(name)}" in f" {_folded(self.name)}"


def focus_user_of(sql: Sql, *, team_id: str, slack_user_id: str) -> int | None:
    """The id of the Focus user that a Slack user is linked to."""
    found = rows(
        sql,
        "SELECT focus_user_id FROM links WHERE team_id = ? AND slack_user_id = ?",
        (team_id, slack_user_id),
    )
    return int(found[0]["focus_user_id"]) if found else None


def slack_user_of(sql: Sql, *, team_id: str, subject: Subject) -> str | None:
    """The id of the Slack user linked to a person; ``None`` for a placeholder."""
    if subject.kind != "person":
        return None
    found = rows(
        sql, "SELECT slack_user_id FROM links WHERE team_id = ? AND focus_user_id = ?", (team_id, subject.id)
    )
    return str(found[0]["slack_user_id"]) if found else None


class Directory:
    """Focus's lists of people and placeholders for one team, stored in SQLite."""

    def __init__(self, database: Database, focus: FocusClient, *, team_id: str) -> None:
        self._database = database
        self._focus = focus
        self._team_id = team_id

    async def refresh_people(self, now: datetime) -> None:
        """Read the list of people from Focus (1 call for every 100) and store it.

        Raises:
            FocusError: it could not be read; the stored list stays as it was.
        """
        people = await self._focus.people()

        def replace(sql: Sql) -> None:
            sql.execute("DELETE FROM people WHERE team_id = ?", (self._team_id,))
            for person in people:
                sql.execute(
                    "INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?, ?, ?)",
                    (self._team_id, person.id, person.name, person.email, person.active, now.isoformat()),
                )

        await self._database.write(replace)

    async def refresh_placeholders(self, now: datetime) -> None:
        """Read the list of placeholders from Focus (1 call for every 100) and store it.

        If a known placeholder is not listed any more, it may have become a person: then a second list of the
        placeholders is read, which includes those.

        Raises:
            FocusError: a list could not be read; the stored list stays as it was.
        """
        placeholders = await self._focus.placeholders() if self._focus.has_workspace else ()
        gone = {entry.subject.id for entry in await self.placeholders()} - {
            ghost.id for ghost in placeholders
        }
        if gone:
            every = await self._focus.placeholders(embodied=True)
            placeholders += tuple(ghost for ghost in every if ghost.id in gone and ghost.embodied_as)

        def replace(sql: Sql) -> None:
            sql.execute(
                "DELETE FROM placeholders WHERE team_id = ? AND embodied_as IS NULL", (self._team_id,)
            )
            for ghost in placeholders:
                sql.execute(
                    "INSERT OR REPLACE INTO placeholders VALUES (?, ?, ?, ?, ?, ?)",
                    (self._team_id, ghost.id, ghost.name, ghost.embodied_as, ghost.deleted, now.isoformat()),
                )

        await self._database.write(replace)

    async def age(self, now: datetime) -> float | None:
        """Seconds since the last refresh; ``None`` before the first."""
        found = await self._database.read(
            lambda sql: rows(sql, "SELECT max(as_of) AS at FROM people WHERE team_id = ?", (self._team_id,))
        )
        at = found[0]["at"]
        return (now - datetime.fromisoformat(at)).total_seconds() if at else None

    async def people(self) -> tuple[Entry, ...]:
        """Every person listed in Focus, by name, with the linked Slack user."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT people.*, slack_user_id FROM people LEFT JOIN links USING (team_id, focus_user_id)"
                " WHERE team_id = ? ORDER BY name, focus_user_id",
                (self._team_id,),
            )
        )
        return tuple(map(_person, found))

    async def placeholders(self, part: str = "") -> tuple[Entry, ...]:
        """The placeholders whose name contains ``part`` (empty: all), by name."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT * FROM placeholders WHERE team_id = ? AND NOT deleted AND embodied_as IS NULL"
                " ORDER BY name, ghost_id",
                (self._team_id,),
            )
        )
        entries = (Entry(Subject("placeholder", row["ghost_id"]), row["name"]) for row in found)
        return tuple(entry for entry in entries if _folded(part) in _folded(entry.name))

    async def embodied(self) -> tuple[tuple[Entry, Subject], ...]:
        """The placeholders that became a person, each with that person."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT * FROM placeholders WHERE team_id = ? AND embodied_as IS NOT NULL ORDER BY ghost_id",
                (self._team_id,),
            )
        )
        return tuple(
            (
                Entry(Subject("placeholder", row["ghost_id"]), row["name"], active=False),
                Subject("person", row["embodied_as"]),
            )
            for row in found
        )

    async def entry(self, subject: Subject) -> Entry | None:
        """The entry of a subject as last listed; ``None`` if Focus did not list it."""
        if subject.kind == "placeholder":
            found = await self._database.read(
                lambda sql: rows(
                    sql,
                    "SELECT name FROM placeholders"
                    " WHERE team_id = ? AND ghost_id = ? AND NOT deleted AND embodied_as IS NULL",
                    (self._team_id, subject.id),
                )
            )
            return Entry(subject, found[0]["name"]) if found else None
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT people.*, slack_user_id FROM people LEFT JOIN links USING (team_id, focus_user_id)"
                " WHERE team_id = ? AND focus_user_id = ?",
                (self._team_id, subject.id),
            )
        )
        return _person(found[0]) if found else None

    async def linked(self, slack_user_id: str) -> Entry | None:
        """The entry of the person that a Slack user is linked to; ``None`` without a link."""
        focus_user_id = await self._database.read(
            lambda sql: focus_user_of(sql, team_id=self._team_id, slack_user_id=slack_user_id)
        )
        if focus_user_id is None:
            return None
        # A person whom Focus no longer lists is still linked.
        return await self.entry_or_id(Subject("person", focus_user_id))

    async def entry_or_id(self, subject: Subject) -> Entry:
        """The entry of a subject; one named by its id if Focus does not list it any more."""
        kind = "user" if subject.kind == "person" else "placeholder"
        return await self.entry(subject) or Entry(subject, f"Focus {kind} {subject.id}", active=False)

    async def named(self, name: str) -> tuple[Entry, ...]:
        """The placeholders and people with exactly this name; without any, those whose name contains it."""
        every = (*await self.placeholders(), *await self.people())
        exact = tuple(entry for entry in every if entry.is_called(name))
        return exact or tuple(entry for entry in every if _folded(name) in _folded(entry.name))


def _person(row: Row) -> Entry:
    return Entry(
        Subject("person", row["focus_user_id"]),
        row["name"],
        row["email"],
        bool(row["active"]),
        row["slack_user_id"],
    )


def _folded(text: str) -> str:
    """Normalize a name for comparison: no case, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(mark for mark in plain if not unicodedata.combining(mark)).split())
