"""What PayPal's answers mean."""

import httpx2
import pytest

from connectors.judgement import Outcome
from connectors.providers.paypal.judge import judge


def verdict(status: int, body: str = "{}", **headers: str) -> tuple[Outcome, str, float | None]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found = judge(httpx2.Response(status, headers=named, content=body.encode()), 0.0)
    return found.outcome, found.reason, found.retry_after_s


def test_the_reason_is_the_first_issue_and_else_the_name() -> None:
    detailed = '{"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "ORDER_NOT_APPROVED"}]}'

    assert verdict(422, detailed) == (Outcome.REJECTED, "ORDER_NOT_APPROVED", None)
    assert verdict(404, '{"name": "RESOURCE_NOT_FOUND"}') == (Outcome.NOT_FOUND, "RESOURCE_NOT_FOUND", None)


def test_too_many_requests_wait_as_told() -> None:
    body = '{"name": "RATE_LIMIT_REACHED"}'

    assert verdict(429, body, retry_after="12") == (Outcome.THROTTLED, "RATE_LIMIT_REACHED", 12.0)


def test_missing_permission_is_a_matter_of_credentials() -> None:
    assert verdict(403, '{"name": "NOT_AUTHORIZED"}')[0] is Outcome.UNAUTHORIZED


@pytest.mark.parametrize("body", ["", "[]", "3", '{"details": 3}', '{"name": "Not a code: ada@april.example"}'])
def test_any_other_body_leaves_the_status(body: str) -> None:
    assert verdict(400, body) == (Outcome.REJECTED, "HTTP 400", None)


def test_a_server_error_is_a_failure() -> None:
    assert verdict(500, '{"name": "INTERNAL_SERVER_ERROR"}') == (Outcome.FAILED, "INTERNAL_SERVER_ERROR", None)
