"""The users of the gateway: the application it is a part of vouches for each by a signed JWT (RFC 7519).

Without a key there is one user, `app`, whom everybody is.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from cachetools import LRUCache

from connectors.call import APP
from connectors.connector import ConfigurationError
from server.requests import AUTHORIZATION, Refused

if TYPE_CHECKING:
    from joserfc.jwk import Key

    from server.settings import Settings

ANONYMOUS = "anonymous"
"""Who is no user, where there are users. No user's name is this, or `app`."""

LONGEST_NAME, LONGEST_TOKEN = 200, 8_000
"""Of a `sub` in characters, and of a token in bytes."""

LEEWAY_S = 30
"""By how much the clocks of those who sign may be wrong."""

MOST_KNOWN = 10_000
"""Tokens that need not be checked again."""

ALGORITHMS = {"RSA": "RS256", "P-256": "ES256"}
"""What a public key of each kind checks, and nothing else."""

CHALLENGE = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


@dataclass(frozen=True, slots=True)
class User:
    """`name` is ours for them: `user:` and their `sub`. `expires_at` is when we no longer take the token, Unix time."""

    name: str
    expires_at: float = inf


ONE_USER, NOBODY = User(APP), User(ANONYMOUS)


class Users:
    """Knows a user by the JWT in the header field `header`: `Bearer` and the token.

    A token must have `sub` and `exp`, and `aud` and `iss` where they are given; what it says of its algorithm must be
    what the key is for (RFC 8725, section 3.1).
    """

    def __init__(
        self,
        keys: Mapping[str | None, Key],
        *,
        now: Callable[[], float],
        header: bytes = AUTHORIZATION,
        audience: str | None = None,
        issuer: str | None = None,
    ) -> None:
        """`keys` by their `kid`; one alone, by `None`, is for all tokens."""
        from joserfc.jwt import JWTClaimsRegistry

        self.header = header
        self._keys = keys
        self._now = now
        options: dict[str, Any] = {"sub": {"essential": True}, "exp": {"essential": True}}
        for name, value in (("aud", audience), ("iss", issuer)):
            if value is not None:
                options[name] = {"essential": True, "value": value}
        self._claims = JWTClaimsRegistry(now=lambda: int(now()), leeway=LEEWAY_S, **options)
        self._known: LRUCache[bytes, User] = LRUCache(MOST_KNOWN)

    def shown_by(self, value: bytes) -> User:
        """The user whom a value of the header field shows. Raises `Refused` (401)."""
        user = self._known.get(value)
        if user is None:
            user = self._known[value] = self._checked(value)
        if self._now() >= user.expires_at:
            raise _expired()
        return user

    def _checked(self, value: bytes) -> User:
        from joserfc.errors import ExpiredTokenError, JoseError
        from joserfc.jwt import decode

        scheme, _, token = value.partition(b" ")
        if scheme.lower() != b"bearer" or len(token) > LONGEST_TOKEN:
            raise _invalid(f"`{self.header.decode()}` must be `Bearer` and a signed token (JWT) for a user")
        try:
            claims = decode(token.strip(), self._key_for, [*ALGORITHMS.values(), "HS256"]).claims
            self._claims.validate(claims)
            expires_at = float(claims["exp"]) + LEEWAY_S
        except ExpiredTokenError:
            raise _expired() from None
        except (JoseError, ValueError, TypeError, OverflowError) as error:
            raise _invalid("The user's token is not one that this gateway takes") from error
        name = claims["sub"]
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise _invalid(f"`sub` must be a text of 1 to {LONGEST_NAME} characters")
        return User(f"user:{name}", expires_at)

    def _key_for(self, token: Any) -> Key:
        """The key that a token names. It must be one for the algorithm that the token names."""
        header = token.headers()
        key = self._keys.get(None) or self._keys.get(header.get("kid"))
        if key is None or header.get("alg") != algorithm_of(key):
            raise ValueError("no key for this token")
        return key


def algorithm_of(key: Key) -> str:
    """The one algorithm that a key is used with."""
    if key.key_type == "oct":
        return "HS256"
    return ALGORITHMS.get(str(key.get("crv", key.key_type)), "")


def may_connect(caller_user: str, *, operator: bool, private: bool) -> bool:
    """Whether a caller may connect accounts: their own, or as the one user, for whom they must be of this machine."""
    return (operator or private) if caller_user == APP else caller_user != ANONYMOUS


def users_from(settings: Settings, now: Callable[[], float]) -> Users | None:
    """The users that the settings tell of, if any. Raises `ConfigurationError`."""
    if settings.users_secret and settings.users_key_file:
        raise ConfigurationError(
            "PUNNET_USERS_SECRET and PUNNET_USERS_KEY_FILE are both set: one of them is to say who"
        )
    if settings.users_secret:
        from joserfc.jwk import OctKey

        keys: dict[str | None, Key] = {None: OctKey.import_key(settings.users_secret.get_secret_value())}
    elif settings.users_key_file:
        keys = _public_keys(settings.users_key_file)
    else:
        return None
    return Users(
        keys,
        now=now,
        header=settings.users_header.lower().encode("ascii"),
        audience=settings.users_audience,
        issuer=settings.users_issuer,
    )


def _public_keys(path: Path) -> dict[str | None, Key]:
    """The keys in a file: one as PEM, or a JWK set (RFC 7517), whose keys are named where there are several."""
    from joserfc.errors import JoseError, SecurityWarning
    from joserfc.jwk import JWKRegistry

    variable = "PUNNET_USERS_KEY_FILE"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{variable}: the file cannot be read ({error.strerror})") from error
    try:
        with warnings.catch_warnings(action="error", category=SecurityWarning):
            if content.lstrip().startswith(b"{"):
                found = orjson.loads(content)
                keys = [JWKRegistry.import_key(key) for key in found.get("keys", [found])]
            else:
                keys = [_from_pem(content)]
    except SecurityWarning as weak:
        raise ConfigurationError(f"{variable}: {weak}") from None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise ConfigurationError(f"{variable}: the file is no public key in PEM, and no JWK set") from None
    usable = [key for key in keys if algorithm_of(key) in ALGORITHMS.values() and key.get("use", "sig") == "sig"]
    if any(key.is_private for key in usable):
        raise ConfigurationError(f"{variable}: the file holds a private key, which only those who sign should have")
    named: dict[str | None, Key] = {key.kid: key for key in usable}
    if len(usable) == 1:
        return {None: usable[0]}
    if not usable or len(named) < len(usable) or None in named:
        raise ConfigurationError(
            f"{variable}: the file must hold a key for RS256 or ES256, or several with a `kid` each"
        )
    return named


def _from_pem(content: bytes) -> Key:
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    try:
        return RSAKey.import_key(content)
    except JoseError:
        return ECKey.import_key(content)


def _expired() -> Refused:
    message = "The user's token has expired: send a new one."
    return Refused(401, message, code="USER_TOKEN_EXPIRED", headers=CHALLENGE)


def _invalid(message: str) -> Refused:
    return Refused(401, f"{message}.", code="USER_TOKEN_INVALID", headers=CHALLENGE)
