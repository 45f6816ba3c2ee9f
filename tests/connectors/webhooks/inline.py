"""Durable work without DBOS, for what is not about that: workflows are tasks, and end with the process."""

import asyncio

from sqlalchemy import insert

from connectors.clock import Clock
from connectors.database import Database
from connectors.webhooks.durable import EXECUTORS, TABLES, Durable


class Inline(Durable):
    """`refuses` starts as a database would that is away. `tasks` are the workflows that were started."""

    refuses = lives = False

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.may_open = asyncio.Event()
        self.may_open.set()

    async def open(self) -> None:
        await self.may_open.wait()
        await self.live()

    async def live(self) -> None:
        """Say that we live, for long."""
        if self.lives:
            return
        self.lives = True
        async with await self.database.begin(TABLES) as connection:
            alive_until = self.clock.time() + 1e6
            await connection.execute(insert(EXECUTORS).values(id=self.executor, alive_until=alive_until))

    async def start(self, name: str, id: str, *arguments: str | float) -> None:
        if self.refuses:
            raise OSError
        if id not in self.tasks:
            self.tasks[id] = asyncio.ensure_future(self._workflows[name](*arguments))

    async def has_ended(self, id: str) -> bool:
        return id in self.tasks and self.tasks[id].done()

    async def sweep(self) -> None:
        """Look for what nobody who lives sees to."""
        await asyncio.sleep(0)
        await self._look_around()

    async def forget(self, before: float) -> None:
        pass

    async def _recover(self, executor: str) -> None:
        pass

    async def settle(self) -> None:
        """Wait until all workflows are over."""
        while waiting := [task for task in self.tasks.values() if not task.done()]:
            await asyncio.gather(*waiting)

    async def close(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks.values())
