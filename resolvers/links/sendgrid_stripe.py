"""Who pays through Stripe may also be written to through SendGrid: joined by email address."""

from resolvers.providers.sendgrid.reads import contacts_by_email
from schema.fields import Fields
from schema.providers.stripe.customers import StripeCustomer

fields = Fields("sendgrid", "stripe")
fields.link(
    StripeCustomer,
    "sendgrid_contact",
    via=contacts_by_email,
    key="email",
    description="The marketing contact at SendGrid with the same email address.",
)
