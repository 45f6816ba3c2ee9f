"""The people of a workspace and who pays: joined by email address."""

from operator import attrgetter

from resolvers.providers.slack.fetching import users_by_email
from resolvers.providers.stripe.fetching import customers_by_email
from schema.fields import Fields
from schema.providers.slack import SlackUser
from schema.providers.stripe.customers import StripeCustomer

fields = Fields("slack", "stripe")
fields.link(
    StripeCustomer,
    "slack_user",
    via=users_by_email,
    key=attrgetter("email"),
    needs=("email",),
    description="The person in Slack with the same email address.",
)
fields.link(
    SlackUser,
    "stripe_customers",
    via=customers_by_email,
    key=attrgetter("email"),
    needs=("email",),
    description="The customers at Stripe with exactly the same email address, newest first.",
)
