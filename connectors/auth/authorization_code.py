"""A user's agreement: the link they follow, the token it gives, and taking it back (RFC 6749, 4.1; 7636; 7009)."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx2

from connectors.auth.token import Token
from connectors.auth.token_endpoint import TokenEndpoint
from connectors.call import Send


def new_verifier() -> str:
    """A secret that ties a code to the one who asked for it (RFC 7636, section 4.1); keep it until the code comes."""
    return secrets.token_urlsafe(48)


def challenge_of(verifier: str) -> str:
    """What may be told of a verifier: its `S256` (RFC 7636, section 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")


@dataclass(frozen=True, kw_only=True)
class AuthorizationCode:
    """The authorization code grant of one provider, with PKCE.

    `authorization_url` is what a browser is sent to. `more` are parameters that the provider wants there beside
    (Google's `access_type=offline`). Without a `revocation_url`, a token is only forgotten.
    """

    endpoint: TokenEndpoint
    authorization_url: str
    scopes: tuple[str, ...] = ()
    revocation_url: str | None = None
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
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
            **({"scope": " ".join(self.scopes)} if self.scopes else {}),
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
            "code_verifier": verifier,
        }
        return await self.endpoint.ask(parameters, send, safe=False)

    async def revoke(self, token: Token, send: Send) -> None:
        """Tell the provider that the user has changed their mind; tokens that it does not know are no error."""
        if self.revocation_url:
            secret = token.refresh_token or token.access_token
            await self.endpoint.revoke(self.revocation_url, secret, send)
