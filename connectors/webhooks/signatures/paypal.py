"""PayPal: RSA with SHA-256 over `transmission id|time|webhook id|CRC-32 of body`, by a certificate that PayPal serves.

Whoever sends a webhook names the address of the certificate, so it is read from PayPal's own hosts only, and believed
only if it is PayPal's and an authority that we trust says so.
Source: https://developer.paypal.com/api/rest/webhooks/rest/#link-messageverification
"""

import binascii
import re
import zlib
from base64 import b64decode
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import httpx2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate, DNSName, load_pem_x509_certificates
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from connectors.webhooks.delivery import Delivery, Unverified
from connectors.webhooks.signatures.checks import TOLERANCE_S, header

HOSTS = frozenset({"api.paypal.com", "api.sandbox.paypal.com", "api-m.paypal.com", "api-m.sandbox.paypal.com"})
PATH = re.compile(r"/v1/notifications/certs/[A-Za-z0-9_-]{1,100}", re.ASCII)
"""Where PayPal has its certificates. Anybody may name one to us: nothing else is read because they do."""

NAMES = ("messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com")
"""Whom the certificate must be for, live and in PayPal's sandbox."""

ALGORITHM = "SHA256withRSA"

Accept = Callable[[bytes], RSAPublicKey]
"""The signer's key in certificates: PEM, the signer's first. Raises `Unverified` for those that are not PayPal's."""

Fetch = Callable[[str, Accept], Awaitable[RSAPublicKey]]
"""What a function accepts of the certificates at an address. Raises `Unverified`, also where there are none."""


async def verify(
    delivery: Delivery,
    secrets: Sequence[str],
    now: float,
    *,
    fetch: Fetch,
    authorities: Sequence[Certificate],
    tolerance_s: float = TOLERANCE_S,
) -> None:
    """Secrets are the ids of our webhooks. Nothing is fetched for a delivery that is wrong before that."""
    url = certificate_url(header(delivery, "paypal-cert-url"))
    if header(delivery, "paypal-auth-algo") != ALGORITHM:
        raise Unverified(f"the algorithm is not {ALGORITHM}")
    id, time = header(delivery, "paypal-transmission-id"), header(delivery, "paypal-transmission-time")
    if abs(now - _unix(time)) > tolerance_s:
        raise Unverified(f"it was signed more than {tolerance_s:.0f} s away from now")
    try:
        signature = b64decode(header(delivery, "paypal-transmission-sig"), validate=True)
    except binascii.Error:
        raise Unverified("the signature is not base64") from None
    key = await fetch(url, lambda pem: signer(pem, authorities, now))
    checksum = zlib.crc32(delivery.body)
    if not any(_is_signed(key, f"{id}|{time}|{webhook}|{checksum}".encode(), signature) for webhook in secrets):
        raise Unverified("the signature does not match")


def certificate_url(given: str) -> str:
    """The address of a certificate, if it may be read: HTTPS, on a host of PayPal's API, where certificates are."""
    try:
        url = httpx2.URL(given)
    except httpx2.InvalidURL:
        raise Unverified("the address of the certificate is none") from None
    there = url.scheme == "https" and url.host in HOSTS and url.port in (None, 443) and not url.userinfo
    path = url.raw_path.decode("ascii", "replace")
    if not (there and PATH.fullmatch(path)):
        raise Unverified("the address of the certificate is not PayPal's")
    return f"https://{url.host}{path}"


def signer(pem: bytes, authorities: Sequence[Certificate], now: float) -> RSAPublicKey:
    """The key in the first of the certificates, which must be PayPal's and lead to one of the `authorities`."""
    try:
        leaf, *others = load_pem_x509_certificates(pem)
    except ValueError:
        raise Unverified("there is no certificate at its address") from None
    policy = PolicyBuilder().store(Store(list(authorities))).time(datetime.fromtimestamp(now, UTC))
    for name in NAMES:
        try:
            policy.build_server_verifier(DNSName(name)).verify(leaf, others)
        except VerificationError:
            continue
        key = leaf.public_key()
        if isinstance(key, RSAPublicKey):
            return key
    raise Unverified("the certificate is not one of PayPal's that an authority vouches for")


def _unix(time: str) -> float:
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        raise Unverified("the time is none") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _is_signed(key: RSAPublicKey, signed: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
