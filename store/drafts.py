"""Drafts: prepared requests that wait for somebody's approval, such as bulk previews and petitions.

A draft is decided once. If several people press at the same time, the database decides who was first.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from store.database import Database, Row, Sql, rows

__all__ = ["Draft", "DraftKind", "DraftOverError", "Drafts", "close", "decide", "expire", "find", "insert"]


class DraftKind(StrEnum):
    """The kinds of prepared requests."""

    BULK = "bulk"  # a change of several weeks, as previewed
    REFUSED = "refused"  # a change that its requester may not make, kept while they can ask others for it
    PETITION = "petition"  # asks somebody who may make such a change to make it
    LINK_PETITION = "link petition"  # asks an admin to link the owner to a Focus user


@dataclass(frozen=True, slots=True)
class Draft:
    """A prepared request of its ``owner``; ``state`` is ``open``, or says how it was decided."""

    id: str
    kind: DraftKind
    owner: str
    body: Mapping[str, Any]
    state: str
    at: datetime
    ends_at: datetime
    decided_by: str | None


class DraftOverError(Exception):
    """The draft was decided or has expired; ``draft`` is its current value, ``None`` if it does not exist."""

    def __init__(self, draft: Draft | None) -> None:
        super().__init__(f"draft {draft and draft.id} is {draft and draft.state}")
        self.draft = draft


class Drafts:
    """The drafts of one team."""

    def __init__(self, database: Database, *, team_id: str) -> None:
        self._database = database
        self._team_id = team_id

    async def add(
        self, kind: DraftKind, *, owner: str, body: Mapping[str, Any], now: datetime, lasts: timedelta
    ) -> str:
        """Store a draft that can be decided until ``now + lasts``; return its id."""
        draft_id = secrets.token_hex(6)
        await self._database.write(
            lambda sql: insert(
                sql,
                draft_id,
                team_id=self._team_id,
                kind=kind,
                owner=owner,
                body=body,
                now=now,
                lasts=lasts,
            )
        )
        return draft_id

    async def get(self, draft_id: str) -> Draft | None:
        """The draft with this id, decided or not."""
        return await self._database.read(lambda sql: find(sql, draft_id, team_id=self._team_id))

    async def decide(self, draft_id: str, *, state: str, by: str, now: datetime) -> Draft | None:
        """Decide an open draft; ``None`` if it has expired or somebody else has decided it."""

        def write(sql: Sql) -> Draft | None:
            try:
                return decide(sql, draft_id, team_id=self._team_id, state=state, by=by, now=now)
            except DraftOverError:
                return None

        return await self._database.write(write)


def insert(
    sql: Sql,
    draft_id: str,
    *,
    team_id: str,
    kind: DraftKind,
    owner: str,
    body: Mapping[str, Any],
    now: datetime,
    lasts: timedelta,
) -> bool:
    """Store a draft that can be decided until ``now + lasts``; ``False`` if its id is stored already."""
    added = sql.execute(
        "INSERT OR IGNORE INTO drafts VALUES (?, ?, ?, ?, ?, 'open', ?, ?, NULL)",
        (
            draft_id,
            team_id,
            kind,
            owner,
            json.dumps(dict(body)),
            now.isoformat(),
            (now + lasts).isoformat(),
        ),
    )
    return added.rowcount == 1


def decide(sql: Sql, draft_id: str, *, team_id: str, state: str, by: str, now: datetime) -> Draft:
    """Decide an open draft, in the transaction that carries out what it leads to.

    Raises:
        DraftOverError: the draft has expired, or somebody else has decided it.
    """
    taken = sql.execute(
        "UPDATE drafts SET state = ?, decided_by = ?"
        " WHERE team_id = ? AND draft_id = ? AND state = 'open' AND ends_at > ?",
        (state, by, team_id, draft_id, now.isoformat()),
    )
    draft = find(sql, draft_id, team_id=team_id)
    if draft is None or not taken.rowcount:
        raise DraftOverError(draft)
    return draft


def close(
    sql: Sql, kind: DraftKind, *, team_id: str, owner: str, state: str, by: str | None
) -> tuple[Draft, ...]:
    """Decide the open drafts of one kind and owner, for instance because their purpose is fulfilled."""
    closed = rows(
        sql,
        "UPDATE drafts SET state = ?, decided_by = ?"
        " WHERE team_id = ? AND kind = ? AND owner = ? AND state = 'open' RETURNING *",
        (state, by, team_id, kind, owner),
    )
    return tuple(map(_draft, closed))


def expire(sql: Sql, kind: DraftKind, *, team_id: str, now: datetime) -> tuple[Draft, ...]:
    """Expire the open drafts of a kind whose time is over and return them; each is returned only once."""
    ended = rows(
        sql,
        "UPDATE drafts SET state = 'expired' WHERE team_id = ? AND kind = ? AND state = 'open'"
        " AND ends_at <= ? RETURNING *",
        (team_id, kind, now.isoformat()),
    )
    return tuple(map(_draft, ended))


def find(sql: Sql, draft_id: str, *, team_id: str) -> Draft | None:
    """The draft with this id, decided or not."""
    found = rows(sql, "SELECT * FROM drafts WHERE team_id = ? AND draft_id = ?", (team_id, draft_id))
    return _draft(found[0]) if found else None


def _draft(row: Row) -> Draft:
    return Draft(
        id=row["draft_id"],
        kind=DraftKind(row["kind"]),
        owner=row["owner"],
        body=json.loads(row["body"]),
        state=row["state"],
        at=datetime.fromisoformat(row["at"]),
        ends_at=datetime.fromisoformat(row["ends_at"]),
        decided_by=row["decided_by"],
    )
