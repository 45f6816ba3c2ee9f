"""Not faster than the upstream allows: callers queue in order, up to their deadline, instead of being turned away."""

import httpx2

from connectors.call import Call, Send, Stage
from connectors.errors import RateLimited
from connectors.judgement import THROTTLED, Verdict
from connectors.pipeline.common import CommonBucket
from connectors.pipeline.kept import Kept
from connectors.pipeline.queue import Queue
from connectors.pipeline.setup import Setup, record_of

DEFAULT_PAUSE_S = 1.0
"""How long a bucket rests when the upstream says "too many" without saying for how long."""

MOST_QUEUES = 10_000


def throttle(setup: Setup) -> Stage:
    """Hold calls back to the policy's rate and concurrency, and longer where the upstream said so.

    Rates and pauses are those of all replicas together where they share a Redis, else of this process.
    Raises `RateLimited` at once where the wait would outlast the call's deadline.
    """
    now, credential = setup.clock.now, setup.auth.credential

    def made(key: tuple[str, str]) -> Queue:
        policy, name = setup.policy.throttle_of(key[1]), ":".join((setup.upstream, setup.account, *key))
        common = CommonBucket(setup.shared, name, policy) if setup.shared else None
        return Queue(policy, setup.clock, common)

    queues = setup.vitals.queues = Kept(made, MOST_QUEUES, in_use=lambda queue: queue.is_in_use(now()))

    def around(send: Send) -> Send:
        async def held(request: httpx2.Request) -> httpx2.Response:
            call: Call = request.extensions["call"]
            came = now()
            queue = queues[credential(call.scope), call.bucket]
            if not queue.passed(came, call.cost):
                record = record_of(request)
                late_s = await queue.enter(call.scope.principal, call.cost, record.deadline)
                if late_s is not None:
                    raise RateLimited(setup.upstream, call.operation, retry_after_s=late_s)
                record.waited_s += now() - came
            try:
                response = await send(request)
            finally:
                queue.leave()
            verdict: Verdict = response.extensions["verdict"]
            if verdict.quota is not None:
                queue.bucket.learn(now(), verdict.quota)
            if verdict.outcome is THROTTLED:
                pause_s = DEFAULT_PAUSE_S if verdict.retry_after_s is None else verdict.retry_after_s
                await queue.pause(pause_s)
            return response

        return held

    return around
