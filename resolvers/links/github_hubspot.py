"""Who a GitHub user is in HubSpot: joined by email address."""

from resolvers.providers.hubspot.fetching import contacts_by_email
from schema.fields import Fields
from schema.providers.github import GitHubUser

fields = Fields("github", "hubspot")
fields.link(
    GitHubUser,
    "hubspot_contact",
    via=contacts_by_email,
    key=lambda user: user.email or None,
    needs=("email",),
    description="The contact in HubSpot with the user's public email address.",
)
