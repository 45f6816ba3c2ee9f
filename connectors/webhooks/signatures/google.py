"""Google's push channels sign nothing: they name the channel and repeat the token that it was made with.

Source: https://developers.google.com/workspace/calendar/api/guides/push
"""

from collections.abc import Sequence

from connectors.webhooks.delivery import Delivery
from connectors.webhooks.signatures.checks import header, matches


def verify(delivery: Delivery, secrets: Sequence[str], now: float) -> None:
    """Secrets are the tokens of the channels that are open."""
    header(delivery, "x-goog-channel-id")
    matches([header(delivery, "x-goog-channel-token")], secrets)
