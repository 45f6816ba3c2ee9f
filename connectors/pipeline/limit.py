"""How long a block may take."""

import asyncio
from types import TracebackType

LONGEST_S = 86_400.0
"""Event loops do not take infinity."""


class Limit:
    """Ends a block after `seconds` with `TimeoutError`: `asyncio.timeout` at half its cost, as it need not be awaited.

    A cancellation from outside stays one, even when the time runs out meanwhile.
    """

    __slots__ = ("_cancelling", "_expired", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._expired = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self._timer = asyncio.get_running_loop().call_later(min(self._seconds, LONGEST_S), self._expire)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _expire(self) -> None:
        self._expired = True
        self._task.cancel()
