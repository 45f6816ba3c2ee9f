"""What an upstream's answer means, as far as retry, breaker, throttle and authorize must know it.

HTTP says most of it; each upstream has its own exceptions (a fault under 200, a throttle under 403), which its manifest
gives as a `Judge`. Nothing else in the pipeline reads a status or a body.
"""

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum

import httpx2


class Outcome(Enum):
    """How an answer ends an attempt."""

    OK = "ok"
    REJECTED = "rejected"
    NOT_FOUND = "not_found"
    UNAUTHORIZED = "unauthorized"
    THROTTLED = "throttled"
    FAILED = "failed"


@dataclass(frozen=True)
class Verdict:
    """`reason` is the upstream's own stable code. `retry_after_s` is the wait it asks for.

    `retry` is what the upstream says about repeating the call, over what the outcome would suggest; `None` where it
    says nothing.
    """

    outcome: Outcome
    reason: str = ""
    retry_after_s: float | None = None
    retry: bool | None = None


Judge = Callable[[httpx2.Response, float], Verdict]
"""From a buffered answer and the Unix time now. Must not raise on any body."""


def by_status(response: httpx2.Response, now: float) -> Verdict:
    """The verdict that HTTP alone gives (RFC 9110, sections 15 and 10.2.3)."""
    status = response.status_code
    if status < 400:
        return Verdict(Outcome.OK)
    wait = retry_after_s(response.headers.get("retry-after"), now)
    reason = f"HTTP {status}"
    if status == 401:
        return Verdict(Outcome.UNAUTHORIZED, reason)
    if status in (404, 410):
        return Verdict(Outcome.NOT_FOUND, reason)
    if status == 429:
        return Verdict(Outcome.THROTTLED, reason, wait)
    if status >= 500 or status == 408:
        return Verdict(Outcome.FAILED, reason, wait)
    return Verdict(Outcome.REJECTED, reason)


def retry_after_s(value: str | None, now: float) -> float | None:
    """Seconds to wait by a `Retry-After` header: a number of seconds or an HTTP date. `None` if absent or malformed."""
    if value is None:
        return None
    if value.isascii() and value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def verdict_of(response: httpx2.Response) -> Verdict:
    """The verdict that the judge stage left on an answer."""
    verdict: Verdict = response.extensions["verdict"]
    return verdict
