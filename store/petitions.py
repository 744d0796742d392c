"""Petitions: requests to people with the right to make a change of weeks, an undo, or a link.

A petition is a draft with messages: one to each person asked to decide, and an answer to the asker. Each is
enqueued in the transaction that causes it. If the petition leads to an act, the act's own messages
(:mod:`store.changing.telling`) tell the outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from store.act import Days
from store.codec import pattern_from_json, pattern_to_json, week_from_json, week_to_json
from store.database import Database, Sql, rows
from store.drafts import Draft, DraftKind, DraftOverError, close, decide, expire, find, insert
from store.messages import MessageKind, put, touch
from store.week import Pattern, Subject, Week

__all__ = ["KINDS", "LASTS", "Petition", "Petitions", "Wanted"]
__all__ += ["asked_by", "carried_out", "linked", "of_asker", "take_over", "withdraw"]

LASTS = timedelta(days=7)

KINDS = (DraftKind.PETITION, DraftKind.LINK_PETITION)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change asked for, and the week (``before``, read at ``as_of``) on which the request is based."""

    subject: Subject
    pattern: Pattern
    before: Week | None = None
    as_of: datetime | None = None

    @property
    def expected(self) -> Days | None:
        """The days as shown to the person who decides: if they have changed since, there is a conflict."""
        return dict(self.before) if self.before else None


@dataclass(frozen=True, slots=True)
class Petition:
    """A request for changes of weeks (``wanted``), or, without any, for a link to the asker's Focus user."""

    id: str
    asker: str
    asked: tuple[str, ...]
    """The Slack users asked to decide: for a change, some who may make it; for a link, the admins."""
    wanted: tuple[Wanted, ...]
    undoes: str | None
    """The id of the act that is to be undone; ``wanted`` then holds the effect of the undo."""
    first: date | None
    last: date | None
    """The first and last day of the change, in the asker's time zone; neither: at once and for good."""
    text: str
    """The command that the asker had typed when they were found not to be linked."""
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
        """Whether the petition is for a planned change, with a first or last day."""
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
        """Create a petition and enqueue a message to each person in ``asked``.

        Returns ``False`` if the petition exists already, or the asker has an open petition for a link.
        """
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
        """The petition with this id, decided or not."""
        draft = await self._database.read(lambda sql: find(sql, petition_id, team_id=self._team_id))
        return _petition(draft) if draft and draft.kind in KINDS else None

    async def undecided(self, petition_id: str) -> Petition:
        """The petition with this id, which must be open.

        Raises:
            DraftOverError: it was decided, or has expired.
        """
        draft = await self._database.read(lambda sql: find(sql, petition_id, team_id=self._team_id))
        if draft is None or draft.kind not in KINDS or draft.state != "open":
            raise DraftOverError(draft)
        return _petition(draft)

    async def decline(self, petition_id: str, *, by: str, now: datetime) -> None:
        """Decline a petition and tell the asker.

        Raises:
            DraftOverError: it was decided, or has expired.
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
        """Ask ``to`` instead of the people asked before, and tell the asker."""

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
        """Expire the petitions that nobody decided in time, and tell their askers, once each."""

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
    """Decide a petition or preview, in the transaction that carries it out.

    Raises:
        DraftOverError: it has expired, or somebody else has decided it.
    """
    decide(sql, draft_id, team_id=team_id, state=state, by=by, now=now)
    touch(sql, team_id=team_id, abouts=(draft_id,), now=now)


def linked(sql: Sql, *, team_id: str, slack_user_id: str, by: str | None, now: datetime) -> tuple[str, ...]:
    """Close a person's petitions for a link, in the transaction that links them; return the closed ids."""
    closed = close(sql, DraftKind.LINK_PETITION, team_id=team_id, owner=slack_user_id, state="linked", by=by)
    for draft in closed:
        _tell(sql, draft, team_id=team_id, now=now)
    return tuple(draft.id for draft in closed)


def asked_by(sql: Sql, user_id: str, *, team_id: str) -> tuple[Petition, ...]:
    """The open petitions for changes made by this person."""
    found = rows(
        sql,
        "SELECT draft_id FROM drafts WHERE team_id = ? AND kind = ? AND owner = ? AND state = 'open'",
        (team_id, DraftKind.PETITION, user_id),
    )
    every = [find(sql, row["draft_id"], team_id=team_id) for row in found]
    return tuple(_petition(draft) for draft in every if draft)


def of_asker(body: Mapping[str, Any], *, own: object) -> dict[str, Any]:
    """A stored petition's body as its asker may read it, whose week is ``own``: a subject's key, or ``None``.

    The weeks of others are kept for the deciders: the asker has only named the days.
    """
    return {
        **body,
        "wanted": [
            each if each["subject"] == own else {**each, "before": None, "as_of": None}
            for each in _wishes(body)
        ],
    }


def take_over(sql: Sql, petition: Petition, *, team_id: str, to: str, now: datetime) -> None:
    """Make ``to`` the asker of an open petition, who is told its outcome."""
    sql.execute("UPDATE drafts SET owner = ? WHERE draft_id = ? AND state = 'open'", (to, petition.id))
    touch(sql, team_id=team_id, abouts=(petition.id,), now=now)


def withdraw(sql: Sql, user_id: str, *, team_id: str, by: str | None, now: datetime) -> None:
    """End the open petitions of a person who left Slack; without ``by`` only those for a link."""
    for kind in KINDS if by else (DraftKind.LINK_PETITION,):
        closed = close(sql, kind, team_id=team_id, owner=user_id, state="withdrawn", by=by)
        touch(sql, team_id=team_id, abouts=tuple(draft.id for draft in closed), now=now)


def _tell(sql: Sql, draft: Draft, *, team_id: str, now: datetime) -> None:
    """Have all messages about the petition edited, and enqueue the answer to the asker."""
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


def _wishes(body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    wanted = body["wanted"] or ()
    return [wanted] if isinstance(wanted, Mapping) else wanted  # older rows hold one week, or none


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _petition(draft: Draft) -> Petition:
    return Petition(
        id=draft.id,
        asker=draft.owner,
        asked=tuple(draft.body["asked"]),
        wanted=tuple(map(_from_json, _wishes(draft.body))),
        undoes=draft.body.get("undoes"),
        first=_day(draft.body.get("first")),
        last=_day(draft.body.get("last")),
        text=draft.body["text"],
        state=draft.state,
        at=draft.at,
        ends_at=draft.ends_at,
        decided_by=draft.decided_by,
    )
