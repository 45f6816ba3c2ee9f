"""How long a block may take."""

import asyncio
from types import TracebackType

LONGEST_S = 86_400.0
"""Event loops do not take infinity."""

TICK_S = 0.001
"""Event loops ring to the millisecond, so a timer may ring a little early."""


class Limit:
    """Ends a block after `seconds` with `TimeoutError`: `asyncio.timeout` at half its cost, as it need not be awaited.

    `within` ends a part of the block sooner, at a third of the cost of a limit of its own, as both share a timer.
    `first_s` says how long the first such part is going to be. A cancellation from outside stays one, even when the
    time runs out meanwhile.
    """

    __slots__ = ("_cancelling", "_expired", "_first_s", "_loop", "_rings_at", "_seconds", "_task", "_timer", "_until")

    def __init__(self, seconds: float, first_s: float = LONGEST_S) -> None:
        self._seconds = min(seconds, LONGEST_S)
        self._first_s = first_s
        self._expired = False

    def within(self, seconds: float) -> "_Part":
        """A limit for a part of the block, in the same task."""
        return _Part(self, seconds)

    def __enter__(self) -> "Limit":
        self._loop = loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        now = loop.time()
        self._until = now + self._seconds
        self._ring_at(min(self._until, now + self._first_s))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._expired:
            self._time_out(kind, error)

    def _ring_at(self, moment: float) -> None:
        self._rings_at = moment
        self._timer = self._loop.call_at(moment, self._ring)

    def _ring(self) -> None:
        if self._until - self._loop.time() > TICK_S:
            self._ring_at(self._until)
        else:
            self._expired = True
            self._task.cancel()

    def _time_out(self, kind: type[BaseException] | None, error: BaseException | None) -> None:
        self._expired = False
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error


class _Part:
    """Moves the end of a limit forward while its block runs; the timer is set anew only if it would ring too late."""

    __slots__ = ("_limit", "_seconds", "_until")

    def __init__(self, limit: Limit, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds

    def __enter__(self) -> None:
        limit = self._limit
        self._until = limit._until
        until = limit._loop.time() + self._seconds
        if until < limit._until:
            limit._until = until
            if until < limit._rings_at:
                limit._timer.cancel()
                limit._ring_at(until)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        limit = self._limit
        ours = limit._until < self._until
        limit._until = self._until
        if limit._expired and ours:
            limit._ring_at(self._until)
            limit._time_out(kind, error)
