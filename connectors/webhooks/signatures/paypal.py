"""PayPal: RSA with SHA-256 over `transmission id|time|webhook id|CRC-32 of body`, by a certificate that PayPal serves.

Whoever sends a webhook names the address of the certificate, so it is read from PayPal's own hosts only, and believed
only if it is PayPal's and an authority that we trust says so.
Source: https://developer.paypal.com/api/rest/webhooks/rest/#link-messageverification
"""

import binascii
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

HOSTS = ".paypal.com"
NAMES = ("messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com")
"""Whom the certificate must be for, live and in PayPal's sandbox."""

ALGORITHM = "SHA256withRSA"

Fetch = Callable[[str], Awaitable[bytes]]
"""Reads the certificates at an address: PEM, the signer's first. Raises `Unverified` where there are none to be had."""


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
    key = signer(await fetch(url), authorities, now)
    checksum = zlib.crc32(delivery.body)
    if not any(_is_signed(key, f"{id}|{time}|{webhook}|{checksum}".encode(), signature) for webhook in secrets):
        raise Unverified("the signature does not match")


def certificate_url(given: str) -> str:
    """The address of a certificate, if it may be read: HTTPS, on a host of PayPal's."""
    try:
        url = httpx2.URL(given)
    except httpx2.InvalidURL:
        raise Unverified("the address of the certificate is none") from None
    ours = url.scheme == "https" and url.host.endswith(HOSTS) and url.port in (None, 443) and not url.userinfo
    if not ours:
        raise Unverified("the address of the certificate is not PayPal's")
    return str(url)


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
