"""A person on GitHub, by the name there that their contact in Salesforce has."""

from collections.abc import Mapping, Sequence
from typing import Any

import strawberry

from connectors.providers.salesforce.client import SalesforceClient
from resolvers.batching import Loaded, batch
from resolvers.context import Info
from resolvers.providers.github.reads import users_by_login
from resolvers.providers.salesforce.convert import GITHUB_LOGIN
from resolvers.providers.salesforce.fetching import MAX_KEYS
from schema.fields import Fields, Wanted
from schema.person import Person
from schema.providers.github import GitHubUser

fields = Fields("github", "salesforce")


@batch(SalesforceClient, max_keys=MAX_KEYS, operation="query")
async def logins_by_email(salesforce: SalesforceClient, emails: Sequence[str]) -> Loaded[str]:
    """The names on GitHub of contacts; of several with one address, that of the first who has one."""
    logins: dict[str, str] = {}
    for record in await salesforce.contacts_by_email(emails, select=(GITHUB_LOGIN,)):
        if login := record.get(GITHUB_LOGIN):
            logins.setdefault(str(record["Email"]).lower(), str(login))
    return [logins.get(email.lower()) for email in emails]


def wanted(graph: Any, given: Mapping[str, Any]) -> list[Wanted]:
    """The contact, and then the user."""
    return [Wanted(logins_by_email.calls), Wanted(users_by_login.calls)]


@fields.on(Person, needs=("email",), calls=wanted)
async def github_user(root: strawberry.Parent[Person], info: Info) -> GitHubUser | None:
    """The GitHub user that the contact in Salesforce with this address says to be."""
    login = await logins_by_email.load(info, root.email)
    return await users_by_login.load(info, login) if login else None
