"""The people of a workspace and the contacts of an org: joined by email address."""

from operator import attrgetter

from resolvers.providers.salesforce.fetching import contacts_by_email
from resolvers.providers.slack.fetching import users_by_email
from schema.fields import Fields
from schema.providers.salesforce import SalesforceContact
from schema.providers.slack import SlackUser

fields = Fields("salesforce", "slack")
fields.link(
    SalesforceContact,
    "slack_user",
    via=users_by_email,
    key=attrgetter("email"),
    needs=("email",),
    description="The person in Slack with the same email address.",
)
fields.link(
    SlackUser,
    "salesforce_contact",
    via=contacts_by_email,
    key=attrgetter("email"),
    needs=("email",),
    description="The contact in Salesforce with the same email address.",
)
