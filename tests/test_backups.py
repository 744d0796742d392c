"""A backup is whole although the bot writes meanwhile; a restore refuses what would lose something."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import main
from store.backups import BackupError, back_up, restore
from store.database import Database
from tests.conftest import MONDAY, OpenOffice
from tests.office import STUDIO, Office

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line, in a folder with nothing but the database; its exit status and what it says."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, str]:
        status = main(arguments)
        said = capsys.readouterr()
        return status, said.out + said.err

    return command


@pytest.fixture
async def closed(tmp_path: Path) -> Path:
    """The database of a bot that has stopped."""
    path = tmp_path / "hours.db"
    await (await Database.open(path)).close()
    return path


def workers(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM workers").fetchone()[0])


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def add_worker(path: Path, name: str = "one") -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO workers VALUES (?, '2026-03-02')", (name,))
        connection.commit()


async def test_a_running_bot_is_backed_up_and_starts_from_the_backup(an_office: OpenOffice, run: Run) -> None:
    async with an_office() as office:
        await office.ana.types(STUDIO, "/hours set fri 4")
        await office.ana.sees("Fri 8 h → 4 h", channel=office.ana.dm)
        await office.bot.desk.work.idle()
        status, said = await asyncio.to_thread(run, "backup", "copy.db")
        assert (status, said.startswith("hours.db is copied to copy.db, ")) == (0, True)
        await office.ana.types(STUDIO, "/hours set fri 5")
        await office.ana.sees("Fri 4 h → 5 h", channel=office.ana.dm)
    status, said = run("restore", "copy.db")
    assert status == 0
    assert "hours.db is as it was in copy.db" in said
    assert "What was there is kept as hours.db.before-" in said
    async with an_office() as office:
        await office.ana.types(STUDIO, "/hours history")
        shown = await office.ana.sees("8 h → 4 h", channel=STUDIO)
        assert "5 h" not in shown.plain


async def test_a_backup_is_one_file_for_its_owner_and_never_replaces_another(closed: Path, run: Run) -> None:
    to = closed.with_name("copy.db")
    assert run("backup", "copy.db")[0] == 0
    add_worker(closed)
    assert run("backup", "copy.db") == (
        1,
        "copy.db exists already. Choose another name, or delete it first. Nothing was changed.\n",
    )
    assert (workers(to), workers(closed)) == (0, 1)
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert sorted(path.name for path in closed.parent.iterdir()) == ["copy.db", "hours.db"]


async def test_a_backup_does_not_hold_up_who_writes(closed: Path) -> None:
    opened = await Database.open(closed)
    with closing(sqlite3.connect(closed, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO workers VALUES ('unfinished', '2026-03-02')")
        await asyncio.to_thread(back_up, closed, to := closed.with_name("copy.db"))
        other.execute("COMMIT")
    await opened.close()
    assert (workers(to), workers(closed)) == (0, 1)


async def test_restore_refuses_while_a_bot_runs(office: Office, run: Run) -> None:
    assert (await asyncio.to_thread(run, "backup", "copy.db"))[0] == 0
    status, said = await asyncio.to_thread(run, "restore", "copy.db")
    assert (status, said) == (1, "A bot is running on hours.db. Stop it first. Nothing was changed.\n")
    await office.ana.types(STUDIO, "/hours")
    await office.ana.sees("Your week", channel=STUDIO)


async def test_what_was_there_is_kept(closed: Path) -> None:
    to = closed.with_name("copy.db")
    back_up(closed, to)
    add_worker(closed)
    done = restore(to, closed, now=MONDAY)
    assert done.kept == closed.with_name("hours.db.before-20260302T090000")
    assert (workers(closed), workers(closed.with_name("hours.db.before-20260302T090000"))) == (0, 1)


def damage(path: Path) -> None:
    path.write_bytes(os.urandom(8192))
    path.with_name("hours.db-wal").write_bytes(b"left behind")


async def test_a_damaged_database_can_be_replaced(closed: Path) -> None:
    to = closed.with_name("copy.db")
    back_up(closed, to)
    damage(closed)
    restore(to, closed, now=MONDAY)
    assert workers(closed) == 0
    assert not closed.with_name("hours.db-wal").exists()


async def test_a_backup_of_a_newer_version_is_refused(closed: Path, run: Run) -> None:
    to = closed.with_name("copy.db")
    back_up(closed, to)
    with closing(sqlite3.connect(to)) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('working-hours', 'from_the_future', '2030-01-01')"
        )
        connection.commit()
    was = content_of(closed)
    status, said = run("restore", "copy.db")
    assert status == 1
    assert content_of(closed) == was
    assert said == (
        "copy.db was written by a newer version of the bot (it knows from_the_future):"
        " run that version to use it. Nothing was changed.\n"
    )


@pytest.mark.parametrize("content", [b"", b"SLACK_BOT_TOKEN=xoxb-1", None])
async def test_what_is_no_backup_is_neither_replaced_nor_restored(
    closed: Path, run: Run, content: bytes | None
) -> None:
    other = closed.with_name("other")
    if content is None:  # a database of some other program
        with closing(sqlite3.connect(other)) as connection:
            connection.execute("CREATE TABLE mine (id INTEGER)")
    else:
        other.write_bytes(content)
    was, ours = content_of(other), content_of(closed)
    for command in ("backup", "restore"):
        status, said = run(command, "other")
        assert status == 1
        assert {"backup": "other exists already", "restore": "other is not a backup"}[command] in said
    assert (content_of(other), content_of(closed)) == (was, ours)


async def test_the_database_is_not_backed_up_to_itself(closed: Path) -> None:
    was = content_of(closed)
    with pytest.raises(BackupError):
        back_up(closed, closed)
    with pytest.raises(BackupError, match="is the database itself"):
        restore(closed, closed, now=MONDAY)
    assert content_of(closed) == was
    assert [path.name for path in closed.parent.iterdir()] == ["hours.db"]


def test_a_backup_needs_a_database(run: Run) -> None:
    assert run("backup", "copy.db") == (1, "There is no database at hours.db. Nothing was changed.\n")
    assert run("restore", "copy.db") == (1, "There is no file copy.db. Nothing was changed.\n")


@pytest.mark.usefixtures("closed")
async def test_a_folder_that_cannot_be_written_is_said(run: Run) -> None:
    status, said = run("backup", "nowhere/copy.db")
    assert status == 1
    assert said.startswith("hours.db could not be copied to ")
