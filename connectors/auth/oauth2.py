"""OAuth 2 (RFC 6749) for what runs without a user in front of it."""

from collections.abc import Mapping

import httpx2

from connectors.auth.fetched import FetchedAuth, Sign
from connectors.auth.token import Token, in_authorization
from connectors.auth.token_endpoint import DEAD_GRANTS, Client, ClientAuthentication, TokenEndpoint
from connectors.call import Send
from connectors.upstream import Given


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
    client = Client(id=client_id, secret=client_secret, authentication=authentication)
    endpoint = TokenEndpoint(upstream=given.upstream.name, url=given.moved(token_url), clock=given.clock, client=client)
    parameters = {"grant_type": "client_credentials", **({"scope": scope} if scope else {}), **(more or {})}

    async def fetch(request: httpx2.Request, send: Send) -> Token:
        return await endpoint.ask(parameters, send, safe=True)

    return FetchedAuth(fetch, sign, now=given.clock.time)


def refreshed(
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

    Where it does after all, the newer one is used for as long as this process lives.
    """
    client = Client(id=client_id, secret=client_secret, authentication=authentication)
    endpoint = TokenEndpoint(
        upstream=given.upstream.name,
        url=given.moved(token_url),
        clock=given.clock,
        client=client,
        dead_grants=dead_grants,
    )
    newest = refresh_token

    async def fetch(request: httpx2.Request, send: Send) -> Token:
        nonlocal newest
        token = await endpoint.ask({"grant_type": "refresh_token", "refresh_token": newest}, send, safe=True)
        newest = token.refresh_token or newest
        return token

    return FetchedAuth(fetch, sign, now=given.clock.time)
