"""Whoever signs by the Standard Webhooks specification.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from collections.abc import Sequence

import orjson

from connectors.webhooks.delivery import Delivery, Event
from connectors.webhooks.sender import Webhooks, later


def read(delivery: Delivery) -> Sequence[Event]:
    """One event. The specification has no word for what it is about: no order among events can be told."""
    payload = orjson.loads(delivery.body)
    return [
        Event(
            provider="standard",
            id=delivery.headers["webhook-id"],
            type=str(payload.get("type", "message")),
            payload=payload,
        )
    ]


WEBHOOKS = Webhooks(secrets="STANDARD_WEBHOOKS_SECRET", verify=later("standard"), read=read)
