"""What can be followed: HubSpot's events. They say which object it was, which is then fetched as it is selected.

Source: https://developers.hubspot.com/docs/api/webhooks
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from resolvers.batching import Batch
from resolvers.events import Events, Filter, by_id
from resolvers.mapping import Reader, mapping
from resolvers.providers.hubspot import associating
from resolvers.providers.hubspot.fetching import companies_by_id, contacts_by_id, deals_by_id, tickets_by_id
from resolvers.reading import identity, integer, text
from schema.providers.hubspot import HubSpotDeletion

fields = associating.fields

PROPERTY = Filter(
    name="property",
    of=lambda told: told["propertyName"],
    type=str,
    description="Only this property: `lifecyclestage`.",
)


def number(value: Any) -> Any:
    """An object's id, which HubSpot gives as a number here."""
    return identity(text(str(integer(value))))


def millisecond(value: Any) -> datetime:
    """A time in milliseconds."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=integer(value))


@mapping("hubspot", "deletion")
def to_deletion(read: Reader[Any]) -> HubSpotDeletion:
    return HubSpotDeletion(upstream_id=read("objectId", number), deleted_at=read("occurredAt", millisecond))


def id_at(name: str) -> Callable[[Any], str]:
    """Where an event has the id of what it is about."""
    return lambda told: str(told[name])


def follow(noun: str, via: Batch[Any]) -> None:
    """What can be followed of one kind of objects."""
    whose = f"Only this {noun}: HubSpot's own id, or the global one."
    this, into = (
        by_id("id", id_at(name), f"HubSpot{noun.capitalize()}", whose) for name in ("objectId", "primaryObjectId")
    )
    events = Events(fields, "hubspot")
    events.load(f"{noun}_created", f"{noun}.creation", via, id_at("objectId"), f"There is a new {noun}.")
    events.load(
        f"{noun}_changed",
        f"{noun}.propertyChange",
        via,
        id_at("objectId"),
        f"A property of a {noun} has another value.",
        this,
        PROPERTY,
    )
    events.load(
        f"{noun}_merged",
        f"{noun}.merge",
        via,
        id_at("primaryObjectId"),
        f"Others became part of this {noun}.",
        into,
    )
    events.load(f"{noun}_restored", f"{noun}.restore", via, id_at("objectId"), f"A {noun} is there again.", this)
    types = (f"{noun}.deletion", f"{noun}.privacyDeletion")
    events.tell(f"{noun}_deleted", types, to_deletion, f"A {noun} was deleted.", this)


follow("contact", contacts_by_id)
follow("company", companies_by_id)
follow("deal", deals_by_id)
follow("ticket", tickets_by_id)
