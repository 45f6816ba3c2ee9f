"""Salesforce's records by key: one query for up to 200 keys, with the columns that the operation needs."""

from collections.abc import Callable, Collection, Sequence
from operator import itemgetter

from connectors.providers.salesforce.client import SalesforceClient
from connectors.providers.salesforce.payloads import RecordPayload
from resolvers.batching import Loaded, align, batch
from resolvers.context import Info
from resolvers.providers.salesforce.convert import columns, to_account, to_case, to_contact, to_opportunity
from schema.compose import attributes_anywhere, selected_attributes
from schema.providers.salesforce import (
    SalesforceAccount,
    SalesforceCase,
    SalesforceContact,
    SalesforceOpportunity,
)

MAX_KEYS = 200


def columns_anywhere(type_: type) -> Callable[[Info], frozenset[str]]:
    """For a batch: what the whole operation reads of one type."""
    return lambda info: columns(type_, attributes_anywhere(info, type_))


def columns_here(type_: type) -> Callable[[Info], frozenset[str]]:
    """For a list: what is selected on it."""
    return lambda info: columns(type_, selected_attributes(info))


@batch(SalesforceClient, max_keys=MAX_KEYS, operation="query", select=columns_anywhere(SalesforceAccount))
async def accounts_by_id(
    salesforce: SalesforceClient, ids: Sequence[str], select: Collection[str]
) -> Loaded[SalesforceAccount]:
    records = await salesforce.get_many("Account", ids, select=select)
    return align(ids, records, key=itemgetter("Id"), make=to_account)


@batch(SalesforceClient, max_keys=MAX_KEYS, operation="query", select=columns_anywhere(SalesforceContact))
async def contacts_by_id(
    salesforce: SalesforceClient, ids: Sequence[str], select: Collection[str]
) -> Loaded[SalesforceContact]:
    records = await salesforce.get_many("Contact", ids, select=select)
    return align(ids, records, key=itemgetter("Id"), make=to_contact)


@batch(SalesforceClient, max_keys=MAX_KEYS, operation="query", select=columns_anywhere(SalesforceOpportunity))
async def opportunities_by_id(
    salesforce: SalesforceClient, ids: Sequence[str], select: Collection[str]
) -> Loaded[SalesforceOpportunity]:
    records = await salesforce.get_many("Opportunity", ids, select=select)
    return align(ids, records, key=itemgetter("Id"), make=to_opportunity)


@batch(SalesforceClient, max_keys=MAX_KEYS, operation="query", select=columns_anywhere(SalesforceCase))
async def cases_by_id(
    salesforce: SalesforceClient, ids: Sequence[str], select: Collection[str]
) -> Loaded[SalesforceCase]:
    records = await salesforce.get_many("Case", ids, select=select)
    return align(ids, records, key=itemgetter("Id"), make=to_case)


@batch(SalesforceClient, max_keys=MAX_KEYS, operation="query", select=columns_anywhere(SalesforceContact))
async def contacts_by_email(
    salesforce: SalesforceClient, emails: Sequence[str], select: Collection[str]
) -> Loaded[SalesforceContact]:
    """The contact with an address, in any case; of several the one with the first id."""
    records = await salesforce.contacts_by_email(emails, select=select)
    first: dict[str, RecordPayload] = {}
    for record in records:
        first.setdefault(str(record["Email"]).lower(), record)
    return [to_contact(first[email.lower()]) if email.lower() in first else None for email in emails]
