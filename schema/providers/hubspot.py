"""HubSpot's part of the graph."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON

from schema.contacts import Contact
from schema.relay import Node

UNKNOWN = strawberry.enum_value(
    "unknown", description="A word that this graph does not know: `properties` has it as HubSpot writes it."
)


@strawberry.enum(description="How far somebody is on the way to being a customer.")
class HubSpotLifecycleStage(Enum):
    SUBSCRIBER = strawberry.enum_value("subscriber", description="Wants to hear from the company.")
    LEAD = strawberry.enum_value("lead", description="Has shown interest.")
    MARKETING_QUALIFIED_LEAD = strawberry.enum_value("marketingqualifiedlead", description="Marketing sees promise.")
    SALES_QUALIFIED_LEAD = strawberry.enum_value("salesqualifiedlead", description="Sales see promise.")
    OPPORTUNITY = strawberry.enum_value("opportunity", description="There is a deal.")
    CUSTOMER = strawberry.enum_value("customer", description="Has bought.")
    EVANGELIST = strawberry.enum_value("evangelist", description="Recommends the company to others.")
    OTHER = strawberry.enum_value("other", description="None of these.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="How urgent a ticket is.")
class HubSpotTicketPriority(Enum):
    LOW = strawberry.enum_value("LOW", description="It can wait.")
    MEDIUM = strawberry.enum_value("MEDIUM", description="As usual.")
    HIGH = strawberry.enum_value("HIGH", description="Soon.")
    URGENT = strawberry.enum_value("URGENT", description="Now.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="What a condition of a search compares by.")
class HubSpotOperator(Enum):
    EQ = strawberry.enum_value("EQ", description="Equal to `value`.")
    NEQ = strawberry.enum_value("NEQ", description="Not equal to `value`.")
    LT = strawberry.enum_value("LT", description="Less than `value`.")
    LTE = strawberry.enum_value("LTE", description="Not more than `value`.")
    GT = strawberry.enum_value("GT", description="More than `value`.")
    GTE = strawberry.enum_value("GTE", description="Not less than `value`.")
    BETWEEN = strawberry.enum_value("BETWEEN", description="From `value` to `highValue`.")
    IN = strawberry.enum_value("IN", description="One of `values`, which are in lower case for text.")
    NOT_IN = strawberry.enum_value("NOT_IN", description="None of `values`, which are in lower case for text.")
    HAS_PROPERTY = strawberry.enum_value("HAS_PROPERTY", description="There is a value.")
    NOT_HAS_PROPERTY = strawberry.enum_value("NOT_HAS_PROPERTY", description="There is no value.")
    CONTAINS_TOKEN = strawberry.enum_value(
        "CONTAINS_TOKEN", description="Has the word `value`; `*` stands for any end."
    )
    NOT_CONTAINS_TOKEN = strawberry.enum_value("NOT_CONTAINS_TOKEN", description="Has not the word `value`.")


@strawberry.type(description="Contacts, companies, deals and tickets of a CRM. Lists are read forward only.")
class HubSpotQuery:
    pass


@strawberry.type(description="A user of HubSpot, as the owner of objects.")
class HubSpotOwner(Node):
    email: str | None = strawberry.field(description="Email address.")
    first_name: str | None = strawberry.field(description="First name.")
    last_name: str | None = strawberry.field(description="Last name.")
    type: str | None = strawberry.field(description="`PERSON` or `QUEUE`.")
    is_archived: bool = strawberry.field(description="Whether the user has left.")


@strawberry.type(description="Somebody the company knows.")
class HubSpotContact(Node, Contact):
    email: str | None = strawberry.field(description="Email address, in lower case; no other contact has it.")
    first_name: str | None = strawberry.field(description="First name.")
    last_name: str | None = strawberry.field(description="Last name.")
    phone: str | None = strawberry.field(description="Phone number, as it was typed in.")
    mobile_phone: str | None = strawberry.field(description="Mobile phone number, as it was typed in.")
    job_title: str | None = strawberry.field(description="What the person does.")
    company_name: str | None = strawberry.field(description="Where, as the contact has it: see `companies`.")
    website: str | None = strawberry.field(description="The person's own website.")
    city: str | None = strawberry.field(description="City.")
    country: str | None = strawberry.field(description="Country.")
    lifecycle_stage: HubSpotLifecycleStage | None = strawberry.field(description="How far on the way to a customer.")
    lead_status: str | None = strawberry.field(description="How far sales are with the person, in the account's words.")
    created_at: datetime = strawberry.field(description="When the contact was added.")
    updated_at: datetime = strawberry.field(description="When the contact last changed.")
    owner_ref: strawberry.Private[str | None]
    values: strawberry.Private[dict[str, Any]]


@strawberry.type(description="An organization the company knows.")
class HubSpotCompany(Node):
    name: str | None = strawberry.field(description="Name.")
    domain: str | None = strawberry.field(description="Domain of its website and addresses, in lower case.")
    website: str | None = strawberry.field(description="Website.")
    industry: str | None = strawberry.field(description="Industry, in HubSpot's words: `AIRLINES_AVIATION` ...")
    phone: str | None = strawberry.field(description="Phone number, as it was typed in.")
    city: str | None = strawberry.field(description="City.")
    country: str | None = strawberry.field(description="Country.")
    description: str | None = strawberry.field(description="What it does.")
    number_of_employees: int | None = strawberry.field(description="How many work there.")
    annual_revenue: Decimal | None = strawberry.field(description="Revenue of a year, in the account's currency.")
    lifecycle_stage: HubSpotLifecycleStage | None = strawberry.field(description="How far on the way to a customer.")
    created_at: datetime = strawberry.field(description="When the company was added.")
    updated_at: datetime = strawberry.field(description="When the company last changed.")
    owner_ref: strawberry.Private[str | None]
    values: strawberry.Private[dict[str, Any]]


@strawberry.type(description="A sale that is hoped for, won or lost.")
class HubSpotDeal(Node):
    name: str | None = strawberry.field(description="Name.")
    amount: Decimal | None = strawberry.field(description="What it is worth, exact, in `currency`.")
    currency: str | None = strawberry.field(description="ISO 4217 code; null in accounts that have one currency only.")
    stage: str | None = strawberry.field(description="Where it stands, in the words of its pipeline: `closedwon` ...")
    pipeline: str | None = strawberry.field(description="HubSpot's id of its pipeline.")
    type: str | None = strawberry.field(description="`newbusiness` or `existingbusiness`, or a word of the account.")
    description: str | None = strawberry.field(description="What it is about.")
    close_date: datetime | None = strawberry.field(description="When it was closed, or is hoped to be.")
    is_closed: bool | None = strawberry.field(description="Whether it is won or lost.")
    is_won: bool | None = strawberry.field(description="Whether it is won.")
    created_at: datetime = strawberry.field(description="When the deal was added.")
    updated_at: datetime = strawberry.field(description="When the deal last changed.")
    owner_ref: strawberry.Private[str | None]
    values: strawberry.Private[dict[str, Any]]


@strawberry.type(description="A question or a complaint.")
class HubSpotTicket(Node):
    subject: str | None = strawberry.field(description="Subject.")
    content: str | None = strawberry.field(description="What was said.")
    pipeline: str | None = strawberry.field(description="HubSpot's id of its pipeline.")
    stage: str | None = strawberry.field(description="HubSpot's id of where it stands in its pipeline.")
    priority: HubSpotTicketPriority | None = strawberry.field(description="How urgent it is.")
    source: str | None = strawberry.field(description="Where it came from: `EMAIL`, `CHAT`, `PHONE`, `FORM` ...")
    closed_at: datetime | None = strawberry.field(description="When it was closed.")
    created_at: datetime = strawberry.field(description="When the ticket was added.")
    updated_at: datetime = strawberry.field(description="When the ticket last changed.")
    owner_ref: strawberry.Private[str | None]
    values: strawberry.Private[dict[str, Any]]


@strawberry.type(description="A contact that belongs to something, and how.")
class HubSpotContactAssociation:
    contact_id: strawberry.ID = strawberry.field(description="HubSpot's id of the contact.")
    labels: list[str] = strawberry.field(description="How they belong together; none where nobody said.")


@strawberry.type(description="A company that something belongs to, and how.")
class HubSpotCompanyAssociation:
    company_id: strawberry.ID = strawberry.field(description="HubSpot's id of the company.")
    labels: list[str] = strawberry.field(description="How they belong together: `Primary`, or words of the account.")


@strawberry.type(description="A deal that belongs to something, and how.")
class HubSpotDealAssociation:
    deal_id: strawberry.ID = strawberry.field(description="HubSpot's id of the deal.")
    labels: list[str] = strawberry.field(description="How they belong together; none where nobody said.")


@strawberry.type(description="A ticket that belongs to something, and how.")
class HubSpotTicketAssociation:
    ticket_id: strawberry.ID = strawberry.field(description="HubSpot's id of the ticket.")
    labels: list[str] = strawberry.field(description="How they belong together; none where nobody said.")


@strawberry.input(description="A condition on one property.")
class HubSpotFilter:
    property: str = strawberry.field(description="HubSpot's name of the property: `lifecyclestage`, `amount` ...")
    operator: HubSpotOperator = strawberry.field(description="What is compared by.")
    value: str | None = strawberry.field(
        default=None, description="What to compare with, as a string; times in ISO 8601 or Unix milliseconds."
    )
    high_value: str | None = strawberry.field(default=None, description="The upper end, for `BETWEEN`.")
    values: list[str] | None = strawberry.field(default=None, description="Up to 100 values, for `IN` and `NOT_IN`.")


@strawberry.input(description="Conditions that hold together.")
class HubSpotFilterGroup:
    filters: list[HubSpotFilter] = strawberry.field(description="All of these.")


CUSTOM = "Other properties under HubSpot's names, as an object of strings. An empty string clears one."


@strawberry.input(description="What to write of a contact; what is left out stays as it is.")
class HubSpotContactInput:
    email: str | None = strawberry.field(default=None, description="Email address.")
    first_name: str | None = strawberry.field(default=None, description="First name.")
    last_name: str | None = strawberry.field(default=None, description="Last name.")
    phone: str | None = strawberry.field(default=None, description="Phone number.")
    mobile_phone: str | None = strawberry.field(default=None, description="Mobile phone number.")
    job_title: str | None = strawberry.field(default=None, description="What the person does.")
    company_name: str | None = strawberry.field(default=None, description="Where.")
    website: str | None = strawberry.field(default=None, description="The person's own website.")
    city: str | None = strawberry.field(default=None, description="City.")
    country: str | None = strawberry.field(default=None, description="Country.")
    lifecycle_stage: str | None = strawberry.field(default=None, description="HubSpot's word: `lead`, `customer` ...")
    lead_status: str | None = strawberry.field(default=None, description="HubSpot's word for how far sales are.")
    owner_id: str | None = strawberry.field(default=None, description="HubSpot's id of the owner.")
    properties: JSON | None = strawberry.field(default=None, description=CUSTOM)


@strawberry.input(description="What to write of a company; what is left out stays as it is.")
class HubSpotCompanyInput:
    name: str | None = strawberry.field(default=None, description="Name.")
    domain: str | None = strawberry.field(default=None, description="Domain of its website and addresses.")
    website: str | None = strawberry.field(default=None, description="Website.")
    industry: str | None = strawberry.field(default=None, description="Industry, in HubSpot's words.")
    phone: str | None = strawberry.field(default=None, description="Phone number.")
    city: str | None = strawberry.field(default=None, description="City.")
    country: str | None = strawberry.field(default=None, description="Country.")
    description: str | None = strawberry.field(default=None, description="What it does.")
    number_of_employees: int | None = strawberry.field(default=None, description="How many work there.")
    annual_revenue: Decimal | None = strawberry.field(default=None, description="Revenue of a year.")
    lifecycle_stage: str | None = strawberry.field(default=None, description="HubSpot's word: `lead`, `customer` ...")
    owner_id: str | None = strawberry.field(default=None, description="HubSpot's id of the owner.")
    properties: JSON | None = strawberry.field(default=None, description=CUSTOM)


@strawberry.input(description="What to write of a deal; what is left out stays as it is.")
class HubSpotDealInput:
    name: str | None = strawberry.field(default=None, description="Name.")
    amount: Decimal | None = strawberry.field(default=None, description="What it is worth, exact.")
    currency: str | None = strawberry.field(default=None, description="ISO 4217 code that the account has.")
    stage: str | None = strawberry.field(default=None, description="HubSpot's id of where it stands.")
    pipeline: str | None = strawberry.field(default=None, description="HubSpot's id of its pipeline.")
    type: str | None = strawberry.field(default=None, description="`newbusiness` or `existingbusiness`.")
    description: str | None = strawberry.field(default=None, description="What it is about.")
    close_date: datetime | None = strawberry.field(default=None, description="When it was closed, or is hoped to be.")
    owner_id: str | None = strawberry.field(default=None, description="HubSpot's id of the owner.")
    properties: JSON | None = strawberry.field(default=None, description=CUSTOM)


@strawberry.input(description="What to write of a ticket; what is left out stays as it is. A new one has a stage.")
class HubSpotTicketInput:
    subject: str | None = strawberry.field(default=None, description="Subject.")
    content: str | None = strawberry.field(default=None, description="What was said.")
    pipeline: str | None = strawberry.field(default=None, description="HubSpot's id of its pipeline.")
    stage: str | None = strawberry.field(default=None, description="HubSpot's id of where it stands.")
    priority: str | None = strawberry.field(default=None, description="`LOW`, `MEDIUM`, `HIGH` or `URGENT`.")
    source: str | None = strawberry.field(default=None, description="Where it came from: `EMAIL`, `CHAT` ...")
    owner_id: str | None = strawberry.field(default=None, description="HubSpot's id of the owner.")
    properties: JSON | None = strawberry.field(default=None, description=CUSTOM)


IS_NEW = "Whether it was not there before, where HubSpot says; a repetition after a lost answer finds it there."


@strawberry.type(description="The contact was written.")
class HubSpotContactSaved:
    upstream_id: strawberry.ID = strawberry.field(description="HubSpot's id of it.")
    is_new: bool | None = strawberry.field(description=IS_NEW)
    written_ref: strawberry.Private[tuple[str, str]]


@strawberry.type(description="The company was written.")
class HubSpotCompanySaved:
    upstream_id: strawberry.ID = strawberry.field(description="HubSpot's id of it.")
    is_new: bool | None = strawberry.field(description=IS_NEW)
    written_ref: strawberry.Private[tuple[str, str]]


@strawberry.type(description="The deal was written.")
class HubSpotDealSaved:
    upstream_id: strawberry.ID = strawberry.field(description="HubSpot's id of it.")
    is_new: bool | None = strawberry.field(description=IS_NEW)
    written_ref: strawberry.Private[tuple[str, str]]


@strawberry.type(description="The ticket was written.")
class HubSpotTicketSaved:
    upstream_id: strawberry.ID = strawberry.field(description="HubSpot's id of it.")
    is_new: bool | None = strawberry.field(description=IS_NEW)
    written_ref: strawberry.Private[tuple[str, str]]


@strawberry.type(description="Nothing was done: another contact has that address.")
class HubSpotContactExists:
    existing_id: strawberry.ID | None = strawberry.field(description="HubSpot's id of it, where HubSpot tells.")


@strawberry.type(description="Nothing was done: there is no such object (any more).")
class HubSpotObjectNotFound:
    upstream_id: strawberry.ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="What is wrong with one property.")
class HubSpotPropertyFault:
    property: str | None = strawberry.field(description="HubSpot's name of the property.")
    code: str | None = strawberry.field(description="HubSpot's code: `PROPERTY_DOESNT_EXIST`, `INVALID_EMAIL` ...")
    message: str | None = strawberry.field(description="HubSpot's explanation, for developers.")


@strawberry.type(description="Nothing was done: HubSpot does not take these properties.")
class HubSpotPropertiesInvalid:
    message: str | None = strawberry.field(description="HubSpot's explanation, for developers.")
    faults: list[HubSpotPropertyFault] = strawberry.field(description="What is wrong, property by property.")


@strawberry.enum(description="The kinds of objects that can belong together.")
class HubSpotObjectType(Enum):
    CONTACTS = strawberry.enum_value("contacts", description="Contacts.")
    COMPANIES = strawberry.enum_value("companies", description="Companies.")
    DEALS = strawberry.enum_value("deals", description="Deals.")
    TICKETS = strawberry.enum_value("tickets", description="Tickets.")


@strawberry.enum(description="Who thought of a type of associations.")
class HubSpotAssociationCategory(Enum):
    HUBSPOT_DEFINED = strawberry.enum_value("HUBSPOT_DEFINED", description="HubSpot.")
    USER_DEFINED = strawberry.enum_value("USER_DEFINED", description="The account.")
    INTEGRATOR_DEFINED = strawberry.enum_value("INTEGRATOR_DEFINED", description="An app.")


@strawberry.type(description="A way in which objects of one kind can belong to those of another.")
class HubSpotAssociationType:
    category: str = strawberry.field(description="Who thought of it: `HUBSPOT_DEFINED`, `USER_DEFINED` ...")
    type_id: int = strawberry.field(description="HubSpot's number of it, for this direction.")
    label: str | None = strawberry.field(description="What it is called; null for the plain one.")


@strawberry.input(description="A way in which two objects are to belong together.")
class HubSpotAssociationTypeInput:
    type_id: int = strawberry.field(description="HubSpot's number of it: see `associationTypes`.")
    category: HubSpotAssociationCategory = strawberry.field(
        default=HubSpotAssociationCategory.HUBSPOT_DEFINED, description="Who thought of it."
    )


@strawberry.input(description="Two objects, and how they belong together.")
class HubSpotAssociationInput:
    from_id: strawberry.ID = strawberry.field(description="HubSpot's or the global id of the first.")
    to_id: strawberry.ID = strawberry.field(description="HubSpot's or the global id of the second.")
    types: list[HubSpotAssociationTypeInput] | None = strawberry.field(
        default=None,
        description="In these ways. Without them, in the plain one; where associations are removed, in all.",
    )


@strawberry.type(description="The two objects belong together.")
class HubSpotAssociated:
    from_id: strawberry.ID = strawberry.field(description="HubSpot's id of the first.")
    to_id: strawberry.ID = strawberry.field(description="HubSpot's id of the second.")
    labels: list[str] = strawberry.field(description="What the ways that were given are called.")


@strawberry.type(description="The objects do not belong together, or no longer in these ways.")
class HubSpotDisassociated:
    pairs: int = strawberry.field(description="How many pairs were given. Which of them were associated is not told.")


@strawberry.type(description="Nothing was done: HubSpot does not let these belong together so.")
class HubSpotAssociationRefused:
    category: str = strawberry.field(description="HubSpot's word: `VALIDATION_ERROR` ...")
    message: str | None = strawberry.field(description="HubSpot's explanation, for developers.")


HubSpotAssociateResult = Annotated[
    HubSpotAssociated | HubSpotObjectNotFound | HubSpotAssociationRefused,
    strawberry.union("HubSpotAssociateResult", description="What came of letting two objects belong together."),
]
HubSpotDisassociateResult = Annotated[
    HubSpotDisassociated | HubSpotAssociationRefused,
    strawberry.union("HubSpotDisassociateResult", description="What came of removing associations."),
]
HubSpotContactResult = Annotated[
    HubSpotContactSaved | HubSpotContactExists | HubSpotObjectNotFound | HubSpotPropertiesInvalid,
    strawberry.union("HubSpotContactResult", description="What came of writing a contact."),
]
HubSpotCompanyResult = Annotated[
    HubSpotCompanySaved | HubSpotObjectNotFound | HubSpotPropertiesInvalid,
    strawberry.union("HubSpotCompanyResult", description="What came of writing a company."),
]
HubSpotDealResult = Annotated[
    HubSpotDealSaved | HubSpotObjectNotFound | HubSpotPropertiesInvalid,
    strawberry.union("HubSpotDealResult", description="What came of writing a deal."),
]
HubSpotTicketResult = Annotated[
    HubSpotTicketSaved | HubSpotObjectNotFound | HubSpotPropertiesInvalid,
    strawberry.union("HubSpotTicketResult", description="What came of writing a ticket."),
]

__all__ = [name for name in dict(globals()) if name.startswith("HubSpot")]


@strawberry.type(description="That an object was deleted: nothing more is known of it.")
class HubSpotDeletion:
    upstream_id: strawberry.ID = strawberry.field(description="HubSpot's id that it had.")
    deleted_at: datetime = strawberry.field(description="When.")
