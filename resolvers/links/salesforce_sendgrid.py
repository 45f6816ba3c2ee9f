"""Salesforce's people may also be written to through SendGrid: joined by email address."""

from resolvers.providers.sendgrid.reads import contacts_by_email
from schema.fields import Fields
from schema.providers.salesforce import SalesforceContact

fields = Fields("salesforce", "sendgrid")
fields.link(
    SalesforceContact,
    "sendgrid_contact",
    via=contacts_by_email,
    key="email",
    description="The marketing contact at SendGrid with the same email address.",
)
