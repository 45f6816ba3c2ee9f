"""One run for all who ask for the same while it is under way."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class SingleFlight(Generic[K, T]):
    """Runs by key. Whoever goes away does not take a run along: it goes on to its end.

    The pipeline's `Flight` ends with its last caller instead, which is right for a read and wrong for a refresh.
    """

    def __init__(self) -> None:
        self._runs: dict[K, asyncio.Task[T]] = {}

    def begin(self, key: K, run: Callable[[], Coroutine[Any, Any, T]]) -> "asyncio.Task[T]":
        """The run for `key`, begun now unless it is under way."""
        task = self._runs.get(key)
        if task is None:
            task = self._runs[key] = asyncio.get_running_loop().create_task(run())
            task.add_done_callback(lambda task: self._landed(key, task))
        return task

    async def join(self, key: K, run: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What the run for `key` gives or raises."""
        return await asyncio.shield(self.begin(key, run))

    def under_way(self, key: K) -> bool:
        """Whether there is a run for `key` to join."""
        return key in self._runs

    async def settle(self) -> None:
        """Return when everything that was under way has ended."""
        if self._runs:
            await asyncio.wait(self._runs.values())

    def _landed(self, key: K, task: "asyncio.Task[T]") -> None:
        del self._runs[key]
        if not task.cancelled():
            task.exception()  # a failure after everyone has gone away is nobody's news
