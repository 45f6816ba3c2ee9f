"""Salesforce's types: accounts, contacts, opportunities, cases, and whatever a query gives."""

from datetime import date, datetime
from decimal import Decimal

import strawberry
from strawberry.scalars import JSON

from schema.relay import Node


@strawberry.type(description="Salesforce: the organisations we deal with, their people, deals and requests.")
class SalesforceQuery:
    pass


@strawberry.type(description="An account: an organisation that we deal with.")
class SalesforceAccount(Node):
    name: str = strawberry.field(description="Its name.")
    industry: str | None = strawberry.field(description="Its line of business, from the org's own list.")
    website: str | None = strawberry.field(description="Its website, as somebody typed it.")
    phone: str | None = strawberry.field(description="Its main telephone number.")
    annual_revenue: Decimal | None = strawberry.field(
        description="Estimated revenue in a year. Salesforce does not say in which currency: in an org with one "
        "currency it is the org's, in one with several that of the record's column `CurrencyIsoCode`, which `query` "
        "can select."
    )
    number_of_employees: int | None = strawberry.field(description="How many people work there.")
    billing_city: str | None = strawberry.field(description="City of the billing address.")
    billing_country: str | None = strawberry.field(description="Country of the billing address.")
    created_at: datetime = strawberry.field(description="When the record was made.")


@strawberry.type(description="A contact: a person, usually at an account.")
class SalesforceContact(Node):
    first_name: str | None = strawberry.field(description="Given name.")
    last_name: str = strawberry.field(description="Family name.")
    name: str = strawberry.field(description="The whole name, as Salesforce puts it together.")
    email: str | None = strawberry.field(description="E-mail address. Several contacts may share one.")
    phone: str | None = strawberry.field(description="Telephone number.")
    title: str | None = strawberry.field(description="Job title.")
    department: str | None = strawberry.field(description="Department in the account.")
    mailing_city: str | None = strawberry.field(description="City of the mailing address.")
    mailing_country: str | None = strawberry.field(description="Country of the mailing address.")
    github_login: str | None = strawberry.field(
        name="githubLogin",
        description="Name on GitHub, from the custom field `GitHub_Login__c`. In an org without that field, selecting "
        "this is refused with the reason `INVALID_FIELD`.",
    )
    created_at: datetime = strawberry.field(description="When the record was made.")
    account_id: strawberry.Private[str | None]


@strawberry.type(description="An opportunity: a deal that may come about.")
class SalesforceOpportunity(Node):
    name: str = strawberry.field(description="Its name.")
    stage_name: str = strawberry.field(description="How far it has come, from the org's own list of stages.")
    amount: Decimal | None = strawberry.field(
        description="What it is worth. Salesforce does not say in which currency: in an org with one currency it is "
        "the org's, in one with several that of the record's column `CurrencyIsoCode`, which `query` can select."
    )
    close_date: date = strawberry.field(description="The day by which it is expected to close, or closed.")
    probability: Decimal | None = strawberry.field(description="How likely it is, in per cent.")
    is_closed: bool = strawberry.field(description="Whether it has been decided.")
    is_won: bool = strawberry.field(description="Whether it has been decided for us.")
    created_at: datetime = strawberry.field(description="When the record was made.")
    account_id: strawberry.Private[str | None]


@strawberry.type(description="A case: a customer's question or complaint.")
class SalesforceCase(Node):
    case_number: str = strawberry.field(description="The number that people know it by.")
    subject: str | None = strawberry.field(description="What it is about, in a line.")
    description: str | None = strawberry.field(description="What it is about, at length: up to 32,000 characters.")
    status: str | None = strawberry.field(description="Where it stands, from the org's own list.")
    priority: str | None = strawberry.field(description="How urgent it is, from the org's own list.")
    origin: str | None = strawberry.field(description="How it came in: e-mail, telephone, web ...")
    created_at: datetime = strawberry.field(description="When it was opened.")
    closed_at: datetime | None = strawberry.field(description="When it was closed; null while it is open.")
    contact_id: strawberry.Private[str | None]
    account_id: strawberry.Private[str | None]


@strawberry.type(description="A record of any kind, as a query gives it.")
class SalesforceRecord:
    type: str = strawberry.field(description="Its kind (`Contact`, `Invoice__c`); `AggregateResult` for groups.")
    upstream_id: strawberry.ID | None = strawberry.field(description="Its id, where the query selects `Id`.")
    fields: JSON = strawberry.field(
        description="The selected columns by name. Values are strings as Salesforce's SOAP API writes them, or null; "
        "related records are objects with their own `type`."
    )
