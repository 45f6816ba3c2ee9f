import asyncio
import gzip
import os
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import brotli  # type: ignore[import-untyped]
import httpx2
import pytest

from connectors.call import AnswerTooLarge, Call
from connectors.wires import NetworkWire
from connectors.wires.connection import Connection
from connectors.wires.message import Unheard
from tests.connectors.wires.upstream import Upstream, answering, ok

Steps = Callable[[NetworkWire, Upstream], Awaitable[Any]]


@asynccontextmanager
async def wired(**options: Any) -> AsyncIterator[NetworkWire]:
    wire = NetworkWire(**{"answer_bytes": 1_000_000, "connections": 2, **options})
    try:
        yield wire
    finally:
        await wire.close()


def run(steps: Steps, *answers: bytes | None, **options: Any) -> Any:
    """What `steps` gives with a wire and an upstream that answers so."""

    async def go() -> Any:
        async with answering(*answers) as upstream, wired(**options) as wire:
            return await steps(wire, upstream)

    return asyncio.run(go())


def fetched(*answers: bytes | None, **options: Any) -> httpx2.Response:
    async def fetch(wire: NetworkWire, upstream: Upstream) -> httpx2.Response:
        return await wire.send(httpx2.Request("GET", upstream.url + "/things?q=1"))

    response: httpx2.Response = run(fetch, *answers, **options)
    return response


def test_a_request_is_sent_as_it_is_and_says_who_sends_it() -> None:
    async def post(wire: NetworkWire, upstream: Upstream) -> str:
        await wire.send(httpx2.Request("POST", upstream.url + "/a%20b?q=1", headers={"X-Kind": "test"}, content=b""))
        return upstream.requests[0]

    first, *headers = run(post, ok()).split("\r\n")
    assert first == "POST /a%20b?q=1 HTTP/1.1"
    assert {"X-Kind: test", "Content-Length: 0", "User-Agent: punnet/0.1"} < set(headers)
    assert "Accept-Encoding: gzip, br, zstd" in headers


def test_a_requests_own_word_on_who_sends_it_is_kept() -> None:
    async def get(wire: NetworkWire, upstream: Upstream) -> str:
        await wire.send(httpx2.Request("GET", upstream.url, headers={"user-agent": "other/1"}))
        return upstream.requests[0]

    head = run(get, ok())
    assert (head.lower().count("user-agent"), "other/1" in head) == (1, True)


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "a\nb", "a\rb", "a\0b"])
def test_a_header_cannot_smuggle_another(value: str) -> None:
    async def get(wire: NetworkWire, upstream: Upstream) -> None:
        with pytest.raises(httpx2.LocalProtocolError):
            await wire.send(httpx2.Request("GET", upstream.url, headers={"X-Name": value}))
        assert upstream.requests == []

    run(get, ok())


@pytest.mark.parametrize(
    "answer",
    [
        ok(b"hello"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Trailer: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nhello",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok(b"hello"),
    ],
)
def test_an_answer_ends_where_http_says(answer: bytes) -> None:
    response = fetched(answer)

    assert (response.status_code, response.content, response.text) == (200, b"hello", "hello")
    assert not {"link", "x-trailer"} & set(response.headers)


@pytest.mark.parametrize("status", [204, 304])
def test_some_answers_have_no_content(status: int) -> None:
    response = fetched(f"HTTP/1.1 {status} None\r\nETag: x\r\n\r\n".encode())

    assert (response.status_code, response.content, response.headers["etag"]) == (status, b"", "x")


def test_an_answer_to_head_has_a_length_and_no_content() -> None:
    async def head(wire: NetworkWire, upstream: Upstream) -> httpx2.Response:
        return await wire.send(httpx2.Request("HEAD", upstream.url))

    assert run(head, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").content == b""


def test_a_redirect_is_an_answer() -> None:
    response = fetched(b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")

    assert (response.status_code, response.headers["location"]) == (302, "/other")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (None, Unheard),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\ncut", httpx2.RemoteProtocolError),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\ncut",
            httpx2.RemoteProtocolError,
        ),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Le", httpx2.RemoteProtocolError),
        (b"SSH-2.0-OpenSSH\r\n", httpx2.RemoteProtocolError),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: upgrade\r\n\r\n",
            httpx2.RemoteProtocolError,
        ),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000, httpx2.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 2_000_000, AnswerTooLarge),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 2_000_000, AnswerTooLarge),
    ],
)
def test_a_broken_answer_is_an_error(answer: bytes | None, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        fetched(answer)
    assert type(caught.value) is error


def test_a_reset_connection_is_a_read_error() -> None:
    async def go() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with wired() as wire:
                call = asyncio.ensure_future(wire.send(httpx2.Request("GET", url)))
                peer, _ = await asyncio.get_running_loop().sock_accept(listener)
                await asyncio.get_running_loop().sock_recv(peer, 1)
                peer.close()
                await call

    with pytest.raises(httpx2.ReadError):
        asyncio.run(go())


def test_a_port_where_nobody_listens_is_a_connection_error() -> None:
    async def go() -> None:
        async with wired() as wire:
            await wire.send(httpx2.Request("GET", "http://127.0.0.1:1/"))

    with pytest.raises(httpx2.ConnectError):
        asyncio.run(go())


def test_a_host_that_does_not_exist_is_a_connection_error() -> None:
    async def go() -> None:
        async with wired() as wire:
            await wire.send(httpx2.Request("GET", "http://nowhere.invalid/"))

    with pytest.raises((httpx2.ConnectError, httpx2.ConnectTimeout)):
        asyncio.run(go())


def test_a_connection_that_does_not_come_about_times_out() -> None:
    async def go() -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            waiting = [socket.socket() for _ in range(3)]
            for client in waiting:
                client.setblocking(False)
                client.connect_ex(listener.getsockname())
            try:
                async with wired(connect_timeout_s=0.2) as wire:
                    await wire.send(httpx2.Request("GET", f"http://127.0.0.1:{listener.getsockname()[1]}"))
            finally:
                for client in waiting:
                    client.close()

    with pytest.raises(httpx2.ConnectTimeout):
        asyncio.run(go())


def test_connections_are_used_again() -> None:
    async def three(wire: NetworkWire, upstream: Upstream) -> int:
        for _ in range(3):
            await wire.send(httpx2.Request("GET", upstream.url))
        return upstream.connections

    assert run(three, ok()) == 1


@pytest.mark.parametrize(
    "first",
    [ok(b"{}", "Connection: close"), ok() + b"HTTP/1.1 200 OK\r\n", ok() + ok(b"stolen"), b"HTTP/1.0 204 Gone\r\n\r\n"],
)
def test_a_connection_that_cannot_be_trusted_is_not_used_again(first: bytes) -> None:
    async def two(wire: NetworkWire, upstream: Upstream) -> tuple[int, bytes]:
        await wire.send(httpx2.Request("GET", upstream.url))
        response = await wire.send(httpx2.Request("GET", upstream.url))
        return upstream.connections, response.content

    assert run(two, first, ok(b"second")) == (2, b"second")


def test_a_connection_that_the_upstream_closed_meanwhile_is_replaced() -> None:
    async def two(wire: NetworkWire, upstream: Upstream) -> int:
        await wire.send(httpx2.Request("GET", upstream.url))
        await asyncio.sleep(0.05)
        await wire.send(httpx2.Request("GET", upstream.url))
        return upstream.connections

    closes_without_saying_so = ok(b"{}", "X-Server-Does: Connection: close")
    assert run(two, closes_without_saying_so, ok()) == 2


def test_no_more_connections_than_allowed_are_used_at_a_time() -> None:
    async def many(wire: NetworkWire, upstream: Upstream) -> int:
        await asyncio.gather(*(wire.send(httpx2.Request("GET", upstream.url)) for _ in range(20)))
        return upstream.connections

    assert run(many, ok(), connections=3) <= 3


def test_waiting_too_long_for_a_connection_is_a_pool_timeout() -> None:
    async def two(wire: NetworkWire, upstream: Upstream) -> None:
        first = asyncio.ensure_future(wire.send(httpx2.Request("GET", upstream.url)))
        await asyncio.sleep(0)
        try:
            with pytest.raises(httpx2.PoolTimeout):
                await wire.send(httpx2.Request("GET", upstream.url))
            assert len(upstream.requests) == 1
        finally:
            first.cancel()

    run(two, b"", connections=1, pool_timeout_s=0.1)


def test_a_cancelled_call_closes_its_connection_and_frees_its_place() -> None:
    async def cancelled(wire: NetworkWire, upstream: Upstream) -> tuple[int, bytes]:
        call = asyncio.ensure_future(wire.send(httpx2.Request("GET", upstream.url)))
        await upstream.asked.wait()
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        response = await wire.send(httpx2.Request("GET", upstream.url))
        await upstream.left.wait()
        return upstream.connections, response.content

    assert run(cancelled, b"", ok(b"next"), connections=1) == (2, b"next")


def test_closing_the_wire_ends_what_is_under_way() -> None:
    async def closed(wire: NetworkWire, upstream: Upstream) -> None:
        call = asyncio.ensure_future(wire.send(httpx2.Request("GET", upstream.url)))
        await upstream.asked.wait()
        await wire.close()
        with pytest.raises(Unheard):
            await call

    run(closed, b"")


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress)])
def test_a_packed_answer_comes_unpacked(coding: str, pack: Callable[[bytes], bytes]) -> None:
    response = fetched(ok(pack(b'{"n": 1}'), f"Content-Encoding: {coding}", "Content-Type: application/json"))

    assert (response.json(), response.headers["content-type"]) == ({"n": 1}, "application/json")
    assert not {"content-encoding", "content-length"} & set(response.headers)


def test_an_answer_too_large_when_unpacked_is_cut_off() -> None:
    with pytest.raises(AnswerTooLarge):
        fetched(ok(gzip.compress(b"0" * 10_000_000), "Content-Encoding: gzip"))


def test_an_answer_that_cannot_be_unpacked_is_not_http() -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        fetched(ok(b"plain", "Content-Encoding: gzip"))


def test_headers_are_read_whatever_their_letters() -> None:
    assert fetched(ok(b"{}", "X-Name: Zo\xeb")).headers["x-name"] == "Zoë"


def test_a_read_that_crosses_with_the_upstreams_hanging_up_is_sent_again() -> None:
    async def two(wire: NetworkWire, upstream: Upstream) -> tuple[int, int, bytes]:
        await wire.send(httpx2.Request("GET", upstream.url))
        response = await wire.send(httpx2.Request("GET", upstream.url))
        return upstream.connections, len(upstream.requests), response.content

    assert run(two, ok(), None, ok(b"again")) == (2, 3, b"again")


def test_it_is_sent_again_once() -> None:
    async def two(wire: NetworkWire, upstream: Upstream) -> int:
        await wire.send(httpx2.Request("GET", upstream.url))
        with pytest.raises(Unheard):
            await wire.send(httpx2.Request("GET", upstream.url))
        return len(upstream.requests)

    assert run(two, ok(), None) == 3


def test_it_is_not_sent_again_once_its_answer_has_begun() -> None:
    async def two(wire: NetworkWire, upstream: Upstream) -> int:
        await wire.send(httpx2.Request("GET", upstream.url))
        with pytest.raises(httpx2.RemoteProtocolError):
            await wire.send(httpx2.Request("GET", upstream.url))
        return len(upstream.requests)

    assert run(two, ok(), b"HTTP/1.1 200 OK\r\nX-Now: Connection: close\r\n", ok()) == 2


@pytest.mark.parametrize(
    ("call", "sent"),
    [
        (None, 2),
        (Call(operation="things.make", safe=False), 2),
        (Call(operation="things.make", safe=False, idempotency_key="once"), 3),
        (Call(operation="things.search", safe=True), 3),
    ],
)
def test_a_write_is_sent_again_only_where_the_upstream_knows_it_again(call: Call | None, sent: int) -> None:
    async def two(wire: NetworkWire, upstream: Upstream) -> int:
        await wire.send(httpx2.Request("GET", upstream.url))
        with suppress(Unheard):
            extensions = {"call": call} if call else {}
            await wire.send(httpx2.Request("POST", upstream.url, content=b"", extensions=extensions))
        return len(upstream.requests)

    assert run(two, ok(), None, ok()) == sent


def test_a_write_that_was_sent_is_in_doubt_even_where_no_new_connection_comes_about() -> None:
    async def two(wire: NetworkWire, upstream: Upstream) -> bool:
        await wire.send(httpx2.Request("GET", upstream.url))
        upstream.deafen()
        keyed = {"call": Call(operation="things.make", safe=False, idempotency_key="once")}
        request = httpx2.Request("POST", upstream.url, content=b"", extensions=keyed)
        with pytest.raises(Unheard):
            await wire.send(request)
        return bool(request.extensions["sent"])

    assert run(two, ok(), None)


def test_a_connection_that_the_upstream_is_closing_takes_no_request() -> None:
    async def closing() -> bool:
        connection = Connection(1_000)
        connection.connection_made(asyncio.Transport())
        assert connection.reusable
        connection.eof_received()
        return connection.reusable

    assert not asyncio.run(closing())


def test_whether_a_request_was_sent_is_known_when_it_is_cancelled() -> None:
    async def cancelled(wire: NetworkWire, upstream: Upstream) -> list[bool]:
        requests = [httpx2.Request("POST", upstream.url, content=b"") for _ in range(2)]
        calls = [asyncio.ensure_future(wire.send(request)) for request in requests]
        await upstream.asked.wait()
        for call in calls:
            call.cancel()
        await asyncio.wait(calls)
        return [request.extensions["sent"] for request in requests]

    assert run(cancelled, b"", connections=1) == [True, False]


def test_a_host_that_hangs_keeps_no_other_waiting() -> None:
    async def both(wire: NetworkWire, upstream: Upstream) -> bytes:
        call = asyncio.ensure_future(wire.send(httpx2.Request("GET", upstream.url)))
        await upstream.asked.wait()
        async with answering(ok(b"quick")) as other:
            response = await wire.send(httpx2.Request("GET", other.url))
        call.cancel()
        return response.content

    assert run(both, b"", connections=1) == b"quick"


def test_a_connection_that_nobody_uses_is_closed() -> None:
    async def unused(wire: NetworkWire, upstream: Upstream) -> tuple[int, int]:
        await wire.send(httpx2.Request("GET", upstream.url))
        before = wire.connected
        await asyncio.wait_for(upstream.left.wait(), 5)
        return before, wire.connected

    assert run(unused, ok(), idle_s=0.05) == (1, 0)


def test_whatever_becomes_of_calls_no_socket_is_left() -> None:
    def sockets() -> set[str]:
        return {target for target in map(target_of, os.listdir("/proc/self/fd")) if target.startswith("socket:")}

    def target_of(number: str) -> str:
        try:
            return os.readlink(f"/proc/self/fd/{number}")
        except FileNotFoundError:
            return ""

    async def storm(wire: NetworkWire, upstream: Upstream) -> tuple[int, int]:
        chance = random.Random(7)
        before = len(sockets())

        async def one() -> None:
            call = asyncio.ensure_future(wire.send(httpx2.Request("GET", upstream.url)))
            await asyncio.wait([call], timeout=chance.random() * 0.02)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)

        for _ in range(10):
            await asyncio.gather(*(one() for _ in range(40)))
        await wire.close()
        for _ in range(500):  # the upstream is in this process too, and has to see that we have left
            if len(sockets()) == before:
                break
            await asyncio.sleep(0.01)
        return len(sockets()) - before, wire.connected

    answers = [
        ok(),
        None,
        b"",
        ok(b"{}", "Connection: close"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ncu",
        b"SSH",
    ]

    assert run(storm, *(answers * 70), connections=20) == (0, 0)
