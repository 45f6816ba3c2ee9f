"""Fixtures that every test may use."""

from collections.abc import Iterator

import pytest

from tests.clock import FakeClock
from tests.redis import RedisServer, redis_server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def running_redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def redis(running_redis: RedisServer) -> RedisServer:
    """A Redis with nothing in it, to be left running. (Who wants to kill one starts one: `redis_server`.)"""
    with running_redis.client() as client:
        client.flushall()
    return running_redis
