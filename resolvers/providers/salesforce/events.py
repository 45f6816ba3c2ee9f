"""What can be followed: records of which Salesforce sends outbound messages, each fetched as it is selected.

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm
"""

from typing import Any

from resolvers.batching import Batch
from resolvers.events import Events, by_id
from resolvers.providers.salesforce import converting
from resolvers.providers.salesforce.fetching import (
    accounts_by_id,
    cases_by_id,
    contacts_by_id,
    leads_by_id,
    opportunities_by_id,
    tasks_by_id,
)

fields = converting.fields

events = Events(fields, "salesforce", subject=lambda payload: payload["record"])


def id_of(record: Any) -> str:
    """The id of what was changed."""
    return str(record["Id"])


def follow(kind: str, via: Batch[Any]) -> None:
    """What can be followed of one kind of records: Salesforce says that one changed, and not what of it."""
    whose = f"Only this {kind.lower()}: Salesforce's own id of 18 characters, or the global one."
    this = by_id("id", id_of, f"Salesforce{kind}", whose)
    description = f"A {kind.lower()} met the condition under which Salesforce sends a message of it."
    events.load(f"{kind.lower()}_changed", kind, via, id_of, description, this)


follow("Account", accounts_by_id)
follow("Contact", contacts_by_id)
follow("Opportunity", opportunities_by_id)
follow("Case", cases_by_id)
follow("Lead", leads_by_id)
follow("Task", tasks_by_id)
