"""Addresses that users gave us, on real sockets."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiohappyeyeballs import AddrInfoType

from connectors.address import Origin
from connectors.call import AnswerTooLarge
from connectors.wires import GuardedWire
from connectors.wires.guard import AddressRefused
from tests.connectors.wires.certificates import certified
from tests.connectors.wires.upstream import Upstream, answering, ok

HOST = "hooks.example"


class Resolver:
    """A name server that says what a test says, something else every time; the last answer stays."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, origin: Origin) -> Sequence[AddrInfoType]:
        _, host, port = origin
        self.asked.append(host)
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


def called(
    folder: Path,
    resolver: Resolver,
    steps: Callable[[GuardedWire, Upstream, str], Awaitable[Any]],
    *answers: bytes | None,
    **options: Any,
) -> Any:
    """What `steps` gives with a wire, an upstream on this machine and its address under the name `HOST`."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "certificate.pem")

    async def go() -> Any:
        async with answering(*answers, tls=tls) as upstream:
            wire = GuardedWire(**{"answer_bytes": 1_000, "allow_private": True, "resolve": resolver, **options})
            try:
                return await steps(wire, upstream, upstream.url.replace("127.0.0.1", HOST))
            finally:
                await wire.close()

    return asyncio.run(go())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the upstream's certificate is, which the machine trusts and which is for `HOST`."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certified(tmp_path, host=HOST)))
    return tmp_path


async def post(wire: GuardedWire, upstream: Upstream, url: str) -> httpx2.Response:
    return await wire.send(httpx2.Request("POST", url + "/hook", content=b"{}"))


async def get(wire: GuardedWire, upstream: Upstream, url: str) -> httpx2.Response:
    return await wire.get(url + "/start")


def redirect(status: int, location: str) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


def test_the_connection_goes_to_the_address_that_was_checked(folder: Path) -> None:
    resolver = Resolver("127.0.0.1", "169.254.169.254")

    response = called(folder, resolver, post, ok(b"taken"))

    assert (response.content, resolver.asked) == (b"taken", [HOST])


def test_a_name_that_rebinds_is_refused_when_it_is_looked_up_again(folder: Path) -> None:
    async def twice(wire: GuardedWire, upstream: Upstream, url: str) -> int:
        await post(wire, upstream, url)
        with pytest.raises(AddressRefused):
            await post(wire, upstream, url)
        return len(upstream.requests)

    assert called(folder, Resolver("127.0.0.1", "169.254.169.254"), twice, ok(b"{}", "Connection: close")) == 1


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0"])
def test_nothing_is_sent_to_an_address_that_is_not_public(address: str, folder: Path) -> None:
    async def refused(wire: GuardedWire, upstream: Upstream, url: str) -> int:
        with pytest.raises(AddressRefused):
            await post(wire, upstream, url)
        return upstream.connections

    assert called(folder, Resolver(address), refused, ok(), allow_private=False) == 0


def test_the_certificate_must_be_for_the_name_and_not_for_the_address(folder: Path) -> None:
    async def other(wire: GuardedWire, upstream: Upstream, url: str) -> None:
        await post(wire, upstream, url.replace(HOST, "other.example"))

    with pytest.raises(httpx2.ConnectError):
        called(folder, Resolver("127.0.0.1"), other, ok())


def test_no_proxy_is_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)

    assert called(folder, Resolver("127.0.0.1"), post, ok(b"taken")).content == b"taken"


def test_a_redirect_is_an_answer_to_what_is_sent(folder: Path) -> None:
    response = called(folder, Resolver("127.0.0.1"), post, redirect(307, "https://127.0.0.1/"))

    assert response.status_code == 307


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_description_may_have_moved(status: int, folder: Path) -> None:
    async def moved(wire: GuardedWire, upstream: Upstream, url: str) -> tuple[bytes, list[str]]:
        response = await wire.get(url + "/start")
        return response.content, [request.partition(" HTTP")[0] for request in upstream.requests]

    content, asked = called(folder, Resolver("127.0.0.1"), moved, redirect(status, "/further?a=b"), ok(b"here"))

    assert (content, asked) == (b"here", ["GET /start", "GET /further?a=b"])


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "//169.254.169.254/",
        "https://2852039166/",
        "https://0xa9fea9fe/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://[fe80::1]/",
        "https://me@hooks.example/",
        "https://hooks.example:99999/",
        "https://[",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_",
    ],
)
def test_a_redirect_leads_nowhere_else_than_a_first_address(location: str, folder: Path) -> None:
    async def lookup(origin: Origin) -> Sequence[AddrInfoType]:
        _, host, port = origin
        address = "127.0.0.1" if host == HOST else host
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    async def refused(wire: GuardedWire, upstream: Upstream, url: str) -> int:
        with pytest.raises(AddressRefused):
            await wire.get(url + "/start")
        return len(upstream.requests)

    resolver = Resolver()
    assert called(folder, resolver, refused, redirect(302, location), ok(), resolve=lookup) == 1


def test_a_name_that_rebinds_between_redirects_is_refused(folder: Path) -> None:
    async def refused(wire: GuardedWire, upstream: Upstream, url: str) -> int:
        with pytest.raises(AddressRefused):
            await wire.get(url + "/start")
        return len(upstream.requests)

    closing = redirect(302, "/next").replace(b"Moved\r\n", b"Moved\r\nConnection: close\r\n")
    assert called(folder, Resolver("127.0.0.1", "169.254.169.254"), refused, closing, ok()) == 1


def test_redirects_have_an_end(folder: Path) -> None:
    async def endless(wire: GuardedWire, upstream: Upstream, url: str) -> int:
        with pytest.raises(AddressRefused):
            await wire.get(url + "/start", redirects=3)
        return len(upstream.requests)

    assert called(folder, Resolver("127.0.0.1"), endless, redirect(302, "/start")) == 4


def test_an_answer_that_does_not_come_ends_with_the_time(folder: Path) -> None:
    with pytest.raises(TimeoutError):
        called(folder, Resolver("127.0.0.1"), get, b"", timeout_s=0.2)


def test_an_answer_that_is_too_large_is_cut_off(folder: Path) -> None:
    with pytest.raises(AnswerTooLarge):
        called(folder, Resolver("127.0.0.1"), get, ok(b"x" * 2_000))
