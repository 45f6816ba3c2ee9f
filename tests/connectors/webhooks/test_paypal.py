"""PayPal's signatures, by certificates made here: a chain of three as PayPal's is."""

import asyncio
import base64
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

import httpx2
import pytest
from aiohappyeyeballs import AddrInfoType
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from connectors.address import Origin
from connectors.database import Database
from connectors.providers.paypal.webhooks import MOST_CERTIFICATES, REFUSED_S, trusted, webhooks
from connectors.providers.paypal.webhooks import Certificates as Fetched
from connectors.webhooks.delivery import Delivery, Unverified
from connectors.webhooks.office import Office
from connectors.webhooks.sender import Sender
from connectors.webhooks.signatures.paypal import Accept, certificate_url, signer, verify
from connectors.wires import GuardedWire
from connectors.wires.resolver import Resolver
from server.webhooks import Webhooks
from tests.clock import FakeClock
from tests.connectors.webhooks.certificates import LEAF_KEY, NOW, ROOT, certificate, served

URL = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270"
WEBHOOK = "1JE4291016473214C"
BODY = b'{"id": "WH-1", "event_type": "PAYMENT.CAPTURE.COMPLETED"}'


PEM = served()


def signed(time: str = "2026-05-28T20:26:40Z", webhook: str = WEBHOOK) -> Delivery:
    content = f"transmission-1|{time}|{webhook}|{zlib.crc32(BODY)}".encode()
    signature = LEAF_KEY.sign(content, padding.PKCS1v15(), SHA256())
    headers = {
        "paypal-transmission-id": "transmission-1",
        "paypal-transmission-time": time,
        "paypal-transmission-sig": base64.b64encode(signature).decode(),
        "paypal-cert-url": URL,
        "paypal-auth-algo": "SHA256withRSA",
    }
    return Delivery("POST", "https://hooks.april.example/webhooks/paypal", headers, BODY)


class Certificates:
    """Serves certificates, and notes what was fetched."""

    def __init__(self, pem: bytes = PEM) -> None:
        self.fetched: list[str] = []
        self._pem = pem

    async def __call__(self, url: str, accept: Accept) -> RSAPublicKey:
        self.fetched.append(url)
        return accept(self._pem)


def check(delivery: Delivery, *, certificates: Certificates | None = None, now: float = NOW) -> None:
    fetch = certificates or Certificates()
    asyncio.run(verify(delivery, [WEBHOOK], now, fetch=fetch, authorities=[ROOT]))


def test_the_time_is_the_one_that_the_tests_are_about() -> None:
    assert datetime.fromisoformat("2026-05-28T20:26:40Z").timestamp() == NOW


def test_what_paypal_signs_is_accepted() -> None:
    certificates = Certificates()

    check(signed(), certificates=certificates)

    assert certificates.fetched == [URL]


ALTERATIONS: dict[str, Callable[[Delivery], Delivery]] = {
    "a byte of the body": lambda given: replace(given, body=BODY.replace(b"WH-1", b"WH-2")),
    "another webhook's": lambda given: signed(webhook="another"),
    "another id": lambda given: replace(given, headers={**given.headers, "paypal-transmission-id": "2"}),
    "no base64": lambda given: replace(given, headers={**given.headers, "paypal-transmission-sig": "?"}),
    "another algorithm": lambda given: replace(given, headers={**given.headers, "paypal-auth-algo": "none"}),
    "too old": lambda given: signed("2026-05-28T20:21:39Z"),
    "of the future": lambda given: signed("2026-05-28T20:31:41Z"),
    "at no time": lambda given: signed("yesterday"),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_what_is_altered_is_refused(name: str) -> None:
    with pytest.raises(Unverified):
        check(ALTERATIONS[name](signed()))


@pytest.mark.parametrize(
    "url",
    [
        "http://api.paypal.com/cert",
        "https://api.paypal.com.attacker.example/cert",
        "https://apipaypal.com/cert",
        "https://paypal.com@attacker.example/cert",
        "https://user:word@api.paypal.com/cert",
        "https://api.paypal.com:8443/cert",
        "https://127.0.0.1/cert",
        "https://169.254.169.254/.paypal.com",
        "https://[::1]/cert",
        "file:///etc/passwd",
        "//api.paypal.com/cert",
        "https://api.pаypal.com/cert",
        "https://www.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com/v1/notifications/certs/CERT-1?n=1",
        "https://api.paypal.com/v1/notifications/certs/../webhooks",
        "https://api.paypal.com/v1/notifications/certs/%2e%2e%2fwebhooks",
        "https://api.paypal.com/v1/oauth2/token",
        "",
    ],
)
def test_27_a_certificate_elsewhere_is_refused_and_nothing_is_fetched(url: str) -> None:
    certificates = Certificates()
    given = signed()

    with pytest.raises(Unverified):
        check(replace(given, headers={**given.headers, "paypal-cert-url": url}), certificates=certificates)

    assert certificates.fetched == []


@pytest.mark.parametrize("url", [URL, "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1"])
def test_a_certificate_at_paypals_may_be_fetched(url: str) -> None:
    assert certificate_url(url) == url


@pytest.mark.parametrize("name", ["api.paypal.com.attacker.example", "attacker.example"])
def test_a_certificate_for_somebody_else_is_refused(name: str) -> None:
    with pytest.raises(Unverified, match="vouches"):
        check(signed(), certificates=Certificates(served(name)))


def test_a_certificate_that_ran_out_is_refused() -> None:
    with pytest.raises(Unverified, match="vouches"):
        check(signed(), certificates=Certificates(served(days=-1)))


def test_a_certificate_that_no_authority_vouches_for_is_refused() -> None:
    own = certificate("messageverificationcerts.paypal.com", LEAF_KEY, "Nobody", LEAF_KEY, authority=False)

    with pytest.raises(Unverified, match="vouches"):
        check(signed(), certificates=Certificates(own.public_bytes(Encoding.PEM)))


@pytest.mark.parametrize("pem", [b"", b"<html>", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(pem: bytes) -> None:
    with pytest.raises(Unverified, match="no certificate"):
        check(signed(), certificates=Certificates(pem))


class Wire:
    """Answers every request with the same, but not at once, and notes what was asked for."""

    def __init__(self, status: int = 200, content: bytes = PEM, **headers: str) -> None:
        self.asked: list[str] = []
        self.answer = httpx2.Response(status, headers=headers, content=content)

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(str(request.url))
        await asyncio.sleep(0)
        return self.answer

    async def close(self) -> None:
        pass


def accept(pem: bytes) -> RSAPublicKey:
    return signer(pem, [ROOT], NOW)


def fetching(wire: Wire, clock: FakeClock | None = None) -> Fetched:
    return Fetched(lambda: cast(GuardedWire, wire), (clock or FakeClock()).now)


def fetched(wire: Wire, *urls: str) -> list[RSAPublicKey]:
    async def run() -> list[RSAPublicKey]:
        certificates = fetching(wire)
        return [await certificates(url, accept) for url in urls]

    return asyncio.run(run())


def test_a_certificate_is_fetched_once() -> None:
    wire = Wire()

    assert fetched(wire, URL, URL, URL + "2", URL) == [LEAF_KEY.public_key()] * 4
    assert wire.asked == [URL, URL + "2"]


def test_a_certificate_that_many_wait_for_is_fetched_once() -> None:
    wire = Wire()

    async def run() -> None:
        certificates = fetching(wire)
        await asyncio.gather(*(certificates(URL, accept) for _ in range(5)))

    asyncio.run(run())

    assert wire.asked == [URL]


def test_what_strangers_have_us_fetch_does_not_push_out_what_is_paypals() -> None:
    wire = Wire()

    async def run() -> None:
        certificates = fetching(wire)
        await certificates(URL, accept)
        wire.answer = httpx2.Response(200, content=b"<html>")
        for number in range(MOST_CERTIFICATES + 1):
            with pytest.raises(Unverified):
                await certificates(f"{URL}{number}", accept)
        await certificates(URL, accept)

    asyncio.run(run())

    assert wire.asked.count(URL) == 1


def test_an_address_of_no_certificate_is_asked_again_only_after_a_while() -> None:
    wire, clock = Wire(404), FakeClock()

    async def run() -> None:
        certificates = fetching(wire, clock)
        for wait_s in (0.0, REFUSED_S - 1, 2.0):
            clock.advance(wait_s)
            with pytest.raises(Unverified, match="status 404"):
                await certificates(URL, accept)
        wire.answer = httpx2.Response(200, content=PEM)
        clock.advance(REFUSED_S)
        await certificates(URL, accept)

    asyncio.run(run())

    assert wire.asked == [URL] * 3


@pytest.mark.parametrize("status", [404, 500, 302])
def test_an_address_without_a_certificate_leads_nowhere(status: int) -> None:
    wire = Wire(status, location="http://169.254.169.254/")

    with pytest.raises(Unverified, match=f"status {status}"):
        fetched(wire, URL)
    assert wire.asked == [URL]


def test_a_host_of_paypals_that_has_a_private_address_is_not_called() -> None:
    async def resolve(origin: Origin) -> Sequence[AddrInfoType]:
        return await Resolver()((origin[0], "127.0.0.1", origin[2]))

    async def call(certificates: Fetched) -> None:
        await certificates(URL, accept)

    certificates = Fetched(lambda: GuardedWire(answer_bytes=1000, resolve=resolve))

    with pytest.raises(Unverified, match="NotPublic"):
        asyncio.run(call(certificates))


def test_authorities_are_those_that_the_machine_trusts() -> None:
    assert len(trusted()) > 10


@pytest.mark.parametrize("url", ["https://api.paypal.com.attacker.example/cert", "https://127.0.0.1/cert"])
def test_27_who_names_a_certificate_elsewhere_is_turned_away_at_the_door(url: str, tmp_path: Path) -> None:
    async def run() -> tuple[int, list[str]]:
        certificates = Certificates()
        paypal = webhooks(certificates, lambda: [ROOT])
        senders = {"paypal": Sender(name="paypal", webhooks=paypal, secrets=(WEBHOOK,))}
        office = Office(Database(f"sqlite:///{tmp_path / 'punnet.sqlite3'}"), FakeClock(), senders)
        door = Webhooks(office, FakeClock(), max_body_bytes=1000, tolerance_s=1e6, public_url=None)
        headers = {**signed().headers, "paypal-cert-url": url}
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(door), base_url="http://inside") as client:
            answer = await client.post("/webhooks/paypal", content=BODY, headers=headers)
        return answer.status_code, certificates.fetched

    assert asyncio.run(run()) == (401, [])
    assert list(tmp_path.iterdir()) == []
