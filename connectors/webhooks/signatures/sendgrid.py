"""SendGrid: ECDSA on P-256 with SHA-256, base64 in `X-Twilio-Email-Event-Webhook-Signature`, over time and body.

Source: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
"""

import binascii
from base64 import b64decode
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from connectors.webhooks.delivery import Delivery, Unverified
from connectors.webhooks.signatures.checks import TOLERANCE_S, header, recent


def verify(delivery: Delivery, secrets: Sequence[str], now: float, *, tolerance_s: float = TOLERANCE_S) -> None:
    """Secrets are public keys: base64 of DER, as SendGrid shows them. Raises `ValueError` for one that is none."""
    timestamp = header(delivery, "x-twilio-email-event-webhook-timestamp")
    recent(timestamp, now, tolerance_s)
    try:
        signature = b64decode(header(delivery, "x-twilio-email-event-webhook-signature"), validate=True)
    except binascii.Error:
        raise Unverified("the signature is not base64") from None
    if not any(_is_signed_by(key, timestamp.encode() + delivery.body, signature) for key in secrets):
        raise Unverified("the signature does not match")


def _is_signed_by(public_key: str, signed: bytes, signature: bytes) -> bool:
    key = load_der_public_key(b64decode(public_key, validate=True))
    if not isinstance(key, EllipticCurvePublicKey):
        raise ValueError("not a public key on an elliptic curve")
    try:
        key.verify(signature, signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
