"""Source: https://shopify.dev/docs/apps/build/webhooks/delivery-structure"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping

from tests.connectors.webhooks.senders import Example, json_with


def order(status: str, second: int) -> bytes:
    return json_with({"id": 1, "admin_graphql_api_id": "gid://shopify/Order/1", "status": status, "second": second})


def sign(body: bytes, secret: str, now: float) -> Mapping[str, str]:
    second = int(body.rpartition(b'"second": ')[2].strip(b"}\n ") or 0) if b'"second": ' in body else 0
    return {
        "x-shopify-hmac-sha256": b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode(),
        "x-shopify-topic": "orders/updated",
        "x-shopify-shop-domain": "april.myshopify.example",
        "x-shopify-webhook-id": f"webhook-{second}",
        "x-shopify-event-id": f"event-{second}",
        "x-shopify-triggered-at": f"2026-05-28T20:00:{second:02}.123456789Z",
    }


EXAMPLE = Example(
    body=order("open", 1),
    ids=("event-1:orders/updated:gid://shopify/Order/1",),
    types=("orders/updated",),
    sign=sign,
    timed=False,
    takes_any=True,
    ordered=(order("open", 1), order("closed", 2)),
)
