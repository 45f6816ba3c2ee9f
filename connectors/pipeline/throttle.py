"""Not faster than the upstream allows: callers queue in order, up to their deadline, instead of being turned away."""

import asyncio
from collections import defaultdict

import httpx2

from connectors.call import Send, Stage, call_of
from connectors.errors import RateLimited
from connectors.judgement import Outcome, verdict_of
from connectors.pipeline.setup import Setup, allowance_of, record_of
from connectors.policy import ThrottlePolicy

DEFAULT_PAUSE_S = 1.0
"""How long a bucket rests when the upstream says "too many" without saying for how long."""


class Bucket:
    """A token bucket that takes reservations, so the queue is served in order (the generic cell rate algorithm).

    Source: ITU-T I.371, annex A.
    """

    def __init__(self, policy: ThrottlePolicy) -> None:
        self._interval_s = 1 / policy.per_second
        self._slack_s = (policy.burst - 1) * self._interval_s
        self._due = 0.0
        self._paused_until = 0.0

    def wait_s(self, now: float) -> float:
        """How long a call that comes now would have to wait."""
        return max(0.0, self._due - self._slack_s - now, self._paused_until - now)

    def reserve(self, now: float) -> float:
        """Take the next place in the queue; the result is the wait for it in seconds."""
        wait_s = self.wait_s(now)
        self._due = max(self._due, now) + self._interval_s
        return wait_s

    def paused_s(self, now: float) -> float:
        """How long the upstream still wants to be left alone."""
        return max(0.0, self._paused_until - now)

    def pause(self, now: float, seconds: float) -> None:
        """The upstream wants to be left alone for that long."""
        self._paused_until = max(self._paused_until, now + seconds)


def throttle(setup: Setup) -> Stage:
    """Hold calls back to the policy's rate and concurrency, and longer where the upstream said so.

    Raises `RateLimited` at once where the wait would outlast the call's deadline.
    """
    policy = setup.policy.throttle
    buckets: defaultdict[str, Bucket] = defaultdict(lambda: Bucket(policy))
    places: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(policy.concurrency))

    def around(send: Send) -> Send:
        async def held(request: httpx2.Request) -> httpx2.Response:
            call, record, deadline = call_of(request), record_of(request), allowance_of(request).deadline
            bucket = buckets[call.bucket]

            def refuse_if_late(wait_s: float) -> None:
                if setup.clock.now() + wait_s >= deadline:
                    raise RateLimited(setup.upstream, call.operation, retry_after_s=wait_s)

            refuse_if_late(bucket.wait_s(setup.clock.now()))
            wait_s = bucket.reserve(setup.clock.now())
            while wait_s > 0:
                refuse_if_late(wait_s)
                record.waited_s += wait_s
                await setup.clock.sleep(wait_s)
                wait_s = bucket.paused_s(setup.clock.now())
            async with places[call.bucket]:
                response = await send(request)
            verdict = verdict_of(response)
            if verdict.outcome is Outcome.THROTTLED:
                pause_s = DEFAULT_PAUSE_S if verdict.retry_after_s is None else verdict.retry_after_s
                bucket.pause(setup.clock.now(), pause_s)
            return response

        return held

    return around
