"""The same people in two CRMs: joined by email address."""

from operator import attrgetter

from resolvers.providers.hubspot.fetching import contacts_by_email as hubspot_contacts
from resolvers.providers.salesforce.fetching import contacts_by_email as salesforce_contacts
from schema.fields import Fields
from schema.providers.hubspot import HubSpotContact
from schema.providers.salesforce import SalesforceContact

fields = Fields("hubspot", "salesforce")
fields.link(
    SalesforceContact,
    "hubspot_contact",
    via=hubspot_contacts,
    key=attrgetter("email"),
    needs=("email",),
    description="The contact in HubSpot with the same email address.",
)
fields.link(
    HubSpotContact,
    "salesforce_contact",
    via=salesforce_contacts,
    key=attrgetter("email"),
    needs=("email",),
    description="The contact in Salesforce with the same email address.",
)
