"""Stripe: `Stripe-Signature: t=<unix>,v1=<hex>[,v1=<hex>]`, over `t.body`.

Source: https://docs.stripe.com/webhooks#verify-manually
"""

from collections.abc import Sequence

from connectors.webhooks.delivery import Delivery
from connectors.webhooks.signatures.checks import TOLERANCE_S, header, matches, recent, sha256


def verify(delivery: Delivery, secrets: Sequence[str], now: float, *, tolerance_s: float = TOLERANCE_S) -> None:
    """Secrets begin with `whsec_`, which belongs to them."""
    parts = [part.partition("=") for part in header(delivery, "stripe-signature").split(",")]
    timestamp = next((value for name, _, value in parts if name.strip() == "t"), "")
    recent(timestamp, now, tolerance_s)
    signed = timestamp.encode() + b"." + delivery.body
    expected = [sha256(secret.encode(), signed).hex() for secret in secrets]
    matches([value for name, _, value in parts if name.strip() == "v1"], expected)
