"""A person in HubSpot and Salesforce, as one list."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

import strawberry

from connectors.errors import UpstreamError
from resolvers.context import Info
from resolvers.providers.hubspot.fetching import contacts_by_email
from resolvers.providers.salesforce.fetching import contacts_with_email
from schema.contacts import Contact
from schema.fields import Fields, Wanted
from schema.person import Person

fields = Fields("hubspot", "salesforce")


def wanted(graph: Any, given: Mapping[str, Any]) -> list[Wanted]:
    """The contact in HubSpot, and those in Salesforce: one expected."""
    return [
        Wanted(contacts_by_email.calls, gives="HubSpotContact"),
        Wanted(contacts_with_email.calls, gives="SalesforceContact"),
    ]


@fields.on(Person, needs=("email",), calls=wanted)
async def contacts(root: strawberry.Parent[Person], info: Info) -> list[Contact | None] | None:
    """The contacts with this address: HubSpot's, which is one at most, then Salesforce's in the order of their ids.

    Where one of the two fails, the contacts of the other are there, and a null in the place of its own, with the error.
    """
    hubspot, salesforce = await asyncio.gather(
        _listed(contacts_by_email.load(info, root.email)), _listed(contacts_with_email.load(info, root.email))
    )
    return [*hubspot, *salesforce]


async def _listed(contacts: Awaitable[Any]) -> list[Any]:
    """Contacts that are one, several or none, or the error that stands for them."""
    try:
        found = await contacts
    except UpstreamError as error:
        return [error]
    if isinstance(found, list):
        return found
    return [] if found is None else [found]
