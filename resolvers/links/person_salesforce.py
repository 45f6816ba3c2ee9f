"""People and companies in Salesforce."""

from typing import Any

from resolvers.providers.salesforce.fetching import contacts_by_email
from resolvers.providers.salesforce.reads import ACCOUNT_LIST, LEAD_LIST
from schema.fields import Fields
from schema.person import Company, Person

PREFIXES = ("", "www.", "http://", "http://www.", "https://", "https://www.")

fields = Fields("salesforce")
fields.link(
    Person,
    "salesforce_contact",
    via=contacts_by_email,
    key="email",
    description="The contact in Salesforce with this address; of several the one with the first id.",
)


@fields.connection(Person, LEAD_LIST, needs=("email",))
def salesforce_leads(root: Person) -> dict[str, Any]:
    """The leads in Salesforce with this address, converted ones too."""
    return {"email": root.email}


@fields.connection(Company, ACCOUNT_LIST, needs=("domain",))
def salesforce_accounts(root: Company) -> dict[str, Any]:
    """The accounts whose website is the front page of the domain, with or without `www`; their people are below."""
    return {"websites": websites(root.domain)}


def websites(domain: str) -> list[str]:
    """How the front page of a domain may be written in an account."""
    return [f"{prefix}{domain}{slash}" for prefix in PREFIXES for slash in ("", "/")]
