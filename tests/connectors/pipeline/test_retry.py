import asyncio

import httpx2
import pytest

from connectors.errors import RateLimited, UpstreamTimeout, UpstreamUnavailable
from connectors.judgement import Outcome
from connectors.pipeline.judge import NotSent
from connectors.pipeline.retry import retry
from connectors.policy import BudgetPolicy, Policy, RetryPolicy
from tests.clock import FakeClock
from tests.wire import ScriptedWire, judged, request, setup

LOST = UpstreamUnavailable("demo", "things.list", "the connection broke")
SLOW = UpstreamTimeout("demo", "things.list", "no answer within 10 s")
FINE = judged(200, Outcome.OK)
BROKEN = judged(503, Outcome.FAILED)


def sent(clock: FakeClock, wire: ScriptedWire, message: httpx2.Request, attempts: int = 3) -> httpx2.Response:
    send = retry(setup(clock, policy=Policy(retry=RetryPolicy(attempts=attempts)), chance=0.5))(wire)
    return asyncio.run(send(message))


@pytest.mark.parametrize("trouble", [LOST, SLOW, BROKEN])
def test_a_read_is_repeated(clock: FakeClock, trouble: UpstreamUnavailable) -> None:
    wire = ScriptedWire(trouble, trouble, FINE)

    assert sent(clock, wire, request()).status_code == 200
    assert len(wire.requests) == 3


def test_the_last_failure_is_what_the_caller_sees(clock: FakeClock) -> None:
    wire = ScriptedWire(BROKEN)

    assert sent(clock, wire, request()).status_code == 503
    assert len(wire.requests) == 3


def test_a_keyed_write_is_repeated_with_the_same_key(clock: FakeClock) -> None:
    wire = ScriptedWire(LOST, FINE)
    message = request(method="POST", safe=False, idempotency_key="k1")
    message.headers["Idempotency-Key"] = "k1"

    sent(clock, wire, message)

    assert [r.headers["Idempotency-Key"] for r in wire.requests] == ["k1", "k1"]


@pytest.mark.parametrize("trouble", [LOST, SLOW])
def test_a_write_that_cannot_be_deduplicated_is_not_repeated(clock: FakeClock, trouble: Exception) -> None:
    wire = ScriptedWire(trouble, FINE)

    with pytest.raises(type(trouble)):
        sent(clock, wire, request(method="POST", safe=False))
    assert len(wire.requests) == 1


def test_a_write_that_was_never_sent_is_repeated(clock: FakeClock) -> None:
    wire = ScriptedWire(NotSent("demo", "things.create", "no connection"), FINE)

    assert sent(clock, wire, request(method="POST", safe=False)).status_code == 200


def test_a_throttled_write_is_repeated_because_it_was_not_processed(clock: FakeClock) -> None:
    wire = ScriptedWire(judged(429, Outcome.THROTTLED, retry_after_s=2.0), FINE)

    assert sent(clock, wire, request(method="POST", safe=False)).status_code == 200
    assert clock.slept == [2.0]


def test_a_wait_past_the_deadline_fails_fast(clock: FakeClock) -> None:
    wire = ScriptedWire(judged(429, Outcome.THROTTLED, retry_after_s=3600.0), FINE)

    with pytest.raises(RateLimited) as caught:
        sent(clock, wire, request(deadline=clock.now() + 30))
    assert caught.value.retry_after_s == 3600.0
    assert clock.slept == []


def test_the_upstream_may_forbid_a_retry(clock: FakeClock) -> None:
    wire = ScriptedWire(judged(500, Outcome.FAILED, retry=False), FINE)

    assert sent(clock, wire, request()).status_code == 500


def test_the_upstream_may_forbid_to_repeat_what_it_throttled(clock: FakeClock) -> None:
    wire = ScriptedWire(judged(429, Outcome.THROTTLED, retry=False, retry_after_s=2.0), FINE)

    with pytest.raises(RateLimited):
        sent(clock, wire, request())
    assert len(wire.requests) == 1


def test_the_upstream_may_ask_for_a_retry(clock: FakeClock) -> None:
    wire = ScriptedWire(judged(409, Outcome.REJECTED, retry=True), FINE)

    assert sent(clock, wire, request()).status_code == 200


def test_a_refusal_is_not_repeated(clock: FakeClock) -> None:
    wire = ScriptedWire(judged(400, Outcome.REJECTED), FINE)

    assert sent(clock, wire, request()).status_code == 400


def test_a_spent_retry_budget_means_no_retries(clock: FakeClock) -> None:
    wire = ScriptedWire(BROKEN)
    policy = Policy(retry=RetryPolicy(attempts=3), budget=BudgetPolicy(retry_share=0.5, reserve=1))
    send = retry(setup(clock, policy=policy))(wire)

    async def calls() -> list[int]:
        seen = []
        for _ in range(5):
            await send(request())
            seen.append(len(wire.requests))
        return seen

    assert asyncio.run(calls()) == [2, 4, 5, 7, 8]


def test_what_was_throttled_costs_nothing_of_the_retry_budget(clock: FakeClock) -> None:
    wire = ScriptedWire(judged(429, Outcome.THROTTLED, retry_after_s=1.0), FINE)
    send = retry(setup(clock, policy=Policy(budget=BudgetPolicy(retry_share=0, reserve=0))))(wire)

    assert asyncio.run(send(request())).status_code == 200
