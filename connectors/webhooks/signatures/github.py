"""GitHub: `X-Hub-Signature-256: sha256=<hex>`, over the body. It signs no time: repetitions are known by their ids.

Source: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

from collections.abc import Sequence

from connectors.webhooks.delivery import Delivery
from connectors.webhooks.signatures.checks import header, matches, sha256


def verify(delivery: Delivery, secrets: Sequence[str], now: float) -> None:
    """Secrets are what the webhook was set up with."""
    expected = [f"sha256={sha256(secret.encode(), delivery.body).hex()}" for secret in secrets]
    matches([header(delivery, "x-hub-signature-256")], expected)
