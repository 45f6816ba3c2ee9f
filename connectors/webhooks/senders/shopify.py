"""Shopify's webhooks: a resource as it is in its REST API, and all else in headers.

Source: https://shopify.dev/docs/apps/build/webhooks/delivery-structure
"""

from collections.abc import Sequence
from datetime import datetime

import orjson

from connectors.webhooks.delivery import Delivery, Event
from connectors.webhooks.sender import Webhooks, untimed
from connectors.webhooks.signatures import shopify


def read(delivery: Delivery) -> Sequence[Event]:
    """`type` is the topic (`orders/paid`).

    What a merchant does once may touch many things, under several topics: all of these have its event id.
    """
    payload, headers = orjson.loads(delivery.body), delivery.headers
    topic = headers["x-shopify-topic"]
    about = payload.get("admin_graphql_api_id") or payload.get("id")
    happened = headers.get("x-shopify-event-id") or headers["x-shopify-webhook-id"]
    at = headers.get("x-shopify-triggered-at")
    shop = headers.get("x-shopify-shop-domain", "")
    return [
        Event(
            provider="shopify",
            id=f"{happened}:{topic}:{about}",
            type=topic,
            payload={"shop": shop, "resource": payload},
            object=f"{shop}/{about}" if about else None,
            version=datetime.fromisoformat(at).timestamp() if at else None,
        )
    ]


WEBHOOKS = Webhooks(secrets="SHOPIFY_WEBHOOK_SECRET", verify=untimed(shopify.verify), read=read)
