"""Against a real Redis, by its own clock."""

import asyncio
from collections.abc import Awaitable, Callable

from connectors.clock import SystemClock
from connectors.pipeline.bucket import MAX_PAUSE_S
from connectors.pipeline.common import CommonBucket
from connectors.pipeline.queue import Queue
from connectors.policy import ThrottlePolicy
from connectors.shared import Shared
from tests.redis import RedisServer, redis_server

SLOW = ThrottlePolicy(per_second=0.01, burst=3)


def two(url: str, go: Callable[[CommonBucket, CommonBucket], Awaitable[None]]) -> None:
    """Run `go` with the same bucket as two replicas have it."""

    async def replicas() -> None:
        sides = [Shared(url, SystemClock(), answer_s=30.0) for _ in range(2)]
        await go(*(CommonBucket(side, "demo:app:default", SLOW) for side in sides))
        for side in sides:
            await side.close()

    asyncio.run(replicas())


def test_replicas_together_keep_to_the_burst_and_the_rate(redis: RedisServer) -> None:
    async def go(one: CommonBucket, other: CommonBucket) -> None:
        waits = [await bucket.take_s(1.0) for bucket in (one, other, one, other)]

        assert waits[:3] == [0, 0, 0]
        assert 99 < waits[3] <= 100

    two(redis.url, go)


def test_takers_at_once_do_not_overdraw(redis: RedisServer) -> None:
    async def go(one: CommonBucket, other: CommonBucket) -> None:
        waits = await asyncio.gather(*(bucket.take_s(1.0) for bucket in (one, other) * 20))

        assert waits.count(0.0) == 3

    two(redis.url, go)


def test_cost_counts(redis: RedisServer) -> None:
    async def go(one: CommonBucket, other: CommonBucket) -> None:
        assert await one.take_s(2.0) == 0
        assert 99 < await other.take_s(2.0) <= 100
        assert await other.take_s(1.0) == 0

    two(redis.url, go)


def test_a_pause_is_everybodys_and_a_shorter_one_does_not_end_it(redis: RedisServer) -> None:
    async def go(one: CommonBucket, other: CommonBucket) -> None:
        await one.pause(30.0)
        await one.pause(2.0)

        assert 29 < await other.take_s(1.0) <= 30

    two(redis.url, go)


def test_an_absurd_pause_ends_for_replicas_too(redis: RedisServer) -> None:
    async def go(one: CommonBucket, other: CommonBucket) -> None:
        await one.pause(86_400.0)

        assert MAX_PAUSE_S - 1 < await other.take_s(1.0) <= MAX_PAUSE_S

    two(redis.url, go)


def test_redis_is_not_told_whose_calls_they_are(redis: RedisServer) -> None:
    async def go() -> None:
        shared = Shared(redis.url, SystemClock(), answer_s=30.0)
        await CommonBucket(shared, "demo:account:user:ada@example.com:default", SLOW).take_s(1.0)
        await shared.close()

    asyncio.run(go())
    with redis.client() as client:
        keys = list(client.scan_iter())
    assert keys
    assert not [key for key in keys if b"ada" in key]


def test_nothing_is_left_in_redis_once_it_says_nothing_any_more(redis: RedisServer) -> None:
    async def go(one: CommonBucket, other: CommonBucket) -> None:
        await one.take_s(1.0)
        await one.pause(30.0)

        with redis.client() as client:
            left_ms = [client.pttl(key) for key in client.scan_iter()]
            assert len(left_ms) == 2
            assert all(0 < one <= 100_001 for one in left_ms)

    two(redis.url, go)


def test_a_queue_asks_for_everyone_and_goes_on_alone_without_redis() -> None:
    async def go() -> None:
        with redis_server() as server:
            shared = Shared(server.url, SystemClock())
            common = CommonBucket(shared, "demo:app:default", SLOW)
            queues = [Queue(SLOW, SystemClock(), common) for _ in range(2)]
            soon = SystemClock().now() + 5
            ends = [await queue.enter("app", 1.0, soon) for queue in (*queues, *queues)]
            assert ends[:3] == [None] * 3
            assert ends[3] is not None
            server.kill()

            assert await queues[1].enter("app", 1.0, soon) is None
            await shared.close()

    asyncio.run(go())
