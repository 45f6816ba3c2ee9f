"""What the sandbox does to convert a lead.

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_convertlead.htm
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connectors.providers.salesforce.ids import suffix
from connectors.providers.salesforce.sandbox.org import USER
from connectors.providers.salesforce.sandbox.store import STAGES, Record, Refusal, Store, converted

ACCOUNT = {
    "Website": "Website",
    "Phone": "Phone",
    "Industry": "Industry",
    "BillingCity": "City",
    "BillingCountry": "Country",
}
CONTACT = {
    "FirstName": "FirstName",
    "Title": "Title",
    "Email": "Email",
    "Phone": "Phone",
    "MailingCity": "City",
    "MailingCountry": "Country",
}
"""For each column of what comes of a lead that of the lead."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is to become of a lead; ids are empty where there is to be a new record."""

    lead_id: str
    status: str
    account_id: str = ""
    contact_id: str = ""
    opportunity_id: str = ""
    opportunity_name: str = ""
    create_opportunity: bool = True
    owner_id: str = ""


def convert(store: Store, wish: Wish, now: datetime) -> dict[str, str | None]:
    """The ids of the lead, and of what it was converted into. Raises `Refusal`, and then nothing was done."""
    before = store.snapshot()
    try:
        return _convert(store, wish, now)
    except Refusal:
        store.put_back(before)
        raise


def _convert(store: Store, wish: Wish, now: datetime) -> dict[str, str | None]:
    leads = store.tables["Lead"]
    lead = leads.rows[store.known_id(leads, wish.lead_id)]
    if lead["IsConverted"]:
        raise converted()
    if not any(one["MasterLabel"] == wish.status and one["IsConverted"] for one in _rows(store, "LeadStatus")):
        raise Refusal("INVALID_STATUS", f"invalid convertedStatus: {wish.status}", ("Status",))
    if wish.owner_id not in ("", USER + suffix(USER)):
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ("OwnerId",))
    contacts = store.tables["Contact"]
    if wish.contact_id and contacts.rows[store.known_id(contacts, wish.contact_id)]["AccountId"] != wish.account_id:
        raise Refusal("FIELD_INTEGRITY_EXCEPTION", "the contact is not one of the account", ("ContactId",))
    account = _made(store, "Account", wish.account_id, _from(lead, ACCOUNT), {"Name": lead["Company"]}, now)
    new = {"LastName": lead["LastName"], "AccountId": account}
    contact = _made(store, "Contact", wish.contact_id, _from(lead, CONTACT), new, now)
    opportunity = None
    if wish.create_opportunity:
        new = {
            "Name": wish.opportunity_name or lead["Company"],
            "StageName": STAGES[0][0],
            "CloseDate": end_of_quarter(now.date()),
            "AccountId": account,
        }
        opportunity = _made(store, "Opportunity", wish.opportunity_id, {}, new, now)
    for task in _rows(store, "Task"):
        if task["WhoId"] == lead["Id"]:
            store.update("Task", str(task["Id"]), {"WhoId": contact}, now)
    lead.update(
        Status=wish.status,
        IsConverted=True,
        ConvertedDate=now.date(),
        ConvertedAccountId=account,
        ConvertedContactId=contact,
        ConvertedOpportunityId=opportunity,
        LastModifiedDate=now,
        SystemModstamp=now,
    )
    return {"accountId": account, "contactId": contact, "leadId": str(lead["Id"]), "opportunityId": opportunity}


def end_of_quarter(day: date) -> date:
    """The day on which an opportunity of a lead is expected to close."""
    month = (day.month - 1) // 3 * 3 + 3
    first_of_next = date(day.year + month // 12, month % 12 + 1, 1)
    return first_of_next - timedelta(days=1)


def _made(store: Store, kind: str, id: str, values: Record, new: Record, now: datetime) -> str:
    """The id of a new record, or of the one that is given, in which only what was empty is written."""
    if not id:
        return store.create(kind, {**values, **new}, now)
    table = store.tables[kind]
    row = table.rows[store.known_id(table, id)]
    return store.update(kind, id, {name: value for name, value in values.items() if row[name] is None}, now)


def _from(lead: Record, columns: Mapping[str, str]) -> Record:
    return {name: lead[column] for name, column in columns.items() if lead[column] is not None}


def _rows(store: Store, kind: str) -> list[Record]:
    return list(store.tables[kind].rows.values())
