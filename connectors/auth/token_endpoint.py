"""The one address at which an authorization server gives out tokens (RFC 6749, section 3.2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote_plus, urlencode

import httpx2
import orjson

from connectors.auth.revocation import FORM, GONE, Revocation
from connectors.auth.static import basic_value
from connectors.auth.token import Token, refusal_in, token_from
from connectors.call import Call, Scope, Send
from connectors.clock import Clock
from connectors.errors import (
    NotAuthorized,
    PayloadMismatch,
    ReauthorizationRequired,
    UpstreamError,
    UpstreamUnavailable,
)
from connectors.headers import is_page
from connectors.judgement import Outcome, verdict_of
from connectors.request import made

OPERATION, REVOCATION = "oauth2.token", "oauth2.revoke"

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


def as_it_is(answer: Any) -> Any:
    """An answer that is built as the RFC has it."""
    return answer


@dataclass(frozen=True, kw_only=True)
class TokenEndpoint:
    """Asks for tokens through the pipeline, in calls that need none themselves.

    `client` is `None` where the grant itself says who asks. `dead_grants` are the errors that call for the user, in the
    answer's `error` or as the upstream's judge reads them; none where there is no user. `read` finds the answer that
    the RFC describes in one that is built otherwise, `refusal` the error's code.
    """

    upstream: str
    url: str
    clock: Clock
    client: Client | None = None
    dead_grants: frozenset[str] = frozenset()
    read: Callable[[Any], Any] = as_it_is
    refusal: Callable[[Any], str] = refusal_in

    async def ask(self, parameters: Mapping[str, str], send: Send, *, safe: bool, scope: Scope | None = None) -> Token:
        """The token for a grant. `safe` says that asking twice does no harm, so that the call may be repeated.

        The call is among those of `scope`, but may take longer than that has.

        Raises `ReauthorizationRequired`, `NotAuthorized` where it is we who are refused, and the pipeline's errors.
        """
        parameters, headers = self.identified(parameters)
        call = self._call(OPERATION, scope, safe=safe)
        content = urlencode(parameters).encode()
        response = await send(made(call, "POST", self.url, headers={**FORM, **headers}, content=content))
        answer = _json(response)
        token = token_from(self.read(answer), self.clock.time()) if response.status_code < 300 else None
        if token is None:
            raise self._failure(response)
        return token

    async def revoke(self, revocation: Revocation, send: Send) -> None:
        """Have a token taken back. Raises `NotAuthorized` where that is refused, and the pipeline's errors."""
        call = self._call(REVOCATION, None, safe=False)
        asked = made(call, revocation.method, revocation.url, headers=revocation.headers, content=revocation.content)
        response = await send(asked)
        said = self.refusal(_json(response)) or verdict_of(response).reason
        if verdict_of(response).outcome is not Outcome.OK and said not in GONE:
            raise NotAuthorized(self.upstream, REVOCATION, f"the token was not taken back ({said})")

    def identified(self, parameters: Mapping[str, str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """The parameters of a form, and the headers beside it, with what says who we are."""
        if self.client is None:
            return parameters, {}
        headers, form = self.client.identified(parameters)
        return form, headers

    def _call(self, operation: str, scope: Scope | None, *, safe: bool) -> Call:
        within = Scope(calls=scope.calls) if scope else Scope()
        again = operation == REVOCATION
        return Call(
            operation=operation, safe=safe, idempotent=again, scope=within, anonymous=True, bucket="auth", evicts=()
        )

    def _failure(self, response: httpx2.Response) -> UpstreamError:
        answer = _json(response)
        if answer is None and is_page(response):
            page = f"a page came with status {response.status_code}: what stands before the token endpoint answered"
            return UpstreamUnavailable(self.upstream, OPERATION, page)
        verdict, code = verdict_of(response), self.refusal(answer)
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
