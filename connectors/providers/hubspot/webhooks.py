"""HubSpot's webhooks: up to 100 events in one delivery, in any order. They say what changed, not how the object is.

Source: https://developers.hubspot.com/docs/api/webhooks#webhook-payloads
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson

from connectors.webhooks.delivery import Delivery, Event, each_readable
from connectors.webhooks.sender import Webhooks
from connectors.webhooks.signatures import hubspot

KINDS: Mapping[str, str] = {"contact": "contacts", "company": "companies", "deal": "deals", "ticket": "tickets"}
"""HubSpot's nouns in subscriptions, and ours in operations."""

GENERIC: Mapping[str, str] = {"0-1": "contact", "0-2": "company", "0-3": "deal", "0-5": "ticket"}
"""The type ids of objects in generic subscriptions (`object.creation`).

Source: https://developers.hubspot.com/docs/api-reference/legacy/crm/understanding-the-crm#object-type-ids
"""


def read(delivery: Delivery) -> Sequence[Event]:
    """`type` is `contact.propertyChange`, for a generic subscription as well."""
    return each_readable(delivery, orjson.loads(delivery.body), _event)


def stale(event: Event) -> Collection[str]:
    """What has the object in it, and searches, which may have to have it now. (Batches that lack one are not kept.)"""
    payload, (noun, _, change) = event.payload, event.type.partition(".")
    kind = KINDS.get(noun)
    if kind is None:
        return ("*",)
    if change == "associationChange":
        return str(payload["fromObjectId"]), str(payload["toObjectId"])
    if change == "propertyChange":
        return str(payload["objectId"]), f"{kind}.search"
    return (f"{kind}.*", "associations.read")


def _event(told: Mapping[str, Any]) -> Event:
    """An event. HubSpot's own id may be that of several; with what it happened to, by whom it was asked for, and when
    in milliseconds, it is the same for a repetition and for nothing else. (`attemptNumber` counts those.)
    """
    noun, _, change = str(told["subscriptionType"]).partition(".")
    if noun == "object":
        noun = GENERIC.get(told["objectTypeId"], told["objectTypeId"])
    about = told.get("objectId") or told.get("primaryObjectId") or f"{told['fromObjectId']}-{told['toObjectId']}"
    at = told["occurredAt"]
    parts = (told["eventId"], told["portalId"], told["subscriptionId"], about, told.get("propertyName", ""), at)
    return Event(
        provider="hubspot",
        id=":".join(str(part) for part in parts),
        type=f"{noun}.{change}",
        payload=dict(told),
        object="/".join(str(part) for part in (told["portalId"], noun, about, _part(change, told))),
        version=at / 1000,
    )


def _part(change: str, told: Mapping[str, Any]) -> str:
    """Which part of an object changed: what is later of one part says nothing of the others."""
    if change == "propertyChange":
        return str(told["propertyName"])
    if change == "associationChange":
        return str(told.get("associationType") or told.get("associationTypeId"))
    return "existence"


WEBHOOKS = Webhooks(
    secrets="HUBSPOT_CLIENT_SECRET",
    sandbox_secret="sandbox",  # noqa: S106  # not one of anybody's
    verify=hubspot.verify,
    read=read,
    stale=stale,
)
