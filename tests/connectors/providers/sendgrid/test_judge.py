"""What SendGrid's answers mean."""

import httpx2
import pytest

from connectors.judgement import Outcome, Quota
from connectors.providers.sendgrid.judge import judge

NOW = 1_800_000_000.0


def verdict(status: int, body: str = "{}", **headers: str) -> tuple[Outcome, str, float | None]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found = judge(httpx2.Response(status, headers=named, content=body.encode()), NOW)
    return found.outcome, found.reason, found.retry_after_s


def test_the_wait_after_a_429_ends_when_the_limit_is_renewed() -> None:
    assert verdict(429, x_ratelimit_reset="1800000042") == (Outcome.THROTTLED, "HTTP 429", 42.0)
    assert verdict(429, x_ratelimit_reset="1799999999") == (Outcome.THROTTLED, "HTTP 429", 0.0)
    assert verdict(429, x_ratelimit_reset="soon") == (Outcome.THROTTLED, "HTTP 429", None)
    assert verdict(429, x_ratelimit_reset="1800000042", retry_after="7") == (Outcome.THROTTLED, "HTTP 429", 7.0)


def test_a_key_without_the_scope_is_not_authorized() -> None:
    assert verdict(401)[0] is verdict(403)[0] is Outcome.UNAUTHORIZED


def test_a_refusal_names_the_field_and_never_quotes_the_message() -> None:
    body = '{"errors": [{"message": "ada@april.example is bad", "field": "personalizations.0.to"}]}'

    assert verdict(400, body) == (Outcome.REJECTED, "personalizations.0.to", None)


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"errors": []}', '{"errors": [{"field": 3}]}', '{"errors": "x"}'])
def test_any_other_body_leaves_the_status(body: str) -> None:
    assert verdict(400, body) == (Outcome.REJECTED, "HTTP 400", None)


def test_a_field_that_is_no_name_is_not_told() -> None:
    assert verdict(400, '{"errors": [{"field": "ada@april.example"}]}')[1] == "HTTP 400"


def test_a_server_error_is_a_failure_and_a_miss_a_miss() -> None:
    assert verdict(503)[0] is Outcome.FAILED
    assert verdict(404)[0] is Outcome.NOT_FOUND


def test_an_answer_tells_what_is_left() -> None:
    told = {"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "598", "X-RateLimit-Reset": "1800000010"}

    assert judge(httpx2.Response(200, headers=told), NOW).quota == Quota(remaining=598, limit=600, reset_s=10)
