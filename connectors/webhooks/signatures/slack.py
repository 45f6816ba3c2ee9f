"""Slack: `X-Slack-Signature: v0=<hex>`, over `v0:<timestamp>:<body>`.

Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from collections.abc import Sequence

from connectors.webhooks.delivery import Delivery
from connectors.webhooks.signatures.checks import TOLERANCE_S, header, matches, recent, sha256


def verify(delivery: Delivery, secrets: Sequence[str], now: float, *, tolerance_s: float = TOLERANCE_S) -> None:
    """Secrets are the app's signing secrets."""
    timestamp = header(delivery, "x-slack-request-timestamp")
    recent(timestamp, now, tolerance_s)
    signed = b"v0:" + timestamp.encode() + b":" + delivery.body
    expected = [f"v0={sha256(secret.encode(), signed).hex()}" for secret in secrets]
    matches([header(delivery, "x-slack-signature")], expected)
