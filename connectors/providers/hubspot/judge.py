"""What HubSpot's answers mean.

Source: https://developers.hubspot.com/docs/api/error-handling and
https://developers.hubspot.com/docs/guides/apps/api-usage/usage-details
"""

from dataclasses import replace
from typing import Any

import httpx2
import orjson

from connectors.judgement import Outcome, Quota, Verdict, by_status, patience_s, ratelimit_headers

PAUSE_S = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0, "DAILY": 3600.0}
"""How long to wait by the limit that was reached, where HubSpot does not say: its window; an hour of the day's."""

LOCKED, MIGRATING = 423, 477
LOCKED_PAUSE_S = 2.0
"""How long HubSpot stays locked, and wants to be left alone."""


def judge(response: httpx2.Response, now: float) -> Verdict:
    """The verdict of HTTP with HubSpot's own category, and what its headers say of the limits.

    An account that was written to too fast (423) or is being moved (477) is to be left alone for a while as well.
    """
    status, quota = response.status_code, quota_of(response, now)
    if status < 300:
        return Verdict(Outcome.OK, quota=quota)
    answer = _parsed(response.content)
    category = answer.get("category")
    reason = category if isinstance(category, str) and category else f"HTTP {status}"
    wait_s = patience_s(response, now)
    if status == 429:
        asked_s = PAUSE_S.get(str(answer.get("policyName"))) if wait_s is None else wait_s
        return Verdict(Outcome.THROTTLED, reason, asked_s, quota=quota)
    if status == 403:
        return Verdict(Outcome.UNAUTHORIZED, reason, quota=quota)
    if status in (LOCKED, MIGRATING):
        return Verdict(Outcome.THROTTLED, reason, LOCKED_PAUSE_S if wait_s is None else wait_s, quota=quota)
    return replace(by_status(response, now), reason=reason, retry_after_s=wait_s, quota=quota)


def quota_of(response: httpx2.Response, now: float) -> Quota | None:
    """What is left of the current ten seconds. Search does not say."""
    return ratelimit_headers(
        response,
        now,
        remaining="x-hubspot-ratelimit-remaining",
        limit="x-hubspot-ratelimit-max",
        reset="x-hubspot-ratelimit-interval-milliseconds",
        reset_unit_s=0.001,
    )


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}
