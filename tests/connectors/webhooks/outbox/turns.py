"""Queued workflows on a clock that tests turn: each runs when it is due, one after another."""

from collections.abc import Mapping, Sequence

from connectors.clock import Clock
from connectors.database import Database
from connectors.webhooks.durable import Durable

Waiting = tuple[float, str, str, tuple[str | float, ...]]
"""When it is due, its id, the workflow's name, and its arguments."""


class Turns(Durable):
    """What the outbox needs of durable work, without DBOS. `asked` are the workflows that were asked about last."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self.waiting: list[Waiting] = []
        self.started: set[str] = set()
        self.asked: Sequence[str] = ()

    async def enqueue(self, name: str, id: str, *arguments: str | float, partition: str, at: float) -> None:
        if id not in self.started:
            self.started.add(id)
            self.waiting.append((at, id, name, arguments))

    async def over(self, ids: Sequence[str]) -> Mapping[str, bool]:
        self.asked = ids
        waiting = {one[1] for one in self.waiting}
        return {id: id not in waiting for id in ids if id in self.started}

    async def run(self) -> None:
        """Everything that waits, and what comes of it."""
        while self.waiting:
            self.waiting.sort()
            await self._run(self.waiting.pop(0))

    async def round(self) -> None:
        """What waits, once each."""
        waiting, self.waiting = sorted(self.waiting), []
        for one in waiting:
            await self._run(one)

    async def _run(self, one: Waiting) -> None:
        at, _, name, arguments = one
        await self.clock.sleep(max(0.0, at - self.clock.time()))
        await self._workflows[name](*arguments)
