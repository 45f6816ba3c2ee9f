"""What a person is to Stripe."""

from resolvers.providers.stripe.fetching import customers_by_email
from schema.fields import Fields
from schema.person import Person

fields = Fields("stripe")
fields.link(
    Person,
    "stripe_customers",
    via=customers_by_email,
    key="email",
    description="The customers at Stripe with exactly this address, newest first.",
)
