"""OAuth 2 (RFC 6749): what a manifest says to have tokens fetched, refreshed and kept."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx2

from connectors.auth.authorization_code import AuthorizationCode, nameless
from connectors.auth.fetched import FetchedAuth, Sign
from connectors.auth.revocation import Revocation
from connectors.auth.stored import StoredAuth
from connectors.auth.token import Token, in_authorization, refusal_in
from connectors.auth.token_endpoint import DEAD_GRANTS, Client, ClientAuthentication, TokenEndpoint, as_it_is
from connectors.call import Send, call_of
from connectors.upstream import Given

LEASE_MARGIN_S = 30.0
"""How much longer a refresh is waited for than a call may take: clocks differ, and saving takes time."""


def client_credentials(
    given: Given,
    *,
    token_url: str,
    client_id: str,
    client_secret: str,
    scope: str | None = None,
    authentication: ClientAuthentication = "client_secret_basic",
    more: Mapping[str, str] | None = None,
    sign: Sign[Token] = in_authorization,
) -> FetchedAuth[Token]:
    """Tokens for the app itself (RFC 6749, section 4.4). `more` are parameters that the upstream wants beside.

    `token_url` is the real one: it moves along where the base URL has been pointed elsewhere (see `Given.moved`).
    """
    endpoint = _endpoint(given, token_url, Client(id=client_id, secret=client_secret, authentication=authentication))
    parameters = {"grant_type": "client_credentials", **({"scope": scope} if scope else {}), **(more or {})}

    async def fetch(request: httpx2.Request, send: Send) -> Token:
        return await endpoint.ask(parameters, send, safe=True, scope=call_of(request).scope)

    return FetchedAuth(fetch, sign, now=given.clock.time)


def refreshing(
    given: Given,
    *,
    token_url: str,
    client_id: str,
    client_secret: str,
    refresh_token: str,
    authentication: ClientAuthentication = "client_secret_basic",
    dead_grants: frozenset[str] = DEAD_GRANTS,
    sign: Sign[Token] = in_authorization,
) -> FetchedAuth[Token]:
    """Tokens by one refresh token of the environment (RFC 6749, section 6), from an upstream that does not rotate them.

    Where it does after all, the newer one is used for as long as this process lives. See `rotating`.
    """
    client = Client(id=client_id, secret=client_secret, authentication=authentication)
    endpoint = _endpoint(given, token_url, client, dead_grants)
    newest = refresh_token

    async def fetch(request: httpx2.Request, send: Send) -> Token:
        nonlocal newest
        parameters = {"grant_type": "refresh_token", "refresh_token": newest}
        token = await endpoint.ask(parameters, send, safe=True, scope=call_of(request).scope)
        newest = token.refresh_token or newest
        return token

    return FetchedAuth(fetch, sign, now=given.clock.time)


def rotating(
    given: Given,
    *,
    token_url: str,
    client_id: str,
    client_secret: str,
    refresh_token: str,
    authentication: ClientAuthentication = "client_secret_basic",
    dead_grants: frozenset[str] = DEAD_GRANTS,
    sign: Sign[Token] = in_authorization,
) -> StoredAuth:
    """Like `refreshing`, from an upstream whose refresh tokens are good for one use (Slack): the next ones are stored.

    Another `refresh_token` in the environment begins anew.
    """
    client = Client(id=client_id, secret=client_secret, authentication=authentication)
    account = f"app:{hashlib.sha256(refresh_token.encode()).hexdigest()[:16]}"
    return StoredAuth(
        given.upstream.name,
        given.tokens(),
        _endpoint(given, token_url, client, dead_grants),
        clock=given.clock,
        lease_s=given.upstream.policy.budget_s + LEASE_MARGIN_S,
        account=lambda scope: account,
        seed=Token(access_token="", expires_at=0.0, refresh_token=refresh_token),
        sign=sign,
    )


def users(
    given: Given,
    *,
    authorization_url: str,
    token_url: str,
    client_id: str,
    client_secret: str,
    scopes: tuple[str, ...] = (),
    separator: str = " ",
    pkce: bool = True,
    issuer: str | None = None,
    rotates: bool = True,
    revocation_url: str | None = None,
    revocations: Callable[[Token], Sequence[Revocation]] | None = None,
    account: Callable[[Token], str | None] = nameless,
    more: Mapping[str, str] | None = None,
    authentication: ClientAuthentication = "client_secret_basic",
    dead_grants: frozenset[str] = DEAD_GRANTS,
    read: Callable[[Any], Any] = as_it_is,
    refusal: Callable[[Any], str] = refusal_in,
    sign: Sign[Token] = in_authorization,
    scheme: Callable[..., StoredAuth] = StoredAuth,
) -> StoredAuth:
    """Each user's own token, which they agree to once (RFC 6749, section 4.1).

    `rotates` says that a refresh token is good for one use, which is the safe thing to say where the upstream's manual
    says nothing. `scheme` is what keeps and uses the tokens. The rest is what `AuthorizationCode` and `TokenEndpoint`
    say.
    """
    client = Client(id=client_id, secret=client_secret, authentication=authentication)
    endpoint = replace(_endpoint(given, token_url, client, dead_grants), read=read, refusal=refusal)
    return scheme(
        given.upstream.name,
        given.tokens(),
        endpoint,
        clock=given.clock,
        lease_s=given.upstream.policy.budget_s + LEASE_MARGIN_S,
        rotates=rotates,
        grant=AuthorizationCode(
            endpoint=endpoint,
            authorization_url=given.moved(authorization_url),
            scopes=scopes,
            separator=separator,
            pkce=pkce,
            issuer=issuer,
            revocations=revocations,
            account=account,
            revocation_url=given.moved(revocation_url) if revocation_url else None,
            more=more or {},
        ),
        sign=sign,
    )


def _endpoint(given: Given, token_url: str, client: Client, dead_grants: frozenset[str] = frozenset()) -> TokenEndpoint:
    url = given.moved(token_url)
    return TokenEndpoint(
        upstream=given.upstream.name, url=url, clock=given.clock, client=client, dead_grants=dead_grants
    )
