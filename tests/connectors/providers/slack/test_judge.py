"""What Slack's answers are taken for."""

import httpx2
import orjson
import pytest

from connectors.judgement import FINE, Outcome, Verdict
from connectors.providers.slack.judge import judge


def verdict(answer: object, status: int = 200, **headers: str) -> Verdict:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge(httpx2.Response(status, headers=names, content=orjson.dumps(answer)), 0.0)


def refusal(error: object) -> Verdict:
    return verdict({"ok": False, "error": error})


def test_what_is_ok_is_a_success() -> None:
    assert verdict({"ok": True, "channel": {}}) == FINE
    assert verdict({"channel": {}, "ok": True}) == FINE


@pytest.mark.parametrize(
    "error", ["invalid_auth", "not_authed", "token_revoked", "token_expired", "missing_scope", "not_allowed_token_type"]
)
def test_a_token_that_does_not_do_is_unauthorized(error: str) -> None:
    assert refusal(error) == Verdict(Outcome.UNAUTHORIZED, error)


@pytest.mark.parametrize(
    "error", ["channel_not_found", "users_not_found", "message_not_found", "file_not_found", "file_deleted"]
)
def test_what_slack_does_not_know_is_not_found(error: str) -> None:
    assert refusal(error) == Verdict(Outcome.NOT_FOUND, error)


@pytest.mark.parametrize(
    ("error", "in_doubt"), [("internal_error", True), ("fatal_error", True), ("service_unavailable", False)]
)
def test_a_broken_slack_has_failed_though_http_is_fine(error: str, in_doubt: bool) -> None:
    assert refusal(error) == Verdict(Outcome.FAILED, error, in_doubt=in_doubt)


@pytest.mark.parametrize("error", ["not_in_channel", "is_archived", "msg_too_long", "invalid_cursor"])
def test_all_other_errors_are_refusals(error: str) -> None:
    assert refusal(error) == Verdict(Outcome.REJECTED, error)


def test_too_many_messages_throttle_under_200() -> None:
    assert refusal("rate_limited") == Verdict(Outcome.THROTTLED, "rate_limited")


def test_a_rate_limit_throttles_for_as_long_as_it_says() -> None:
    limited = verdict({"ok": False, "error": "ratelimited"}, 429, retry_after="30")

    assert (limited.outcome, limited.retry_after_s) == (Outcome.THROTTLED, 30.0)


def test_a_broken_edge_has_failed() -> None:
    assert judge(httpx2.Response(503, content=b"<html>"), 0.0).outcome is Outcome.FAILED


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b'{"ok": null}', b'{"ok": fal'])
def test_what_is_no_answer_of_slacks_is_left_to_the_client(content: bytes) -> None:
    assert judge(httpx2.Response(200, content=content), 0.0) == FINE


@pytest.mark.parametrize("error", [None, 7, "", ["secret"]])
def test_an_error_without_a_code_is_a_refusal(error: object) -> None:
    assert refusal(error) == Verdict(Outcome.REJECTED, "unknown_error")
