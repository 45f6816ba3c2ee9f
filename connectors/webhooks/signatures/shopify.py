"""Shopify: base64 in `X-Shopify-Hmac-SHA256`, over the body. It signs no time: repetitions are known by their ids.

Source: https://shopify.dev/docs/apps/build/webhooks/subscribe/https#step-2-validate-the-origin-of-your-webhook
"""

from base64 import b64encode
from collections.abc import Sequence

from connectors.webhooks.delivery import Delivery
from connectors.webhooks.signatures.checks import header, matches, sha256


def verify(delivery: Delivery, secrets: Sequence[str], now: float) -> None:
    """Secrets are the app's client secrets."""
    expected = [b64encode(sha256(secret.encode(), delivery.body)).decode() for secret in secrets]
    matches([header(delivery, "x-shopify-hmac-sha256")], expected)
