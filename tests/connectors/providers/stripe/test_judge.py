"""What Stripe's answers are taken for."""

import httpx2
import orjson
import pytest

from connectors.judgement import Outcome, Verdict
from connectors.providers.stripe.judge import judge


def verdict(status: int, error: object = None, **headers: str) -> Verdict:
    content = orjson.dumps({"error": error})
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge(httpx2.Response(status, headers=names, content=content), 0.0)


def test_a_success_is_one() -> None:
    assert verdict(200) == Verdict(Outcome.OK)


@pytest.mark.parametrize("status", [400, 409, 500, 503])
@pytest.mark.parametrize(("word", "retry"), [("true", True), ("false", False)])
def test_stripes_own_word_on_repeating_goes_first(status: int, word: str, retry: bool) -> None:
    assert verdict(status, stripe_should_retry=word).retry is retry


def test_a_conflict_is_worth_another_try_and_a_refusal_is_not() -> None:
    assert verdict(409).retry is True
    assert verdict(400).retry is False


def test_a_broken_stripe_has_failed() -> None:
    assert verdict(500, {"type": "api_error"}) == Verdict(Outcome.FAILED, "api_error", in_doubt=True)


def test_a_rate_limit_throttles_for_as_long_as_it_says() -> None:
    limited = verdict(429, {"type": "invalid_request_error", "code": "rate_limit"}, retry_after="7")

    assert (limited.outcome, limited.reason, limited.retry_after_s) == (Outcome.THROTTLED, "rate_limit", 7.0)


def test_a_busy_object_is_worth_another_try_and_makes_nothing_else_wait() -> None:
    busy = verdict(429, {"type": "invalid_request_error", "code": "lock_timeout"})

    assert busy == Verdict(Outcome.REJECTED, "lock_timeout", retry=True)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"type": "card_error", "code": "card_declined", "decline_code": "lost_card", "message": "no"}, "lost_card"),
        ({"type": "card_error", "code": "expired_card", "message": "no"}, "expired_card"),
        ({"type": "card_error", "message": "4242424242424242"}, "card_error"),
        ({"message": "4242424242424242"}, "HTTP 402"),
        ("4242424242424242", "HTTP 402"),
        (None, "HTTP 402"),
    ],
)
def test_the_reason_is_the_most_specific_code_and_never_the_message(error: object, reason: str) -> None:
    assert verdict(402, error) == Verdict(Outcome.REJECTED, reason, retry=False)


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_wrong_or_not_enough_is_no_authorization(status: int) -> None:
    assert verdict(status, {"type": "invalid_request_error"}).outcome is Outcome.UNAUTHORIZED


def test_what_is_missing_is_not_found() -> None:
    assert verdict(404, {"code": "resource_missing"}) == Verdict(Outcome.NOT_FOUND, "resource_missing")


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"null", b'{"error": []}', b"\xff"])
def test_no_body_is_too_strange(content: bytes) -> None:
    assert judge(httpx2.Response(502, content=content), 0.0) == Verdict(Outcome.FAILED, "HTTP 502", in_doubt=True)
