"""Source: https://docs.stripe.com/api/events/object"""

import hashlib
import hmac
from collections.abc import Mapping

from tests.connectors.webhooks.senders import Example, json_with


def event(id: str, created: int, status: str) -> bytes:
    thing = {"id": "pi_1", "object": "payment_intent", "status": status}
    return json_with({"id": id, "type": f"payment_intent.{status}", "created": created, "data": {"object": thing}})


def sign(body: bytes, secret: str, now: float) -> Mapping[str, str]:
    signature = hmac.new(secret.encode(), f"{now:.0f}.".encode() + body, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={now:.0f},v1={signature}"}


EXAMPLE = Example(
    body=event("evt_1", 100, "succeeded"),
    ids=("evt_1",),
    types=("payment_intent.succeeded",),
    sign=sign,
    ordered=(event("evt_1", 100, "processing"), event("evt_2", 101, "succeeded")),
    stale=frozenset({"pi_1", "payment_intents.list"}),
)
