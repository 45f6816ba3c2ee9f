"""Google's push channels sign nothing: they name the channel and repeat the token that it was made with.

So the token is made of the channel's id and a secret of ours, and nobody else can make one.
Source: https://developers.google.com/workspace/calendar/api/guides/push
"""

from collections.abc import Sequence

from connectors.webhooks.delivery import Delivery
from connectors.webhooks.signatures.checks import header, matches, sha256


def token_of(channel: str, secret: str) -> str:
    """The token that a channel is to be made with."""
    return sha256(secret.encode(), channel.encode()).hex()


def verify(delivery: Delivery, secrets: Sequence[str], now: float) -> None:
    """Secrets are those that tokens were made of."""
    channel = header(delivery, "x-goog-channel-id")
    matches([header(delivery, "x-goog-channel-token")], [token_of(channel, secret) for secret in secrets])
