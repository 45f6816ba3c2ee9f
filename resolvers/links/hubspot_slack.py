"""The people of a workspace and the contacts of a CRM: joined by email address."""

from operator import attrgetter

from resolvers.providers.hubspot.fetching import contacts_by_email
from resolvers.providers.slack.fetching import users_by_email
from schema.fields import Fields
from schema.providers.hubspot import HubSpotContact
from schema.providers.slack import SlackUser

fields = Fields("hubspot", "slack")
fields.link(
    SlackUser,
    "hubspot_contact",
    via=contacts_by_email,
    key=attrgetter("email"),
    needs=("email",),
    description="The contact in HubSpot with the same email address.",
)
fields.link(
    HubSpotContact,
    "slack_user",
    via=users_by_email,
    key=attrgetter("email"),
    needs=("email",),
    description="The person in Slack with the same email address.",
)
