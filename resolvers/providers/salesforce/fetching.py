"""Salesforce's records by key: one query for up to 200 keys, with the columns that the operation needs."""

from collections.abc import Callable, Collection, Sequence
from operator import itemgetter
from typing import Any

from connectors.providers.salesforce.client import SalesforceClient
from connectors.providers.salesforce.payloads import RecordPayload
from resolvers.batching import Batch, Loaded, align, align_groups, batch
from resolvers.context import Info
from resolvers.providers.salesforce.convert import (
    ACCOUNTS,
    CASES,
    CONTACTS,
    LEADS,
    OPPORTUNITIES,
    TASKS,
    RecordKind,
    to_contact,
)
from schema.compose import attributes_anywhere, selected_attributes
from schema.providers.salesforce import SalesforceContact

MAX_KEYS = 200


def columns_anywhere(kind: RecordKind) -> Callable[[Info], frozenset[str]]:
    """For a batch: what the whole operation reads of one kind."""
    return lambda info: kind.columns_of(attributes_anywhere(info, kind.type))


def columns_here(kind: RecordKind) -> Callable[[Info], frozenset[str]]:
    """For a list: what is selected on it."""
    return lambda info: kind.columns_of(selected_attributes(info))


def by_id(kind: RecordKind) -> Batch[Any]:
    """Records of one kind by their ids."""

    async def fetch(salesforce: SalesforceClient, ids: Sequence[str], select: Collection[str]) -> Loaded[Any]:
        records = await salesforce.get_many(kind.name, ids, select=select)
        return align(ids, records, key=itemgetter("Id"), make=kind.make)

    return _batch(kind, fetch)


def as_written(kind: RecordKind) -> Batch[Any]:
    """The same by id and a name for the writing, so that what was read before the writing is not given again."""

    async def fetch(
        salesforce: SalesforceClient, keys: Sequence[tuple[str, str]], select: Collection[str]
    ) -> Loaded[Any]:
        ids = [id for id, _ in keys]
        records = await salesforce.get_many(kind.name, list(dict.fromkeys(ids)), select=select)
        return align(ids, records, key=itemgetter("Id"), make=kind.make)

    return _batch(kind, fetch)


def _batch(kind: RecordKind, fetch: Callable[..., Any]) -> Batch[Any]:
    fetch.__annotations__["return"] = Loaded[kind.type]  # type: ignore[name-defined]
    return batch(SalesforceClient, max_keys=MAX_KEYS, operation="query", select=columns_anywhere(kind))(fetch)


accounts_by_id, contacts_by_id, opportunities_by_id = by_id(ACCOUNTS), by_id(CONTACTS), by_id(OPPORTUNITIES)
cases_by_id, leads_by_id, tasks_by_id = by_id(CASES), by_id(LEADS), by_id(TASKS)


@batch(SalesforceClient, max_keys=MAX_KEYS, operation="query", select=columns_anywhere(CONTACTS))
async def contacts_by_email(
    salesforce: SalesforceClient, emails: Sequence[str], select: Collection[str]
) -> Loaded[SalesforceContact]:
    """The contact with an address, in any case; of several the one with the first id."""
    records = await salesforce.contacts_by_email(emails, select=select)
    first: dict[str, RecordPayload] = {}
    for record in records:
        first.setdefault(str(record["Email"]).lower(), record)
    return [to_contact(first[email.lower()]) if email.lower() in first else None for email in emails]


@batch(SalesforceClient, max_keys=MAX_KEYS, operation="query", select=columns_anywhere(CONTACTS), items=1)
async def contacts_with_email(
    salesforce: SalesforceClient, emails: Sequence[str], select: Collection[str]
) -> Loaded[list[SalesforceContact]]:
    """All contacts with an address, in any case, in the order of their ids."""
    records = await salesforce.contacts_by_email(emails, select=select)
    lower = [email.lower() for email in emails]
    return align_groups(lower, records, key=lambda record: str(record["Email"]).lower(), make=to_contact)
