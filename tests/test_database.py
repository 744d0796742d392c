"""One file, private, never of a newer program; another process's lock delays, and reads get through."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.sandbox.clock import Clock
from store import Store, database
from store.access import Action
from store.database import Database, DatabaseBusyError, NewerDatabaseError, Sql, rows
from store.migrations import migrations
from tests import inside
from tests.asking import ANA, Asker


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hours.db"


@pytest.fixture
def other(path: Path) -> Iterator[sqlite3.Connection]:
    """Another process's connection to the same file."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as connection:
        yield connection


def count(sql: Sql) -> int:
    return int(rows(sql, "SELECT count(*) AS n FROM workers")[0]["n"])


def insert(sql: Sql) -> None:
    sql.execute("INSERT INTO workers VALUES (hex(randomblob(8)), '')")


async def test_the_file_is_its_owners_alone(path: Path) -> None:
    """SQLite's files beside it are, too."""
    opened = await Database.open(path)
    await opened.write(insert)
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.glob("hours.db*")}
    assert modes == dict.fromkeys(("hours.db", "hours.db-wal", "hours.db-shm"), 0o600)
    await opened.close()


async def test_a_file_that_others_could_read_is_closed_to_them(path: Path) -> None:
    """As one copied back by hand, or left by a process that was killed, with the files beside it."""
    running = await Database.open(path)
    await running.write(insert)
    files = [path, path.with_name("hours.db-wal"), path.with_name("hours.db-shm")]
    for each in files:
        each.chmod(0o644)
    opened = await Database.open(path)
    assert [stat.S_IMODE(each.stat().st_mode) for each in files] == [0o600] * 3
    await opened.close()
    await running.close()


async def test_it_is_durable_and_opened_again(path: Path) -> None:
    opened = await Database.open(path)
    names = ("journal_mode", "synchronous", "foreign_keys")
    pragmas = await opened.read(lambda sql: [rows(sql, f"PRAGMA {name}")[0][name] for name in names])
    assert pragmas == ["wal", 2, 1]
    await opened.write(insert)
    await opened.close()
    again = await Database.open(path)
    assert await again.read(count) == 1
    await again.close()


async def test_several_processes_may_open_a_new_file_at_once(path: Path) -> None:
    opened = await asyncio.gather(*(Database.open(path) for _ in range(5)))
    for each in opened:
        await each.write(insert)
    assert await opened[0].read(count) == 5
    for each in opened:
        await each.close()


async def test_a_watched_table_calls_once_for_each_transaction_that_is_kept(path: Path) -> None:
    opened, called = await Database.open(path), asyncio.Queue[str]()
    await opened.watch("workers", ("alive_until",), lambda: called.put_nowait("workers"))

    def insert_two(sql: Sql) -> None:
        insert(sql)
        insert(sql)

    def insert_and_fail(sql: Sql) -> None:
        insert(sql)
        raise LookupError

    await opened.write(insert_two)
    assert await called.get() == "workers"
    with pytest.raises(LookupError):
        await opened.write(insert_and_fail)
    await opened.write(lambda sql: sql.execute("UPDATE workers SET alive_until = 'later'"))
    assert await called.get() == "workers"
    await opened.write(lambda sql: sql.execute("DELETE FROM workers"))
    await opened.read(count)
    assert called.empty()
    await opened.close()


async def test_a_newer_file_is_refused(path: Path) -> None:
    """…and left as it is: what it holds can still be read."""
    await (await Database.open(path)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('working-hours', 'from_the_future', '2030-01-01')"
        )
        connection.commit()
    with pytest.raises(NewerDatabaseError, match="from_the_future"):
        await Database.open(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM workers").fetchone() == (0,)


async def test_every_table_carries_the_team(store: Store) -> None:
    tables = await inside.rows(
        store,
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite%' AND NOT EXISTS"
        " (SELECT 1 FROM pragma_table_info(sqlite_master.name) AS columns WHERE columns.name = 'team_id')",
    )
    assert [table["name"] for table in tables] == ["workers"]


async def test_steps_written_before_they_carried_the_team_keep_all_they_had(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as older:
        migrations.apply(Sql(older), stop_before="steps_by_team")
        older.execute(
            "INSERT INTO acts VALUES ('a', 'T1', 'U1', 'set', '{}', '[]', 'open', 'w', '', NULL, NULL)"
        )
        for change, team in (("c", "T1"), ("d", "T2")):
            older.execute(
                "INSERT INTO changes (change_id, team_id, act_id, subject, pattern, state, at)"
                " VALUES (?, ?, 'a', 'person:501', '{}', 'applied', '2026-03-02')",
                (change, team),
            )
            older.execute("INSERT INTO steps VALUES (?, 1, 'PUT', '[5]', 'done', '2026-03-01')", (change,))
    opened = await Database.open(path)
    steps = await opened.read(lambda sql: sql.execute("SELECT * FROM steps ORDER BY change_id").fetchall())
    assert steps == [
        ("T1", "c", 1, "PUT", "[5]", "done", "2026-03-01"),
        ("T2", "d", 1, "PUT", "[5]", "done", "2026-03-01"),
    ]
    await opened.close()


async def test_an_error_rolls_the_whole_transaction_back(path: Path) -> None:
    opened = await Database.open(path)

    def fail(sql: Sql) -> None:
        insert(sql)
        raise LookupError("half-way")

    with pytest.raises(LookupError):
        await opened.write(fail)
    assert await opened.read(count) == 0
    await opened.write(insert)
    assert await opened.read(count) == 1
    await opened.close()


async def test_reads_get_through_while_a_write_waits_for_a_foreign_lock(
    path: Path, other: sqlite3.Connection
) -> None:
    """The write is done as soon as the lock is gone."""
    opened = await Database.open(path)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(opened.write(insert))
    assert await opened.read(count) == 0
    assert not waiting.done()
    other.execute("COMMIT")
    await waiting
    assert await opened.read(count) == 1
    await opened.close()


async def test_a_lock_that_is_not_given_up_is_said(
    path: Path, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "TRIES", 1)
    opened = await Database.open(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusyError):
        await opened.write(insert)
    other.execute("ROLLBACK")
    await opened.write(insert)
    assert await opened.read(count) == 1, "what was refused is not done later"
    await opened.close()


async def test_a_cancelled_caller_leaves_no_transaction_open(path: Path, other: sqlite3.Connection) -> None:
    opened = await Database.open(path)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(opened.write(insert))
    await opened.read(count)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    other.execute("COMMIT")
    await opened.write(insert)
    assert await opened.read(count) in {1, 2}
    await opened.close()


async def test_what_one_read_sees_is_of_one_moment(path: Path, other: sqlite3.Connection) -> None:
    """Though another process writes in the midst of it."""
    opened = await Database.open(path)

    def twice(sql: Sql) -> tuple[int, int]:
        first = count(sql)
        other.execute("INSERT INTO workers VALUES ('other', '')")
        return first, count(sql)

    assert await opened.read(twice) == (0, 0)
    assert await opened.read(count) == 1
    await opened.close()


async def test_a_busy_database_changes_nothing(
    store: Store, clock: Clock, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking goes on; the change is refused before anything is asked of Focus."""
    monkeypatch.setattr(database, "TRIES", 1)
    asker = Asker(store, clock)
    await store.hours.look(await asker.permit(Action.SEE, ANA))
    with closing(sqlite3.connect(path, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusyError):
            await asker.sets(ANA, {})
        assert await store.hours.glance(await asker.permit(Action.SEE, ANA)) is not None
        foreign.execute("ROLLBACK")
    assert await asker.rows("SELECT * FROM acts") == []
