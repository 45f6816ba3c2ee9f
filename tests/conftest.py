"""Fixtures that every test may use."""

import gc
import logging
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import structlog
from fastapi.dependencies import models as dependencies

from server import logs
from tests.clock import FakeClock
from tests.postgres import PostgresServer, postgres_server
from tests.redis import RedisServer, redis_server
from tests.serving import settle

FASTAPI_CACHES = [cache for cache in vars(dependencies).values() if hasattr(cache, "cache_clear")]
"""They remember the endpoints of the last thousands of apps, and with them the apps."""


def pytest_runtest_logfinish() -> None:
    """A test's gateways go when it is over."""
    for cache in FASTAPI_CACHES:
        cache.cache_clear()


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call() -> Generator[None]:
    """What servers log of a test's requests is among what the test has written."""
    try:
        return (yield)
    finally:
        settle()


@pytest.fixture(scope="module", autouse=True)
def little_to_collect() -> None:
    """Python's collector does not go through what was there before a module's tests.

    Schemas that know all that they were ever asked, and the like, kept what ran waiting for 6 s.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def log_lines() -> None:
    """Written as the gateway does: structlog's own default would render the variables of every frame of a traceback.

    (`capture_logs` takes that default for a choice of ours, and no gateway after it would change it.)
    """
    logs.configure("json")


@pytest.fixture
def unconfigured_log() -> Iterator[None]:
    """As in a new process; puts it back afterwards."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    structlog.reset_defaults()
    yield
    structlog.configure(**before)
    root.handlers[:], root.level = handlers, level


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


@pytest.fixture(scope="session")
def running_postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each kind there is."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'punnet.sqlite3'}"
    server: PostgresServer = request.getfixturevalue("running_postgres")
    return server.database()
