"""The one address at which an authorization server gives out tokens (RFC 6749, section 3.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote_plus, urlencode

import httpx2
import orjson

from connectors.auth.static import basic_value
from connectors.auth.token import Token, refusal_in, token_from
from connectors.call import Call, Scope, Send, made
from connectors.clock import Clock
from connectors.errors import (
    NotAuthorized,
    PayloadMismatch,
    ReauthorizationRequired,
    UpstreamError,
    UpstreamUnavailable,
)
from connectors.judgement import Outcome, verdict_of

OPERATION = "oauth2.token"

DEAD_GRANTS = frozenset({"invalid_grant"})
"""Errors that say that a user's grant is not taken any longer (RFC 6749, section 5.2)."""

ClientAuthentication = Literal["client_secret_basic", "client_secret_post", "none"]
"""How a client says who it is (RFC 6749, section 2.3.1; the names are those of RFC 7591, section 2)."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """Who we are to an authorization server."""

    id: str
    secret: str = field(default="", repr=False)
    authentication: ClientAuthentication = "client_secret_basic"

    def identified(self, parameters: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """Headers and parameters that say it. In the header both parts are encoded as in a form, as the RFC has it."""
        if self.authentication == "client_secret_basic":
            return {"Authorization": basic_value(quote_plus(self.id), quote_plus(self.secret))}, dict(parameters)
        secret = {"client_secret": self.secret} if self.authentication == "client_secret_post" else {}
        return {}, {**parameters, "client_id": self.id, **secret}


@dataclass(frozen=True, kw_only=True)
class TokenEndpoint:
    """Asks for tokens through the pipeline, in calls that need none themselves.

    `client` is `None` where the grant itself says who asks. `dead_grants` are the errors that call for the user, in the
    answer's `error` or as the upstream's judge reads them; none where there is no user.
    """

    upstream: str
    url: str
    clock: Clock
    client: Client | None = None
    dead_grants: frozenset[str] = frozenset()

    async def ask(self, parameters: Mapping[str, str], send: Send, *, safe: bool, scope: Scope | None = None) -> Token:
        """The token for a grant. `safe` says that asking twice does no harm, so that the call may be repeated.

        The call is among those of `scope`, but may take longer than that has.

        Raises `ReauthorizationRequired`, `NotAuthorized` where it is we who are refused, and the pipeline's errors.
        """
        response = await self._post(self.url, parameters, send, OPERATION, safe=safe, scope=scope)
        token = token_from(_json(response), self.clock.time()) if response.status_code < 300 else None
        if token is None:
            raise self._failure(response)
        return token

    async def revoke(self, url: str, token: str, send: Send) -> None:
        """Give a token back (RFC 7009); one that is not known (any more) is as good as revoked."""
        await self._post(url, {"token": token}, send, "oauth2.revoke", safe=True)

    async def _post(
        self,
        url: str,
        parameters: Mapping[str, str],
        send: Send,
        operation: str,
        *,
        safe: bool,
        scope: Scope | None = None,
    ) -> httpx2.Response:
        headers, form = self.client.identified(parameters) if self.client else ({}, parameters)
        content_type = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        within = Scope(calls=scope.calls) if scope else Scope()
        call = Call(operation=operation, safe=safe, scope=within, anonymous=True, bucket="auth")
        request = made(call, "POST", url, headers={**content_type, **headers}, content=urlencode(form).encode())
        return await send(request)

    def _failure(self, response: httpx2.Response) -> UpstreamError:
        verdict, code = verdict_of(response), refusal_in(_json(response))
        said = code or verdict.reason
        if {code, verdict.reason} & self.dead_grants:
            return ReauthorizationRequired(
                self.upstream, OPERATION, f"the grant no longer holds ({said}): authorize again"
            )
        if verdict.outcome is Outcome.FAILED:
            return UpstreamUnavailable(self.upstream, OPERATION, f"failed with status {response.status_code} ({said})")
        if verdict.outcome is Outcome.OK and not code:
            return PayloadMismatch(self.upstream, OPERATION, path="body", expected="an access_token")
        return NotAuthorized(
            self.upstream, OPERATION, f"no token was given ({said}): check the credentials of this app"
        )


def _json(response: httpx2.Response) -> Any:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return None
