import asyncio
import gzip

import httpx2
import pytest

from connectors.call import AnswerTooLarge
from connectors.wires import NetworkWire
from connectors.wires.proxied import proxy_for
from tests.connectors.wires.upstream import answering, ok

VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def by_proxy(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[httpx2.Response, str]:
    """An answer through a proxy that is the upstream itself, and what the proxy was asked."""

    async def go() -> tuple[httpx2.Response, str]:
        async with answering(answer) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            monkeypatch.setenv("http_proxy", proxy.url)
            wire = NetworkWire(answer_bytes=1_000, connections=1)
            try:
                response = await wire.send(httpx2.Request("GET", "http://upstream.example/things"))
            finally:
                await wire.close()
            return response, proxy.requests[0]

    return asyncio.run(go())


def test_the_environments_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    response, asked = by_proxy(ok(gzip.compress(b"hello"), "Content-Encoding: gzip"), monkeypatch)

    assert response.content == b"hello"
    assert asked.startswith("GET http://upstream.example/things HTTP/1.1\r\n")
    assert "User-Agent: punnet/" in asked


def test_an_answer_too_large_is_cut_off_behind_a_proxy_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AnswerTooLarge):
        by_proxy(ok(b"x" * 2_000), monkeypatch)


def test_what_is_no_answer_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(httpx2.RemoteProtocolError) as caught:
        by_proxy(b"s3cret\r\n\r\n", monkeypatch)

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "url", "proxied"),
    [
        ("HTTPS_PROXY", "https://api.stripe.example", True),
        ("HTTPS_PROXY", "http://api.stripe.example", False),
        ("ALL_PROXY", "https://api.stripe.example", True),
        ("ALL_PROXY", "http://127.0.0.1:9000", False),
        ("ALL_PROXY", "http://localhost:9000", False),
        ("ALL_PROXY", "http://[::1]:9000", False),
        ("NOTHING", "https://api.stripe.example", False),
    ],
)
def test_the_environment_says_what_goes_through_a_proxy(
    variable: str, url: str, proxied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "http://proxy.example:3128")

    assert proxy_for(httpx2.URL(url)) == ("http://proxy.example:3128" if proxied else None)


@pytest.mark.parametrize("said", ["proxy.example:3128", "http://proxy.example:3128"])
def test_a_proxy_without_a_scheme_is_an_http_proxy(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", said)

    assert proxy_for(httpx2.URL("https://far.example")) == "http://proxy.example:3128"


@pytest.mark.parametrize("said", ["socks5://me:SECRET@proxy.example:1080", "http://", "proxy.example:SECRET"])
def test_what_is_no_http_proxy_is_refused_without_being_shown(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", said)

    with pytest.raises(ValueError, match="ALL_PROXY must be the address of an HTTP proxy") as caught:
        proxy_for(httpx2.URL("https://far.example"))
    assert "SECRET" not in str(caught.value)


def test_what_a_proxy_does_not_let_through_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        async with answering(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            wire = NetworkWire(answer_bytes=1_000, connections=1)
            try:
                await wire.send(httpx2.Request("POST", "https://upstream.example/things"))
            finally:
                await wire.close()

    with pytest.raises(httpx2.ConnectError):
        asyncio.run(go())


def test_hosts_can_be_kept_from_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "intern.example,.near.example")

    wanted = {"intern.example": False, "a.near.example": False, "far.example": True}
    assert {host: proxy_for(httpx2.URL(f"https://{host}/")) is not None for host in wanted} == wanted
