"""Stripe's webhooks: one event each, with the object as it was then.

Source: https://docs.stripe.com/api/events/object
"""

from collections.abc import Collection, Sequence

import orjson

from connectors.webhooks.delivery import Delivery, Event
from connectors.webhooks.sender import Webhooks
from connectors.webhooks.signatures import stripe


def read(delivery: Delivery) -> Sequence[Event]:
    """`created` counts seconds: of two events in the same one, neither is the later."""
    event = orjson.loads(delivery.body)
    thing = event["data"]["object"]
    id, created = thing.get("id"), event["created"]
    return [
        Event(
            provider="stripe",
            id=str(event["id"]),
            type=str(event["type"]),
            payload=event,
            object=id if isinstance(id, str) else None,
            version=float(created),
        )
    ]


def stale(event: Event) -> Collection[str]:
    """The object, and the lists that it may be new to, or gone from."""
    thing = event.payload["data"]["object"]
    return [tag for tag in (event.object, f"{thing['object']}s.list") if tag]


WEBHOOKS = Webhooks(
    secrets="STRIPE_WEBHOOK_SECRET",
    sandbox_secret="whsec_sandbox",  # noqa: S106  # not one of anybody's
    verify=stripe.verify,
    read=read,
    stale=stale,
)
