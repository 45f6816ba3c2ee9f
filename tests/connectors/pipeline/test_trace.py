import asyncio

import httpx2
import pytest
from structlog.testing import capture_logs

from connectors.call import Scope
from connectors.errors import OutcomeUnknown, UpstreamUnavailable
from connectors.judgement import Outcome
from connectors.pipeline import STAGES, pipeline
from connectors.pipeline.trace import trace
from connectors.policy import Policy, RetryPolicy
from tests.clock import FakeClock
from tests.wire import ScriptedWire, answer, judged, ok, request, setup


def test_the_stages_are_in_the_order_of_the_design() -> None:
    order = ["trace", "cache", "budget", "retry", "breaker", "throttle", "authorize", "judge"]

    assert [stage.__name__ for stage in STAGES] == order


def test_each_call_leaves_one_line(clock: FakeClock) -> None:
    with capture_logs() as lines:
        asyncio.run(trace(setup(clock))(ScriptedWire(judged(200, Outcome.OK)))(request()))

    (line,) = lines
    facts = (line["upstream"], line["operation"], line["outcome"], line["status"], line["bytes"])
    assert facts == ("demo", "things.list", "ok", 200, 2)


def test_a_failed_call_leaves_its_code_and_the_reason_in_our_words(clock: FakeClock) -> None:
    wire = ScriptedWire(httpx2.ConnectError("no route to https://api.demo.example/?email=ada%40quartz.example"))
    send = pipeline(setup(clock, policy=Policy(retry=RetryPolicy(attempts=1))), wire)

    with capture_logs() as lines, pytest.raises(UpstreamUnavailable):
        asyncio.run(send(request()))
    assert [(line["outcome"], line["reason"]) for line in lines] == [("UPSTREAM_UNAVAILABLE", "no connection")]
    assert "quartz.example" not in str(lines)


def test_a_write_whose_answer_was_lost_leaves_how_it_was_lost(clock: FakeClock) -> None:
    send = pipeline(setup(clock), ScriptedWire(httpx2.ReadError("connection reset")))

    with capture_logs() as lines, pytest.raises(OutcomeUnknown):
        asyncio.run(send(request(method="POST", safe=False)))
    assert [line["outcome"] for line in lines] == ["OUTCOME_UNKNOWN"]
    assert lines[0]["reason"].endswith("look before trying again (the connection broke)")


def test_a_failure_that_a_stale_answer_stands_in_for_is_told_to_operators(clock: FakeClock) -> None:
    wire = ScriptedWire(ok(cache_control="max-age=10, stale-if-error=60"), answer(503))
    here = setup(clock, policy=Policy(retry=RetryPolicy(attempts=1)))
    send = pipeline(here, wire)
    asyncio.run(send(request()))
    clock.advance(30)

    with capture_logs() as lines:
        response = asyncio.run(send(request()))

    assert response.status_code == 200
    assert [(line["outcome"], line["reason"], line["cache"]) for line in lines] == [("failed", "HTTP 503", "stale")]
    assert here.vitals.tally.last_failure is not None
    assert here.vitals.tally.last_failure.reason == "HTTP 503"


def test_a_write_that_failed_halfway_perhaps_is_in_doubt(clock: FakeClock) -> None:
    send = pipeline(setup(clock), ScriptedWire(answer(504)))

    with capture_logs() as lines, pytest.raises(OutcomeUnknown):
        asyncio.run(send(request(method="POST", safe=False)))
    assert lines[0]["reason"].endswith("look before trying again (failed with status 504 (HTTP 504))")


def test_the_whole_pipeline_counts_attempts_and_logs_no_secret(clock: FakeClock) -> None:
    wire = ScriptedWire(answer(503), ok())
    send = pipeline(setup(clock, policy=Policy(retry=RetryPolicy(attempts=2))), wire)

    with capture_logs() as lines:
        asyncio.run(send(request(url="https://api.demo.example/things?email=ada%40quartz.example")))

    (line,) = lines
    assert (line["attempts"], line["cache"], line["outcome"]) == (2, "miss", "ok")
    assert wire.requests[-1].headers["Authorization"] == "Bearer secret-token"
    assert "secret-token" not in str(lines)
    assert "quartz.example" not in str(lines)


def test_each_call_leaves_its_record_with_its_scope(clock: FakeClock) -> None:
    scope = Scope(began=clock.now())
    wire = ScriptedWire(answer(503), ok(b"[1]"))
    send = pipeline(setup(clock, chance=1.0, policy=Policy(retry=RetryPolicy(base_s=2.0))), wire)
    clock.advance(5)

    asyncio.run(send(request(scope=scope)))

    (record,) = scope.calls
    assert (record.upstream, record.operation, record.began - scope.began) == ("demo", "things.list", 5.0)
    assert (record.outcome, record.status, record.bytes, record.attempts) == ("ok", 200, 3, 2)
    assert (record.waited_s, record.duration_s) == (2.0, 2.0)


def test_a_call_that_failed_and_one_that_was_given_up_leave_records_too(clock: FakeClock) -> None:
    scope = Scope()

    def given_up(_: httpx2.Request) -> httpx2.Response:
        raise asyncio.CancelledError

    wire = ScriptedWire(UpstreamUnavailable("demo", "things.list", "the connection broke"), given_up)

    async def calls() -> None:
        send = trace(setup(clock))(wire)
        await asyncio.gather(*(send(request(scope=scope)) for _ in range(2)), return_exceptions=True)

    asyncio.run(calls())
    assert [record.outcome for record in scope.calls] == ["UPSTREAM_UNAVAILABLE", "cancelled"]
