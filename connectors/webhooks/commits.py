"""One transaction for all who write the same at the same time: a commit waits for the disk, whoever it is for."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Any, Generic, TypeVar

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.database import Database

I = TypeVar("I")  # noqa: E741
R = TypeVar("R")
T = TypeVar("T")

MOST_TOGETHER = 200


class Commits:
    """Transactions of this process in `tables`, one after the other: SQLite takes one writer at a time anyway.

    `writing` is held while there is one.
    """

    def __init__(self, database: Database, tables: MetaData) -> None:
        self.writing = asyncio.Lock()
        self._database = database
        self._tables = tables

    async def write(self, write: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """What `write` gives, after it is committed. Raises `SQLAlchemyError`, `OSError` and what `write` does."""
        async with self.writing, await self._database.begin(self._tables) as connection:
            return await write(connection)


class Together(Generic[I, R]):
    """Items that are to be written while a transaction is under way go into the next one, many in one statement.

    `write` gives one result for each item, in order. Where it fails, everyone's items get a transaction of their own.
    """

    def __init__(
        self, commits: Commits, write: Callable[[AsyncConnection, Sequence[I]], Awaitable[Sequence[R]]]
    ) -> None:
        self._commits = commits
        self._write = write
        self._waiting: list[tuple[Sequence[I], asyncio.Future[Sequence[R]]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def add(self, items: Sequence[I]) -> Sequence[R]:
        """The results, after they are committed. Raises `SQLAlchemyError`, `OSError` and what `write` does."""
        done: asyncio.Future[Sequence[R]] = asyncio.get_running_loop().create_future()
        self._waiting.append((items, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all(), context=Context())
        return await done

    async def close(self) -> None:
        """Wait for what is under way."""
        if self._writer:
            await asyncio.wait([self._writer])

    async def _write_all(self) -> None:
        while self._waiting:
            async with self._commits.writing:
                pass  # what comes while others write goes along
            group, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            if not await self._written(group):
                for one in group:
                    await self._written([one])

    async def _written(self, group: list[tuple[Sequence[I], asyncio.Future[Sequence[R]]]]) -> bool:
        """Whether everyone in the group was told what came of it: not if something failed and several are in it."""
        items = [item for items, _ in group for item in items]
        try:
            results = await self._commits.write(lambda connection: self._write(connection, items))
        except Exception as error:  # whose items they are gets it
            if len(group) > 1:
                return False
            _settle(group[0][1], error=error)
            return True
        start = 0
        for own, done in group:
            _settle(done, results[start : start + len(own)])
            start += len(own)
        return True


def _settle(done: asyncio.Future[Any], result: Any = None, *, error: Exception | None = None) -> None:
    if done.done():  # who waited has gone
        return
    if error:
        done.set_exception(error)
    else:
        done.set_result(result)
