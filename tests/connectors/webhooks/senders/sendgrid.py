"""Source: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event"""

from base64 import b64encode
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.connectors.webhooks.senders import Example, json_with


def public(secret: str) -> str:
    """What SendGrid shows of the key that it signs with."""
    key = derive_private_key(int(secret), SECP256R1()).public_key()
    return b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def sign(body: bytes, secret: str, now: float) -> Mapping[str, str]:
    signature = derive_private_key(int(secret), SECP256R1()).sign(f"{now:.0f}".encode() + body, ECDSA(SHA256()))
    return {
        "x-twilio-email-event-webhook-timestamp": f"{now:.0f}",
        "x-twilio-email-event-webhook-signature": b64encode(signature).decode(),
    }


EXAMPLE = Example(
    body=json_with(
        [
            {
                "email": "zoe@april.example",
                "timestamp": 1700000002,
                "event": "bounce",
                "type": "blocked",
                "reason": "500 unknown recipient",
                "sg_event_id": "b",
                "sg_message_id": "m.1",
            },
            {
                "email": "zoe@april.example",
                "timestamp": 1700000001,
                "event": "processed",
                "sg_event_id": "a",
                "sg_message_id": "m.1",
            },
        ]
    ),
    ids=("a", "b"),
    types=("processed", "bounce"),
    sign=sign,
    secrets=("1234567", "7654321"),
    known=public,
    stale=frozenset({"m.1", "messages.list", "stats.get", "bounces", "blocks"}),
)
