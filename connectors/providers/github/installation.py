"""GitHub Apps: a JWT of the app's own, exchanged for a token of one installation."""

from datetime import datetime
from pathlib import Path

import httpx2
import orjson

from connectors.auth.fetched import FetchedAuth
from connectors.auth.jwt import SigningKey, short_lived
from connectors.auth.token import Token, in_authorization
from connectors.call import Call, Scope, Send, call_of
from connectors.connector import ConfigurationError
from connectors.errors import PayloadMismatch
from connectors.protocols.answers import accepted
from connectors.protocols.rest import segment
from connectors.request import made
from connectors.upstream import Given

OPERATION = "oauth2.token"
JWT_S = 570.0
"""GitHub takes no JWT that ends more than ten minutes from now."""


def by_installation(given: Given) -> FetchedAuth[Token]:
    """Tokens for an hour each, by `GITHUB_APP_ID`, `GITHUB_APP_PRIVATE_KEY_FILE` and `GITHUB_APP_INSTALLATION_ID`.

    Source: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
    """
    variable = "GITHUB_APP_PRIVATE_KEY_FILE"
    try:
        key = SigningKey("RS256", Path(given[variable]).read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{variable}: the file cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ConfigurationError(f"{variable}: {error}") from error
    installation = segment(given["GITHUB_APP_INSTALLATION_ID"])
    url = given.moved(f"https://api.github.com/app/installations/{installation}/access_tokens")
    claims = {"iss": given["GITHUB_APP_ID"]}

    async def fetch(request: httpx2.Request, send: Send) -> Token:
        now = given.clock.time()
        jwt = short_lived(key, claims, lifetime_s=JWT_S, now=now)
        scope = Scope(calls=call_of(request).scope.calls)
        call = Call(operation=OPERATION, safe=True, scope=scope, anonymous=True, bucket="auth")
        headers = {"Accept": "application/vnd.github+json", "Authorization": f"Bearer {jwt.access_token}"}
        asked = made(call, "POST", url, headers=headers)
        response = accepted(given.upstream.name, asked, await send(asked))
        try:
            payload = orjson.loads(response.content)
            ends = datetime.fromisoformat(payload["expires_at"])
            return Token(access_token=payload["token"], issued_at=now, expires_at=ends.timestamp())
        except (ValueError, TypeError, KeyError) as error:
            raise PayloadMismatch(
                given.upstream.name, OPERATION, path="body", expected="a token and its end"
            ) from error

    return FetchedAuth(fetch, in_authorization, now=given.clock.time)
