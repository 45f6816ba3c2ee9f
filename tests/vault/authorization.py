"""The vault's authorization server. What OAuth asks of one is Authlib's; only the memory is ours."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import AuthorizationServer as Framework  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Request, TokenMixin, grants
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload  # type: ignore[import-untyped]
from authlib.oauth2.rfc7009 import RevocationEndpoint  # type: ignore[import-untyped]
from authlib.oauth2.rfc7523 import JWTBearerGrant  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import CodeChallenge  # type: ignore[import-untyped]
from joserfc.jwk import RSAKey
from starlette.responses import JSONResponse, Response

CLIENT_ID, CLIENT_SECRET = "vault-app", "vault-app-secret"
REFRESH_TOKEN = "vault-refresh-token"
REDIRECT_URI = "https://gateway.example/connect/vault/callback"
AUDIENCE = "https://vault.example/oauth/token"
METHODS = ["client_secret_basic", "client_secret_post"]


class App(ClientMixin):  # type: ignore[misc]
    """The one client there is."""

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_allowed_scope(self, scope: str) -> str:
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == REDIRECT_URI

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in METHODS

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return True


APP = App()


@dataclass
class Issued(TokenMixin):  # type: ignore[misc]
    """One token that was given out."""

    access_token: str
    refresh_token: str | None
    user: str
    expires_at: float
    alive: bool = True
    refreshable: bool = True

    @property
    def secrets(self) -> set[str]:
        return {self.access_token, *((self.refresh_token,) if self.refresh_token else ())}

    def check_client(self, client: App) -> bool:
        return client is APP

    def get_scope(self) -> str:
        return ""


@dataclass
class Code:
    """One authorization code that was given out."""

    code: str
    user: str
    redirect_uri: str
    code_challenge: str | None
    code_challenge_method: str | None

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return ""


@dataclass
class Memory:
    """`lifetime_s` is that of new tokens; `rotates` says that a refresh token is good for one refresh."""

    lifetime_s: int = 3600
    rotates: bool = False
    now: Callable[[], float] = time.time
    issued: list[Issued] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    public_key: RSAKey | None = None

    def user_of(self, access_token: str) -> str | None:
        """Whose the token is, if it is still good."""
        for token in self.issued:
            if token.access_token == access_token and token.alive and self.now() < token.expires_at:
                return token.user
        return None

    def authorize(self, user: str) -> Issued:
        """As if that user had agreed, somewhere else."""
        token = Issued(secrets.token_hex(12), secrets.token_hex(12), user, self.now() + self.lifetime_s)
        self.issued.append(token)
        return token

    def expire(self) -> None:
        """No access token is good any longer."""
        for token in self.issued:
            token.alive = False


class AuthorizationServer(Framework):  # type: ignore[misc]
    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self.memory = memory
        self.register_token_generator("default", self.token)
        self.register_grant(ClientCredentials)
        self.register_grant(RefreshToken)
        self.register_grant(Assertion)
        self.register_grant(AuthorizationCode, [CodeChallenge(required=True)])
        self.register_endpoint(Revocation)

    def token(self, *, include_refresh_token: bool = True, **about: Any) -> dict[str, Any]:
        refresh = {"refresh_token": secrets.token_hex(12)} if include_refresh_token else {}
        lifetime_s = self.memory.lifetime_s
        return {"token_type": "Bearer", "access_token": secrets.token_hex(12), "expires_in": lifetime_s, **refresh}

    def query_client(self, client_id: str) -> App | None:
        return APP if client_id == CLIENT_ID else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        ends = self.memory.now() + token["expires_in"]
        user = request.user or "app"
        self.memory.issued.append(Issued(token["access_token"], token.get("refresh_token"), user, ends))

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        return JSONResponse(body, status, headers=dict(headers))


class Form(OAuth2Request):  # type: ignore[misc]
    """A form that was posted. (The real address is https; the test's loopback is not.)"""

    def __init__(self, headers: dict[str, str], body: bytes) -> None:
        super().__init__("POST", AUDIENCE, headers=headers)
        self._form = dict(parse_qsl(body.decode()))
        self.payload = BasicOAuth2Payload(self._form)

    @property
    def form(self) -> dict[str, str]:
        return self._form


class ClientCredentials(grants.ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS


class RefreshToken(grants.RefreshTokenGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    @property
    def INCLUDE_NEW_REFRESH_TOKEN(self) -> bool:
        return bool(self.server.memory.rotates)

    def authenticate_refresh_token(self, refresh_token: str) -> Issued | None:
        for token in self.server.memory.issued:
            if token.refresh_token == refresh_token and token.refreshable:
                found: Issued = token
                return found
        return None

    def authenticate_user(self, refresh_token: Issued) -> str:
        return refresh_token.user

    def revoke_old_credential(self, refresh_token: Issued) -> None:
        refresh_token.alive = False
        refresh_token.refreshable = not self.server.memory.rotates


class AuthorizationCode(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def query_authorization_code(self, code: str, client: App) -> Code | None:
        found: Code | None = self.server.memory.codes.get(code)
        return found

    def delete_authorization_code(self, authorization_code: Code) -> None:
        del self.server.memory.codes[authorization_code.code]

    def authenticate_user(self, authorization_code: Code) -> str:
        return authorization_code.user


class Assertion(JWTBearerGrant):  # type: ignore[misc]
    def resolve_issuer_client(self, issuer: str) -> App | None:
        return APP if issuer == CLIENT_ID else None

    def resolve_client_public_key(self, client: App) -> RSAKey:
        key: RSAKey = self.server.memory.public_key
        return key

    def authenticate_user(self, subject: str) -> str:
        return subject

    def get_audiences(self) -> list[str]:
        return [AUDIENCE]

    def has_granted_permission(self, client: App, user: str) -> bool:
        return True


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Issued | None:
        for token in self.server.memory.issued:
            if token_string in (token.access_token, token.refresh_token):
                found: Issued = token
                return found
        return None

    def revoke_token(self, token: Issued, request: OAuth2Request) -> None:
        token.alive = token.refreshable = False
