"""What becomes of a call whose time runs out, on real sockets: whether it was sent decides."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import httpx2
import pytest

from connectors.call import Call, Scope
from connectors.clock import SystemClock
from connectors.errors import OutcomeUnknown, UpstreamError, UpstreamTimeout
from connectors.pipeline import pipeline
from connectors.pipeline.judge import Congested, NotSent
from connectors.policy import Policy, RetryPolicy
from connectors.request import made
from connectors.wires import NetworkWire
from tests.connectors.wires.upstream import answering
from tests.wire import setup

READ, WRITE = Call(operation="things.list", safe=True), Call(operation="things.make", safe=False)


@asynccontextmanager
async def deaf() -> AsyncIterator[str]:
    """An upstream that takes no connection: its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            for client in waiting:
                client.close()


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """An upstream that takes requests and does not answer."""
    async with answering(b"") as upstream:
        yield upstream.url


@asynccontextmanager
async def inattentive() -> AsyncIterator[str]:
    """An upstream that takes connections and does not read from them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def failure(
    upstream: Callable[[], AbstractAsyncContextManager[str]],
    call: Call,
    *,
    content: bytes = b"{}",
    busy: bool = False,
    connect_timeout_s: float = 5.0,
    pool_timeout_s: float = 5.0,
) -> type[UpstreamError]:
    """How a call of 0.3 s ends, by a wire with one connection that is `busy` with another call or not."""

    async def go() -> UpstreamError:
        async with upstream() as url:
            wire = NetworkWire(
                answer_bytes=1_000, connections=1, connect_timeout_s=connect_timeout_s, pool_timeout_s=pool_timeout_s
            )
            return await failed(wire, url, call, content, busy)

    return type(asyncio.run(go()))


async def failed(wire: NetworkWire, url: str, call: Call, content: bytes, busy: bool) -> UpstreamError:
    policy = Policy(timeout_s=0.3, retry=RetryPolicy(attempts=1))
    send = pipeline(setup(SystemClock(), policy=policy), wire.send)
    other = asyncio.ensure_future(wire.send(httpx2.Request("GET", url))) if busy else None
    await asyncio.sleep(0)
    try:
        await send(made(call, "POST", url, content=content))
    except UpstreamError as error:
        return error
    finally:
        if other:
            other.cancel()
            await asyncio.wait([other])
        await wire.close()
    raise AssertionError("it did not fail")


@pytest.mark.parametrize("call", [READ, WRITE])
@pytest.mark.parametrize("connect_timeout_s", [0.1, 9.0])
def test_without_a_connection_nothing_was_sent(call: Call, connect_timeout_s: float) -> None:
    assert failure(deaf, call, connect_timeout_s=connect_timeout_s) is NotSent


@pytest.mark.parametrize("call", [READ, WRITE])
@pytest.mark.parametrize(("pool_timeout_s", "error"), [(0.1, Congested), (9.0, NotSent)])
def test_without_a_place_among_the_connections_nothing_was_sent(
    call: Call, pool_timeout_s: float, error: type[UpstreamError]
) -> None:
    assert failure(silent, call, busy=True, pool_timeout_s=pool_timeout_s) is error


@pytest.mark.parametrize(("call", "error"), [(READ, UpstreamTimeout), (WRITE, OutcomeUnknown)])
def test_an_answer_that_does_not_come_leaves_a_write_in_doubt(call: Call, error: type[UpstreamError]) -> None:
    assert failure(silent, call) is error


@pytest.mark.parametrize(("call", "error"), [(READ, UpstreamTimeout), (WRITE, OutcomeUnknown)])
def test_a_request_that_is_not_taken_in_full_leaves_a_write_in_doubt(call: Call, error: type[UpstreamError]) -> None:
    assert failure(inattentive, call, content=b"x" * 20_000_000) is error


def test_a_deadline_leaves_a_write_in_doubt_only_where_it_was_sent() -> None:
    soon = Scope(deadline=SystemClock().now() + 0.1)

    assert failure(deaf, replace(WRITE, scope=soon), connect_timeout_s=9.0) is UpstreamTimeout
    later = Scope(deadline=SystemClock().now() + 0.5)
    assert failure(silent, replace(WRITE, scope=later)) is OutcomeUnknown
