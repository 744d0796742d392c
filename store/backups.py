"""Back up the database while it is in use, and restore it while it is not. Blocking: for the command line.

Only SQLite's own backup interface (https://sqlite.org/backup.html) copies a database that others write to:
the latest commits are in a separate WAL file. The copy is one complete file, checked for integrity and
readable by its owner alone, before it replaces another file.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlite_utils

from store.act import UNSETTLED
from store.migrations import migrations, unknown

__all__ = ["BackupError", "Copied", "back_up", "restore"]

SECONDS_FOR_A_LOCK = 5.0


class BackupError(Exception):
    """The backup or restore failed; no file was replaced. The text gives the reason."""


@dataclass(frozen=True, slots=True)
class Copied:
    """The result of a backup or a restore that succeeded."""

    path: Path
    bytes: int
    waiting: int
    """The number of unsettled changes in the copy."""
    kept: Path | None = None
    """The path under which the replaced database was kept; ``None`` if there was none."""


def back_up(database: Path, to: Path) -> Copied:
    """Copy the database to the file ``to``; the bot may be running.

    Raises:
        BackupError: there is no database, the file ``to`` exists already, or a file operation failed.
    """
    if not database.is_file():
        raise BackupError(f"There is no database at {database}.")
    if to.exists():
        raise BackupError(f"{to} exists already. Choose another name, or delete it first.")
    with _copy(database, beside=to) as (copy, waiting):
        copy.replace(to)
    return Copied(to, to.stat().st_size, waiting)


def restore(backup: Path, database: Path, *, now: datetime) -> Copied:
    """Replace the database with a backup; the replaced file is kept under another name.

    Raises:
        BackupError: the file is no backup or was written by a newer version, or a bot uses the database.
    """
    if not backup.is_file():
        raise BackupError(f"There is no file {backup}.")
    if not _is_ours(backup):
        raise BackupError(f"{backup} is not a backup of this bot.")
    if database.exists() and backup.samefile(database):
        raise BackupError(f"{backup} is the database itself.")
    with _copy(backup, beside=database) as (copy, waiting):
        if not database.exists():
            copy.replace(database)
            return Copied(database, database.stat().st_size, waiting)
        kept = database.with_name(f"{database.name}.before-{now:%Y%m%dT%H%M%S}")
        with _alone(database):
            with suppress(OSError):  # some file systems have no hard links
                kept.hardlink_to(database)
            if not kept.exists():
                shutil.copy2(database, kept)
            # A damaged database may have left -wal and -shm files. They belong to it: SQLite must not
            # apply them to the new file.
            for ending in ("-wal", "-shm"):
                left = database.with_name(database.name + ending)
                if left.exists():
                    left.replace(kept.with_name(kept.name + ending))
            copy.replace(database)  # atomic: at no moment is there no database
        return Copied(database, database.stat().st_size, waiting, kept)


def _is_ours(path: Path) -> bool:
    try:
        with closing(_reading(path)) as connection:
            return bool(migrations.applied(sqlite_utils.Database(connection)))
    except sqlite3.DatabaseError:
        return False


def _reading(path: Path) -> sqlite3.Connection:
    # Not read-only: a read-only connection would leave -wal and -shm files beside the database.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=SECONDS_FOR_A_LOCK)


@contextmanager
def _copy(source: Path, *, beside: Path) -> Iterator[tuple[Path, int]]:
    """Yield a checked copy in the folder of ``beside`` and its count of unsettled changes; then delete it."""
    copy = beside.with_name(f".{beside.name}.{os.getpid()}.copy")
    try:
        copy.unlink(missing_ok=True)
        copy.touch(mode=0o600)
        with closing(_reading(source)) as original, closing(sqlite3.connect(copy)) as target:
            original.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
            _require_whole(target, source)
            counted = f"SELECT count(*) FROM changes WHERE state IN {UNSETTLED}"  # noqa: S608 - a constant
            waiting = target.execute(counted).fetchone()[0]
        _to_disk(copy)
        yield copy, int(waiting)
        _to_disk(beside.absolute().parent)
    except (OSError, sqlite3.DatabaseError) as error:
        raise BackupError(f"{source} could not be copied to {beside.absolute().parent}: {error}") from error
    finally:
        copy.unlink(missing_ok=True)


def _require_whole(copied: sqlite3.Connection, source: Path) -> None:
    if (found := copied.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
        raise BackupError(f"{source} is damaged: {found}.")
    if newer := unknown(sqlite_utils.Database(copied)):
        raise BackupError(
            f"{source} was written by a newer version of the bot (it knows {', '.join(newer)}):"
            " run that version to use it."
        )


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Hold the database exclusively: nothing is left in its WAL file, and no other process can use it.

    Raises:
        BackupError: another process has it open.
    """
    with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as connection:
        try:
            # SQLite leaves WAL mode only if there is no other connection, so this fails while a bot runs.
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise BackupError(f"A bot is running on {database}. Stop it first.") from error
        except sqlite3.DatabaseError:
            pass  # the file is too damaged to be in use: a restore is for exactly this case
        yield


def _to_disk(path: Path) -> None:
    """Flush a file or folder to disk with ``fsync``, so that it survives a power failure."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
