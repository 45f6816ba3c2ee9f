"""Standard Webhooks: `webhook-signature: v1,<base64>[ v1,<base64>]`, over `id.timestamp.body`.

Secrets are base64 behind `whsec_`; public keys (ed25519, `v1a`) behind `whpk_`, private ones behind `whsk_`.
Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from connectors.webhooks.delivery import Delivery
from connectors.webhooks.signatures.checks import TOLERANCE_S, header, matches, recent, sha256

SECRET, PUBLIC_KEY = "whsec_", "whpk_"  # what they begin with


def verify(delivery: Delivery, secrets: Sequence[str], now: float, *, tolerance_s: float = TOLERANCE_S) -> None:
    """One secret, or public key, for each signature that is good. Raises `ValueError` for a secret that is none."""
    id, timestamp = header(delivery, "webhook-id"), header(delivery, "webhook-timestamp")
    recent(timestamp, now, tolerance_s)
    signed = signed_content(id, int(timestamp), delivery.body)
    given = header(delivery, "webhook-signature").split(" ")
    public_keys = [secret for secret in secrets if secret.startswith(PUBLIC_KEY)]
    if any(_is_signed_by(key, signed, one) for key in public_keys for one in given if one.startswith("v1a,")):
        return
    expected = [sign(id, int(timestamp), delivery.body, secret) for secret in secrets if secret not in public_keys]
    matches([one for one in given if one.startswith("v1,")], expected)


def sign(id: str, timestamp: int, body: bytes, secret: str) -> str:
    """The signature of a message, `v1,...`. `timestamp` is in Unix seconds."""
    return f"v1,{b64encode(sha256(key_of(secret), signed_content(id, timestamp, body))).decode()}"


def signed_content(id: str, timestamp: int, body: bytes) -> bytes:
    """What a signature is about."""
    return f"{id}.{timestamp}.".encode() + body


def key_of(secret: str) -> bytes:
    """The key in a secret. Raises `ValueError`."""
    return b64decode(secret.removeprefix(SECRET), validate=True)


def _is_signed_by(public_key: str, signed: bytes, signature: str) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(b64decode(public_key.removeprefix(PUBLIC_KEY), validate=True))
        key.verify(b64decode(signature.removeprefix("v1a,"), validate=True), signed)
    except (InvalidSignature, binascii.Error):
        return False
    return True
