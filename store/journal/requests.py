"""Requests as they were received, recorded before any work on them begins, so that a crash loses none.

A request that led to a change lives on as its act. One that led to nothing is deleted once it is answered;
if it was not, its actor is told, who may have it done after all.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from store.act import Act, Kind, Place
from store.database import Database, Sql
from store.journal.entries import adopt_interrupted, forget_received, insert_act, interrupt, take_up
from store.messages import MessageKind, put, touch

__all__ = ["Requests"]


class Requests:
    """The requests of one team; ``owner`` is this process."""

    def __init__(self, database: Database, *, team_id: str, owner: str) -> None:
        self._database = database
        self._team_id = team_id
        self._owner = owner

    async def receive(
        self,
        act_id: str,
        *,
        actor: str,
        kind: Kind,
        request: dict[str, Any],
        place: Place,
        now: datetime,
        event_id: str = "",
    ) -> bool:
        """Record a request that may write, before any work on it begins.

        Returns ``False``, recording nothing, if Slack has sent the same event before (a retry by Slack).
        """

        def record(sql: Sql) -> bool:
            if event_id and self._see(sql, event_id, now):
                return False
            insert_act(sql, Act(act_id, self._team_id, actor, kind, now, place, request), owner=self._owner)
            return True

        return await self._database.write(record)

    async def drop(self, act_id: str) -> None:
        """Delete a request that led to no change and has been answered."""
        await self._database.write(lambda sql: forget_received(sql, act_id))

    async def tell_interrupted(self, now: datetime) -> tuple[Act, ...]:
        """Mark requests whose process died before working on them as interrupted; tell each actor once."""

        def adopt(sql: Sql) -> tuple[Act, ...]:
            acts = adopt_interrupted(sql, team_id=self._team_id, owner=self._owner, now=now)
            for act in acts:
                _owe(sql, act, why="restarted", now=now)
            return acts

        return await self._database.write(adopt)

    async def tell_unanswered(self, act_id: str, *, now: datetime) -> None:
        """Enqueue a message on a request that led to nothing and whose direct answer Slack did not accept."""

        def owe(sql: Sql) -> None:
            if act := interrupt(sql, act_id):
                _owe(sql, act, why="unanswered", now=now)

        await self._database.write(owe)

    async def take_up(self, act: Act, *, again: str, place: Place, now: datetime) -> bool:
        """Record an interrupted request anew, as the act ``again``, so that it is carried out after all.

        Returns ``False`` if this was done before, or it is too late.
        """

        def take(sql: Sql) -> bool:
            taken = take_up(sql, act.id, now=now)
            if taken:
                insert_act(sql, replace(act, id=again, place=place, at=now), owner=self._owner)
            touch(sql, team_id=self._team_id, abouts=(act.id,), now=now)
            return taken

        return await self._database.write(take)

    async def seen_event(self, event_id: str, now: datetime) -> bool:
        """Whether this Slack event was seen before; its id is stored for 25 hours."""
        return await self._database.write(lambda sql: self._see(sql, event_id, now))

    def _see(self, sql: Sql, event_id: str, now: datetime) -> bool:
        sql.execute("DELETE FROM events WHERE at < ?", ((now - timedelta(hours=25)).isoformat(),))
        new = sql.execute(
            "INSERT OR IGNORE INTO events VALUES (?, ?, ?)", (self._team_id, event_id, now.isoformat())
        )
        return new.rowcount == 0


def _owe(sql: Sql, act: Act, *, why: str, now: datetime) -> None:
    """Inside a transaction: enqueue a message that tells the actor that nothing was done."""
    put(
        sql,
        team_id=act.team_id,
        kind=MessageKind.RESTARTED,
        about=act.id,
        recipient=act.actor,
        detail={"why": why},
        now=now,
    )
