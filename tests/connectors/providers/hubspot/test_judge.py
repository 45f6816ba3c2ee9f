"""What HubSpot's answers are taken for."""

import httpx2
import orjson
import pytest

from connectors.judgement import Outcome, Quota, Verdict
from connectors.providers.hubspot.judge import judge


def verdict(status: int, answer: object = None, **headers: str) -> Verdict:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge(httpx2.Response(status, headers=names, content=orjson.dumps(answer)), 0.0)


@pytest.mark.parametrize("status", [200, 201, 207])
def test_a_success_is_one_in_part_too(status: int) -> None:
    assert verdict(status, {"errors": [{"category": "OBJECT_NOT_FOUND"}]}) == Verdict(Outcome.OK)


def test_headers_tell_what_is_left_of_the_ten_seconds() -> None:
    left = verdict(
        200,
        x_hubspot_ratelimit_max="190",
        x_hubspot_ratelimit_remaining="12",
        x_hubspot_ratelimit_interval_milliseconds="10000",
    )

    assert left.quota == Quota(remaining=12, limit=190, reset_s=10)


@pytest.mark.parametrize(
    ("policy", "wait_s"), [("SECONDLY", 1.0), ("TEN_SECONDLY_ROLLING", 10.0), ("DAILY", 3600.0), (None, None)]
)
def test_a_rate_limit_rests_for_the_window_that_is_used_up(policy: str | None, wait_s: float | None) -> None:
    limited = verdict(429, {"category": "RATE_LIMITS", "policyName": policy})

    assert (limited.outcome, limited.reason, limited.retry_after_s) == (Outcome.THROTTLED, "RATE_LIMITS", wait_s)


def test_a_rate_limit_that_says_how_long_is_believed() -> None:
    assert verdict(429, {"policyName": "DAILY"}, retry_after="7").retry_after_s == 7.0


@pytest.mark.parametrize(("status", "category"), [(401, "EXPIRED_AUTHENTICATION"), (403, "MISSING_SCOPES")])
def test_a_token_that_does_not_do_is_unauthorized(status: int, category: str) -> None:
    assert verdict(status, {"category": category}) == Verdict(Outcome.UNAUTHORIZED, category)


@pytest.mark.parametrize("status", [423, 477])
def test_an_account_that_is_locked_or_moved_is_left_alone_for_a_while(status: int) -> None:
    assert verdict(status, {"category": "LOCKED"}) == Verdict(Outcome.THROTTLED, "LOCKED", 2.0)
    assert verdict(status, {}, retry_after="9").retry_after_s == 9.0


@pytest.mark.parametrize(
    ("status", "answer", "outcome", "reason"),
    [
        (400, {"category": "VALIDATION_ERROR", "message": "ada@punnet.example"}, Outcome.REJECTED, "VALIDATION_ERROR"),
        (404, {"category": "OBJECT_NOT_FOUND"}, Outcome.NOT_FOUND, "OBJECT_NOT_FOUND"),
        (409, {"category": "CONFLICT"}, Outcome.REJECTED, "CONFLICT"),
        (500, {"message": "oops"}, Outcome.FAILED, "HTTP 500"),
        (502, "<html>", Outcome.FAILED, "HTTP 502"),
        (404, ["secret"], Outcome.NOT_FOUND, "HTTP 404"),
    ],
)
def test_the_reason_is_the_category_and_never_the_message(
    status: int, answer: object, outcome: Outcome, reason: str
) -> None:
    assert verdict(status, answer) == Verdict(outcome, reason, in_doubt=outcome is Outcome.FAILED)
