"""Certificates are checked against those whom the machine trusts."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization

from connectors.wires import NetworkWire
from connectors.wires.tls import ClientCertificate
from tests.connectors.wires.certificates import certified
from tests.connectors.wires.upstream import answering, ok


def fetched(
    certificate: Path, times: int = 1, *, client: ClientCertificate | None = None, takes: Path | None = None
) -> tuple[list[bytes], int]:
    """Answers of a server with that certificate, and over how many connections they came.

    The server demands the certificate `takes` of its clients, if that is given.
    """
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    if takes:
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_verify_locations(takes)

    async def go() -> tuple[list[bytes], int]:
        async with answering(ok(b"secret"), tls=tls) as upstream:
            wire = NetworkWire(answer_bytes=1_000, connections=1, certificate=client)
            try:
                answers = [await wire.send(httpx2.Request("GET", upstream.url)) for _ in range(times)]
            finally:
                await wire.close()
            return [answer.content for answer in answers], upstream.connections

    return asyncio.run(go())


def test_a_trusted_certificate_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    assert fetched(certificate, times=3) == ([b"secret"] * 3, 1)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda folder: certified(folder, address="127.0.0.2"), id="for another address"),
        pytest.param(lambda folder: certified(folder, days=-1), id="expired"),
    ],
)
def test_a_certificate_that_does_not_hold_is_refused(
    make: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with pytest.raises(httpx2.ConnectError):
        fetched(certificate)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(httpx2.ConnectError):
        fetched(certified(tmp_path))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The certificate of a server that is trusted."""
    certificate = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


def test_an_upstream_that_asks_who_we_are_is_told(server: Path, tmp_path: Path) -> None:
    ours = certified(tmp_path, file="ours")

    answers, connections = fetched(server, 2, client=ClientCertificate(certificate=str(ours)), takes=ours)

    assert (answers, connections) == ([b"secret"] * 2, 1)


def test_a_key_may_be_in_a_file_of_its_own_under_a_password(server: Path, tmp_path: Path) -> None:
    ours = certified(tmp_path, file="ours")
    key = serialization.load_pem_private_key(ours.read_bytes(), None)
    locked = serialization.BestAvailableEncryption(b"open sesame")
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
    )
    (tmp_path / "chain.pem").write_bytes(b"-----BEGIN CERT" + ours.read_bytes().partition(b"-----BEGIN CERT")[2])
    files = {"certificate": str(tmp_path / "chain.pem"), "key": str(tmp_path / "key.pem")}

    answers, _ = fetched(server, client=ClientCertificate(**files, password="open sesame"), takes=ours)

    assert answers == [b"secret"]
    for wrong in (None, "open barley"):
        with pytest.raises(ssl.SSLError):
            NetworkWire(answer_bytes=1, connections=1, certificate=ClientCertificate(**files, password=wrong))


@pytest.mark.parametrize("with_one", [False, True])
def test_an_upstream_that_does_not_take_us_is_an_error(with_one: bool, server: Path, tmp_path: Path) -> None:
    taken, other = certified(tmp_path, file="taken"), certified(tmp_path, file="other")
    client = ClientCertificate(certificate=str(other)) if with_one else None

    with pytest.raises(httpx2.TransportError):
        fetched(server, client=client, takes=taken)


def test_a_password_is_not_shown() -> None:
    assert "sesame" not in repr(ClientCertificate(certificate="a.pem", password="open sesame"))
