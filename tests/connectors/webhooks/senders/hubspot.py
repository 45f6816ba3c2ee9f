"""Source: https://developers.hubspot.com/docs/api/webhooks#webhook-payloads"""

from collections.abc import Mapping

from hubspot.utils.signature import Signature  # type: ignore[import-untyped]

from tests.connectors.webhooks.senders import Example, json_with

URL = "https://hooks.april.example/webhooks/hubspot"
"""The address that every example is sent to."""


def changed(id: int, at: int, value: str, attempt: int = 0) -> dict[str, object]:
    return {
        "eventId": id,
        "subscriptionId": 12,
        "portalId": 62515,
        "appId": 54321,
        "occurredAt": at,
        "subscriptionType": "contact.propertyChange",
        "attemptNumber": attempt,
        "objectId": 123,
        "propertyName": "email",
        "propertyValue": value,
        "changeSource": "CRM",
    }


CREATED = {
    "eventId": 1,
    "subscriptionId": 11,
    "portalId": 62515,
    "appId": 54321,
    "occurredAt": 1700000000000,
    "subscriptionType": "contact.creation",
    "attemptNumber": 0,
    "objectId": 123,
    "changeFlag": "CREATED",
    "changeSource": "CRM",
}


def sign(body: bytes, secret: str, now: float) -> Mapping[str, str]:
    timestamp = f"{now * 1000:.0f}"
    signature = Signature.get_signature(secret, body.decode(), "v3", URL, "POST", timestamp)
    return {"x-hubspot-request-timestamp": timestamp, "x-hubspot-signature-v3": signature}


EXAMPLE = Example(
    body=json_with([changed(1, 1700000000500, "Zoe@April.example"), CREATED]),
    ids=("1:62515:12:123:email:1700000000500", "1:62515:11:123::1700000000000"),
    types=("contact.propertyChange", "contact.creation"),
    sign=sign,
    ordered=(json_with([changed(2, 1700000001000, "old")]), json_with([changed(3, 1700000001001, "new")])),
    stale=frozenset({"123", "contacts.search", "contacts.*", "associations.read"}),
)
