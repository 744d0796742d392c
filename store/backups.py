"""The whole database copied while it is in use, and put back while it is not. Blocking: for a command line.

SQLite copies a file that others write to (https://sqlite.org/backup.html), and only it can: what was
written last stands in a file beside. A copy is complete in one file, checked, and readable by its owner
alone before it takes the place of another.
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
    """Nothing was copied and nothing replaced; the text says why."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that is complete and in its place."""

    path: Path
    bytes: int
    waiting: int
    """Changes in it that were not at their end."""
    kept: Path | None = None
    """Where the file is that was there before."""


def back_up(database: Path, to: Path) -> Copied:
    """Copy the database of a bot that may be running.

    Raises:
        BackupError: there is none, ``to`` is something else than a backup, or the disk refuses.
    """
    if not database.is_file():
        raise BackupError(f"There is no database at {database}.")
    if to.exists() and (to.samefile(database) or not _is_ours(to)):
        raise BackupError(f"{to} is not a backup: it is left as it is. Name another file.")
    with _copy(database, beside=to) as (copy, waiting):
        copy.replace(to)
    return Copied(to, to.stat().st_size, waiting)


def restore(backup: Path, database: Path, *, now: datetime) -> Copied:
    """Put a backup in the place of the database, which is kept under another name.

    Raises:
        BackupError: it is no backup, or of a newer version; or a bot runs on the database.
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
            with suppress(OSError):  # some file systems have no second names
                kept.hardlink_to(database)
            if not kept.exists():
                shutil.copy2(database, kept)
            # Beside a damaged file others may be left, which belong to it and must not meet the new one.
            for ending in ("-wal", "-shm"):
                left = database.with_name(database.name + ending)
                if left.exists():
                    left.replace(kept.with_name(kept.name + ending))
            copy.replace(database)  # at once: at no moment is there none
        return Copied(database, database.stat().st_size, waiting, kept)


def _is_ours(path: Path) -> bool:
    try:
        with closing(_reading(path)) as connection:
            return bool(migrations.applied(sqlite_utils.Database(connection)))
    except sqlite3.DatabaseError:
        return False


def _reading(path: Path) -> sqlite3.Connection:
    # Not read-only: such a connection would leave files behind beside the database.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=SECONDS_FOR_A_LOCK)


@contextmanager
def _copy(source: Path, *, beside: Path) -> Iterator[tuple[Path, int]]:
    """A checked copy on the same disk as ``beside``, and how many changes wait in it; gone afterwards."""
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
    """While nobody else has the file open; it is complete by itself then, and nobody can begin to use it.

    Raises:
        BackupError: somebody has.
    """
    with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as connection:
        try:
            # A file in this mode has one user, so SQLite refuses while there is another connection.
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise BackupError(f"A bot is running on {database}. Stop it first.") from error
        except sqlite3.DatabaseError:
            pass  # so damaged that nobody can use it: what a backup is for
        yield


def _to_disk(path: Path) -> None:
    """Survive a power failure from here on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
