"""HubSpot, version 3: base64 in `X-HubSpot-Signature-v3`, over method, public address, body and time in milliseconds.

Source: https://developers.hubspot.com/docs/api/webhooks/validating-requests
"""

from base64 import b64encode
from collections.abc import Sequence

from connectors.webhooks.delivery import Delivery
from connectors.webhooks.signatures.checks import TOLERANCE_S, header, matches, recent, sha256

DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
"""What HubSpot writes plainly in an address before it signs it."""


def verify(delivery: Delivery, secrets: Sequence[str], now: float, *, tolerance_s: float = TOLERANCE_S) -> None:
    """Secrets are the app's client secrets. Behind a proxy, `delivery.url` must be the address that HubSpot called."""
    timestamp = header(delivery, "x-hubspot-request-timestamp")
    recent(timestamp, now, tolerance_s, per_second=1000)
    url = delivery.url
    for encoded, letter in DECODED.items():
        url = url.replace(encoded, letter).replace(encoded.lower(), letter)
    signed = f"{delivery.method}{url}".encode() + delivery.body + timestamp.encode()
    expected = [b64encode(sha256(secret.encode(), signed)).decode() for secret in secrets]
    matches([header(delivery, "x-hubspot-signature-v3")], expected)
