"""Two processes' caches with a real Redis between them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import httpx2
import pytest

from connectors.call import Call, Scope, call_of
from connectors.clock import Clock, SystemClock
from connectors.judgement import by_status
from connectors.pipeline.answers import Answers
from connectors.pipeline.cache import cache
from connectors.pipeline.entries import key_of
from connectors.pipeline.replicas import LARGEST_BYTES, LEAD_S
from connectors.pipeline.setup import record_of
from connectors.policy import CachePolicy, OperationCache, Policy
from connectors.shared import Shared
from tests.clock import FakeClock
from tests.redis import RedisServer, redis_server
from tests.wire import answer, ok, request, setup

POLICY = Policy(cache=CachePolicy(operations={"things.*": OperationCache(ttl_s=60, stale_if_error_s=60)}))


class Upstream:
    """One upstream behind all replicas; it answers with how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.takes_s = 0.0
        self.failing = False
        self.headers: dict[str, str] = {}

    async def __call__(self, sent: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        mine = self.asked
        await asyncio.sleep(self.takes_s)
        response = answer(503) if self.failing else ok(b"answer %d" % mine, **self.headers)
        response.extensions["verdict"] = by_status(response, 0)
        return response


def read_of(id: str, principal: str = "app") -> httpx2.Request:
    sent = request("things.get", url=f"https://api.demo.example/things/{id}")
    scope = Scope(principal=principal)
    sent.extensions["call"] = Call(operation="things.get", safe=True, about=(id,), scope=scope)
    return sent


@dataclass
class Replica:
    """One process's cache in front of the upstream."""

    answers: Answers
    shared: Shared
    send: Callable[[httpx2.Request], Awaitable[httpx2.Response]]

    async def read(self, id: str = "1", *, principal: str = "app") -> tuple[str, str]:
        """The content, and how the cache was used."""
        sent = read_of(id, principal)
        response = await self.send(sent)
        return response.text, record_of(sent).cache

    async def write(self, *evicts: str) -> None:
        sent = request("things.change", method="POST", safe=False)
        sent.extensions["call"] = Call(operation="things.change", safe=False, evicts=evicts)
        await self.send(sent)


@asynccontextmanager
async def replicas(
    url: str, upstream: Upstream, *, policy: Policy = POLICY, clock: Clock | None = None
) -> AsyncIterator[list[Replica]]:
    """Two of them."""
    clock = clock or SystemClock()
    made = []
    for _ in range(2):
        shared = Shared(url, clock, answer_s=30.0)
        answers = Answers("demo", clock, policy.cache.max_bytes, shared)
        stage = cache(replace(setup(clock, policy=policy), answers=answers, shared=shared))
        made.append(Replica(answers, shared, stage(upstream)))
    try:
        yield made
    finally:
        for replica in made:
            await replica.answers.close()
            await replica.shared.close()


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if holds():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError


def test_what_one_replica_has_asked_another_need_not_ask(redis: RedisServer) -> None:
    upstream = Upstream()

    async def go() -> list[tuple[str, str]]:
        async with replicas(redis.url, upstream) as (one, other):
            return [await one.read(), await other.read(), await other.read(principal="grace")]

    assert asyncio.run(go()) == [("answer 1", "miss"), ("answer 1", "hit"), ("answer 2", "miss")]


def test_who_wants_the_upstream_asked_is_not_given_what_another_replica_keeps(redis: RedisServer) -> None:
    async def go() -> str:
        async with replicas(redis.url, Upstream()) as (one, other):
            await one.read()
            again = read_of("1")
            again.extensions["call"] = replace(call_of(again), reload=True)
            return (await other.send(again)).text

    assert asyncio.run(go()) == "answer 2"


def test_identical_reads_of_all_replicas_at_the_same_time_are_one_call(redis: RedisServer) -> None:
    upstream = Upstream()
    upstream.takes_s = 0.1

    async def go() -> set[str]:
        async with replicas(redis.url, upstream) as both:
            reads = await asyncio.gather(*(replica.read() for replica in both for _ in range(100)))
            return {content for content, _ in reads}

    assert asyncio.run(go()) == {"answer 1"}
    assert upstream.asked == 1


def test_a_replica_that_dies_while_it_fetches_blocks_nobody_for_long(redis: RedisServer, clock: FakeClock) -> None:
    upstream = Upstream()

    async def go() -> tuple[str, str]:
        async with replicas(redis.url, upstream, clock=clock) as (dead, alive):
            assert dead.answers.replicas
            sent = read_of("1")
            await dead.answers.replicas.lead(key_of(sent, call_of(sent), "app"))
            return await alive.read("1")

    began = clock.now()
    assert asyncio.run(go()) == ("answer 1", "miss")
    assert clock.now() - began == pytest.approx(LEAD_S, abs=0.1)
    with redis.client() as client:
        (lock,) = client.keys("*lock*")
        assert 0 < client.pttl(lock) <= LEAD_S * 1000


def test_a_write_through_one_replica_throws_out_what_another_one_keeps_and_nothing_else(redis: RedisServer) -> None:
    upstream = Upstream()

    async def go() -> list[tuple[str, str]]:
        async with replicas(redis.url, upstream) as (one, other):
            await other.read("1")
            await other.read("2")
            before = other.answers.evictions
            await one.write("1")
            await until(lambda: other.answers.evictions > before)
            return [await other.read("1"), await other.read("2"), await one.read("1")]

    assert asyncio.run(go()) == [("answer 4", "miss"), ("answer 2", "hit"), ("answer 4", "hit")]


def test_what_was_asked_for_before_another_replicas_write_is_not_kept_for_anybody(redis: RedisServer) -> None:
    upstream = Upstream()
    upstream.takes_s = 0.1

    async def go() -> list[tuple[str, str]]:
        async with replicas(redis.url, upstream) as (one, other):
            early = asyncio.ensure_future(one.read())
            await until(lambda: upstream.asked == 1)
            upstream.takes_s = 0
            await other.write("things.*")
            return [await early, await other.read(), await one.read()]

    assert asyncio.run(go()) == [("answer 1", "miss"), ("answer 3", "miss"), ("answer 3", "hit")]


def test_large_answers_are_not_packed_for_redis_while_everybody_waits(redis: RedisServer) -> None:
    async def large(sent: httpx2.Request) -> httpx2.Response:
        response = ok(bytes(LARGEST_BYTES))
        response.extensions["verdict"] = by_status(response, 0)
        return response

    async def go() -> list[str]:
        async with replicas(redis.url, Upstream()) as (one, other):
            for replica in (one, other):
                stage = cache(
                    replace(setup(SystemClock(), policy=POLICY), answers=replica.answers, shared=replica.shared)
                )
                replica.send = stage(large)
            return [(await replica.read())[1] for replica in (one, other, other)]

    assert asyncio.run(go()) == ["miss", "miss", "hit"]


def test_redis_holds_no_principal_no_address_and_no_cookie(redis: RedisServer) -> None:
    upstream = Upstream()
    upstream.headers = {"Set_Cookie": "session=s3cret", "X_Kept": "yes"}

    async def go() -> str:
        async with replicas(redis.url, upstream) as (one, _):
            await one.read("cus_1", principal="ada@x.example")
        with redis.client() as client:
            keys = client.keys("*")
            assert isinstance(keys, list)
            return repr([(key, client.dump(key)) for key in keys])

    held = asyncio.run(go())
    assert "answer 1" in held
    assert all(secret not in held for secret in ("ada@", "s3cret", "api.demo.example", "secret-token"))


def test_everything_in_redis_goes_by_itself(redis: RedisServer) -> None:
    upstream = Upstream()

    async def go() -> None:
        async with replicas(redis.url, upstream) as (one, _):
            await one.read()
            await one.write("1")
            await one.read()

    asyncio.run(go())
    with redis.client() as client:
        keys = client.keys("punnet:1:{demo}:*")
        assert isinstance(keys, list)
        lives = [client.ttl(key) for key in keys]
    assert len(lives) >= 4
    assert all(0 < int(life) <= 300 for life in lives)


def test_an_answer_that_can_be_confirmed_is_kept_longer_and_confirmed_by_another_replica(redis: RedisServer) -> None:
    upstream = Upstream()
    upstream.headers = {"ETag": '"v1"', "Cache_Control": "max-age=0"}
    seen: list[httpx2.Headers] = []

    async def confirming(sent: httpx2.Request) -> httpx2.Response:
        seen.append(sent.headers)
        return await upstream(sent)

    async def go() -> None:
        async with replicas(redis.url, upstream) as (one, other):
            await one.read()
            other.send = cache(
                replace(setup(SystemClock(), policy=POLICY), answers=other.answers, shared=other.shared)
            )(confirming)
            await other.read()

    asyncio.run(go())
    assert [headers.get("If-None-Match") for headers in seen] == ['"v1"']


def test_the_death_of_redis_fails_no_read_and_no_write_and_what_was_to_be_thrown_out_is_so_later() -> None:
    upstream = Upstream()

    async def go() -> list[tuple[str, str]]:
        with redis_server() as server:
            async with replicas(server.url, upstream) as (one, other):
                reads = [await one.read("1"), await other.read("1")]
                server.kill()
                await one.write("1")
                reads += [await one.read("1"), await one.read("2"), await other.read("1")]
                return reads

    assert asyncio.run(go()) == [
        ("answer 1", "miss"),
        ("answer 1", "hit"),
        ("answer 3", "miss"),
        ("answer 4", "miss"),
        ("answer 5", "miss"),
    ]


def test_an_upstream_that_fails_is_stood_in_for_by_what_another_replica_kept(redis: RedisServer) -> None:
    policy = Policy(cache=CachePolicy(operations={"things.*": OperationCache(stale_if_error_s=60)}))
    upstream = Upstream()

    async def go() -> tuple[str, str]:
        async with replicas(redis.url, upstream, policy=policy) as (one, other):
            await one.read()
            upstream.failing = True
            return await other.read()

    assert asyncio.run(go()) == ("answer 1", "stale")


def test_what_the_upstream_has_said_otherwise_since_is_not_found_by_another_replica(redis: RedisServer) -> None:
    policy = Policy(cache=CachePolicy(operations={"things.*": OperationCache(stale_if_error_s=60)}))
    upstream = Upstream()

    async def go() -> str:
        async with replicas(redis.url, upstream, policy=policy) as (one, other):
            await one.read()
            upstream.headers = {"Cache_Control": "no-store"}
            await one.read()
            upstream.failing = True
            return (await other.read())[1]

    assert asyncio.run(go()) == "miss"
