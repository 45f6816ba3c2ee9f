"""A contact's name on GitHub, and the contact behind a GitHub user."""

from resolvers.providers.github.reads import users_by_login
from resolvers.providers.salesforce.fetching import contacts_by_email
from schema.fields import Fields
from schema.providers.github import GitHubUser
from schema.providers.salesforce import SalesforceContact

fields = Fields("github", "salesforce")
fields.link(
    SalesforceContact,
    "github_user",
    via=users_by_login,
    key="github_login",
    description="The GitHub user that the contact says to be; null where it names none, or one that is not there.",
)
fields.link(
    GitHubUser,
    "salesforce_contact",
    via=contacts_by_email,
    key=lambda user: user.email or None,
    needs=("email",),
    description="The contact in Salesforce with the user's public email address.",
)
