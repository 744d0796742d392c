"""Where the database holds something about a person, and what becomes of it when the person is deleted.

:data:`HELD` states for each table which rows are about a person, and :data:`DECIDED` which of the others have
the id of whoever decided about them. Tests compare both with the tables of the database, so that a new table
or column cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from store.plans.table import OPEN

__all__ = ["DECIDED", "DECISIONS", "HELD", "NOT_PERSONAL", "Held"]


@dataclass(frozen=True, slots=True)
class Held:
    """A table's rows about a person: a title for them, the SQL that selects and the SQL that deletes them.

    The parameters of ``where`` and ``erase`` are ``:team``, ``:user`` (the Slack id), ``:subject`` (NULL if
    their Focus user is not known), ``:listed`` (the ids of all Focus users that may be them), ``:by`` (the
    admin) and ``:now``; ``where`` also has ``:naming`` (other people's rows of the table that name them).
    Without ``erase`` the rows stay, and ``stays`` gives the reason.
    """

    title: str
    where: str
    erase: str = ""
    stays: str = ""


HELD: Mapping[str, Held] = {
    "links": Held(
        "link to Toggl Focus",
        "slack_user_id = :user",
        # Both ids stay in the table ``unlinked``, or the next match by e-mail would link them again.
        "INSERT OR REPLACE INTO unlinked SELECT team_id, slack_user_id, focus_user_id, :by, :now FROM links"
        " WHERE team_id = :team AND slack_user_id = :user;"
        " DELETE FROM links WHERE team_id = :team AND slack_user_id = :user",
    ),
    "unlinked": Held(
        "pair that was taken apart", "slack_user_id = :user", stays="so that e-mail does not join it again"
    ),
    "people": Held(
        "entry in Toggl Focus’s list of users",
        "focus_user_id IN (SELECT value FROM json_each(:listed))",
        "DELETE FROM people WHERE team_id = :team"
        " AND focus_user_id IN (SELECT value FROM json_each(:listed))",
    ),
    "weeks": Held(
        "week as last read",
        "subject = :subject",
        "DELETE FROM weeks WHERE team_id = :team AND subject = :subject",
    ),
    "capacities": Held(
        "hours by date, as last read for boards",
        "subject = :subject",
        "DELETE FROM capacities WHERE team_id = :team AND subject = :subject",
    ),
    "confirmations": Held(
        "confirmation that a week is right",
        "slack_user_id = :user OR subject = :subject",
        "DELETE FROM confirmations WHERE team_id = :team AND (slack_user_id = :user OR subject = :subject)",
    ),
    "snoozes": Held(
        "wish not to be asked for a while",
        "slack_user_id = :user",
        "DELETE FROM snoozes WHERE team_id = :team AND slack_user_id = :user",
    ),
    "grants": Held(
        "right to change weeks",
        "manager = :user OR scope = :subject",
        "DELETE FROM grants WHERE team_id = :team AND (manager = :user OR scope = :subject)",
    ),
    "user_group_members": Held(
        "user group",
        "slack_user_id = :user",
        "DELETE FROM user_group_members WHERE team_id = :team AND slack_user_id = :user",
    ),
    "acts": Held(
        "request made in Slack",
        "actor = :user OR rowid IN (SELECT value FROM json_each(:naming))"
        " OR act_id IN (SELECT act_id FROM changes WHERE team_id = :team AND subject = :subject)",
        "UPDATE acts SET request = '{}' WHERE team_id = :team AND actor = :user",
    ),
    "changes": Held(
        "change to the week, or made by the person",
        "subject = :subject OR act_id IN (SELECT act_id FROM acts WHERE actor = :user)",
        stays="the journal keeps ids and hours: they are what an undo and a history are made of",
    ),
    "plans": Held(
        "change planned for or by the person",
        "planner = :user OR subject = :subject",
        # Plans for others stay, handed over to the admin. Those that have begun stay, because their days must
        # be put back; they contain only ids and hours.
        "DELETE FROM plans WHERE team_id = :team AND (planner = :user OR subject = :subject)"  # noqa: S608 - a constant
        f" AND NOT ({OPEN} AND (subject IS NOT :subject OR begin_act IS NOT NULL))",
    ),
    "reminders": Held(
        "reminder made by the person",
        "owner = :user",
        # A reminder serves a whole channel, so it stays, owned by the admin who deletes the person.
        "UPDATE reminders SET owner = :by WHERE team_id = :team AND owner = :user",
    ),
    "run_people": Held(
        "reminder that named the person",
        "slack_user_id = :user OR subject = :subject",
        "DELETE FROM run_people WHERE team_id = :team AND (slack_user_id = :user OR subject = :subject)",
    ),
    "drafts": Held(
        "preview or request to somebody else",
        "owner = :user OR rowid IN (SELECT value FROM json_each(:naming))",
        "DELETE FROM drafts WHERE team_id = :team AND owner = :user",
    ),
    "outbox": Held(
        "message sent by the bot",
        "recipient = :user OR json_extract(detail, '$.user') = :user"
        " OR rowid IN (SELECT value FROM json_each(:naming))",
        "DELETE FROM outbox WHERE team_id = :team"
        " AND (recipient = :user OR json_extract(detail, '$.user') = :user)",
    ),
    "leavers": Held(
        "note that the person left Slack",
        "slack_user_id = :user",
        "DELETE FROM leavers WHERE team_id = :team AND slack_user_id = :user",
    ),
}
"""Table -> its rows about a person, in the order in which an export shows them."""

DECISIONS = "decision about others"
"""The title of what :data:`DECIDED` selects, in an export."""

DECIDED: Mapping[str, tuple[str, str, str]] = {
    "links": (
        "linked_by",
        "slack_user_id, focus_user_id, linked_at",
        "linked_by = :user AND slack_user_id <> :user",
    ),
    "unlinked": (
        "unlinked_by",
        "slack_user_id, focus_user_id, unlinked_at",
        "unlinked_by = :user AND slack_user_id <> :user",
    ),
    "grants": (
        "granted_by",
        "manager, scope, granted_at, until",
        "granted_by = :user AND manager <> :user",
    ),
    "plans": (
        "decided_by",
        "plan_id, planner, subject, state",
        "decided_by = :user AND planner <> :user",
    ),
    "drafts": (
        "decided_by",
        "draft_id, owner, kind, state, at",
        "decided_by = :user AND owner <> :user",
    ),
    "leavers": ("decided_by", "slack_user_id, decision, since", "decided_by = :user"),
    "facts": ("value", "name, value, at", "name = 'weekdays_confirmed_by' AND value = json_quote(:user)"),
}
"""Table -> the column with the id of the person who decided about others, the columns that an export shows of
these rows, and the SQL that selects them. They stay when the person is deleted: they are about the others."""

NOT_PERSONAL: Mapping[str, str] = {
    "workers": "this program's own processes",
    "placeholders": "planned resources, no people",
    "facts": "what the deployment has learnt, and who confirmed it",
    "steps": "the calls of a change, by its id",
    "claims": "held for seconds, by a change's id",
    "events": "Slack's numbers of events",
    "signatures": "Slack's signatures of requests, for ten minutes at most",
    "user_groups": "names of groups",
    "runs": "the times a reminder was due, by its id",
}
"""Table -> what it contains instead of data about a person."""
