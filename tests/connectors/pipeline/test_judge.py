import asyncio
import time
from collections.abc import Iterator

import httpx2
import pytest

from connectors.errors import UpstreamTimeout, UpstreamUnavailable
from connectors.judgement import Outcome, Quota, by_status, ratelimit_headers, retry_after_s, verdict_of
from connectors.pipeline.judge import NotSent, judge
from connectors.pipeline.setup import record_of
from connectors.policy import Policy
from tests.clock import FakeClock
from tests.wire import ScriptedWire, answer, ok, request, setup

NOON = 1_796_126_400.0  # 2026-12-01T12:00:00Z


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2", 2.0),
        ("3600", 3600.0),
        ("0.5", 0.5),
        ("Tue, 01 Dec 2026 12:00:30 GMT", 30.0),
        ("Tue, 01 Dec 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
        ("nan", None),
        (None, None),
    ],
)
def test_retry_after_comes_as_seconds_or_date(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, NOON) == seconds


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_new_york")
def test_a_date_without_a_zone_is_in_gmt_wherever_we_are() -> None:
    assert retry_after_s("Tue Dec  1 12:00:30 2026", NOON) == 30.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "2", "X-RateLimit-Reset": "1796126430"}, 2.0),
        ({"X-RateLimit-Reset": "1796126430"}, 30.0),
        ({"X-RateLimit-Reset": "1796126400", "X-RateLimit-Remaining": "0"}, 0.0),
        ({"X-RateLimit-Reset": "45", "X-RateLimit-Remaining": "0"}, 45.0),
        ({"X-RateLimit-Reset": "1796126430", "X-RateLimit-Remaining": "7"}, None),
        ({}, None),
    ],
)
def test_a_throttle_says_how_long_to_wait_in_many_ways(headers: dict[str, str], seconds: float | None) -> None:
    assert by_status(httpx2.Response(429, headers=headers), NOON).retry_after_s == seconds


def test_headers_tell_what_is_left() -> None:
    response = ok(x_ratelimit_limit="5000", x_ratelimit_remaining="12", x_ratelimit_reset="1796126460")

    assert ratelimit_headers(response, NOON) == Quota(remaining=12, limit=5000, reset_s=60)


def test_headers_have_other_names_and_units_elsewhere() -> None:
    name = "X-HubSpot-RateLimit"
    told = {f"{name}-Max": "190", f"{name}-Remaining": "3", f"{name}-Interval-Milliseconds": "10000"}
    response = httpx2.Response(200, headers=told)

    quota = ratelimit_headers(
        response,
        NOON,
        limit=f"{name}-Max",
        remaining=f"{name}-Remaining",
        reset=f"{name}-Interval-Milliseconds",
        reset_unit_s=0.001,
    )

    assert quota == Quota(remaining=3, limit=190, reset_s=10)


def test_headers_that_are_missing_or_broken_tell_nothing() -> None:
    assert ratelimit_headers(ok(x_ratelimit_remaining="12"), NOON) is None
    assert ratelimit_headers(ok(x_ratelimit_remaining="many", x_ratelimit_reset="60"), NOON) is None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.OK),
        (204, Outcome.OK),
        (302, Outcome.REJECTED),
        (304, Outcome.REJECTED),
        (400, Outcome.REJECTED),
        (401, Outcome.UNAUTHORIZED),
        (403, Outcome.REJECTED),
        (404, Outcome.NOT_FOUND),
        (408, Outcome.FAILED),
        (429, Outcome.THROTTLED),
        (500, Outcome.FAILED),
        (503, Outcome.FAILED),
    ],
)
def test_http_alone_gives_a_verdict(status: int, outcome: Outcome) -> None:
    assert by_status(answer(status), NOON).outcome is outcome


@pytest.mark.parametrize(
    ("status", "headers", "in_doubt"),
    [
        (408, {}, False),
        (429, {}, False),
        (500, {}, True),
        (501, {}, False),
        (502, {}, True),
        (503, {}, True),
        (503, {"Retry-After": "5"}, False),
        (504, {}, True),
        (524, {}, True),
    ],
)
def test_a_failure_leaves_open_whether_anything_was_done_unless_it_says(
    status: int, headers: dict[str, str], in_doubt: bool
) -> None:
    assert by_status(httpx2.Response(status, headers=headers), NOON).in_doubt is in_doubt


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (httpx2.ConnectError("refused"), NotSent),
        (httpx2.ConnectTimeout("slow"), NotSent),
        (httpx2.ReadTimeout("slow"), UpstreamTimeout),
        (httpx2.RemoteProtocolError("hung up"), UpstreamUnavailable),
        (httpx2.ReadError("reset"), UpstreamUnavailable),
    ],
)
def test_network_failures_become_errors_of_ours(clock: FakeClock, trouble: Exception, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        asyncio.run(judge(setup(clock))(ScriptedWire(trouble))(request()))
    assert type(caught.value) is error


def test_an_answer_that_is_none_is_told_from_a_connection_that_broke(clock: FakeClock) -> None:
    wire = ScriptedWire(httpx2.RemoteProtocolError("the content is not gzip"))

    with pytest.raises(UpstreamUnavailable, match=r"^demo things.list: the content is not gzip$"):
        asyncio.run(judge(setup(clock))(wire)(request()))


def test_a_time_that_runs_out_before_anything_was_sent_says_so(clock: FakeClock) -> None:
    async def connecting(request: httpx2.Request) -> httpx2.Response:
        request.extensions["sent"] = False
        await asyncio.sleep(60)
        raise AssertionError("nobody waits that long")

    sent = request(safe=False)

    with pytest.raises(NotSent):
        asyncio.run(judge(setup(clock, policy=Policy(timeout_s=0.01)))(connecting)(sent))
    assert record_of(sent).unanswered == 0


def test_an_attempt_is_cut_off(clock: FakeClock) -> None:
    async def hang(_: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(60)
        raise AssertionError("unreachable")

    with pytest.raises(UpstreamTimeout):
        asyncio.run(judge(setup(clock, policy=Policy(timeout_s=0.01)))(hang)(request()))


def test_the_verdict_stays_on_the_answer(clock: FakeClock) -> None:
    response = asyncio.run(judge(setup(clock))(ScriptedWire(ok()))(request()))

    assert verdict_of(response).outcome is Outcome.OK
