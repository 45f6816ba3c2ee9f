from typing import Any

import httpx2
import orjson
import pytest

from connectors.judgement import Outcome
from connectors.providers.github.judge import judge

NOW = 1_780_000_000.0
LIMITED = {"type": "RATE_LIMITED", "message": "API rate limit exceeded"}
LOST = {"type": "NOT_FOUND", "path": ["q0"], "message": "Could not resolve"}


def judged(status: int, body: Any, **headers: str) -> tuple[Outcome, float | None]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    verdict = judge(httpx2.Response(status, headers=named, content=orjson.dumps(body)), NOW)
    return verdict.outcome, verdict.retry_after_s


EXHAUSTED = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(NOW) + 90)}


@pytest.mark.parametrize(
    ("status", "body", "headers", "wait_s"),
    [
        (200, {"errors": [LIMITED]}, EXHAUSTED, 90.0),
        (200, {"data": {"q0": None}, "errors": [LIMITED]}, EXHAUSTED, 90.0),
        (200, {"errors": [LIMITED]}, {}, 60.0),
        (200, {"errors": [{"message": "slow down"}]}, EXHAUSTED, 90.0),
        (200, {"errors": [{"message": "secondary"}]}, {"retry_after": "7"}, 7.0),
        (403, {"message": "API rate limit exceeded"}, EXHAUSTED, 90.0),
        (403, {"message": "secondary"}, {"retry_after": "30"}, 30.0),
        (403, {"message": "both"}, {**EXHAUSTED, "retry_after": "5"}, 5.0),
        (429, {}, {}, 60.0),
        (429, {}, {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(NOW) - 5)}, 0.0),
        (429, {}, {"x_ratelimit_remaining": "0", "x_ratelimit_reset": "soon"}, 60.0),
    ],
)
def test_too_much_is_a_throttle_whatever_the_status(
    status: int, body: Any, headers: dict[str, str], wait_s: float
) -> None:
    assert judged(status, body, **headers) == (Outcome.THROTTLED, wait_s)


@pytest.mark.parametrize(
    ("status", "body", "headers", "outcome"),
    [
        (200, {"data": {"q0": {"id": "1"}}}, EXHAUSTED, Outcome.OK),
        (200, {"data": {"q0": None}, "errors": [LOST]}, EXHAUSTED, Outcome.OK),
        (200, {"data": {"q0": {"a": 1}, "q1": None}, "errors": [LIMITED]}, {}, Outcome.OK),
        (200, {"errors": [LOST]}, {"x_ratelimit_remaining": "10"}, Outcome.OK),
        (401, {"message": "Bad credentials"}, {}, Outcome.UNAUTHORIZED),
        (403, {"message": "Resource not accessible"}, {"x_ratelimit_remaining": "10"}, Outcome.REJECTED),
        (502, {"data": None, "errors": [{"message": "timeout"}]}, {}, Outcome.FAILED),
        (504, {}, {}, Outcome.FAILED),
    ],
)
def test_everything_else_is_what_http_says(status: int, body: Any, headers: dict[str, str], outcome: Outcome) -> None:
    assert judged(status, body, **headers)[0] is outcome


@pytest.mark.parametrize(
    "content", [b'{"errors"', b'"errors"', b'{"errors": 7}', b'{"errors": [7], "data": 1}', b"\xff"]
)
def test_no_body_upsets_the_judge(content: bytes) -> None:
    assert judge(httpx2.Response(200, headers={"retry-after": "x"}, content=content), NOW).outcome in Outcome
