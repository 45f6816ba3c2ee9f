"""Certificates are checked against those whom the machine trusts."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.wires import NetworkWire
from tests.connectors.wires.upstream import answering, ok


def certified(folder: Path, *, address: str = "127.0.0.1", days: int = 1) -> Path:
    """A key and a certificate that vouches for itself, for an address, `days` from now, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "upstream of a test")])
    until = datetime.now(UTC) + timedelta(days=days)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - timedelta(days=10))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def fetched(certificate: Path, times: int = 1) -> tuple[list[bytes], int]:
    """Answers of a server with that certificate, and over how many connections they came."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)

    async def go() -> tuple[list[bytes], int]:
        async with answering(ok(b"secret"), tls=tls) as upstream:
            wire = NetworkWire(answer_bytes=1_000, connections=1)
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
