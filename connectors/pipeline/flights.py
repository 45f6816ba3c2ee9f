"""One call for all who ask for the same at the same time."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx2


class Flight:
    """A call that goes on for as long as anybody waits for its answer. `deadline` is that of the one who began it.

    `over` says that nobody can join any more: it has ended, or everyone has gone away.
    """

    def __init__(self, call: Callable[[], Awaitable[httpx2.Response]], deadline: float) -> None:
        self.deadline = deadline
        self.over = False
        self._waiting: set[asyncio.Future[httpx2.Response]] = set()
        self._task = asyncio.get_running_loop().create_task(self._fly(call))

    async def answer(self) -> httpx2.Response:
        """The answer, or the error that the call ended with. The last one to go away cancels the call.

        To be asked before it is over.
        """
        assert not self.over
        waiter: asyncio.Future[httpx2.Response] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            return await waiter
        finally:
            self._waiting.discard(waiter)
            if not self._waiting and not self.over:
                self.over = True
                self._task.cancel()

    async def _fly(self, call: Callable[[], Awaitable[httpx2.Response]]) -> None:
        try:
            response = await call()
        except Exception as error:  # whatever it is, it belongs to those who wait
            self.over = True
            for waiter in self._waiting:
                if not waiter.done():
                    waiter.set_exception(error)
        else:
            self.over = True
            for waiter in self._waiting:
                if not waiter.done():
                    waiter.set_result(response)
