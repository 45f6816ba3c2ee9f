"""What can be read: single records, lists, the links between them, and any SOQL query."""

from functools import partial
from typing import Annotated, Any, TypeVar

import strawberry

from connectors.providers.salesforce.client import SalesforceClient
from connectors.providers.salesforce.ids import long_id
from connectors.providers.salesforce.soql import is_plain_read
from resolvers.batching import Batch, required
from resolvers.connections import Pages
from resolvers.context import Info
from resolvers.providers.salesforce.convert import to_account, to_case, to_contact, to_opportunity, to_record
from resolvers.providers.salesforce.fetching import (
    accounts_by_id,
    cases_by_id,
    columns_here,
    contacts_by_id,
    opportunities_by_id,
)
from schema.fields import Fields
from schema.problems import BadInput
from schema.providers.salesforce import (
    SalesforceAccount,
    SalesforceCase,
    SalesforceContact,
    SalesforceOpportunity,
    SalesforceQuery,
)
from schema.relay import bounded, upstream_id_of

T = TypeVar("T")

Id = Annotated[
    strawberry.ID, strawberry.argument(description="Salesforce's own id (15 or 18 characters) or the global one.")
]
Email = Annotated[str | None, strawberry.argument(description="Only those with this address, in any case.")]
Soql = Annotated[str, strawberry.argument(description="A SELECT statement in SOQL that changes nothing.")]

pages = partial(Pages, SalesforceClient, operation="query")
ACCOUNTS = pages(SalesforceClient.accounts, to_account, select=columns_here(SalesforceAccount))
CONTACTS = pages(SalesforceClient.contacts, to_contact, select=columns_here(SalesforceContact))
OPPORTUNITIES = pages(SalesforceClient.opportunities, to_opportunity, select=columns_here(SalesforceOpportunity))
CASES = pages(SalesforceClient.cases, to_case, select=columns_here(SalesforceCase))

fields = Fields("salesforce")
fields.group("salesforce", SalesforceQuery)
fields.node(SalesforceAccount, via=accounts_by_id)
fields.node(SalesforceContact, via=contacts_by_id)
fields.node(SalesforceOpportunity, via=opportunities_by_id)
fields.node(SalesforceCase, via=cases_by_id)


def refer(type_: type, name: str, via: Batch[Any], description: str) -> None:
    """A field for the record that `<name>_id` refers to."""
    attribute = f"{name}_id"
    strict = required(via, "salesforce", via.calls.operation)
    fields.link(type_, name, via=strict, key=attribute, description=description)


refer(SalesforceContact, "account", accounts_by_id, "The account where the person is.")
refer(SalesforceOpportunity, "account", accounts_by_id, "The account that the deal is with.")
refer(SalesforceCase, "account", accounts_by_id, "The account that it concerns.")
refer(SalesforceCase, "contact", contacts_by_id, "The person who asked.")


@fields.on(SalesforceQuery, calls=accounts_by_id.calls)
async def account(info: Info, id: Id) -> SalesforceAccount | None:
    """One account; null where there is none."""
    return await by_id(accounts_by_id, info, id, SalesforceAccount)


@fields.on(SalesforceQuery, calls=contacts_by_id.calls)
async def contact(info: Info, id: Id) -> SalesforceContact | None:
    """One contact; null where there is none."""
    return await by_id(contacts_by_id, info, id, SalesforceContact)


@fields.on(SalesforceQuery, calls=opportunities_by_id.calls)
async def opportunity(info: Info, id: Id) -> SalesforceOpportunity | None:
    """One opportunity; null where there is none."""
    return await by_id(opportunities_by_id, info, id, SalesforceOpportunity)


@fields.on(SalesforceQuery, calls=cases_by_id.calls)
async def case(info: Info, id: Id) -> SalesforceCase | None:
    """One case; null where there is none."""
    return await by_id(cases_by_id, info, id, SalesforceCase)


def belonging_to(root: object) -> dict[str, Any]:
    """What bounds a list by the record that it stands below."""
    if isinstance(root, SalesforceAccount):
        return {"account_id": root.upstream_id}
    return {"contact_id": root.upstream_id} if isinstance(root, SalesforceContact) else {}


@fields.connection(SalesforceQuery, ACCOUNTS)
def accounts(root: SalesforceQuery) -> dict[str, Any]:
    """Accounts, in the order of their ids."""
    return {}


@fields.connection(SalesforceQuery, CONTACTS)
@fields.connection(SalesforceAccount, CONTACTS, needs=("upstream_id",))
def contacts(root: SalesforceQuery | SalesforceAccount, email: Email = None) -> dict[str, Any]:
    """Contacts, in the order of their ids."""
    return {**belonging_to(root), "email": email and bounded(email, "email")}


@fields.connection(SalesforceQuery, OPPORTUNITIES)
@fields.connection(SalesforceAccount, OPPORTUNITIES, needs=("upstream_id",))
def opportunities(root: SalesforceQuery | SalesforceAccount) -> dict[str, Any]:
    """Opportunities, in the order of their ids."""
    return belonging_to(root)


@fields.connection(SalesforceQuery, CASES)
@fields.connection(SalesforceAccount, CASES, needs=("upstream_id",))
@fields.connection(SalesforceContact, CASES, needs=("upstream_id",))
def cases(root: SalesforceQuery | SalesforceAccount | SalesforceContact) -> dict[str, Any]:
    """Cases, in the order of their ids."""
    return belonging_to(root)


@fields.connection(SalesforceQuery, pages(SalesforceClient.query, to_record))
def query(root: SalesforceQuery, soql: Soql) -> dict[str, Any]:
    """The records that a SOQL query gives, in its order.

    Give it an ORDER BY with a unique column: a page that starts among the first 200 to 2,000 records runs the query
    again. A query that Salesforce does not take fails with its reason (`MALFORMED_QUERY`, `INVALID_FIELD` ...) and
    the place.
    """
    if not is_plain_read(soql):
        raise BadInput("`soql` must be a SELECT without FOR VIEW, FOR REFERENCE, FOR UPDATE or UPDATE clauses")
    return {"soql": soql}


async def by_id(via: Batch[T], info: Info, value: str, type_: type[T]) -> T | None:
    """A record by what a client may call its id; what cannot be an id is a miss."""
    known = long_id(upstream_id_of(value, type_.__name__))
    return None if known is None else await via.load(info, known)
