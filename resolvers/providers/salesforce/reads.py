"""What can be read: single records, lists, the links between them, and any SOQL query."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, TypeVar

import strawberry

from connectors.providers.salesforce.client import SalesforceClient
from connectors.providers.salesforce.ids import long_id
from connectors.providers.salesforce.soql import is_plain_read
from resolvers.batching import Batch, required
from resolvers.connections import Pages
from resolvers.context import Info
from resolvers.providers.salesforce.convert import (
    ACCOUNTS,
    CASES,
    CONTACTS,
    LEADS,
    OPPORTUNITIES,
    TASKS,
    RecordKind,
    to_record,
)
from resolvers.providers.salesforce.fetching import (
    accounts_by_id,
    cases_by_id,
    columns_here,
    contacts_by_id,
    leads_by_id,
    opportunities_by_id,
    tasks_by_id,
)
from schema.fields import Fields
from schema.problems import BadInput
from schema.providers.salesforce import (
    SalesforceAccount,
    SalesforceCase,
    SalesforceContact,
    SalesforceLead,
    SalesforceOpportunity,
    SalesforceQuery,
    SalesforceTask,
)
from schema.relay import bounded, upstream_id_of

T = TypeVar("T")

Id = Annotated[
    strawberry.ID, strawberry.argument(description="Salesforce's own id (15 or 18 characters) or the global one.")
]
Email = Annotated[str | None, strawberry.argument(description="Only those with this address, in any case.")]
Soql = Annotated[str, strawberry.argument(description="A SELECT statement in SOQL that changes nothing.")]

pages = partial(Pages, SalesforceClient, operation="query")


def listed(kind: RecordKind, method: Callable[..., Any]) -> Pages[Any]:
    """A list of one kind."""
    return pages(method, kind.make, select=columns_here(kind))


ACCOUNT_LIST = listed(ACCOUNTS, SalesforceClient.accounts)
CONTACT_LIST = listed(CONTACTS, SalesforceClient.contacts)
OPPORTUNITY_LIST = listed(OPPORTUNITIES, SalesforceClient.opportunities)
CASE_LIST = listed(CASES, SalesforceClient.cases)
LEAD_LIST = listed(LEADS, SalesforceClient.leads)
TASK_LIST = listed(TASKS, SalesforceClient.tasks)

fields = Fields("salesforce")
fields.group("salesforce", SalesforceQuery)
fields.node(SalesforceAccount, via=accounts_by_id)
fields.node(SalesforceContact, via=contacts_by_id)
fields.node(SalesforceOpportunity, via=opportunities_by_id)
fields.node(SalesforceCase, via=cases_by_id)
fields.node(SalesforceLead, via=leads_by_id)
fields.node(SalesforceTask, via=tasks_by_id)


def refer(type_: type, name: str, via: Batch[Any], description: str, *, attribute: str = "") -> None:
    """A field for the record that `<name>_id` refers to."""
    fields.link(type_, name, via=required(via), key=attribute or f"{name}_id", description=description)


refer(SalesforceContact, "account", accounts_by_id, "The account where the person is.")
refer(SalesforceOpportunity, "account", accounts_by_id, "The account that the deal is with.")
refer(SalesforceCase, "account", accounts_by_id, "The account that it concerns.")
refer(SalesforceCase, "contact", contacts_by_id, "The person who asked.")
refer(SalesforceLead, "converted_account", accounts_by_id, "The account that it was converted into.")
refer(SalesforceLead, "converted_contact", contacts_by_id, "The contact that it was converted into.")
refer(
    SalesforceLead, "converted_opportunity", opportunities_by_id, "The opportunity that was made of it; null for none."
)
refer(SalesforceTask, "account", accounts_by_id, "The account that it concerns, in one way or another.")


def refer_by_kind(name: str, attribute: str, kind: RecordKind, via: Batch[Any], description: str) -> None:
    """A field of tasks for the record that `attribute` refers to, if it is of this kind: ids begin by kind."""

    def key(task: SalesforceTask) -> Any:
        value = getattr(task, attribute)
        return value if isinstance(value, Exception) or str(value).startswith(kind.prefix) else None

    fields.link(SalesforceTask, name, via=required(via), key=key, needs=(attribute,), description=description)


refer_by_kind("contact", "who_id", CONTACTS, contacts_by_id, "The contact it is to be done with; null for none.")
refer_by_kind("lead", "who_id", LEADS, leads_by_id, "The lead it is to be done with; null for none.")
refer_by_kind(
    "opportunity", "what_id", OPPORTUNITIES, opportunities_by_id, "The opportunity it is about; null for none."
)
refer_by_kind("case", "what_id", CASES, cases_by_id, "The case it is about; null for none.")


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


@fields.on(SalesforceQuery, calls=leads_by_id.calls)
async def lead(info: Info, id: Id) -> SalesforceLead | None:
    """One lead, converted or not; null where there is none."""
    return await by_id(leads_by_id, info, id, SalesforceLead)


@fields.on(SalesforceQuery, calls=tasks_by_id.calls)
async def task(info: Info, id: Id) -> SalesforceTask | None:
    """One task; null where there is none."""
    return await by_id(tasks_by_id, info, id, SalesforceTask)


def belonging_to(root: object) -> dict[str, Any]:
    """What bounds a list by the record that it stands below."""
    if isinstance(root, SalesforceAccount):
        return {"account_id": root.upstream_id}
    return {"contact_id": root.upstream_id} if isinstance(root, SalesforceContact) else {}


@fields.connection(SalesforceQuery, ACCOUNT_LIST)
def accounts(root: SalesforceQuery) -> dict[str, Any]:
    """Accounts, in the order of their ids."""
    return {}


@fields.connection(SalesforceQuery, CONTACT_LIST)
@fields.connection(SalesforceAccount, CONTACT_LIST, needs=("upstream_id",))
def contacts(root: SalesforceQuery | SalesforceAccount, email: Email = None) -> dict[str, Any]:
    """Contacts, in the order of their ids."""
    return {**belonging_to(root), "email": email and bounded(email, "email")}


@fields.connection(SalesforceQuery, OPPORTUNITY_LIST)
@fields.connection(SalesforceAccount, OPPORTUNITY_LIST, needs=("upstream_id",))
def opportunities(root: SalesforceQuery | SalesforceAccount) -> dict[str, Any]:
    """Opportunities, in the order of their ids."""
    return belonging_to(root)


@fields.connection(SalesforceQuery, CASE_LIST)
@fields.connection(SalesforceAccount, CASE_LIST, needs=("upstream_id",))
@fields.connection(SalesforceContact, CASE_LIST, needs=("upstream_id",))
def cases(root: SalesforceQuery | SalesforceAccount | SalesforceContact) -> dict[str, Any]:
    """Cases, in the order of their ids."""
    return belonging_to(root)


@fields.connection(SalesforceQuery, LEAD_LIST)
def leads(root: SalesforceQuery, email: Email = None) -> dict[str, Any]:
    """Leads, converted ones too, in the order of their ids."""
    return {"email": email and bounded(email, "email")}


TASKS_OF: Mapping[type[Any], str] = {
    SalesforceAccount: "account_id",
    SalesforceContact: "who_id",
    SalesforceLead: "who_id",
    SalesforceOpportunity: "what_id",
    SalesforceCase: "what_id",
}
"""What bounds a list of tasks by the record that it stands below."""


@fields.connection(SalesforceQuery, TASK_LIST)
@fields.connection(SalesforceAccount, TASK_LIST, needs=("upstream_id",))
@fields.connection(SalesforceContact, TASK_LIST, needs=("upstream_id",))
@fields.connection(SalesforceLead, TASK_LIST, needs=("upstream_id",))
@fields.connection(SalesforceOpportunity, TASK_LIST, needs=("upstream_id",))
@fields.connection(SalesforceCase, TASK_LIST, needs=("upstream_id",))
def tasks(root: Any) -> dict[str, Any]:
    """Tasks, in the order of their ids. Those that Salesforce has archived are not among them."""
    return {argument: root.upstream_id for type_, argument in TASKS_OF.items() if isinstance(root, type_)}


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
