"""What Stripe's answers mean.

Source: https://docs.stripe.com/error-handling, https://docs.stripe.com/rate-limits and, for `Stripe-Should-Retry`,
https://docs.stripe.com/error-low-level
"""

import httpx2
import orjson

from connectors.judgement import FINE, Outcome, Verdict, in_doubt, retry_after_s

SHOULD_RETRY = {"true": True, "false": False}


def judge(response: httpx2.Response, now: float) -> Verdict:
    """Stripe's own word on repeating (`Stripe-Should-Retry`) goes first, then 409 and 5xx are worth another try.

    So is a 429 with `lock_timeout`, which is no rate limit: another call holds the object, and no other need wait.
    """
    status = response.status_code
    if status < 300:
        return FINE
    reason = reason_of(response)
    retry = SHOULD_RETRY.get(response.headers.get("stripe-should-retry", ""))
    wait_s = retry_after_s(response.headers.get("retry-after"), now)
    busy = status == 409 or reason == "lock_timeout"
    if status == 429 and not busy:
        return Verdict(Outcome.THROTTLED, reason, wait_s, retry)
    if status in (401, 403):
        return Verdict(Outcome.UNAUTHORIZED, reason)
    if status == 404:
        return Verdict(Outcome.NOT_FOUND, reason, retry=retry)
    if status >= 500:
        return Verdict(Outcome.FAILED, reason, wait_s, retry, in_doubt=in_doubt(response))
    return Verdict(Outcome.REJECTED, reason, wait_s, busy if retry is None else retry)


def reason_of(response: httpx2.Response) -> str:
    """The most specific of `decline_code`, `code` and `type`; never the message, which may quote the request."""
    try:
        error = orjson.loads(response.content)["error"]
        reasons = [error.get(name) for name in ("decline_code", "code", "type")]
    except (ValueError, TypeError, KeyError, AttributeError):
        reasons = []
    return next((reason for reason in reasons if isinstance(reason, str) and reason), f"HTTP {response.status_code}")
