"""From Salesforce's records to our types, and from our attributes to its columns."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

import strawberry
from strawberry.scalars import JSON

from connectors.providers.salesforce.client import Kind
from connectors.providers.salesforce.payloads import RecordPayload
from resolvers.mapping import Reader, mapping
from resolvers.reading import Reading, day, decimal, iso_time, text
from schema.providers.salesforce import (
    SalesforceAccount,
    SalesforceCase,
    SalesforceContact,
    SalesforceLead,
    SalesforceOpportunity,
    SalesforceRecord,
    SalesforceTask,
)

GITHUB_LOGIN = "GitHub_Login__c"
"""The custom column of contacts that holds their name on GitHub."""

Columns = Mapping[str, str]
"""For each attribute the column that it comes from."""

ACCOUNT: Columns = {
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
CONTACT: Columns = {
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
OPPORTUNITY: Columns = {
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
CASE: Columns = {
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
LEAD: Columns = {
    "upstream_id": "Id",
    "first_name": "FirstName",
    "last_name": "LastName",
    "name": "Name",
    "company": "Company",
    "title": "Title",
    "email": "Email",
    "phone": "Phone",
    "website": "Website",
    "status": "Status",
    "lead_source": "LeadSource",
    "industry": "Industry",
    "rating": "Rating",
    "city": "City",
    "country": "Country",
    "is_converted": "IsConverted",
    "converted_on": "ConvertedDate",
    "created_at": "CreatedDate",
    "converted_account_id": "ConvertedAccountId",
    "converted_contact_id": "ConvertedContactId",
    "converted_opportunity_id": "ConvertedOpportunityId",
}
TASK: Columns = {
    "upstream_id": "Id",
    "subject": "Subject",
    "description": "Description",
    "status": "Status",
    "priority": "Priority",
    "due_on": "ActivityDate",
    "is_closed": "IsClosed",
    "completed_at": "CompletedDateTime",
    "created_at": "CreatedDate",
    "who_id": "WhoId",
    "what_id": "WhatId",
    "account_id": "AccountId",
}


def identity(value: Any) -> strawberry.ID:
    """An id."""
    if not value:
        raise ValueError
    return strawberry.ID(text(value))


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
        annual_revenue=read.maybe("AnnualRevenue", decimal),
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
        amount=read.maybe("Amount", decimal),
        close_date=read("CloseDate", day),
        probability=read.maybe("Probability", decimal),
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


@mapping("salesforce", "lead")
def to_lead(read: Reader[RecordPayload]) -> SalesforceLead:
    return SalesforceLead(
        upstream_id=read("Id", identity),
        first_name=read.maybe("FirstName", text),
        last_name=read("LastName", text),
        name=read("Name", text),
        company=read.maybe("Company", text),
        title=read.maybe("Title", text),
        email=read.maybe("Email", text),
        phone=read.maybe("Phone", text),
        website=read.maybe("Website", text),
        status=read.maybe("Status", text),
        lead_source=read.maybe("LeadSource", text),
        industry=read.maybe("Industry", text),
        rating=read.maybe("Rating", text),
        city=read.maybe("City", text),
        country=read.maybe("Country", text),
        is_converted=read("IsConverted", flag_text),
        converted_on=read.maybe("ConvertedDate", day),
        created_at=read("CreatedDate", iso_time),
        converted_account_id=read.maybe("ConvertedAccountId", text),
        converted_contact_id=read.maybe("ConvertedContactId", text),
        converted_opportunity_id=read.maybe("ConvertedOpportunityId", text),
    )


@mapping("salesforce", "task")
def to_task(read: Reader[RecordPayload]) -> SalesforceTask:
    return SalesforceTask(
        upstream_id=read("Id", identity),
        subject=read.maybe("Subject", text),
        description=read.maybe("Description", text),
        status=read.maybe("Status", text),
        priority=read.maybe("Priority", text),
        due_on=read.maybe("ActivityDate", day),
        is_closed=read("IsClosed", flag_text),
        completed_at=read.maybe("CompletedDateTime", iso_time),
        created_at=read("CreatedDate", iso_time),
        who_id=read.maybe("WhoId", text),
        what_id=read.maybe("WhatId", text),
        account_id=read.maybe("AccountId", text),
    )


@dataclass(frozen=True, kw_only=True)
class RecordKind:
    """One kind of records: Salesforce's word for it, ours, its type, and how its payloads become that.

    `prefix` begins every id. Source: https://help.salesforce.com/s/articleView?id=000385203
    """

    name: Kind
    noun: str
    prefix: str
    type: type
    columns: Columns
    make: Callable[[RecordPayload], Any]

    def columns_of(self, attributes: Collection[str]) -> frozenset[str]:
        """The columns that these attributes are read from."""
        return frozenset(self.columns[name] for name in self.columns.keys() & attributes)


ACCOUNTS = RecordKind(
    name="Account", noun="account", prefix="001", type=SalesforceAccount, columns=ACCOUNT, make=to_account
)
CONTACTS = RecordKind(
    name="Contact", noun="contact", prefix="003", type=SalesforceContact, columns=CONTACT, make=to_contact
)
OPPORTUNITIES = RecordKind(
    name="Opportunity",
    noun="opportunity",
    prefix="006",
    type=SalesforceOpportunity,
    columns=OPPORTUNITY,
    make=to_opportunity,
)
CASES = RecordKind(name="Case", noun="case", prefix="500", type=SalesforceCase, columns=CASE, make=to_case)
LEADS = RecordKind(name="Lead", noun="lead", prefix="00Q", type=SalesforceLead, columns=LEAD, make=to_lead)
TASKS = RecordKind(name="Task", noun="task", prefix="00T", type=SalesforceTask, columns=TASK, make=to_task)


def to_record(payload: RecordPayload) -> SalesforceRecord:
    read = Reading("salesforce", "record", payload)
    columns = {name: value for name, value in payload.items() if name != "type"}
    if columns.get("Id") is None:
        columns.pop("Id", None)
    return SalesforceRecord(type=read("type", text), upstream_id=read.maybe("Id", identity), fields=cast(JSON, columns))
