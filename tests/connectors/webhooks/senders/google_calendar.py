"""Source: https://developers.google.com/workspace/calendar/api/guides/push#receive-notifications"""

import hashlib
import hmac
from collections.abc import Mapping

from tests.connectors.webhooks.senders import Example

CHANNEL = "0123456789abcdef-1-00000000"


def sign(body: bytes, secret: str, now: float) -> Mapping[str, str]:
    return {
        "x-goog-channel-id": CHANNEL,
        "x-goog-channel-token": hmac.new(secret.encode(), CHANNEL.encode(), hashlib.sha256).hexdigest(),
        "x-goog-message-number": "7",
        "x-goog-resource-id": "ret08u3rv24htgh289g",
        "x-goog-resource-state": "exists",
    }


EXAMPLE = Example(
    body=b"",
    ids=(f"{CHANNEL}/7",),
    types=("notification",),
    sign=sign,
    timed=False,
    signs_body=False,
)
