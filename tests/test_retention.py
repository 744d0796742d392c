"""What is older than the retention goes; what waits, can be undone, or is referred to stays."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.database import Database, Sql
from store.outbox import Outbox
from store.retention import Retention
from tests.conftest import MONDAY, OpenOffice
from tests.office import STUDIO

TEAM = "T0SANDBOX"
DAYS = 30
OLD, NEW = (MONDAY - timedelta(days=31)).isoformat(), (MONDAY - timedelta(days=29)).isoformat()

FORGOTTEN = {
    "acts", "changes", "steps", "outbox", "events", "drafts", "weeks", "capacities", "plans", "runs",
    "run_people", "reminders", "grants",
}  # fmt: skip
KEPT = {
    "workers": "buried a day after their death",
    "claims": "gone with the change that holds them",
    "signatures": "gone when they are valid no longer",
    "facts": "what the deployment has learnt",
    "people": "Focus's list, read anew each day",
    "placeholders": "likewise",
    "user_groups": "Slack's, read anew",
    "user_group_members": "likewise",
    "links": "until somebody unlinks them, or an admin deletes the person",
    "unlinked": "or e-mail would join them again",
    "leavers": "who has left stays so",
    "confirmations": "the latest of each person",
    "snoozes": "likewise",
}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "hours.db")
    yield opened
    await opened.close()


async def forget(database: Database) -> int:
    return await Retention(database, team_id=TEAM, days=DAYS).forget(MONDAY)


def act(sql: Sql, act_id: str, at: str = OLD, *, changes: str = "applied", state: str = "open") -> None:
    """An act with a change of its own, a step, and a receipt that was shown."""
    sql.execute(
        "INSERT INTO acts (act_id, team_id, actor, kind, request, place, state, owner, at)"
        " VALUES (?, ?, 'U0ANA', 'set', '{}', '[]', ?, 'w', ?)",
        (act_id, TEAM, state, at),
    )
    sql.execute(
        "INSERT INTO changes (change_id, team_id, act_id, subject, pattern, state, at)"
        " VALUES (?, ?, ?, 'person:501', '{}', ?, ?)",
        (f"c-{act_id}", TEAM, act_id, changes, at),
    )
    sql.execute("INSERT INTO steps VALUES (?, ?, 1, 'PUT', '[]', 'done', ?)", (TEAM, f"c-{act_id}", at))
    for about in (act_id, f"c-{act_id}"):
        message(sql, about, at)


def message(sql: Sql, about: str, at: str = OLD, *, kind: str = "receipt", shown: int = 1) -> None:
    sql.execute(
        "INSERT INTO outbox (message_id, team_id, kind, about, recipient, detail, version, shown, tries,"
        " due_at, at) VALUES (?, ?, ?, ?, 'U0ANA', '{}', 1, ?, 0, ?, ?)",
        (f"{TEAM}:{kind}:{about}:U0ANA", TEAM, kind, about, shown, at, at),
    )


def undoes(sql: Sql, undo: str, undone: str) -> None:
    sql.execute("UPDATE acts SET undoes = ? WHERE act_id = ?", (undone, undo))
    sql.execute("UPDATE acts SET undone_by = ? WHERE act_id = ?", (undo, undone))


async def ids(database: Database, column: str, table: str) -> set[str]:
    found = await database.read(
        lambda sql: sql.execute(f"SELECT {column} FROM {table}").fetchall()  # noqa: S608 - ours
    )
    return {row[0] for row in found}


async def test_an_old_act_goes_with_everything_of_it_and_a_newer_one_stays_whole(database: Database) -> None:
    def fill(sql: Sql) -> None:
        act(sql, "old")
        act(sql, "new", NEW)

    await database.write(fill)
    assert await forget(database) == 1
    assert await ids(database, "act_id", "acts") == {"new"}
    assert await ids(database, "change_id", "changes") == {"c-new"}
    assert await ids(database, "change_id", "steps") == {"c-new"}
    assert await ids(database, "about", "outbox") == {"new", "c-new"}


@pytest.mark.parametrize("state", ["started", "unclear", "waiting"])
async def test_what_is_not_at_its_end_stays_however_old(database: Database, state: str) -> None:
    await database.write(lambda sql: act(sql, "old", changes=state))
    assert await forget(database) == 0
    assert await ids(database, "about", "outbox") == {"old", "c-old"}


async def test_what_something_newer_refers_to_stays(database: Database) -> None:
    def fill(sql: Sql) -> None:
        act(sql, "undone lately")
        act(sql, "undo", NEW)
        undoes(sql, "undo", "undone lately")
        act(sql, "undone long ago")
        act(sql, "undo of then")
        undoes(sql, "undo of then", "undone long ago")
        act(sql, "begun by a plan")
        sql.execute(
            "INSERT INTO plans (plan_id, batch_id, team_id, planner, subject, pattern, expected, first, last,"
            " zone, at, state, begin_act) VALUES ('p', 'b', ?, 'U0MIA', 'person:501', '{}', '{}',"
            " '2026-01-01', '2026-12-31', 'UTC', ?, 'begun', 'begun by a plan')",
            (TEAM, OLD),
        )
        message(sql, "b", kind="planned")

    await database.write(fill)
    assert await forget(database) == 2
    assert await ids(database, "act_id", "acts") == {"undone lately", "undo", "begun by a plan"}
    assert "b" in await ids(database, "about", "outbox")
    assert await ids(database, "plan_id", "plans") == {"p"}


async def test_an_old_plan_that_is_over_goes_with_its_acts(database: Database) -> None:
    def fill(sql: Sql) -> None:
        act(sql, "begun")
        sql.execute(
            "INSERT INTO plans (plan_id, batch_id, team_id, planner, subject, pattern, expected, first, zone,"
            " at, state, begin_act) VALUES ('p', 'b', ?, 'U0MIA', 'person:501', '{}', '{}', '2026-01-01',"
            " 'UTC', ?, 'over', 'begun')",
            (TEAM, OLD),
        )
        message(sql, "b", kind="planned")

    await database.write(fill)
    assert await forget(database) == 1
    assert await ids(database, "plan_id", "plans") == set()
    assert await ids(database, "about", "outbox") == set()


async def test_messages_that_wait_stay(database: Database) -> None:
    def fill(sql: Sql) -> None:
        message(sql, "not sent yet", shown=0)
        message(sql, "shown", kind="restarted")

    await database.write(fill)
    await forget(database)
    assert await ids(database, "about", "outbox") == {"not sent yet"}


async def test_an_alert_stays_as_long_as_its_fact_is_found_again(database: Database) -> None:
    outbox = Outbox(database, team_id=TEAM)

    def fill(sql: Sql) -> None:
        for about in ("somebody who left", "an address of two", "not told yet"):
            message(sql, about, kind="alert", shown=0 if about == "not told yet" else 1)

    await database.write(fill)
    found = MONDAY - timedelta(days=1)
    await outbox.alert("an address of two", recipients=("U0ANA",), detail={}, now=found)
    await forget(database)
    assert await ids(database, "about", "outbox") == {"an address of two", "not told yet"}
    assert await outbox.waiting() == 1, "it is not told twice"


async def test_an_alert_that_is_found_again_each_day_stays_even_with_a_retention_of_one(
    database: Database,
) -> None:
    found = (MONDAY - timedelta(days=1, minutes=5)).isoformat()  # the daily look comes after forgetting
    await database.write(lambda sql: message(sql, "an address of two", found, kind="alert"))
    await Retention(database, team_id=TEAM, days=1).forget(MONDAY)
    assert await ids(database, "about", "outbox") == {"an address of two"}


async def test_weeks_and_decided_drafts_go_when_they_are_old(database: Database) -> None:
    def fill(sql: Sql) -> None:
        for name, at in (("old", OLD), ("new", NEW)):
            sql.execute("INSERT INTO weeks VALUES (?, ?, '[]', ?)", (TEAM, name, at))
            sql.execute("INSERT INTO events VALUES (?, ?, ?)", (TEAM, name, at))
            for state in ("open", "expired"):
                sql.execute(
                    "INSERT INTO drafts VALUES (?, ?, 'petition', 'U0ANA', '{}', ?, ?, ?, NULL)",
                    (f"{name} {state}", TEAM, state, at, at),
                )

    await database.write(fill)
    await forget(database)
    assert await ids(database, "subject", "weeks") == {"new"}
    assert await ids(database, "event_id", "events") == {"new"}
    assert await ids(database, "draft_id", "drafts") == {"old open", "new open", "new expired"}


async def test_a_deleted_reminder_goes_with_its_last_run(database: Database) -> None:
    def fill(sql: Sql) -> None:
        for name, state in (("gone", "deleted"), ("gone lately", "deleted"), ("kept", "active")):
            sql.execute(
                "INSERT INTO reminders (reminder_id, team_id, owner, kind, channel, schedule, span, state,"
                " failures, at) VALUES (?, ?, 'U0MIA', 'board', 'C0STUDIO', '{}', 'day', ?, 0, ?)",
                (name, TEAM, state, OLD),
            )
        for name, at, state, closes_at in (
            ("gone", OLD, "posted", None),  # a board: nothing closes it
            ("gone lately", NEW, "posted", None),
            ("kept", OLD, "closed", OLD),
            ("kept", f"{OLD} open", "posted", OLD),
        ):
            sql.execute(
                "INSERT INTO runs (run_id, team_id, reminder_id, day, due_at, wanted_at, state, channel,"
                " closes_at) VALUES (?, ?, ?, '2026-01-01', ?, ?, ?, 'C0STUDIO', ?)",
                (f"{name}:{at}", TEAM, name, at, at, state, closes_at),
            )
            message(sql, f"{name}:{at}", at, kind="reminder")

    await database.write(fill)
    await forget(database)
    assert await ids(database, "reminder_id", "reminders") == {"gone lately", "kept"}
    stays = {f"gone lately:{NEW}", f"kept:{OLD} open"}
    assert await ids(database, "run_id", "runs") == stays
    assert await ids(database, "about", "outbox") == stays


async def test_rights_go_long_after_their_last_day(database: Database) -> None:
    def fill(sql: Sql) -> None:
        for scope, until in (("ended", OLD[:10]), ("ended lately", NEW[:10]), ("without an end", None)):
            sql.execute(
                "INSERT INTO grants VALUES (?, 'U0MIA', ?, 'U0OLIVIA', ?, ?)", (TEAM, scope, OLD, until)
            )

    await database.write(fill)
    await forget(database)
    assert await ids(database, "scope", "grants") == {"ended lately", "without an end"}


async def test_another_team_s_rows_are_not_touched(database: Database) -> None:
    await database.write(lambda sql: act(sql, "old"))
    assert await Retention(database, team_id="T0OTHER", days=DAYS).forget(MONDAY) == 0
    assert await ids(database, "act_id", "acts") == {"old"}


async def test_a_change_of_the_last_day_stays_even_with_a_retention_of_one(database: Database) -> None:
    await database.write(lambda sql: act(sql, "today", (MONDAY - timedelta(hours=23)).isoformat()))
    assert await Retention(database, team_id=TEAM, days=1).forget(MONDAY) == 0
    assert await ids(database, "act_id", "acts") == {"today"}


ACTS = st.lists(
    st.tuples(st.booleans(), st.sampled_from(["applied", "failed", "waiting"]), st.booleans()), max_size=9
)


@given(ACTS)
@settings(max_examples=60)
async def test_nothing_that_stays_refers_to_what_is_gone(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[bool, str, bool]]
) -> None:
    """Each act old or not, settled or not, and an undo of the one before it or not."""
    database = await Database.open(tmp_path_factory.mktemp("retention") / "hours.db")

    def fill(sql: Sql) -> None:
        for number, (old, state, undo) in enumerate(acts):
            act(sql, f"a{number}", OLD if old else NEW, changes=state)
            if undo and number:
                undoes(sql, f"a{number}", f"a{number - 1}")

    await database.write(fill)
    before = await database.read(
        lambda sql: sql.execute("SELECT act_id, undoes, undone_by FROM acts").fetchall()
    )
    await forget(database)
    stay = await database.read(
        lambda sql: sql.execute("SELECT act_id, undoes, undone_by FROM acts").fetchall()
    )
    assert set(stay) <= set(before)  # what stays is unchanged, so it refers to what is there
    kept = {row[0] for row in stay}
    for number, (old, state, _) in enumerate(acts):
        if not old or state == "waiting":
            assert f"a{number}" in kept
    await database.close()


async def test_every_table_is_forgotten_or_kept_for_a_reason(database: Database) -> None:
    tables = await ids(database, "name", "sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite%'")
    assert tables == FORGOTTEN | KEPT.keys()


async def test_the_running_bot_forgets_once_a_day(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_RETENTION_DAYS": "2"}) as office:
        await office.ana.types(STUDIO, "/hours set fri 4")
        await office.ana.sees("Fri 8 h → 4 h", channel=office.ana.dm)
        seen = office.sandbox.log.total
        await office.later(seconds=3 * 86_400)
        await office.sandbox.log.wait_for(lambda call: call.name.endswith("/ghosts"), after=seen)
        await office.until_waiting(0)
        with closing(sqlite3.connect(office.settings.database_path)) as connection:
            assert connection.execute("SELECT count(*) FROM acts").fetchone() == (0,)
        before = len(office.ana.messages(STUDIO))
        await office.ana.types(STUDIO, "/hours history")
        await office.ana.sees("", channel=STUDIO, after=before)
