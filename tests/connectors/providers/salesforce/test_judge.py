"""What Salesforce's faults mean."""

import httpx2
import pytest

from connectors.judgement import Outcome
from connectors.providers.salesforce.judge import judge
from connectors.providers.salesforce.sandbox import soap
from connectors.providers.salesforce.sandbox.org import Problem


def fault(code: str, status: int = 500) -> httpx2.Response:
    return httpx2.Response(status, content=bytes(soap.fault(Problem(code)).body))


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("INVALID_SESSION_ID", Outcome.UNAUTHORIZED),
        ("INVALID_LOGIN", Outcome.UNAUTHORIZED),
        ("REQUEST_LIMIT_EXCEEDED", Outcome.THROTTLED),
        ("SERVER_UNAVAILABLE", Outcome.FAILED),
        ("UNABLE_TO_LOCK_ROW", Outcome.FAILED),
        ("MALFORMED_QUERY", Outcome.REJECTED),
        ("INVALID_FIELD", Outcome.REJECTED),
        ("INVALID_QUERY_LOCATOR", Outcome.REJECTED),
        ("SOMETHING_NEW", Outcome.REJECTED),
    ],
)
def test_the_code_of_a_fault_says_what_it_means(code: str, outcome: Outcome) -> None:
    for status in (200, 500):
        verdict = judge(fault(code, status), 0)

        assert (verdict.outcome, verdict.reason, verdict.retry_after_s) == (outcome, code, None)


@pytest.mark.parametrize(("status", "outcome"), [(404, Outcome.NOT_FOUND), (503, Outcome.FAILED)])
def test_a_status_that_is_not_500_says_more_than_a_code_we_do_not_know(status: int, outcome: Outcome) -> None:
    assert judge(fault("SOMETHING_NEW", status), 0).outcome is outcome


@pytest.mark.parametrize("body", [b"", b"Fault", b"\xff\xfe", b"<Fault", b"<a>Fault</a>", b"<!DOCTYPE html><p>Fault"])
def test_no_body_can_make_it_fail(body: bytes) -> None:
    page = {"Content-Type": "text/html"}

    assert judge(httpx2.Response(200, headers=page, content=body), 0).outcome is Outcome.OK
    assert judge(httpx2.Response(500, headers=page, content=body), 0).outcome is Outcome.FAILED
