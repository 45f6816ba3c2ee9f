"""What Google Calendar's answers mean."""

import httpx2
import orjson
import pytest

from connectors.judgement import Outcome
from connectors.providers.google_calendar.judge import judge


def verdict(status: int, reason: str | None = None, body: bytes = b"{}") -> tuple[Outcome, str]:
    if reason is not None:
        body = orjson.dumps({"error": {"code": status, "errors": [{"reason": reason, "message": "ada@april.example"}]}})
    found = judge(httpx2.Response(status, content=body), 0.0)
    return found.outcome, found.reason


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"])
def test_a_throttle_may_come_as_403(reason: str) -> None:
    assert verdict(403, reason) == (Outcome.THROTTLED, reason)


def test_any_other_403_is_a_matter_of_permission() -> None:
    assert verdict(403, "requiredAccessLevel") == (Outcome.UNAUTHORIZED, "requiredAccessLevel")
    assert verdict(403) == (Outcome.UNAUTHORIZED, "HTTP 403")


def test_the_rest_is_as_http_says() -> None:
    assert verdict(401, "authError") == (Outcome.UNAUTHORIZED, "authError")
    assert verdict(404, "notFound") == (Outcome.NOT_FOUND, "notFound")
    assert verdict(429, "rateLimitExceeded") == (Outcome.THROTTLED, "rateLimitExceeded")
    assert verdict(503, "backendError") == (Outcome.FAILED, "backendError")
    assert verdict(400, "invalid") == (Outcome.REJECTED, "invalid")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"error": "invalid_grant"}', b'{"error": {"errors": []}}'])
def test_an_envelope_that_is_none_leaves_the_status(body: bytes) -> None:
    assert verdict(400, body=body) == (Outcome.REJECTED, "HTTP 400")


def test_a_reason_that_is_no_word_is_not_told() -> None:
    assert verdict(400, "no such thing as ada@april.example") == (Outcome.REJECTED, "HTTP 400")
