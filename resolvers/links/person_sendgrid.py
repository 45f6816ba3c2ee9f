"""A person in SendGrid."""

from resolvers.providers.sendgrid.reads import contacts_by_email
from schema.fields import Fields
from schema.person import Person

fields = Fields("sendgrid")
fields.link(
    Person,
    "sendgrid_contact",
    via=contacts_by_email,
    key=lambda person: person.email.lower(),
    needs=("email",),
    description="The marketing contact at SendGrid with this address.",
)
