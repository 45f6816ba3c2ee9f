"""What an upstream's answer means, as far as retry, breaker, throttle and authorize must know it.

HTTP says most of it; each upstream has its own exceptions (a fault under 200, a throttle under 403), which its manifest
gives as a `Judge`. Nothing else in the pipeline reads a status or a body.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from math import inf

import httpx2

from connectors.errors import UpstreamUnavailable
from connectors.headers import date, header_of


class Outcome(Enum):
    """How an answer ends an attempt."""

    OK = "ok"
    REJECTED = "rejected"
    NOT_FOUND = "not_found"
    UNAUTHORIZED = "unauthorized"
    THROTTLED = "throttled"
    FAILED = "failed"


OK, UNAUTHORIZED, THROTTLED, FAILED = Outcome.OK, Outcome.UNAUTHORIZED, Outcome.THROTTLED, Outcome.FAILED
"""For the stages, which every answer passes: to look one up in its enum takes as long as three calls."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """What an upstream says that it would still take, in the unit of `Call.cost`: requests, or its own points.

    `remaining` are left of `limit`. All of them come back in `reset_s` seconds (a window), or `per_s` of them in every
    second (a leaking bucket).
    """

    remaining: float
    limit: float = inf
    reset_s: float = inf
    per_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is the upstream's own stable code. `retry_after_s` is the wait it asks for.

    `retry` is what the upstream says about repeating the call, over what the outcome would suggest; `None` where it
    says nothing. `quota` is what the throttle learns from the answer, refusal or not. `in_doubt` says of a failure that
    what was asked for may have been done all the same, or in part.
    """

    outcome: Outcome
    reason: str = ""
    retry_after_s: float | None = None
    retry: bool | None = None
    quota: Quota | None = None
    in_doubt: bool = False


Judge = Callable[[httpx2.Response, float], Verdict]
"""From a buffered answer and the Unix time now. Must not raise on any body."""

FINE = Verdict(Outcome.OK)

EPOCHS_FROM = 1_000_000_000
"""From here on a number of seconds is a Unix time: as a wait it would be 31 years."""

NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?", re.ASCII)


def by_status(response: httpx2.Response, now: float) -> Verdict:
    """The verdict that HTTP alone gives (RFC 9110, sections 15 and 10.2.3).

    A redirect is a refusal, as none is followed: what was asked for has not been done there.
    """
    status = response.status_code
    if status < 300:
        return FINE
    wait = patience_s(response, now)
    reason = f"HTTP {status}"
    if status == 401:
        return Verdict(Outcome.UNAUTHORIZED, reason)
    if status in (404, 410):
        return Verdict(Outcome.NOT_FOUND, reason)
    if status == 429:
        return Verdict(Outcome.THROTTLED, reason, wait)
    if status >= 500 or status == 408:
        return Verdict(Outcome.FAILED, reason, wait, in_doubt=in_doubt(response))
    return Verdict(Outcome.REJECTED, reason)


def in_doubt(response: httpx2.Response) -> bool:
    """Whether a failure leaves open if anything was done: it may have come up halfway, or in front of the upstream.

    Not so where the upstream cannot do it (501), or says until when it takes nothing (503 with `Retry-After`).
    Source: RFC 9110, section 15.6
    """
    status = response.status_code
    if status == 503:
        return header_of(response, "retry-after") is None
    return status >= 500 and status != 501


def patience_s(response: httpx2.Response, now: float) -> float | None:
    """Seconds that a refusal asks us to wait: by `Retry-After`, else by `X-RateLimit-Reset` where nothing remains."""
    told_s = retry_after_s(response.headers.get("retry-after"), now)
    if told_s is None and response.headers.get("x-ratelimit-remaining", "0") == "0":
        return reset_s(response.headers.get("x-ratelimit-reset"), now)
    return told_s


def retry_after_s(value: str | None, now: float) -> float | None:
    """Seconds to wait by a `Retry-After` header: a number of seconds or an HTTP date. `None` if absent or malformed."""
    if value is None:
        return None
    seconds = number(value)
    if seconds is not None:
        return seconds
    moment = date(value)
    return None if moment is None else max(0.0, moment - now)


def ratelimit_headers(
    response: httpx2.Response,
    now: float,
    *,
    remaining: str = "x-ratelimit-remaining",
    limit: str = "x-ratelimit-limit",
    reset: str = "x-ratelimit-reset",
    reset_unit_s: float = 1.0,
) -> Quota | None:
    """The quota that an answer's headers tell of, under the names that GitHub, SendGrid and many others give them.

    `None` unless both what remains and when it comes back are there. `reset_unit_s` is what a reset counts in, where it
    is no Unix time.
    """
    left = number(header_of(response, remaining))
    if left is None:
        return None
    seconds = reset_s(header_of(response, reset), now, reset_unit_s)
    if seconds is None:
        return None
    most = number(header_of(response, limit))
    return Quota(remaining=left, limit=inf if most is None else most, reset_s=seconds)


def reset_s(value: str | None, now: float, unit_s: float = 1.0) -> float | None:
    """Seconds until a limit begins anew, by a header that has the Unix time of it or counts from now in `unit_s`."""
    told = number(value)
    if told is None:
        return None
    return max(0.0, told - now) if told >= EPOCHS_FROM else told * unit_s


def number(value: str | None) -> float | None:
    """The number that a header holds, not below 0; `None` if it holds none."""
    text = "" if value is None else value.strip()
    return float(text) if NUMBER.fullmatch(text) else None


def failure(upstream: str, operation: str, response: httpx2.Response) -> UpstreamUnavailable:
    """The error that an answer stands for whose verdict is that the upstream failed."""
    verdict = verdict_of(response)
    message = f"failed with status {response.status_code} ({verdict.reason})"
    return UpstreamUnavailable(upstream, operation, message, retry_after_s=verdict.retry_after_s)


def verdict_of(response: httpx2.Response) -> Verdict:
    """The verdict that the judge stage left on an answer."""
    verdict: Verdict = response.extensions["verdict"]
    return verdict
