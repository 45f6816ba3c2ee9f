"""Again, where that is safe: reads, writes with an idempotency key, and whatever the upstream refused unprocessed."""

import httpx2

from connectors.call import Call, Send, Stage, call_of
from connectors.errors import RateLimited, UpstreamError, UpstreamTimeout, UpstreamUnavailable
from connectors.judgement import Outcome, Verdict, verdict_of
from connectors.pipeline.judge import NotSent
from connectors.pipeline.setup import Setup, allowance_of, record_of
from connectors.policy import RetryPolicy


def backoff_s(policy: RetryPolicy, attempt: int, chance: float) -> float:
    """How long to wait after failed attempt number `attempt` (from 1): full jitter, `chance` between 0 and 1.

    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    return chance * min(policy.cap_s, policy.base_s * 2.0 ** (attempt - 1))


def may_repeat(call: Call, verdict: Verdict) -> bool:
    """Whether an answered attempt may be repeated.

    A throttled call was refused unprocessed, so it may be repeated whatever it is; any other only if repeating is safe,
    and then the upstream's own word (`verdict.retry`) goes over the rule that failures are worth another try.
    """
    if verdict.outcome is Outcome.THROTTLED:
        return True
    if not call.repeatable:
        return False
    return verdict.outcome is Outcome.FAILED if verdict.retry is None else verdict.retry


def retry(setup: Setup) -> Stage:
    """Up to `attempts` attempts with jittered waits, within the deadline and the retry budget.

    Raises `RateLimited` where the upstream asks for more patience than the deadline leaves.
    """
    policy = setup.policy.retry

    def around(send: Send) -> Send:
        async def retried(request: httpx2.Request) -> httpx2.Response:
            call, record, allowance = call_of(request), record_of(request), allowance_of(request)
            while True:
                record.attempts += 1
                response: httpx2.Response | None = None
                failure: UpstreamError | None = None
                asked_s = None
                try:
                    response = await send(request)
                    verdict = verdict_of(response)
                    again, asked_s = may_repeat(call, verdict), verdict.retry_after_s
                except (UpstreamTimeout, UpstreamUnavailable) as error:
                    failure = error
                    again = call.repeatable or isinstance(error, NotSent)
                if again:
                    wait_s = max(asked_s or 0.0, backoff_s(policy, record.attempts, setup.chance()))
                    fits = setup.clock.now() + wait_s < allowance.deadline
                    if fits and record.attempts < policy.attempts and allowance.retry():
                        record.waited_s += wait_s
                        await setup.clock.sleep(wait_s)
                        continue
                if response is not None:
                    if verdict_of(response).outcome is Outcome.THROTTLED:
                        raise RateLimited(setup.upstream, call.operation, retry_after_s=asked_s or policy.cap_s)
                    return response
                assert failure is not None
                raise failure

        return retried

    return around
