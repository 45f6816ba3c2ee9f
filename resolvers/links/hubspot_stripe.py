"""Who is known and who pays: joined by email address."""

from operator import attrgetter

from resolvers.providers.hubspot.fetching import contacts_by_email
from resolvers.providers.stripe.fetching import customers_by_email
from schema.fields import Fields
from schema.providers.hubspot import HubSpotContact
from schema.providers.stripe.customers import StripeCustomer

fields = Fields("hubspot", "stripe")
fields.link(
    StripeCustomer,
    "hubspot_contact",
    via=contacts_by_email,
    key=attrgetter("email"),
    needs=("email",),
    description="The contact in HubSpot with the same email address.",
)
fields.link(
    HubSpotContact,
    "stripe_customers",
    via=customers_by_email,
    key=attrgetter("email"),
    needs=("email",),
    description="The customers at Stripe with exactly the same email address, newest first.",
)
