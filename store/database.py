"""Access to the SQLite file: one connection in one thread, and one way to open a transaction.

A durable commit waits for the disk, and another process's write lock can delay it for seconds. On the event
loop either would delay every acknowledgement to Slack. So the connection lives in a thread of its own, and
the rest of the program awaits functions that run in it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import sqlite_utils

from store.migrations import migrations, unknown

__all__ = [
    "Database",
    "DatabaseBusyError",
    "DatabaseUnusableError",
    "NewerDatabaseError",
    "Row",
    "Sql",
    "files_of",
    "rows",
]

T = TypeVar("T")
Sql = sqlite_utils.Database
"""The argument of functions that run in the database thread; statements on it join the open transaction."""

Row = dict[str, Any]

BUSY_MS = 500
TRIES = 10


class DatabaseUnusableError(Exception):
    """The file cannot be opened, read or written: the disk is full, read-only or broken, or denies access."""


class DatabaseBusyError(DatabaseUnusableError):
    """Another process held the write lock for about five seconds (:data:`TRIES` times :data:`BUSY_MS`)."""


class NewerDatabaseError(DatabaseUnusableError):
    """The file was written by a newer version of this program."""


_UNUSABLE = (
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_CANTOPEN",
    "SQLITE_READONLY",
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
)
"""SQLite's names of errors that only the operator can mend; names of extended codes begin with them."""


def rows(sql: Sql, statement: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[Row]:
    """All rows of a statement as dictionaries."""
    cursor = sql.conn.execute(statement, parameters)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def files_of(path: Path) -> tuple[Path, ...]:
    """The database file and the ``-wal`` and ``-shm`` files that SQLite keeps beside it while it is open."""
    return (path, *(path.with_name(f"{path.name}-{ending}") for ending in ("wal", "shm")))


class Database:
    """The asynchronous interface to one SQLite file; created by :meth:`open`."""

    def __init__(self, path: Path | str) -> None:
        self.path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._sql: Sql | None = None
        self._watchers: dict[str, Callable[[], object]] = {}
        self._seen: set[str] = set()
        """Watched tables that the open transaction has written to."""

    @classmethod
    async def open(cls, path: Path | str) -> Database:
        """Open the file, migrate its tables, and make it readable by its owner alone.

        Raises:
            NewerDatabaseError: migrations were applied to the file that this program does not know.
            DatabaseUnusableError: the file cannot be opened or written, or is no database.
        """
        database = cls(path)
        try:
            await database._patiently(database._connect)
            await database.write(database._migrate)
        except BaseException:
            await database.close()
            raise
        return database

    @classmethod
    async def look(cls, path: Path) -> Database:
        """Open an existing file read-only, without migrating its tables.

        Raises:
            NewerDatabaseError: the tables are of another version than this program's.
            DatabaseUnusableError: the file cannot be read, or is no database of this program.
        """
        database = cls(path)
        try:
            await database._in_thread(database._connect_for_reading)
        except BaseException:
            await database.close()
            raise
        return database

    async def read(self, query: Callable[[Sql], T]) -> T:
        """Run ``query`` in the database thread, in one read transaction, and return its result."""
        return await self._in_thread(lambda: self._transaction(query, "BEGIN"))

    async def write(self, change: Callable[[Sql], T]) -> T:
        """Run ``change`` in one immediate transaction and return its result; an exception rolls it back.

        Raises:
            DatabaseBusyError: another process did not release its lock in time.
            DatabaseUnusableError: the disk does not accept the write.
        """
        # Not sqlite-utils' atomic(): it begins deferred, and two processes that read and then write would
        # deadlock.
        return await self._patiently(lambda: self._transaction(change, "BEGIN IMMEDIATE"))

    async def watch(self, table: str, columns: Sequence[str], call: Callable[[], None]) -> None:
        """Call ``call`` after each of this process's transactions that adds rows or sets these columns.

        The call is made in the event loop in which this method is awaited.
        """
        loop = asyncio.get_running_loop()

        def begin(sql: Sql) -> None:
            sql.conn.create_function(f"seen_{table}", 0, lambda: self._seen.add(table))
            for number, what in enumerate(("INSERT", f"UPDATE OF {', '.join(columns)}")):
                sql.conn.execute(
                    f"CREATE TEMP TRIGGER watched_{table}_{number} AFTER {what} ON {table}"
                    f" BEGIN SELECT seen_{table}(); END"
                )
            self._watchers[table] = lambda: loop.call_soon_threadsafe(call)

        await self.write(begin)

    async def close(self) -> None:
        """Finish the queued work and close the file."""
        if self._sql is not None:
            await self._in_thread(self._sql.conn.close)
        self._thread.shutdown()

    @property
    def _connected(self) -> Sql:
        if self._sql is None:
            raise RuntimeError("the database is not open")
        return self._sql

    async def _in_thread(self, job: Callable[[], T]) -> T:
        # Shielded: the job runs to its end even when the caller is cancelled.
        try:
            return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, job))
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorname", "").startswith(_UNUSABLE):
                raise DatabaseUnusableError(f"{self.path}: {error}") from error
            raise
        except OSError as error:
            raise DatabaseUnusableError(f"{self.path}: {error.strerror}") from error

    async def _patiently(self, job: Callable[[], T]) -> T:
        """Run a job that needs the write lock, retrying in short turns so that reads run in between."""
        for _ in range(TRIES):
            try:
                return await self._in_thread(job)
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) and "busy" not in str(error):
                    raise
        raise DatabaseBusyError(f"{self.path} is locked by another process")

    def _connect(self) -> None:
        if self._sql is None:
            if isinstance(self.path, Path):
                self.path.touch(mode=0o600)
                _close_to_others(self.path)
            connection = sqlite3.connect(self.path, timeout=BUSY_MS / 1000, isolation_level=None)
            self._sql = sqlite_utils.Database(connection)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            self._sql.conn.execute(f"PRAGMA {pragma}")

    def _connect_for_reading(self) -> None:
        uri = f"{Path(self.path).absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_MS / 1000, isolation_level=None)
        self._sql = sqlite_utils.Database(connection)
        applied = {row["name"] for row in rows(self._sql, "SELECT name FROM _sqlite_migrations")}
        if applied != {migration.name for migration in migrations._migrations}:  # noqa: SLF001 - as below
            raise NewerDatabaseError(
                "its tables are of another version: a start of the bot brings them up to date"
            )

    @staticmethod
    def _migrate(sql: Sql) -> None:
        if newer := unknown(sql):
            raise NewerDatabaseError(
                f"the database was written by a newer version of the bot (it knows {', '.join(newer)}):"
                " run that version, or restore a backup made by this one"
            )
        migrations.apply(sql)

    def _transaction(self, job: Callable[[Sql], T], begin: str) -> T:
        sql = self._connected
        self._seen.clear()
        sql.conn.execute(begin)
        try:
            result = job(sql)
            sql.conn.execute("COMMIT")
        except BaseException:
            sql.conn.rollback()  # does nothing if the error has already ended the transaction
            raise
        for table in self._seen:
            self._watchers[table]()
        return result


def _close_to_others(path: Path) -> None:
    """Take access to the database files away from everybody but their owner.

    SQLite gives files that it creates the mode of the database; existing files may have another mode.
    """
    for each in files_of(path):
        # The file may be gone by now, or belong to another user: opening it will show whether it is usable.
        with suppress(FileNotFoundError, PermissionError):
            if (mode := stat.S_IMODE(each.stat().st_mode)) & ~stat.S_IRWXU:
                each.chmod(mode & stat.S_IRWXU)
