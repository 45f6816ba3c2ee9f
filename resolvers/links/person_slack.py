"""A person in Slack."""

from resolvers.providers.slack.fetching import users_by_email
from schema.fields import Fields
from schema.person import Person

fields = Fields("slack")
fields.link(
    Person,
    "slack_user",
    via=users_by_email,
    key="email",
    description="The active member of the Slack workspace with this address.",
)
