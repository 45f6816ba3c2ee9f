"""Who goes next: calls that wait for the same bucket, in a fair order."""

import asyncio
from collections import OrderedDict, deque

from connectors.clock import Clock
from connectors.pipeline.bucket import Bucket
from connectors.pipeline.common import CommonBucket
from connectors.policy import ThrottlePolicy
from connectors.turns import Line, turn

LEAST_COST = 1e-6
"""What is less is nothing: it comes from adding and taking away."""


class Queue:
    """The calls of one bucket. Principals take turns, and the calls of each go in the order they came in.

    The call whose turn it is waits for a place among those in flight and for the bucket; the others wait for their
    turn. Who goes away leaves nothing behind: a token is taken at the moment the call goes out. `common` is the same
    bucket for all replicas; how many calls are in flight, and who goes next, each replica sees to on its own.
    """

    def __init__(self, policy: ThrottlePolicy, clock: Clock, common: CommonBucket | None = None) -> None:
        self.bucket = Bucket(policy)
        self._common = common
        self.flying = 0
        self.waiting = 0
        self._clock = clock
        self._concurrency = policy.concurrency
        self._costs: dict[str, float] = {}
        self._taken = False
        self._lines: OrderedDict[str, Line] = OrderedDict()
        self._place: asyncio.Future[None] | None = None

    def is_in_use(self, now: float) -> bool:
        """Whether calls are in flight or wait, or would have to."""
        return self.flying + self.waiting > 0 or self.bucket.wait_s(now, 1.0) > 0

    def passed(self, now: float, cost: float) -> bool:
        """Whether a call went out at once, as nothing holds it back; `leave` when it has ended."""
        if self._common or self._taken or self.flying >= self._concurrency or self.bucket.wait_s(now, cost):
            return False
        self._go(now, cost)
        return True

    async def enter(self, principal: str, cost: float, deadline: float) -> float | None:
        """`None` when a call may go out, `leave` when it has ended; or the seconds it would have waited too long."""
        now = self._clock.now()
        wait_s = self.bucket.wait_s(now, cost, self._ahead_of(principal, cost))
        if now + wait_s >= deadline:
            return wait_s
        self._costs[principal] = self._costs.get(principal, 0.0) + cost
        self.waiting += 1
        try:
            await self._turn(principal)
            try:
                return await self._head(cost, deadline)
            finally:
                self._pass_on()
        finally:
            self._gone(principal, cost)

    def leave(self) -> None:
        """A call that went out has ended."""
        self.flying -= 1
        if self._place is not None and not self._place.done():
            self._place.set_result(None)

    async def pause(self, seconds: float) -> None:
        """The upstream wants to be left alone for that long, by all replicas."""
        self.bucket.pause(self._clock.now(), seconds)
        if self._common:
            await self._common.pause(seconds)

    def _ahead_of(self, principal: str, cost: float) -> float:
        """What those cost who go before a call that comes now: its principal's own, and of each other one's as much."""
        own = self._costs.get(principal, 0.0)
        return own + sum([min(theirs, own + cost) for one, theirs in self._costs.items() if one != principal])

    def _gone(self, principal: str, cost: float) -> None:
        """A call waits no longer."""
        self.waiting -= 1
        left = self._costs.pop(principal, 0.0) - cost
        if left > LEAST_COST:
            self._costs[principal] = left

    async def _head(self, cost: float, deadline: float) -> float | None:
        """The way of the call whose turn it is."""
        while True:
            wait_s = self.bucket.wait_s(self._clock.now(), cost)
            if not wait_s and self.flying >= self._concurrency:
                self._place = asyncio.get_running_loop().create_future()
                await self._place
                continue
            if not wait_s and self._common:
                wait_s = await self._common.take_s(cost)
            if not wait_s:
                self._go(self._clock.now(), cost)
                return None
            if self._clock.now() + wait_s >= deadline:
                return wait_s
            await self._clock.sleep(wait_s)

    def _go(self, now: float, cost: float) -> None:
        self.bucket.take(now, cost)
        self.flying += 1

    async def _turn(self, principal: str) -> None:
        if not self._taken:
            self._taken = True
            return
        await turn(self._lines.setdefault(principal, deque()), self._pass_on)

    def _pass_on(self) -> None:
        """The turn goes to the next principal's first call that is still there."""
        while self._lines:
            principal, line = next(iter(self._lines.items()))
            following = line.popleft()
            if line:
                self._lines.move_to_end(principal)
            else:
                del self._lines[principal]
            if not following.done():
                following.set_result(None)
                return
        self._taken = False
