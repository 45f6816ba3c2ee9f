import asyncio

import httpx2
import pytest

from connectors.call import Send
from connectors.errors import RateLimited
from connectors.judgement import Outcome
from connectors.pipeline.throttle import MAX_PAUSE_S, Bucket, throttle
from connectors.policy import Policy, ThrottlePolicy
from tests.clock import FakeClock
from tests.wire import Plenty, ScriptedWire, judged, request, setup

FINE = judged(200, Outcome.OK)


def test_a_burst_passes_and_then_the_rate_holds() -> None:
    bucket = Bucket(ThrottlePolicy(per_second=10, burst=3))
    for _ in range(3):
        assert bucket.wait_s(0.0) == 0.0
        bucket.take(0.0)

    assert [round(bucket.wait_s(0.0, ahead), 3) for ahead in (0, 1, 5)] == [0.1, 0.2, 0.6]


def test_allowance_comes_back_with_time() -> None:
    bucket = Bucket(ThrottlePolicy(per_second=10, burst=1))
    bucket.take(0.0)

    assert bucket.wait_s(5.0) == 0.0


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


def test_an_absurd_pause_ends() -> None:
    bucket = Bucket(ThrottlePolicy())
    bucket.pause(0.0, 1e12)

    assert bucket.wait_s(0.0) == MAX_PAUSE_S


def test_a_refusal_stops_those_who_wait_for_a_place_too(clock: FakeClock) -> None:
    sent_at: list[float] = []

    async def wire(sent: httpx2.Request) -> httpx2.Response:
        sent_at.append(clock.now())
        refused = len(sent_at) <= 5
        await asyncio.sleep(0.001)
        return (judged(429, Outcome.THROTTLED, retry_after_s=2.0) if refused else FINE)(sent)

    send = throttle(setup(clock, policy=Policy(throttle=ThrottlePolicy(concurrency=5))))(wire)
    began = clock.now()

    async def calls() -> None:
        await asyncio.gather(*(send(request()) for _ in range(50)))

    asyncio.run(calls())
    assert [moment for moment in sent_at if moment < began + 2] == [began] * 5


class Stopped(FakeClock):
    """Whoever sleeps by this clock sleeps until cancelled."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(60)


async def crowd(send: Send, size: int) -> "list[asyncio.Task[httpx2.Response]]":
    """So many callers who wait."""
    waiting = [asyncio.ensure_future(send(request())) for _ in range(size)]
    await asyncio.sleep(0)
    return waiting


async def go(waiting: "list[asyncio.Task[httpx2.Response]]") -> None:
    """They all go away."""
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


def test_who_goes_away_leaves_nothing_in_the_queue() -> None:
    clock = Stopped()
    policy = ThrottlePolicy(per_second=1, burst=1, concurrency=100)
    send = throttle(setup(clock, policy=Policy(throttle=policy)))(ScriptedWire(FINE))

    async def calls() -> int:
        await send(request())
        await go(await crowd(send, 50))
        clock.advance(1.0)
        return (await send(request(allowance=Plenty(deadline=clock.now() + 5)))).status_code

    assert asyncio.run(calls()) == 200


def test_a_queue_too_long_for_the_deadline_is_refused_at_once() -> None:
    clock = Stopped()
    policy = ThrottlePolicy(per_second=1, burst=1, concurrency=2)
    send = throttle(setup(clock, policy=Policy(throttle=policy)))(ScriptedWire(FINE))

    async def calls() -> None:
        await send(request())
        waiting = await crowd(send, 10)
        with pytest.raises(RateLimited) as caught:
            await send(request(allowance=Plenty(deadline=clock.now() + 5)))
        await go(waiting)
        assert caught.value.retry_after_s == 11.0

    asyncio.run(calls())
