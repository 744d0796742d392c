"""The migrations that create the tables, forward only: each runs once on a database, so none may be edited.

Every table carries ``team_id``, except ``workers``: one process may serve several teams. Times are ISO 8601
in UTC, hours are text inside JSON, never REAL.
"""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

__all__ = ["migrations", "unknown"]

migrations = Migrations("working-hours")


def unknown(sql: Database) -> list[str]:
    """The names of migrations that were applied to the file by a newer version of this program."""
    ours = {migration.name for migration in migrations._migrations}  # noqa: SLF001 - the library lists pending and applied ones only
    return sorted({migration.name for migration in migrations.applied(sql)} - ours)


@migrations()
def first_tables(db: Database) -> None:
    """Links, people, grants, last-known weeks, facts; the journal of acts; the outbox."""
    db.executescript(
        """
        CREATE TABLE workers (           -- processes alive on this file; what a dead one held is free
          owner TEXT PRIMARY KEY, alive_until TEXT NOT NULL
        ) STRICT;

        CREATE TABLE links (             -- one Slack user is one Focus user
          team_id TEXT NOT NULL, slack_user_id TEXT NOT NULL, focus_user_id INTEGER NOT NULL,
          linked_by TEXT NOT NULL, method TEXT NOT NULL, linked_at TEXT NOT NULL, told_at TEXT,
          PRIMARY KEY (team_id, slack_user_id), UNIQUE (team_id, focus_user_id)
        ) STRICT;
        CREATE TABLE unlinked (          -- pairs somebody took apart: e-mail does not join them again
          team_id TEXT NOT NULL, slack_user_id TEXT NOT NULL, focus_user_id INTEGER NOT NULL,
          unlinked_by TEXT NOT NULL, unlinked_at TEXT NOT NULL,
          PRIMARY KEY (team_id, slack_user_id, focus_user_id)
        ) STRICT;

        CREATE TABLE people (            -- Focus's organization users, by user_account_id
          team_id TEXT NOT NULL, focus_user_id INTEGER NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL,
          active INTEGER NOT NULL, as_of TEXT NOT NULL,
          PRIMARY KEY (team_id, focus_user_id)
        ) STRICT;
        CREATE TABLE placeholders (
          team_id TEXT NOT NULL, ghost_id INTEGER NOT NULL, name TEXT NOT NULL, embodied_as INTEGER,
          deleted INTEGER NOT NULL, as_of TEXT NOT NULL,
          PRIMARY KEY (team_id, ghost_id)
        ) STRICT;

        CREATE TABLE grants (            -- "manager may change": a subject, or everyone, or placeholders
          team_id TEXT NOT NULL, manager TEXT NOT NULL, scope TEXT NOT NULL,
          granted_by TEXT NOT NULL, granted_at TEXT NOT NULL,
          PRIMARY KEY (team_id, manager, scope)
        ) STRICT;

        CREATE TABLE weeks (             -- last-known rows of a subject, with Focus's own numbers
          team_id TEXT NOT NULL, subject TEXT NOT NULL, rows TEXT NOT NULL, as_of TEXT NOT NULL,
          PRIMARY KEY (team_id, subject)
        ) STRICT;

        CREATE TABLE facts (             -- what a deployment has learnt: numbering, write lock, proofs
          team_id TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, at TEXT NOT NULL,
          PRIMARY KEY (team_id, name)
        ) STRICT;

        CREATE TABLE acts (              -- one request of one actor
          act_id TEXT PRIMARY KEY, team_id TEXT NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL,
          request TEXT NOT NULL, place TEXT NOT NULL, state TEXT NOT NULL, owner TEXT NOT NULL,
          at TEXT NOT NULL, undoes TEXT REFERENCES acts, undone_by TEXT REFERENCES acts
        ) STRICT;
        CREATE INDEX acts_by_actor ON acts (team_id, actor, at);
        CREATE INDEX acts_received ON acts (state) WHERE state = 'received';

        CREATE TABLE changes (           -- one journalled write to one subject
          change_id TEXT PRIMARY KEY, team_id TEXT NOT NULL, act_id TEXT NOT NULL REFERENCES acts,
          subject TEXT NOT NULL, pattern TEXT NOT NULL, expected TEXT, before TEXT, wanted TEXT, found TEXT,
          state TEXT NOT NULL, trouble TEXT, at TEXT NOT NULL, due_at TEXT
        ) STRICT;
        CREATE INDEX changes_by_act ON changes (act_id);
        CREATE INDEX changes_by_subject ON changes (team_id, subject, at);
        CREATE INDEX changes_unsettled ON changes (team_id, state, due_at)
          WHERE state IN ('started', 'unclear', 'waiting');

        CREATE TABLE steps (             -- one call to Focus, journalled before and after
          change_id TEXT NOT NULL REFERENCES changes, number INTEGER NOT NULL, verb TEXT NOT NULL,
          days TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL,
          PRIMARY KEY (change_id, number)
        ) STRICT;

        CREATE TABLE claims (            -- who is writing to a subject now: Focus has no compare-and-swap
          team_id TEXT NOT NULL, subject TEXT NOT NULL, owner TEXT NOT NULL, change_id TEXT NOT NULL,
          PRIMARY KEY (team_id, subject)
        ) STRICT;

        CREATE TABLE outbox (            -- one Slack message that has to show something, kept true to it
          message_id TEXT PRIMARY KEY, team_id TEXT NOT NULL, kind TEXT NOT NULL, about TEXT NOT NULL,
          recipient TEXT NOT NULL, detail TEXT NOT NULL, channel TEXT, ts TEXT,
          version INTEGER NOT NULL, shown INTEGER NOT NULL, tries INTEGER NOT NULL,
          due_at TEXT NOT NULL, leased_until TEXT, failure TEXT, at TEXT NOT NULL,
          UNIQUE (team_id, kind, about, recipient)
        ) STRICT;
        CREATE INDEX outbox_due ON outbox (due_at) WHERE shown < version;

        CREATE TABLE events (            -- Slack's event ids already acted on
          team_id TEXT NOT NULL, event_id TEXT NOT NULL, at TEXT NOT NULL,
          PRIMARY KEY (team_id, event_id)
        ) STRICT;
        """
    )


@migrations()
def teams(db: Database) -> None:
    """Grants that end, and grants for user groups; drafts; messages that are edited at a limited rate."""
    for statement in (
        "ALTER TABLE grants ADD COLUMN until TEXT",  # the last day, ISO; NULL: no end
        "ALTER TABLE outbox ADD COLUMN taken_at TEXT",
        """
        CREATE TABLE user_groups (       -- Slack's, for grants and boards; members as last read
          team_id TEXT NOT NULL, group_id TEXT NOT NULL, name TEXT NOT NULL, as_of TEXT NOT NULL,
          PRIMARY KEY (team_id, group_id)
        ) STRICT
        """,
        """
        CREATE TABLE user_group_members (
          team_id TEXT NOT NULL, group_id TEXT NOT NULL, slack_user_id TEXT NOT NULL,
          PRIMARY KEY (team_id, group_id, slack_user_id)
        ) STRICT
        """,
        """
        CREATE TABLE drafts (            -- what is shown before it happens, and waits for somebody's yes
          draft_id TEXT PRIMARY KEY, team_id TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL,
          body TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL, ends_at TEXT NOT NULL,
          decided_by TEXT
        ) STRICT
        """,
    ):
        db.execute(statement)


@migrations()
def leavers(db: Database) -> None:
    """People who left Slack and the decision on their work; both sides of each link at the last check."""
    for statement in (
        """
        CREATE TABLE leavers (           -- while undecided, their grants give nothing, what waits stays
          team_id TEXT NOT NULL, slack_user_id TEXT NOT NULL, since TEXT NOT NULL,
          decision TEXT, decided_by TEXT,
          PRIMARY KEY (team_id, slack_user_id)
        ) STRICT
        """,
        "ALTER TABLE links ADD COLUMN seen TEXT",  # JSON; NULL: not checked yet
    ):
        db.execute(statement)


@migrations()
def open_drafts(db: Database) -> None:
    """An index for the question, asked once a second, which drafts have expired."""
    db.execute("CREATE INDEX drafts_open ON drafts (kind, ends_at) WHERE state = 'open'")


@migrations()
def confirmations(db: Database) -> None:
    """Confirmations that a week is right, and snoozes of people who do not want to be asked for a while."""
    for statement in (
        """
        CREATE TABLE confirmations (     -- the latest of each; it lapses when the week is another
          team_id TEXT NOT NULL, subject TEXT NOT NULL, slack_user_id TEXT NOT NULL, week TEXT NOT NULL,
          at TEXT NOT NULL,
          PRIMARY KEY (team_id, subject)
        ) STRICT
        """,
        """
        CREATE TABLE snoozes (           -- asked_from: the first day on which they may be asked again
          team_id TEXT NOT NULL, slack_user_id TEXT NOT NULL, asked_from TEXT NOT NULL,
          PRIMARY KEY (team_id, slack_user_id)
        ) STRICT
        """,
    ):
        db.execute(statement)


@migrations()
def plans(db: Database) -> None:
    """Plans: changes that begin, and may end, on a date."""
    for statement in (
        """
        CREATE TABLE plans (             -- first and last are dates in the zone; last NULL: for ever
          plan_id TEXT PRIMARY KEY, batch_id TEXT NOT NULL, team_id TEXT NOT NULL, planner TEXT NOT NULL,
          subject TEXT NOT NULL, pattern TEXT NOT NULL, expected TEXT NOT NULL, first TEXT NOT NULL,
          last TEXT, zone TEXT NOT NULL, at TEXT NOT NULL, state TEXT NOT NULL, due_at TEXT, tell_at TEXT,
          begin_act TEXT REFERENCES acts, back_act TEXT REFERENCES acts, trouble TEXT, decided_by TEXT
        ) STRICT
        """,
        "CREATE INDEX plans_due ON plans (due_at) WHERE due_at IS NOT NULL",
        "CREATE INDEX plans_untold ON plans (tell_at) WHERE tell_at IS NOT NULL",
        "CREATE INDEX plans_by_batch ON plans (batch_id)",
        "CREATE INDEX plans_by_subject ON plans (team_id, subject)",
        "CREATE INDEX plans_open ON plans (team_id, planner) WHERE state IN ('planned', 'begun', 'asked')",
    ):
        db.execute(statement)


@migrations()
def reminders(db: Database) -> None:
    """Reminders with the next time each is due; their runs, and the people each run names."""
    for statement in (
        """
        CREATE TABLE reminders (         -- ``next_at`` is NULL while nothing is due: paused, deleted
          reminder_id TEXT PRIMARY KEY, team_id TEXT NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL,
          channel TEXT NOT NULL, user_group TEXT, schedule TEXT NOT NULL, span TEXT NOT NULL,
          state TEXT NOT NULL, paused_until TEXT, failures INTEGER NOT NULL, reason TEXT,
          failing_since TEXT, next_day TEXT, next_at TEXT, at TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX reminders_due ON reminders (team_id, next_at) WHERE next_at IS NOT NULL",
        """
        CREATE TABLE runs (              -- one time that a reminder was due; claimed before it is posted
          run_id TEXT PRIMARY KEY, team_id TEXT NOT NULL, reminder_id TEXT NOT NULL REFERENCES reminders,
          day TEXT NOT NULL, due_at TEXT NOT NULL, wanted_at TEXT NOT NULL, state TEXT NOT NULL,
          reason TEXT, leased_until TEXT, tried_at TEXT, channel TEXT NOT NULL, ts TEXT, closes_at TEXT
        ) STRICT
        """,
        "CREATE INDEX runs_by_reminder ON runs (reminder_id, due_at)",
        "CREATE INDEX runs_claimed ON runs (team_id, leased_until) WHERE state = 'claimed'",
        """
        CREATE INDEX runs_open ON runs (team_id, closes_at)
          WHERE state = 'posted' AND closes_at IS NOT NULL
        """,
        """
        CREATE TABLE run_people (        -- whom a run names, with the week each was shown
          team_id TEXT NOT NULL, run_id TEXT NOT NULL REFERENCES runs, slack_user_id TEXT NOT NULL,
          subject TEXT NOT NULL, week TEXT NOT NULL, answer TEXT NOT NULL, answered_at TEXT, nudge_at TEXT,
          PRIMARY KEY (run_id, slack_user_id)
        ) STRICT
        """,
        "CREATE INDEX outbox_about ON outbox (team_id, about)",  # for ``touch``, which finds messages by it
        "CREATE INDEX run_people_nudges ON run_people (team_id, nudge_at) WHERE nudge_at IS NOT NULL",
    ):
        db.execute(statement)


@migrations()
def capacities(db: Database) -> None:
    """Hours by date, for boards; no week is ever derived from them."""
    db.execute(
        """
        CREATE TABLE capacities (
          team_id TEXT NOT NULL, subject TEXT NOT NULL, monday TEXT NOT NULL,
          hours TEXT NOT NULL, as_of TEXT NOT NULL,
          PRIMARY KEY (team_id, subject, monday)
        ) STRICT
        """
    )


@migrations()
def answers(db: Database) -> None:
    """An index to find all checks that still wait for the answer of a person."""
    db.execute("CREATE INDEX run_people_waiting ON run_people (team_id, slack_user_id) WHERE answer = ''")


@migrations()
def retention(db: Database) -> None:
    """Indexes for foreign keys: before an act is deleted SQLite looks for rows that refer to it."""
    for column in ("undoes", "undone_by"):
        db.execute(f"CREATE INDEX acts_{column} ON acts ({column}) WHERE {column} IS NOT NULL")
    for column in ("begin_act", "back_act"):
        db.execute(f"CREATE INDEX plans_{column} ON plans ({column}) WHERE {column} IS NOT NULL")


@migrations()
def due_by_team(db: Database) -> None:
    """Indexes that start with the team, for queries made once a second; else SQLite reads all its rows."""
    for statement in (
        "DROP INDEX plans_due",
        "DROP INDEX plans_untold",
        "DROP INDEX plans_by_batch",
        "DROP INDEX outbox_due",
        "CREATE INDEX plans_due ON plans (team_id, due_at) WHERE due_at IS NOT NULL",
        "CREATE INDEX plans_untold ON plans (team_id, tell_at) WHERE tell_at IS NOT NULL",
        "CREATE INDEX plans_by_batch ON plans (team_id, batch_id)",
        "CREATE INDEX outbox_due ON outbox (team_id, due_at) WHERE shown < version",
    ):
        db.execute(statement)


@migrations()
def census(db: Database) -> None:
    """Indexes for the status page, so that it counts problems without reading all rows there ever were."""
    db.execute("CREATE INDEX outbox_failed ON outbox (team_id, recipient, failure) WHERE failure IS NOT NULL")
    db.execute("CREATE INDEX runs_by_time ON runs (team_id, due_at)")


@migrations()
def signatures(db: Database) -> None:
    """The signatures of requests that came over HTTP, so that a replayed request is not carried out twice."""
    db.execute(
        """
        CREATE TABLE signatures (
          team_id TEXT NOT NULL, signature TEXT NOT NULL, until TEXT NOT NULL,
          PRIMARY KEY (team_id, signature)
        ) STRICT
        """
    )
    db.execute("CREATE INDEX signatures_until ON signatures (team_id, until)")


@migrations()
def waits(db: Database) -> None:
    """Since when a change has had to wait: what others do meanwhile is not passed over."""
    db.execute("ALTER TABLE changes ADD COLUMN waits_since TEXT")


@migrations()
def doubled(db: Database) -> None:
    """The entries that a repaired day had, so that people read which were removed."""
    db.execute("ALTER TABLE changes ADD COLUMN doubled TEXT")


@migrations()
def recipients(db: Database) -> None:
    """An index to find what a recipient got after a message that was given up."""
    db.execute("CREATE INDEX outbox_by_recipient ON outbox (team_id, recipient, taken_at)")


@migrations()
def steps_by_team(db: Database) -> None:
    """Steps carry ``team_id`` as well; only a new table can have it without a default."""
    for statement in (
        """
        CREATE TABLE steps_by_team (
          team_id TEXT NOT NULL, change_id TEXT NOT NULL REFERENCES changes, number INTEGER NOT NULL,
          verb TEXT NOT NULL, days TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL,
          PRIMARY KEY (change_id, number)
        ) STRICT
        """,
        """
        INSERT INTO steps_by_team
          SELECT team_id, change_id, number, verb, days, steps.state, steps.at
          FROM steps JOIN changes USING (change_id)
        """,
        "DROP TABLE steps",
        "ALTER TABLE steps_by_team RENAME TO steps",
    ):
        db.execute(statement)


@migrations()
def latest_steps(db: Database) -> None:
    """An index to find what was written lately, however long ago it was asked for."""
    db.execute("CREATE INDEX steps_by_time ON steps (team_id, at)")
