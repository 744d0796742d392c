"""One SQLite file, one thread, and one way to open a transaction.

A durable commit waits for the disk, and somebody else's write lock can hold it for seconds: on the
event loop either would delay every acknowledgement. So the connection lives in a thread of its own,
and the rest of the program awaits functions that run there.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import sqlite_utils

from store.migrations import migrations

__all__ = ["Database", "DatabaseBusyError", "NewerDatabaseError", "Row", "Sql", "rows"]

T = TypeVar("T")
Sql = sqlite_utils.Database
"""What a function run in the database's thread is handed: statements join its transaction."""

Row = dict[str, Any]

BUSY_MS = 500
TRIES = 10


class DatabaseBusyError(Exception):
    """Another process has held the write lock for about five seconds."""


class NewerDatabaseError(Exception):
    """The file was written by a newer version of this program."""


def rows(sql: Sql, statement: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[Row]:
    """All rows of a statement as dictionaries."""
    cursor = sql.conn.execute(statement, parameters)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


class Database:
    """Asynchronous face of one SQLite file; made by :meth:`open`."""

    def __init__(self, path: Path | str) -> None:
        self.path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._sql: Sql | None = None

    @classmethod
    async def open(cls, path: Path | str) -> Database:
        """Open the file, making it readable by its owner alone, and bring its tables up to date.

        Raises:
            NewerDatabaseError: the file knows migrations that this program does not.
        """
        database = cls(path)
        try:
            await database._in_thread(database._connect)
        except BaseException:
            database._thread.shutdown()
            raise
        return database

    async def read(self, query: Callable[[Sql], T]) -> T:
        """What ``query`` returns, run in the database's thread without a transaction of its own."""
        return await self._in_thread(lambda: query(self._connected))

    async def write(self, change: Callable[[Sql], T]) -> T:
        """Run ``change`` in one immediate transaction; an exception from it rolls everything back.

        Raises:
            DatabaseBusyError: another process did not give up its lock in time.
        """
        for _ in range(TRIES):
            try:
                return await self._in_thread(lambda: self._transaction(change))
            except sqlite3.OperationalError as error:
                # The lock is waited for in short turns, so that reads get through between them.
                if "locked" not in str(error) and "busy" not in str(error):
                    raise
        raise DatabaseBusyError(f"{self.path} is locked by another process")

    async def close(self) -> None:
        """Finish what is queued and close the file."""
        await self._in_thread(self._connected.conn.close)
        self._thread.shutdown()

    @property
    def _connected(self) -> Sql:
        if self._sql is None:
            raise RuntimeError("the database is not open")
        return self._sql

    async def _in_thread(self, job: Callable[[], T]) -> T:
        # Shielded: a cancelled caller must not leave its transaction's end unknown to the loop.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, job))

    def _connect(self) -> None:
        if isinstance(self.path, Path):
            self.path.touch(mode=0o600)
        connection = sqlite3.connect(self.path, timeout=BUSY_MS / 1000, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
        self._sql = sqlite_utils.Database(connection)
        self._transaction(self._migrate)

    @staticmethod
    def _migrate(sql: Sql) -> None:
        applied = {migration.name for migration in migrations.applied(sql)}
        if unknown := applied - {migration.name for migration in migrations._migrations}:  # noqa: SLF001 - the library lists pending and applied ones only
            raise NewerDatabaseError(
                f"the database knows {', '.join(sorted(unknown))}: it was written by a newer version"
            )
        migrations.apply(sql)

    def _transaction(self, change: Callable[[Sql], T]) -> T:
        sql = self._connected
        # sqlite-utils' atomic() begins deferred: two processes that read, then write, would deadlock.
        sql.conn.execute("BEGIN IMMEDIATE")
        try:
            result = change(sql)
        except BaseException:
            sql.conn.execute("ROLLBACK")
            raise
        sql.conn.execute("COMMIT")
        return result
