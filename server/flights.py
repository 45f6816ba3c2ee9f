"""Executions in flight, for those who ask for the same meanwhile."""

from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from connectors.flights import Flight

T = TypeVar("T")

TOLERANCE_S = 1.0
"""How much sooner than its own deadline a follower may be cut off by the deadline of the execution that it joins."""


class Flights(Generic[T]):
    """Executions in flight, by what makes two of them the same."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, Flight[T]] = {}

    async def join(self, key: Hashable, deadline: float, start: Callable[[], Awaitable[T]]) -> tuple[T, bool]:
        """The result of the execution under `key`, which is started if need be, and whether it was there before.

        Nobody waits beyond `deadline`: an execution that may take longer is not joined.
        """
        there = self.find(key, deadline)
        flight = there or self.begin(key, deadline, start)
        return await flight.result(), there is not None

    def begin(self, key: Hashable, deadline: float, start: Callable[[], Awaitable[T]]) -> Flight[T]:
        """A new execution under `key`, that of whoever waits until `deadline`."""

        async def fly() -> T:
            try:
                return await start()
            finally:
                if self._flights.get(key) is flight:
                    del self._flights[key]

        flight = self._flights[key] = Flight(fly, deadline)
        return flight

    def find(self, key: Hashable, deadline: float) -> Flight[T] | None:
        """The execution under `key` that can be joined by who waits until `deadline`."""
        flight = self._flights.get(key)
        there = flight is not None and not flight.over and deadline - TOLERANCE_S <= flight.deadline <= deadline
        return flight if there else None

    def seal(self) -> None:
        """From now on nobody joins what is in flight; those who have get their results."""
        self._flights.clear()
