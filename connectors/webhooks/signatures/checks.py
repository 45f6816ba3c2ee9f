"""What the schemes have in common."""

import hashlib
import hmac
from collections.abc import Iterable

from connectors.webhooks.delivery import Delivery, Unverified

TOLERANCE_S = 300.0
"""How old a delivery may be, or how far ahead of our clock: what most senders advise."""


def header(delivery: Delivery, name: str) -> str:
    """A header that must be there."""
    value = delivery.headers.get(name)
    if not value:
        raise Unverified(f"there is no header {name}")
    return value


def recent(timestamp: str, now: float, tolerance_s: float, *, per_second: int = 1) -> None:
    """Refuse what was signed too long ago, or in the future: `timestamp` counts seconds, or parts of them."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 16):
        raise Unverified("the timestamp is not a number")
    if abs(now - int(timestamp) / per_second) > tolerance_s:
        raise Unverified(f"it was signed more than {tolerance_s:.0f} s away from now")


def sha256(secret: bytes, content: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104)."""
    return hmac.new(secret, content, hashlib.sha256).digest()


def matches(given: Iterable[str], expected: Iterable[str]) -> None:
    """Refuse unless one of the signatures given is one of those expected. All are compared, each in constant time."""
    wanted = [signature.encode() for signature in expected]
    found = False
    for signature in given:
        for one in wanted:
            found |= hmac.compare_digest(signature.encode(), one)
    if not found:
        raise Unverified("the signature does not match")
