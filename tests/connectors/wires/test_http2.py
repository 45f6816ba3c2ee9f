"""HTTP/2, against granian and against a server that goes by a script."""

import asyncio
import gzip
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from h2.errors import ErrorCodes
from h2.settings import SettingCodes
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from connectors.call import AnswerTooLarge, Call
from connectors.wires import NetworkWire
from tests.connectors.wires.certificates import certified
from tests.connectors.wires.http2_server import served_http2
from tests.connectors.wires.http2_upstream import Http2Upstream, Script, Talk, answering_http2
from tests.connectors.wires.upstream import answering, ok

Steps = Callable[[NetworkWire, Http2Upstream], Awaitable[Any]]


@pytest.fixture(autouse=True)
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The certificate of every server here, which the machine trusts."""
    path = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def run(
    tls: ssl.SSLContext, steps: Steps, *scripts: Script, settings: dict[SettingCodes, int] | None = None, **options: Any
) -> Any:
    """What `steps` gives with a wire and an upstream that goes by those scripts."""

    async def go() -> Any:
        async with answering_http2(*scripts, tls=tls, settings=settings) as upstream:
            wire = NetworkWire(**{"answer_bytes": 1_000_000, "connections": 100, "http2": True, **options})
            try:
                return await steps(wire, upstream)
            finally:
                await wire.close()

    return asyncio.run(go())


def fetched(tls: ssl.SSLContext, *scripts: Script) -> httpx2.Response:
    async def fetch(wire: NetworkWire, upstream: Http2Upstream) -> httpx2.Response:
        return await wire.send(httpx2.Request("GET", upstream.url + "/things?q=1"))

    response: httpx2.Response = run(tls, fetch, *scripts)
    return response


def answer(content: bytes = b"{}", *headers: tuple[bytes, bytes]) -> Script:
    return lambda talk, stream: talk.answer(stream, content, *headers)


def nothing(talk: Talk, stream: int) -> None:
    """Leave the request open."""


def refuse(talk: Talk, stream: int) -> None:
    talk.h2.reset_stream(stream, ErrorCodes.REFUSED_STREAM)
    talk.flush()


def give_up(talk: Talk, stream: int) -> None:
    talk.h2.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
    talk.flush()


def break_off(talk: Talk, stream: int) -> None:
    """Content for no request."""
    talk.transport.write(b"\0\0\1\0\0\0\0\0\0x")


def hang_up(talk: Talk, stream: int) -> None:
    talk.transport.close()


def end_before(talk: Talk, stream: int) -> None:
    """End the connection, this request not taken."""
    talk.h2.close_connection(last_stream_id=stream - 2)
    talk.flush()


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    if request.url.path == "/large":
        response = Response(b"x" * 300_000)
    else:
        body = await request.body()
        seen = {"version": scope["http_version"], "path": request.url.path, "bytes": len(body)}
        response = JSONResponse({**seen, "headers": dict(request.headers)})
    await response(scope, receive, send)


def test_a_real_server_is_talked_to(certificate: Path) -> None:
    async def talk(url: str) -> list[httpx2.Response]:
        wire = NetworkWire(answer_bytes=1_000_000, connections=200, http2=True)
        try:
            requests = [
                httpx2.Request("POST", f"{url}/{n}", headers={"X-N": f"{n}"}, content=b"x" * n * 3_000)
                for n in range(100)
            ]
            answers = await asyncio.gather(*(wire.send(request) for request in requests))
            large = await asyncio.gather(*(wire.send(httpx2.Request("GET", f"{url}/large")) for _ in range(100)))
            assert wire.connected == 1
            return [*answers, *large]
        finally:
            await wire.close()

    with served_http2(echo, certificate) as url:
        answers = asyncio.run(talk(url))

    for n, response in enumerate(answers[:100]):
        seen = response.json()
        assert (seen["version"], seen["path"], seen["bytes"]) == ("2", f"/{n}", n * 3_000)
        assert seen["headers"]["x-n"] == str(n)
        assert seen["headers"]["user-agent"].startswith("punnet/")
    assert {len(response.content) for response in answers[100:]} == {300_000}


def test_an_upstream_without_it_is_talked_to_as_ever(tls: ssl.SSLContext) -> None:
    async def go() -> tuple[int, set[bytes]]:
        async with answering(ok(b"plain"), tls=tls) as upstream:
            wire = NetworkWire(answer_bytes=1_000, connections=10, http2=True)
            try:
                sent = [wire.send(httpx2.Request("GET", upstream.url)) for _ in range(10)]
                answers = {response.content for response in await asyncio.gather(*sent)}
                return upstream.connections, answers
            finally:
                await wire.close()

    connections, answers = asyncio.run(go())
    assert (1 < connections <= 10, answers) == (True, {b"plain"})


def test_it_is_not_offered_unless_wanted(tls: ssl.SSLContext) -> None:
    async def get(wire: NetworkWire, upstream: Http2Upstream) -> None:
        await wire.send(httpx2.Request("GET", upstream.url))

    with pytest.raises(httpx2.TransportError):
        run(tls, get, answer(), http2=False)


def test_requests_share_a_connection_from_the_first_on(tls: ssl.SSLContext) -> None:
    async def many(wire: NetworkWire, upstream: Http2Upstream) -> tuple[int, int]:
        await asyncio.gather(*(wire.send(httpx2.Request("GET", upstream.url)) for _ in range(50)))
        await wire.send(httpx2.Request("GET", upstream.url))
        return upstream.connections, len(upstream.requests)

    assert run(tls, many, answer()) == (1, 51)


def test_a_request_has_a_head_as_http2_wants_it(tls: ssl.SSLContext) -> None:
    async def get(wire: NetworkWire, upstream: Http2Upstream) -> dict[bytes, bytes]:
        headers = {"X-Kind": "Test", "Connection": "keep-alive", "Transfer-Encoding": "chunked"}
        await wire.send(httpx2.Request("DELETE", upstream.url + "/a%20b?q=1", headers=headers))
        head = upstream.requests[0]
        assert head.pop(b":authority").decode() == upstream.url.removeprefix("https://")
        return head

    assert run(tls, get, answer()) == {
        b":method": b"DELETE",
        b":scheme": b"https",
        b":path": b"/a%20b?q=1",
        b"x-kind": b"Test",
        b"user-agent": b"punnet/0.1",
        b"accept-encoding": b"gzip, br, zstd",
    }


@pytest.mark.parametrize("value", ["a\r\nx-injected: 1", "a\nb", "a\rb", "a\0b"])
def test_a_header_cannot_smuggle_another(value: str, tls: ssl.SSLContext) -> None:
    async def get(wire: NetworkWire, upstream: Http2Upstream) -> int:
        with pytest.raises(httpx2.LocalProtocolError):
            await wire.send(httpx2.Request("GET", upstream.url, headers={"X-Name": value}))
        await wire.send(httpx2.Request("GET", upstream.url))
        return len(upstream.requests)

    assert run(tls, get, answer()) == 1


def test_a_packed_answer_comes_unpacked(tls: ssl.SSLContext) -> None:
    response = fetched(tls, answer(gzip.compress(b'{"n": 1}'), (b"content-encoding", b"gzip"), (b"etag", b"x")))

    assert (response.json(), response.headers["etag"], "content-encoding" in response.headers) == ({"n": 1}, "x", False)


@pytest.mark.parametrize("content", [b"x" * 1_000_001, gzip.compress(b"0" * 1_000_001)])
def test_an_answer_too_large_is_cut_off_and_harms_no_other(content: bytes, tls: ssl.SSLContext) -> None:
    async def both(wire: NetworkWire, upstream: Http2Upstream) -> tuple[bytes, int]:
        with pytest.raises(AnswerTooLarge):
            await wire.send(httpx2.Request("GET", upstream.url))
        response = await wire.send(httpx2.Request("GET", upstream.url))
        return response.content, upstream.connections

    coding = (b"content-encoding", b"gzip") if content[:1] != b"x" else (b"x-coding", b"none")
    assert run(tls, both, answer(content, coding), answer(b"fine")) == (b"fine", 1)


def test_what_the_upstream_sends_in_all_may_be_more_than_its_window(tls: ssl.SSLContext) -> None:
    async def many(wire: NetworkWire, upstream: Http2Upstream) -> int:
        total = 0
        for _ in range(30):
            total += len((await wire.send(httpx2.Request("GET", upstream.url))).content)
        return total

    assert run(tls, many, answer(b"x" * 900_000)) == 27_000_000


def test_a_large_request_goes_as_fast_as_the_upstream_takes_it(tls: ssl.SSLContext) -> None:
    async def post(wire: NetworkWire, upstream: Http2Upstream) -> int:
        await wire.send(httpx2.Request("POST", upstream.url, content=b"x" * 1_000_000))
        return len(upstream.bodies[0])

    assert run(tls, post, answer()) == 1_000_000


def test_no_more_requests_are_under_way_than_the_upstream_allows(tls: ssl.SSLContext) -> None:
    def later(talk: Talk, stream: int) -> None:
        asyncio.get_running_loop().call_later(0.01, talk.answer, stream)

    async def many(wire: NetworkWire, upstream: Http2Upstream) -> tuple[int, int]:
        await wire.send(httpx2.Request("GET", upstream.url))
        await asyncio.gather(*(wire.send(httpx2.Request("GET", upstream.url)) for _ in range(20)))
        return upstream.most_at_once, upstream.connections

    assert run(tls, many, later, settings={SettingCodes.MAX_CONCURRENT_STREAMS: 3}) == (3, 1)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("refusal", [refuse, end_before])
def test_what_the_upstream_did_not_take_is_sent_again(refusal: Script, method: str, tls: ssl.SSLContext) -> None:
    async def two(wire: NetworkWire, upstream: Http2Upstream) -> tuple[bytes, int]:
        await wire.send(httpx2.Request("GET", upstream.url))
        response = await wire.send(httpx2.Request(method, upstream.url))
        return response.content, len(upstream.requests)

    assert run(tls, two, answer(), refusal, answer(b"taken")) == (b"taken", 3)


def test_what_is_refused_for_good_counts_as_not_sent(tls: ssl.SSLContext) -> None:
    async def one(wire: NetworkWire, upstream: Http2Upstream) -> bool:
        request = httpx2.Request("POST", upstream.url)
        with pytest.raises(httpx2.ReadError):
            await wire.send(request)
        sent: bool = request.extensions["sent"]
        return sent

    assert run(tls, one, refuse) is False


@pytest.mark.parametrize(
    ("call", "sent"),
    [
        (Call(operation="things.make", safe=False), 2),
        (Call(operation="things.make", safe=False, idempotency_key="once"), 3),
        (Call(operation="things.search", safe=True), 3),
    ],
)
def test_what_crossed_with_a_hang_up_is_sent_again_where_that_is_safe(
    call: Call, sent: int, tls: ssl.SSLContext
) -> None:
    async def two(wire: NetworkWire, upstream: Http2Upstream) -> int:
        await wire.send(httpx2.Request("GET", upstream.url))
        try:
            await wire.send(httpx2.Request("POST", upstream.url, extensions={"call": call}))
        except httpx2.ReadError:
            assert not call.repeatable
        return len(upstream.requests)

    assert run(tls, two, answer(), hang_up, answer()) == sent


def test_answers_under_way_still_come_when_the_upstream_ends_the_connection(tls: ssl.SSLContext) -> None:
    held: list[int] = []

    def hold(talk: Talk, stream: int) -> None:
        held.append(stream)

    def end_after(talk: Talk, stream: int) -> None:
        talk.h2.close_connection(last_stream_id=stream)
        talk.flush()
        talk.h2.state_machine.state = talk.h2.state_machine.state.SERVER_OPEN
        for each in (*held, stream):
            talk.answer(each, b"late")

    async def three(wire: NetworkWire, upstream: Http2Upstream) -> tuple[list[bytes], int]:
        first, second = await asyncio.gather(*(wire.send(httpx2.Request("POST", upstream.url)) for _ in range(2)))
        third = await wire.send(httpx2.Request("GET", upstream.url))
        return [first.content, second.content, third.content], upstream.connections

    assert run(tls, three, hold, end_after, answer(b"new")) == ([b"late", b"late", b"new"], 2)


@pytest.mark.parametrize("trouble", [give_up, break_off])
def test_a_broken_answer_is_an_error(trouble: Script, tls: ssl.SSLContext) -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        fetched(tls, trouble)


def test_an_answer_that_is_cut_off_is_an_error(tls: ssl.SSLContext) -> None:
    def cut(talk: Talk, stream: int) -> None:
        talk.answer(stream, b"half", end=False)
        talk.transport.close()

    with pytest.raises(httpx2.RemoteProtocolError):
        fetched(tls, cut)


def test_a_cancelled_call_gives_up_its_request_and_leaves_the_connection(tls: ssl.SSLContext) -> None:
    async def cancelled(wire: NetworkWire, upstream: Http2Upstream) -> tuple[int, list[int]]:
        await wire.send(httpx2.Request("GET", upstream.url))
        call = asyncio.ensure_future(wire.send(httpx2.Request("GET", upstream.url)))
        await upstream.asked_twice.wait()
        other = await wire.send(httpx2.Request("GET", upstream.url))
        call.cancel()
        await asyncio.wait([call])
        await asyncio.wait_for(upstream.reset.wait(), 5)
        assert (call.cancelled(), other.content) == (True, b"{}")
        return upstream.connections, upstream.resets

    assert run(tls, cancelled, answer(), nothing, answer()) == (1, [3])


def test_a_connection_on_which_nothing_comes_any_more_is_left(tls: ssl.SSLContext) -> None:
    async def silent(wire: NetworkWire, upstream: Http2Upstream) -> int:
        await wire.send(httpx2.Request("GET", upstream.url))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await wire.send(httpx2.Request("GET", upstream.url))
        await wire.send(httpx2.Request("GET", upstream.url))
        return upstream.connections

    assert run(tls, silent, answer(), nothing, answer()) == 2


def test_a_connection_that_nobody_uses_is_closed(tls: ssl.SSLContext) -> None:
    async def unused(wire: NetworkWire, upstream: Http2Upstream) -> tuple[int, int]:
        await wire.send(httpx2.Request("GET", upstream.url))
        before = wire.connected
        for _ in range(500):
            if not wire.connected:
                break
            await asyncio.sleep(0.01)
        return before, wire.connected

    assert run(tls, unused, answer(), idle_s=0.05) == (1, 0)


def test_closing_the_wire_ends_what_is_under_way(tls: ssl.SSLContext) -> None:
    async def closed(wire: NetworkWire, upstream: Http2Upstream) -> None:
        call = asyncio.ensure_future(wire.send(httpx2.Request("GET", upstream.url)))
        await upstream.asked.wait()
        await wire.close()
        with pytest.raises(httpx2.ReadError):
            await call

    run(tls, closed, nothing)
