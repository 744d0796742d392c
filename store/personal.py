"""Personal data: everything stored about one person, exported for them or deleted by an admin.

Which rows those are is stated in :mod:`store.held`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from store import petitions
from store.access import Action, Permit
from store.act import UNSETTLED
from store.database import Database, Row, Sql, rows
from store.directory import focus_user_of
from store.drafts import DraftKind
from store.held import DECIDED, DECISIONS, HELD
from store.naming import Naming
from store.plans import rearranging
from store.reminders import reminder
from store.week import Subject

__all__ = ["Erased", "Personal", "UnsettledError"]

_JSON = {
    "request", "place", "pattern", "expected", "before", "wanted", "found", "trouble", "detail", "body",
    "days", "rows", "seen", "schedule", "week", "value",
}  # fmt: skip
"""Columns that contain JSON, which an export shows decoded."""


_IN_OTHERS = {
    "acts": ("actor", "request"),
    "drafts": ("owner", "body"),
    "outbox": ("recipient", "CASE kind WHEN 'alert' THEN json_array(about, json(detail)) ELSE '[]' END"),
}
"""Table -> the column of a row's owner, and the column or expression in which it may name other people."""

_ERASED_LAST = ("links", "people", "weeks")
"""Tables that identify a person's Focus user, so they are erased after those selected by it."""


class UnsettledError(Exception):
    """The person cannot be deleted yet: this number of changes by or for them is not settled."""

    def __init__(self, changes: int) -> None:
        super().__init__(f"changes that are not settled: {changes}")
        self.changes = changes


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of a person's data.

    ``deleted`` has title -> number of rows that were about them and did not have to stay; ``plans`` and
    ``reminders`` count what the admin who deleted them has taken over.
    """

    deleted: Mapping[str, int]
    plans: int
    reminders: int


class Personal:
    """The personal data in one team's database."""

    def __init__(self, database: Database, *, team_id: str) -> None:
        self._database = database
        self._team_id = team_id

    async def about(
        self, permit: Permit, user_id: str, *, listed: Sequence[int] = ()
    ) -> dict[str, list[dict[str, Any]]]:
        """Every row about or decided by a person: title -> rows (maybe none), with JSON columns decoded.

        Other people's rows that name the person are reduced to what is about the person; their own petitions
        are without the weeks of others.

        Args:
            permit: a permit to administer, or to read one's own data.
            user_id: the Slack user.
            listed: the ids of the Focus users with the person's e-mail, needed if they have no link.
        """
        _require(permit, user_id)
        return await self._database.read(lambda sql: self._read(sql, user_id, listed))

    async def erase(
        self, permit: Permit, user_id: str, *, listed: Sequence[int] = (), now: datetime
    ) -> Erased:
        """Delete a person's data in one transaction; what serves others is handed over to the admin.

        Raises:
            UnsettledError: a change by or for the person is not settled, so its data is still needed.
        """
        if permit.action is not Action.ADMINISTER:
            raise TypeError("a person is deleted with a permit to administer")
        by = permit.actor.user_id

        def erase(sql: Sql) -> Erased:
            about, naming = self._about(sql, user_id, listed)
            about |= {"by": by, "now": now.isoformat()}
            (unsettled,) = rows(
                sql,
                "SELECT count(*) AS n FROM changes WHERE team_id = :team"  # noqa: S608 - a constant
                f" AND state IN {UNSETTLED} AND (subject = :subject"
                " OR act_id IN (SELECT act_id FROM acts WHERE actor = :user))",
                about,
            )
            if unsettled["n"]:
                raise UnsettledError(unsettled["n"])
            deleted = {
                held.title: len(self._rows(sql, table, about, naming))
                for table, held in HELD.items()
                if held.erase
            }
            _forget_weeks(sql, about)
            _forget_names(sql, about, naming)
            own = str(about["subject"] or "")
            plans = rearranging.hand_over_all(sql, user_id, to=by, own=own, team_id=self._team_id, now=now)
            reminders = len(reminder.owned(sql, user_id, team_id=self._team_id))
            for table in sorted(HELD, key=_ERASED_LAST.__contains__):
                for statement in filter(None, HELD[table].erase.split(";")):
                    gone = sql.conn.execute(statement, about).rowcount
                    if table == "plans":  # of which some stay, and some have been handed over
                        deleted[HELD[table].title] = gone
            return Erased(deleted | {HELD["reminders"].title: 0}, plans, reminders)

        return await self._database.write(erase)

    def _read(self, sql: Sql, user_id: str, listed: Sequence[int]) -> dict[str, list[dict[str, Any]]]:
        about, naming = self._about(sql, user_id, listed)
        told: dict[str, list[dict[str, Any]]] = {}
        for table, held in HELD.items():
            owner, _ = _IN_OTHERS.get(table, ("", ""))
            every = [_plain(row) for row in self._rows(sql, table, about, naming)]
            told[held.title] = [
                naming.about(row) if owner and row[owner] != user_id else _own(table, row, about["subject"])
                for row in every
            ]
        told[DECISIONS] = [
            {"table": table} | _plain(row)
            for table, (_, columns, where) in DECIDED.items()
            for row in rows(sql, f"SELECT {columns} FROM {table} WHERE team_id = :team AND {where}", about)  # noqa: S608 - names and conditions are this module's own
        ]
        return told

    def _rows(self, sql: Sql, table: str, about: Mapping[str, object], naming: Naming) -> list[Row]:
        given = {**about, "naming": json.dumps(_naming(sql, table, about, naming))}
        where = HELD[table].where
        return rows(sql, f"SELECT * FROM {table} WHERE team_id = :team AND ({where})", given)  # noqa: S608 - names and conditions are this module's own

    def _about(self, sql: Sql, user_id: str, listed: Sequence[int]) -> tuple[dict[str, object], Naming]:
        """The parameters for the SQL statements, and the names by which other rows may name the person."""
        focus = focus_user_of(sql, team_id=self._team_id, slack_user_id=user_id)
        if focus is None and len(listed) == 1:
            (focus,) = listed  # they have no link, but one Focus user has their e-mail
        entries = {*listed, focus} - {None}
        subject = Subject("person", focus).key if focus is not None else None
        people = rows(sql, "SELECT * FROM people WHERE team_id = ?", (self._team_id,))
        mine = [row for row in people if row["focus_user_id"] in entries]
        names = [row["name"] for row in mine if row["focus_user_id"] == focus]
        naming = Naming(
            ids=(user_id, subject) if subject else (user_id,),
            words=tuple(filter(None, (*names, *(row["email"] for row in mine)))),
            others=tuple(
                row[part] for row in people if row not in mine for part in ("name", "email") if row[part]
            ),
        )
        about = {"team": self._team_id, "user": user_id, "subject": subject}
        return {**about, "listed": json.dumps(sorted(filter(None, entries)))}, naming


def _naming(sql: Sql, table: str, about: Mapping[str, object], naming: Naming) -> list[int]:
    """The rowids of other people's rows of a table that name the person."""
    if table not in _IN_OTHERS:
        return []
    owner, text = _IN_OTHERS[table]
    others = f"SELECT rowid AS key, {text} AS text FROM {table} WHERE team_id = :team AND {owner} <> :user"  # noqa: S608 - names are this module's own
    return [row["key"] for row in rows(sql, others, about) if naming.names(json.loads(row["text"]))]


def _forget_weeks(sql: Sql, about: Mapping[str, object]) -> None:
    """Remove the person's week from other people's drafts, which, unlike the journal, need not be kept."""
    if not about["subject"]:
        return
    theirs = Naming(ids=(str(about["subject"]),), words=())
    for key in _naming(sql, "drafts", about, theirs):
        (draft,) = rows(sql, "SELECT body FROM drafts WHERE rowid = ?", (key,))
        if left := theirs.without(json.loads(draft["body"])):
            sql.conn.execute("UPDATE drafts SET body = ? WHERE rowid = ?", (json.dumps(left), key))
        else:
            sql.conn.execute("DELETE FROM drafts WHERE rowid = ?", (key,))


_TYPED = (("acts", "request"), ("drafts", "body"))
"""Columns with text that people typed, where a mention contains the name that Slack adds to it."""


def _forget_names(sql: Sql, about: Mapping[str, object], naming: Naming) -> None:
    """Replace the person's names in others' requests by their id, and delete alerts that name them."""
    user = str(about["user"])
    # Escaped as in JSON text, where they may be a whole string or part of one.
    names = [re.escape(json.dumps(word)[1:-1]) for word in naming.words]
    named = re.compile("|".join([rf"<@{re.escape(user)}\|[^>]*>", *names]))
    for table, column in _TYPED:
        typed = f"SELECT rowid AS key, {column} AS text FROM {table} WHERE team_id = :team"  # noqa: S608 - names are this module's own
        for row in rows(sql, typed, about):
            if named.search(row["text"]):
                plain = named.sub(f"<@{user}>", row["text"])
                sql.conn.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (plain, row["key"]))  # noqa: S608 - names are this module's own
    # Keep alerts that mention only the subject's key: admins still need them to decide on a leaver's work.
    told = replace(naming, ids=(user,))
    for key in _naming(sql, "outbox", about, told):
        sql.conn.execute("DELETE FROM outbox WHERE rowid = ?", (key,))


def _require(permit: Permit, user_id: str) -> None:
    own = permit.action is Action.READ_OWN_DATA and permit.actor.user_id == user_id
    if not own and permit.action is not Action.ADMINISTER:
        raise TypeError("a permit for one's own data is none for somebody else's")


def _own(table: str, row: dict[str, Any], subject: object) -> dict[str, Any]:
    """A person's own row; of a petition without the weeks that it shows to its deciders only."""
    if table != "drafts" or row["kind"] != DraftKind.PETITION:
        return row
    return {**row, "body": petitions.of_asker(row["body"], own=subject)}


def _plain(row: Row) -> dict[str, Any]:
    return {
        name: json.loads(value) if name in _JSON and isinstance(value, str) else value
        for name, value in row.items()
        if name != "team_id"
    }
