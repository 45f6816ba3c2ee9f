"""What a GitHub user is to Stripe."""

from resolvers.providers.stripe.fetching import customers_by_email
from schema.fields import Fields
from schema.providers.github import GitHubUser

fields = Fields("github", "stripe")
fields.link(
    GitHubUser,
    "stripe_customers",
    via=customers_by_email,
    key=lambda user: user.email or None,
    needs=("email",),
    description="The customers at Stripe with exactly the user's public email address, newest first.",
)
