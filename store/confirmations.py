"""Confirmations ("my week is right") and snoozes ("do not ask me for a while").

A confirmation is for one week as it was shown. It lapses when that week changes, through the bot or
directly in Focus.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from store.access import Action, Permit
from store.act import WROTE
from store.codec import week_from_json, week_to_json
from store.database import Database, Row, Sql, rows
from store.reminders import Answer, answers
from store.week import Subject, Week

__all__ = ["Confirmation", "Confirmations", "held"]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person's statement that their own week, with the hours in ``week``, is right."""

    subject: Subject
    by: str
    """The Slack user who confirmed."""
    week: Week
    at: datetime


class Confirmations:
    """The latest confirmation of each person in one team, and until when each person has snoozed."""

    def __init__(self, database: Database, *, team_id: str) -> None:
        self._database = database
        self._team_id = team_id

    async def confirm(self, permit: Permit, week: Week, *, now: datetime) -> Confirmation:
        """Store that ``week`` is right, and count it as the answer to every check that waits for this person.

        Raises:
            TypeError: the permit is not for the actor's own week.
        """
        subject = permit.require(Action.SEE)
        if not permit.own:
            raise TypeError("only whose week it is can confirm it")
        confirmation = Confirmation(subject, permit.actor.user_id, week, now)

        def write(sql: Sql) -> None:
            _put(sql, self._team_id, confirmation)
            answers.count(
                sql, team_id=self._team_id, slack_user_id=confirmation.by, answer=Answer.CONFIRMED, now=now
            )

        await self._database.write(write)
        return confirmation

    async def latest(self, permit: Permit, week: Week) -> Confirmation | None:
        """The subject's confirmation of exactly this ``week``, unless it has lapsed."""
        subject = permit.require(Action.SEE)
        found = await self._database.read(lambda sql: held(sql, team_id=self._team_id, only=subject))
        confirmation = found.get(subject)
        return confirmation if confirmation and confirmation.week == week else None

    async def holding(self, weeks: Mapping[Subject, Week]) -> dict[Subject, Confirmation]:
        """The confirmations of those ``weeks`` that are confirmed as they are, with one query."""
        found = await self._database.read(lambda sql: held(sql, team_id=self._team_id))
        return {subject: each for subject, each in found.items() if weeks.get(subject) == each.week}

    async def changed_since(self, moment: datetime) -> frozenset[Subject]:
        """The people whose week was changed since, by themselves or by an act they had asked for."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT DISTINCT subject FROM changes JOIN acts USING (act_id) JOIN links"  # noqa: S608 - a constant
                " ON links.team_id = changes.team_id AND 'person:' || focus_user_id = subject"
                f" WHERE changes.team_id = ? AND changes.at >= ? AND changes.state IN {WROTE}"
                " AND slack_user_id IN (actor, json_extract(request, '$.asked_by'))",
                (self._team_id, moment.isoformat()),
            )
        )
        return frozenset(Subject.parse(row["subject"]) for row in found)

    # -------------------------------------------------------------- left alone

    async def snooze(self, slack_user_id: str, *, until: date) -> None:
        """Do not ask this person to confirm their week before that day."""
        values = (self._team_id, slack_user_id, until.isoformat())
        statement = (
            "INSERT INTO snoozes VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET asked_from = excluded.asked_from"
        )
        await self._database.write(lambda sql: sql.execute(statement, values))

    async def wake(self, slack_user_id: str) -> None:
        """End this person's snooze."""
        statement = "DELETE FROM snoozes WHERE team_id = ? AND slack_user_id = ?"
        await self._database.write(lambda sql: sql.execute(statement, (self._team_id, slack_user_id)))

    async def snoozed(self, day: date) -> dict[str, date]:
        """The Slack users who are snoozed on that day, each with the day from which they are asked again."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT slack_user_id, asked_from FROM snoozes WHERE team_id = ? AND asked_from > ?",
                (self._team_id, day.isoformat()),
            )
        )
        return {row["slack_user_id"]: date.fromisoformat(row["asked_from"]) for row in found}


def held(sql: Sql, *, team_id: str, only: Subject | None = None) -> dict[Subject, Confirmation]:
    """The confirmations that no later change made through the bot has ended, by subject.

    A change made directly in Focus is not seen here: compare each ``week`` with the current one.
    """
    found = rows(
        sql,
        "SELECT * FROM confirmations AS mine WHERE team_id = :team AND subject = coalesce(:subject, subject)"  # noqa: S608 - a constant
        " AND NOT EXISTS (SELECT 1 FROM changes WHERE changes.team_id = :team"
        " AND changes.subject = mine.subject AND changes.at > mine.at"
        f" AND changes.state IN {WROTE})",
        {"team": team_id, "subject": only and only.key},
    )
    return {each.subject: each for each in map(_confirmation, found)}


def _put(sql: Sql, team_id: str, each: Confirmation) -> None:
    sql.execute(
        "INSERT INTO confirmations VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " slack_user_id = excluded.slack_user_id, week = excluded.week, at = excluded.at",
        (team_id, each.subject.key, each.by, json.dumps(week_to_json(each.week)), each.at.isoformat()),
    )


def _confirmation(row: Row) -> Confirmation:
    week = week_from_json(json.loads(row["week"]))
    return Confirmation(
        Subject.parse(row["subject"]),
        row["slack_user_id"],
        week or Week(),
        datetime.fromisoformat(row["at"]),
    )
