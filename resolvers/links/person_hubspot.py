"""People and companies in HubSpot."""

from resolvers.providers.hubspot.fetching import companies_by_domain, contacts_by_email
from schema.fields import Fields
from schema.person import Company, Person

fields = Fields("hubspot")
fields.link(
    Person,
    "hubspot_contact",
    via=contacts_by_email,
    key="email",
    description="The contact in HubSpot with this address.",
)
fields.link(
    Company,
    "hubspot_company",
    via=companies_by_domain,
    key="domain",
    description="The company in HubSpot with this domain; of several the oldest. Its people are its `contacts`.",
)
