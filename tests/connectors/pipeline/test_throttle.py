import asyncio

import httpx2
import pytest

from connectors.call import Scope, Send
from connectors.errors import RateLimited
from connectors.judgement import Outcome, Quota
from connectors.pipeline.queue import Queue
from connectors.pipeline.throttle import MOST_QUEUES, throttle
from connectors.policy import Policy, ThrottlePolicy
from tests.clock import FakeClock
from tests.wire import Personal, ScriptedWire, judged, request, setup

FINE = judged(200, Outcome.OK)


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
            await send(request(deadline=clock.now() + 30))
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
        return (await send(request(deadline=clock.now() + 5))).status_code

    assert asyncio.run(calls()) == 200


def test_a_queue_too_long_for_the_deadline_is_refused_at_once() -> None:
    clock = Stopped()
    policy = ThrottlePolicy(per_second=1, burst=1, concurrency=2)
    send = throttle(setup(clock, policy=Policy(throttle=policy)))(ScriptedWire(FINE))

    async def calls() -> None:
        await send(request())
        waiting = await crowd(send, 10)
        with pytest.raises(RateLimited) as caught:
            await send(request(deadline=clock.now() + 5))
        await go(waiting)
        assert caught.value.retry_after_s == 11.0

    asyncio.run(calls())


def test_credentials_have_limits_each_of_their_own(clock: FakeClock) -> None:
    wire = ScriptedWire(judged(429, Outcome.THROTTLED, retry_after_s=2.0), FINE)
    send = throttle(setup(clock, auth=Personal()))(wire)

    async def calls() -> None:
        await send(request(scope=Scope(principal="ann")))
        await send(request(scope=Scope(principal="bob")))
        assert clock.slept == []
        await send(request(scope=Scope(principal="ann")))
        assert clock.slept == [2.0]

    asyncio.run(calls())


def test_buckets_have_the_limits_of_their_pattern(clock: FakeClock) -> None:
    tiers = {"tier1:*": ThrottlePolicy(per_second=1 / 60, burst=1)}
    send = throttle(setup(clock, policy=Policy(buckets=tiers)))(ScriptedWire(FINE))

    async def calls() -> list[float]:
        for bucket in ("tier1:migration", "tier1:list", "default", "default", "tier1:list"):
            await send(request(bucket=bucket))
        return clock.slept

    assert asyncio.run(calls()) == pytest.approx([60.0])


def test_what_the_upstream_says_is_left_is_not_overdrawn(clock: FakeClock) -> None:
    wire = ScriptedWire(judged(200, Outcome.OK, quota=Quota(remaining=2, reset_s=30)), FINE)
    send = throttle(setup(clock))(wire)
    began = clock.now()
    sent_at: list[float] = []

    async def call() -> None:
        await send(request())
        sent_at.append(clock.now() - began)

    async def calls() -> None:
        await call()
        await asyncio.gather(*(call() for _ in range(5)))

    asyncio.run(calls())
    assert sent_at == [0, 0, 0, 30, 30, 30]


def test_a_call_that_waits_too_long_for_what_is_left_is_refused(clock: FakeClock) -> None:
    wire = ScriptedWire(judged(200, Outcome.OK, quota=Quota(remaining=0, reset_s=300)))
    send = throttle(setup(clock))(wire)

    async def calls() -> None:
        await send(request())
        with pytest.raises(RateLimited) as caught:
            await send(request(deadline=clock.now() + 10))
        assert caught.value.retry_after_s == 300

    asyncio.run(calls())
    assert len(wire.requests) == 1


def test_credentials_that_come_once_do_not_push_out_a_pause(clock: FakeClock) -> None:
    wire = ScriptedWire(judged(429, Outcome.THROTTLED, retry_after_s=60.0), FINE)
    limited = setup(clock, auth=Personal())
    send = throttle(limited)(wire)

    async def calls() -> None:
        await send(request(scope=Scope(principal="ann")))
        for number in range(MOST_QUEUES):
            assert limited.vitals.queues[f"made up {number}", "default"]
        with pytest.raises(RateLimited):
            await send(request(scope=Scope(principal="ann"), deadline=clock.now() + 30))

    asyncio.run(calls())


def test_a_queue_is_in_use_until_its_last_call_has_ended(clock: FakeClock) -> None:
    queue = Queue(ThrottlePolicy(concurrency=1), clock)

    async def calls() -> list[bool]:
        uses = [queue.is_in_use(clock.now())]
        assert queue.passed(clock.now(), 1.0)
        uses.append(queue.is_in_use(clock.now()))
        queue.leave()
        return [*uses, queue.is_in_use(clock.now())]

    assert asyncio.run(calls()) == [False, True, False]
