"""Not faster than the upstream allows: callers queue in order, up to their deadline, instead of being turned away."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

import httpx2

from connectors.call import Send, Stage, call_of
from connectors.clock import Clock
from connectors.errors import RateLimited
from connectors.judgement import Outcome, verdict_of
from connectors.pipeline.setup import Setup, allowance_of, record_of
from connectors.policy import ThrottlePolicy

DEFAULT_PAUSE_S = 1.0
"""How long a bucket rests when the upstream says "too many" without saying for how long."""

MAX_PAUSE_S = 3600.0
"""After that an upstream is asked again, whatever it said: it may have made a mistake, or changed its mind."""


class Bucket:
    """A token bucket (the generic cell rate algorithm), with a pause for when the upstream wants to be left alone.

    Source: ITU-T I.371, annex A.
    """

    def __init__(self, policy: ThrottlePolicy) -> None:
        self._interval_s = 1 / policy.per_second
        self._slack_s = (policy.burst - 1) * self._interval_s
        self._due = 0.0
        self._paused_until = 0.0

    def wait_s(self, now: float, ahead: int = 0) -> float:
        """How long until a call may go out that has so many others ahead of it."""
        earliest = max(self._due, now) + ahead * self._interval_s - self._slack_s
        return max(0.0, earliest - now, self._paused_until - now)

    def take(self, now: float) -> None:
        """A call goes out."""
        self._due = max(self._due, now) + self._interval_s

    def pause(self, now: float, seconds: float) -> None:
        """The upstream wants to be left alone for that long."""
        self._paused_until = max(self._paused_until, now + min(seconds, MAX_PAUSE_S))


class _Queue:
    """Those who wait for one bucket, in order: for a place among the calls in flight first, then for the bucket.

    Who goes away leaves nothing behind: a token is taken at the moment the call goes out.
    """

    def __init__(self, policy: ThrottlePolicy) -> None:
        self.bucket = Bucket(policy)
        self._places = asyncio.Semaphore(policy.concurrency)
        self._waiting = 0

    async def enter(self, clock: Clock, refuse_if_late: Callable[[float], None]) -> None:
        """Return when the call may go out; `leave` when it has ended."""
        self._waiting += 1
        try:
            refuse_if_late(self.bucket.wait_s(clock.now(), ahead=self._waiting - 1))
            await self._places.acquire()
            try:
                while (wait_s := self.bucket.wait_s(clock.now())) > 0:
                    refuse_if_late(wait_s)
                    await clock.sleep(wait_s)
            except BaseException:
                self.leave()
                raise
            self.bucket.take(clock.now())
        finally:
            self._waiting -= 1

    def leave(self) -> None:
        self._places.release()


def throttle(setup: Setup) -> Stage:
    """Hold calls back to the policy's rate and concurrency, and longer where the upstream said so.

    Raises `RateLimited` at once where the wait would outlast the call's deadline.
    """
    clock = setup.clock
    queues: defaultdict[str, _Queue] = defaultdict(lambda: _Queue(setup.policy.throttle))

    def around(send: Send) -> Send:
        async def held(request: httpx2.Request) -> httpx2.Response:
            call, deadline, came = call_of(request), allowance_of(request).deadline, clock.now()

            def refuse_if_late(wait_s: float) -> None:
                if clock.now() + wait_s >= deadline:
                    raise RateLimited(setup.upstream, call.operation, retry_after_s=wait_s)

            queue = queues[call.bucket]
            await queue.enter(clock, refuse_if_late)
            record_of(request).waited_s += clock.now() - came
            try:
                response = await send(request)
            finally:
                queue.leave()
            verdict = verdict_of(response)
            if verdict.outcome is Outcome.THROTTLED:
                pause_s = DEFAULT_PAUSE_S if verdict.retry_after_s is None else verdict.retry_after_s
                queue.bucket.pause(clock.now(), pause_s)
            return response

        return held

    return around
