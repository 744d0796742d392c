"""What somebody asks of those who may: a change to weeks, an undo, or to be linked.

A petition is a draft with its messages. Whoever may decide gets one, and whoever asked hears what came
of it, each written in the transaction that made it so. A change that is applied tells by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from store.act import Days, pattern_from_json, pattern_to_json, week_from_json, week_to_json
from store.database import Database, Sql, rows
from store.drafts import Draft, DraftKind, DraftOverError, close, decide, expire, find, insert
from store.outbox import MessageKind, put, touch
from store.week import Pattern, Subject, Week

__all__ = ["KINDS", "LASTS", "Petition", "Petitions", "Wanted"]
__all__ += ["asked_by", "carried_out", "linked", "take_over", "withdraw"]

LASTS = timedelta(days=7)

KINDS = (DraftKind.PETITION, DraftKind.LINK_PETITION)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change that is asked for, and the week it was asked against, as read at ``as_of``."""

    subject: Subject
    pattern: Pattern
    before: Week | None = None
    as_of: datetime | None = None

    @property
    def expected(self) -> Days | None:
        """The days as they were shown to whoever decides: who changes them meanwhile is not passed over."""
        return dict(self.before) if self.before else None


@dataclass(frozen=True, slots=True)
class Petition:
    """Somebody asks for a change to weeks (``wanted``), or, without any, to be linked to their Focus user."""

    id: str
    asker: str
    asked: tuple[str, ...]
    """Who was asked: for a change the first who could make it, for a link the admins."""
    wanted: tuple[Wanted, ...]
    undoes: str | None
    """The act that is asked to be undone; ``wanted`` is what that comes to."""
    first: date | None
    last: date | None
    """The days it is asked for, by the asker's calendar; neither: at once and for good."""
    text: str
    """What the asker had typed when it turned out that they are not linked."""
    state: str
    at: datetime
    ends_at: datetime
    decided_by: str | None

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.state == "open"

    @property
    def is_dated(self) -> bool:
        """Whether it is a plan that is asked for."""
        return self.first is not None or self.last is not None


class Petitions:
    """The petitions of one team."""

    def __init__(self, database: Database, *, team_id: str) -> None:
        self._database = database
        self._team_id = team_id

    async def ask(
        self,
        petition_id: str,
        *,
        asker: str,
        asked: tuple[str, ...],
        wanted: Sequence[Wanted] = (),
        first: date | None = None,
        last: date | None = None,
        undoes: str | None = None,
        text: str = "",
        now: datetime,
    ) -> bool:
        """Ask these people; ``False`` if that was done before, or an equal wish to be linked is open."""
        body = {
            "asked": asked,
            "wanted": [*map(_to_json, wanted)],
            "first": first and first.isoformat(),
            "last": last and last.isoformat(),
            "undoes": undoes,
            "text": text,
        }
        kind = DraftKind.PETITION if wanted else DraftKind.LINK_PETITION

        def write(sql: Sql) -> bool:
            if not wanted and self._waits_for_link(sql, asker):
                return False
            new = insert(
                sql,
                petition_id,
                team_id=self._team_id,
                kind=kind,
                owner=asker,
                body=body,
                now=now,
                lasts=LASTS,
            )
            for recipient in asked if new else ():
                put(
                    sql,
                    team_id=self._team_id,
                    kind=MessageKind.PETITION,
                    about=petition_id,
                    recipient=recipient,
                    now=now,
                )
            return new

        return await self._database.write(write)

    async def get(self, petition_id: str) -> Petition | None:
        """A petition, decided or not."""
        draft = await self._database.read(lambda sql: find(sql, petition_id, team_id=self._team_id))
        return _petition(draft) if draft and draft.kind in KINDS else None

    async def undecided(self, petition_id: str) -> Petition:
        """A petition that waits for a decision.

        Raises:
            DraftOverError: somebody has decided, or it has ended.
        """
        draft = await self._database.read(lambda sql: find(sql, petition_id, team_id=self._team_id))
        if draft is None or draft.kind not in KINDS or draft.state != "open":
            raise DraftOverError(draft)
        return _petition(draft)

    async def decline(self, petition_id: str, *, by: str, now: datetime) -> None:
        """Say no; whoever asked is told.

        Raises:
            DraftOverError: somebody has decided, or it has ended.
        """

        def write(sql: Sql) -> None:
            draft = decide(sql, petition_id, team_id=self._team_id, state="declined", by=by, now=now)
            _tell(sql, draft, team_id=self._team_id, now=now)

        await self._database.write(write)

    async def only_for(self, user_id: str) -> tuple[Petition, ...]:
        """The open petitions for changes that this person alone was asked to decide."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT draft_id FROM drafts WHERE team_id = ? AND kind = ? AND state = 'open'"
                " AND json_extract(body, '$.asked') = json_array(?)",
                (self._team_id, DraftKind.PETITION, user_id),
            )
        )
        every = [await self.get(row["draft_id"]) for row in found]
        return tuple(petition for petition in every if petition)

    async def hand_on(self, petition: Petition, *, to: str, now: datetime) -> None:
        """Ask somebody else instead; whoever asked is told."""

        def write(sql: Sql) -> None:
            moved = sql.execute(
                "UPDATE drafts SET body = json_set(body, '$.asked', json_array(?))"
                " WHERE draft_id = ? AND state = 'open' AND json_extract(body, '$.asked') = json_array(?)",
                (to, petition.id, *petition.asked),
            )
            if not moved.rowcount:
                return
            touch(sql, team_id=self._team_id, abouts=(petition.id,), now=now)
            for kind, recipient in ((MessageKind.PETITION, to), (MessageKind.ANSWER, petition.asker)):
                put(sql, team_id=self._team_id, kind=kind, about=petition.id, recipient=recipient, now=now)

        await self._database.write(write)

    async def expire(self, now: datetime) -> None:
        """End those that nobody has decided in time; whoever asked is told, once."""

        def write(sql: Sql) -> None:
            for kind in KINDS:
                for draft in expire(sql, kind, team_id=self._team_id, now=now):
                    _tell(sql, draft, team_id=self._team_id, now=now)

        over = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT 1 FROM drafts WHERE team_id = ? AND kind IN (?, ?) AND state = 'open'"
                " AND ends_at <= ? LIMIT 1",
                (self._team_id, *KINDS, now.isoformat()),
            )
        )
        if over:
            await self._database.write(write)

    def _waits_for_link(self, sql: Sql, asker: str) -> bool:
        return bool(
            rows(
                sql,
                "SELECT 1 FROM drafts WHERE team_id = ? AND kind = ? AND owner = ? AND state = 'open'",
                (self._team_id, DraftKind.LINK_PETITION, asker),
            )
        )


def carried_out(sql: Sql, draft_id: str, *, team_id: str, state: str, by: str, now: datetime) -> None:
    """Inside the transaction that does what a petition, or a preview, is for: it is decided by that.

    Raises:
        DraftOverError: it has ended, or somebody was first.
    """
    decide(sql, draft_id, team_id=team_id, state=state, by=by, now=now)
    touch(sql, team_id=team_id, abouts=(draft_id,), now=now)


def linked(sql: Sql, *, team_id: str, slack_user_id: str, by: str | None, now: datetime) -> tuple[str, ...]:
    """Inside the transaction that links somebody, in whatever way: the petitions that are done by it."""
    closed = close(sql, DraftKind.LINK_PETITION, team_id=team_id, owner=slack_user_id, state="linked", by=by)
    for draft in closed:
        _tell(sql, draft, team_id=team_id, now=now)
    return tuple(draft.id for draft in closed)


def asked_by(sql: Sql, user_id: str, *, team_id: str) -> tuple[Petition, ...]:
    """The open petitions for changes that somebody has asked."""
    found = rows(
        sql,
        "SELECT draft_id FROM drafts WHERE team_id = ? AND kind = ? AND owner = ? AND state = 'open'",
        (team_id, DraftKind.PETITION, user_id),
    )
    every = [find(sql, row["draft_id"], team_id=team_id) for row in found]
    return tuple(_petition(draft) for draft in every if draft)


def take_over(sql: Sql, petition: Petition, *, team_id: str, to: str, now: datetime) -> None:
    """Somebody else asks for it from now on, and hears what becomes of it."""
    sql.execute("UPDATE drafts SET owner = ? WHERE draft_id = ? AND state = 'open'", (to, petition.id))
    touch(sql, team_id=team_id, abouts=(petition.id,), now=now)


def withdraw(sql: Sql, user_id: str, *, team_id: str, by: str | None, now: datetime) -> None:
    """End all that somebody has asked who is gone; without ``by`` only the wish to be linked."""
    for kind in KINDS if by else (DraftKind.LINK_PETITION,):
        closed = close(sql, kind, team_id=team_id, owner=user_id, state="withdrawn", by=by)
        touch(sql, team_id=team_id, abouts=tuple(draft.id for draft in closed), now=now)


def _tell(sql: Sql, draft: Draft, *, team_id: str, now: datetime) -> None:
    """Have everybody's message edited, and the asker told."""
    touch(sql, team_id=team_id, abouts=(draft.id,), now=now)
    put(sql, team_id=team_id, kind=MessageKind.ANSWER, about=draft.id, recipient=draft.owner, now=now)


def _to_json(wanted: Wanted) -> dict[str, Any]:
    return {
        "subject": wanted.subject.key,
        "pattern": pattern_to_json(wanted.pattern),
        "before": week_to_json(wanted.before),
        "as_of": wanted.as_of and wanted.as_of.isoformat(),
    }


def _from_json(wanted: Mapping[str, Any]) -> Wanted:
    return Wanted(
        Subject.parse(wanted["subject"]),
        pattern_from_json(wanted["pattern"]),
        week_from_json(wanted["before"]),
        datetime.fromisoformat(wanted["as_of"]) if wanted["as_of"] else None,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _petition(draft: Draft) -> Petition:
    wanted = draft.body["wanted"] or ()
    every = [wanted] if isinstance(wanted, Mapping) else wanted  # a petition once had one week, or none
    return Petition(
        id=draft.id,
        asker=draft.owner,
        asked=tuple(draft.body["asked"]),
        wanted=tuple(map(_from_json, every)),
        undoes=draft.body.get("undoes"),
        first=_day(draft.body.get("first")),
        last=_day(draft.body.get("last")),
        text=draft.body["text"],
        state=draft.state,
        at=draft.at,
        ends_at=draft.ends_at,
        decided_by=draft.decided_by,
    )
