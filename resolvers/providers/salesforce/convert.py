"""From Salesforce's records to our types, and from our attributes to its columns."""

from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from typing import Any, cast

import strawberry
from strawberry.scalars import JSON

from connectors.providers.salesforce.payloads import RecordPayload
from resolvers.mapping import Reader, mapping
from resolvers.reading import Reading, day, iso_time, text
from schema.providers.salesforce import (
    SalesforceAccount,
    SalesforceCase,
    SalesforceContact,
    SalesforceOpportunity,
    SalesforceRecord,
)

GITHUB_LOGIN = "GitHub_Login__c"
"""The custom column of contacts that holds their name on GitHub."""

ACCOUNT_COLUMNS = {
    "upstream_id": "Id",
    "name": "Name",
    "industry": "Industry",
    "website": "Website",
    "phone": "Phone",
    "annual_revenue": "AnnualRevenue",
    "number_of_employees": "NumberOfEmployees",
    "billing_city": "BillingCity",
    "billing_country": "BillingCountry",
    "created_at": "CreatedDate",
}
CONTACT_COLUMNS = {
    "upstream_id": "Id",
    "first_name": "FirstName",
    "last_name": "LastName",
    "name": "Name",
    "email": "Email",
    "phone": "Phone",
    "title": "Title",
    "department": "Department",
    "mailing_city": "MailingCity",
    "mailing_country": "MailingCountry",
    "github_login": GITHUB_LOGIN,
    "created_at": "CreatedDate",
    "account_id": "AccountId",
}
OPPORTUNITY_COLUMNS = {
    "upstream_id": "Id",
    "name": "Name",
    "stage_name": "StageName",
    "amount": "Amount",
    "close_date": "CloseDate",
    "probability": "Probability",
    "is_closed": "IsClosed",
    "is_won": "IsWon",
    "created_at": "CreatedDate",
    "account_id": "AccountId",
}
CASE_COLUMNS = {
    "upstream_id": "Id",
    "case_number": "CaseNumber",
    "subject": "Subject",
    "description": "Description",
    "status": "Status",
    "priority": "Priority",
    "origin": "Origin",
    "created_at": "CreatedDate",
    "closed_at": "ClosedDate",
    "contact_id": "ContactId",
    "account_id": "AccountId",
}
COLUMNS: dict[type, dict[str, str]] = {
    SalesforceAccount: ACCOUNT_COLUMNS,
    SalesforceContact: CONTACT_COLUMNS,
    SalesforceOpportunity: OPPORTUNITY_COLUMNS,
    SalesforceCase: CASE_COLUMNS,
}


def columns(type_: type, attributes: Collection[str]) -> frozenset[str]:
    """The columns that these attributes of a type are read from."""
    return frozenset(COLUMNS[type_][name] for name in COLUMNS[type_].keys() & attributes)


def identity(value: Any) -> strawberry.ID:
    """An id."""
    if not value:
        raise ValueError
    return strawberry.ID(text(value))


def decimal_text(value: Any) -> Decimal:
    """A number in decimal notation."""
    try:
        number = Decimal(text(value))
    except InvalidOperation as error:
        raise ValueError from error
    if not number.is_finite():
        raise ValueError
    return number


def integer_text(value: Any) -> int:
    """An integer in decimal notation."""
    return int(text(value))


def flag_text(value: Any) -> bool:
    """`true` or `false`."""
    return {"true": True, "false": False}[text(value)]


@mapping("salesforce", "account")
def to_account(read: Reader[RecordPayload]) -> SalesforceAccount:
    return SalesforceAccount(
        upstream_id=read("Id", identity),
        name=read("Name", text),
        industry=read.maybe("Industry", text),
        website=read.maybe("Website", text),
        phone=read.maybe("Phone", text),
        annual_revenue=read.maybe("AnnualRevenue", decimal_text),
        number_of_employees=read.maybe("NumberOfEmployees", integer_text),
        billing_city=read.maybe("BillingCity", text),
        billing_country=read.maybe("BillingCountry", text),
        created_at=read("CreatedDate", iso_time),
    )


@mapping("salesforce", "contact")
def to_contact(read: Reader[RecordPayload]) -> SalesforceContact:
    return SalesforceContact(
        upstream_id=read("Id", identity),
        first_name=read.maybe("FirstName", text),
        last_name=read("LastName", text),
        name=read("Name", text),
        email=read.maybe("Email", text),
        phone=read.maybe("Phone", text),
        title=read.maybe("Title", text),
        department=read.maybe("Department", text),
        mailing_city=read.maybe("MailingCity", text),
        mailing_country=read.maybe("MailingCountry", text),
        github_login=read.maybe(GITHUB_LOGIN, text),
        created_at=read("CreatedDate", iso_time),
        account_id=read.maybe("AccountId", text),
    )


@mapping("salesforce", "opportunity")
def to_opportunity(read: Reader[RecordPayload]) -> SalesforceOpportunity:
    return SalesforceOpportunity(
        upstream_id=read("Id", identity),
        name=read("Name", text),
        stage_name=read("StageName", text),
        amount=read.maybe("Amount", decimal_text),
        close_date=read("CloseDate", day),
        probability=read.maybe("Probability", decimal_text),
        is_closed=read("IsClosed", flag_text),
        is_won=read("IsWon", flag_text),
        created_at=read("CreatedDate", iso_time),
        account_id=read.maybe("AccountId", text),
    )


@mapping("salesforce", "case")
def to_case(read: Reader[RecordPayload]) -> SalesforceCase:
    return SalesforceCase(
        upstream_id=read("Id", identity),
        case_number=read("CaseNumber", text),
        subject=read.maybe("Subject", text),
        description=read.maybe("Description", text),
        status=read.maybe("Status", text),
        priority=read.maybe("Priority", text),
        origin=read.maybe("Origin", text),
        created_at=read("CreatedDate", iso_time),
        closed_at=read.maybe("ClosedDate", iso_time),
        contact_id=read.maybe("ContactId", text),
        account_id=read.maybe("AccountId", text),
    )


def to_record(payload: RecordPayload) -> SalesforceRecord:
    read = Reading("salesforce", "record", payload)
    columns = {name: value for name, value in payload.items() if name != "type"}
    if columns.get("Id") is None:
        columns.pop("Id", None)
    return SalesforceRecord(type=read("type", text), upstream_id=read.maybe("Id", identity), fields=cast(JSON, columns))
