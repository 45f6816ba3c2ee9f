"""One execution for all who ask for the same at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Flight(Generic[T]):
    """An execution that goes on for as long as anybody waits for its result.

    `deadline` is that of the one who began it. `over` says that nobody can join any more: it has ended, or everyone has
    gone away.
    """

    def __init__(self, work: Callable[[], Awaitable[T]], deadline: float) -> None:
        self.deadline = deadline
        self.over = False
        self._waiting: set[asyncio.Future[T]] = set()
        self._loop = loop = asyncio.get_running_loop()
        self._task = loop.create_task(self._fly(work))

    async def result(self) -> T:
        """The result, or the error that the execution ended with. The last one to go away cancels it first.

        To be asked before it is over.
        """
        assert not self.over
        waiter: asyncio.Future[T] = self._loop.create_future()
        self._waiting.add(waiter)
        try:
            return await waiter
        finally:
            self._waiting.discard(waiter)
            if not self._waiting and not self.over:
                self.over = True
                self._task.cancel()
                await asyncio.wait((self._task,))

    def waiter(self) -> asyncio.Future[T]:
        """The result to come, for who is no task. To be cancelled is to go away, which here nobody waits for.

        To be asked before it is over.
        """
        assert not self.over
        waiter: asyncio.Future[T] = self._loop.create_future()
        self._waiting.add(waiter)
        waiter.add_done_callback(self._leave)
        return waiter

    def _leave(self, waiter: "asyncio.Future[T]") -> None:
        self._waiting.discard(waiter)
        if not self._waiting and not self.over:
            self.over = True
            self._task.cancel()

    async def _fly(self, work: Callable[[], Awaitable[T]]) -> None:
        try:
            result = await work()
        except Exception as error:  # whatever it is, it belongs to those who wait
            self.over = True
            for waiter in self._waiting:
                if not waiter.done():
                    waiter.set_exception(error)
        else:
            self.over = True
            for waiter in self._waiting:
                if not waiter.done():
                    waiter.set_result(result)
