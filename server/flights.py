"""One execution for all who ask for the same at the same time."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from functools import partial
from typing import Any, Generic, TypeVar

T = TypeVar("T")

TOLERANCE_S = 1.0
"""How much sooner than its own deadline a follower may be cut off by the deadline of the execution that it joins."""


class Flights(Generic[T]):
    """Executions in flight, by what makes two of them the same.

    An execution goes on for as long as anybody waits for it.
    """

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight[T]] = {}

    async def join(self, key: Hashable, deadline: float, start: Callable[[], Coroutine[Any, Any, T]]) -> tuple[T, bool]:
        """The result of the execution under `key`, which is started if need be, and whether it was there before.

        Nobody waits beyond `deadline`: an execution that may take longer is not joined.
        """
        flight = self._flights.get(key)
        there = flight is not None and deadline - TOLERANCE_S <= flight.deadline <= deadline
        if flight is None or not there:
            flight = self._flights[key] = _Flight(deadline, start())
            flight.task.add_done_callback(partial(self._landed, key, flight))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task), there
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._landed(key, flight, flight.task)
                flight.task.cancel()
                await asyncio.wait((flight.task,))

    def seal(self) -> None:
        """From now on nobody joins what is in flight; those who have get their results."""
        self._flights.clear()

    def _landed(self, key: Hashable, flight: "_Flight[T]", _: asyncio.Future[T]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


class _Flight(Generic[T]):
    __slots__ = ("deadline", "task", "waiting")

    def __init__(self, deadline: float, work: Coroutine[Any, Any, T]) -> None:
        self.deadline = deadline
        self.task = asyncio.ensure_future(work)
        self.waiting = 0
