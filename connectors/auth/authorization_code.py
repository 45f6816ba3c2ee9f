"""A user's agreement: the link they follow, the token it gives, and taking it back (RFC 6749, 4.1; 7636; 7009)."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx2

from connectors.auth.revocation import Revocation, form
from connectors.auth.token import Token, scopes_of
from connectors.auth.token_endpoint import TokenEndpoint
from connectors.call import Send


def new_verifier() -> str:
    """A secret that ties a code to the one who asked for it (RFC 7636, section 4.1); keep it until the code comes."""
    return secrets.token_urlsafe(48)


def challenge_of(verifier: str) -> str:
    """What may be told of a verifier: its `S256` (RFC 7636, section 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")


def longest_lived(token: Token) -> str:
    """The secret of a token that outlives the other: with it, both are taken back (RFC 7009, section 2.1)."""
    return token.refresh_token or token.access_token


def nameless(token: Token) -> str | None:
    """The answer does not say whose account it is for."""
    return None


@dataclass(frozen=True, kw_only=True)
class AuthorizationCode:
    """The authorization code grant of one provider, with PKCE unless the provider has none.

    `authorization_url` is what a browser is sent to. `scopes` are asked for there as one parameter, `separator` between
    them; `more` are parameters that the provider wants beside (Google's `access_type=offline`). `issuer` is what the
    provider calls itself, where it says so when it sends the user back (RFC 9207). `revocations` says what to send to
    have a token taken back: by default the refresh token, to `revocation_url`; without either it is only forgotten.
    `account` reads a name for the user's account from a token, one that they know it by.
    """

    endpoint: TokenEndpoint
    authorization_url: str
    scopes: tuple[str, ...] = ()
    separator: str = " "
    pkce: bool = True
    issuer: str | None = None
    revocation_url: str | None = None
    revocations: Callable[[Token], Sequence[Revocation]] | None = None
    account: Callable[[Token], str | None] = nameless
    more: Mapping[str, str] = field(default_factory=dict)

    def link(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        """Where to send the user. `state` is ours to recognise when they come back to `redirect_uri`."""
        client = self.endpoint.client
        assert client is not None
        parameters = {
            "response_type": "code",
            "client_id": client.id,
            "redirect_uri": redirect_uri,
            "state": state,
            **({"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"} if self.pkce else {}),
            **({"scope": self.separator.join(self.scopes)} if self.scopes else {}),
            **self.more,
        }
        url = httpx2.URL(self.authorization_url)
        joined = f"{url.query.decode('ascii')}&{urlencode(parameters)}" if url.query else urlencode(parameters)
        return str(url.copy_with(query=joined.encode("ascii")))

    async def exchange(self, code: str, send: Send, *, redirect_uri: str, verifier: str) -> Token:
        """The token for the code that the user came back with. A code is good for one exchange.

        Raises `ReauthorizationRequired` for one that is not good (any more), and the errors of `TokenEndpoint.ask`.
        """
        parameters = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            **({"code_verifier": verifier} if self.pkce else {}),
        }
        return await self.endpoint.ask(parameters, send, safe=False)

    async def revoke(self, token: Token, send: Send) -> bool:
        """Tell the provider that the user has changed their mind; whether there was somebody to tell.

        A token that it does not know (any more) is as good as taken back. Raises `UpstreamError` where it is not.
        """
        if self.revocations:
            revocations = self.revocations(token)
        elif self.revocation_url:
            revocations = [form(self.revocation_url, *self.endpoint.identified({"token": longest_lived(token)}))]
        else:
            return False
        for revocation in revocations:
            await self.endpoint.revoke(revocation, send)
        return True

    def granted(self, token: Token) -> tuple[str, ...]:
        """What the user has agreed to: what the answer says, else what was asked for (RFC 6749, section 5.1)."""
        return scopes_of(token) or self.scopes
