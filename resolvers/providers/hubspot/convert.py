"""From HubSpot's objects to our types, and from our attributes to its properties."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import strawberry

from connectors.providers.hubspot.payloads import (
    AssociationPayload,
    DetailPayload,
    ErrorPayload,
    Kind,
    ObjectPayload,
    OwnerPayload,
)
from resolvers.mapping import Reader, mapping
from resolvers.reading import decimal, flag, identity, iso_time, json_object, list_of, maybe_inside, one_of, text
from schema.providers.hubspot import (
    HubSpotCompany,
    HubSpotCompanyAssociation,
    HubSpotContact,
    HubSpotContactAssociation,
    HubSpotDeal,
    HubSpotDealAssociation,
    HubSpotLifecycleStage,
    HubSpotOwner,
    HubSpotPropertiesInvalid,
    HubSpotPropertyFault,
    HubSpotTicket,
    HubSpotTicketAssociation,
    HubSpotTicketPriority,
)

Properties = Mapping[str, tuple[str, Callable[[Any], Any]]]
"""For each attribute the property that it comes from, and what reads the property's value."""


def whole(value: Any) -> int:
    """A whole number."""
    number = decimal(value)
    if number != number.to_integral_value():
        raise ValueError
    return int(number)


def yes_or_no(value: Any) -> bool:
    """`true` or `false`."""
    return {"true": True, "false": False}[text(value)]


LIFECYCLE_STAGE = ("lifecyclestage", one_of(HubSpotLifecycleStage))
OWNER = ("hubspot_owner_id", text)

CONTACT: Properties = {
    "email": ("email", text),
    "first_name": ("firstname", text),
    "last_name": ("lastname", text),
    "phone": ("phone", text),
    "mobile_phone": ("mobilephone", text),
    "job_title": ("jobtitle", text),
    "company_name": ("company", text),
    "website": ("website", text),
    "city": ("city", text),
    "country": ("country", text),
    "lifecycle_stage": LIFECYCLE_STAGE,
    "lead_status": ("hs_lead_status", text),
    "owner_ref": OWNER,
}
COMPANY: Properties = {
    "name": ("name", text),
    "domain": ("domain", text),
    "website": ("website", text),
    "industry": ("industry", text),
    "phone": ("phone", text),
    "city": ("city", text),
    "country": ("country", text),
    "description": ("description", text),
    "number_of_employees": ("numberofemployees", whole),
    "annual_revenue": ("annualrevenue", decimal),
    "lifecycle_stage": LIFECYCLE_STAGE,
    "owner_ref": OWNER,
}
DEAL: Properties = {
    "name": ("dealname", text),
    "amount": ("amount", decimal),
    "currency": ("deal_currency_code", text),
    "stage": ("dealstage", text),
    "pipeline": ("pipeline", text),
    "type": ("dealtype", text),
    "description": ("description", text),
    "close_date": ("closedate", iso_time),
    "is_closed": ("hs_is_closed", yes_or_no),
    "is_won": ("hs_is_closed_won", yes_or_no),
    "owner_ref": OWNER,
}
TICKET: Properties = {
    "subject": ("subject", text),
    "content": ("content", text),
    "pipeline": ("hs_pipeline", text),
    "stage": ("hs_pipeline_stage", text),
    "priority": ("hs_ticket_priority", one_of(HubSpotTicketPriority)),
    "source": ("source_type", text),
    "closed_at": ("closed_date", iso_time),
    "owner_ref": OWNER,
}


def attributes(read: Reader[ObjectPayload], properties: Properties) -> dict[str, Any]:
    """All attributes of an object."""
    values = {
        attribute: read("properties", maybe_inside(name, unless_empty(convert)))
        for attribute, (name, convert) in properties.items()
    }
    return {
        **values,
        "upstream_id": read("id", identity),
        "created_at": read("createdAt", iso_time),
        "updated_at": read("updatedAt", iso_time),
        "values": read("properties", json_object),
    }


def unless_empty(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What `convert` makes of a value; nothing of an empty one, which is what a cleared property has."""

    def inner(value: Any) -> Any:
        return None if value == "" else convert(value)

    inner.__name__ = convert.__name__
    return inner


@mapping("hubspot", "contact")
def to_contact(read: Reader[ObjectPayload]) -> HubSpotContact:
    return HubSpotContact(**attributes(read, CONTACT))


@mapping("hubspot", "company")
def to_company(read: Reader[ObjectPayload]) -> HubSpotCompany:
    return HubSpotCompany(**attributes(read, COMPANY))


@mapping("hubspot", "deal")
def to_deal(read: Reader[ObjectPayload]) -> HubSpotDeal:
    return HubSpotDeal(**attributes(read, DEAL))


@mapping("hubspot", "ticket")
def to_ticket(read: Reader[ObjectPayload]) -> HubSpotTicket:
    return HubSpotTicket(**attributes(read, TICKET))


@dataclass(frozen=True, kw_only=True)
class ObjectKind:
    """One kind of objects: HubSpot's word for it, ours, its type, and how its payloads become that."""

    name: Kind
    noun: str
    type: type
    properties: Properties
    make: Callable[[ObjectPayload], Any]


CONTACTS = ObjectKind(name="contacts", noun="contact", type=HubSpotContact, properties=CONTACT, make=to_contact)
COMPANIES = ObjectKind(name="companies", noun="company", type=HubSpotCompany, properties=COMPANY, make=to_company)
DEALS = ObjectKind(name="deals", noun="deal", type=HubSpotDeal, properties=DEAL, make=to_deal)
TICKETS = ObjectKind(name="tickets", noun="ticket", type=HubSpotTicket, properties=TICKET, make=to_ticket)
KINDS = (CONTACTS, COMPANIES, DEALS, TICKETS)


@mapping("hubspot", "owner")
def to_owner(read: Reader[OwnerPayload]) -> HubSpotOwner:
    return HubSpotOwner(
        upstream_id=read("id", identity),
        email=read.maybe("email", text),
        first_name=read.maybe("firstName", text),
        last_name=read.maybe("lastName", text),
        type=read.maybe("type", text),
        is_archived=read("archived", flag),
    )


def target(value: Any) -> strawberry.ID:
    """An id, which HubSpot writes as a number here."""
    return strawberry.ID(str(value) if isinstance(value, int) else text(value))


def labels(value: Any) -> list[str]:
    """How two objects belong together, in words; the plain way has none."""
    return [text(one["label"]) for one in value if one.get("label")]


@mapping("hubspot", "association")
def to_contact_association(read: Reader[AssociationPayload]) -> HubSpotContactAssociation:
    return HubSpotContactAssociation(contact_id=read("toObjectId", target), labels=read("associationTypes", labels))


@mapping("hubspot", "association")
def to_company_association(read: Reader[AssociationPayload]) -> HubSpotCompanyAssociation:
    return HubSpotCompanyAssociation(company_id=read("toObjectId", target), labels=read("associationTypes", labels))


@mapping("hubspot", "association")
def to_deal_association(read: Reader[AssociationPayload]) -> HubSpotDealAssociation:
    return HubSpotDealAssociation(deal_id=read("toObjectId", target), labels=read("associationTypes", labels))


@mapping("hubspot", "association")
def to_ticket_association(read: Reader[AssociationPayload]) -> HubSpotTicketAssociation:
    return HubSpotTicketAssociation(ticket_id=read("toObjectId", target), labels=read("associationTypes", labels))


def property_in(context: Any) -> str | None:
    """The property that a fault is about."""
    names = context.get("propertyName") or context.get("name")
    return text(names[0]) if names else None


@mapping("hubspot", "error.errors")
def to_fault(read: Reader[DetailPayload]) -> HubSpotPropertyFault:
    return HubSpotPropertyFault(
        property=read.maybe("context", property_in),
        code=read.maybe("code", text),
        message=read.maybe("message", text),
    )


def faults(value: Any) -> list[HubSpotPropertyFault]:
    """What is wrong, property by property, where HubSpot says."""
    return list_of(to_fault)(value or [])


@mapping("hubspot", "error")
def to_invalid(read: Reader[ErrorPayload]) -> HubSpotPropertiesInvalid:
    return HubSpotPropertiesInvalid(message=read.maybe("message", text), faults=read("errors", faults))


def written(value: Any) -> str:
    """A value as HubSpot takes it; a time without an offset is taken for UTC."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
