"""What GitHub's answers mean: it says "too much" under 200 and 403 alike.

Source: https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from dataclasses import replace
from typing import Any

import httpx2
import orjson

from connectors.headers import header_of
from connectors.judgement import Outcome, Verdict, by_status, patience_s, ratelimit_headers
from connectors.providers.github.client import PAUSE_S


def judge(response: httpx2.Response, now: float) -> Verdict:
    """The verdict of HTTP, but for the two rate limits.

    The primary one leaves `x-ratelimit-remaining: 0`, which the last call that was served has too: only an answer
    without data is a refusal. The secondary one brings `retry-after`.
    """
    return replace(_refusal(response, now) or by_status(response, now), quota=ratelimit_headers(response, now))


def _refusal(response: httpx2.Response, now: float) -> Verdict | None:
    """The verdict on a call that a rate limit refused."""
    told = header_of(response, "retry-after") is not None or header_of(response, "x-ratelimit-remaining") == "0"
    if response.status_code in (403, 429) and (told or response.status_code == 429):
        return Verdict(Outcome.THROTTLED, f"HTTP {response.status_code}", _wait_s(response, now))
    if response.status_code == 200 and b'"errors"' in response.content:
        data, types = _outline(response.content)
        nothing = not isinstance(data, dict) or not any(data.values())
        if (nothing and "RATE_LIMITED" in types) or (data is None and types and told):
            return Verdict(Outcome.THROTTLED, "RATE_LIMITED", _wait_s(response, now))
    return None


def _outline(content: bytes) -> tuple[Any, list[Any]]:
    """The data of an answer and the type of each of its errors."""
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None, []
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if not isinstance(errors, list):
        return None, []
    return answer.get("data"), [error.get("type") if isinstance(error, dict) else None for error in errors]


def _wait_s(response: httpx2.Response, now: float) -> float:
    asked_s = patience_s(response, now)
    return PAUSE_S if asked_s is None else asked_s
