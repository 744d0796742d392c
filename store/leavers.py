"""Leavers: people who left Slack. Their grants and waiting work are suspended until an admin decides.

Each leaver is one row. While it has no decision, their grants give no rights and their waiting changes are
not resumed (:mod:`store.access` and :mod:`store.journal` check the row). The grants and changes themselves
are not touched, so a person who comes back finds everything as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from store import petitions
from store.access import Action, Permit
from store.act import Act, Change, Place, State
from store.changing.stopping import cancel_waiting
from store.database import Database, Row, Sql, rows
from store.drafts import DraftKind
from store.ids import new_id
from store.journal import entries, records
from store.messages import MessageKind, put, touch
from store.outbox import Outbox
from store.plans import Plan, rearranging, table
from store.reminders import reminder

__all__ = ["Decision", "Leavers"]

TAKEN, DELETED = "taken", "deleted"


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision on a leaver's work: ``taken`` over, ``deleted``, or ``None`` while it is suspended."""

    what: str | None
    by: str | None


class Leavers:
    """The people who left one Slack team, and what becomes of their work."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        *,
        team_id: str,
        owner: str,
        audit_channel: str | None,
        abandon: rearranging.Abandon,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._team_id = team_id
        self._owner = owner
        self._audit_channel = audit_channel
        self._abandon = abandon

    async def left(self, user_id: str, *, name: str, tell: tuple[str, ...], now: datetime) -> bool:
        """Suspend the work of a person who left Slack, and ask the admins ``tell`` once to decide about it.

        Returns ``False`` if the person leaves no work behind.
        """

        def rest(sql: Sql) -> bool:
            changes = self._waiting(sql, user_id)
            scopes = [row["scope"] for row in self._held(sql, user_id)]
            plans = self._plans(sql, user_id)
            reminders = reminder.owned(sql, user_id, team_id=self._team_id)
            petitions.withdraw(sql, user_id, team_id=self._team_id, by=None, now=now)
            asked = petitions.asked_by(sql, user_id, team_id=self._team_id)
            if not (changes or scopes or plans or reminders or asked):
                return False
            sql.execute(
                "INSERT INTO leavers VALUES (?, ?, ?, NULL, NULL) ON CONFLICT DO UPDATE"
                " SET since = excluded.since, decision = NULL, decided_by = NULL WHERE decision IS NOT NULL",
                (self._team_id, user_id, now.isoformat()),
            )
            detail = {
                "code": "leaver",
                "user": user_id,
                "name": name,
                "waiting": list(dict.fromkeys(change.subject.key for change in changes)),
                "planned": list(dict.fromkeys(plan.subject.key for plan in plans)),
                "asked": list(
                    dict.fromkeys(each.subject.key for petition in asked for each in petition.wanted)
                ),
                "grants": scopes,
                "reminders": [each.channel for each in reminders],
            }
            for admin in tell:
                put(
                    sql, team_id=self._team_id, kind=MessageKind.ALERT, about=self._about(sql, user_id),
                    recipient=admin, detail=detail, now=now,
                )  # fmt: skip
            return True

        return await self._database.write(rest)

    async def came_back(self, user_id: str, *, now: datetime) -> bool:
        """Resume the work of a person who is in Slack again; ``False`` if none was suspended."""

        def forget(sql: Sql) -> bool:
            about = self._about(sql, user_id)
            gone = sql.execute(
                "DELETE FROM leavers WHERE team_id = ? AND slack_user_id = ? AND decision IS NULL",
                (self._team_id, user_id),
            )
            if gone.rowcount:
                touch(sql, team_id=self._team_id, abouts=(about,), now=now)
                reminder.go_on_all(sql, user_id, team_id=self._team_id, now=now)
            return gone.rowcount > 0

        if user_id not in await self.resting():
            return False
        came = await self._database.write(forget)
        self._outbox.stirred.set()  # what rested may be due
        return came

    async def resting(self) -> frozenset[str]:
        """The Slack users whose work is suspended until an admin decides."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                entries.RESTING,
                {"team": self._team_id},
            )
        )
        return frozenset(row["slack_user_id"] for row in found)

    async def decision(self, user_id: str) -> Decision | None:
        """The decision on this leaver; ``None`` if they are no leaver, or came back before a decision."""
        found = await self._database.read(lambda sql: self._row(sql, user_id))
        return Decision(found["decision"], found["decided_by"]) if found else None

    async def with_work(self) -> frozenset[str]:
        """Every Slack user with a grant, plan, reminder or waiting change, or in an open petition."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT manager AS user FROM grants WHERE team_id = :team UNION"  # noqa: S608 - a constant
                " SELECT owner FROM reminders WHERE team_id = :team AND state <> 'deleted' UNION"
                " SELECT actor FROM acts JOIN changes USING (act_id)"
                " WHERE changes.team_id = :team AND changes.state = 'waiting' UNION"
                f" SELECT planner FROM plans WHERE team_id = :team AND {table.OPEN} UNION"
                " SELECT owner FROM drafts WHERE team_id = :team AND state = 'open'"
                " AND kind IN (:petition, :link) UNION"
                " SELECT json_each.value FROM drafts, json_each(body, '$.asked')"
                " WHERE team_id = :team AND state = 'open' AND kind = :petition",
                {"team": self._team_id, "petition": DraftKind.PETITION, "link": DraftKind.LINK_PETITION},
            )
        )
        return frozenset(row["user"] for row in found)

    async def take_over(self, permit: Permit, user_id: str, *, now: datetime) -> bool:
        """*Take over*: give the leaver's waiting changes, plans, petitions and reminders to the admin.

        Grants that the leaver held or gave become the admin's, too. Returns ``False`` if another admin has
        decided, or the person came back.
        """
        admin = permit.actor.user_id

        def take(sql: Sql) -> bool:
            if not self._decide(sql, user_id, TAKEN, by=admin, now=now):
                return False
            for act in self._acts(sql, user_id):
                self._hand_over(sql, act, to=admin, now=now)
            for plan in self._plans(sql, user_id):
                rearranging.hand_over(sql, plan, to=admin, now=now)
            for petition in petitions.asked_by(sql, user_id, team_id=self._team_id):
                petitions.take_over(sql, petition, team_id=self._team_id, to=admin, now=now)
            sql.execute(
                "INSERT OR IGNORE INTO grants (team_id, manager, scope, granted_by, granted_at, until)"
                " SELECT team_id, :admin, scope, :admin, :now, until FROM grants"
                " WHERE team_id = :team AND manager = :user",
                {"admin": admin, "now": now.isoformat(), "team": self._team_id, "user": user_id},
            )
            self._drop_grants(sql, user_id)
            reminder.hand_over_all(sql, user_id, to=admin, team_id=self._team_id, now=now)
            sql.execute(
                "UPDATE grants SET granted_by = ? WHERE team_id = ? AND granted_by = ?",
                (admin, self._team_id, user_id),
            )
            return True

        return await self._administer(permit, take)

    async def delete(self, permit: Permit, user_id: str, *, now: datetime) -> bool:
        """*Delete*: cancel the leaver's waiting changes, plans and petitions; end their grants and reminders.

        Returns ``False`` if another admin has decided, or the person came back.
        """

        def delete(sql: Sql) -> bool:
            admin = permit.actor.user_id
            if not self._decide(sql, user_id, DELETED, by=admin, now=now):
                return False
            for plan in self._plans(sql, user_id):
                rearranging.cancel(sql, plan, by=admin, now=now, abandon=self._abandon)
            petitions.withdraw(sql, user_id, team_id=self._team_id, by=admin, now=now)
            for act in self._acts(sql, user_id):
                cancel_waiting(sql, act.id, audit_channel=self._audit_channel, now=now)
            self._drop_grants(sql, user_id)
            reminder.drop(sql, user_id, team_id=self._team_id, now=now)
            return True

        return await self._administer(permit, delete)

    # -------------------------------------------------------------- inside

    async def _administer(self, permit: Permit, decide: Callable[[Sql], bool]) -> bool:
        if permit.action is not Action.ADMINISTER:
            raise TypeError("a leaver's work is decided on with a permit to administer")
        decided = await self._database.write(decide)
        self._outbox.stirred.set()  # what rested may be due
        return decided

    def _decide(self, sql: Sql, user_id: str, what: str, *, by: str, now: datetime) -> bool:
        taken = sql.execute(
            "UPDATE leavers SET decision = ?, decided_by = ?"
            " WHERE team_id = ? AND slack_user_id = ? AND decision IS NULL",
            (what, by, self._team_id, user_id),
        )
        if taken.rowcount:
            touch(sql, team_id=self._team_id, abouts=(self._about(sql, user_id),), now=now)
        return taken.rowcount > 0

    def _hand_over(self, sql: Sql, act: Act, *, to: str, now: datetime) -> None:
        """Move an act's waiting changes to a new act of ``to``; the others stay the leaver's in history."""
        mine = replace(act, id=new_id(), actor=to, at=now, place=Place("dm"), changes=())
        entries.open_act(sql, mine, owner=self._owner)
        for change in _waiting_of(act):
            sql.execute("UPDATE changes SET act_id = ? WHERE change_id = ?", (mine.id, change.id))
            rearranging.follow(sql, change, to=mine.id)
        if act.undoes:
            sql.execute("UPDATE acts SET undone_by = ? WHERE undone_by = ?", (mine.id, act.id))
        put(sql, team_id=self._team_id, kind=MessageKind.RECEIPT, about=mine.id, recipient=to, now=now)
        touch(sql, team_id=self._team_id, abouts=(act.id,), now=now)

    def _drop_grants(self, sql: Sql, user_id: str) -> None:
        sql.execute("DELETE FROM grants WHERE team_id = ? AND manager = ?", (self._team_id, user_id))

    def _acts(self, sql: Sql, user_id: str) -> list[Act]:
        found = rows(
            sql,
            "SELECT DISTINCT act_id FROM changes JOIN acts USING (act_id)"
            " WHERE changes.team_id = ? AND actor = ? AND changes.state = 'waiting' ORDER BY acts.at",
            (self._team_id, user_id),
        )
        return [records.must_load_act(sql, row["act_id"]) for row in found]

    def _plans(self, sql: Sql, user_id: str) -> tuple[Plan, ...]:
        return table.select(sql, f"planner = ? AND {table.OPEN}", user_id, team_id=self._team_id)

    def _waiting(self, sql: Sql, user_id: str) -> list[Change]:
        return [change for act in self._acts(sql, user_id) for change in _waiting_of(act)]

    def _held(self, sql: Sql, user_id: str) -> list[Row]:
        return rows(
            sql,
            "SELECT scope FROM grants WHERE team_id = ? AND manager = ? ORDER BY rowid",
            (self._team_id, user_id),
        )

    def _row(self, sql: Sql, user_id: str) -> Row | None:
        found = rows(
            sql, "SELECT * FROM leavers WHERE team_id = ? AND slack_user_id = ?", (self._team_id, user_id)
        )
        return found[0] if found else None

    def _about(self, sql: Sql, user_id: str) -> str:
        """The ``about`` key of the message on this departure; every departure has its own."""
        row = self._row(sql, user_id)
        return f"leaver:{user_id}:{row['since'] if row else ''}"


def _waiting_of(act: Act) -> list[Change]:
    return [change for change in act.changes if change.state is State.WAITING]
