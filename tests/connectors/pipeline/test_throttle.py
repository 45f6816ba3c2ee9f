import asyncio

import httpx2
import pytest

from connectors.errors import RateLimited
from connectors.judgement import Outcome
from connectors.pipeline.throttle import Bucket, throttle
from connectors.policy import Policy, ThrottlePolicy
from tests.clock import FakeClock
from tests.wire import Plenty, ScriptedWire, judged, request, setup

FINE = judged(200, Outcome.OK)


def test_a_burst_passes_and_then_the_rate_holds() -> None:
    bucket = Bucket(ThrottlePolicy(per_second=10, burst=3))

    assert [round(bucket.reserve(0.0), 3) for _ in range(5)] == [0.0, 0.0, 0.0, 0.1, 0.2]


def test_allowance_comes_back_with_time() -> None:
    bucket = Bucket(ThrottlePolicy(per_second=10, burst=1))
    bucket.reserve(0.0)

    assert bucket.reserve(5.0) == 0.0


def test_a_pause_holds_everyone_back() -> None:
    bucket = Bucket(ThrottlePolicy())
    bucket.pause(0.0, 2.0)

    assert bucket.wait_s(0.5) == 1.5


def test_a_throttled_answer_pauses_its_bucket_and_no_other(clock: FakeClock) -> None:
    wire = ScriptedWire(judged(429, Outcome.THROTTLED, retry_after_s=2.0), FINE)
    send = throttle(setup(clock))(wire)

    async def calls() -> None:
        await send(request(bucket="search"))
        await send(request(bucket="reads"))
        assert clock.slept == []
        await send(request(bucket="search"))
        assert clock.slept == [2.0]

    asyncio.run(calls())


def test_a_wait_longer_than_the_deadline_is_refused_at_once(clock: FakeClock) -> None:
    wire = ScriptedWire(judged(429, Outcome.THROTTLED, retry_after_s=60.0), FINE)
    send = throttle(setup(clock))(wire)

    async def calls() -> None:
        await send(request())
        with pytest.raises(RateLimited) as caught:
            await send(request(allowance=Plenty(deadline=clock.now() + 30)))
        assert caught.value.retry_after_s == 60.0

    asyncio.run(calls())
    assert len(wire.requests) == 1


def test_no_more_than_the_allowed_number_is_in_flight(clock: FakeClock) -> None:
    most = 0
    flying = 0

    async def wire(sent: httpx2.Request) -> httpx2.Response:
        nonlocal most, flying
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0.001)
        flying -= 1
        return FINE(sent)

    send = throttle(setup(clock, policy=Policy(throttle=ThrottlePolicy(concurrency=3))))(wire)

    async def calls() -> None:
        await asyncio.gather(*(send(request()) for _ in range(12)))

    asyncio.run(calls())
    assert most == 3
