"""Salesforce's types: accounts, contacts, opportunities, cases, leads, tasks, and whatever a query gives."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from schema.contacts import Contact
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
class SalesforceContact(Node, Contact):
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


@strawberry.type(description="A lead: somebody who may become a customer, and is no contact yet.")
class SalesforceLead(Node):
    first_name: str | None = strawberry.field(description="Given name.")
    last_name: str = strawberry.field(description="Family name.")
    name: str = strawberry.field(description="The whole name, as Salesforce puts it together.")
    company: str | None = strawberry.field(description="Where they are, as somebody typed it.")
    title: str | None = strawberry.field(description="Job title.")
    email: str | None = strawberry.field(description="E-mail address. Several leads may share one.")
    phone: str | None = strawberry.field(description="Telephone number.")
    website: str | None = strawberry.field(description="Website.")
    status: str | None = strawberry.field(description="Where it stands, from the org's own list.")
    lead_source: str | None = strawberry.field(description="Where it comes from, from the org's own list.")
    industry: str | None = strawberry.field(description="Line of business, from the org's own list.")
    rating: str | None = strawberry.field(description="How promising it is: hot, warm, cold ...")
    city: str | None = strawberry.field(description="City.")
    country: str | None = strawberry.field(description="Country.")
    is_converted: bool = strawberry.field(description="Whether it has become a contact of an account.")
    converted_on: date | None = strawberry.field(description="The day on which it was converted.")
    created_at: datetime = strawberry.field(description="When the record was made.")
    converted_account_id: strawberry.Private[str | None]
    converted_contact_id: strawberry.Private[str | None]
    converted_opportunity_id: strawberry.Private[str | None]


@strawberry.type(description="A task: something to be done, perhaps about a record and with a person.")
class SalesforceTask(Node):
    subject: str | None = strawberry.field(description="What is to be done, in a line.")
    description: str | None = strawberry.field(description="What is to be done, at length: up to 32,000 characters.")
    status: str | None = strawberry.field(description="Where it stands, from the org's own list.")
    priority: str | None = strawberry.field(description="How urgent it is, from the org's own list.")
    due_on: date | None = strawberry.field(description="The day by which it is to be done.")
    is_closed: bool = strawberry.field(description="Whether it is done.")
    completed_at: datetime | None = strawberry.field(description="When it was done.")
    created_at: datetime = strawberry.field(description="When the record was made.")
    who_id: strawberry.Private[str | None]
    what_id: strawberry.Private[str | None]
    account_id: strawberry.Private[str | None]


@strawberry.type(description="A record of any kind, as a query gives it.")
class SalesforceRecord:
    type: str = strawberry.field(description="Its kind (`Contact`, `Invoice__c`); `AggregateResult` for groups.")
    upstream_id: strawberry.ID | None = strawberry.field(description="Its id, where the query selects `Id`.")
    fields: JSON = strawberry.field(
        description="The selected columns by name. Values are strings as Salesforce's SOAP API writes them, or null; "
        "related records are objects with their own `type`."
    )


UNSET = strawberry.UNSET
OTHERS = (
    "Other columns under Salesforce's names, custom ones too, as an object of strings, numbers, booleans and nulls."
)


@strawberry.input(description="What to write of an account: null clears a column, and what is left out stays as it is.")
class SalesforceAccountInput:
    name: str | None = strawberry.field(default=UNSET, description="Its name.")
    industry: str | None = strawberry.field(default=UNSET, description="Its line of business.")
    website: str | None = strawberry.field(default=UNSET, description="Its website.")
    phone: str | None = strawberry.field(default=UNSET, description="Its main telephone number.")
    annual_revenue: Decimal | None = strawberry.field(default=UNSET, description="Revenue in a year, exact.")
    number_of_employees: int | None = strawberry.field(default=UNSET, description="How many people work there.")
    billing_city: str | None = strawberry.field(default=UNSET, description="City of the billing address.")
    billing_country: str | None = strawberry.field(default=UNSET, description="Country of the billing address.")
    columns: JSON | None = strawberry.field(default=None, description=OTHERS)


@strawberry.input(description="What to write of a contact: null clears a column, and what is left out stays as it is.")
class SalesforceContactInput:
    first_name: str | None = strawberry.field(default=UNSET, description="Given name.")
    last_name: str | None = strawberry.field(default=UNSET, description="Family name.")
    email: str | None = strawberry.field(default=UNSET, description="E-mail address.")
    phone: str | None = strawberry.field(default=UNSET, description="Telephone number.")
    title: str | None = strawberry.field(default=UNSET, description="Job title.")
    department: str | None = strawberry.field(default=UNSET, description="Department in the account.")
    mailing_city: str | None = strawberry.field(default=UNSET, description="City of the mailing address.")
    mailing_country: str | None = strawberry.field(default=UNSET, description="Country of the mailing address.")
    account_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Salesforce's or the global id of the account."
    )
    columns: JSON | None = strawberry.field(default=None, description=OTHERS)


@strawberry.input(
    description="What to write of an opportunity: null clears a column, and what is left out stays as it is."
)
class SalesforceOpportunityInput:
    name: str | None = strawberry.field(default=UNSET, description="Its name.")
    stage_name: str | None = strawberry.field(
        default=UNSET, description="How far it has come, from the org's own list of stages."
    )
    amount: Decimal | None = strawberry.field(default=UNSET, description="What it is worth, exact.")
    close_date: date | None = strawberry.field(default=UNSET, description="The day by which it is expected to close.")
    probability: Decimal | None = strawberry.field(default=UNSET, description="How likely it is, in per cent.")
    account_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Salesforce's or the global id of the account."
    )
    columns: JSON | None = strawberry.field(default=None, description=OTHERS)


@strawberry.input(description="What to write of a case: null clears a column, and what is left out stays as it is.")
class SalesforceCaseInput:
    subject: str | None = strawberry.field(default=UNSET, description="What it is about, in a line.")
    description: str | None = strawberry.field(default=UNSET, description="What it is about, at length.")
    status: str | None = strawberry.field(default=UNSET, description="Where it stands, from the org's own list.")
    priority: str | None = strawberry.field(default=UNSET, description="How urgent it is, from the org's own list.")
    origin: str | None = strawberry.field(default=UNSET, description="How it came in.")
    contact_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Salesforce's or the global id of the contact."
    )
    account_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Salesforce's or the global id of the account."
    )
    columns: JSON | None = strawberry.field(default=None, description=OTHERS)


@strawberry.input(description="What to write of a lead: null clears a column, and what is left out stays as it is.")
class SalesforceLeadInput:
    first_name: str | None = strawberry.field(default=UNSET, description="Given name.")
    last_name: str | None = strawberry.field(default=UNSET, description="Family name.")
    company: str | None = strawberry.field(default=UNSET, description="Where they are.")
    title: str | None = strawberry.field(default=UNSET, description="Job title.")
    email: str | None = strawberry.field(default=UNSET, description="E-mail address.")
    phone: str | None = strawberry.field(default=UNSET, description="Telephone number.")
    website: str | None = strawberry.field(default=UNSET, description="Website.")
    status: str | None = strawberry.field(default=UNSET, description="Where it stands, from the org's own list.")
    lead_source: str | None = strawberry.field(
        default=UNSET, description="Where it comes from, from the org's own list."
    )
    industry: str | None = strawberry.field(default=UNSET, description="Line of business.")
    rating: str | None = strawberry.field(default=UNSET, description="How promising it is.")
    city: str | None = strawberry.field(default=UNSET, description="City.")
    country: str | None = strawberry.field(default=UNSET, description="Country.")
    columns: JSON | None = strawberry.field(default=None, description=OTHERS)


@strawberry.input(description="What to write of a task: null clears a column, and what is left out stays as it is.")
class SalesforceTaskInput:
    subject: str | None = strawberry.field(default=UNSET, description="What is to be done, in a line.")
    description: str | None = strawberry.field(default=UNSET, description="What is to be done, at length.")
    status: str | None = strawberry.field(default=UNSET, description="Where it stands, from the org's own list.")
    priority: str | None = strawberry.field(default=UNSET, description="How urgent it is, from the org's own list.")
    due_on: date | None = strawberry.field(default=UNSET, description="The day by which it is to be done.")
    who_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Salesforce's or the global id of a contact or a lead."
    )
    what_id: strawberry.ID | None = strawberry.field(
        default=UNSET,
        description="Salesforce's or the global id of the record it is about: an account, an opportunity, a case ...",
    )
    columns: JSON | None = strawberry.field(default=None, description=OTHERS)


@strawberry.input(description="What is to become of a lead. Of records that are there, only empty columns are written.")
class SalesforceLeadConversionInput:
    status: str = strawberry.field(
        description="Where it stands from then on: one of the org's own list for converted leads, which "
        "`SELECT MasterLabel FROM LeadStatus WHERE IsConverted = true` gives."
    )
    account_id: strawberry.ID | None = strawberry.field(
        default=None, description="Salesforce's or the global id of the account to merge it into; null makes one."
    )
    contact_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Salesforce's or the global id of the contact of that account to merge it into; null makes one.",
    )
    create_opportunity: bool = strawberry.field(
        default=True, description="Whether it has an opportunity, new or `opportunityId`."
    )
    opportunity_id: strawberry.ID | None = strawberry.field(
        default=None, description="Salesforce's or the global id of its opportunity; null makes one."
    )
    opportunity_name: str | None = strawberry.field(
        default=None, description="What the new opportunity is called, in up to 80 characters; null for the company."
    )
    owner_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Salesforce's id of the user who is to own what is made; null for the lead's owner. A lead that a "
        "queue owns needs one.",
    )
    notify_owner: bool = strawberry.field(default=False, description="Whether Salesforce tells the owner by e-mail.")


IS_NEW = "Whether it was not there before; a repetition after a lost answer finds it there."


@strawberry.type(description="The account was written.")
class SalesforceAccountSaved:
    upstream_id: strawberry.ID = strawberry.field(description="Salesforce's id of it.")
    is_new: bool = strawberry.field(description=IS_NEW)
    written_ref: strawberry.Private[tuple[str, str]]


@strawberry.type(description="The contact was written.")
class SalesforceContactSaved:
    upstream_id: strawberry.ID = strawberry.field(description="Salesforce's id of it.")
    is_new: bool = strawberry.field(description=IS_NEW)
    written_ref: strawberry.Private[tuple[str, str]]


@strawberry.type(description="The opportunity was written.")
class SalesforceOpportunitySaved:
    upstream_id: strawberry.ID = strawberry.field(description="Salesforce's id of it.")
    is_new: bool = strawberry.field(description=IS_NEW)
    written_ref: strawberry.Private[tuple[str, str]]


@strawberry.type(description="The case was written.")
class SalesforceCaseSaved:
    upstream_id: strawberry.ID = strawberry.field(description="Salesforce's id of it.")
    is_new: bool = strawberry.field(description=IS_NEW)
    written_ref: strawberry.Private[tuple[str, str]]


@strawberry.type(description="The lead was written.")
class SalesforceLeadSaved:
    upstream_id: strawberry.ID = strawberry.field(description="Salesforce's id of it.")
    is_new: bool = strawberry.field(description=IS_NEW)
    written_ref: strawberry.Private[tuple[str, str]]


@strawberry.type(description="The task was written.")
class SalesforceTaskSaved:
    upstream_id: strawberry.ID = strawberry.field(description="Salesforce's id of it.")
    is_new: bool = strawberry.field(description=IS_NEW)
    written_ref: strawberry.Private[tuple[str, str]]


@strawberry.type(description="The lead was converted.")
class SalesforceLeadConverted:
    upstream_id: strawberry.ID = strawberry.field(description="Salesforce's id of the lead.")
    lead_ref: strawberry.Private[tuple[str, str]]
    account_ref: strawberry.Private[tuple[str, str]]
    contact_ref: strawberry.Private[tuple[str, str]]
    opportunity_ref: strawberry.Private[tuple[str, str] | None]


@strawberry.type(
    description="Nothing was done: the lead has been converted before, perhaps by a call whose answer is lost."
)
class SalesforceLeadAlreadyConverted:
    upstream_id: strawberry.ID = strawberry.field(description="Salesforce's id of the lead.")
    lead_ref: strawberry.Private[tuple[str, str]]


@strawberry.type(description="The record was written.")
class SalesforceRecordSaved:
    upstream_id: strawberry.ID = strawberry.field(description="Salesforce's id of it.")
    is_new: bool = strawberry.field(description=IS_NEW)


@strawberry.type(description="The record is gone, with what belonged to it.")
class SalesforceRecordDeleted:
    upstream_id: strawberry.ID = strawberry.field(description="Salesforce's id of it.")


@strawberry.type(description="Nothing was done: there is no such record (any more).")
class SalesforceRecordNotFound:
    upstream_id: strawberry.ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="What is wrong with a record.")
class SalesforceRecordFault:
    status_code: str = strawberry.field(
        description="Salesforce's code: `REQUIRED_FIELD_MISSING`, `FIELD_CUSTOM_VALIDATION_EXCEPTION` ..."
    )
    message: str | None = strawberry.field(description="Salesforce's explanation; for validation rules, the org's own.")
    fields: list[str] = strawberry.field(description="The columns to blame, where Salesforce says.")


@strawberry.type(description="Nothing was done: Salesforce does not take the record as it is.")
class SalesforceValidationFailed:
    faults: list[SalesforceRecordFault] = strawberry.field(description="What is wrong.")


@strawberry.type(description="Nothing was done: there is such a record already.")
class SalesforceDuplicateFound:
    status_code: str = strawberry.field(
        description="`DUPLICATES_DETECTED`: a duplicate rule, which may let `allowDuplicates` pass. `DUPLICATE_VALUE`, "
        "`DUPLICATE_EXTERNAL_ID`: a column whose values are unique."
    )
    message: str | None = strawberry.field(description="Salesforce's explanation; for duplicate rules, the org's own.")
    existing_ids: list[strawberry.ID] = strawberry.field(description="Salesforce's ids of the others, where it tells.")


@strawberry.type(description="Nothing was done: another record was refused, and `allOrNone` was asked for.")
class SalesforceRolledBack:
    message: str | None = strawberry.field(description="Salesforce's explanation.")


SalesforceAccountResult = Annotated[
    SalesforceAccountSaved | SalesforceRecordNotFound | SalesforceDuplicateFound | SalesforceValidationFailed,
    strawberry.union("SalesforceAccountResult", description="What came of writing an account."),
]
SalesforceContactResult = Annotated[
    SalesforceContactSaved | SalesforceRecordNotFound | SalesforceDuplicateFound | SalesforceValidationFailed,
    strawberry.union("SalesforceContactResult", description="What came of writing a contact."),
]
SalesforceOpportunityResult = Annotated[
    SalesforceOpportunitySaved | SalesforceRecordNotFound | SalesforceDuplicateFound | SalesforceValidationFailed,
    strawberry.union("SalesforceOpportunityResult", description="What came of writing an opportunity."),
]
SalesforceCaseResult = Annotated[
    SalesforceCaseSaved | SalesforceRecordNotFound | SalesforceDuplicateFound | SalesforceValidationFailed,
    strawberry.union("SalesforceCaseResult", description="What came of writing a case."),
]
SalesforceLeadResult = Annotated[
    SalesforceLeadSaved | SalesforceRecordNotFound | SalesforceDuplicateFound | SalesforceValidationFailed,
    strawberry.union("SalesforceLeadResult", description="What came of writing a lead."),
]
SalesforceConversionResult = Annotated[
    SalesforceLeadConverted
    | SalesforceLeadAlreadyConverted
    | SalesforceRecordNotFound
    | SalesforceDuplicateFound
    | SalesforceValidationFailed,
    strawberry.union("SalesforceConversionResult", description="What came of converting a lead."),
]
SalesforceTaskResult = Annotated[
    SalesforceTaskSaved | SalesforceRecordNotFound | SalesforceDuplicateFound | SalesforceValidationFailed,
    strawberry.union("SalesforceTaskResult", description="What came of writing a task."),
]
SalesforceRecordResult = Annotated[
    SalesforceRecordSaved
    | SalesforceRecordNotFound
    | SalesforceDuplicateFound
    | SalesforceValidationFailed
    | SalesforceRolledBack,
    strawberry.union("SalesforceRecordResult", description="What came of writing one record."),
]
SalesforceDeleteResult = Annotated[
    SalesforceRecordDeleted | SalesforceRecordNotFound | SalesforceValidationFailed | SalesforceRolledBack,
    strawberry.union("SalesforceDeleteResult", description="What came of deleting one record."),
]

__all__ = [name for name in dict(globals()) if name.startswith("Salesforce")]
