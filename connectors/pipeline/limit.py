"""How long a block may take."""

import asyncio
from heapq import heappop, heappush
from itertools import count
from math import inf
from types import TracebackType

LONGEST_S = 86_400.0
"""Event loops do not take infinity."""

TICK_S = 0.001
"""Event loops ring to the millisecond, so a timer may ring a little early."""


class Bell:
    """One timer for many limits, most of which are over before it rings: a timer for each costs twice as much.

    To be used in one event loop at a time.
    """

    def __init__(self) -> None:
        self._limits: list[tuple[float, int, Limit]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = inf
        self._number = count().__next__

    def ring_at(self, moment: float, limit: "Limit", loop: asyncio.AbstractEventLoop) -> None:
        """Have `limit` told when it is that late, unless it wants to be told at another moment by then."""
        if loop is not self._loop:
            self._loop, self._rings_at, self._limits = loop, inf, []
        limits = self._limits
        while limits and limits[0][2].rings_at != limits[0][0]:
            heappop(limits)
        heappush(limits, (moment, self._number(), limit))
        if moment < self._rings_at:
            self._set(moment, loop)

    def silence(self) -> None:
        """Nobody is to be told anything any more."""
        if self._timer:
            self._timer.cancel()
        self._limits, self._rings_at = [], inf

    def _set(self, moment: float, loop: asyncio.AbstractEventLoop) -> None:
        if self._rings_at < inf and self._timer:
            self._timer.cancel()
        self._rings_at = moment
        self._timer = loop.call_at(moment, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._rings_at = inf
        limits, now = self._limits, loop.time() + TICK_S
        while limits and (limits[0][0] <= now or limits[0][2].rings_at != limits[0][0]):
            moment, _, limit = heappop(limits)
            if limit.rings_at == moment:
                limit.ring()
        if limits and limits[0][0] < self._rings_at:
            self._set(limits[0][0], loop)


class Limit:
    """Ends a block after `seconds` with `TimeoutError`: `asyncio.timeout` at a fraction of its cost.

    It need not be awaited, and those that have the same `bell` share a timer.

    `within` ends a part of the block sooner, at a third of the cost of a limit of its own, as both share a timer.
    `first_s` says how long the first such part is going to be. A cancellation from outside stays one, even when the
    time runs out meanwhile. `rings_at` is when it is to be told the time.
    """

    __slots__ = (
        "_alone",
        "_bell",
        "_cancelling",
        "_expired",
        "_first_s",
        "_loop",
        "_seconds",
        "_task",
        "_until",
        "rings_at",
    )

    def __init__(self, seconds: float, first_s: float = LONGEST_S, bell: Bell | None = None) -> None:
        self._seconds = seconds if seconds < LONGEST_S else LONGEST_S
        self._first_s = first_s
        self._alone = bell is None
        self._bell = bell or Bell()
        self._expired = False

    def within(self, seconds: float) -> "_Part":
        """A limit for a part of the block, in the same task."""
        return _Part(self, seconds)

    def ring(self) -> None:
        """It is `rings_at`, or a little earlier."""
        if self._until - self._loop.time() > TICK_S:
            self._ring_at(self._until)
        else:
            self.rings_at = inf
            self._expired = True
            self._task.cancel()

    def __enter__(self) -> "Limit":
        self._loop = loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        now = loop.time()
        self._until = now + self._seconds
        self.rings_at = moment = now + self._first_s if self._first_s < self._seconds else self._until
        self._bell.ring_at(moment, self, loop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.rings_at = inf
        if self._alone:
            self._bell.silence()
        if self._expired:
            self._time_out(kind, error)
        del self._task  # the bell may know the limit for longer

    def _ring_at(self, moment: float) -> None:
        self.rings_at = moment
        self._bell.ring_at(moment, self, self._loop)

    def _time_out(self, kind: type[BaseException] | None, error: BaseException | None) -> None:
        self._expired = False
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error


class _Part:
    """Moves the end of a limit forward while its block runs; it is rung for anew only if that would be too late."""

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
            if until < limit.rings_at:
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
