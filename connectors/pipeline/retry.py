"""Again, where that is safe: reads, writes with an idempotency key, and whatever the upstream refused unprocessed."""

import httpx2

from connectors.call import Call, Record, Send, Stage
from connectors.errors import RateLimited, UpstreamError, UpstreamTimeout, UpstreamUnavailable
from connectors.judgement import FAILED, OK, THROTTLED, Verdict, verdict_of
from connectors.pipeline.backoff import RetryBudget, backoff_s
from connectors.pipeline.judge import NotSent
from connectors.pipeline.setup import Setup

Ending = httpx2.Response | UpstreamError
"""How an attempt ended: with an answer, or without one."""


def may_repeat(call: Call, verdict: Verdict) -> bool:
    """Whether an answered attempt may be repeated.

    A throttled call was refused unprocessed, so it may be repeated whatever it is; any other only if repeating is safe.
    The upstream's own word (`verdict.retry`) goes over the rule that these and failures are worth another try.
    """
    if verdict.outcome is THROTTLED:
        return verdict.retry is not False
    if not call.repeatable:
        return False
    return verdict.outcome is FAILED if verdict.retry is None else verdict.retry


def retry(setup: Setup) -> Stage:
    """Up to `attempts` attempts with jittered waits, within the deadline and the retry budget.

    What the upstream refused because it came too fast costs nothing of the retry budget: the throttle holds it back.
    Raises `RateLimited` where the upstream asks for more patience than the deadline leaves.
    """
    policy, clock, chance = setup.policy.retry, setup.clock, setup.chance
    savings = setup.vitals.retries = RetryBudget(setup.policy.budget)

    def wait_s(call: Call, ending: Ending, record: Record) -> float | None:
        """How long to wait before another attempt; `None` if there is to be none."""
        asked_s, throttled = 0.0, False
        if isinstance(ending, UpstreamError):
            again = call.repeatable or isinstance(ending, NotSent)
        else:
            verdict = verdict_of(ending)
            again, asked_s = may_repeat(call, verdict), verdict.retry_after_s or 0.0
            throttled = verdict.outcome is THROTTLED
        if not again or record.attempts >= policy.attempts:
            return None
        seconds = max(asked_s, backoff_s(policy, record.attempts, chance()))
        if clock.now() + seconds >= record.deadline:
            return None
        return seconds if throttled or savings.spend() else None

    def last(call: Call, response: httpx2.Response) -> httpx2.Response:
        """The answer to the last attempt, where that is no call to wait."""
        verdict = verdict_of(response)
        if verdict.outcome is THROTTLED:
            asked_s = policy.cap_s if verdict.retry_after_s is None else verdict.retry_after_s
            raise RateLimited(setup.upstream, call.operation, retry_after_s=asked_s)
        return response

    def around(send: Send) -> Send:
        async def retried(request: httpx2.Request) -> httpx2.Response:
            call: Call = request.extensions["call"]
            record: Record = request.extensions["record"]
            savings.earn()
            while True:
                record.attempts += 1
                try:
                    response = await send(request)
                except (UpstreamTimeout, UpstreamUnavailable) as error:
                    seconds = wait_s(call, error, record)
                    if seconds is None:
                        raise
                else:
                    verdict: Verdict = response.extensions["verdict"]
                    if verdict.outcome is OK:
                        return response
                    seconds = wait_s(call, response, record)
                    if seconds is None:
                        return last(call, response)
                record.waited_s += seconds
                await clock.sleep(seconds)

        return retried

    return around
