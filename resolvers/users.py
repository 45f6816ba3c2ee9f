"""The fields by which users connect accounts and see those they have: there where accounts can be connected."""

from collections.abc import Mapping
from datetime import UTC, datetime
from math import isinf
from typing import Any

from connectors import consent
from connectors.auth.token_endpoint import REVOCATION
from connectors.consent import Consent, Unusable, Wish
from resolvers.context import Info
from schema.fields import Calls, Fields, Wanted
from schema.problems import BadInput
from schema.users import ConnectLink, Disconnection, ProviderAccount, Unauthenticated

USERS = "users"
"""What stands among the providers where users can connect accounts."""

fields = Fields(USERS)


def taking_back(definition: Any, arguments: Mapping[str, Any]) -> tuple[Wanted, ...]:
    """The provider that is named is told."""
    return (Wanted(Calls(upstream=str(arguments["provider"]), operation=REVOCATION)),)


@fields.query
async def connections(info: Info) -> list[ProviderAccount] | None:
    """The accounts that this user has connected, and those they could. Needs a user."""
    found = await consent_of(info).connections(info.context.scope.user)
    return [to_account(connection) for connection in found]


@fields.mutation
async def connect_provider(info: Info, provider: str, return_to: str | None = None) -> ConnectLink | None:
    """A link for this user's browser, to connect an account at a provider. Needs a user.

    `returnTo` is the page where they want to be afterwards, with `connected` or `connect_error` in its query.
    """
    try:
        ticket = await consent_of(info).ticket(
            Wish(provider=provider, user=info.context.scope.user, return_to=return_to)
        )
    except Unusable as error:
        raise BadInput(str(error)) from error
    url = f"{(info.context.public_url or '').rstrip('/')}/connect/{provider}?ticket={ticket.secret}"
    return ConnectLink(url=url, expires_at=datetime.fromtimestamp(ticket.expires_at, UTC))


@fields.mutation(calls=taking_back)
async def disconnect(info: Info, provider: str) -> Disconnection | None:
    """Forget this user's account at a provider, and have the provider take its token back. Needs a user.

    Null where none was connected.
    """
    try:
        gone = await consent_of(info).disconnect(info.context.scope.user, provider)
    except Unusable as error:
        raise BadInput(str(error)) from error
    if gone is None:
        return None
    return Disconnection(provider=gone.provider, revoked=gone.revoked, problem=gone.problem)


def consent_of(info: Info) -> Consent:
    if info.context.consent is None:
        raise Unauthenticated("this needs a user: send a user's token, or the operator's where there are no users")
    return info.context.consent


def to_account(connection: consent.Connection) -> ProviderAccount:
    token = connection.token
    ends = token is not None and not isinf(token.expires_at)
    return ProviderAccount(
        provider=connection.provider,
        title=connection.title,
        connected=token is not None and not connection.dead,
        reauthorization_required=connection.dead,
        account=connection.account,
        scopes=list(connection.scopes),
        expires_at=datetime.fromtimestamp(token.expires_at, UTC) if token and ends else None,
    )
