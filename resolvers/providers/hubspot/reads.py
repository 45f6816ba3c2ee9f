"""What can be read: single objects, lists, search, and what belongs together."""

from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON

from connectors.providers.hubspot.client import HubSpotClient
from connectors.providers.hubspot.payloads import AssociationPayload, FilterPayload
from resolvers.connections import Pages
from resolvers.context import Info
from resolvers.providers.hubspot.convert import (
    COMPANIES,
    CONTACTS,
    DEALS,
    KINDS,
    TICKETS,
    ObjectKind,
    to_company_association,
    to_contact_association,
    to_deal_association,
    to_owner,
    to_ticket_association,
)
from resolvers.providers.hubspot.fetching import (
    associations,
    checked,
    companies_by_domain,
    companies_by_id,
    contacts_by_email,
    contacts_by_id,
    deals_by_id,
    owners_by_id,
    properties_here,
    tickets_by_id,
)
from schema.fields import Fields
from schema.providers.hubspot import (
    HubSpotCompany,
    HubSpotCompanyAssociation,
    HubSpotContact,
    HubSpotContactAssociation,
    HubSpotDeal,
    HubSpotDealAssociation,
    HubSpotFilterGroup,
    HubSpotOwner,
    HubSpotQuery,
    HubSpotTicket,
    HubSpotTicketAssociation,
)
from schema.relay import bounded

Id = Annotated[strawberry.ID, strawberry.argument(description="HubSpot's own id, or the global one.")]
Names = Annotated[list[str], strawberry.argument(description="HubSpot's names of up to 100 properties.")]
Words = Annotated[
    str | None, strawberry.argument(description="Words that are all in the main properties: names, addresses ...")
]
Where = Annotated[
    list[HubSpotFilterGroup] | None, strawberry.argument(description="All conditions of one of these groups hold.")
]
Sort = Annotated[
    str | None,
    strawberry.argument(
        description="HubSpot's name of the property to sort by, the least first; with `-` in front, the greatest."
    ),
]

fields = Fields("hubspot")
fields.group("hubspot", HubSpotQuery)
fields.node(HubSpotContact, via=contacts_by_id)
fields.node(HubSpotCompany, via=companies_by_id)
fields.node(HubSpotDeal, via=deals_by_id)
fields.node(HubSpotTicket, via=tickets_by_id)
fields.node(HubSpotOwner, via=owners_by_id)

ASSOCIATIONS: dict[str, tuple[ObjectKind, Callable[[AssociationPayload], Any], str]] = {
    "contacts": (CONTACTS, to_contact_association, "Contacts that belong to it."),
    "companies": (COMPANIES, to_company_association, "Companies that it belongs to."),
    "deals": (DEALS, to_deal_association, "Deals that belong to it."),
    "tickets": (TICKETS, to_ticket_association, "Tickets that belong to it."),
}
"""Each kind that others are associated with: what makes such an association, and what the field for it says."""

for type_, noun, via in (
    (HubSpotContactAssociation, "contact", contacts_by_id),
    (HubSpotCompanyAssociation, "company", companies_by_id),
    (HubSpotDealAssociation, "deal", deals_by_id),
    (HubSpotTicketAssociation, "ticket", tickets_by_id),
):
    key = attrgetter(f"{noun}_id")
    fields.link(type_, noun, via=via, key=key, needs=(f"{noun}_id",), description=f"The {noun} itself.")


def describe(kind: ObjectKind) -> None:
    """What objects of every kind have: an owner, properties by name, and what they belong together with."""

    def properties(root: Any, names: Names) -> JSON | None:
        """Any properties, custom ones too, as an object of strings; null for those without a value."""
        return JSON({name: root.values.get(name) for name in checked(names)})

    properties.__annotations__["root"] = strawberry.Parent[kind.type]  # type: ignore[misc,name-defined]
    fields.on(kind.type, needs=("values",))(properties)
    fields.link(
        kind.type,
        "owner",
        via=owners_by_id,
        key=attrgetter("owner_ref"),
        needs=("owner_ref",),
        description="Who takes care of it; null for nobody, and for one who has left.",
    )
    for name, (to_kind, make, description) in ASSOCIATIONS.items():
        if to_kind is not kind:
            via = associations(kind, to_kind, make)
            key = attrgetter("upstream_id")
            fields.link(kind.type, name, via=via, key=key, needs=("upstream_id",), description=description)


for kind in KINDS:
    describe(kind)


@fields.on(HubSpotQuery, calls=contacts_by_id.calls)
async def contact(info: Info, id: Id) -> HubSpotContact | None:
    """One contact; null where there is none."""
    return await contacts_by_id.find(info, id)


@fields.on(HubSpotQuery, calls=contacts_by_email.calls)
async def contact_by_email(
    info: Info, email: Annotated[str, strawberry.argument(description="The address, in any case.")]
) -> HubSpotContact | None:
    """The contact with an address; null where there is none."""
    return await contacts_by_email.load(info, bounded(email, "email"))


@fields.on(HubSpotQuery, calls=companies_by_id.calls)
async def company(info: Info, id: Id) -> HubSpotCompany | None:
    """One company; null where there is none."""
    return await companies_by_id.find(info, id)


@fields.on(HubSpotQuery, calls=companies_by_domain.calls)
async def company_by_domain(
    info: Info, domain: Annotated[str, strawberry.argument(description="The domain, in any case.")]
) -> HubSpotCompany | None:
    """The company with a domain, of several the oldest; null where there is none."""
    return await companies_by_domain.load(info, bounded(domain, "domain"))


@fields.on(HubSpotQuery, calls=deals_by_id.calls)
async def deal(info: Info, id: Id) -> HubSpotDeal | None:
    """One deal; null where there is none."""
    return await deals_by_id.find(info, id)


@fields.on(HubSpotQuery, calls=tickets_by_id.calls)
async def ticket(info: Info, id: Id) -> HubSpotTicket | None:
    """One ticket; null where there is none."""
    return await tickets_by_id.find(info, id)


@fields.on(HubSpotQuery, calls=owners_by_id.calls)
async def owner(info: Info, id: Id) -> HubSpotOwner | None:
    """One owner; null where there is none."""
    return await owners_by_id.find(info, id)


@fields.connection(HubSpotQuery, Pages(HubSpotClient, HubSpotClient.list_owners, to_owner))
def owners(
    root: HubSpotQuery,
    email: Annotated[str | None, strawberry.argument(description="Only the one with this address.")] = None,
) -> dict[str, Any]:
    """Users who can own objects."""
    return {"email": email and bounded(email, "email")}


def pages(kind: ObjectKind) -> Pages[Any]:
    """Objects of one kind, in the order of their ids."""
    select = properties_here(kind)
    method = HubSpotClient.list_objects
    return Pages(HubSpotClient, method, kind.make, select=select, operation=f"{kind.name}.list")


def hits(kind: ObjectKind) -> Pages[Any]:
    """Objects of one kind that are searched for."""
    select = properties_here(kind)
    method = HubSpotClient.search_objects
    return Pages(HubSpotClient, method, kind.make, select=select, operation=f"{kind.name}.search")


def search(
    kind: ObjectKind, query: str | None, where: Sequence[HubSpotFilterGroup] | None, sort: str | None
) -> dict[str, Any]:
    """The arguments of a search."""
    groups = [[condition(one) for one in group.filters] for group in where or ()]
    if sort is not None:
        checked([sort.removeprefix("-")])
    return {"kind": kind.name, "query": query and bounded(query, "query"), "groups": groups, "sort": sort}


def condition(given: Any) -> FilterPayload:
    """A condition as HubSpot takes it."""
    made: FilterPayload = {"propertyName": given.property, "operator": str(given.operator.value)}
    if given.value is not None:
        made["value"] = given.value
    if given.values is not None:
        made["values"] = given.values
    if given.high_value is not None:
        made["highValue"] = given.high_value
    return made


on_query = partial(fields.connection, HubSpotQuery)


@on_query(pages(CONTACTS))
def contacts(root: HubSpotQuery) -> dict[str, Any]:
    """Contacts, in the order of their ids."""
    return {"kind": CONTACTS.name}


@on_query(pages(COMPANIES))
def companies(root: HubSpotQuery) -> dict[str, Any]:
    """Companies, in the order of their ids."""
    return {"kind": COMPANIES.name}


@on_query(pages(DEALS))
def deals(root: HubSpotQuery) -> dict[str, Any]:
    """Deals, in the order of their ids."""
    return {"kind": DEALS.name}


@on_query(pages(TICKETS))
def tickets(root: HubSpotQuery) -> dict[str, Any]:
    """Tickets, in the order of their ids."""
    return {"kind": TICKETS.name}


@on_query(hits(CONTACTS))
def search_contacts(root: HubSpotQuery, query: Words = None, where: Where = None, sort: Sort = None) -> dict[str, Any]:
    """Contacts that are found, up to 10,000. What was just written may not be found yet."""
    return search(CONTACTS, query, where, sort)


@on_query(hits(COMPANIES))
def search_companies(root: HubSpotQuery, query: Words = None, where: Where = None, sort: Sort = None) -> dict[str, Any]:
    """Companies that are found, up to 10,000. What was just written may not be found yet."""
    return search(COMPANIES, query, where, sort)


@on_query(hits(DEALS))
def search_deals(root: HubSpotQuery, query: Words = None, where: Where = None, sort: Sort = None) -> dict[str, Any]:
    """Deals that are found, up to 10,000. What was just written may not be found yet."""
    return search(DEALS, query, where, sort)


@on_query(hits(TICKETS))
def search_tickets(root: HubSpotQuery, query: Words = None, where: Where = None, sort: Sort = None) -> dict[str, Any]:
    """Tickets that are found, up to 10,000. What was just written may not be found yet."""
    return search(TICKETS, query, where, sort)
