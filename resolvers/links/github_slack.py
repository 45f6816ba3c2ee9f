"""Who a GitHub user is in Slack: joined by email address."""

from resolvers.providers.slack.fetching import users_by_email
from schema.fields import Fields
from schema.providers.github import GitHubUser

fields = Fields("github", "slack")
fields.link(
    GitHubUser,
    "slack_user",
    via=users_by_email,
    key=lambda user: user.email or None,
    needs=("email",),
    description="The person in Slack with the user's public email address.",
)
