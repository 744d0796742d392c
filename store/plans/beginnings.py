"""What the clock does about plans: announce them the day before, begin them, and put their days back.

Each method is one transaction. A plan is marked as begun in the transaction that opens the act for it, so
that a crash cannot begin it twice or never. From then on the act is carried out like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from store.access import Action, Permit
from store.act import UNSETTLED, Act, Change, Days, Kind, Place
from store.database import Database, Sql, rows
from store.directory import slack_user_of
from store.ids import new_id
from store.journal import entries
from store.journal.entries import RESTING
from store.messages import MessageKind, put
from store.outbox import Outbox
from store.plans import fulfilled, rearranging, table
from store.plans.mornings import A_WORKWEEK, asked_at, held
from store.plans.plan import Plan, PlanState, projected
from store.trouble import Trouble, TroubleCode
from store.week import Pattern, Subject, Week

__all__ = ["Beginnings"]

LOOKED_AT = 500
"""The most plans handled in one tick of the clock; the rest follow at the next."""

_DUE = f"""
    SELECT plan_id FROM plans WHERE team_id = :team AND due_at <= :now AND planner NOT IN ({RESTING})
    AND NOT (state = 'planned' AND (
      EXISTS (SELECT 1 FROM plans AS ending WHERE ending.team_id = :team AND ending.subject = plans.subject
              AND ending.state = 'begun' AND ending.due_at <= :now AND ending.planner NOT IN ({RESTING}))
      OR EXISTS (SELECT 1 FROM changes JOIN acts USING (act_id)
              WHERE changes.team_id = :team AND changes.subject = plans.subject
              AND changes.state IN {UNSETTLED} AND kind IN ('plan', 'put back'))))
    ORDER BY due_at, rowid LIMIT {LOOKED_AT}
"""  # noqa: S608 - constants
"""Selects due plans. A plan does not begin before plans of the same subject that end then are put back."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A plan before and after it begins or ends, the change to make, and the resulting week if known."""

    before: Plan
    after: Plan
    pattern: Pattern
    expected: Days | None
    week: Week


class Beginnings:
    """What the clock does about the plans of one team."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        *,
        team_id: str,
        owner: str,
        admins: Iterable[str],
        abandon: rearranging.Abandon,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._team_id = team_id
        self._owner = owner
        self._admins = tuple(sorted(admins))
        self._abandon = abandon

    async def any_due(self, now: datetime) -> bool:
        """Whether any plan is due or has to be announced; asked once a second."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT EXISTS (SELECT 1 FROM plans WHERE due_at <= :now AND team_id = :team)"
                " OR EXISTS (SELECT 1 FROM plans WHERE tell_at <= :now AND team_id = :team) AS any",
                {"now": now.isoformat(), "team": self._team_id},
            )
        )
        return bool(found[0]["any"])

    async def due(self, now: datetime) -> tuple[tuple[Plan, ...], ...]:
        """The plans to begin or end now, in groups with the same batch, planner and state."""

        def find(sql: Sql) -> list[Plan]:
            found = rows(sql, _DUE, {"team": self._team_id, "now": now.isoformat()})
            plans = (table.find(sql, row["plan_id"], team_id=self._team_id) for row in found)
            return [plan for plan in plans if plan]

        def together(plan: Plan) -> tuple[str, str, str]:
            return plan.batch, plan.planner, plan.state

        plans = sorted(await self._database.read(find), key=together)
        return tuple(tuple(group) for _, group in groupby(plans, key=together))

    async def tell(self, now: datetime) -> None:
        """Announce what begins or ends tomorrow to the person, and to the planner if the plan is not new."""

        def write(sql: Sql) -> int:
            told_of = table.select(sql, "tell_at <= ?", now.isoformat(), team_id=self._team_id)
            for plan in told_of:
                table.save(sql, plan, replace(plan, tell_at=None), now=now)
                if plan.due_at is None or plan.due_at <= now or plan.undone or plan.unwritten:
                    continue  # it is due now, which is told instead, or it was undone or not written
                person = slack_user_of(sql, team_id=self._team_id, subject=plan.subject)
                just_planned = plan.state is PlanState.PLANNED and plan.at >= plan.tells_of_begin_at
                told = {person} - {plan.planner} if just_planned else {person, plan.planner}
                self._put(sql, table.next_about(plan), told, now=now)
            return len(told_of)

        await self._write(write)

    async def begin(self, plans: Iterable[Plan], permits: Mapping[Subject, Permit], *, now: datetime) -> None:
        """Open an act for those plans of a group that have a permit; for the others a decision is asked for.

        Plans whose days are over already end as missed.
        """

        def write(sql: Sql) -> int:
            begun = []
            current = self._still(sql, plans, PlanState.PLANNED, now)
            for plan in current:
                if plan.ends_at and plan.ends_at <= now:
                    self._end(sql, plan, trouble=Trouble(TroubleCode.MISSED), now=now)
                elif plan.subject in permits:
                    begun.append(_beginning(sql, plan, now=now))
                else:
                    self._ask(sql, plan, now=now)
            if begun:
                act = self._open(sql, Kind.PLAN, begun, permits, now=now)
                for entry in begun:
                    table.save(sql, entry.before, replace(entry.after, begin_act=act.id), now=now)
            return len(current)

        await self._write(write)

    async def put_back(
        self, plans: Iterable[Plan], permits: Mapping[Subject, Permit], *, now: datetime
    ) -> None:
        """Open an act that restores the days that the plans of a group have changed, unless that was undone.

        For plans without a permit a decision is asked for.
        """

        def write(sql: Sql) -> int:
            ended, known = [], 0
            for plan in self._still(sql, plans, PlanState.BEGUN, now):
                change = table.change_of(sql, plan)
                if change and fulfilled.is_under_way(sql, change):
                    continue  # its outcome is not known yet: handled at a later tick
                known += 1
                if change is None or not change.written or plan.undone:
                    self._end(sql, plan, now=now)
                elif plan.subject in permits:
                    ended.append(_ending(plan, change))
                else:
                    self._ask(sql, plan, now=now)
                    continue
                if change:
                    fulfilled.close(sql, plan, change, abandon=self._abandon, now=now)
            if ended:
                act = self._open(sql, Kind.PUT_BACK, ended, permits, now=now)
                for entry in ended:
                    table.save(sql, entry.before, replace(entry.after, back_act=act.id), now=now)
            return known

        await self._write(write)

    async def end(self, plans: Iterable[Plan], *, now: datetime) -> None:
        """End plans that waited for a decision until their days were over."""

        def write(sql: Sql) -> int:
            current = self._still(sql, plans, PlanState.ASKED, now)
            for plan in current:
                self._end(sql, plan, trouble=plan.trouble, now=now)
            return len(current)

        await self._write(write)

    # -------------------------------------------------------------- inside

    async def _write(self, write: Callable[[Sql], int]) -> None:
        """Wake the clock only if plans were changed; otherwise each tick would trigger the next."""
        if await self._database.write(write):
            self._outbox.stirred.set()

    def _still(self, sql: Sql, plans: Iterable[Plan], state: PlanState, now: datetime) -> list[Plan]:
        """The plans, read again, that are still due and have the state and planner they were judged by."""
        current = ((plan, table.find(sql, plan.id, team_id=self._team_id)) for plan in plans)
        return [
            found
            for plan, found in current
            if found
            and found.state is state
            and found.planner == plan.planner
            and found.due_at
            and found.due_at <= now
        ]

    def _open(
        self,
        sql: Sql,
        kind: Kind,
        group: list[_Entry],
        permits: Mapping[Subject, Permit],
        *,
        now: datetime,
    ) -> Act:
        weeks = ((each.before, each.week) for each in group)
        act = Act(
            id=new_id(),
            team_id=self._team_id,
            actor=group[0].before.planner,
            kind=kind,
            at=now,
            place=Place("dm"),
            request={"plans": [each.before.id for each in group], "held": held(weeks, now=now)},
        )
        entries.open_act(sql, act, owner=self._owner)
        for each in group:
            subject = permits[each.before.subject].require(Action.CHANGE)
            entries.add_change(
                sql, act, subject=subject, pattern=each.pattern, expected=each.expected, now=now
            )
        return act

    def _end(self, sql: Sql, plan: Plan, *, trouble: Trouble | None = None, now: datetime) -> None:
        over = replace(plan, state=PlanState.OVER, due_at=None, tell_at=None, trouble=trouble)
        table.save(sql, plan, over, now=now)
        if trouble:
            rearranging.withdraw(sql, plan, now=now)
            self._put(sql, f"asked:{plan.batch}:begin", (plan.planner,), now=asked_at(plan, now=now))

    def _ask(self, sql: Sql, plan: Plan, *, now: datetime) -> None:
        """Ask the planner and admins to decide about a plan whose planner may no longer change this week."""
        due_at = None if plan.begin_act else plan.ends_at
        which = "end" if plan.begin_act else "begin"
        trouble = Trouble(TroubleCode.NOT_ALLOWED, which)
        asked = replace(plan, state=PlanState.ASKED, due_at=due_at, tell_at=None, trouble=trouble)
        table.save(sql, plan, asked, now=now)
        rearranging.withdraw(sql, plan, now=now)
        self._put(
            sql, f"asked:{plan.batch}:{which}", (plan.planner, *self._admins), now=asked_at(plan, now=now)
        )

    def _put(self, sql: Sql, about: str, recipients: Iterable[str | None], *, now: datetime) -> None:
        for recipient in dict.fromkeys(filter(None, recipients)):
            put(
                sql,
                team_id=self._team_id,
                kind=MessageKind.PLAN,
                about=about,
                recipient=recipient,
                now=now,
            )


def _beginning(sql: Sql, plan: Plan, *, now: datetime) -> _Entry:
    tells = plan.tells_of_end_at
    after = replace(
        plan,
        state=PlanState.BEGUN if plan.last else PlanState.OVER,
        due_at=plan.ends_at,
        tell_at=tells if tells and tells > now else None,
    )
    expected = fulfilled.expected(sql, plan)
    seen = A_WORKWEEK if expected is None else Week.of(expected)
    return _Entry(plan, after, plan.pattern, expected, projected(seen, [plan], plan.first))


def _ending(plan: Plan, change: Change) -> _Entry:
    """The entry that puts a plan's days back, like an undo: days changed by others since are a conflict."""
    pattern, expected = change.back()
    after = replace(plan, state=PlanState.OVER, due_at=None, tell_at=None)
    return _Entry(plan, after, pattern, expected, pattern.on(change.wanted or A_WORKWEEK))
