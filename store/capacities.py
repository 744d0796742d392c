"""Hours by date from Focus's *capacities*: one call reads many people. For boards, never for writing.

A capacity says how long a person works on a date, not which rows their week has: 0 may be a day off or a
day that is not set. So capacities are stored apart from the weeks, and no week is derived from them. They
are used only as long as a comparison with a few weeks read one by one has shown that both agree.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from store.access import Action, Permit
from store.clock import Clock
from store.database import Database, Row, Sql, rows
from store.facts import Facts
from store.focus import (
    FocusClient,
    FocusError,
    ForbiddenError,
    NotFoundError,
    NotUnderstoodError,
    RejectedError,
)
from store.lastknown import LastKnown
from store.looks import Looks, Refreshed
from store.week import ALL_DAYS, Hours, Subject, Week, Weekday

__all__ = ["Capacities", "Dated", "differing_days"]

log = logging.getLogger(__name__)

MANY = 10
"""From this number of people on, capacities are used; fewer are read one by one, which gives whole weeks."""

NAMED_IN_A_CALL = 100
"""The most people that one call may name."""

COMPARED = 3
"""The number of people whose weeks are read for a comparison.

Those with the most uneven days are chosen, because they best reveal hours assigned to the wrong weekday.
"""

TOLD_FOR = timedelta(hours=1)
"""How long the answers to :meth:`Capacities.worked` are cached, in memory."""

BELIEVED_FOR = timedelta(days=7)
"""How long the result of a comparison counts, whether it found agreement or not."""

KEPT_FOR = timedelta(days=35)
SAME_WITHIN = Decimal(1) / 60
"""The tolerance of the comparison, in hours: capacities come in whole minutes."""

FACT = "capacities"

_NOT_HERE = (NotFoundError, ForbiddenError, RejectedError, NotUnderstoodError)
"""Errors that a retry does not mend: Focus gives no capacities, or none that can be read."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A person's hours on each date of one week, as Focus gave them at ``as_of``."""

    hours: Mapping[date, Hours]
    as_of: datetime


def differing_days(week: Week, dated: Mapping[date, Hours], *, monday: date) -> list[Weekday]:
    """The days on which a week and the capacities of the dates from ``monday`` on differ."""
    return [
        day
        for day in ALL_DAYS
        if abs((week[day] or 0) - dated.get(monday + timedelta(days=day - 1), Hours(0))) >= SAME_WITHIN
    ]


class Capacities:
    """The capacities of one team's people."""

    def __init__(
        self,
        database: Database,
        facts: Facts,
        focus: FocusClient,
        looks: Looks,
        weeks: LastKnown,
        *,
        team_id: str,
        clock: Clock,
    ) -> None:
        self._database = database
        self._facts = facts
        self._focus = focus
        self._looks = looks
        self._weeks = weeks
        self._team_id = team_id
        self._clock = clock
        self._told: dict[date, tuple[datetime, dict[Subject, Mapping[date, Hours] | None]]] = {}

    async def week_of(self, permits: Iterable[Permit], day: date) -> dict[Subject, Dated]:
        """The stored capacities for this day's week, where they are newer than the subject's own week."""
        wanted = {permit.require(Action.SEE) for permit in permits}
        found = await self._database.read(lambda sql: self._younger(sql, _monday(day)))
        dated = {Subject.parse(row["subject"]): _dated(row) for row in found}
        return {subject: each for subject, each in dated.items() if subject in wanted}

    async def refresh(
        self, permits: Iterable[Permit], day: date, *, away: Collection[Subject], at_most: int
    ) -> Refreshed:
        """Read anew what a board shows of this day's week.

        Capacities are read, with one call per hundred people, if they are known to agree with the weeks or
        a comparison shows it now. Otherwise, and for placeholders, weeks are read one by one. Both go only
        as far as the quota's reserve allows, oldest data first.

        Args:
            permits: to see the subjects on the board.
            day: any day of the week.
            away: subjects on leave in that week: it is not known whether leave reduces capacities, so
                they are not compared.
            at_most: the most weeks to read one by one.

        Raises:
            FocusError: nothing can be read at present; what was read so far is kept.
        """
        every = {permit.require(Action.SEE): permit for permit in permits}
        people = _people(every)
        told: Collection[Subject] = ()
        if self._may_cover(people):
            told = await self._renew(every, await self._oldest_first(people), _monday(day), away)
        rest = [permit for subject, permit in every.items() if subject not in told]
        singly = await self._looks.refresh(rest, at_most=at_most)
        return Refreshed(len(told) + singly.read, singly.failed)

    def read_singly(self, subjects: Collection[Subject]) -> int:
        """How many of these :meth:`refresh` reads one by one, at most, if the quota can spare it."""
        people = _people(subjects)
        covered = len(people) if self._may_cover(people) and self._verdict() else 0
        return len(subjects) - covered

    async def worked(self, permits: Iterable[Permit], monday: date) -> dict[Subject, Week]:
        """The hours that people work in the week of ``monday``, from capacities, as their own is unknown.

        Used to decide whom a reminder names, never for writing. Stored and cached capacities are used first.
        For the rest Focus is asked, one call per hundred people, unless capacities were found to differ from
        the weeks or the quota cannot spare the call. People without an answer are missing in the result.
        """
        permits = tuple(permits)
        told = {subject: each.hours for subject, each in (await self.week_of(permits, monday)).items()}
        asked = self._asked_lately(monday)
        subjects = [permit.subject for permit in permits if permit.subject and permit.subject not in told]
        unknown = [subject for subject in subjects if subject not in asked]
        if unknown and self._verdict() is not False and self._looks.can_spare():
            try:
                found = await self._focus.capacities(
                    [subject.id for subject in unknown], monday, monday + timedelta(days=6)
                )
            except FocusError as error:
                log.info("what Focus plans with is not known: %s", error)
            else:
                asked |= {subject: found.get(subject.id) for subject in unknown}
        told |= {subject: hours for subject in subjects if (hours := asked.get(subject)) is not None}
        days = [monday + timedelta(days=number) for number in range(7)]
        return {subject: Week(tuple(hours.get(day) for day in days)) for subject, hours in told.items()}

    # -------------------------------------------------------------- inside

    def _may_cover(self, people: Sequence[Subject]) -> bool:
        """Whether capacities may be used for so many, at least after a comparison."""
        return len(people) >= MANY and self._focus.has_workspace and self._verdict() is not False

    def _asked_lately(self, monday: date) -> dict[Subject, Mapping[date, Hours] | None]:
        """The cache of the last hour's answers for that week, to which the caller adds new ones.

        ``None`` stands for a person of whom Focus told nothing. The cache exists because many reminders due
        at the same time ask for the same people.
        """
        now = self._clock.now()
        began, told = self._told.get(monday, (now, {}))
        if now - began >= TOLD_FOR:
            began, told = now, {}
        self._told = {monday: (began, told)}
        return told

    async def _renew(
        self,
        permits: Mapping[Subject, Permit],
        people: Sequence[Subject],
        monday: date,
        away: Collection[Subject],
    ) -> Collection[Subject]:
        """Read these people's capacities and store them if they can be trusted; return whose were stored."""
        as_of = self._clock.now()
        told: dict[Subject, Mapping[date, Hours]] = {}
        for start in range(0, len(people), NAMED_IN_A_CALL):
            if not self._looks.can_spare():
                break
            ids = [subject.id for subject in people[start : start + NAMED_IN_A_CALL]]
            try:
                found = await self._focus.capacities(ids, monday, monday + timedelta(days=6))
            except _NOT_HERE as error:
                await self._remember(agree=False, why=str(error))
                return ()
            told |= {Subject("person", user_id): hours for user_id, hours in found.items() if hours}
        if self._verdict() is None and not await self._compare(permits, told, monday, away):
            return ()
        await self._put(told, monday, as_of)
        return told

    async def _compare(
        self,
        permits: Mapping[Subject, Permit],
        told: Mapping[Subject, Mapping[date, Hours]],
        monday: date,
        away: Collection[Subject],
    ) -> bool:
        """Read a few weeks one by one, compare them with the capacities, and remember whether they agree."""
        telling = [subject for subject, hours in told.items() if any(hours.values()) and subject not in away]
        telling.sort(key=lambda subject: -len(set(told[subject].values())))
        chosen = [permits[subject] for subject in telling[:COMPARED]]
        if not chosen or (await self._looks.refresh(chosen, at_most=COMPARED)).read < len(chosen):
            return False
        read = await self._looks.board(chosen)
        differing = [
            subject.key
            for subject, snapshot in read.items()
            if differing_days(snapshot.week, told[subject], monday=monday)
        ]
        await self._remember(agree=not differing, why=", ".join(differing))
        return not differing

    def _verdict(self) -> bool | None:
        """Whether the last comparison found agreement; ``None`` if there was none or it is too old."""
        learnt = self._facts.get(FACT)
        if learnt is None or self._clock.now() - datetime.fromisoformat(learnt["at"]) > BELIEVED_FOR:
            return None
        return bool(learnt["agree"])

    async def _remember(self, *, agree: bool, why: str) -> None:
        now = self._clock.now()
        log.info("capacities %s with single reads %s", "agree" if agree else "do not agree", why)
        await self._facts.put(FACT, {"agree": agree, "at": now.isoformat(), "why": why}, now=now)

    async def _oldest_first(self, people: Iterable[Subject]) -> list[Subject]:
        known = await self._weeks.all()
        return sorted(people, key=lambda each: known[each].as_of.timestamp() if each in known else 0.0)

    async def _put(self, told: Mapping[Subject, Mapping[date, Hours]], monday: date, as_of: datetime) -> None:
        values = [
            (
                self._team_id,
                subject.key,
                monday.isoformat(),
                json.dumps({day.isoformat(): str(hours) for day, hours in dated.items()}),
                as_of.isoformat(),
            )
            for subject, dated in told.items()
        ]

        def write(sql: Sql) -> None:
            sql.execute(
                "DELETE FROM capacities WHERE team_id = ? AND as_of < ?",
                (self._team_id, (as_of - KEPT_FOR).isoformat()),
            )
            sql.conn.executemany(
                "INSERT INTO capacities VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " hours = excluded.hours, as_of = excluded.as_of WHERE excluded.as_of >= capacities.as_of",
                values,
            )

        await self._database.write(write)

    def _younger(self, sql: Sql, monday: date) -> list[Row]:
        """The stored capacities of a week, without subjects whose own week was read or invalidated later."""
        return rows(
            sql,
            "SELECT capacities.* FROM capacities LEFT JOIN weeks USING (team_id, subject)"
            " WHERE team_id = ? AND monday = ? AND (weeks.as_of IS NULL OR weeks.as_of < capacities.as_of)",
            (self._team_id, monday.isoformat()),
        )


def _people(subjects: Iterable[Subject]) -> list[Subject]:
    return [subject for subject in subjects if subject.kind == "person"]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _dated(row: Row) -> Dated:
    hours = {date.fromisoformat(day): Hours(text) for day, text in json.loads(row["hours"]).items()}
    return Dated(hours, datetime.fromisoformat(row["as_of"]))
