"""Service accounts: a JWT of our own, exchanged for an access token (RFC 7523)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import orjson

from connectors.auth.fetched import FetchedAuth, Sign
from connectors.auth.jwt import SigningKey, short_lived
from connectors.auth.token import Token, in_authorization
from connectors.auth.token_endpoint import TokenEndpoint
from connectors.call import Send, call_of
from connectors.connector import ConfigurationError, checked_url
from connectors.upstream import Given

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def assertion(
    given: Given,
    *,
    token_url: str,
    key: SigningKey,
    claims: Mapping[str, Any],
    lifetime_s: float = 3600.0,
    sign: Sign[Token] = in_authorization,
) -> FetchedAuth[Token]:
    """Tokens for signed `claims` (`iss`, `sub`, `scope` ...); `aud` is the token URL unless they say otherwise."""
    endpoint = TokenEndpoint(upstream=given.upstream.name, url=given.moved(token_url), clock=given.clock)
    signed = {"aud": token_url, **claims}

    async def fetch(request: httpx2.Request, send: Send) -> Token:
        jwt = short_lived(key, signed, lifetime_s=lifetime_s, now=given.clock.time())
        return await endpoint.ask(
            {"grant_type": GRANT_TYPE, "assertion": jwt.access_token}, send, safe=True, scope=call_of(request).scope
        )

    return FetchedAuth(fetch, sign, now=given.clock.time)


def service_account(given: Given, variable: str, *, scopes: tuple[str, ...], subject: str = "") -> FetchedAuth[Token]:
    """Google's service accounts, by the key file that `variable` names; `subject` is the user to act for, if any.

    Source: https://developers.google.com/identity/protocols/oauth2/service-account
    """
    try:
        file = orjson.loads(Path(given[variable]).read_bytes())
        issuer, token_url = file["client_email"], checked_url(variable, file["token_uri"])
        key = SigningKey("RS256", file["private_key"].encode(), id=file.get("private_key_id"))
    except OSError as error:
        raise ConfigurationError(f"{variable}: the file cannot be read ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ConfigurationError(f"{variable}: the file is not the JSON key of a service account") from None
    claims = {"iss": issuer, "scope": " ".join(scopes), **({"sub": subject} if subject else {})}
    return assertion(given, token_url=token_url, key=key, claims=claims)
