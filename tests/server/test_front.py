"""Connections as bytes: the shortcut in front of ASGI, and bounds on slow and endless requests."""

import asyncio
import json
import socket
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from server import front, serving
from server.front import Pending, Shortcut, Taker
from server.replies import Headers, Response
from tests.server.toy import toy_app
from tests.serving import served

CLOSE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def post(body: bytes, *fields: str, path: str = "/graphql") -> bytes:
    head = (f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *fields)
    return "\r\n".join((*head, f"Content-Length: {len(body)}", "", "")).encode() + body


def asked(query: str, *fields: str) -> bytes:
    return post(json.dumps({"query": query}).encode(), *fields)


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=20) as connection:
        yield connection


def talked(url: str, *sent: bytes, pause_s: float = 0.0) -> bytes:
    """All that comes back until the server closes the connection."""
    with connected(url) as connection:
        for part in sent:
            connection.sendall(part)
            time.sleep(pause_s)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def bodies(answer: bytes) -> list[Any]:
    """The JSON in the responses, in their order."""
    found = []
    while answer:
        head, _, rest = answer.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        found.append(json.loads(rest[:length]))
        answer = rest[length:]
    return found


class App:
    """An app with a shortcut that offers `take` all requests. `through` are the bodies that came by the way of ASGI."""

    def __init__(self, take: Taker) -> None:
        self.shortcut: Shortcut = lambda headers: take
        self.through: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                break
        self.through.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
        await send({"type": "http.response.body", "body": b"0"})


def pending(work: Coroutine[Any, Any, Response], *, abandoned: bool = True) -> Pending:
    def respond(task: "asyncio.Future[Response]") -> Response | None:
        return None if task.cancelled() else task.result()

    return Pending(asyncio.ensure_future(work), respond, abandoned)


def one(body: bytes) -> Response:
    return Response(200, ((b"content-length", b"%d" % len(body)),), body)


def test_what_the_shortcut_takes_never_comes_to_the_app_and_what_it_leaves_comes_whole() -> None:
    def take(body: bytes) -> Response | None:
        return one(b"1") if body == b"mine" else None

    app = App(take)
    with served(app) as url, httpx2.Client(base_url=url) as client:
        answers = [client.post("/graphql", content=body).text for body in (b"mine", b"yours", b"mine")]

    assert answers == ["1", "0", "1"]
    assert app.through == [b"yours"]


@pytest.mark.parametrize(
    "request_",
    [
        post(b"mine", path="/graphql?x=1"),
        post(b"mine", "Connection: close"),
        post(b"x" * (front.SHORT_BYTES + 1)),
        CLOSE,
    ],
    ids=["query", "close", "large", "get"],
)
def test_other_requests_go_the_way_of_asgi(request_: bytes) -> None:
    app = App(lambda body: one(b"1"))
    with served(app) as url:
        answer = talked(url, request_, b"" if b"close" in request_ else CLOSE)

    assert set(bodies(answer)) == {0}
    assert app.through[0] == request_.partition(b"\r\n\r\n")[2]


def test_responses_keep_the_order_of_the_requests_however_long_each_takes() -> None:
    def take(body: bytes) -> Response | Pending | None:
        async def late() -> Response:
            await asyncio.sleep(0.05)
            return one(body)

        return pending(late()) if body == b"1" else one(body)

    with served(App(take)) as url:
        answer = talked(url, post(b"1") + post(b"2") + post(b"1") + CLOSE)

    assert bodies(answer) == [1, 0, 0, 0]


def test_a_head_that_comes_again_is_not_read_again_and_its_requests_are_answered_like_the_first() -> None:
    heads = 0

    class Counting(App):
        def __init__(self) -> None:
            super().__init__(lambda body: None if body == b"app" else one(b'"%b"' % body))
            offer = self.shortcut

            def shortcut(headers: Headers) -> Taker | None:
                nonlocal heads
                heads += 1
                return offer(headers)

            self.shortcut = shortcut

    app = Counting()
    sent = [post(b"one"), post(b"two"), post(b"app"), post(b"six"), post(b"four"), post(b"two") + post(b"six"), CLOSE]
    with served(app) as url:
        answer = talked(url, *sent, pause_s=0.05)

    assert bodies(answer) == ["one", "two", 0, "six", "four", "two", "six", 0]
    assert app.through == [b"app", b""]
    assert heads == 5  # of the first, the one left to the app, the longer one, and the two that came together


def test_a_head_that_comes_again_with_less_behind_it_waits_for_the_rest() -> None:
    again, other = post(b"two"), post(b"six", "X-More: 1")
    with served(App(lambda body: one(b'"%b"' % body))) as url:
        answer = talked(url, post(b"one"), again[:-2], again[-2:] + other[:50], other[50:], CLOSE, pause_s=0.05)

    assert bodies(answer) == ["one", "two", "six", 0]


def test_a_connection_that_nobody_uses_is_closed_and_one_in_use_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "IDLE_S", 0.5)

    def take(body: bytes) -> Pending:
        async def late() -> Response:
            await asyncio.sleep(0.7)
            return one(body)

        return pending(late())

    with served(App(take)) as url:
        began = time.monotonic()
        answer = talked(url, post(b"1"), post(b"2"), pause_s=0.75)
        lasted_s = time.monotonic() - began

    assert bodies(answer) == [1, 2]
    assert lasted_s > 1.9


def test_a_connection_that_becomes_a_websocket_is_not_closed_as_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "IDLE_S", 0.3)
    upgrade = (
        b"GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    )

    with served(toy_app()) as url, connected(url) as connection:
        connection.sendall(asked("{ echo }"))
        connection.recv(65_536)
        connection.sendall(upgrade)
        answer = connection.recv(65_536)
        connection.settimeout(0.6)
        with pytest.raises(TimeoutError):
            connection.recv(1)

    assert answer.startswith(b"HTTP/1.1 101 ")


def test_a_body_may_come_in_pieces_and_in_chunks() -> None:
    whole = asked("{ echo }")
    chunked = (
        b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n9\r\n" + b'{"query":' + b'\r\na\r\n"{ echo }"\r\n1\r\n}\r\n0\r\n\r\n'
    )

    with served(toy_app()) as url:
        answer = talked(url, whole[:30], whole[30:-5], whole[-5:], chunked, CLOSE, pause_s=0.02)

    assert bodies(answer)[:2] == [{"data": {"echo": "hello"}}] * 2


@pytest.mark.parametrize("abandoned", [True, False])
def test_work_is_given_up_with_its_client_only_if_nobody_needs_it(abandoned: bool) -> None:
    seen: list[str] = []

    def take(body: bytes) -> Pending:
        async def work() -> Response:
            seen.append("begun")
            try:
                await asyncio.sleep(0.2)
            except asyncio.CancelledError:
                seen.append("given up")
                raise
            seen.append("done")
            return one(b"1")

        return pending(work(), abandoned=abandoned)

    with served(App(take)) as url:
        with connected(url) as connection:
            connection.sendall(post(b"1"))
            for _ in range(1000):
                if seen:
                    break
                time.sleep(0.005)
        for _ in range(1000):
            if len(seen) > 1:
                break
            time.sleep(0.005)

    assert seen == ["begun", "given up" if abandoned else "done"]


def test_who_sends_a_head_without_end_is_told_and_cut_off() -> None:
    with served(toy_app()) as url:
        answer = talked(url, b"POST /graphql HTTP/1.1\r\nX-Long: ", b"x" * front.MAX_HEAD_BYTES)

    assert answer.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"", b""),
        (b"POST /graphql HTTP/1.1\r\nHost: loc", b"HTTP/1.1 408 "),
        (asked("{ echo }")[:-3], b"HTTP/1.1 408 "),
        (post(b"{", path="/healthz")[:-1], b"HTTP/1.1 405 "),
    ],
    ids=["nothing", "half a head", "half a body", "half a body elsewhere"],
)
def test_who_keeps_us_waiting_is_cut_off(sent: bytes, told: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "PATIENCE_S", 0.1)

    with served(toy_app()) as url:
        answer = talked(url, sent)

    assert answer.startswith(told)
    assert answer.count(b"HTTP/1.1") == bool(told)


def test_a_slow_answer_is_not_taken_for_a_slow_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "PATIENCE_S", 0.1)

    def take(body: bytes) -> Pending:
        async def late() -> Response:
            await asyncio.sleep(0.4)
            return one(b"1")

        return pending(late())

    with served(App(take)) as url:
        answer = talked(url, post(b"1") + CLOSE)

    assert bodies(answer) == [1, 0]


def test_the_shortcut_answers_as_asgi_does() -> None:
    queries = ["{ echo }", "{ echo", "{ nothing }", "mutation { change }", "subscription { toyWordSaid }"]
    with served(toy_app()) as url:
        short = bodies(talked(url, *(asked(query) for query in queries), CLOSE))
        long = bodies(talked(url, *(asked(query, "X-Punnet-Plan: 0") for query in queries), CLOSE))

    assert short == long
    assert len(short) == len(queries) + 1
