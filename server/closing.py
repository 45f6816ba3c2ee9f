"""What outlives a request is given back when the server stops."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack


class Closing:
    """A block after which each of `closes` is called, the last one first, whatever becomes of the others.

    `begun` is called before: it may be set by who does not want to wait for ever. `at` says which one it is at.
    """

    def __init__(self, closes: Iterable[Callable[[], Awaitable[None]]]) -> None:
        self.begun: Callable[[], None] = lambda: None
        self.at = ""
        self._closes = list(closes)

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        self.begun()
        async with AsyncExitStack() as stack:
            for close in self._closes:
                stack.push_async_callback(self._close, close)
        self.at = ""

    async def _close(self, close: Callable[[], Awaitable[None]]) -> None:
        self.at = getattr(close, "__qualname__", "")
        await close()
