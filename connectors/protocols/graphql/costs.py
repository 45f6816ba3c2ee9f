"""Upstreams that count what a query costs, as Shopify does, and say under HTTP 200 when there is too little left.

Source: https://shopify.dev/docs/api/usage/limits
"""

from dataclasses import replace
from typing import Any

import httpx2
import orjson

from connectors.judgement import Outcome, Quota, Verdict, by_status


def by_cost(response: httpx2.Response, now: float) -> Verdict:
    """The verdict of HTTP with the quota of `extensions.cost`; a `THROTTLED` query waits until it can be paid."""
    verdict = by_status(response, now)
    if verdict.outcome is not Outcome.OK or b'"throttleStatus"' not in response.content:
        return verdict
    try:
        answer = orjson.loads(response.content)
        cost = answer["extensions"]["cost"]
        quota, wanted = _quota(cost["throttleStatus"]), float(cost["requestedQueryCost"])
        throttled = any(error["extensions"]["code"] == "THROTTLED" for error in answer.get("errors", ()))
    except (ValueError, TypeError, KeyError, AttributeError):
        return verdict
    if not throttled:
        return replace(verdict, quota=quota)
    wait_s = max(0.0, (wanted - quota.remaining) / quota.per_s) if quota.per_s > 0 else None
    return Verdict(Outcome.THROTTLED, "THROTTLED", wait_s, quota=quota)


def _quota(status: dict[str, Any]) -> Quota:
    return Quota(
        remaining=float(status["currentlyAvailable"]),
        limit=float(status["maximumAvailable"]),
        per_s=float(status["restoreRate"]),
    )
