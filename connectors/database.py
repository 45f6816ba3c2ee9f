"""The database that outlives processes and is shared by them: SQLite in a file, or PostgreSQL."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from time import monotonic, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine, ExceptionContext, MetaData
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

DRIVERS: Mapping[str, str] = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
}

BUSY_S = 10.0
"""How long a writer to SQLite waits for another one."""

SWITCH_S = 0.005
"""How long one waits who finds another one about to switch a new file of SQLite's to WAL, which takes about as long."""

CREATION = 0x50554E4E
"""The advisory lock of PostgreSQL under which tables are created, one process at a time."""


class Unwritable(ValueError):
    """A text with a NUL in it, for which PostgreSQL has no place: nothing there has it, and nothing can."""


class Database:
    """Connections to one database, in the process's one event loop. It connects, and loads SQLAlchemy, when first used.

    Raises `sqlalchemy.exc.SQLAlchemyError` where the database does not answer, with no value of a statement in it, and
    `Unwritable`.
    """

    def __init__(self, url: str) -> None:
        """`url` is `sqlite:///punnet.sqlite3` (a path) or `postgresql://user:password@host/name`.

        Raises `ValueError` for any other, with no part of it in the message but its scheme.
        """
        scheme, separator, rest = url.partition("://")
        if not separator or scheme not in DRIVERS or (scheme == "sqlite" and len(rest) < 2):
            raise ValueError("must be sqlite:///<path> or postgresql://<user>:<password>@<host>/<name>")
        self._url = f"{DRIVERS[scheme]}://{rest}"
        self._engine: AsyncEngine | None = None
        self._created: set[MetaData] = set()
        self._creating: asyncio.Lock | None = None

    @property
    def engine(self) -> "AsyncEngine":
        """SQLAlchemy's."""
        if self._engine is None:
            from sqlalchemy import event
            from sqlalchemy.ext.asyncio import create_async_engine

            if self._url.startswith("sqlite"):
                self._engine = create_async_engine(self._url, hide_parameters=True, connect_args={"timeout": BUSY_S})
                event.listen(self._engine.sync_engine, "connect", _in_wal_mode)
            else:
                self._engine = create_async_engine(self._url, hide_parameters=True, pool_pre_ping=True)
                event.listen(self._engine.sync_engine, "handle_error", _unless_writable)
        return self._engine

    def blocking_engine(self) -> "Engine":
        """One for a library that works in threads of its own; who asks for it disposes of it.

        On SQLite every transaction takes the write lock when it begins, and does not wait for the disk when it ends:
        what a machine that loses its power forgets there must be known elsewhere. A process that dies loses nothing.
        Source: https://www.sqlite.org/pragma.html#pragma_synchronous
        """
        from sqlalchemy import create_engine, event

        if not self._url.startswith("sqlite"):
            return create_engine(self._url, hide_parameters=True, pool_pre_ping=True)
        address = self._url.replace("+aiosqlite", "")
        engine = create_engine(address, hide_parameters=True, connect_args={"timeout": BUSY_S})
        event.listen(engine, "connect", _in_wal_mode)
        event.listen(engine, "connect", _immediate)
        return engine

    async def begin(self, tables: "MetaData") -> "AbstractAsyncContextManager[AsyncConnection]":
        """A transaction, in a database that has `tables`: `async with await database.begin(tables) as connection`."""
        if tables not in self._created:
            self._creating = self._creating or asyncio.Lock()
            async with self._creating:
                if tables not in self._created:
                    await self._create(tables)
                    self._created.add(tables)
        return self.engine.begin()

    async def close(self) -> None:
        """Close all connections, if there are any."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    async def _create(self, tables: "MetaData") -> None:
        """Create what is not there, however many processes do so at once."""
        from sqlalchemy import text
        from sqlalchemy.schema import CreateIndex, CreateTable

        async with self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CREATION})
            for table in tables.sorted_tables:
                await connection.execute(CreateTable(table, if_not_exists=True))
                for index in table.indexes:
                    await connection.execute(CreateIndex(index, if_not_exists=True))


def _unless_writable(context: "ExceptionContext") -> None:
    """Say of a value what is wrong with it, where that is known before the statement is sent."""
    from psycopg import DataError

    error = context.original_exception
    if isinstance(error, DataError) and error.sqlstate is None:
        raise Unwritable("a text must be without NUL (U+0000)") from error


def _in_wal_mode(connection: object, _: object) -> None:
    """Readers and one writer at a time do not wait for each other. Source: https://www.sqlite.org/wal.html

    A new file is switched once. Of two that do so at the same moment SQLite refuses one, without waiting, as it has
    read before it writes (https://www.sqlite.org/c3ref/busy_handler.html). That one tries again until it finds it done.
    (To wait for the write lock instead would be to wait for all that the other writes after that.)
    """
    from sqlite3 import SQLITE_BUSY, OperationalError

    until = monotonic() + BUSY_S
    cursor = connection.cursor()  # type: ignore[attr-defined]
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            break
        except OperationalError as error:
            if error.sqlite_errorcode != SQLITE_BUSY or monotonic() > until:
                raise
        sleep(SWITCH_S)
    cursor.close()


def _immediate(connection: object, _: object) -> None:
    """Who reads before it writes must not find another writer in between."""
    connection.isolation_level = "IMMEDIATE"  # type: ignore[attr-defined]
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
