"""Queued workflows on a clock that tests turn: each runs when it is due, one after another."""

from collections.abc import Mapping, Sequence

from connectors.clock import Clock
from connectors.database import Database
from connectors.webhooks.durable import Durable


class Turns(Durable):
    """What the outbox needs of durable work, without DBOS."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self.waiting: list[tuple[float, str, str, tuple[str | float, ...]]] = []
        self.started: set[str] = set()

    async def enqueue(self, name: str, id: str, *arguments: str | float, partition: str, at: float) -> None:
        if id not in self.started:
            self.started.add(id)
            self.waiting.append((at, id, name, arguments))

    async def hasten(self, id: str) -> None:
        self.waiting = [(0.0 if one[1] == id else one[0], *one[1:]) for one in self.waiting]

    async def over(self, ids: Sequence[str]) -> Mapping[str, bool]:
        waiting = {one[1] for one in self.waiting}
        return {id: id not in waiting for id in ids if id in self.started}

    async def run(self) -> None:
        """Everything that waits, and what comes of it."""
        while self.waiting:
            self.waiting.sort()
            at, _, name, arguments = self.waiting.pop(0)
            await self.clock.sleep(max(0.0, at - self.clock.time()))
            await self._workflows[name](*arguments)
